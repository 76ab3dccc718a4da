"""Pictures of people and for people: what is taken, what is served, to whom."""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.platforms.web.store import UNSENT
from adapters.platforms.web.uploads import SIZE_LIMIT
from bot.errors import Unshowable
from bot.message import Action, Kind, Line, Outgoing, Press
from tests.contract.platforms.stage import png, result, until
from tests.contract.platforms.web import WebStage

TOKEN = "open-sesame-please"
CANCEL = Action(Press.CANCEL, "Cancel", "job-1", "web::somebody", "en")
START = Outgoing(Kind.START, "en", "Started", "job-1", actions=(CANCEL,))


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
    await stage.visit(stranger)
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
    await stage.visit(stranger)
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


# How much is kept ----------------------------------------------------------------------------------------


def kept(stage: WebStage) -> set[str]:
    return {file.name for file in (stage.folder / "uploads").iterdir()}


async def test_pictures_that_are_never_sent_do_not_pile_up(stage: WebStage) -> None:
    await stage.say("make it blue", picture=png())
    (sent,) = kept(stage)
    ids = [(await stage.upload(png()))[1]["id"] for _ in range(UNSENT + 2)]
    assert kept(stage) == {sent, *ids[2:]}
    async with stage.http.get(stage.url(f"/chat/uploads/{ids[0]}")) as answer:
        assert answer.status == 404


async def test_what_everybody_sends_takes_no_more_room_than_it_may(stage: WebStage) -> None:
    size = len(png())
    stage.platform.equip(str, None, 3 * size)
    ids = [(await stage.upload(png()))[1]["id"] for _ in range(5)]
    assert kept(stage) == set(ids[2:])


async def test_a_picture_that_alone_is_more_than_may_be_kept_can_still_be_sent(stage: WebStage) -> None:
    stage.platform.equip(str, None, 1)
    ids = [(await stage.upload(png()))[1]["id"] for _ in range(2)]
    assert kept(stage) == {ids[1]}


# Slow and broken senders ---------------------------------------------------------------------------------


async def trickle(stage: WebStage, http: aiohttp.ClientSession, data: bytes) -> None:
    """Send the beginning of a picture, and nothing more for a long time."""

    async def pieces() -> AsyncIterator[bytes]:
        yield data
        await asyncio.sleep(60)

    async with http.post(stage.url("/chat/uploads"), data=pieces()):
        pass


async def test_somebody_who_sends_slowly_keeps_nobody_else_waiting(stage: WebStage) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        await stage.visit(http)
        slow = [asyncio.create_task(trickle(stage, http, png()[:60])) for _ in range(20)]
        await until((stage.folder / "uploads").exists)
        assert (await stage.upload(png()))[0] == 200
        for one in slow:
            one.cancel()
        await asyncio.wait(slow)


async def test_a_sender_who_hangs_up_leaves_nothing_behind(
    stage: WebStage, caplog: pytest.LogCaptureFixture
) -> None:
    sending = asyncio.create_task(trickle(stage, stage.http, png()[:60]))
    await until(lambda: (stage.folder / "uploads").exists() and len(kept(stage)) == 1)
    sending.cancel()
    await until(lambda: not kept(stage))
    assert not caplog.records


async def test_what_a_power_cut_left_half_written_goes_with_what_is_old(stage: WebStage) -> None:
    await stage.upload(png())
    (whole,) = kept(stage)
    (stage.folder / "uploads" / ".part-1").write_bytes(b"half")
    await stage.platform.prune(stage.clock.now() - 3600)
    assert kept(stage) == {whole, ".part-1"}
    await stage.platform.prune(stage.clock.now() + 3600)
    assert kept(stage) == set()
