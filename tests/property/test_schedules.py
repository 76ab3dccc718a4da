"""Random schedules of messages, presses, faults and kills: the promises hold in every one of them.

`SCHEDULES=2000 pytest tests/property` looks further than every day. A schedule that fails is made as short
as it can be, and its story is told.
"""

import os
from collections.abc import Callable, Coroutine, Sequence
from random import Random
from typing import Any, Literal

import pytest

from bot.errors import (
    Busy,
    GenerationFailed,
    Gone,
    NotSent,
    OutcomeUnknown,
    Passing,
    Reason,
    Refused,
    Unshowable,
)
from bot.message import Kind, Press
from tests.fakes import Call, Fault, run
from tests.property.world import World, judge_answers, judge_job, judge_money

Step = Callable[[World], Coroutine[Any, Any, None]]
Progress = Literal["edit", "push"]
Finds = Literal["book", "nothing"]

#: How many schedules of each kind, and steps in one at most.
SCHEDULES = int(os.environ.get("SCHEDULES", "40"))
STEPS = 14

DRAWINGS = ("画一只猫", "a fox in the snow")
TEXTS = (*DRAWINGS, "帮助", "以后都用MJ", "取消", "再来一张", "好", "忘记我")
PEOPLE = ("ada", "bob")
#: Around every limit: the first progress, the next, the longest time, overtime.
WAITS = (0.0, 0.3, 1.0, 5.0, 19.0, 20.0, 21.0, 45.0, 61.0, 200.0)
SHORT = (0.0, 0.7, 5.0, 30.0)
SHOWN = (None, Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS, Kind.FAILURE, Kind.CANCELLED, Kind.TEXT)
PRESSES = (Press.CANCEL, Press.RETRY, Press.SWITCH, Press.AGAIN, Press.DECLINE, Press.DRAW)
#: What a platform may refuse for good without an end being lost.
REFUSALS = {Kind.START: Gone("the test"), Kind.PROGRESS: Unshowable("the test")}
ORDERS = (
    Call(),
    Call(NotSent(Reason.NETWORK)),
    Call(Busy(Reason.RATE_LIMIT, retry_after=3.0)),
    Call(Refused(Reason.POINTS_SHORT)),
    Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME), taken=True),
    Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME)),
    Call(KeyError("the test"), taken=True),
)


def draw(chance: Random) -> Step:
    who, text = chance.choice(PEOPLE), chance.choice(DRAWINGS)
    return lambda world: world.say(who, text)


def say(chance: Random) -> Step:
    who, text = chance.choice(PEOPLE), chance.choice(TEXTS)
    return lambda world: world.say(who, text)


def once_more(chance: Random) -> Step:
    number = chance.randrange(10)
    return lambda world: world.again(number)


def press(chance: Random) -> Step:
    what, back, who = chance.choice(PRESSES), chance.randrange(4), chance.choice(("", "", *PEOPLE))
    return lambda world: world.press(what, back, who)


def wait(chance: Random) -> Step:
    seconds = chance.choice(WAITS)
    return lambda world: world.wait(seconds)


def kill(chance: Random) -> Step:
    away = chance.choice((0.0, 1.0, 60.0, 4000.0))
    return lambda world: world.restart(away)


def drain(chance: Random) -> Step:
    seconds = chance.choice((0.0, 2.0, 30.0))
    return lambda world: world.drain(seconds)


def arm(chance: Random) -> Step:
    points = chance.randrange(40)
    return later(lambda world: world.arm(points))


def set_clock(chance: Random) -> Step:
    seconds = chance.choice((-3600.0, -5.0, 90.0, 4000.0))
    return later(lambda world: world.set_clock(seconds))


def reprice(chance: Random) -> Step:
    number, points = chance.randrange(2), chance.choice((1, 5, 99))
    return lambda world: world.reprice(number, points)


def trouble_showing(chance: Random) -> Step:
    """A message is slow, is lost, is shown and its answer lost, breaks the platform, is refused."""
    kind = chance.choice(SHOWN)
    error = chance.choice((None, Passing("the test"), KeyError("the test"), REFUSALS.get(kind or Kind.TEXT)))
    shown = isinstance(error, Passing) and chance.random() < 0.5
    fault = Fault(error, shown, chance.choice(SHORT), chance.choice(SHORT))
    return later(lambda world: world.trouble_showing(kind, fault))


def trouble_ordering(chance: Random) -> Step:
    call = chance.choice(ORDERS)
    slow = Call(call.error, call.taken, chance.choice(SHORT), chance.choice(SHORT))
    return later(lambda world: world.trouble_making("submits", slow))


def trouble_asking(chance: Random) -> Step:
    where = chance.choice(("polls", "lookups"))
    errors = (None, Busy(Reason.RATE_LIMIT), KeyError("the test") if where == "polls" else None)
    call = Call(chance.choice(errors), before=chance.choice(SHORT))
    return later(lambda world: world.trouble_making(where, call))


def trouble_making_it(chance: Random) -> Step:
    return later(lambda world: world.trouble_making_it(GenerationFailed(Reason.GENERATION_FAILED)))


def trouble_writing(chance: Random) -> Step:
    after, times = chance.randrange(13), chance.randint(1, 3)
    return later(lambda world: world.trouble_writing(after, times))


def later(do: Callable[[World], None]) -> Step:
    """A step that is done at once."""

    async def step(world: World) -> None:
        do(world)

    return step


PEACE = (draw, draw, say, say, once_more, press, press, wait, wait, wait)
ENDS = (kill, drain, arm, arm)
TROUBLE = (trouble_ordering, trouble_ordering, trouble_asking, trouble_showing, trouble_showing)
GOOD = (*PEACE, reprice, set_clock)
ILL = (*PEACE, *ENDS, *TROUBLE, trouble_making_it)
WORSE = (*PEACE, *ENDS, *TROUBLE, trouble_writing, trouble_writing, set_clock)


async def live(schedule: Sequence[Step], progress: Progress, finds: Finds) -> None:
    """Go through a schedule and judge what came of it. AssertionError, with the story, where it was wrong."""
    world = World(progress, finds)
    try:
        await world.start()
        for step in schedule:
            await step(world)
        await world.settle()
        jobs = await world.jobs()
        for job in jobs:
            judge_job(world, job)
        judge_money(world, jobs)
        judge_answers(world, jobs)
    except BaseException as error:
        raise AssertionError(f"{error!r}\n{world.tell()}") from error
    finally:
        await world.close()


def fails(schedule: Sequence[Step], progress: Progress, finds: Finds) -> AssertionError | None:
    try:
        run(live(schedule, progress, finds))
    except AssertionError as error:
        return error
    return None


@pytest.mark.parametrize("progress", ["edit", "push"])
@pytest.mark.parametrize("kinds", [GOOD, ILL, WORSE], ids=["good days", "faults and kills", "a bad database"])
def test_the_promises_hold(kinds: Sequence[Callable[[Random], Step]], progress: Progress) -> None:
    for seed in range(SCHEDULES):
        chance = Random(seed)
        finds: Finds = chance.choice(("book", "nothing")) if kinds is ILL else "book"
        schedule = [chance.choice(kinds)(chance) for _ in range(chance.randint(1, STEPS))]
        if error := fails(schedule, progress, finds):
            for step in list(schedule):
                shorter = [one for one in schedule if one is not step]
                if shorter_error := fails(shorter, progress, finds):
                    schedule, error = shorter, shorter_error
            raise error
