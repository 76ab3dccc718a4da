"""Every rule about messages is broken here on purpose, and seen to be refused."""

from typing import Any

import aiohttp
import pytest

from tests.simulators.discord import Discord
from tests.simulators.discord.people import NotOffered
from tests.simulators.discord.raw import RawBot, picture, rules
from tests.simulators.discord.state import (
    ATTACH_FILES,
    COMPONENTS_V2,
    EMBED_LINKS,
    FORUM,
    NO_PREVIEWS,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    THREAD,
    VIEW_CHANNEL,
    Json,
)


def button(**more: Any) -> Json:
    return {"type": 2, "style": 1, "label": "Press", "custom_id": "x", **more}


def row(*items: Json) -> list[Json]:
    return [{"type": 1, "components": list(items)}]


# Bodies -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"content": "a" * 2001},
        {"content": "a", "nonce": "n" * 26},
        {"content": "a", "colour": 1},
        {"content": "a", "flags": 1 << 7},
        {"embeds": [{"title": "a" * 257}]},
        {"embeds": [{"description": "a" * 4097}]},
        {"embeds": [{"fields": [{"name": "", "value": "b"}]}]},
        {"embeds": [{"description": "a" * 4096}, {"description": "a" * 1905}]},
        {"embeds": [{"title": "a"}] * 11},
        {"embeds": [{"title": "a", "image": {"url": "attachment://missing.png"}}]},
        {"embeds": [{"title": "a", "url": "no link"}]},
        {"content": "a", "components": row(button(custom_id="i" * 101))},
        {"content": "a", "components": row(button(label="l" * 81))},
        {"content": "a", "components": row(button(), button())},
        {"content": "a", "components": row(*(button(custom_id=str(i)) for i in range(6)))},
        {"content": "a", "components": row(button(url="https://a.example"))},
        {"content": "a", "components": row({"type": 3, "custom_id": "s", "options": []})},
        {
            "content": "a",
            "components": row({"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "1"}] * 2}),
        },
        {"content": "a", "flags": COMPONENTS_V2, "components": [{"type": 10, "content": "b"}]},
        {"flags": COMPONENTS_V2, "components": [{"type": 10, "content": "b" * 4001}]},
        {"flags": COMPONENTS_V2, "components": [{"type": 10, "content": "b"}] * 41},
        {"flags": COMPONENTS_V2, "components": [{"type": 12, "items": []}]},
        {"content": "a", "components": row(button(style=9))},
        {"content": "a", "components": row(button(label=""))},
        {"content": "a", "components": row(button(), {"type": 3, "custom_id": "s", "options": []})},
        {"content": "a", "components": row(button()) * 6},
        {"content": "a", "attachments": [{"id": 0}]},
        {"content": "a", "allowed_mentions": {"parse": ["friends"]}},
        {"content": "a", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        {"content": "a", "message_reference": {"message_id": "1"}},
    ],
)
async def test_a_body_against_the_rules_is_refused_and_written_down(bot: RawBot, body: Json) -> None:
    status, answer = await bot.send(**body)
    assert (status, answer["code"]) == (400, 50035)
    assert rules(bot.discord) == ["invalid body"]
    assert bot.discord.said() == []


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [(b"content=a", "application/x-www-form-urlencoded", 50035), (b"{", "application/json", 50109)],
)
async def test_a_body_that_is_no_json_is_refused(bot: RawBot, data: bytes, kind: str, code: int) -> None:
    url = f"{bot.discord.api_base}/channels/{bot.discord.channel.id}/messages"
    async with bot.session.post(url, data=data, headers={"Content-Type": kind}) as response:
        assert (await response.json())["code"] == code


async def test_a_forum_takes_posts_and_no_messages(bot: RawBot) -> None:
    bot.discord.channel.kind = FORUM
    assert (await bot.send(content="a"))[1]["code"] == 50008


async def test_slow_mode_can_hold_the_bot_back_once(bot: RawBot) -> None:
    bot.discord.messages.slowed[bot.discord.channel.id] = 2.0
    status, answer = await bot.send(content="a")
    assert (status, answer["code"], answer["retry_after"]) == (429, 20016, 2.0)
    assert (await bot.send(content="a"))[0] == 200


async def test_an_edit_shows_or_hides_previews_and_nothing_else(bot: RawBot) -> None:
    _, sent = await bot.send(embeds=[{"title": "shown"}])
    path = f"/channels/{bot.discord.channel.id}/messages/{sent['id']}"
    await bot.call("PATCH", path, {"flags": NO_PREVIEWS})
    assert bot.discord.transcript() == ["Inkling: "]
    await bot.call("PATCH", path, {"flags": 0})
    assert bot.discord.transcript() == ["Inkling: shown"]


async def test_an_empty_message_is_refused(bot: RawBot) -> None:
    assert (await bot.send(content=""))[1]["code"] == 50006


async def test_a_wrong_token_is_refused(bot: RawBot) -> None:
    assert (await bot.call("GET", "/users/@me", headers={"Authorization": "Bot wrong"}))[0] == 401


async def test_an_unknown_route_is_written_down(bot: RawBot) -> None:
    assert (await bot.call("GET", "/channels/1/nothing"))[0] == 404
    assert rules(bot.discord) == ["unknown route"]


async def test_a_foreign_user_agent_is_written_down(bot: RawBot) -> None:
    await bot.call("GET", "/users/@me", headers={"User-Agent": "curl"})
    assert rules(bot.discord) == ["user agent"]


# Places and rights --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("denied", "body", "code"),
    [
        (VIEW_CHANNEL, {"content": "a"}, 50001),
        (SEND_MESSAGES, {"content": "a"}, 50013),
        (EMBED_LINKS, {"embeds": [{"title": "a"}]}, 50013),
        (READ_MESSAGE_HISTORY, {"content": "a", "message_reference": {"message_id": "1"}}, 160002),
    ],
)
async def test_what_is_not_allowed_is_refused(bot: RawBot, denied: int, body: Json, code: int) -> None:
    await bot.discord.set_rights(bot.discord.channel, deny=denied)
    status, answer = await bot.send(**body)
    assert (status, answer["code"]) == (403, code)


async def test_files_need_the_right_to_attach(bot: RawBot) -> None:
    await bot.discord.set_rights(bot.discord.channel, deny=ATTACH_FILES)
    assert (await bot.upload(picture()))[1]["code"] == 50013


async def test_a_deleted_channel_is_gone(bot: RawBot) -> None:
    await bot.discord.delete_channel(bot.discord.channel)
    assert (await bot.send(content="a"))[1]["code"] == 10003


async def test_a_server_that_threw_the_bot_out_is_closed_to_it(bot: RawBot) -> None:
    await bot.discord.kick()
    assert (await bot.send(content="a"))[1]["code"] == 50001


async def test_a_locked_archived_thread_takes_nothing(bot: RawBot) -> None:
    discord = bot.discord
    thread = discord.world.new_channel("t", discord.guild, kind=THREAD, parent=discord.channel.id)
    path = f"/channels/{thread.id}/messages"
    await discord.archive(thread)
    assert (await bot.call("POST", path, {"content": "a"}))[0] == 200
    assert not thread.archived
    await discord.archive(thread, locked=True)
    assert (await bot.call("POST", path, {"content": "a"}))[1]["code"] == 50083


async def test_nobody_is_written_to_who_blocks_it(bot: RawBot) -> None:
    ada = bot.discord.person("Ada")
    ada.user.blocks_dms = True
    _, channel = await bot.call("POST", "/users/@me/channels", {"recipient_id": str(ada.user.id)})
    status, answer = await bot.call("POST", f"/channels/{channel['id']}/messages", {"content": "a"})
    assert (status, answer["code"]) == (403, 50007)


async def test_slow_mode_holds_people_back(discord: Discord) -> None:
    ada = discord.person("Ada")
    discord.channel.slow_mode = 30
    await ada.says("a")
    with pytest.raises(NotOffered):
        await ada.says("b")


async def test_only_own_messages_can_be_changed(bot: RawBot) -> None:
    theirs = await bot.discord.person("Ada").says("a")
    path = f"/channels/{theirs.channel}/messages/{theirs.id}"
    assert (await bot.call("PATCH", path, {"content": "b"}))[1]["code"] == 50005


# Nonces, pings, files -----------------------------------------------------------------------------------


async def test_a_nonce_shows_once_within_its_window_and_again_after_it(bot: RawBot) -> None:
    _, first = await bot.send(content="a", nonce="key", enforce_nonce=True)
    _, second = await bot.send(content="a", nonce="key", enforce_nonce=True)
    assert first["id"] == second["id"]
    bot.discord.world.pass_time(bot.discord.world.nonce_window + 1)
    _, third = await bot.send(content="a", nonce="key", enforce_nonce=True)
    assert third["id"] != first["id"]


async def test_a_nonce_that_is_not_enforced_shows_twice(bot: RawBot) -> None:
    _, first = await bot.send(content="a", nonce="key")
    _, second = await bot.send(content="a", nonce="key")
    assert first["id"] != second["id"]


async def test_pings_are_seen_whatever_causes_them(bot: RawBot) -> None:
    ada = bot.discord.person("Ada")
    await bot.send(content=f"<@{ada.user.id}> @everyone", allowed_mentions={"parse": ["users", "everyone"]})
    await bot.send(content=f"<@{ada.user.id}> @everyone")
    assert bot.discord.pings == [str(ada.user.id), "everyone"]


async def test_somebody_named_on_purpose_is_no_stray_ping(bot: RawBot) -> None:
    ada = bot.discord.person("Ada")
    await bot.send(content=f"<@{ada.user.id}>", allowed_mentions={"parse": [], "users": [str(ada.user.id)]})
    assert bot.discord.pings == []
    assert [ping.whom for ping in bot.discord.world.pings] == [str(ada.user.id)]


async def test_a_file_above_the_limit_is_refused(bot: RawBot) -> None:
    bot.discord.world.file_limit = 10
    status, answer = await bot.upload(picture())
    assert (status, answer["code"]) == (413, 40005)


async def test_a_request_above_the_limit_is_refused(bot: RawBot) -> None:
    bot.discord.world.request_limit = 10
    assert (await bot.upload(picture()))[0] == 413


async def test_a_careless_file_name_is_written_down(bot: RawBot) -> None:
    await bot.upload(picture(), name="my picture.png")
    assert rules(bot.discord) == ["file name"]


async def test_a_link_to_a_file_is_signed_and_expires(bot: RawBot) -> None:
    _, message = await bot.upload(picture())
    url = message["attachments"][0]["url"]
    async with aiohttp.ClientSession() as stranger:
        assert (await stranger.get(url)).status == 200
        assert (await stranger.get(url.replace("hm=", "hm=0"))).status == 404
        bot.discord.world.pass_time(bot.discord.world.link_life + 1)
        assert (await stranger.get(url)).status == 404


async def test_the_bots_token_has_no_business_at_the_cdn(bot: RawBot) -> None:
    _, message = await bot.upload(picture())
    await bot.session.get(message["attachments"][0]["url"])
    assert rules(bot.discord) == ["token to the CDN"]


async def test_a_file_that_an_embed_shows_leaves_the_list_of_attachments(bot: RawBot) -> None:
    _, message = await bot.upload(picture(), embeds=[{"image": {"url": "attachment://a.png"}}])
    assert message["attachments"] == []
    assert message["embeds"][0]["image"]["url"].startswith(bot.discord.wire.base)


async def test_a_message_of_components_never_becomes_another(bot: RawBot) -> None:
    _, message = await bot.send(flags=COMPONENTS_V2, components=[{"type": 10, "content": "a"}])
    path = f"/channels/{message['channel_id']}/messages/{message['id']}"
    assert (await bot.call("PATCH", path, {"content": "b", "flags": 0}))[1]["code"] == 50035


# Rates --------------------------------------------------------------------------------------------------


async def test_the_sixth_message_in_five_seconds_has_to_wait(bot: RawBot) -> None:
    for _ in range(5):
        assert (await bot.send(content="a"))[0] == 200
    url = f"{bot.discord.api_base}/channels/{bot.discord.channel.id}/messages"
    async with bot.session.post(url, json={"content": "a"}) as response:
        assert response.status == 429
        assert response.headers["Via"]
        assert 0 < (await response.json())["retry_after"] <= 5
    bot.discord.world.pass_time(5)
    assert (await bot.send(content="a"))[0] == 200


async def test_fifty_requests_a_second_are_enough(bot: RawBot) -> None:
    answers = [await bot.call("GET", "/users/@me") for _ in range(60)]
    limited = [body for status, body in answers if status == 429]
    assert limited
    assert limited[0]["global"] is True


async def test_old_messages_are_not_edited_for_ever(bot: RawBot) -> None:
    bot.discord.rest.limits = False
    _, message = await bot.send(content="a")
    bot.discord.world.pass_time(3601)
    path = f"/channels/{message['channel_id']}/messages/{message['id']}"
    answers = [await bot.call("PATCH", path, {"content": str(i)}) for i in range(6)]
    assert (answers[-1][0], answers[-1][1]["code"]) == (429, 30046)
