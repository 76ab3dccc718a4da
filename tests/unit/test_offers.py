"""What is on offer over all backends, and who is rested."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.errors import BackendError, NotSent, Reason
from bot.message import Price
from bot.metrics import Metrics
from bot.offers import FIRST_REST, REFRESH_EVERY, REFRESH_LIMIT, REFUSED_FOR, STRIKES, Offers
from bot.ports import Offer
from tests.fakes import FakeBackend, VirtualClock, virtual
from tests.fakes.backend import offers_of

SEEDREAM = "doubao-seedream-4.5"


class Moody(FakeBackend):
    """A backend whose catalogue can fail."""

    trouble: BackendError | None = None

    async def offers(self) -> tuple[Offer, ...]:
        if self.trouble is not None:
            raise self.trouble
        return await super().offers()


def market(*backends: FakeBackend, order: Sequence[str] = ()) -> Offers:
    return Offers(backends, order, VirtualClock(), Metrics())


def names(offers: Offers) -> list[str]:
    return [serving.backend.name for serving in offers.serving(SEEDREAM, "text_to_image")]


@virtual
async def test_a_model_of_several_backends_is_offered_once() -> None:
    offers = market(FakeBackend("one"), FakeBackend("two"))
    await offers.refresh()
    models = [offer.model for offer in offers.on_offer("text_to_image")]
    assert len(models) == len(set(models)) > 0
    assert names(offers) == ["one", "two"]


@virtual
async def test_the_configured_order_comes_first_and_then_those_that_can_resume() -> None:
    synchronous = FakeBackend("synchronous")
    synchronous.resumable = False
    offers = market(synchronous, FakeBackend("one"), FakeBackend("two"), order=("two",))
    await offers.refresh()
    assert names(offers) == ["two", "one", "synchronous"]


@virtual
async def test_a_backend_whose_account_was_refused_is_asked_last_until_it_takes_an_order() -> None:
    one, two = FakeBackend("one"), FakeBackend("two")
    offers = market(one, two)
    await offers.refresh()
    offers.refused("one", Reason.CONTENT_TEXT)
    assert names(offers) == ["one", "two"]
    offers.refused("one", Reason.LOGIN_EXPIRED)
    assert names(offers) == ["two", "one"]
    offers.worked(one)
    assert names(offers) == ["one", "two"]
    offers.refused("one", Reason.POINTS_SHORT)
    await asyncio.sleep(REFUSED_FOR)
    assert names(offers) == ["one", "two"]


@virtual
async def test_a_model_costs_what_it_costs_where_it_would_be_drawn() -> None:
    one, two = FakeBackend("one"), FakeBackend("two")
    two.offered = tuple(replace(offer, prices=(("", Price(2, "points")),)) for offer in two.offered)
    offers = market(one, two)
    await offers.refresh()
    offers.refused("one", Reason.POINTS_SHORT)
    assert {offer.price() for offer in offers.on_offer()} == {Price(2, "points")}


class Silent(FakeBackend):
    """Never says what it offers."""

    async def offers(self) -> tuple[Offer, ...]:
        await asyncio.sleep(9_999)
        return ()


@virtual
async def test_a_catalogue_that_does_not_come_is_not_waited_for_without_end() -> None:
    offers = market(Silent("silent"), FakeBackend("other"))
    await offers.refresh()
    assert asyncio.get_running_loop().time() == REFRESH_LIMIT
    assert offers.on_offer()


@virtual
async def test_a_refused_account_is_offered_after_a_failure_only_where_there_is_no_other() -> None:
    one, two = FakeBackend("one"), FakeBackend("two")
    two.offered = offers_of("midjourney")
    offers = market(one, two)
    await offers.refresh()
    assert {offer.model for offer in offers.instead("text_to_image")} > {"midjourney"}
    offers.refused("one", Reason.POINTS_SHORT)
    assert {offer.model for offer in offers.instead("text_to_image")} == {"midjourney"}
    assert {offer.model for offer in offers.on_offer("text_to_image")} > {"midjourney"}
    offers.refused("two", Reason.POINTS_SHORT)
    assert {offer.model for offer in offers.instead("text_to_image")} > {"midjourney"}


@virtual
async def test_while_nothing_is_on_offer_it_is_asked_for_more_often() -> None:
    backend = FakeBackend()
    offered, backend.offered = backend.offered, ()
    offers = market(backend)
    await offers.refresh()
    backend.offered = offered
    for seconds in (FIRST_REST, REFRESH_EVERY):
        before = asyncio.get_running_loop().time()
        await offers.wait_and_refresh()
        assert asyncio.get_running_loop().time() - before == seconds


@virtual
async def test_the_last_good_list_is_kept_while_the_catalogue_fails() -> None:
    backend = Moody()
    offers = market(backend)
    await offers.refresh()
    backend.trouble = NotSent(Reason.NETWORK)
    await offers.refresh()
    assert offers.on_offer()


@virtual
async def test_a_backend_that_keeps_failing_is_rested_and_its_models_are_shown_as_resting() -> None:
    backend, other = FakeBackend("one"), FakeBackend("two")
    other.offered = tuple(offer for offer in other.offered if offer.model != SEEDREAM)
    offers = market(backend, other)
    await offers.refresh()
    for _ in range(STRIKES):
        offers.failed(backend)
    assert offers.resting() == {SEEDREAM}
    assert SEEDREAM not in {offer.model for offer in offers.on_offer()}
    await asyncio.sleep(FIRST_REST + 1)
    assert offers.resting() == frozenset()


@virtual
async def test_one_success_forgets_the_strikes() -> None:
    backend = FakeBackend()
    offers = market(backend)
    await offers.refresh()
    for _ in range(STRIKES - 1):
        offers.failed(backend)
    offers.worked(backend)
    offers.failed(backend)
    assert offers.resting() == frozenset()


@virtual
async def test_what_fails_while_it_rests_does_not_prolong_the_rest() -> None:
    one, two = FakeBackend("one"), FakeBackend("two")
    offers = market(one, two)
    await offers.refresh()
    for _ in range(STRIKES + 5):
        offers.failed(one)
    await asyncio.sleep(FIRST_REST)
    assert names(offers) == ["one", "two"]
    offers.failed(one)
    await asyncio.sleep(FIRST_REST)
    assert names(offers) == ["two", "one"], "the next rest is longer"


@virtual
async def test_an_order_that_is_taken_on_ends_the_rest() -> None:
    one, two = FakeBackend("one"), FakeBackend("two")
    offers = market(one, two)
    await offers.refresh()
    for _ in range(STRIKES):
        offers.failed(one)
    offers.worked(one)
    assert names(offers) == ["one", "two"]


@virtual
async def test_a_rested_backend_comes_last_but_is_still_there() -> None:
    one, two = FakeBackend("one"), FakeBackend("two")
    offers = market(one, two)
    await offers.refresh()
    for _ in range(STRIKES):
        offers.failed(one)
    assert names(offers) == ["two", "one"]


@virtual
async def test_who_is_alone_is_asked_however_often_it_failed() -> None:
    backend = FakeBackend()
    offers = market(backend)
    await offers.refresh()
    for _ in range(3 * STRIKES):
        offers.failed(backend)
    assert offers.on_offer()
    assert offers.resting() == frozenset()


@virtual
async def test_a_new_price_is_there_after_the_next_look() -> None:
    backend = FakeBackend()
    offers = market(backend)
    await offers.refresh()
    backend.offered = tuple(replace(offer, prices=()) for offer in backend.offered)
    await offers.wait_and_refresh()
    assert all(offer.price() is None for offer in offers.on_offer())


@virtual
async def test_one_backend_can_be_asked_anew_without_the_others() -> None:
    one, two = Moody("one"), Moody("two")
    offers = market(one, two)
    await offers.refresh()
    one.offered = two.offered = ()
    await offers.reread(one)
    assert names(offers) == ["two"]
    two.trouble = NotSent(Reason.NETWORK)
    await offers.reread(two)
    assert names(offers) == ["two"]
