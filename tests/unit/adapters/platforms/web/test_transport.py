"""The web chat over HTTP, as a page that means well and one that does not."""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.platforms.web.uploads import SIZE_LIMIT
from bot.errors import MediaError, Unshowable
from bot.message import Action, Form, Kind, Line, Outgoing, Press, Reply
from tests.contract.platforms.stage import png, result, until
from tests.contract.platforms.web import WebStage
from tests.contract.platforms.web import stage as make_stage

TOKEN = "open-sesame-please"
CANCEL = Action(Press.CANCEL, "Cancel", "job-1", "web::somebody", "en")
START = Outgoing(Kind.START, "en", "Started", "job-1", actions=(CANCEL,))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[WebStage]:
    async with make_stage(tmp_path) as made:
        yield made


@pytest.fixture
async def stranger() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def visit(stage: WebStage, http: aiohttp.ClientSession) -> None:
    async with http.get(stage.url("/")) as answer:
        assert answer.status == 200


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


async def test_the_token_typed_into_the_form_opens_the_page(guarded: WebStage) -> None:
    async with guarded.http.post(guarded.url("/login"), data={"token": f" {TOKEN} "}) as answer:
        assert answer.url.path == "/"
    await guarded.say("hello")


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1]])
async def test_a_wrong_token_is_slow_and_leads_back_to_the_form(guarded: WebStage, token: str) -> None:
    began = asyncio.get_running_loop().time()
    async with guarded.http.get(guarded.url("/"), params={"token": token}) as answer:
        assert answer.url.path == "/login"
        assert "wrong" in answer.url.query
    assert asyncio.get_running_loop().time() - began >= 0.2


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
    await visit(stage, stranger)
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


# Answers and presses ----------------------------------------------------------------------------------


async def test_one_picture_of_several_can_be_answered(stage: WebStage) -> None:
    pictures = tuple(result(stage.media(f"{number}.png"), 10 + number, 10) for number in range(4))
    success = Outgoing(Kind.SUCCESS, "en", "Here", "job-1", media=pictures)
    ref = await stage.platform.send(stage.address, success, "end")
    name = (await stage.history())[-1]["media"][2]["name"]
    body = {"id": stage.name(), "text": "bluer", "reply_to": ref.id, "picture": name}
    assert (await stage.post("/chat/messages", body))[0] == 200
    message = stage.listener.messages[0]
    assert message.reply_to == ref
    media = await stage.platform.fetch(message.reply_attachments[0])
    assert (media.path, media.width) == (pictures[2].path, 12)


async def test_an_answer_to_somebody_elses_result_is_refused(
    stage: WebStage, stranger: aiohttp.ClientSession
) -> None:
    ref = await stage.platform.send(stage.address, START, "start")
    await visit(stage, stranger)
    body = {"id": stage.name(), "text": "bluer", "reply_to": ref.id}
    async with stranger.post(stage.url("/chat/messages"), json=body) as answer:
        assert answer.status == 400
    assert stage.listener.messages == []


async def test_an_answer_with_a_picture_that_is_not_in_the_result_is_refused(stage: WebStage) -> None:
    ref = await stage.platform.send(stage.address, START, "start")
    body = {"id": stage.name(), "text": "bluer", "reply_to": ref.id, "picture": "0" * 16}
    assert (await stage.post("/chat/messages", body))[0] == 400


async def test_a_press_does_what_the_button_says_and_not_what_was_posted(stage: WebStage) -> None:
    ref = await stage.platform.send(stage.address, START, "start")
    press = {"id": "0" * 16, "message": ref.id, "press": "cancel", "job": "job-1", "value": ""}
    for change in ({"press": "delete"}, {"job": "job-2"}, {"value": "free"}, {"message": "f" * 25}):
        status, _ = await stage.post("/chat/press", press | change)
        assert status in {404, 410}
    assert stage.listener.presses == []
    status, answer = await stage.post("/chat/press", press | {"owner": "web::me", "language": "xx"})
    assert (status, answer["toast"]) == (200, "noted")
    assert stage.listener.presses[0].owner == "web::somebody"
    assert stage.listener.presses[0].person.id == stage.room


async def test_a_button_that_an_edit_has_taken_away_cannot_be_pressed(stage: WebStage) -> None:
    ref = await stage.platform.send(stage.address, START, "start")
    await stage.platform.edit(ref, replace(START, actions=()))
    press = {"id": "0" * 16, "message": ref.id, "press": "cancel", "job": "job-1", "value": ""}
    assert (await stage.post("/chat/press", press))[0] == 410


async def test_a_button_in_somebody_elses_room_cannot_be_pressed(
    stage: WebStage, stranger: aiohttp.ClientSession
) -> None:
    ref = await stage.platform.send(stage.address, START, "start")
    await visit(stage, stranger)
    press = {"id": "0" * 16, "message": ref.id, "press": "cancel", "job": "job-1", "value": ""}
    async with stranger.post(stage.url("/chat/press"), json=press) as answer:
        assert answer.status == 404
    assert stage.listener.presses == []


async def test_a_form_reaches_the_page_and_its_text_comes_back(stage: WebStage) -> None:
    ref = await stage.platform.send(stage.address, START, "start")
    stage.listener.reply = Reply(form=Form("Change", "What?", "Go", "bluer"))
    press = {"id": "0" * 16, "message": ref.id, "press": "cancel", "job": "job-1", "value": ""}
    _, answer = await stage.post("/chat/press", press)
    assert answer["form"] == {"title": "Change", "label": "What?", "submit": "Go", "text": "bluer"}
    await stage.post("/chat/press", press | {"id": "1" * 16, "text": "greener"})
    assert stage.listener.presses[1].text == "greener"


# Pictures ---------------------------------------------------------------------------------------------


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is huge, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 415),
        (b"GIF89a", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
        (b"<!doctype html><script>alert(1)</script>", 415),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, 415),
        (b"BM" + b"\0" * 100, 415),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 100, 415),
        (bomb(60_000, 60_000), 415),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * SIZE_LIMIT, 413),
    ],
    ids=["empty", "cut off", "svg", "html", "broken", "bmp", "film", "bomb", "too large"],
)
async def test_what_is_no_picture_or_too_large_is_not_kept(stage: WebStage, data: bytes, status: int) -> None:
    assert (await stage.upload(data))[0] == status
    assert not (stage.folder / "uploads").exists() or not list((stage.folder / "uploads").iterdir())


async def test_an_uploads_name_is_for_people_alone(stage: WebStage) -> None:
    status, upload = await stage.upload(png(), "..%2F..%2Fetc%2Fpasswd%00.html")
    assert status == 200
    (file,) = (stage.folder / "uploads").iterdir()
    assert file.name == upload["id"]
    assert file.suffix == ".png"


async def test_an_upload_is_shown_to_its_owner_and_to_nobody_else(
    stage: WebStage, stranger: aiohttp.ClientSession
) -> None:
    _, upload = await stage.upload(png())
    path = stage.url(f"/chat/uploads/{upload['id']}")
    async with stage.http.get(path) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
    await visit(stage, stranger)
    async with stranger.get(path) as answer:
        assert answer.status == 404
    body = {"id": stage.name(), "text": "mine now", "uploads": [upload["id"]]}
    async with stranger.post(stage.url("/chat/messages"), json=body) as answer:
        assert answer.status == 400


async def sent_picture(stage: WebStage, **changes: Any) -> dict[str, Any]:
    media = replace(result(stage.media("result.png")), **changes)
    await stage.platform.send(stage.address, Outgoing(Kind.SUCCESS, "en", "Here", media=(media,)), "end")
    picture: dict[str, Any] = (await stage.history())[-1]["media"][0]
    return picture


async def test_a_result_is_served_by_the_bot_to_its_owner_alone(
    stage: WebStage, stranger: aiohttp.ClientSession
) -> None:
    picture = await sent_picture(stage)
    async with stage.http.get(stage.url(picture["url"])) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
        assert await answer.read() == png()
        assert "private" in answer.headers["Cache-Control"]
    async with stage.http.get(stage.url(picture["url"] + "?download")) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
    await visit(stage, stranger)
    async with stranger.get(stage.url(picture["url"])) as answer:
        assert answer.status == 404


async def test_the_page_is_never_told_where_a_file_lies(stage: WebStage) -> None:
    picture = await sent_picture(stage)
    assert str(stage.folder) not in str(picture)
    assert "result" not in str(picture)
    assert "somebody" not in str(await stage.history())


@pytest.mark.parametrize("name", ["..%2f..%2finkling.db", "result.png", "%2e%2e", "x" * 300, "a%00b"])
async def test_no_file_can_be_asked_for_by_another_name(stage: WebStage, name: str) -> None:
    picture = await sent_picture(stage)
    message = picture["url"].split("/")[3]
    async with stage.http.get(stage.url(f"/chat/media/{message}/{name}")) as answer:
        assert answer.status == 404


async def test_a_file_outside_the_folders_is_not_shown(stage: WebStage, tmp_path: Path) -> None:
    for path in (tmp_path / "elsewhere.png", stage.media("../elsewhere.png"), Path("/etc/hostname")):
        media = replace(result(tmp_path / "elsewhere.png"), path=path)
        with pytest.raises(Unshowable):
            await stage.platform.send(stage.address, Outgoing(Kind.SUCCESS, "en", "x", media=(media,)), "end")


async def test_a_picture_that_is_no_longer_kept_is_gone(stage: WebStage) -> None:
    picture = await sent_picture(stage)
    stage.media("result.png").unlink()
    async with stage.http.get(stage.url(picture["url"])) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", " https://x"]
)
async def test_links_lead_to_the_web_or_nowhere(stage: WebStage, url: str) -> None:
    picture = await sent_picture(stage, link=url)
    assert picture["link"] == ""
    await stage.platform.send(
        stage.address,
        replace(START, lines=(Line("here", "Link", url), Line("there", "", "https://x.example"))),
        "s",
    )
    assert [line["url"] for line in (await stage.history())[-1]["lines"]] == ["", "https://x.example"]


# The stream -------------------------------------------------------------------------------------------


async def frames(stream: aiohttp.ClientWebSocketResponse, count: int) -> list[dict[str, Any]]:
    """The next frames that say something."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        frame = await stream.receive_json(timeout=2)
        if frame["type"] != "alive":
            found.append(frame)
    return found


async def test_an_open_page_hears_of_new_messages_and_of_edits(stage: WebStage) -> None:
    async with stage.http.ws_connect(stage.url("/chat/stream")) as stream:
        await frames(stream, 1)
        ref = await stage.platform.send(stage.address, START, "start")
        (new,) = await frames(stream, 1)
        await stage.platform.edit(ref, replace(START, headline="Changed"))
        (changed,) = await frames(stream, 1)
    assert new["messages"][0]["headline"] == "Started"
    assert changed["messages"][0]["headline"] == "Changed"
    assert new["messages"][0]["id"] == changed["messages"][0]["id"] == ref.id
    assert new["messages"][0]["position"] == changed["messages"][0]["position"]


async def test_a_page_that_was_away_gets_exactly_what_it_missed(stage: WebStage) -> None:
    ref = await stage.platform.send(stage.address, START, "start")
    async with stage.http.ws_connect(stage.url("/chat/stream")) as stream:
        (history,) = await frames(stream, 1)
    seen = max(message["revision"] for message in history["messages"])
    await stage.restart()
    await stage.platform.edit(ref, replace(START, headline="Changed"))
    await stage.platform.send(stage.address, replace(START, headline="New"), "other")
    query = f"/chat/stream?epoch={history['epoch']}&since={seen}"
    async with stage.http.ws_connect(stage.url(query)) as stream:
        (missed,) = await frames(stream, 1)
    assert missed["type"] == "messages"
    assert [message["headline"] for message in missed["messages"]] == ["Changed", "New"]


@pytest.mark.parametrize(
    "query", ["", "epoch=other&since=3", "epoch=&since=-1", "since=" + "9" * 400, "since=x"]
)
async def test_a_page_with_another_past_gets_everything(stage: WebStage, query: str) -> None:
    async with stage.http.ws_connect(stage.url(f"/chat/stream?{query}")) as stream:
        (history,) = await frames(stream, 1)
    assert history["type"] == "history"
    assert [message["text"] for message in history["messages"]] == ["hello"]


async def test_a_long_history_comes_from_its_end_and_page_by_page(stage: WebStage) -> None:
    for number in range(130):
        await stage.platform.send(stage.address, replace(START, headline=str(number)), f"key-{number}")
    messages = await stage.history()
    shown = [message["headline"] for message in messages]
    assert shown == [str(number) for number in range(70, 130)]
    async with stage.http.get(stage.url(f"/chat/messages?before={messages[0]['position']}")) as answer:
        page = await answer.json()
    assert [message["headline"] for message in page["messages"]] == [str(number) for number in range(10, 70)]
    assert page["earlier"]


async def test_a_room_is_heard_by_its_owner_alone(stage: WebStage, stranger: aiohttp.ClientSession) -> None:
    await visit(stage, stranger)
    async with stranger.ws_connect(stage.url("/chat/stream")) as stream:
        (history,) = await frames(stream, 1)
        assert history["messages"] == []
        await stage.platform.send(stage.address, START, "start")
        with pytest.raises(TimeoutError):
            await stream.receive_json(timeout=0.1)


async def test_open_streams_end_when_the_platform_closes(stage: WebStage) -> None:
    async with stage.http.ws_connect(stage.url("/chat/stream")) as stream:
        await frames(stream, 1)
        await stage.platform.close()
        assert (await stream.receive(timeout=2)).type is aiohttp.WSMsgType.CLOSE


# Forgetting -------------------------------------------------------------------------------------------


async def test_forgetting_somebody_leaves_nothing_and_clears_open_pages(stage: WebStage) -> None:
    await stage.say("a secret", picture=png())
    person = stage.listener.messages[0].person
    attachment = stage.listener.messages[0].attachments[0]
    async with stage.http.ws_connect(stage.url("/chat/stream")) as stream:
        await frames(stream, 1)
        await stage.platform.forget(person)
        (cleared,) = await frames(stream, 1)
        assert (cleared["type"], cleared["messages"]) == ("history", [])
        await stage.platform.send(stage.address, START, "start")
        (after,) = await frames(stream, 1)
    assert [message["headline"] for message in after["messages"]] == ["Started"]
    assert list((stage.folder / "uploads").iterdir()) == []
    with pytest.raises(MediaError):
        await stage.platform.fetch(attachment)
    for table in ("web_messages", "web_uploads"):
        rows = await stage.database.rows(f"SELECT * FROM {table}")
        assert "secret" not in str(rows)


async def test_what_is_too_old_is_pruned(stage: WebStage) -> None:
    await stage.say("old", picture=png())
    await stage.platform.prune(before=1.0)
    assert len(await stage.history()) == 2
    await stage.platform.prune(before=stage.listener.messages[0].sent_at + 60)
    assert await stage.history() == []
    assert list((stage.folder / "uploads").iterdir()) == []
