"""The web chat over HTTP, as a page that means well and one that does not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from adapters.clock import SystemClock
from bot.message import Action, Kind, Outgoing, Press, Reply
from tests.contract.platforms.stage import until
from tests.contract.platforms.web import WebStage
from tests.contract.platforms.web import stage as make_stage

TOKEN = "open-sesame-please"
CANCEL = Action(Press.CANCEL, "Cancel", "job-1", "web::somebody", "en")
START = Outgoing(Kind.START, "en", "Started", "job-1", actions=(CANCEL,))


# The page ---------------------------------------------------------------------------------------------


async def test_the_page_and_all_that_it_loads_comes_from_the_bot(stage: WebStage) -> None:
    async with stage.http.get(stage.url("/")) as answer:
        page = await answer.text()
    assert "https://" not in page
    folder = Path(stage.platform.__module__.replace(".", "/")).parent / "page"
    for file in folder.iterdir():
        async with stage.http.get(stage.url(f"/page/{file.name}")) as answer:
            assert answer.status == 200
        if file.suffix == ".css":
            assert (
                "//"
                not in file.read_text().replace("://www.w3.org", "").replace("/*", "").split("url(http")[0]
            )


@pytest.mark.parametrize(
    "path",
    [
        "../platform.py",
        "..%2fplatform.py",
        "%2e%2e/platform.py",
        "",
        "nothing.js",
        "page.js%00",
        "./page.js/x",
    ],
)
async def test_nothing_but_the_page_is_served_from_its_folder(stage: WebStage, path: str) -> None:
    async with stage.http.get(stage.url(f"/page/{path}")) as answer:
        assert answer.status == 404


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(
    stage: WebStage, stranger: aiohttp.ClientSession
) -> None:
    async with stranger.get(stage.url("/")) as answer:
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    async with stranger.get(stage.url("/"), headers={"X-Forwarded-Proto": "https"}) as answer:
        assert "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("path", ["/chat/messages", "/chat/press", "/chat/uploads"])
async def test_without_a_cookie_nothing_is_taken(
    stage: WebStage, stranger: aiohttp.ClientSession, path: str
) -> None:
    async with stranger.post(stage.url(path), json={"id": "0" * 16, "text": "hi"}) as answer:
        assert answer.status == 401


async def test_a_stream_without_a_cookie_is_told_to_sign_in(
    stage: WebStage, stranger: aiohttp.ClientSession
) -> None:
    async with stranger.ws_connect(stage.url("/chat/stream")) as stream:
        assert (await stream.receive(timeout=2)).data == 4401


# The token --------------------------------------------------------------------------------------------


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[WebStage]:
    async with make_stage(tmp_path, TOKEN) as made:
        yield made


async def test_where_there_is_a_token_the_page_asks_for_it(guarded: WebStage) -> None:
    async with guarded.http.get(guarded.url("/")) as answer:
        assert answer.url.path == "/login"
        assert "Set-Cookie" not in answer.headers
    status, _ = await guarded.post("/chat/messages", {"id": "0" * 16, "text": "hi"})
    assert status == 401


async def test_the_token_in_the_address_becomes_a_cookie_and_leaves_the_address(guarded: WebStage) -> None:
    async with guarded.http.get(guarded.url(f"/?token={TOKEN}")) as answer:
        assert answer.status == 200
        assert str(answer.url) == guarded.url("/")
        assert TOKEN not in str(answer.headers)
    await guarded.say("hello")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"abc"),
        ("multipart/form-data; boundary=x", b"abc"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"token=a"),
        ("application/x-www-form-urlencoded", b"token=%ff&&=&%"),
        ("application/json", b"{"),
    ],
)
async def test_whatever_is_posted_to_the_door_is_no_more_than_a_wrong_token(
    guarded: WebStage, kind: str, body: bytes
) -> None:
    async with guarded.http.post(
        guarded.url("/login"), data=body, headers={"Content-Type": kind}, allow_redirects=False
    ) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/login?wrong")


async def test_the_token_typed_into_the_form_opens_the_page(guarded: WebStage) -> None:
    async with guarded.http.post(guarded.url("/login"), data={"token": f" {TOKEN} "}) as answer:
        assert answer.url.path == "/"
    await guarded.say("hello")


class Doorkeeper(SystemClock):
    """Notes how many are kept waiting, and how many of them at once."""

    def __init__(self) -> None:
        self.kept, self.now_waiting, self.most = 0, 0, 0

    async def sleep(self, seconds: float) -> None:
        self.kept += 1
        self.now_waiting += 1
        self.most = max(self.most, self.now_waiting)
        await asyncio.sleep(0)
        self.now_waiting -= 1


async def test_wrong_tokens_lead_back_to_the_form_and_are_tried_one_at_a_time(tmp_path: Path) -> None:
    clock = Doorkeeper()
    async with make_stage(tmp_path, TOKEN, clock) as guarded:

        async def attempt(token: str) -> None:
            async with guarded.http.get(guarded.url("/"), params={"token": token}) as answer:
                assert answer.url.path == "/login"
                assert "wrong" in answer.url.query

        await asyncio.gather(*(attempt(token) for token in ("", "wrong", TOKEN[:-1], TOKEN.upper(), "口令")))
    assert (clock.kept, clock.most) == (5, 1)


# Messages ---------------------------------------------------------------------------------------------


async def test_the_same_message_posted_again_is_one_message(stage: WebStage) -> None:
    body = {"id": "client-message-1", "text": "a fox"}
    first = await stage.post("/chat/messages", body)
    assert first == await stage.post("/chat/messages", body)
    assert first[0] == 200
    assert len(stage.listener.messages) == 1
    assert [message["text"] for message in await stage.history()] == ["hello", "a fox"]


async def test_the_same_name_in_another_room_is_another_message(
    stage: WebStage, stranger: aiohttp.ClientSession
) -> None:
    body = {"id": "client-message-1", "text": "a fox"}
    await stage.post("/chat/messages", body)
    await stage.visit(stranger)
    async with stranger.post(stage.url("/chat/messages"), json=body) as answer:
        assert answer.status == 200
    one, two = stage.listener.messages
    assert one.id != two.id
    assert one.person != two.person


async def test_a_message_that_a_stop_left_behind_is_handed_over_at_the_next_start(stage: WebStage) -> None:
    class Dying:
        async def message(self, _: object) -> None:
            raise asyncio.CancelledError

        def press(self, _: object) -> Reply:
            return Reply()

    stage.platform._transport.inbox = Dying()
    with pytest.raises(aiohttp.ClientError):
        await stage.post("/chat/messages", {"id": "client-message-1", "text": "a fox"})
    assert stage.listener.messages == []
    await stage.restart()
    (message,) = stage.listener.messages
    assert (message.text, message.redelivered, message.address.chat) == ("a fox", True, stage.room)
    await stage.restart()
    assert len(stage.listener.messages) == 1


async def test_while_nobody_takes_messages_the_page_is_told_to_keep_them(stage: WebStage) -> None:
    assert stage.task is not None
    stage.task.cancel()
    await until(lambda: not stage.platform.connected)
    for path, body in (
        ("/chat/messages", {"id": "client-message-1", "text": "a fox"}),
        ("/chat/press", {"id": "0" * 16, "message": "0" * 16, "press": "cancel"}),
    ):
        status, answer = await stage.post(path, body)
        assert (status, answer["error"]) == (503, "unavailable")
    assert [message["text"] for message in await stage.history()] == ["hello"]


@pytest.mark.parametrize("header", ["zh-CN,zh;q=0.9", "en-US"])
async def test_the_browsers_language_comes_along(stage: WebStage, header: str) -> None:
    stage.http.headers["Accept-Language"] = header
    await stage.say("a fox")
    assert stage.listener.messages[0].locale == header[:2]


async def test_malformed_posts_are_refused_and_change_nothing(stage: WebStage) -> None:
    for path in ("/chat/messages", "/chat/press"):
        status, answer = await stage.post(path, {"id": [], "text": {}})
        assert (status, answer["error"]) == (400, "malformed")
        async with stage.http.post(stage.url(path), data=b"\xff" * 100) as raw:
            assert raw.status == 400
        async with stage.http.post(stage.url(path), data=b"[" * 1_000_000) as huge:
            assert huge.status == 413
    assert stage.listener.messages == []
