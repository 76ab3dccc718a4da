"""What comes in between: a wish while the job moves on, code that breaks, a clock that is set, a stop."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from bot.errors import Busy, DatabaseError, Gone, Passing, Reason
from bot.job import Job, Outcome, State
from bot.message import Kind
from bot.ports import Row, Statement
from tests.fakes import (
    Call,
    FakeBackend,
    FakePlatform,
    Fault,
    MemoryDatabase,
    Stage,
    opened,
    parts,
    set_wall_clock,
    virtual,
)
from tests.fakes.time import VirtualLoop

BROKEN = KeyError("what nobody foresaw")


async def the_job(stage: Stage) -> Job:
    (job,) = await stage.jobs()
    return job


async def how_it_ended(stage: Stage) -> tuple[Outcome | None, Reason | None]:
    job = await the_job(stage)
    assert job.state is State.ENDED
    return job.outcome, job.reason


class Breaks(MemoryDatabase):
    """Breaks, in a way that nobody foresaw, over what the test says."""

    def __init__(self, over: str, times: int) -> None:
        super().__init__()
        self.over = over
        self.times = times

    def _break(self, words: object) -> None:
        if self.times and self.over in str(words):
            self.times -= 1
            raise BROKEN

    async def commit(self, statements: Sequence[Statement], linger: float = 0.0) -> bool:
        self._break(statements)
        return await super().commit(statements, linger)

    async def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Row]:
        self._break(sql)
        return await super().rows(sql, parameters)


@virtual
async def test_a_turn_over_which_something_breaks_is_given_back() -> None:
    async with opened(parts(database=Breaks("'submitting'", 1))) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert (await how_it_ended(stage))[0] is Outcome.SUCCEEDED
        for n in range(2):
            await stage.platform.say(f"draw cat number {n}")
        await asyncio.sleep(5)
        assert len(stage.backend.book) == 3
        await stage.settled()


@virtual
async def test_an_end_that_cannot_be_told_whatever_is_tried_is_owed_until_the_next_start() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(), Breaks("FROM shown", 1000)
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(120)
        assert (await the_job(stage)).state is State.DELIVERING
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        assert loop.unhandled == []
    database.times = 0
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.settled()
        assert platform.kinds().count(Kind.SUCCESS) == 1


@virtual
async def test_an_end_that_was_shown_is_not_sent_again_though_its_move_goes_wrong() -> None:
    async with opened(parts(database=Breaks("('ended',", 2))) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        job = await the_job(stage)
        assert stage.platform.calls.count(("send", job.key("end"))) == 1


@virtual
async def test_an_end_for_which_there_is_no_place_left_is_owed_to_nobody() -> None:
    async with opened(parts()) as stage:
        stage.platform.fail(Fault(Gone("left")), kind=Kind.SUCCESS)
        await stage.platform.say("draw a cat")
        await stage.settled(120)
        assert (await how_it_ended(stage))[0] is Outcome.SUCCEEDED


# Calling off -------------------------------------------------------------------------------------------


@virtual
async def test_a_late_result_that_comes_while_the_cancellation_cannot_be_shown_is_kept() -> None:
    async with opened(parts()) as stage:
        stage.platform.fail(Fault(Passing("away", retry_after=100)), kind=Kind.CANCELLED)
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
        await stage.platform.say("cancel")
        await asyncio.sleep(60)
        job = await the_job(stage)
        assert (job.state, len(job.results)) == (State.DELIVERING, 1)
        await stage.settled()
        assert len((await the_job(stage)).results) == 1


class Blind(MemoryDatabase):
    """Cannot be read for a while after a wish to cancel is written."""

    def __init__(self) -> None:
        super().__init__()
        self.blind = 0

    async def commit(self, statements: Sequence[Statement], linger: float = 0.0) -> bool:
        self.blind = 3 if any("cancelled" in values for _, values in statements) else self.blind
        return await super().commit(statements, linger)

    async def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Row]:
        if self.blind:
            self.blind -= 1
            raise DatabaseError("locked")
        return await super().rows(sql, parameters)


@virtual
@pytest.mark.parametrize("seconds", [0, 10, 44])
async def test_a_wish_that_is_recorded_is_told_though_the_database_is_away_just_then(seconds: int) -> None:
    async with opened(parts(database=Blind())) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(seconds)
        await stage.platform.say("cancel")
        await asyncio.sleep(30)
        assert stage.platform.kinds()[-1] is Kind.CANCELLED
        await stage.settled()


@virtual
async def test_a_job_that_pauses_before_its_next_try_is_called_off_at_once() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(Busy(Reason.RATE_LIMIT, retry_after=200)))
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
        await stage.platform.say("cancel")
        await asyncio.sleep(1)
        assert stage.platform.kinds()[-1] is Kind.CANCELLED
        assert "nothing was charged" in stage.platform.last(Kind.CANCELLED).text
        assert stage.house.runner.living == 0
        assert stage.backend.book == []


@virtual
@pytest.mark.parametrize("moment", [n * 0.5 for n in range(8)])
async def test_a_place_that_is_free_at_the_moment_a_waiting_job_is_called_off_is_not_lost(
    moment: float,
) -> None:
    async with opened(parts(backends=(FakeBackend(limit=1, seconds=43),))) as stage:
        for who in ("ann", "bob", "cay"):
            await stage.platform.say("draw a cat", who=who)
            await asyncio.sleep(0.01)
        await asyncio.sleep(42 + moment)
        await stage.platform.say("cancel", who="bob")
        await stage.settled(300)
        ann, bob, cay = await stage.jobs()
        assert (ann.outcome, cay.outcome) == (Outcome.SUCCEEDED, Outcome.SUCCEEDED)
        assert bob.outcome is Outcome.CANCELLED


@virtual
async def test_no_progress_of_a_job_called_off_is_begun_while_the_cancellation_is_on_its_way() -> None:
    async with opened(parts()) as stage:
        stage.platform.fail(*(Fault(Passing("away")) for _ in range(7)), kind=Kind.CANCELLED)
        await stage.platform.say("draw a cat")
        await asyncio.sleep(10)
        await stage.platform.say("cancel")
        await asyncio.sleep(30)
        assert set(await stage.house.ledger.shown((await the_job(stage)).id)) == {"start"}
        await stage.settled()
        assert stage.platform.kinds() == [Kind.ACK, Kind.START, Kind.CANCELLED]


@virtual
async def test_progress_that_is_being_noted_when_a_job_is_called_off_is_not_shown_after_the_end() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(19.5)
        stage.database.slowness = 2.0
        await stage.platform.say("cancel")
        await stage.settled()
        assert stage.platform.kinds() == [Kind.ACK, Kind.START, Kind.CANCELLED]


# Code that breaks --------------------------------------------------------------------------------------


@virtual
async def test_an_order_over_which_the_backend_breaks_is_looked_up_and_not_sent_again() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(BROKEN, taken=True))
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert (await how_it_ended(stage))[0] is Outcome.SUCCEEDED
        assert (len(stage.backend.asked), len(stage.backend.book)) == (1, 1)


@virtual
async def test_a_backend_that_keeps_breaking_leaves_an_unknown_outcome() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(BROKEN, taken=True))
        stage.backend.lookups.extend(Call(BROKEN) for _ in range(9))
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert await how_it_ended(stage) == (Outcome.UNKNOWN, Reason.UNKNOWN_OUTCOME)
        assert len(stage.backend.asked) == 1


@virtual
@pytest.mark.parametrize(
    ("times", "outcome"), [(1, Outcome.SUCCEEDED), (2, Outcome.SUCCEEDED), (9, Outcome.FAILED)]
)
async def test_a_poll_that_breaks_is_tried_again_and_not_for_ever(times: int, outcome: Outcome) -> None:
    async with opened(parts(backends=(FakeBackend(limit=1),))) as stage:
        stage.backend.polls.extend(Call(BROKEN) for _ in range(times))
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert (await how_it_ended(stage))[0] is outcome
        await stage.platform.say("draw a dog", who="bob")
        await stage.settled()
        assert len(stage.backend.book) == 2


@virtual
@pytest.mark.parametrize("kind", [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS])
async def test_a_platform_that_breaks_over_one_message_shows_it_the_next_time(kind: Kind) -> None:
    async with opened(parts()) as stage:
        stage.platform.fail(Fault(BROKEN), kind=kind)
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert stage.platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS]
        assert (await how_it_ended(stage))[0] is Outcome.SUCCEEDED


@virtual
async def test_an_end_over_which_the_platform_keeps_breaking_is_shown_in_plain_words() -> None:
    async with opened(parts()) as stage:
        stage.platform.fail(*(Fault(BROKEN) for _ in range(3)), kind=Kind.SUCCESS)
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert stage.platform.last(Kind.SUCCESS).media == ()
        assert stage.house.outbox.depth == 0


@virtual
async def test_others_in_the_chat_do_not_suffer_from_a_message_that_breaks() -> None:
    async with opened(parts()) as stage:
        stage.platform.fail(*(Fault(BROKEN) for _ in range(50)), kind=Kind.TEXT)
        await stage.platform.say("help", chat="room")
        await stage.platform.say("draw a cat", chat="room", who="bob")
        await stage.settled()
        assert stage.platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS]


# The clock ---------------------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize("hours", [-1, 1, 24])
async def test_a_wall_clock_that_is_set_changes_nothing_for_a_picture_under_way(hours: int) -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(22)
        set_wall_clock(hours * 3600)
        await stage.settled()
        assert (await how_it_ended(stage))[0] is Outcome.SUCCEEDED
        assert stage.platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS]
        percents = [e.message.percent for e in stage.platform.transcript if e.message.percent is not None]
        assert percents == [33, 66]


@virtual
@pytest.mark.parametrize("hours", [-1, 2])
async def test_a_wall_clock_that_is_set_does_not_make_those_who_wait_too_old(hours: int) -> None:
    async with opened(parts(backends=(FakeBackend(limit=1),))) as stage:
        stage.backend.submits.append(Call(Busy(Reason.RATE_LIMIT)))
        await stage.platform.say("draw a cat", who="ann")
        await stage.platform.say("draw a dog", who="bob")
        await asyncio.sleep(1)
        set_wall_clock(hours * 3600)
        await stage.settled()
        assert [job.outcome for job in await stage.jobs()] == [Outcome.SUCCEEDED] * 2


@virtual
async def test_nobody_has_waited_less_than_nothing() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(10)
        set_wall_clock(-3600)
        await stage.platform.say("how far is it?")
        await asyncio.sleep(1)
        assert "-" not in stage.platform.last(Kind.TEXT).text


# A database away, a slow platform ----------------------------------------------------------------------


@virtual
@pytest.mark.parametrize("moment", [0.5, 3.0, 10.0, 46.0, 48.0])
async def test_a_database_that_is_away_for_long_delays_a_picture_and_changes_nothing_else(
    moment: float,
) -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(after=2))
        stage.platform.fail(Fault(after=3), kind=Kind.SUCCESS)
        await stage.platform.say("draw a cat")
        await asyncio.sleep(moment)
        stage.database.broken = True
        await asyncio.sleep(900)
        stage.database.broken = False
        await stage.settled()
        assert (await how_it_ended(stage))[0] is Outcome.SUCCEEDED
        assert len(stage.backend.asked) == 1
        assert stage.platform.kinds().count(Kind.SUCCESS) == 1


@virtual
async def test_an_answer_that_was_shown_is_struck_off_once_the_database_is_back() -> None:
    platform, database = FakePlatform(), MemoryDatabase()
    platform.fail(Fault(after=2), kind=Kind.TEXT)
    async with opened(parts(platform, database=database)) as stage:
        await stage.platform.say("help")
        await asyncio.sleep(1)
        database.broken = True
        await asyncio.sleep(300)
        database.broken = False
        await asyncio.sleep(60)
        assert await stage.house.ledger.owed() == []


@virtual
async def test_a_place_is_free_as_soon_as_an_outcome_is_known_however_long_it_takes_to_tell() -> None:
    async with opened(parts(backends=(FakeBackend(limit=1),))) as stage:
        stage.platform.fail(Fault(Passing("away", retry_after=300)), kind=Kind.SUCCESS)
        await stage.platform.say("draw a cat", who="ann")
        await stage.platform.say("draw a dog", who="bob")
        await asyncio.sleep(60)
        assert len(stage.backend.book) == 2
        await stage.settled()


@virtual
async def test_a_drain_waits_for_an_end_on_the_wire() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(), MemoryDatabase()
    platform.fail(Fault(after=5), kind=Kind.SUCCESS)
    async with opened(parts(platform, (backend,), database), drain=10.0) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(46)
    assert (await the_job(stage)).state is State.ENDED


@virtual
async def test_an_order_on_the_wire_is_not_torn_in_two_by_a_stop() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(before=2))
        await stage.platform.say("draw a cat")
        await asyncio.sleep(1)
    await asyncio.sleep(2)
    assert len(stage.backend.book) == 1


@virtual
async def test_progress_that_was_shown_and_its_answer_lost_is_settled_though_the_next_was_dropped() -> None:
    async with opened(parts()) as stage:
        stage.platform.fail(Fault(Passing("lost"), shown=True), kind=Kind.PROGRESS)
        stage.platform.fail(Fault(after=20), kind=Kind.TEXT)
        await stage.platform.say("draw a cat", chat="room")
        await asyncio.sleep(39)
        await stage.platform.say("help", chat="room")
        await stage.settled()
        assert [kind for kind in stage.platform.kinds() if kind is not Kind.TEXT] == [
            Kind.ACK,
            Kind.START,
            Kind.PROGRESS,
            Kind.SUCCESS,
        ]
        assert stage.platform.last(Kind.PROGRESS).settled
