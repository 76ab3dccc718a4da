"""`inkling run` with Feishu, as people and operators meet it: both languages, both event modes."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from tests.contract.platforms.stage import png
from tests.scenario.feishu.process import INKLING, Bot, bot, told
from tests.simulators.feishu import Chat, Message, User

QUICK = {"DEMO_SPEED": "1000"}


@asynccontextmanager
async def running(folder: Path, events: str) -> AsyncIterator[Bot]:
    """A bot that hears by long connection or by webhook."""
    port, key = free_port(), "an encrypt key"
    changes = {"FEISHU_EVENTS": events, "WEB_PORT": str(port)} | QUICK
    async with bot(folder, *INKLING, changes=changes) as made:
        if events == "webhook":
            made.environment["FEISHU_ENCRYPT_KEY"] = key
            hook = made.simulator.webhook
            hook.url, hook.encrypt_key = f"http://127.0.0.1:{port}/feishu/events", key
            made.simulator.events.way = "webhook"
        await made.start()
        await healthy(port)
        if events == "webhook":
            assert (await made.simulator.webhook.challenge()).status == 200
        yield made
        await made.simulator.world.until(lambda: not made.simulator.events.owed, 20)
        assert not made.simulator.violations
        assert "Traceback" not in made.said()


async def healthy(port: int) -> None:
    """Wait until people can reach it."""
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{port}/healthz") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.05)


def somebody(made: Bot, name: str) -> tuple[User, Chat]:
    person = made.simulator.world.add_user(name)
    return person, made.simulator.world.private_chat(person.open_id)


async def answered(made: Bot, chat: Chat, words: str, times: int = 1) -> Message:
    """The last of so many messages that say so."""

    def found() -> list[Message]:
        said = made.simulator.said(chat)
        return [one for one in said if words in f"{one.shown.title}\n{one.shown.text}"]

    try:
        await made.simulator.world.until(lambda: len(found()) >= times, 60)
    except TimeoutError:
        raise AssertionError(f"{words!r}\n{made.simulator.transcript(chat)}\n{made.said()}") from None
    return found()[-1]


async def test_every_way_in_is_answered_in_its_language_and_place(tmp_path: Path) -> None:
    async with running(tmp_path, "ws") as made:
        ways = (in_private, in_a_group, in_a_topic, with_buttons, by_command)
        await asyncio.gather(*(way(made) for way in ways))


async def test_webhooks_do_the_same_work(tmp_path: Path) -> None:
    async with running(tmp_path, "webhook") as made:
        await asyncio.gather(*(way(made) for way in (in_a_group, with_buttons, by_command)))


async def in_private(made: Bot) -> None:
    """A picture and the sentence after it; rich text with a picture."""
    people = made.simulator.people
    ada, chat = somebody(made, "Ada")
    people.picture(chat, ada, png())
    await answered(made, chat, "收到图片了")
    people.say(chat, ada, "变成油画")
    await answered(made, chat, "这就来改图：变成油画")
    people.post(chat, ada, "把这张图变成水彩", (png(),))
    end = await answered(made, chat, "图片生成好了", 2)
    assert len(end.shown.images) == 1


async def in_a_group(made: Bot) -> None:
    """A mention; an answer to the result; others' talk is left alone."""
    people, world = made.simulator.people, made.simulator.world
    group, bob = world.add_chat("group"), world.add_user("Bob")
    people.say(group, bob, "we were talking about cats")
    people.say(group, bob, "draw a fox in the snow", at_bot=True)
    first = await answered(made, group, "picture is ready")
    people.say(group, bob, "make it black and white", at_bot=True, answer_to=first)
    await answered(made, group, "picture is ready", 2)
    assert all(message.parent for message in made.simulator.said(group))
    assert len(told(made.simulator, group)["ack"]) == 2


async def in_a_topic(made: Bot) -> None:
    people, world = made.simulator.people, made.simulator.world
    topics = world.add_chat("topic")
    opening = people.say(topics, world.add_user("Cleo"), "画一座雪山", at_bot=True)
    end = await answered(made, topics, "图片生成好了")
    assert {message.thread for message in made.simulator.said(topics)} == {opening.thread}
    await people.press(end, "再来一张", world.users[opening.sender])
    await answered(made, topics, "图片生成好了", 2)
    assert {message.thread for message in made.simulator.said(topics)} == {opening.thread}


async def with_buttons(made: Bot) -> None:
    """Everything that can be pressed, by the one whose picture it is and by somebody else."""
    people = made.simulator.people
    dan, chat = somebody(made, "Dan")
    people.say(chat, dan, "draw a castle")
    first = await answered(made, chat, "picture is ready")
    await people.press(first, "Nano Banana 2", dan)
    other = await answered(made, chat, "picture is ready", 2)
    assert "Model: Nano Banana 2" in other.shown.text
    await people.press(first, "Edit", dan)
    form = await answered(made, chat, "What should change?")
    assert (await people.submit(form, {"text": "make it night"}, dan)).replaced
    await answered(made, chat, "picture is ready", 3)
    assert "only" in (await people.press(first, "Delete", made.simulator.world.add_user("Eve"))).toast.lower()
    assert (await people.press(first, "Delete", dan)).toast == "Deleted"
    assert first.withdrawn


async def by_command(made: Bot) -> None:
    """The menu, commands as text, and a start that is called off."""
    people = made.simulator.people
    finn, chat = somebody(made, "Finn")
    await people.menu(finn, "help")
    await answered(made, chat, "我会画画")
    people.say(chat, finn, "/模型")
    await answered(made, chat, "SeeDream")
    people.say(chat, finn, "/credits")
    await answered(made, chat, "余额")
    people.say(chat, finn, "/画 一只猫，用 Nano Banana Pro")
    start = await answered(made, chat, "开始生成图片")
    pressed = await people.press(start, "取消", finn)
    assert pressed.toast == "正在取消…"
    await answered(made, chat, "已取消")


async def test_it_is_small_once_it_is_connected(tmp_path: Path) -> None:
    """Neither the whole SDK nor anything of Discord's is imported; how soon is a matter of benchmarks."""
    async with bot(tmp_path, *INKLING, changes=QUICK) as made:
        await made.start()
        assert made.memory < 90


async def test_it_stops_when_told_to_and_leaves_nothing_connected(tmp_path: Path) -> None:
    async with running(tmp_path, "ws") as made:
        assert await made.stop() == 0
        await made.simulator.world.until(lambda: not made.simulator.link.connections)


async def test_a_wrong_secret_is_said_in_one_plain_line(tmp_path: Path) -> None:
    async with bot(tmp_path, *INKLING, changes={"FEISHU_APP_SECRET": "wrong"}) as made:
        starting = asyncio.create_task(made.start())
        while "FEISHU_APP_SECRET is not the secret of this app" not in (said := made.said()):
            assert not starting.done()
            await asyncio.sleep(0.05)
        starting.cancel()
        assert "Traceback" not in said


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
