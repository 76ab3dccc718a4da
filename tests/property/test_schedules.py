"""Random schedules of messages, presses, faults and kills: the promises hold in every one of them."""

from collections.abc import Callable, Coroutine
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

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

TEXTS = ("画一只猫", "a fox in the snow", "帮助", "以后都用MJ", "取消", "再来一张", "好", "忘记我")
PEOPLE = ("ada", "bob")
#: Around every limit: the first progress, the next, the longest time, overtime.
WAITS = (0.0, 0.3, 1.0, 5.0, 19.0, 20.0, 21.0, 45.0, 61.0, 200.0)
SHOWN = (None, Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS, Kind.FAILURE, Kind.CANCELLED, Kind.TEXT)


def later(do: Callable[[World], None]) -> Step:
    """A step that is done at once."""

    async def step(world: World) -> None:
        do(world)

    return step


#: What a platform may refuse for good without an end being lost.
REFUSALS = {Kind.START: Gone("the test"), Kind.PROGRESS: Unshowable("the test")}


def _fault(kind: Kind | None, what: str, before: float, after: float) -> tuple[Kind | None, Fault]:
    """What happens to a message: it is slow, is lost, is shown and its answer lost, breaks, is refused."""
    errors = {"slow": None, "broken": KeyError("the test"), "refused": REFUSALS.get(kind) if kind else None}
    error = errors.get(what, Passing("the test"))
    return kind, Fault(error, shown=what == "answer lost", before=before, after=after)


def _call(kind: str, before: float, after: float) -> Call:
    return {
        "slow": Call(before=before, after=after),
        "not sent": Call(NotSent(Reason.NETWORK), before=before),
        "busy": Call(Busy(Reason.RATE_LIMIT, retry_after=3.0), before=before),
        "refused": Call(Refused(Reason.POINTS_SHORT), before=before),
        "lost": Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME), taken=True, before=before, after=after),
        "vanished": Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME), before=before),
        "broken": Call(KeyError("the test"), taken=True, before=before, after=after),
    }[kind]


waits = st.sampled_from(WAITS)
short = st.sampled_from((0.0, 0.7, 5.0, 30.0))
says = st.builds(
    lambda who, text: lambda w: w.say(who, text), st.sampled_from(PEOPLE), st.sampled_from(TEXTS)
)
draws = st.builds(
    lambda who, text: lambda w: w.say(who, text), st.sampled_from(PEOPLE), st.sampled_from(TEXTS[:2])
)
repeats = st.builds(lambda number: lambda w: w.again(number), st.integers(0, 9))
presses = st.builds(
    lambda press, back, who: lambda w: w.press(press, back, who),
    st.sampled_from((Press.CANCEL, Press.RETRY, Press.SWITCH, Press.AGAIN, Press.DECLINE, Press.DRAW)),
    st.integers(0, 3),
    st.sampled_from(("", "", *PEOPLE)),
)
passes = st.builds(lambda seconds: lambda w: w.wait(seconds), waits)
kills = st.builds(lambda away: lambda w: w.restart(away), st.sampled_from((0.0, 1.0, 60.0, 4000.0)))
drains = st.builds(lambda seconds: lambda w: w.drain(seconds), st.sampled_from((0.0, 2.0, 30.0)))
clocks = st.builds(
    lambda seconds: later(lambda w: w.set_clock(seconds)), st.sampled_from((-3600.0, -5.0, 90.0, 4000.0))
)
prices = st.builds(
    lambda number, points: lambda w: w.reprice(number, points), st.integers(0, 1), st.sampled_from((1, 5, 99))
)
arms = st.builds(lambda points: later(lambda w: w.arm(points)), st.integers(0, 40))
showing = st.builds(
    lambda trouble: later(lambda w: w.trouble_showing(*trouble)),
    st.builds(
        _fault,
        st.sampled_from(SHOWN),
        st.sampled_from(("slow", "passing", "answer lost", "broken", "refused")),
        short,
        short,
    ),
)
making = st.one_of(
    st.builds(
        lambda kind, before, after: later(lambda w: w.trouble_making("submits", _call(kind, before, after))),
        st.sampled_from(("slow", "not sent", "busy", "refused", "lost", "vanished", "broken")),
        short,
        short,
    ),
    st.builds(
        lambda where, before: later(lambda w: w.trouble_making(where[0], _call(where[1], before, 0.0))),
        st.sampled_from(
            (
                ("polls", "slow"),
                ("polls", "busy"),
                ("polls", "broken"),
                ("lookups", "slow"),
                ("lookups", "busy"),
            )
        ),
        short,
    ),
    st.just(later(lambda w: w.trouble_making_it(GenerationFailed(Reason.GENERATION_FAILED)))),
)
writing = st.builds(
    lambda after, times: later(lambda w: w.trouble_writing(after, times)),
    st.integers(0, 12),
    st.integers(1, 3),
)


def both(first: Step, then: Step) -> Step:
    """One step right after the other."""

    async def step(world: World) -> None:
        await first(world)
        await then(world)

    return step


#: Trouble just before somebody wants a picture, where it is most likely to be met.
troubled = st.builds(both, st.one_of(making, making, showing), draws)
well = st.one_of(draws, says, repeats, presses, passes, passes, prices, clocks)
ill = st.one_of(
    draws, says, repeats, presses, passes, passes, kills, drains, arms, showing, troubled, troubled
)
worse = st.one_of(draws, says, presses, passes, passes, kills, drains, arms, clocks, troubled, writing)


async def live(schedule: list[Step], progress: Progress, finds: Finds) -> None:
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
    except BaseException:
        note(world.tell())
        raise
    finally:
        await world.close()


MODES = pytest.mark.parametrize("progress", ["edit", "push"])
usual = settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@MODES
@usual
@given(schedule=st.lists(well, max_size=12))
def test_on_good_days(progress: Progress, schedule: list[Step]) -> None:
    run(live(schedule, progress, "book"))


@MODES
@usual
@given(schedule=st.lists(ill, max_size=16), finds=st.sampled_from(("book", "nothing")))
def test_with_faults_and_kills(progress: Progress, schedule: list[Step], finds: Finds) -> None:
    run(live(schedule, progress, finds))


@MODES
@usual
@given(schedule=st.lists(worse, max_size=14))
def test_with_a_database_that_fails_and_kills(progress: Progress, schedule: list[Step]) -> None:
    run(live(schedule, progress, "book"))
