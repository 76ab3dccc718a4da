"""Answers and presses: what they may refer to, and whose they are."""

from dataclasses import replace

import aiohttp

from bot.message import Action, Form, Kind, Outgoing, Press, Reply
from tests.contract.platforms.stage import result
from tests.contract.platforms.web import WebStage

TOKEN = "open-sesame-please"
CANCEL = Action(Press.CANCEL, "Cancel", "job-1", "web::somebody", "en")
START = Outgoing(Kind.START, "en", "Started", "job-1", actions=(CANCEL,))


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
    await stage.visit(stranger)
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
    await stage.visit(stranger)
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
