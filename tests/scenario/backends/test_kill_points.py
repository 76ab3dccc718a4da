"""Killed at every point of a job's line, with every backend: what becomes of the job and of the money.

Only IMA, Volcengine and jimeng-api may end unknown, and only between sending and the stored ticket.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.job import Outcome, State
from bot.message import Kind
from bot.runner import Limits
from tests.fakes import Fault
from tests.scenario.backends.kinds import DEMO, KINDS
from tests.scenario.backends.world import World, begun, in_world, said

BACKENDS = (*KINDS, DEMO.name)
SENT_AND_FORGOTTEN = ("ima", "volcengine", "jimeng_api")
WORDS = "画一只戴帽子的猫"


async def _before_the_claim(world: World) -> None:
    """The database is slow, and the process dies before the message is claimed; the platform repeats it."""
    world.database.slowness = 60
    message = world.platform.incoming(WORDS)
    delivery = asyncio.ensure_future(world.platform.deliver(message))
    await asyncio.sleep(1)
    await world.kill()
    assert delivery.cancelled()
    world.database.slowness = 0
    assert await world.jobs() == []
    await world.open()
    await world.platform.deliver(message)
    await world.platform.deliver(message)


async def _queued(world: World) -> None:
    """There is no room for the job."""
    await world.kill()
    await world.open(Limits(running_per_person=0))
    await world.platform.say(WORDS)
    await asyncio.sleep(5)
    (job,) = await world.jobs()
    assert job.state is State.QUEUED
    await world.kill()
    await world.open()


def _gate(gate: str) -> Callable[[World], Awaitable[None]]:
    async def stop_there(world: World) -> None:
        world.life.gate.shut = gate
        await world.platform.say(WORDS)
        await world.life.gate.reached.wait()
        await world.kill()
        await world.open()

    return stop_there


async def _after_the_effect(world: World) -> None:
    """The service has taken it on; the answer is on its way. (The demo has no way between.)"""
    if world.kind is DEMO:
        return await _gate("after the answer, before the stored ticket")(world)
    world.service.fail(world.kind.order, "late", seconds=20)
    await world.platform.say(WORDS)
    await world.until(lambda: bool(world.service.book.charges))
    await world.kill()
    await world.open()
    return None


def _end(fault: Fault) -> Callable[[World], Awaitable[None]]:
    async def stop_there(world: World) -> None:
        world.platform.fail(fault, kind=Kind.SUCCESS)
        await world.platform.say(WORDS)
        calls = world.platform.calls
        (ack,) = await world.jobs()
        await world.until(lambda: ("send", ack.key("end")) in calls)
        await asyncio.sleep(1)
        await world.kill()
        await world.open()

    return stop_there


#: Where the process dies, and how it is brought about.
POINTS: dict[str, Callable[[World], Awaitable[None]]] = {
    "before the claim": _before_the_claim,
    "queued": _queued,
    "before the request leaves": _gate("before the request leaves"),
    "after its effect, before the answer": _after_the_effect,
    "after the answer, before the stored ticket": _gate("after the answer, before the stored ticket"),
    "running": _gate("running"),
    "result on disk": _gate("result on disk"),
    "end not shown": _end(Fault(before=60)),
    "end shown, not recorded": _end(Fault(after=60)),
}
#: Between these, what was sent cannot be told from what was not.
IN_BETWEEN = (
    "before the request leaves",
    "after its effect, before the answer",
    "after the answer, before the stored ticket",
)


def outcome(point: str, backend: str) -> Outcome:
    """What must come of a job."""
    lost = point in IN_BETWEEN and backend in SENT_AND_FORGOTTEN
    return Outcome.UNKNOWN if lost else Outcome.SUCCEEDED


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("point", POINTS)
@in_world
async def test_a_kill_at_any_point_never_charges_twice_and_always_ends(
    point: str, backend: str, folder: Path
) -> None:
    async with begun(backend, folder) as world:
        await POINTS[point](world)
        (job,) = await world.settled()
        assert job.outcome is outcome(point, backend)
        sent = point != "before the request leaves" or job.outcome is not Outcome.UNKNOWN
        assert len(world.bill(job)) == (1 if sent else 0)
        end = world.end_of(job.id)
        assert len(end.media) == len(job.results)
        assert bool(job.results) is (job.outcome is Outcome.SUCCEEDED)
        if job.outcome is Outcome.UNKNOWN:
            assert said(end, "reason.unknown_outcome")
        assert world.platform.kinds(job.id).count(Kind.ACK) <= 1
