"""What an open page hears, what one that was away gets, and what is left of somebody who is forgotten."""

from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bot.errors import MediaError
from bot.message import Action, Kind, Outgoing, Press
from tests.contract.platforms.stage import png
from tests.contract.platforms.web import WebStage

TOKEN = "open-sesame-please"
CANCEL = Action(Press.CANCEL, "Cancel", "job-1", "web::somebody", "en")
START = Outgoing(Kind.START, "en", "Started", "job-1", actions=(CANCEL,))


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
    await stage.visit(stranger)
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
