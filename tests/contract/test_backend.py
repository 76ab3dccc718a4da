"""What every Backend must do, and above all what it says about the money.

A backend comes in by a file of its own in `tests/contract/backends/`; see `bench.py` there.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from adapters.media import MediaStore, recognise
from bot.errors import BackendError, Busy, GenerationFailed, NotSent, OutcomeUnknown, Reason, Refused
from bot.job import Request
from bot.message import Price
from bot.ports import Backend, Finished, Offer, Order, Pending, Ticket
from tests.contract.backends.bench import Bench, Fault, Wired
from tests.simulators.service import FOREVER

BACKENDS = sorted(
    path.stem
    for path in (Path(__file__).parent / "backends").glob("*.py")
    if path.stem not in ("bench", "__init__")
)


@pytest.fixture(params=BACKENDS)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    module = import_module(f"tests.contract.backends.{request.param}")
    async with module.bench(tmp_path) as made:
        yield made


async def finished(bench: Bench, ticket: Ticket) -> Finished:
    for _ in range(100):
        answer = await bench.backend.poll(ticket)
        if isinstance(answer, Finished):
            return answer
        assert isinstance(answer, Pending)
        await bench.tick()
    raise AssertionError("no picture after a hundred polls")


async def submitted(bench: Bench, order: Order) -> Ticket:
    """The ticket, after as many refusals for load as there are."""
    for _ in range(10):
        try:
            return await bench.backend.submit(order)
        except Busy:
            await bench.tick()
    raise AssertionError("busy ten times")


async def offer_of(bench: Bench, task: str = "text_to_image") -> Offer | None:
    offers = await bench.backend.offers()
    return next((offer for offer in offers if (offer.model, offer.task) == (bench.model, task)), None)


async def test_it_says_who_it_is(bench: Bench) -> None:
    assert bench.backend.name
    assert bench.backend.limit >= 1
    assert isinstance(bench.backend.resumable, bool)


async def test_its_offers_make_sense(bench: Bench) -> None:
    offers = await bench.backend.offers()
    assert len({(offer.model, offer.task) for offer in offers}) == len(offers) > 0
    for offer in offers:
        assert offer.seconds is None or 0 < offer.seconds[0] <= offer.seconds[1]
        assert all(price.amount > 0 for _, price in offer.prices)
        assert len({price.unit for _, price in offer.prices}) <= 1
        assert all(ratio.replace(":", "").isdigit() and ratio.count(":") == 1 for ratio in offer.ratios)
        assert 1 <= offer.per_order <= max(offer.max_count, offer.per_order)
        assert (offer.max_inputs > 0) == offer.task.startswith("image_to")
    assert await offer_of(bench)


async def test_an_order_becomes_pictures_on_disk_and_one_charge(bench: Bench) -> None:
    ticket = await bench.backend.submit(bench.order("ref-1"))
    result = await finished(bench, ticket)
    offer = await offer_of(bench)
    assert offer
    assert len(result.media) == offer.per_order
    for media in result.media:
        seen = recognise(media.path)
        assert (seen.type, seen.size, seen.width, seen.height) == (
            media.type,
            media.size,
            media.width,
            media.height,
        )
    assert bench.charges() == 1


async def test_asking_again_gives_the_same_and_costs_nothing(bench: Bench) -> None:
    ticket = await bench.backend.submit(bench.order("ref-1"))
    first = await finished(bench, ticket)
    again = await finished(bench, ticket)
    assert [media.path for media in again.media] == [media.path for media in first.media]
    assert bench.charges() == 1


async def test_a_ticket_is_good_after_a_restart(bench: Bench) -> None:
    ticket = await bench.backend.submit(bench.order("ref-1"))
    await bench.restart()
    assert (await finished(bench, Ticket(ticket.data))).media
    assert bench.charges() == 1


async def test_many_orders_at_once_stay_apart(bench: Bench) -> None:
    count = min(bench.backend.limit, 4)
    tickets = await asyncio.gather(*(bench.backend.submit(bench.order(f"ref-{n}")) for n in range(count)))
    results = await asyncio.gather(*(finished(bench, ticket) for ticket in tickets))
    paths = [media.path for result in results for media in result.media]
    assert len(set(paths)) == len(paths) >= count
    assert bench.charges() == count


async def test_a_poll_that_is_called_off_does_no_harm(bench: Bench) -> None:
    ticket = await bench.backend.submit(bench.order("ref-1"))
    for _ in range(3):
        poll = asyncio.ensure_future(bench.backend.poll(ticket))
        await asyncio.sleep(0)
        poll.cancel()
        await asyncio.gather(poll, return_exceptions=True)
        await bench.tick()
    assert (await finished(bench, ticket)).media


async def test_a_picture_is_worked_on_where_that_is_offered(bench: Bench, tmp_path: Path) -> None:
    if not await offer_of(bench, "image_to_image"):
        pytest.skip("not offered here")
    first = await finished(bench, await bench.backend.submit(bench.order("ref-1")))
    store = MediaStore(tmp_path / "people")
    mine = await store.keep("mine", first.media[0].path)
    order = Order("ref-2", bench.model, Request("image_to_image", "make it an oil painting", inputs=(mine,)))
    second = await finished(bench, await bench.backend.submit(order))
    assert second.media[0].path != first.media[0].path
    assert bench.charges() == 2
    await store.close()


# What happened to the money


async def test_what_never_arrived_is_not_charged(bench: Bench) -> None:
    with pytest.raises(NotSent):
        await bench.backend.submit(bench.order("ref-1", Fault.UNREACHABLE))
    assert bench.charges() == 0


async def test_what_never_arrived_may_be_sent_again(bench: Bench) -> None:
    with pytest.raises(NotSent):
        await bench.backend.submit(bench.order("ref-1", Fault.UNREACHABLE))
    assert (await finished(bench, await bench.backend.submit(bench.order("ref-1")))).media
    assert bench.charges() == 1


async def test_a_refusal_for_load_is_not_charged_and_passes(bench: Bench) -> None:
    order = bench.order("ref-1", Fault.BUSY)
    with pytest.raises(Busy):
        await bench.backend.submit(order)
    assert bench.charges() == 0
    assert (await finished(bench, await submitted(bench, order))).media
    assert bench.charges() == 1


async def test_a_refusal_of_the_content_says_so_and_is_not_charged(bench: Bench) -> None:
    with pytest.raises(BackendError) as caught:
        await finished(bench, await bench.backend.submit(bench.order("ref-1", Fault.REFUSED)))
    assert isinstance(caught.value, Refused | GenerationFailed)
    assert caught.value.reason in (Reason.CONTENT_INPUT, Reason.CONTENT_TEXT, Reason.CONTENT_OUTPUT)
    if isinstance(caught.value, Refused):
        assert bench.charges() == 0


async def test_a_lost_answer_is_unknown_and_never_a_second_charge(bench: Bench) -> None:
    order = bench.order("ref-1", Fault.LOST)
    with pytest.raises(OutcomeUnknown):
        await bench.backend.submit(order)
    assert bench.charges() == 1
    ticket = await bench.backend.find(order)
    if bench.findable:
        assert ticket is not None
        assert (await finished(bench, ticket)).media
    else:
        assert ticket is None
    assert bench.charges() == 1


async def test_a_lost_answer_is_found_after_a_restart_too(bench: Bench) -> None:
    order = bench.order("ref-1", Fault.LOST)
    with pytest.raises(OutcomeUnknown):
        await bench.backend.submit(order)
    backend = await bench.restart()
    ticket = await backend.find(order)
    assert (ticket is not None) == bench.findable
    if ticket:
        assert (await finished(bench, ticket)).media
    assert bench.charges() == 1


async def test_an_order_that_was_never_sent_is_not_found(bench: Bench) -> None:
    if bench.findable:
        with pytest.raises(NotSent):
            await bench.backend.find(bench.order("ref-1"))
    else:
        assert await bench.backend.find(bench.order("ref-1")) is None
    assert bench.charges() == 0


async def test_a_picture_that_fails_says_so(bench: Bench) -> None:
    with pytest.raises(GenerationFailed):
        await finished(bench, await bench.backend.submit(bench.order("ref-1", Fault.FAILS)))
    assert bench.charges() <= 1


async def test_nothing_is_ordered_at_a_higher_price_than_was_told(bench: Bench) -> None:
    offer = await offer_of(bench)
    assert offer
    price = offer.price()
    if price is None:
        pytest.skip("no price is known here")
    cheap = replace(bench.order("ref-1"), price=Price(price.amount / 2, price.unit))
    with pytest.raises(NotSent) as caught:
        await bench.backend.submit(cheap)
    assert caught.value.reason is Reason.PRICE_ROSE
    assert bench.charges() == 0
    assert await bench.backend.submit(replace(cheap, price=price))


@pytest.mark.parametrize(
    "changes",
    [{"ratio": "17:3"}, {"size": "99K"}, {"count": 999}, {"pixels": (1, 1)}, {"pixels": (99_999, 99_999)}],
    ids=["ratio", "size", "count", "small", "huge"],
)
async def test_what_is_not_on_offer_is_refused_before_it_costs(
    bench: Bench, changes: dict[str, object]
) -> None:
    order = bench.order("ref-1")
    odd = replace(order, request=replace(order.request, **changes))  # type: ignore[arg-type]  # by name
    with pytest.raises((Refused, NotSent)):
        await bench.backend.submit(odd)
    assert bench.charges() == 0


async def test_a_model_that_is_not_on_offer_is_refused_before_it_costs(bench: Bench) -> None:
    with pytest.raises((Refused, NotSent)):
        await bench.backend.submit(replace(bench.order("ref-1"), model="no-such-model"))
    assert bench.charges() == 0


@pytest.mark.parametrize("data", ["", "nonsense", "{}", "[1]", '{"reference": 5}', "null"])
async def test_a_ticket_of_somebody_else_fails_plainly(bench: Bench, data: str) -> None:
    with pytest.raises(BackendError):
        await bench.backend.poll(Ticket(data))


@pytest.mark.parametrize("fault", list(Fault))
async def test_no_error_tells_a_secret_or_the_prompt(bench: Bench, fault: Fault) -> None:
    order = bench.order("ref-1", fault)
    try:
        await finished(bench, await bench.backend.submit(order))
    except BackendError as error:
        told = f"{error!r} {error} {error.detail} {error.link}"
        assert not [secret for secret in bench.secrets if secret in told]
        assert order.request.prompt not in told


#: What no service should answer.
HOSTILE = (
    b"",
    b"null",
    b"[]",
    b"[[[]]]",
    b"7",
    b'"text"',
    b"<html>",
    b"\xff\xfe\x00",
    '{"message": "\u753b"}'.encode("gbk"),
    b'{"code": NaN, "ret": Infinity}',
    b'{"code": 1e999, "ret": "1e999", "data": 1e999}',
    b'{"code": 99999999999999999999999, "ret": "99999999999999999999999", "message": 5, "data": [null, {}]}',
    b'{"code": "\xe2\x91\xa0", "ret": "\xe2\x91\xa0", "data": "x"}',
    b'{"code": 0, "ret": "0", "message": null, "data": {"id": {}, "task_id": [], "status": [], "medias": 7}}',
    b'{"code": 10000, "ret": "0", "data": {"task_id": true, "status": "done", "image_urls": {"a": 1}}}',
    b'{"code": 10000, "data": {"status": "done", "image_urls": ["https://["], "binary_data_base64": [7]}}',
    b'{"ret": "0", "data": {"ref-1": {"status": 50, "item_list": [{"image": {"large_images": 7}}]}}}',
    b'{"code": -1, "message": {"a": 1}, "data": [{"url": "https://["}]}',
    b'{"data": [{"url": "file:///etc/passwd"}, {"url": 7}, null]}',
    b'{"ResponseMetadata": {"Error": [1]}, "ret": [], "errmsg": {}}',
    b'{"a": "\\ud83d"}',
    b'{"data":' * 5_000,
)


@pytest.mark.parametrize("status", [200, 500])
async def test_whatever_a_service_answers_only_errors_of_ours_come_of_it(bench: Bench, status: int) -> None:
    if not isinstance(bench, Wired):
        pytest.skip("there is no service to be hostile")
    ticket = await bench.backend.submit(bench.order("ref-1"))
    backend = await bench.restart()
    for body in HOSTILE:
        bench.service.fail("*", "status", FOREVER, status=status, body=body)
        order = bench.order("ref-2")
        asking = (backend.offers(), backend.submit(order), backend.poll(ticket), backend.find(order))
        for asked in (*asking, backend.credits(), backend.check()):
            with suppress(BackendError):
                await asked
        bench.service.heal()
    assert bench.charges() == 1
    await bench.tick()
    assert (await finished(bench, ticket)).media


# For the operator


async def test_the_check_passes_when_all_is_well(bench: Bench) -> None:
    checks = await bench.backend.check()
    assert checks
    assert all(check.ok for check in checks)
    assert bench.charges() == 0


async def test_the_accounts_can_be_read(bench: Bench) -> None:
    for name, amount in await bench.backend.credits():
        assert name
        assert amount is None or amount.amount >= 0
        assert not [secret for secret in bench.secrets if secret in name]


async def test_closing_twice_changes_nothing(bench: Bench) -> None:
    backend: Backend = bench.backend
    await backend.close()
    await backend.close()
