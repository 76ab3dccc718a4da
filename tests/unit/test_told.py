"""What people are told while a picture waits and is drawn: nothing stale, nothing late, nothing twice."""

import asyncio
from dataclasses import replace
from typing import Literal

import pytest

from bot.message import Kind
from bot.ports import Traits
from tests.fakes import FakeBackend, FakePlatform, Fault, VirtualClock, opened, parts, virtual


@virtual
@pytest.mark.parametrize("style", ["edit", "push"])
async def test_progress_that_comes_due_while_one_is_on_the_wire_is_left_out(
    style: Literal["edit", "push"],
) -> None:
    async with opened(parts(backends=(FakeBackend(seconds=100),), progress=style)) as stage:
        stage.platform.fail(Fault(before=25), kind=Kind.PROGRESS)
        await stage.platform.say("draw a cat")
        await asyncio.sleep(90)
        percents = [e.message.percent for e in stage.platform.transcript if e.message.percent is not None]
        assert percents == [33, 95]
        assert len({key for call, key in stage.platform.calls if call == "send"}) == (
            3 if style == "edit" else 4
        )
        await stage.settled()


class Hasty(VirtualClock):
    """Its timers go off a hair too early, as real ones may."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds - 0.004)


@virtual
async def test_a_timer_that_goes_off_too_early_tells_nothing_twice_and_no_percent_less() -> None:
    async with opened(replace(parts(backends=(FakeBackend(seconds=38),)), clock=Hasty())) as stage:
        await stage.platform.say("draw a cat with nano banana 2")
        await stage.settled()
        percents = [e.message.percent for e in stage.platform.transcript if e.message.percent is not None]
        assert percents == [50, 87]
        # Acknowledgement, start, progress, end; progress once more, and two that settle.
        assert [call for call, _ in stage.platform.calls].count("edit") == 3


@virtual
async def test_a_place_in_the_queue_is_not_shown_after_the_picture_has_begun() -> None:
    async with opened(parts(FakePlatform(), (FakeBackend(seconds=20, limit=1),))) as stage:
        for who in ("ann", "bob", "cay", "dan"):
            await stage.platform.say("draw a cat", who=who)
        await asyncio.sleep(5)
        start = stage.platform.sent(kind=Kind.START)[-1].ref
        assert "2 before you" in stage.platform.standing[start.id].text
        stage.platform.fail(*(Fault(before=45) for _ in range(9)), kind=Kind.START)
        await asyncio.sleep(25)
        stage.platform.heal()
        await asyncio.sleep(45)
        assert "Starting your picture" in stage.platform.standing[start.id].text
        await stage.settled()


@virtual
async def test_a_place_moves_up_when_somebody_before_gives_up() -> None:
    async with opened(parts(FakePlatform(), (FakeBackend(seconds=300, limit=1),))) as stage:
        for who in ("ann", "bob", "cay"):
            await stage.platform.say("draw a cat", who=who)
        await asyncio.sleep(3)
        start = stage.platform.sent(kind=Kind.START)[-1].ref
        assert "1 before you" in stage.platform.standing[start.id].text
        await stage.platform.say("cancel", who="bob")
        await asyncio.sleep(5)
        assert "you are next" in stage.platform.standing[start.id].text
        await stage.settled()


@virtual
async def test_where_messages_cannot_be_changed_a_place_is_told_once() -> None:
    platform = FakePlatform(traits=Traits(edits=False))
    async with opened(parts(platform, (FakeBackend(limit=1),))) as stage:
        for who in ("ann", "bob", "cay"):
            await stage.platform.say("draw a cat", who=who)
        await stage.settled()
        assert {call for call, _ in platform.calls} == {"send"}


@virtual
async def test_a_place_that_has_not_changed_is_not_told_again() -> None:
    async with opened(parts(FakePlatform(), (FakeBackend(seconds=60, limit=1),))) as stage:
        for who in ("ann", "bob", "cay"):
            await stage.platform.say("draw a cat", who=who)
        await asyncio.sleep(50)
        assert [call for call, _ in stage.platform.calls if call == "edit"] == ["edit"]  # Ann's progress
        await stage.settled()
