"""The fakes themselves, as far as tests lean on them."""

import asyncio

import pytest

from bot.errors import Passing
from bot.message import Kind, Outgoing
from tests.fakes import Deadlock, FakePlatform, Fault, VirtualClock, opened, parts, run, virtual


@virtual
async def test_an_hour_passes_at_once() -> None:
    clock = VirtualClock()
    before = clock.now()
    await asyncio.gather(clock.sleep(3600), clock.sleep(1800))
    assert clock.now() - before == pytest.approx(3600)


def test_waiting_for_nothing_is_told() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock):
        run(forever)


@virtual
async def test_the_same_key_shows_once_even_if_the_answer_was_lost() -> None:
    platform = FakePlatform()
    platform.fail(Fault(Passing("lost"), shown=True))
    message = Outgoing(Kind.TEXT, "en", "hello")
    to = platform.incoming("hi").address
    with pytest.raises(Passing):
        await platform.send(to, message, "key")
    ref = await platform.send(to, message, "key")
    assert [entry.ref for entry in platform.transcript] == [ref]


@virtual
async def test_a_house_of_fakes_draws_a_picture() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("画一只可爱的猫咪")
        await stage.settled()
        assert stage.platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS]
        assert len(stage.backend.book) == 1
