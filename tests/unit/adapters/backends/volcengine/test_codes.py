"""Every code of the service and of the gateway: what it means for the money and for the person."""

import json
import re

import pytest

from adapters.backends.volcengine import Volcengine
from bot.errors import Busy, GenerationFailed, NotSent, Reason, Refused
from bot.ports import Finished
from tests.simulators.service import ServiceClock
from tests.simulators.volcengine import VolcengineService
from tests.unit.adapters.backends.volcengine.conftest import RESULT, SUBMIT, Make, order


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (50411, Reason.CONTENT_INPUT),
        (50412, Reason.CONTENT_TEXT),
        (50413, Reason.CONTENT_TEXT),
        (50511, Reason.CONTENT_OUTPUT),
        (50512, Reason.CONTENT_TEXT),
        (50518, Reason.COPYRIGHT),
        (50519, Reason.COPYRIGHT),
        (50520, Reason.UNAVAILABLE),
        (50521, Reason.UNAVAILABLE),
        (50522, Reason.UNAVAILABLE),
        (50215, Reason.BAD_SIZE),
        (50400, Reason.SUBSCRIPTION_REQUIRED),
        (50999, Reason.OTHER),
    ],
)
async def test_a_code_on_ordering_is_a_refusal_that_is_not_repeated(
    volcengine: Volcengine, service: VolcengineService, code: int, reason: Reason
) -> None:
    with pytest.raises(Refused) as refused:
        await volcengine.submit(order(f"a fox [submit {code}]"))
    assert refused.value.reason is reason
    assert len(service.orders) == 1
    assert not service.book.charges


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (50411, Reason.CONTENT_INPUT),
        (50413, Reason.CONTENT_TEXT),
        (50511, Reason.CONTENT_OUTPUT),
        (50519, Reason.COPYRIGHT),
        (50522, Reason.UNAVAILABLE),
        (50500, Reason.GENERATION_FAILED),
        (50501, Reason.GENERATION_FAILED),
        (50999, Reason.OTHER),
    ],
)
async def test_a_code_for_a_result_ends_the_job(
    volcengine: Volcengine, service: VolcengineService, code: int, reason: Reason
) -> None:
    ticket = await volcengine.submit(order(f"a fox [result {code}]"))
    with pytest.raises(GenerationFailed) as failed:
        await volcengine.poll(ticket)
    assert failed.value.reason is reason


@pytest.mark.parametrize("code", [50500, 50501])
async def test_an_internal_error_is_worth_one_more_try_not_two(
    volcengine: Volcengine, service: VolcengineService, clock: ServiceClock, code: int
) -> None:
    body = json.dumps({"code": code, "data": None, "message": "Internal Error"}).encode()
    service.fail(SUBMIT, "status", status=500, body=body)
    ticket = await volcengine.submit(order())
    assert len(service.book.charges) == 1
    assert clock.slept
    service.fail(RESULT, "status", status=500, body=body)
    assert isinstance(await volcengine.poll(ticket), Finished)
    with pytest.raises(Refused) as refused:
        await volcengine.submit(order(f"a fox [submit {code}]"))
    assert refused.value.reason is Reason.UNAVAILABLE
    assert len(service.orders) == 3


@pytest.mark.parametrize(("code", "least"), [(50429, 1), (50430, 20)])
async def test_load_is_told_with_the_seconds_to_wait(
    volcengine: Volcengine, service: VolcengineService, code: int, least: float
) -> None:
    with pytest.raises(Busy) as busy:
        await volcengine.submit(order(f"a fox [submit {code}]"))
    assert busy.value.reason is Reason.RATE_LIMIT
    assert busy.value.retry_after >= least
    ticket = await volcengine.submit(order())
    body = json.dumps({"code": code, "data": None}).encode()
    service.fail(RESULT, "status", status=429, body=body)
    with pytest.raises(Busy):
        await volcengine.poll(ticket)


async def test_a_second_task_at_once_is_refused_for_load_until_the_first_is_done(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    service.seconds = 10
    await volcengine.submit(order())
    with pytest.raises(Busy):
        await volcengine.submit(order("another fox"))
    service.advance(11)
    await volcengine.submit(order("another fox"))
    assert not service.book.twice


# Who asks, and when


@pytest.mark.parametrize(("access", "secret"), [("AKLTother", ""), ("", "wrong"), ("密钥", ""), ("", "密钥")])
async def test_wrong_keys_are_said(make: Make, service: VolcengineService, access: str, secret: str) -> None:
    volcengine = make(access, secret)
    with pytest.raises(Refused) as refused:
        await volcengine.submit(order())
    assert refused.value.reason is Reason.KEY_INVALID
    assert "volcengine.com" in refused.value.link
    (check,) = await volcengine.check()
    assert not check.ok
    assert "VOLC_ACCESSKEY" in check.advice
    assert not service.orders


@pytest.mark.parametrize("wrong", [3600.0, -3600.0])
async def test_a_wrong_clock_is_said_plainly(
    volcengine: Volcengine, service: VolcengineService, clock: ServiceClock, wrong: float
) -> None:
    ticket = await volcengine.submit(order())
    clock.wrong = wrong
    with pytest.raises(Refused) as refused:
        await volcengine.submit(order("another fox"))
    assert refused.value.reason is Reason.CLOCK_WRONG
    told = re.search(r"our clock is ([+-]\d+) s", refused.value.detail)
    assert told
    assert int(told[1]) == pytest.approx(wrong, abs=5)
    (check,) = await volcengine.check()
    assert "clock" in check.advice
    with pytest.raises(NotSent) as unasked:
        await volcengine.poll(ticket)
    assert unasked.value.reason is Reason.CLOCK_WRONG
    clock.wrong = 0
    assert isinstance(await volcengine.poll(ticket), Finished)


@pytest.mark.parametrize(
    ("status", "number", "reason"),
    [
        (400, 100002, Reason.CONFIGURATION),
        (401, 100005, Reason.CONFIGURATION),
        (404, 100008, Reason.CONFIGURATION),
        (403, 100012, Reason.ACCOUNT_BLOCKED),
        (403, 100013, Reason.ACCOUNT_BLOCKED),
        (400, 100999, Reason.OTHER),
    ],
)
async def test_what_the_gateway_says(
    volcengine: Volcengine, service: VolcengineService, status: int, number: int, reason: Reason
) -> None:
    body = {"ResponseMetadata": {"Error": {"CodeN": number, "Code": "Some", "Message": "words"}}}
    service.fail(SUBMIT, "status", status=status, body=json.dumps(body).encode())
    with pytest.raises(Refused) as refused:
        await volcengine.submit(order())
    assert refused.value.reason is reason
    assert "words" in refused.value.detail


async def test_a_service_that_is_not_switched_on_is_said(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    service.activated = False
    with pytest.raises(Refused) as refused:
        await volcengine.submit(order())
    assert refused.value.reason is Reason.SUBSCRIPTION_REQUIRED
    (check,) = await volcengine.check()
    assert "console" in check.advice


async def test_a_check_costs_nothing(volcengine: Volcengine, service: VolcengineService) -> None:
    (check,) = await volcengine.check()
    assert check.ok
    assert not service.orders


async def test_a_check_where_nobody_answers_says_so(make: Make, service: VolcengineService) -> None:
    (check,) = await make(url=f"{service.url}/elsewhere").check()
    assert "VOLC_API_URL" in check.advice
    volcengine = make()
    await service.close()
    (check,) = await volcengine.check()
    assert not check.ok
    assert "network" in check.advice


async def test_a_url_that_is_not_volcengine_s_is_said(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    service.fail(RESULT, "status", status=200, body=b"<html>welcome</html>")
    (check,) = await volcengine.check()
    assert not check.ok
    assert "VOLC_API_URL" in check.advice
