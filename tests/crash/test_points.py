"""`kill -9` at every point of a job's line, and a new start: one end, one charge, nothing forgotten."""

import asyncio
from pathlib import Path

import pytest

from bot import texts
from bot.message import Kind
from tests.crash.nursery import Nursery
from tests.crash.witness import Bot, Person, judge, judge_ledger, settled, somebody

pytestmark = pytest.mark.crash

DRAW = "画一只可爱的猫咪"
#: With this, no picture is done before what is meant to happen has happened, however slow the machine.
FOR_EVER = "stall-before-poll+"
#: Before and after each of these.
STEPS = (
    "claim",
    "ack-sent",
    "queued",
    "submitting",
    "start-sent",
    "start-noted",
    "submit",
    "ticket",
    "progress-noted",
    "progress-sent",
    "progress-edit",
    "outcome-succeeded",
    "end-sent",
    "end-noted",
    "settled-edit",
    "ended",
)
POINTS = (*(f"{when}-{step}" for step in STEPS for when in ("before", "after")), "after-poll", "after-result")
#: Where nobody can tell any more whether the order was taken on, unless the backend can.
UNKNOWABLE = ("after-submitting", "before-submit", "after-submit", "before-ticket")
KNOWABLE = ("before-submitting", "after-ticket", "after-result", "before-outcome-succeeded", "after-end-sent")
TWICE = (
    ("before-submitting", "after-submit"),
    ("after-submit", "before-find"),
    ("after-submit", "after-find"),
    ("before-ticket", "before-ticket"),
    (FOR_EVER + "after-progress-sent", "before-settled-edit"),
    ("after-result", "after-outcome-succeeded"),
    ("after-end-sent", "before-end-noted"),
    ("before-end-noted", "after-end-noted"),
)
ANSWER = tuple(f"{when}-{step}" for step in ("claim", "text-sent", "paid") for when in ("before", "after"))


async def lives(bot: Bot, person: Person, points: tuple[str, ...], text: str = DRAW, then: str = "") -> None:
    """One life per point, each of them lost there; then one that lasts until nothing is owed.

    `then` is said as soon as the picture has begun.
    """
    for number, point in enumerate((*points, "")):
        if not await bot.start(point):
            assert point, f"it does not start:\n{bot.log()}"
            continue
        if number == 0:
            await person.enter()
        watching = asyncio.create_task(person.watch())
        await (person.resend() if number else talk(person, text, then))
        await (bot.death() if point else settled(bot))
        watching.cancel()
        await asyncio.wait({watching})


async def talk(person: Person, text: str, then: str) -> None:
    await person.say(text)
    if then:
        await person.until(Kind.START)
        await person.say(then)


@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_loses_nothing_and_doubles_nothing(point: str, nursery: Nursery, tmp_path: Path) -> None:
    bot = Bot(nursery, tmp_path)
    async with somebody(bot) as person:
        await lives(bot, person, (FOR_EVER + point if "progress" in point else point,))
        assert list((await judge(person)).values()) == ["success"], bot.log()
        assert judge_ledger(bot) == ["succeeded"]
        assert len(person.said) == 1
    await bot.die()


@pytest.mark.parametrize("points", TWICE, ids=" then ".join)
async def test_a_second_kill_while_it_recovers_changes_nothing(
    points: tuple[str, ...], nursery: Nursery, tmp_path: Path
) -> None:
    bot = Bot(nursery, tmp_path)
    async with somebody(bot) as person:
        await lives(bot, person, points)
        assert list((await judge(person)).values()) == ["success"], bot.log()
        assert judge_ledger(bot) == ["succeeded"]
    await bot.die()


@pytest.mark.parametrize("point", UNKNOWABLE)
async def test_a_backend_that_cannot_look_up_leaves_an_unknown_outcome_that_is_said_plainly(
    point: str, nursery: Nursery, tmp_path: Path
) -> None:
    bot = Bot(nursery, tmp_path, can_find=False)
    async with somebody(bot) as person:
        await lives(bot, person, (point,))
        assert list((await judge(person)).values()) == ["failure"]
        assert judge_ledger(bot) == ["unknown"]
        end = next(message for message in await person.history() if message["kind"] == "failure")
        plainly = texts.load().say("zh", "reason.unknown_outcome")
        assert plainly in [line["text"] for line in end["lines"]]
    await bot.die()


@pytest.mark.parametrize("point", KNOWABLE)
async def test_elsewhere_even_a_backend_that_cannot_look_up_leaves_no_doubt(
    point: str, nursery: Nursery, tmp_path: Path
) -> None:
    bot = Bot(nursery, tmp_path, can_find=False)
    async with somebody(bot) as person:
        await lives(bot, person, (point,))
        assert list((await judge(person)).values()) == ["success"], bot.log()
        assert judge_ledger(bot) == ["succeeded"]
    await bot.die()


@pytest.mark.parametrize("point", ["after-call-off", "before-end-sent", "after-end-sent", "after-end-noted"])
async def test_what_was_called_off_stays_called_off(point: str, nursery: Nursery, tmp_path: Path) -> None:
    bot = Bot(nursery, tmp_path)
    async with somebody(bot) as person:
        await lives(bot, person, (FOR_EVER + point,), then="取消")
        assert list((await judge(person)).values()) == ["cancelled"]
        assert judge_ledger(bot) == ["cancelled"]
    await bot.die()


@pytest.mark.parametrize("point", ANSWER)
@pytest.mark.parametrize("text", ["帮助", "以后都用MJ"])
async def test_an_answer_is_owed_until_it_is_shown(
    text: str, point: str, nursery: Nursery, tmp_path: Path
) -> None:
    bot = Bot(nursery, tmp_path)
    async with somebody(bot) as person:
        await lives(bot, person, (point,), text)
        assert [message["kind"] for message in await person.history()] == ["user", "text"]
    assert bot.rows("SELECT model FROM preferences") == ([("midjourney",)] if "MJ" in text else [])
    await bot.die()
