"""How long is waited, for whom, and how often somebody is asked who has no time."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import BackendError, Busy, NotSent, OutcomeUnknown, Reason
from bot.job import Outcome
from bot.message import Kind
from bot.offers import STRIKES
from bot.ports import Order, Ticket
from tests.fakes import Call, FakeBackend, Fault, Stage, opened, parts, virtual


async def draws(stage: Stage, who: str) -> None:
    """Somebody asks for a picture, and what comes of it is waited for."""
    await stage.platform.say("draw a cat", who=who)
    await stage.settled()


# Trying again ------------------------------------------------------------------------------------------


@virtual
async def test_a_network_that_stays_away_is_given_up_before_its_patience_would_be_exceeded() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.extend(Call(NotSent(Reason.NETWORK)) for _ in range(50))
        await stage.platform.say("draw a cat")
        await stage.settled(20)
        assert len(stage.backend.asked) == 4


@virtual
async def test_who_asks_for_an_eternity_is_asked_again_in_five_minutes() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(Busy(Reason.RATE_LIMIT, retry_after=1e9)))
        await stage.platform.say("draw a cat")
        await asyncio.sleep(295)
        assert stage.backend.book == []
        await stage.settled()
        assert [job.outcome for job in await stage.jobs()] == [Outcome.SUCCEEDED]


@virtual
async def test_a_backend_that_is_busy_all_the_time_is_given_up_after_ten_minutes() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.extend(Call(Busy(Reason.RATE_LIMIT, retry_after=60)) for _ in range(50))
        await stage.platform.say("draw a cat")
        await stage.settled(610)
        assert [job.reason for job in await stage.jobs()] == [Reason.RATE_LIMIT]


@virtual
@pytest.mark.parametrize("error", [NotSent(Reason.NETWORK), Busy(Reason.RATE_LIMIT)])
async def test_a_backend_that_cannot_be_asked_is_asked_less_and_less(error: BackendError) -> None:
    async with opened(parts()) as stage:
        stage.backend.polls.extend(Call(error) for _ in range(1000))
        await stage.platform.say("draw a cat")
        await asyncio.sleep(600)
        assert 10 < 1000 - len(stage.backend.polls) < 20
        stage.backend.polls.clear()
        await stage.settled()


@virtual
async def test_a_backend_that_says_when_to_ask_again_is_asked_then() -> None:
    async with opened(parts()) as stage:
        stage.backend.polls.append(Call(Busy(Reason.RATE_LIMIT, retry_after=200)))
        await stage.platform.say("draw a cat")
        await asyncio.sleep(195)
        assert stage.platform.kinds()[-1] is Kind.PROGRESS
        await asyncio.sleep(10)
        assert stage.platform.kinds()[-1] is Kind.SUCCESS


@virtual
async def test_a_lost_order_is_looked_for_less_and_less() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME), taken=True))
        stage.backend.lookups.extend(Call(Busy(Reason.NETWORK)) for _ in range(1000))
        await stage.platform.say("draw a cat")
        await asyncio.sleep(600)
        assert 10 < 1000 - len(stage.backend.lookups) < 20
        stage.backend.lookups.clear()
        await stage.settled()
        assert [job.outcome for job in await stage.jobs()] == [Outcome.SUCCEEDED]


# Who is rested -----------------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize("error", [NotSent(Reason.NETWORK), OutcomeUnknown(Reason.UNKNOWN_OUTCOME)])
async def test_who_keeps_failing_is_not_asked_by_the_next_one(error: BackendError) -> None:
    first, second = FakeBackend("first"), FakeBackend("second")
    first.finds = "nothing"
    first.submits.extend(Call(error) for _ in range(9))
    async with opened(parts(backends=(first, second))) as stage:
        for n in range(STRIKES + 1):
            await stage.platform.say("draw a cat", who=f"person {n}")
            await asyncio.sleep(5)
        assert len(first.asked) == STRIKES
        await stage.settled()


@virtual
async def test_who_has_drawn_in_between_has_not_kept_failing() -> None:
    first, second = FakeBackend("first"), FakeBackend("second")
    away = Call(NotSent(Reason.NETWORK))
    first.submits.extend([away, away, Call(), away, away, Call()])
    async with opened(parts(backends=(first, second))) as stage:
        for n in range(6):
            await stage.platform.say("draw a cat", who=f"person {n}")
            await asyncio.sleep(4)
        assert (len(first.asked), len(first.book)) == (6, 2)
        await stage.settled()


# What does not wait ------------------------------------------------------------------------------------


@virtual
async def test_an_acknowledgement_that_takes_its_time_does_not_hold_up_the_picture() -> None:
    async with opened(parts()) as stage:
        stage.platform.fail(Fault(before=60), kind=Kind.ACK)
        await stage.platform.say("draw a cat")
        await asyncio.sleep(3)
        assert len(stage.backend.book) == 1
        await stage.settled()


@virtual
async def test_who_waits_begins_when_somebody_new_offers_the_model() -> None:
    first, second = FakeBackend("first", limit=0), FakeBackend("second")
    offered, second.offered = second.offered, ()
    async with opened(parts(backends=(first, second))) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
        second.offered = offered
        await stage.house.offers.refresh()
        stage.house.runner.review()
        await asyncio.sleep(1)
        assert len(second.book) == 1
        await stage.settled()


async def seconds_to_stop(stage: Stage) -> float:
    """How long a stop takes that may take ten seconds."""
    began = stage.house.parts.clock.monotonic()
    await stage.house.stop(10.0)
    return stage.house.parts.clock.monotonic() - began


@virtual
async def test_a_stop_does_not_wait_for_what_can_be_taken_up_again() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(7)
        assert await seconds_to_stop(stage) < 1


@virtual
async def test_a_stop_does_not_wait_for_a_look_up() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME), taken=True))
        stage.backend.lookups.extend(Call(Busy(Reason.NETWORK)) for _ in range(9))
        await stage.platform.say("draw a cat")
        await asyncio.sleep(7)
        assert await seconds_to_stop(stage) < 1


@virtual
async def test_a_stop_waits_for_an_order_on_the_wire_and_for_no_more_than_that() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(before=4))
        await stage.platform.say("draw a cat")
        await asyncio.sleep(1)
        assert 2 < await seconds_to_stop(stage) < 4
        assert len(stage.backend.book) == 1


# What an order becomes ---------------------------------------------------------------------------------


class Exact(FakeBackend):
    """Says in its receipt what an order costs."""

    async def submit(self, order: Order) -> Ticket:
        return replace(await super().submit(order), price=order.price)


@virtual
async def test_a_receipt_with_the_price_that_was_told_changes_nothing() -> None:
    async with opened(parts(backends=(Exact(),))) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(15)
        assert [call for call, _ in stage.platform.calls] == ["send", "send"]
        await stage.settled()
