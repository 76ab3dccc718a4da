"""Orders and results against the simulator: every code, every fault, and never a second charge."""

import base64
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.backends.volcengine import Volcengine
from adapters.media import recognise
from bot.errors import BackendError, Busy, GenerationFailed, NotSent, OutcomeUnknown, Reason, Refused
from bot.job import Request
from bot.message import Media
from bot.ports import Finished, Order, Pending, Ticket
from tests.simulators.service import Kind, picture
from tests.simulators.volcengine import VolcengineService
from tests.unit.adapters.backends.volcengine.conftest import FakeClock, Make

SUBMIT, RESULT = "CVSync2AsyncSubmitTask", "CVSync2AsyncGetResult"


def order(prompt: str = "a fox", model: str = "jimeng-4.0", **asked: object) -> Order:
    task = "image_to_image" if asked.get("inputs") else "text_to_image"
    return Order("ref", model, Request(task, prompt, **asked))  # type: ignore[arg-type]  # by name


async def test_an_order_goes_from_the_queue_to_the_disk(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    service.seconds = 8
    ticket = await volcengine.submit(order())
    assert isinstance(await volcengine.poll(ticket), Pending)
    service.advance(4)
    assert isinstance(await volcengine.poll(ticket), Pending)
    service.advance(4)
    done = await volcengine.poll(ticket)
    assert isinstance(done, Finished)
    assert [media.path.name for media in done.media] == ["ref-1.png"]
    assert done.media[0].link.startswith(service.url)
    assert 86_000 < done.media[0].link_expires - service.now() <= 86_400
    assert len(service.book.charges) == 1


async def test_the_question_for_a_result_holds_its_wishes_as_a_text(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    await volcengine.poll(await volcengine.submit(order(watermark="Inkling")))
    (asked,) = service.asked.values()
    assert asked["return_url"] is True
    assert asked["logo_info"]["logo_text_content"] == "Inkling"
    sent = json.loads(service.requests[1].body)
    assert isinstance(sent["req_json"], str)
    assert "logo_info" not in service.orders[0]


async def test_several_pictures_are_several_files_and_charges_by_the_picture(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    done = await volcengine.poll(await volcengine.submit(order(count=4)))
    assert isinstance(done, Finished)
    assert len({media.path.read_bytes() for media in done.media}) == 4
    assert service.book.total == pytest.approx(0.8)


async def test_one_picture_is_paid_for_where_one_is_asked_for(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    await volcengine.submit(order("9 images of a fox"))
    assert service.book.total == pytest.approx(0.2)


async def test_pictures_that_come_as_base64_are_kept_as_well(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    service.base64_only = True
    done = await volcengine.poll(await volcengine.submit(order(count=2)))
    assert isinstance(done, Finished)
    assert [(media.path.name, media.link) for media in done.media] == [("ref-1.png", ""), ("ref-2.png", "")]


@pytest.mark.parametrize("text", ["%%%", base64.b64encode(b"no picture").decode(), ""])
async def test_a_result_that_is_no_picture_is_a_failure(
    volcengine: Volcengine, service: VolcengineService, text: str
) -> None:
    ticket = await volcengine.submit(order())
    done = {"code": 10000, "data": {"status": "done", "binary_data_base64": [text], "image_urls": None}}
    service.fail(RESULT, "status", status=200, body=json.dumps(done).encode())
    with pytest.raises(GenerationFailed):
        await volcengine.poll(ticket)


async def test_people_s_pictures_travel_in_the_order_in_a_form_that_is_taken(
    volcengine: Volcengine, service: VolcengineService, photo: Callable[..., Media]
) -> None:
    inputs = (photo("PNG"), photo("WEBP"), photo("JPEG", (5000, 2500)))
    ticket = await volcengine.submit(order("melt them", inputs=inputs, strength=0.8))
    sent = service.orders[0]["binary_data_base64"]
    assert base64.b64decode(sent[0]) == inputs[0].path.read_bytes()
    assert len(sent) == 3
    assert service.orders[0]["scale"] == 0.2
    assert isinstance(await volcengine.poll(ticket), Finished)


async def test_many_large_pictures_stay_below_what_is_parsed(
    volcengine: Volcengine, service: VolcengineService, tmp_path: Path
) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(picture(1400, 1100, noise=True))
    large = recognise(path)
    assert large.size * 5 > 20_000_000
    await volcengine.submit(order("melt them", inputs=(large,) * 5))
    assert len(service.requests[0].body) < 20_000_000


# Codes


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
    volcengine: Volcengine, service: VolcengineService, clock: FakeClock, code: int
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
    volcengine: Volcengine, service: VolcengineService, clock: FakeClock, wrong: float
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


# Faults on the way


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
