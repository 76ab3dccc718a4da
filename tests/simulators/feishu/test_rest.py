"""Every rule of the simulated REST interfaces, broken on purpose."""

import asyncio
import io
import json
from typing import Any

import aiohttp
import pytest

from tests.simulators.feishu import Chat
from tests.simulators.feishu.api import CARD, Api, picture


async def test_a_wrong_app_and_a_wrong_secret_get_no_token(api: Api) -> None:
    assert (await api.login(app_id="cli_x"))["code"] == 10003
    assert (await api.login(app_secret="x"))["code"] == 10014


async def test_a_call_needs_a_token_that_is_still_good(api: Api, group: Chat) -> None:
    assert (await api.send(group))["code"] == 0
    api.simulator.rest.revoke(99991668)
    assert (await api.send(group))["code"] == 99991668
    await api.login()
    assert (await api.send(group))["code"] == 0
    await api.simulator.advance(7201)
    assert (await api.send(group))["code"] == 99991663
    api.token = ""
    assert (await api.send(group))["code"] == 99991661


async def test_the_same_uuid_shows_once_within_an_hour_and_again_after_it(api: Api, group: Chat) -> None:
    first = (await api.send(group, uuid="a"))["data"]["message_id"]
    assert (await api.send(group, uuid="a"))["data"]["message_id"] == first
    assert len(api.simulator.said(group)) == 1
    await api.simulator.advance(3601)
    assert (await api.send(group, uuid="a"))["data"]["message_id"] != first


async def test_one_uuid_for_two_messages_is_a_violation(api: Api, group: Chat) -> None:
    await api.send(group, uuid="a")
    await api.send(group, "interactive", CARD, uuid="a")
    assert "two different" in api.simulator.violations[0].what


async def test_a_chat_takes_five_messages_a_second(api: Api, group: Chat) -> None:
    codes = [(await api.send(group))["code"] for _ in range(6)]
    assert codes == [0, 0, 0, 0, 0, 230020]
    assert api.simulator.violations
    await api.simulator.advance(1)
    assert (await api.send(group))["code"] == 0


async def test_a_card_takes_five_changes_a_second(api: Api, group: Chat) -> None:
    message = (await api.send(group, "interactive", CARD))["data"]["message_id"]
    body = {"content": json.dumps(CARD)}
    codes = [(await api.call("PATCH", f"/im/v1/messages/{message}", json=body))["code"] for _ in range(6)]
    assert codes == [0, 0, 0, 0, 0, 230020]


async def test_an_app_that_calls_too_often_is_told_how_long_to_wait(api: Api, group: Chat) -> None:
    api.simulator.rest.limits.app_second = 2
    codes = [(await api.send(group))["code"] for _ in range(3)]
    assert codes == [0, 0, 99991400]
    assert int(api.headers["x-ogw-ratelimit-reset"]) >= 1


async def test_a_used_up_month_refuses_every_call(api: Api, group: Chat) -> None:
    api.simulator.rest.limits.quota = 1
    assert [(await api.send(group))["code"] for _ in range(2)] == [0, 99991403]


async def test_a_missing_scope_is_named(api: Api, group: Chat) -> None:
    api.simulator.world.scopes.remove("im:message")
    answer = await api.send(group)
    assert answer["code"] == 99991672
    assert "im:message" in answer["msg"]


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("text", {"text": "x" * (150 * 1024)}, 230025),
        ("interactive", CARD | {"header": {"title": {"tag": "plain_text", "content": "x" * 31_000}}}, 230025),
        ("text", {"words": "hi"}, 230001),
        ("image", {"image_key": "img_of_nobody"}, 230001),
        ("smoke", {"text": "hi"}, 230001),
        ("post", {"fr": {"content": []}}, 230001),
    ],
)
async def test_content_that_is_refused(api: Api, group: Chat, kind: str, content: Any, code: int) -> None:
    assert (await api.send(group, kind, content))["code"] == code
    assert not api.simulator.said(group)
    assert api.simulator.violations


async def test_content_must_be_a_string_and_fields_must_be_known(api: Api, group: Chat) -> None:
    body: dict[str, Any] = {"receive_id": group.id, "msg_type": "text", "content": {"text": "hi"}}
    path = "/im/v1/messages?receive_id_type=chat_id"
    assert (await api.call("POST", path, json=body))["code"] == 99992402
    assert (await api.send(group, colour="red"))["code"] == 99992402
    assert (await api.send(group, uuid="u" * 51))["code"] == 99992402


async def test_groups_that_do_not_hear_the_bot(api: Api, group: Chat) -> None:
    group.muted = True
    assert (await api.send(group))["code"] == 230018
    group.joined = False
    assert (await api.send(group))["code"] == 230002


async def test_pictures_that_are_refused(api: Api) -> None:
    assert (await api.upload(b""))["code"] == 234010
    assert (await api.upload(b"no picture"))["code"] == 234011
    assert (await api.upload(picture() + bytes(10 * 1024 * 1024)))["code"] == 234006
    assert (await api.upload(picture((12_001, 1))))["code"] == 234039
    assert (await api.upload(picture((2001, 1), "GIF")))["code"] == 234039
    assert (await api.upload(picture(), image_type="poster"))["code"] == 234001


async def test_a_card_that_is_withdrawn_or_two_weeks_old_does_not_change(api: Api, group: Chat) -> None:
    message = (await api.send(group, "interactive", CARD))["data"]["message_id"]
    path, body = f"/im/v1/messages/{message}", {"content": json.dumps(CARD)}
    await api.simulator.advance(14 * 86_400 + 1)
    await api.login()
    assert (await api.call("PATCH", path, json=body))["code"] == 230031
    assert (await api.call("DELETE", path))["code"] == 0
    assert (await api.call("PATCH", path, json=body))["code"] == 230011
    assert not api.simulator.said(group)


async def test_a_text_cannot_become_a_card_and_nobody_else_s_message_can_be_changed(
    api: Api, group: Chat
) -> None:
    person = api.simulator.world.add_user("Ada")
    theirs = api.simulator.people.say(group, person, "hello")
    mine = (await api.send(group))["data"]["message_id"]
    body = {"content": json.dumps(CARD)}
    assert (await api.call("PATCH", f"/im/v1/messages/{theirs.id}", json=body))["code"] == 230027
    assert (await api.call("PATCH", f"/im/v1/messages/{mine}", json=body))["code"] == 230001
    assert (await api.call("DELETE", f"/im/v1/messages/{theirs.id}"))["code"] == 230026


async def test_an_answer_in_a_topic_stays_there(api: Api) -> None:
    group = api.simulator.world.add_chat("topic")
    person = api.simulator.world.add_user("Ada")
    first = api.simulator.people.say(group, person, "hello", at_bot=True)
    body = {"msg_type": "text", "content": json.dumps({"text": "hi"})}
    answer = await api.call("POST", f"/im/v1/messages/{first.id}/reply", json=body)
    assert answer["data"]["thread_id"] == first.thread
    assert (answer["data"]["root_id"], answer["data"]["parent_id"]) == (first.id, first.id)
    api.simulator.people.withdraw(first)
    assert (await api.call("POST", f"/im/v1/messages/{first.id}/reply", json=body))["code"] == 230011


async def test_a_picture_is_read_through_its_message_only(api: Api, group: Chat) -> None:
    person = api.simulator.world.add_user("Ada")
    message = api.simulator.people.picture(group, person, b"pixels")
    key = message.shown.images[0]
    headers = {"Authorization": f"Bearer {api.token}"}
    path = f"/open-apis/im/v1/messages/{message.id}/resources/{key}?type=image"
    async with api.session.get(path, headers=headers) as response:
        assert await response.read() == b"pixels"
    other = api.simulator.people.say(group, person, "hello")
    assert (await api.call("GET", f"/im/v1/messages/{other.id}/resources/{key}?type=image"))["code"] == 234003


async def test_commands_are_named_without_a_slash_and_once(api: Api) -> None:
    path = "/application/v7/app_slash_commands"
    body = {"command": "draw", "description": {"default_value": "Draw a picture"}}
    assert (await api.call("POST", path, json=body))["code"] == 0
    assert (await api.call("POST", path, json=body))["code"] == 40000000
    assert (await api.call("POST", path, json=body | {"command": "/draw"}))["code"] == 99992402


async def test_an_answer_can_be_lost_after_its_effect(api: Api, group: Chat) -> None:
    api.simulator.fail("POST /open-apis/im/v1/messages", "lost")
    with pytest.raises(aiohttp.ClientError):
        await api.send(group, uuid="a")
    assert len(api.simulator.said(group)) == 1
    await api.send(group, uuid="a")
    assert len(api.simulator.said(group)) == 1


async def test_an_interface_can_hang_break_off_or_answer_with_a_page(api: Api, group: Chat) -> None:
    api.simulator.fail("messages", "hang", seconds=0.5)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(api.send(group), 0.05)
    api.simulator.fail("messages", "reset")
    with pytest.raises(aiohttp.ClientError):
        await api.send(group)
    api.simulator.fail("messages", "html", status=502)
    with pytest.raises(aiohttp.ContentTypeError):
        await api.send(group)
    assert not api.simulator.said(group)


async def test_a_film_is_no_file_and_a_file_no_film(api: Api, group: Chat) -> None:
    keys = {}
    for kind, name in (("mp4", "film.mp4"), ("stream", "a.zip")):
        form = aiohttp.FormData({"file_type": kind, "file_name": name})
        form.add_field("file", io.BytesIO(b"x"), filename=name)
        keys[name] = (await api.call("POST", "/im/v1/files", data=form))["data"]["file_key"]
    assert (await api.send(group, "file", {"file_key": keys["film.mp4"]}))["code"] == 230055
    assert (await api.send(group, "media", {"file_key": keys["a.zip"]}))["code"] == 230055
    assert (await api.send(group, "media", {"file_key": keys["film.mp4"]}))["code"] == 0


async def test_a_group_is_read_back_with_a_permission_of_its_own(api: Api, group: Chat) -> None:
    path = f"/im/v1/messages?container_id_type=chat&container_id={group.id}"
    assert (await api.call("GET", path))["code"] == 230027
    api.simulator.world.scopes.add("im:message.group_msg")
    assert (await api.call("GET", path))["code"] == 0


async def test_in_a_topic_everything_answers_its_opening_and_is_read_there(api: Api, group: Chat) -> None:
    world, people = api.simulator.world, api.simulator.people
    world.scopes.add("im:message.group_msg")
    ada = world.add_user("Ada")
    talk = people.say(group, ada, "we talk")
    opening = people.say(group, ada, "a topic", answer_to=talk)
    inside = people.say(group, ada, "inside", answer_to=opening, in_topic=True)
    deeper = people.say(group, ada, "deeper", answer_to=inside)
    assert {(one.root, one.parent) for one in (inside, deeper)} == {(opening.id, opening.id)}
    path = "/im/v1/messages?container_id_type={}&container_id={}"

    async def ids(kind: str, id_: str) -> list[str]:
        answer = await api.call("GET", path.format(kind, id_))
        return [item["message_id"] for item in answer["data"]["items"]]

    assert await ids("chat", group.id) == [talk.id, opening.id]
    assert await ids("thread", opening.thread) == [opening.id, inside.id, deeper.id]


async def test_a_card_is_told_whole_only_to_who_asks_for_that(api: Api, group: Chat) -> None:
    sent = (await api.send(group, "interactive", CARD))["data"]["message_id"]

    async def told(query: str) -> Any:
        answer = await api.call("GET", f"/im/v1/messages/{sent}{query}")
        return json.loads(answer["data"]["items"][0]["body"]["content"])

    assert "Hello" not in str(await told(""))
    assert "Hello" in (await told("?card_msg_content_type=user_card_content"))["user_dsl"]


async def test_a_chat_can_be_read_back_since_a_time(api: Api, group: Chat) -> None:
    api.simulator.world.scopes.add("im:message.group_msg")
    await api.send(group)
    since = int(api.simulator.world.now()) + 60
    await api.simulator.advance(120)
    sent = (await api.send(group))["data"]["message_id"]
    path = f"/im/v1/messages?container_id_type=chat&container_id={group.id}&start_time={since}"
    items = (await api.call("GET", path))["data"]["items"]
    assert [item["message_id"] for item in items] == [sent]
    assert (await api.call("GET", f"{path}&page_size=51"))["code"] == 99992402


async def test_scopes_are_told_apart_by_what_is_granted(api: Api) -> None:
    api.simulator.world.scopes.discard("im:resource")
    scopes = (await api.call("GET", "/application/v6/scopes"))["data"]["scopes"]
    assert {scope["scope_name"] for scope in scopes if scope["grant_status"] == 2} == {"im:resource"}
