import asyncio
import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from adapters.backends.jimeng_api import JimengApi
from adapters.media import MediaStore
from bot.errors import BackendError, Busy, GenerationFailed, NotSent, OutcomeUnknown, Reason, Refused
from bot.job import Request
from bot.message import Price, Task
from bot.ports import Finished, Order, Ticket
from tests.simulators import jimeng_api as simulator
from tests.simulators.service import picture

Make = Callable[..., JimengApi]
GENERATIONS = "POST /v1/images/generations"


def order(prompt: str = "a cat", model: str = "jimeng-4.5", reference: str = "ref", **more: Any) -> Order:
    task: Task = "image_to_image" if more.get("inputs") else "text_to_image"
    return Order(reference, model, Request(task=task, prompt=prompt, **more))


async def done(backend: JimengApi, one: Order) -> Finished:
    return await backend.poll(await backend.submit(one))


async def test_pictures_come_to_disk_under_the_orders_name(make: Make, service: simulator.JimengApi) -> None:
    finished = await done(make(), order())
    assert [media.path.name for media in finished.media] == [f"ref-{n}.png" for n in range(1, 5)]
    assert all(media.link.startswith(service.url) and media.link_expires > 0 for media in finished.media)
    assert len(service.book.of("a cat")) == 1
    assert service.submitted[0].model == "jimeng-4.5"


async def test_the_ticket_is_ready_and_may_be_polled_after_a_restart(
    make: Make, service: simulator.JimengApi
) -> None:
    ticket = await make().submit(order())
    first = await make().poll(Ticket(ticket.data))
    fetched = sum(seen.path.startswith("/files/") for seen in service.requests)
    again = await make().poll(Ticket(ticket.data))
    assert again == first
    assert sum(seen.path.startswith("/files/") for seen in service.requests) == fetched


async def test_however_many_pictures_come_they_are_all_delivered(
    make: Make, service: simulator.JimengApi
) -> None:
    service.plan(pictures=2)
    assert len((await done(make(), order())).media) == 2


async def test_a_landscape_at_1k_is_a_landscape(make: Make) -> None:
    media = (await done(make(), order(ratio="4:3", size="1K"))).media[0]
    assert media.width > media.height


async def test_pictures_of_people_go_as_bytes_and_never_as_a_link(
    make: Make, service: simulator.JimengApi, media: MediaStore
) -> None:
    one = await media.keep("one", picture(40, 30, "one"))
    buffer = BytesIO()
    Image.new("RGB", (20, 20)).save(buffer, "WEBP")
    two = await media.keep("two", buffer.getvalue())
    finished = await done(make(), order("mix them", inputs=(one, two), strength=0.25, auto_ratio=True))
    sent = service.submitted[0]
    assert finished.media
    assert sent.prompt == "####mix them"
    assert sent.inputs[0] == one.path.read_bytes()
    assert Image.open(BytesIO(sent.inputs[1])).format == "PNG"
    assert sent.fields["sample_strength"] == 0.25
    assert sent.fields["intelligent_ratio"] is True


@pytest.mark.parametrize(
    ("kind", "more", "error", "reason", "charged"),
    [
        ("drop_before", {}, OutcomeUnknown, Reason.UNKNOWN_OUTCOME, 0),
        ("drop_after", {}, OutcomeUnknown, Reason.UNKNOWN_OUTCOME, 1),
        ("truncated", {}, OutcomeUnknown, Reason.UNKNOWN_OUTCOME, 1),
        ("garbage", {"after": True}, OutcomeUnknown, Reason.UNKNOWN_OUTCOME, 1),
        ("late", {"seconds": 30.0}, OutcomeUnknown, Reason.UNKNOWN_OUTCOME, 1),
        ("delay", {"seconds": 30.0}, OutcomeUnknown, Reason.UNKNOWN_OUTCOME, 0),
        ("status", {"status": 502, "after": True}, OutcomeUnknown, Reason.UNKNOWN_OUTCOME, 1),
        ("status", {"status": 500}, OutcomeUnknown, Reason.UNKNOWN_OUTCOME, 0),
        ("status", {"status": 429}, Busy, Reason.RATE_LIMIT, 0),
        ("status", {"status": 413}, Refused, Reason.INPUT_TOO_LARGE, 0),
        ("status", {"status": 404}, Refused, Reason.CONFIGURATION, 0),
        ("status", {"status": 302}, Refused, Reason.CONFIGURATION, 0),
    ],
)
async def test_a_paid_request_is_sent_once_whatever_becomes_of_it(
    make: Make,
    service: simulator.JimengApi,
    kind: Any,
    more: dict[str, Any],
    error: type[BackendError],
    reason: Reason,
    charged: int,
) -> None:
    backend = make(deadline=0.15)
    await backend.offers()
    service.fail(GENERATIONS, kind, **more)
    with pytest.raises(BackendError) as raised:
        await backend.submit(order("once"))
    assert type(raised.value) is error
    assert raised.value.reason is reason
    sent = [seen for seen in service.requests if b"once" in seen.body]
    assert len(sent) == 1
    assert len(service.book.of("once")) == charged
    assert await backend.find(order("once")) is None


async def test_a_slow_answer_is_waited_for(make: Make, service: simulator.JimengApi) -> None:
    backend = make()
    await backend.offers()
    service.fail(GENERATIONS, "slow", seconds=0.1)
    assert (await done(backend, order())).media


async def test_a_service_that_is_away_is_found_before_anything_is_sent(
    make: Make, service: simulator.JimengApi
) -> None:
    backend = make()
    await backend.offers()
    await service.close()
    with pytest.raises(NotSent) as raised:
        await backend.submit(order())
    assert raised.value.reason is Reason.NETWORK
    await service.start(int(service.url.rsplit(":", 1)[1]))
    assert (await done(backend, order())).media
    assert not service.book.twice


async def test_the_service_goes_on_though_nobody_listens_any_more(
    make: Make, service: simulator.JimengApi
) -> None:
    service.plan(seconds=60)
    with pytest.raises(OutcomeUnknown):
        await make(deadline=0.1).submit(order("lost"))
    assert len(service.book.of("lost")) == 1


@pytest.mark.parametrize(
    ("plan", "error", "reason"),
    [
        ({"ret": 4001}, Refused, Reason.CONTENT_TEXT),
        ({"ret": 1006, "message": "not enough credits"}, Refused, Reason.POINTS_SHORT),
        ({"ret": 1310, "message": "busy"}, Busy, Reason.RATE_LIMIT),
        ({"ret": 1019, "message": "shark not pass"}, Refused, Reason.ACCOUNT_BLOCKED),
        ({"ret": 4002}, Refused, Reason.BAD_INPUT),
        ({"pictures": 0, "fail_code": 2038}, GenerationFailed, Reason.CONTENT_TEXT),
        ({"lost_record": True}, OutcomeUnknown, Reason.UNKNOWN_OUTCOME),
        ({"upload_refused": True}, Refused, Reason.CONTENT_INPUT),
    ],
)
async def test_what_jimeng_says_is_told_as_what_it_is(
    make: Make,
    service: simulator.JimengApi,
    plan: dict[str, Any],
    error: type[BackendError],
    reason: Reason,
) -> None:
    service.plan(**plan)
    with pytest.raises(BackendError) as raised:
        await make().submit(order())
    assert type(raised.value) is error
    assert raised.value.reason is reason


async def test_a_login_that_expires_while_a_job_runs_is_no_leave_to_try_another_account(
    make: Make, service: simulator.JimengApi, clock: Any
) -> None:
    service.plan(seconds=20, poll_ret=1015)
    backend = make("session-one", "session-two")
    await backend.offers()
    running = asyncio.create_task(backend.submit(order("long")))
    while not service.book.charges:
        await asyncio.sleep(0.005)
    service.advance(20)
    service.advance(20)
    with pytest.raises(OutcomeUnknown):
        await running
    assert len(service.book.of("long")) == 1


async def test_a_dead_session_is_set_aside_and_the_job_goes_on_with_another(
    make: Make, service: simulator.JimengApi, caplog: pytest.LogCaptureFixture
) -> None:
    backend = make("dead-session", "session-live")
    with caplog.at_level(logging.DEBUG):
        for number in range(8):
            assert (await done(backend, order(f"cat {number}", reference=f"ref{number}"))).media
    asked = [seen.headers["authorization"] for seen in service.requests if b"cat" in seen.body]
    assert asked.count("Bearer dead-session") == 1
    assert not service.book.twice
    told = [record.getMessage() for record in caplog.records if record.name.startswith("adapters")]
    assert told == ["jimeng-api 1 is set aside for 30 minutes: login_expired"]
    assert "session-live" not in caplog.text
    assert "dead-session" not in caplog.text


async def test_when_every_session_is_dead_that_is_what_is_told(make: Make, clock: Any) -> None:
    backend = make("dead-one", "dead-two")
    for _ in range(2):
        with pytest.raises(Refused) as raised:
            await backend.submit(order())
        assert raised.value.reason is Reason.LOGIN_EXPIRED
    assert await backend.offers()


async def test_an_account_without_points_leaves_the_job_to_one_that_has_some(
    make: Make, service: simulator.JimengApi
) -> None:
    service.account("session-poor").credits = 0
    service.account("session-poor").claimed = True
    backend = make("session-poor", "session-rich")
    for number in range(4):
        await done(backend, order(f"cat {number}", reference=f"ref{number}"))
    assert {sent.token for sent in service.submitted} == {"session-rich"}


async def test_one_job_sticks_to_one_account_and_many_jobs_use_all(
    make: Make, service: simulator.JimengApi
) -> None:
    ids = ("session-a", "session-b", "session-c")
    for _ in range(2):
        await make(*ids).submit(order("same", reference="same"))
    assert len({sent.token for sent in service.submitted}) == 1
    for number in range(24):
        await make(*ids).submit(order(reference=f"ref{number}"))
    assert {sent.token for sent in service.submitted} == set(ids)
    assert make(*ids).limit == 12


async def test_a_job_goes_to_an_account_whose_region_has_the_model(
    make: Make, service: simulator.JimengApi
) -> None:
    backend = make("session-cn", "us-session")
    for number in range(6):
        await backend.submit(order(model="jimeng-nanobanana", reference=f"ref{number}"))
    assert {sent.token for sent in service.submitted} == {"us-session"}
    assert {sent.model for sent in service.submitted} == {"nanobanana"}


async def test_offers_follow_the_release_of_the_service(make: Make, service: simulator.JimengApi) -> None:
    assert "jimeng-5.0" in {offer.model for offer in await make().offers()}
    service.era = "seed"
    old = make()
    assert "jimeng-5.0" not in {offer.model for offer in await old.offers()}
    with pytest.raises(Refused):
        await old.submit(order(model="jimeng-5.0"))
    assert not service.submitted


async def test_a_service_that_talks_rubbish_offers_only_what_every_release_has(
    make: Make, service: simulator.JimengApi
) -> None:
    backend = make()
    service.fail(GENERATIONS, "garbage")
    assert "jimeng-5.0" not in {offer.model for offer in await backend.offers()}
    assert "jimeng-5.0" in {offer.model for offer in await backend.offers()}


async def test_a_link_that_has_expired_is_told_as_gone(make: Make, service: simulator.JimengApi) -> None:
    ticket = await make().submit(order())
    service.advance(7200)
    with pytest.raises(GenerationFailed) as raised:
        await make().poll(ticket)
    assert raised.value.reason is Reason.RESULT_GONE


async def test_results_that_do_not_come_this_time_come_the_next(
    make: Make, service: simulator.JimengApi
) -> None:
    ticket = await make().submit(order())
    service.fail("GET /files/{name}", "truncated", count=3 * 4)
    with pytest.raises(NotSent):
        await make().poll(ticket)
    service.heal()
    assert len((await make().poll(ticket)).media) == 4


async def test_one_dead_link_does_not_spoil_the_others(make: Make, service: simulator.JimengApi) -> None:
    ticket = await make().submit(order())
    service.fail("GET /files/{name}", "expired", count=1)
    assert len((await make().poll(ticket)).media) == 3


async def test_credits_are_told_by_account_and_the_points_of_the_day_are_fetched(
    make: Make, service: simulator.JimengApi
) -> None:
    service.account("session-one").credits = 12
    service.account("us-empty").credits = 0
    backend = make("session-one", "us-empty", "dead-one")
    assert await backend.credits() == (
        ("jimeng-api 1", Price(12, "credits")),
        ("jimeng-api 2", Price(66, "credits")),
        ("jimeng-api 3", None),
    )
    for number in range(6):
        await backend.submit(order(f"cat {number}", reference=f"ref{number}"))
    assert not any(
        seen.headers["authorization"] == "Bearer dead-one" for seen in service.requests if seen.body
    )


async def test_the_check_says_what_is_wrong_and_spends_nothing(
    make: Make, service: simulator.JimengApi
) -> None:
    checks = await make("session-one", "dead-one").check()
    assert [check.ok for check in checks] == [True, True, False]
    assert "JIMENG_SESSION_ID" in checks[2].advice
    assert not service.book.charges
    await service.close()
    (away,) = await make().check()
    assert not away.ok
    assert "JIMENG_API_URL" in away.advice


async def test_no_error_quotes_a_session_id(
    make: Make, service: simulator.JimengApi, client: httpx.AsyncClient
) -> None:
    service.plan(ret=777, message="token us-secret-session and http://u:p@h:1@us-secret-session are odd")
    with pytest.raises(Refused) as raised:
        await make("http://u:p@h:1@us-secret-session").submit(order())
    assert "secret" not in str(raised.value)
    assert "secret" not in raised.value.detail


async def test_no_error_quotes_what_a_person_wrote(make: Make, service: simulator.JimengApi) -> None:
    wanted = order()
    service.plan(ret=777, message=f"nothing like {wanted.request.prompt} (错误码: 2038)")
    with pytest.raises(Refused) as raised:
        await make().submit(wanted)
    assert "nothing like" in raised.value.detail
    assert wanted.request.prompt not in raised.value.detail


async def test_the_check_sees_that_another_service_answers(make: Make, service: simulator.JimengApi) -> None:
    service.fail("GET /ping", "status", status=404, body=b"not found")
    (check,) = await make().check()
    assert not check.ok
    assert "JIMENG_API_URL" in check.advice


async def test_a_session_id_that_no_header_can_carry_is_a_dead_one(make: Make) -> None:
    _, account = await make("us-dead-密钥\n").check()
    assert not account.ok
    assert "JIMENG_SESSION_ID" in account.advice
    with pytest.raises(Refused) as refused:
        await make("dead-密钥").submit(order())
    assert refused.value.reason is Reason.LOGIN_EXPIRED
