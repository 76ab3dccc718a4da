"""Whatever goes wrong on the way: the right word for it, and never a second charge."""

import logging

import pytest

from adapters.backends.volcengine import Volcengine
from bot.errors import BackendError, Busy, GenerationFailed, NotSent, OutcomeUnknown, Reason, Refused
from bot.ports import Finished, Pending, Ticket
from tests.simulators.service import Kind
from tests.simulators.volcengine import VolcengineService
from tests.unit.adapters.backends.volcengine.conftest import RESULT, SUBMIT, Make, order


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncated", "garbage"])
async def test_an_order_without_its_whole_answer_is_unknown(
    volcengine: Volcengine, service: VolcengineService, kind: Kind
) -> None:
    service.fail(SUBMIT, kind, after=True)
    with pytest.raises(OutcomeUnknown):
        await volcengine.submit(order())
    assert len(service.book.charges) == (0 if kind == "drop_before" else 1)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (502, b"<html>"),
        (504, b'{"code":50999,"message":"?"}'),
        (408, b""),
        (200, b'{"code":10000,"data":{}}'),
        (200, b'{"code":10000,"data":null}'),
        (200, b"{}"),
        (503, b'{"ResponseMetadata":{"Error":{"CodeN":100999}}}'),
    ],
)
async def test_an_answer_that_leaves_it_open_is_unknown(
    volcengine: Volcengine, service: VolcengineService, status: int, body: bytes
) -> None:
    service.fail(SUBMIT, "status", status=status, body=body, after=True)
    with pytest.raises(OutcomeUnknown):
        await volcengine.submit(order())
    assert len(service.orders) == 1


async def test_where_nobody_answers_nothing_was_sent(make: Make, service: VolcengineService) -> None:
    volcengine = make()
    await service.close()
    with pytest.raises(NotSent) as unsent:
        await volcengine.submit(order())
    assert unsent.value.reason is Reason.NETWORK


async def test_too_large_an_order_is_said(volcengine: Volcengine, service: VolcengineService) -> None:
    body = b'{"code":50207,"data":null,"message":"Error when parsing request"}'
    service.fail(SUBMIT, "status", status=400, body=body)
    with pytest.raises(Refused) as refused:
        await volcengine.submit(order())
    assert refused.value.reason is Reason.INPUT_TOO_LARGE


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncated", "status"])
async def test_a_question_that_is_lost_once_is_asked_again(
    volcengine: Volcengine, service: VolcengineService, kind: Kind
) -> None:
    ticket = await volcengine.submit(order())
    service.fail(RESULT, kind)
    assert isinstance(await volcengine.poll(ticket), Finished)


@pytest.mark.parametrize("kind", ["drop_before", "garbage", "status"])
async def test_while_asking_fails_the_job_is_not_over(
    volcengine: Volcengine, service: VolcengineService, kind: Kind
) -> None:
    ticket = await volcengine.submit(order())
    service.fail(RESULT, kind, count=100)
    with pytest.raises(NotSent):
        await volcengine.poll(ticket)
    service.heal()
    assert isinstance(await volcengine.poll(ticket), Finished)


@pytest.mark.parametrize("fate", ["expired", "not_found"])
async def test_a_task_that_is_gone_ends_the_job(
    volcengine: Volcengine, service: VolcengineService, fate: str
) -> None:
    ticket = await volcengine.submit(order(f"a fox [result {fate}]"))
    if fate == "not_found":
        assert isinstance(await volcengine.poll(ticket), Pending), "it may only be new"
    service.advance(61)
    with pytest.raises(GenerationFailed) as failed:
        await volcengine.poll(ticket)
    assert failed.value.reason is Reason.RESULT_GONE


async def test_a_result_is_not_kept_for_a_day(volcengine: Volcengine, service: VolcengineService) -> None:
    ticket = await volcengine.submit(order())
    service.advance(13 * 3600)
    with pytest.raises(GenerationFailed):
        await volcengine.poll(ticket)


async def test_a_link_that_died_loses_the_picture_and_says_so(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    service.fail("/files/{name}", "expired", count=100)
    with pytest.raises(GenerationFailed) as failed:
        await volcengine.poll(await volcengine.submit(order()))
    assert failed.value.reason is Reason.RESULT_GONE


@pytest.mark.parametrize("route", [SUBMIT, RESULT, "/files/{name}"])
@pytest.mark.parametrize(
    "kind",
    ["status", "garbage", "delay", "late", "drop_before", "drop_after", "slow", "truncated", "expired"],
)
async def test_no_fault_brings_two_charges_or_an_error_of_another_kind(
    volcengine: Volcengine, service: VolcengineService, route: str, kind: Kind
) -> None:
    service.fail(route, kind, seconds=0.01)
    try:
        ticket = await volcengine.submit(order())
        for _ in range(3):
            try:
                if not isinstance(await volcengine.poll(ticket), Pending):
                    break
            except (NotSent, Busy):
                continue
    except BackendError:
        pass
    assert len(service.book.charges) <= 1
    assert len(service.orders) <= 1


async def test_keys_stand_in_no_url_no_error_and_no_log(
    make: Make, service: VolcengineService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = f'{{"code":50999,"message":"a secret fox of {service.access_key}"}}'.encode()
    service.fail(SUBMIT, "status", status=400, body=body)
    with pytest.raises(Refused) as refused:
        await make().submit(order("a secret fox"))
    told = f"{refused.value!r} {refused.value.detail}"
    written = "\n".join((told, *(record.getMessage() for record in caplog.records)))
    for secret in (service.access_key, service.secret_key, "a secret fox"):
        assert secret not in written
        assert all(secret not in f"{seen.path} {seen.query}" for seen in service.requests)


@pytest.mark.parametrize(
    "data", ["", "{}", "[]", '{"task":"1","req_key":"x","reference":"r","at":"soon","logo":{}}']
)
async def test_an_unreadable_ticket_ends_the_job(volcengine: Volcengine, data: str) -> None:
    with pytest.raises(GenerationFailed):
        await volcengine.poll(Ticket(data))


async def test_what_cannot_be_asked_is_answered_with_nothing(volcengine: Volcengine) -> None:
    assert await volcengine.find(order()) is None
    assert await volcengine.credits() == ()
    assert (volcengine.limit, volcengine.resumable) == (1, True)
    await volcengine.close()
