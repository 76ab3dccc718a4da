"""A start after a kill or a stop: everything goes on where it was, nothing is ordered or told twice."""

import asyncio

import pytest

from bot.errors import Busy, OutcomeUnknown, Reason
from bot.job import Outcome, State
from bot.message import Kind
from tests.fakes import (
    Call,
    FakeBackend,
    FakePlatform,
    Fault,
    MemoryDatabase,
    Stage,
    kill,
    opened,
    parts,
    set_wall_clock,
    virtual,
)


async def only_job(stage: Stage) -> tuple[State, Outcome | None, Reason | None]:
    (job,) = await stage.jobs()
    return job.state, job.outcome, job.reason


@virtual
async def test_a_job_goes_on_after_a_restart_and_percent_never_falls() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(), MemoryDatabase()
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(25)
        await kill()
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.settled()
        assert len(backend.book) == 1
        assert platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS]
        percents = [e.message.percent for e in platform.transcript if e.message.percent is not None]
        assert percents == sorted(percents)


@virtual
async def test_what_is_said_just_before_a_stop_is_recorded_and_drawn_after_the_restart() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(), MemoryDatabase()
    async with opened(parts(platform, (backend,), database), drain=5) as stage:
        database.slowness = 2
        saying = asyncio.create_task(stage.platform.say("draw a cat"))
        await asyncio.sleep(1)
    assert saying.done()
    await kill()
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.settled()
        assert len(backend.book) == 1
        assert platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS]


@virtual
async def test_an_order_that_is_looked_up_after_a_restart_keeps_its_place() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(limit=1), MemoryDatabase()
    async with opened(parts(platform, (backend,), database)) as stage:
        stage.backend.submits.append(Call(after=60))
        await stage.platform.say("draw a cat", who="ann")
        await asyncio.sleep(5)
        await kill()
    backend.lookups.extend(Call(Busy(Reason.NETWORK)) for _ in range(5))
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a dog", who="bob")
        await asyncio.sleep(20)
        assert len(backend.book) == 1
        await stage.settled()
        assert len(backend.book) == 2


@virtual
async def test_progress_that_is_sent_anew_each_time_goes_on_after_a_restart() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(), MemoryDatabase()
    async with opened(parts(platform, (backend,), database, progress="push")) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(25)
        await kill()
    async with opened(parts(platform, (backend,), database, progress="push")) as stage:
        await stage.settled()
        assert [entry.message.percent for entry in platform.sent(kind=Kind.PROGRESS)] == [33, 66]


@virtual
async def test_a_kill_while_progress_becomes_a_quiet_line_does_not_leave_it_standing() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(), MemoryDatabase()
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(41)
        platform.fail(Fault(before=60), kind=Kind.PROGRESS)
        await asyncio.sleep(10)
        assert platform.kinds()[-1] is Kind.SUCCESS
        await kill()
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.settled()
        assert platform.last(Kind.PROGRESS).settled
        assert platform.kinds().count(Kind.SUCCESS) == 1


@virtual
async def test_an_answer_is_owed_until_its_platform_is_switched_on_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    database, away = MemoryDatabase(), FakePlatform()
    away.fail(Fault(before=60), kind=Kind.TEXT)
    async with opened(parts(away, database=database)) as stage:
        await stage.platform.say("help")
        await kill()
    async with opened(parts(FakePlatform("another"), database=database)) as stage:
        await asyncio.sleep(60)
        assert len(await stage.house.ledger.owed()) == 1
        assert not [record for record in caplog.records if record.levelname == "ERROR"]
    async with opened(parts(away, database=database)) as stage:
        await stage.settled()
        assert away.kinds() == [Kind.TEXT]


@virtual
async def test_a_start_that_was_never_shown_is_shown_after_a_restart() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(), MemoryDatabase()
    platform.fail(Fault(before=60), kind=Kind.START)
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
        await kill()
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.settled()
        assert platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS]


@virtual
async def test_a_clock_that_was_set_back_meanwhile_does_not_silence_a_picture() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(seconds=200), MemoryDatabase()
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
        await kill()
    set_wall_clock(-3600)
    async with opened(parts(platform, (backend,), database)) as stage:
        await asyncio.sleep(30)
        assert platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS]
        await stage.settled()


@virtual
async def test_a_job_that_never_began_is_too_old_after_an_hour() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(limit=0), MemoryDatabase()
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
        await kill()
    await asyncio.sleep(4000)
    backend.limit = 8
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.settled()
        assert await only_job(stage) == (State.ENDED, Outcome.INTERRUPTED, Reason.INTERRUPTED)
        assert backend.asked == []


@virtual
async def test_a_job_with_a_ticket_is_delivered_however_late() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(), MemoryDatabase()
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(10)
        await kill()
    await asyncio.sleep(100_000)
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.settled()
        assert (await only_job(stage))[1] is Outcome.SUCCEEDED


@virtual
async def test_a_drain_waits_for_the_order_on_the_wire_and_leaves_the_rest() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(), MemoryDatabase()
    backend.finds = "nothing"
    backend.submits.append(Call(after=8))
    async with opened(parts(platform, (backend,), database), drain=10.0) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.settled()
        assert (await only_job(stage))[1] is Outcome.SUCCEEDED
        assert len(backend.book) == 1


@virtual
async def test_an_order_that_is_looked_up_for_long_is_not_waited_for_in_silence() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(), MemoryDatabase()
    backend.submits.append(Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME), taken=True))
    backend.lookups.extend(Call(Busy(Reason.NETWORK, retry_after=10)) for _ in range(20))
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
        await kill()
    async with opened(parts(platform, (backend,), database)) as stage:
        await asyncio.sleep(60)
        assert platform.last(Kind.PROGRESS).percent == 95
        await stage.settled()
        assert (await only_job(stage))[1] is Outcome.SUCCEEDED


@virtual
@pytest.mark.parametrize("seconds", [0.0, 0.001, 1.0, 3.0, 21.0, 44.0, 46.0, 50.0])
async def test_a_drain_at_any_time_leaves_everything_to_the_next_start(seconds: float) -> None:
    platform, backend, database = FakePlatform(), FakeBackend(limit=1), MemoryDatabase()
    backend.submits.append(Call(after=2))
    async with opened(parts(platform, (backend,), database), drain=0.5) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(0.01)
        await stage.platform.say("draw a dog")
        await asyncio.sleep(seconds)
        await stage.platform.say("cancel")
        await asyncio.sleep(0)
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.settled()
        cat, dog = await stage.jobs()
        assert (cat.outcome, dog.outcome) == (Outcome.SUCCEEDED, Outcome.CANCELLED)
        ends = [kind for kind in platform.kinds() if kind in (Kind.SUCCESS, Kind.FAILURE, Kind.CANCELLED)]
        assert sorted(ends) == [Kind.CANCELLED, Kind.SUCCESS]
        assert backend.charged_twice == []


@virtual
async def test_what_runs_already_has_its_place_before_anybody_else_gets_one_at_a_start() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(limit=1), MemoryDatabase()
    backend.submits.append(Call(Busy(Reason.RATE_LIMIT, retry_after=100)))
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a cat", who="ann")
        await asyncio.sleep(1)
        await stage.platform.say("draw a dog", who="bob")
        await asyncio.sleep(1)
        await kill()
    async with opened(parts(platform, (backend,), database)) as stage:
        await asyncio.sleep(1)
        assert len(backend.asked) == 2
        await stage.settled()
        assert len(backend.book) == 2


@virtual
async def test_a_wall_clock_set_back_before_a_start_makes_no_percent_fall() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(seconds=120), MemoryDatabase()
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(42)
        await kill()
    set_wall_clock(-3600)
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.settled()
        percents = [e.message.percent for e in platform.transcript if e.message.percent is not None]
        assert percents[:2] == [33, 66]
        assert percents == sorted(percents)
        assert platform.kinds()[-1] is Kind.SUCCESS


@virtual
async def test_progress_of_which_nobody_noted_where_it_stands_is_found_and_settled() -> None:
    platform, backend, database = FakePlatform(), FakeBackend(), MemoryDatabase()
    platform.fail(Fault(after=5), kind=Kind.PROGRESS)
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(21)
        await kill()
    await asyncio.sleep(100)
    async with opened(parts(platform, (backend,), database)) as stage:
        await stage.settled()
        assert platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS]
        assert platform.last(Kind.PROGRESS).settled
