import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from adapters.backends.jimeng_web import JimengWeb, JimengWebSettings
from adapters.media import MediaStore
from bot.errors import BackendError, Busy, GenerationFailed, NotSent, OutcomeUnknown, Reason, Refused
from bot.job import Request
from bot.message import Price, Task
from bot.ports import Finished, Order, Pending
from tests.simulators import jimeng_web as simulator
from tests.simulators.service import ServiceClock, picture

Make = Callable[..., JimengWeb]
GENERATE = "POST /mweb/v1/aigc_draft/generate"
HISTORY = "POST /mweb/v1/get_history_by_ids"
TABLE = "POST /mweb/v1/get_common_config"


def order(reference: str = "ref", model: str = "jimeng-4.5", **more: Any) -> Order:
    task: Task = "image_to_image" if more.get("inputs") else "text_to_image"
    return Order(reference, model, Request(task=task, prompt="a cat", **more))


async def done(backend: JimengWeb, one: Order) -> Finished:
    answer = await backend.poll(await backend.submit(one))
    assert isinstance(answer, Finished)
    return answer


async def test_the_order_bears_our_own_name(make: Make, site: simulator.JimengWeb) -> None:
    finished = await done(make(), order("my-name", ratio="16:9", count=3, negative="dogs", strength=0.3))
    assert [media.path.name for media in finished.media] == [f"my-name-{n}.png" for n in range(1, 4)]
    assert finished.media[0].link_expires > site.now()
    assert "\\u0026" not in finished.media[0].link
    taken = site.jobs["my-name"].order
    assert (taken.ratio, taken.count, taken.negative, taken.strength) == (3, 3, "dogs", 0.3)
    assert len(site.book.of("my-name")) == 1


async def test_the_cookie_is_in_the_header_alone(
    make: Make, site: simulator.JimengWeb, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await done(make("session-secret"), order())
    asked = [seen for seen in site.requests if not seen.path.startswith("/files/")]
    assert all(seen.headers["cookie"] == "sessionid=session-secret" for seen in asked)
    assert all("session-secret" not in json.dumps(seen.query) + seen.path for seen in site.requests)
    assert "session-secret" not in caplog.text
    files = [seen for seen in site.requests if seen.path.startswith("/files/")]
    assert files
    assert not any("cookie" in seen.headers for seen in files)


async def test_a_job_is_pending_until_all_its_pictures_are_there(
    make: Make, site: simulator.JimengWeb
) -> None:
    site.plan(seconds=40)
    backend = make()
    ticket = await backend.submit(order())
    for _ in range(4):
        assert isinstance(await backend.poll(ticket), Pending)
        site.advance(9)
    site.advance(9)
    assert isinstance(await backend.poll(ticket), Finished)


async def test_pictures_that_came_are_delivered_though_others_never_do(
    make: Make, site: simulator.JimengWeb
) -> None:
    site.plan(stuck=True, pictures=2)
    backend = make()
    ticket = await backend.submit(order())
    assert isinstance(await backend.poll(ticket), Pending)
    site.advance(700)
    finished = await backend.poll(ticket)
    assert isinstance(finished, Finished)
    assert len(finished.media) == 2


async def test_links_escaped_twice_lead_to_pictures(make: Make, site: simulator.JimengWeb) -> None:
    site.plan(escaped=True)
    assert len((await done(make(), order())).media) == 4


async def test_a_link_that_died_is_signed_anew_by_asking_again(make: Make, site: simulator.JimengWeb) -> None:
    backend = make()
    ticket = await backend.submit(order())
    site.fail("GET /files/{name}", "expired", count=4)
    finished = await backend.poll(ticket)
    assert isinstance(finished, Finished)
    assert len(finished.media) == 4


async def test_links_that_stay_dead_are_told_as_gone(make: Make, site: simulator.JimengWeb) -> None:
    backend = make()
    ticket = await backend.submit(order())
    site.fail("GET /files/{name}", "expired", count=100)
    with pytest.raises(GenerationFailed) as failed:
        await backend.poll(ticket)
    assert failed.value.reason is Reason.RESULT_GONE


@pytest.mark.parametrize(
    ("kind", "more", "arrived"),
    [
        ("drop_after", {}, True),
        ("drop_before", {}, False),
        ("truncated", {}, True),
        ("garbage", {"after": True}, True),
        ("garbage", {}, False),
        ("status", {"status": 502, "after": True}, True),
        ("status", {"status": 500}, False),
        ("status", {"status": 403}, False),
    ],
)
async def test_an_answer_that_is_lost_is_looked_for_and_never_paid_for_twice(
    make: Make, site: simulator.JimengWeb, kind: Any, more: dict[str, Any], arrived: bool
) -> None:
    site.fail(GENERATE, kind, **more)
    backend = make()
    if arrived:
        assert await done(backend, order())
    else:
        with pytest.raises(NotSent):
            await backend.submit(order())
        assert not site.book.charges
        assert await done(backend, order())
    assert len(site.book.of("ref")) == 1


async def test_an_order_that_shows_late_is_still_found(make: Make, site: simulator.JimengWeb) -> None:
    site.fail(GENERATE, "drop_after")
    site.plan(hidden=8)
    assert await done(make(), order())
    assert len(site.book.charges) == 1


async def test_while_the_site_is_away_an_order_is_neither_lost_nor_sent_again(
    make: Make, site: simulator.JimengWeb
) -> None:
    backend = make()
    site.fail(GENERATE, "drop_after")
    site.fail(HISTORY, "status", count=6)
    with pytest.raises(OutcomeUnknown):
        await backend.submit(order())
    with pytest.raises(Busy):
        await backend.find(order())
    ticket = await backend.find(order())
    assert isinstance(await backend.poll(ticket), Finished)
    assert len(site.book.of("ref")) == 1


async def test_a_site_that_cannot_be_reached_has_got_nothing(make: Make, site: simulator.JimengWeb) -> None:
    backend = make()
    await backend.offers()
    await site.close()
    with pytest.raises(NotSent) as raised:
        await backend.submit(order())
    assert raised.value.reason is Reason.NETWORK
    await site.start(int(site.url.rsplit(":", 1)[1]))
    assert await done(backend, order())


@pytest.mark.parametrize(
    ("ret", "kind", "reason"),
    [
        (1010, Busy, Reason.RATE_LIMIT),
        (1006, Refused, Reason.POINTS_SHORT),
        (2038, Refused, Reason.CONTENT_TEXT),
        (1019, Refused, Reason.ACCOUNT_BLOCKED),
        (3018, Refused, Reason.CONFIGURATION),
        (424242, Refused, Reason.OTHER),
    ],
)
async def test_what_the_site_refuses_is_told_as_what_it_is(
    make: Make, site: simulator.JimengWeb, ret: int, kind: type[BackendError], reason: Reason
) -> None:
    site.plan(ret=ret)
    with pytest.raises(BackendError) as raised:
        await make().submit(order())
    assert type(raised.value) is kind
    assert raised.value.reason is reason
    assert not site.book.charges


async def test_a_refusal_does_not_quote_what_a_person_wrote(make: Make, site: simulator.JimengWeb) -> None:
    wanted = order(negative="dogs")
    said = f"bad words in {wanted.request.prompt} without dogs"
    body = json.dumps({"ret": "2038", "errmsg": said}).encode()
    site.fail(GENERATE, "status", status=200, body=body)
    with pytest.raises(Refused) as raised:
        await make().submit(wanted)
    assert "bad words" in raised.value.detail
    assert wanted.request.prompt not in raised.value.detail
    assert "dogs" not in raised.value.detail


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ({"status": 10, "fail_code": "2038"}, Reason.CONTENT_TEXT),
        ({"status": 40, "fail_code": 2043}, Reason.CONTENT_OUTPUT),
        ({"status": 30, "fail_code": ""}, Reason.GENERATION_FAILED),
        ({"status": 100}, Reason.RESULT_GONE),
        ({"pictures": 0}, Reason.NO_DETAILS),
    ],
)
async def test_a_job_that_fails_says_why(
    make: Make, site: simulator.JimengWeb, plan: dict[str, Any], reason: Reason
) -> None:
    site.plan(**plan)
    backend = make()
    ticket = await backend.submit(order())
    with pytest.raises(GenerationFailed) as failed:
        await backend.poll(ticket)
    assert failed.value.reason is reason


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("drop_before", {}),
        ("status", {"status": 503}),
        ("truncated", {}),
        ("garbage", {}),
    ],
)
async def test_trouble_in_asking_is_not_trouble_with_the_job(
    make: Make, site: simulator.JimengWeb, kind: Any, more: dict[str, Any]
) -> None:
    backend = make()
    ticket = await backend.submit(order())
    site.fail(HISTORY, kind, count=3, **more)
    with pytest.raises(NotSent):
        await backend.poll(ticket)
    site.heal()
    assert isinstance(await backend.poll(ticket), Finished)


async def test_a_record_that_is_not_there_yet_is_waited_for_but_not_for_ever(
    make: Make, site: simulator.JimengWeb
) -> None:
    backend = make()
    ticket = await backend.submit(order())
    site.jobs.clear()
    assert isinstance(await backend.poll(ticket), Pending)
    site.advance(1000)
    with pytest.raises(GenerationFailed) as failed:
        await backend.poll(ticket)
    assert failed.value.reason is Reason.NO_DETAILS


async def test_a_dead_login_is_told_and_costs_nothing(make: Make, site: simulator.JimengWeb) -> None:
    backend = make("dead-session")
    with pytest.raises(Refused) as raised:
        await backend.submit(order())
    assert raised.value.reason is Reason.LOGIN_EXPIRED
    (check,) = await backend.check()
    assert not check.ok
    assert "JIMENG_WEB_SESSION_ID" in check.advice
    assert "dead-session" not in check.what + check.advice


async def test_pictures_of_people_are_uploaded_and_named_in_the_draft(
    make: Make, site: simulator.JimengWeb, media: MediaStore
) -> None:
    pictures = [await media.keep(name, picture(40, 30, name)) for name in ("one", "two")]
    await done(make(), order(inputs=tuple(pictures)))
    taken = site.jobs["ref"].order
    assert [site.imagex.pictures[uri] for uri in taken.images] == [p.path.read_bytes() for p in pictures]
    assert taken.prompt == "####a cat"


@pytest.mark.parametrize(
    ("route", "kind"),
    [
        ("POST /mweb/v1/get_upload_token", "garbage"),
        ("GET /", "status"),
        ("GET /", "garbage"),
        ("POST /upload/v1/{uri}", "drop_before"),
        ("POST /upload/v1/{uri}", "expired"),
        ("POST /", "truncated"),
    ],
)
async def test_an_upload_that_fails_orders_nothing(
    make: Make, site: simulator.JimengWeb, media: MediaStore, route: str, kind: Any
) -> None:
    mine = await media.keep("mine", picture())
    site.fail(route, kind, count=3)
    with pytest.raises(NotSent):
        await make().submit(order(inputs=(mine,)))
    assert not site.book.charges


async def test_an_upload_survives_passing_trouble(
    make: Make, site: simulator.JimengWeb, media: MediaStore
) -> None:
    mine = await media.keep("mine", picture())
    for route in ("POST /mweb/v1/get_upload_token", "GET /", "POST /upload/v1/{uri}", "POST /"):
        site.fail(route, "drop_after")
    await done(make(), order(inputs=(mine,)))
    assert len(site.book.charges) == 1


async def test_offers_come_from_the_sites_own_table(make: Make, site: simulator.JimengWeb) -> None:
    offers = {(offer.model, offer.task): offer for offer in await make().offers()}
    assert offers["jimeng-4.0", "image_to_image"].max_inputs == 6
    assert offers["jimeng-5.0", "text_to_image"].max_count == 8
    assert offers["jimeng-3.0", "text_to_image"].sizes == ("2K", "1K")
    assert ("jimeng-3.1", "image_to_image") not in offers
    assert "auto_ratio" not in offers["jimeng-3.0", "text_to_image"].options


async def test_a_table_that_cannot_be_had_leaves_what_was_known(
    make: Make, site: simulator.JimengWeb
) -> None:
    backend = make()
    known = await backend.offers()
    site.advance(4000)
    site.fail(TABLE, "garbage", count=3)
    assert await backend.offers() == known
    fresh = make()
    assert {offer.model for offer in await fresh.offers()} == {offer.model for offer in known}
    assert await done(fresh, order())


async def test_the_table_is_asked_for_once_an_hour(make: Make, site: simulator.JimengWeb) -> None:
    backend = make()
    for _ in range(3):
        await backend.offers()
    await backend.submit(order())
    assert sum(seen.route == "/mweb/v1/get_common_config" for seen in site.requests) == 1
    site.advance(3700)
    await backend.offers()
    assert sum(seen.route == "/mweb/v1/get_common_config" for seen in site.requests) == 2


async def test_the_balance_is_that_of_the_site(make: Make, site: simulator.JimengWeb) -> None:
    site.credits = 42
    assert await make().credits() == (("jimeng-web", Price(42, "credits")),)
    (check,) = await make().check()
    assert check.ok
    assert not site.book.charges


async def test_the_intranet_takes_the_order_and_the_site_tells_of_it(
    make: Make, site: simulator.JimengWeb, media: MediaStore
) -> None:
    backend = make(mcp_url=site.url, mcp_cookie="sessionid=inside")
    offer = (await backend.offers())[0]
    assert (offer.sizes, offer.max_count) == ((), 4)
    assert (await done(backend, order(ratio="16:9"))).media
    mine = await media.keep("mine", picture())
    assert (await done(backend, order("ref2", inputs=(mine,)))).media
    assert not any(seen.route == "/mweb/v1/aigc_draft/generate" for seen in site.requests)
    asked = next(seen for seen in site.requests if seen.route == "/image_generate")
    assert json.loads(asked.body)["ratio"] == "16:9"
    assert asked.headers["cookie"] == "sessionid=inside"


@pytest.mark.parametrize(("kind", "arrived"), [("drop_after", True), ("drop_before", False)])
async def test_an_answer_lost_on_the_intranet_is_looked_for_too(
    make: Make, site: simulator.JimengWeb, kind: Any, arrived: bool
) -> None:
    backend = make(mcp_url=site.url, mcp_cookie="sessionid=inside")
    site.fail("POST /image_generate", kind)
    if arrived:
        assert await done(backend, order())
    else:
        with pytest.raises(NotSent):
            await backend.submit(order())
    assert len(site.book.charges) == arrived


async def test_the_intranets_refusal_is_believed(make: Make, site: simulator.JimengWeb) -> None:
    site.plan(ret=2038)
    with pytest.raises(Refused) as raised:
        await make(mcp_url=site.url, mcp_cookie="sessionid=inside").submit(order())
    assert raised.value.reason is Reason.CONTENT_TEXT


async def test_many_jobs_at_once_are_each_charged_once(make: Make, site: simulator.JimengWeb) -> None:
    backend = make()
    site.fail(GENERATE, "drop_after", count=3)
    await asyncio.gather(*(done(backend, order(f"ref{n}")) for n in range(8)))
    assert len(site.book.charges) == 8
    assert not site.book.twice


async def test_a_session_id_that_no_header_can_carry_is_a_dead_one(make: Make) -> None:
    (check,) = await make("dead-密钥\n").check()
    assert not check.ok
    assert "JIMENG_WEB_SESSION_ID" in check.advice


async def test_a_site_whose_name_is_not_ascii_is_only_away(
    client: httpx.AsyncClient, media: MediaStore, clock: ServiceClock
) -> None:
    settings = JimengWebSettings("one", "http://ü.invalid:1")
    (check,) = await JimengWeb(client, media, clock, settings).check()
    assert not check.ok
    assert "JIMENG_WEB_URL" in check.advice
