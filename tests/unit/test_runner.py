"""A job's way: submitted once, failed over by the rule, called off, resumed, drained."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import BackendError, Busy, GenerationFailed, NotSent, OutcomeUnknown, Reason, Refused
from bot.job import Outcome, State
from bot.message import Kind, Press, Price
from bot.ports import Order, Ticket, Traits
from bot.runner import Limits
from tests.fakes import (
    Call,
    FakeBackend,
    FakePlatform,
    Fault,
    Stage,
    opened,
    parts,
    virtual,
)


async def only_job(stage: Stage) -> tuple[State, Outcome | None, Reason | None]:
    (job,) = await stage.jobs()
    return job.state, job.outcome, job.reason


@virtual
async def test_a_picture_is_ordered_once_and_delivered_once() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert await only_job(stage) == (State.ENDED, Outcome.SUCCEEDED, None)
        assert len(stage.backend.book) == 1
        assert stage.platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS]


@virtual
@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Refused(Reason.POINTS_SHORT), Outcome.FAILED),
        (GenerationFailed(Reason.CONTENT_TEXT), Outcome.FAILED),
        (NotSent(Reason.PRICE_ROSE), Outcome.FAILED),
    ],
)
async def test_a_refusal_is_told_and_not_tried_again(error: BackendError, outcome: Outcome) -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(error))
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert await only_job(stage) == (State.ENDED, outcome, error.reason)
        assert len(stage.backend.asked) == 1


@virtual
async def test_an_order_that_was_not_sent_is_sent_again() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.extend([Call(NotSent(Reason.NETWORK)), Call(NotSent(Reason.NETWORK))])
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert (await only_job(stage))[1] is Outcome.SUCCEEDED
        assert (len(stage.backend.asked), len(stage.backend.book)) == (3, 1)
        assert stage.platform.kinds().count(Kind.START) == 1


@virtual
async def test_a_network_that_stays_away_is_told_soon() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.extend(Call(NotSent(Reason.NETWORK)) for _ in range(50))
        await stage.platform.say("draw a cat")
        await stage.settled(60)
        assert await only_job(stage) == (State.ENDED, Outcome.FAILED, Reason.NETWORK)
        assert stage.backend.book == []


@virtual
async def test_a_busy_backend_is_waited_for_and_said_so() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.extend(Call(Busy(Reason.RATE_LIMIT, retry_after=30)) for _ in range(3))
        await stage.platform.say("画一只猫")
        await asyncio.sleep(5)
        assert "这个模型正忙" in stage.platform.last(Kind.START).text
        await stage.settled()
        assert (await only_job(stage))[1] is Outcome.SUCCEEDED
        assert len(stage.backend.book) == 1


@virtual
async def test_a_lost_answer_is_found_again_by_our_own_reference() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME), taken=True))
        stage.backend.lookups.append(Call(Busy(Reason.NETWORK)))
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert (await only_job(stage))[1] is Outcome.SUCCEEDED
        assert len(stage.backend.book) == 1


@virtual
async def test_an_order_that_never_arrived_is_sent_again() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME)))
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert (await only_job(stage))[1] is Outcome.SUCCEEDED
        assert (len(stage.backend.asked), len(stage.backend.book)) == (2, 1)


@virtual
async def test_where_nobody_can_tell_it_is_said_and_never_tried_again() -> None:
    async with opened(parts()) as stage:
        stage.backend.finds = "nothing"
        stage.backend.submits.append(Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME), taken=True))
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert await only_job(stage) == (State.ENDED, Outcome.UNKNOWN, Reason.UNKNOWN_OUTCOME)
        assert len(stage.backend.asked) == 1
        assert "may have been charged" in stage.platform.last(Kind.FAILURE).text


@virtual
async def test_another_backend_stands_in_at_the_same_price_only() -> None:
    first, second = FakeBackend("first"), FakeBackend("second")
    first.submits.extend(Call(NotSent(Reason.NETWORK)) for _ in range(9))
    async with opened(parts(backends=(first, second))) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert (len(first.asked), len(first.book), len(second.book)) == (1, 0, 1)


@virtual
async def test_a_dearer_backend_does_not_stand_in_unasked() -> None:
    first, dear = FakeBackend("first"), FakeBackend("dear")
    dear.offered = tuple(replace(offer, prices=(("", Price(50, "points")),)) for offer in dear.offered)
    first.submits.extend(Call(NotSent(Reason.NETWORK)) for _ in range(50))
    async with opened(parts(backends=(first, dear))) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert dear.asked == []
        assert (await only_job(stage))[1] is Outcome.FAILED


@virtual
async def test_a_backend_whose_price_nobody_knows_does_not_stand_in_unasked() -> None:
    first, unknown = FakeBackend("first"), FakeBackend("unknown")
    unknown.offered = tuple(replace(offer, prices=()) for offer in unknown.offered)
    first.submits.extend(Call(NotSent(Reason.NETWORK)) for _ in range(50))
    async with opened(parts(backends=(first, unknown))) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert unknown.asked == []
        assert (await only_job(stage))[1] is Outcome.FAILED


class Dearer(FakeBackend):
    """Its prices have risen since they were asked for."""

    async def submit(self, order: Order) -> Ticket:
        self.asked.append(order.reference)
        self.offered = tuple(replace(one, prices=(("", Price(9, "points")),)) for one in self.offered)
        if order.price != Price(9, "points"):
            raise NotSent(Reason.PRICE_ROSE)
        return await super().submit(order)


@virtual
async def test_a_price_that_rose_is_on_offer_when_the_person_is_told() -> None:
    async with opened(parts(backends=(Dearer(),))) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert await only_job(stage) == (State.ENDED, Outcome.FAILED, Reason.PRICE_ROSE)
        assert stage.backend.book == []
        assert {offer.price() for offer in stage.house.offers.on_offer()} == {Price(9, "points")}
        assert stage.house.offers.resting() == frozenset()


@virtual
async def test_where_the_price_rose_another_stands_in_at_the_old_one() -> None:
    first, second = Dearer("first"), FakeBackend("second")
    async with opened(parts(backends=(first, second))) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert (len(first.asked), len(first.book), len(second.book)) == (1, 0, 1)


@virtual
async def test_after_an_unknown_outcome_no_other_backend_is_tried() -> None:
    first, second = FakeBackend("first"), FakeBackend("second")
    first.finds = "nothing"
    first.submits.append(Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME), taken=True))
    async with opened(parts(backends=(first, second))) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert second.asked == []


@virtual
async def test_an_account_that_is_refused_is_told_and_who_tries_again_is_sent_to_the_other_backend() -> None:
    first, second = FakeBackend("first"), FakeBackend("second")
    first.submits.extend(Call(Refused(Reason.LOGIN_EXPIRED)) for _ in range(3))
    async with opened(parts(backends=(first, second))) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert await only_job(stage) == (State.ENDED, Outcome.FAILED, Reason.LOGIN_EXPIRED)
        assert second.asked == []
        failure = stage.platform.last(Kind.FAILURE)
        stage.platform.press(next(one for one in failure.actions if one.press is Press.RETRY))
        await asyncio.sleep(1)
        await stage.settled()
        assert (len(first.asked), len(second.book)) == (1, 1)


@virtual
async def test_trouble_in_asking_is_waited_out() -> None:
    async with opened(parts()) as stage:
        stage.backend.polls.extend(Call(NotSent(Reason.NETWORK)) for _ in range(4))
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert (await only_job(stage))[1] is Outcome.SUCCEEDED


@virtual
async def test_patience_ends_in_plain_words() -> None:
    async with opened(parts(backends=(FakeBackend(seconds=9_999),)), Limits(patience=300)) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert await only_job(stage) == (State.ENDED, Outcome.FAILED, Reason.TIMEOUT)


# Calling off -------------------------------------------------------------------------------------------


@virtual
async def test_a_job_that_waits_is_called_off_for_free() -> None:
    async with opened(parts(backends=(FakeBackend(limit=1),))) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(1)
        await stage.platform.say("draw a dog")
        await asyncio.sleep(1)
        await stage.platform.say("cancel")
        await stage.settled()
        cat, dog = await stage.jobs()
        assert (cat.outcome, dog.outcome) == (Outcome.SUCCEEDED, Outcome.CANCELLED)
        assert stage.backend.book == [cat.reference]
        assert "nothing was charged" in stage.platform.last(Kind.CANCELLED).text
        assert stage.platform.last(Kind.START).text == "🚫 Cancelled"
        assert stage.platform.last(Kind.START).settled


@virtual
async def test_a_start_that_was_called_off_does_not_say_for_ever_that_it_begins() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
        await stage.platform.say("cancel")
        await stage.settled()
        assert stage.platform.last(Kind.START).text == "🚫 Cancelled"


@virtual
async def test_a_start_that_was_shown_stays_under_the_picture_without_its_button() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        start = stage.platform.last(Kind.START)
        assert (start.settled, start.actions, start.due) == (True, (), 0.0)
        assert "SeeDream 4.5" in start.text


@virtual
async def test_a_late_result_of_a_job_called_off_is_kept_quietly() -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(after=10))
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
        await stage.platform.say("cancel")
        await asyncio.sleep(1)
        assert stage.platform.kinds()[-1] is Kind.CANCELLED
        await asyncio.sleep(120)
        (job,) = await stage.jobs()
        assert job.outcome is Outcome.CANCELLED
        assert len(job.results) == 1
        assert stage.platform.kinds()[-1] is Kind.CANCELLED


@virtual
async def test_the_place_stays_taken_until_the_backend_is_done() -> None:
    async with opened(parts(backends=(FakeBackend(limit=1),))) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
        await stage.platform.say("cancel")
        await stage.platform.say("draw a dog")
        await asyncio.sleep(20)
        assert len(stage.backend.asked) == 1
        await stage.settled()
        assert len(stage.backend.asked) == 2


@virtual
async def test_nothing_but_the_cancellation_is_shown_after_it() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(25)
        await stage.platform.say("cancel")
        await asyncio.sleep(200)
        assert stage.platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.CANCELLED]
        assert stage.platform.last(Kind.PROGRESS).settled


@virtual
async def test_progress_that_was_not_shown_in_time_is_not_shown_after_the_end() -> None:
    async with opened(parts(FakePlatform(traits=Traits(send_pace=30.0)))) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        await asyncio.sleep(100)
        assert stage.platform.kinds() == [Kind.ACK, Kind.START, Kind.SUCCESS]


# Limits ------------------------------------------------------------------------------------------------


@virtual
async def test_two_run_five_wait_and_the_eighth_is_asked_to_wait() -> None:
    async with opened(parts()) as stage:
        for n in range(8):
            await stage.platform.say(f"draw cat number {n}")
        await asyncio.sleep(3)
        assert len(stage.backend.book) == 2
        assert stage.platform.kinds().count(Kind.ACK) == 7
        assert "You already have 5 pictures waiting" in stage.platform.last(Kind.TEXT).text
        await stage.settled()
        assert len(stage.backend.book) == 7


@virtual
async def test_the_place_in_the_queue_is_told_and_updated_in_place() -> None:
    async with opened(parts(backends=(FakeBackend(limit=1),))) as stage:
        for who in ("ann", "bob", "cay"):
            await stage.platform.say("画一只猫", who=who)
        await asyncio.sleep(3)
        starts = stage.platform.sent(kind=Kind.START)
        assert [line.text for line in starts[1].message.lines][-1] == "下一个就是你"
        assert [line.text for line in starts[2].message.lines][-1] == "前面还有 1 个"
        await asyncio.sleep(50)
        assert "下一个就是你" in stage.platform.standing[starts[2].ref.id].text
        await stage.settled()
        assert stage.platform.kinds().count(Kind.START) == 3


@virtual
async def test_a_model_that_nobody_offers_any_more_is_told_to_those_who_wait() -> None:
    backend = FakeBackend(limit=1)
    async with opened(parts(backends=(backend,))) as stage:
        await stage.platform.say("draw a cat", who="ann")
        await asyncio.sleep(2)
        await stage.platform.say("draw a dog", who="bob")
        await asyncio.sleep(2)
        backend.offered = tuple(one for one in backend.offered if one.model == "midjourney")
        await stage.house.offers.refresh()
        stage.house.runner.review()
        await asyncio.sleep(2)
        assert "isn't available right now" in stage.platform.last(Kind.FAILURE).text
        assert stage.platform.last(Kind.START).text == "Not started"


@virtual
async def test_the_answer_to_an_interaction_comes_before_the_start_though_it_takes_a_second() -> None:
    async with opened(parts()) as stage:
        stage.platform.fail(Fault(before=1.0), kind=Kind.ACK)
        message = stage.platform.incoming("draw a cat")
        await stage.platform.deliver(replace(message, address=replace(message.address, token="interaction")))
        await stage.settled()
        assert stage.platform.kinds() == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS]
