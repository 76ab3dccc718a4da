"""Whatever goes wrong on the way: the right word for it, and never two charges for one order."""

import logging
from collections.abc import Callable

import pytest

from adapters.backends.ima import Ima
from bot.errors import BackendError, Busy, NotSent, OutcomeUnknown, Reason, Refused
from bot.job import Request
from bot.message import Media
from bot.ports import Finished, Order, Pending
from tests.simulators.ima import ImaService
from tests.simulators.service import Kind, ServiceClock
from tests.unit.adapters.backends.ima.conftest import Make

LIST, CREATE, DETAIL = "/open/v1/product/list", "/open/v1/tasks/create", "/open/v1/tasks/detail"
TOKEN, PUT = "/api/rest/oss/getuploadtoken", "/oss/{name}"
ORDER = Order("ref", "gemini-3.1-flash-image", Request("text_to_image", "a fox"))


def faults(*kinds: Kind) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", kinds)


# Ordering


@faults("drop_before", "drop_after", "truncated", "garbage")
async def test_an_order_without_its_whole_answer_is_unknown(
    ima: Ima, service: ImaService, kind: Kind
) -> None:
    service.fail(CREATE, kind, after=kind == "garbage")
    with pytest.raises(OutcomeUnknown) as unknown:
        await ima.submit(ORDER)
    assert unknown.value.reason is Reason.UNKNOWN_OUTCOME
    assert len(service.orders) == 1
    assert len(service.book.charges) == (0 if kind == "drop_before" else 1)


@faults("slow", "late", "delay")
async def test_an_order_whose_answer_is_slow_goes_on(ima: Ima, service: ImaService, kind: Kind) -> None:
    service.fail(CREATE, kind, seconds=0.05)
    ticket = await ima.submit(ORDER)
    assert isinstance(await ima.poll(ticket), Finished)
    assert len(service.book.charges) == 1


async def test_where_nobody_answers_nothing_was_sent(make: Make, service: ImaService) -> None:
    ima = make()
    await ima.offers()
    await service.close()
    with pytest.raises(NotSent) as unsent:
        await ima.submit(ORDER)
    assert unsent.value.reason is Reason.NETWORK


async def test_an_answer_that_never_ends_is_given_up(ima: Ima, service: ImaService) -> None:
    await ima.offers()
    service.fail(
        CREATE, "status", status=200, body=b'{"code":0,"data":"' + b"x" * 5_000_000 + b'"}', after=True
    )
    with pytest.raises(OutcomeUnknown):
        await ima.submit(ORDER)


# The list


@faults("drop_before", "drop_after", "truncated", "garbage", "status")
async def test_a_list_that_fails_now_and_then_is_asked_for_again(
    ima: Ima, service: ImaService, kind: Kind, clock: ServiceClock
) -> None:
    service.fail(LIST, kind, count=2)
    assert len(await ima.offers()) == 10
    assert len(clock.slept) == 2
    assert all(0 < seconds < 5 for seconds in clock.slept)


@faults("drop_before", "garbage", "status")
async def test_the_last_good_list_is_kept_while_the_list_fails(
    ima: Ima, service: ImaService, kind: Kind
) -> None:
    before = await ima.offers()
    service.advance(3600)
    service.fail(LIST, kind, count=100)
    assert await ima.offers() == before
    asked = len(service.requests)
    assert await ima.offers() == before
    assert len(service.requests) == asked, "not asked again at once"
    service.heal()
    service.advance(60)
    await ima.offers()
    assert len(service.requests) > asked


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe\x00",
        b'{"code":0,"data":null}',
        b'{"code":0,"data":{"type":"3"}}',
        b'{"code":0,"data":[{"type":"3","model_id":"m","id":"v","credit_rules":[]}]}',
        b'{"code":[],"message":{},"data":"none"}',
        b"[" * 100_000,
        b'{"code":0,"data":"' + b"x" * 10_000_000 + b'"}',
        b'{"code":0,"data":' + b"[" * 900 + b"]" * 900 + b"}",
    ],
    ids=[
        "empty",
        "null",
        "list",
        "bytes",
        "no data",
        "no leaf",
        "no rules",
        "types",
        "deep",
        "10 MB",
        "nested",
    ],
)
async def test_a_hostile_list_neither_breaks_it_nor_replaces_a_good_one(
    ima: Ima, service: ImaService, body: bytes
) -> None:
    service.fail(LIST, "status", count=100, status=200, body=body)
    with pytest.raises(NotSent):
        await ima.offers()
    service.heal()
    before = await ima.offers()
    service.advance(3600)
    service.fail(LIST, "status", count=100, status=200, body=body)
    assert await ima.offers() == before


async def test_a_list_for_one_task_is_offered_while_the_other_fails(ima: Ima, service: ImaService) -> None:
    service.fail(LIST, "status", count=3)
    assert {offer.task for offer in await ima.offers()} == {"image_to_image"}


async def test_a_wrong_key_is_said_at_once(make: Make, service: ImaService) -> None:
    ima = make(api_key="ima_wrong")
    with pytest.raises(Refused) as refused:
        await ima.offers()
    assert refused.value.reason is Reason.KEY_INVALID
    (check,) = await ima.check()
    assert not check.ok
    assert "IMA_API_KEY" in check.advice
    assert len(service.requests) == 3, "a refusal is not tried again"


async def test_a_key_that_no_header_can_carry_is_a_wrong_key(make: Make) -> None:
    with pytest.raises(Refused) as refused:
        await make(api_key="ima_密钥\n").offers()
    assert refused.value.reason is Reason.KEY_INVALID


async def test_a_url_that_is_not_ima_s_is_said(make: Make, service: ImaService) -> None:
    (check,) = await make(url=f"{service.url}/elsewhere").check()
    assert not check.ok
    assert "IMA_API_URL" in check.advice


async def test_a_check_that_works_says_how_many_models(ima: Ima) -> None:
    models, uploads = await ima.check()
    assert models.ok
    assert "5 models" in models.what
    assert uploads.ok


async def test_a_wrong_upload_key_is_found_by_the_check(make: Make, service: ImaService) -> None:
    models, uploads = await make(app_key="wrong").check()
    assert models.ok
    assert not uploads.ok
    assert "IMA_APP_KEY" in uploads.advice
    assert not service.uploaded


# Uploading


UPLOAD_FAULTS: list[tuple[str, Kind]] = [
    *((TOKEN, kind) for kind in ("drop_before", "drop_after", "truncated", "garbage", "status")),
    *((PUT, kind) for kind in ("drop_before", "drop_after", "status", "expired")),
]


@pytest.mark.parametrize(("route", "kind"), UPLOAD_FAULTS)
async def test_an_upload_that_fails_once_is_tried_again(
    ima: Ima, service: ImaService, route: str, kind: Kind, photo: Callable[..., Media]
) -> None:
    service.fail(route, kind)
    inputs = (photo(),)
    await ima.submit(Order("ref", ORDER.model, Request("image_to_image", "melt it", inputs=inputs)))
    assert len(service.book.charges) == 1


@pytest.mark.parametrize("route", [TOKEN, PUT])
@faults("drop_before", "status")
async def test_an_upload_that_fails_for_good_has_cost_nothing_and_may_be_tried_later(
    ima: Ima, service: ImaService, route: str, kind: Kind, photo: Callable[..., Media]
) -> None:
    service.fail(route, kind, count=100)
    inputs = (photo(), photo(), photo(), photo())
    with pytest.raises(NotSent):
        await ima.submit(Order("ref", ORDER.model, Request("image_to_image", "melt it", inputs=inputs)))
    assert not service.orders


async def test_an_upload_that_is_refused_for_good_is_not_tried_again(
    ima: Ima, service: ImaService, photo: Callable[..., Media]
) -> None:
    service.fail(PUT, "status", count=100, status=413)
    with pytest.raises(Refused) as refused:
        await ima.submit(Order("ref", ORDER.model, Request("image_to_image", "melt", inputs=(photo(),))))
    assert refused.value.reason is Reason.INPUT_TOO_LARGE


async def test_a_wrong_app_key_is_refused(
    make: Make, service: ImaService, photo: Callable[..., Media]
) -> None:
    ima = make(app_key="wrong")
    with pytest.raises(Refused):
        await ima.submit(Order("ref", ORDER.model, Request("image_to_image", "melt", inputs=(photo(),))))
    assert not service.orders


# Asking for the result


@faults("drop_before", "drop_after", "truncated", "garbage", "status")
async def test_an_answer_that_is_lost_once_is_asked_for_again(
    ima: Ima, service: ImaService, kind: Kind
) -> None:
    ticket = await ima.submit(ORDER)
    service.fail(DETAIL, kind)
    assert isinstance(await ima.poll(ticket), Finished)


@faults("drop_before", "garbage", "status")
async def test_while_asking_fails_the_job_is_not_over(ima: Ima, service: ImaService, kind: Kind) -> None:
    ticket = await ima.submit(ORDER)
    service.fail(DETAIL, kind, count=100)
    with pytest.raises(NotSent):
        await ima.poll(ticket)
    service.heal()
    assert isinstance(await ima.poll(ticket), Finished)


async def test_a_key_that_is_taken_away_meanwhile_does_not_end_the_job(ima: Ima, service: ImaService) -> None:
    ticket = await ima.submit(ORDER)
    service.api_key, right = "another", service.api_key
    with pytest.raises(NotSent) as refused:
        await ima.poll(ticket)
    assert refused.value.reason is Reason.KEY_INVALID
    service.api_key = right
    assert isinstance(await ima.poll(ticket), Finished)


async def test_being_asked_to_slow_down_is_load(ima: Ima, service: ImaService) -> None:
    ticket = await ima.submit(ORDER)
    service.fail(DETAIL, "status", status=429)
    with pytest.raises(Busy):
        await ima.poll(ticket)


# Whatever happens


@pytest.mark.parametrize("route", [LIST, CREATE, DETAIL, "/files/{name}"])
@faults("status", "garbage", "delay", "late", "drop_before", "drop_after", "slow", "truncated", "expired")
async def test_no_fault_brings_two_charges_or_an_error_of_another_kind(
    ima: Ima, service: ImaService, route: str, kind: Kind
) -> None:
    service.fail(route, kind, seconds=0.01)
    try:
        ticket = await ima.submit(ORDER)
        for _ in range(3):
            try:
                if not isinstance(await ima.poll(ticket), Pending):
                    break
            except (NotSent, Busy):
                continue
    except BackendError:
        pass
    assert len(service.book.charges) <= 1
    assert len(service.orders) <= 1


async def test_the_key_stands_in_no_url_no_error_and_no_log(
    make: Make, service: ImaService, photo: Callable[..., Media], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ima = make()
    inputs = (photo(),)
    errors = []
    for route in (LIST, TOKEN, PUT, CREATE):
        service.fail(route, "status", count=3, status=401)
        try:
            await make().submit(
                Order("ref", ORDER.model, Request("image_to_image", "a secret fox", inputs=inputs))
            )
        except BackendError as error:
            errors.append(f"{error!r} {error} {error.detail} {error.__cause__!r} {error.link}")
        service.heal()
    await ima.poll(await ima.submit(ORDER))
    written = "\n".join((*errors, *(record.getMessage() for record in caplog.records)))
    assert len(errors) == 4
    for secret in (service.api_key, service.app_key, "a secret fox"):
        assert secret not in written
        assert all(secret not in seen.path and secret not in str(seen.query) for seen in service.requests)


async def test_what_ima_repeats_of_the_prompt_or_the_key_is_left_out(ima: Ima, service: ImaService) -> None:
    body = f'{{"code":4999,"message":"{ORDER.request.prompt} by {service.api_key}: no"}}'.encode()
    service.fail(CREATE, "status", status=200, body=body)
    with pytest.raises(Refused) as refused:
        await ima.submit(ORDER)
    assert refused.value.detail == "HTTP 200, code 4999, '… by …: no'"
