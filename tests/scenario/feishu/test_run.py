"""`inkling run` with Feishu, as people and operators meet it: both languages, both event modes."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenario.feishu.process import INKLING, Bot, bot
from tests.simulators.feishu import Chat, Message, Shown, User

QUICK = {"DEMO_SPEED": "1000"}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Bot]:
    async with bot(tmp_path, *INKLING, changes=QUICK) as made:
        await made.start()
        yield made


def ada(made: Bot) -> tuple[User, Chat]:
    person = made.simulator.world.add_user("Ada")
    return person, made.simulator.world.private_chat(person.open_id)


async def answered(made: Bot, chat: Chat, words: str) -> Message:
    """The first message that says so."""

    def says(shown: Shown) -> bool:
        return words in f"{shown.title}\n{shown.text}"

    return await made.simulator.reads(says, chat=chat, timeout=15)


async def test_every_way_in_is_answered_in_its_language_and_place(running: Bot) -> None:
    world, people = running.simulator.world, running.simulator.people
    person, private = ada(running)
    group, topics = world.add_chat("group"), world.add_chat("topic")
    people.say(private, person, "画一只可爱的猫咪")
    # One person may have two pictures under way; these are three people.
    people.say(group, world.add_user("Bob"), "draw a fox in the snow", at_bot=True)
    opening = people.say(topics, world.add_user("Cleo"), "画一座雪山", at_bot=True)
    for chat, words in ((private, "图片生成好了"), (group, "picture is ready"), (topics, "图片生成好了")):
        end = await answered(running, chat, words)
        assert len(end.shown.images) == 1
        assert [button.label for button in end.shown.buttons]
    assert {message.thread for message in running.simulator.said(topics)} == {opening.thread}
    people.say(group, person, "we were talking about cats")
    await asyncio.sleep(0.3)
    assert all(message.parent for message in running.simulator.said(group))
    assert not running.simulator.violations


async def test_it_is_connected_soon_and_small(tmp_path: Path) -> None:
    async with bot(tmp_path, *INKLING, changes=QUICK) as made:
        began = time.monotonic()
        await made.start()
        took = time.monotonic() - began
        # Half a second on a machine with nothing else to do.
        assert took < 6
        assert made.memory < 90


async def test_it_stops_when_told_to_and_leaves_nothing_connected(running: Bot) -> None:
    assert await running.stop() == 0
    await running.simulator.world.until(lambda: not running.simulator.link.connections)


async def test_a_wrong_secret_is_said_in_one_plain_line(tmp_path: Path) -> None:
    async with bot(tmp_path, *INKLING, changes={"FEISHU_APP_SECRET": "wrong"}) as made:
        starting = asyncio.create_task(made.start())
        while "FEISHU_APP_SECRET is not the secret of this app" not in (said := made.said()):
            assert not starting.done()
            await asyncio.sleep(0.05)
        starting.cancel()
        assert "Traceback" not in said


async def test_webhooks_do_the_same_work(tmp_path: Path) -> None:
    port, key = free_port(), "an encrypt key"
    changes = {"FEISHU_EVENTS": "webhook", "FEISHU_ENCRYPT_KEY": key, "WEB_PORT": str(port)} | QUICK
    async with bot(tmp_path, *INKLING, changes=changes) as made:
        simulator = made.simulator
        simulator.webhook.url = f"http://127.0.0.1:{port}/feishu/events"
        simulator.webhook.encrypt_key = key
        simulator.events.way = "webhook"
        await made.start()
        for _ in range(200):
            if (await simulator.webhook.challenge()).status == 200:
                break
            await asyncio.sleep(0.05)
        person, chat = ada(made)
        simulator.people.say(chat, person, "画一只猫")
        start = await answered(made, chat, "开始生成图片")
        assert (await simulator.people.press(start, "取消", person)).toast
        await answered(made, chat, "已取消")
        assert not simulator.events.owed
        assert not simulator.violations


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
