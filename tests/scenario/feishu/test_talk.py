"""What people do in Feishu, with a whole house behind it: answered, in its place, without a slip."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.platforms.stage import png
from tests.scenario.feishu.process import FAST, Bot, bot
from tests.simulators.feishu import Chat, Message, Shown, User


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Bot]:
    async with bot(tmp_path, *FAST, speed=120) as made:
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


async def test_pictures_rich_text_answers_and_presses_go_on_from_a_picture(running: Bot) -> None:
    people = running.simulator.people
    person, chat = ada(running)
    people.post(chat, person, "把这张图变成油画", (png(),))
    first = await answered(running, chat, "图片生成好了")
    people.say(chat, person, "变成水彩画", answer_to=first)
    await running.simulator.world.until(lambda: ends(running, chat) == 2, 15)
    people.picture(chat, person, png())
    await asyncio.sleep(0.2)
    people.say(chat, person, "改成黑白的")
    await running.simulator.world.until(lambda: ends(running, chat) == 3, 15)
    pressed = await people.press(first, "再来一张", person)
    assert pressed.error == 0
    await running.simulator.world.until(lambda: ends(running, chat) == 4, 15)
    pressed = await people.press(first, "改图", person)
    form = await running.simulator.reads(lambda shown: bool(shown.fields), chat=chat)
    assert (await people.submit(form, {"text": "换成蓝色背景"}, person)).replaced
    await running.simulator.world.until(lambda: ends(running, chat) == 5, 15)
    assert not running.simulator.violations


def ends(made: Bot, chat: Chat) -> int:
    return sum(bool(message.shown.images) for message in made.simulator.said(chat))


async def test_commands_and_the_menu_are_answered(running: Bot) -> None:
    people = running.simulator.people
    person, chat = ada(running)
    await people.menu(person, "help")
    await running.simulator.world.until(lambda: len(running.simulator.said(chat)) == 1, 10)
    people.say(chat, person, "/模型")
    await answered(running, chat, "SeeDream")
    people.say(chat, person, "/draw a fox")
    await answered(running, chat, "ready")
    assert not running.simulator.violations
