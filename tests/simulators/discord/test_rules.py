"""Every rule that the simulated Discord enforces is broken here on purpose, and seen to be refused."""

import io
import json
import zlib
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import aiohttp
import pytest
import zstandard
from PIL import Image

from tests.simulators.discord import Discord
from tests.simulators.discord.people import NotOffered
from tests.simulators.discord.state import (
    ATTACH_FILES,
    COMPONENTS_V2,
    EMBED_LINKS,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    THREAD,
    VIEW_CHANNEL,
    Interaction,
    Json,
)

NONE: Json = {"parse": []}
IMAGINE: Json = {
    "name": "imagine",
    "description": "Draw",
    "integration_types": [0, 1],
    "options": [
        {"type": 3, "name": "prompt", "description": "What", "required": True},
        {"type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 4},
        {"type": 3, "name": "model", "description": "Which", "autocomplete": True},
    ],
}


class RawBot:
    """A bot that sends what it is told to, right or wrong."""

    def __init__(self, discord: Discord) -> None:
        self.discord = discord

    async def __aenter__(self) -> Self:
        headers = {
            "Authorization": f"Bot {self.discord.token}",
            "User-Agent": "DiscordBot (https://bot.example, 1)",
        }
        self.session = aiohttp.ClientSession(headers=headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    async def call(self, method: str, path: str, body: Any = None, **kwargs: Any) -> tuple[int, Any]:
        request = self.session.request(method, self.discord.api_base + path, json=body, **kwargs)
        async with request as response:
            return response.status, await response.json() if response.status != 204 else None

    async def send(self, **body: Any) -> tuple[int, Any]:
        path = f"/channels/{self.discord.channel.id}/messages"
        return await self.call("POST", path, {"allowed_mentions": NONE, **body})

    async def upload(self, data: bytes, name: str = "a.png", **body: Any) -> tuple[int, Any]:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", json.dumps({"allowed_mentions": NONE, **body}))
        form.add_field("files[0]", data, filename=name, content_type="image/png")
        url = f"{self.discord.api_base}/channels/{self.discord.channel.id}/messages"
        async with self.session.post(url, data=form) as response:
            return response.status, await response.json()

    async def answer(self, interaction: Interaction, kind: int = 4, **data: Any) -> tuple[int, Any]:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=1"
        return await self.call("POST", path, {"type": kind, "data": data} if data else {"type": kind})

    def hook(self, interaction: Interaction, rest: str = "") -> str:
        return f"/webhooks/{self.discord.world.bot.id}/{interaction.token}{rest}"

    async def register(self, *commands: Json) -> tuple[int, Any]:
        path = f"/applications/{self.discord.world.bot.id}/commands"
        return await self.call("PUT", path, list(commands))


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as simulator:
        yield simulator


@pytest.fixture
async def bot(discord: Discord) -> AsyncIterator[RawBot]:
    async with RawBot(discord) as raw:
        await raw.register(IMAGINE)
        yield raw


def picture(size: int = 8) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (size, size)).save(buffer, "PNG")
    return buffer.getvalue()


def rules(discord: Discord) -> list[str]:
    return [violation.rule for violation in discord.violations]


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
        {"content": "a", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        {"content": "a", "message_reference": {"message_id": "1"}},
    ],
)
async def test_a_body_against_the_rules_is_refused_and_written_down(bot: RawBot, body: Json) -> None:
    status, answer = await bot.send(**body)
    assert (status, answer["code"]) == (400, 50035)
    assert rules(bot.discord) == ["invalid body"]
    assert bot.discord.said() == []


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


# Interactions -------------------------------------------------------------------------------------------


async def test_an_answer_after_three_seconds_is_refused(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    bot.discord.world.pass_time(3.1)
    assert (await bot.answer(interaction, content="late"))[1]["code"] == 10062
    assert rules(bot.discord) == ["answered late"]
    assert bot.discord.interactions.failed() == [interaction]


async def test_a_second_first_answer_is_refused(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    assert (await bot.answer(interaction, content="a"))[0] == 200
    assert (await bot.answer(interaction, content="a"))[1]["code"] == 40060
    assert rules(bot.discord) == ["answered twice"]


async def test_a_token_dies_after_fifteen_minutes(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    await bot.answer(interaction, kind=5)
    bot.discord.world.pass_time(901)
    status, answer = await bot.call("PATCH", bot.hook(interaction, "/messages/@original"), {"content": "a"})
    assert (status, answer["code"]) == (401, 50027)
    assert bot.discord.interactions.failed() == [interaction]


async def test_there_is_nothing_to_follow_before_the_first_answer(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    assert (await bot.call("POST", bot.hook(interaction), {"content": "a"}))[1]["code"] == 10015
    assert (await bot.call("GET", bot.hook(interaction, "/messages/@original")))[1]["code"] == 10015


async def test_the_first_follow_up_of_a_deferral_becomes_the_answer(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    await bot.answer(interaction, kind=5)
    await bot.call("POST", bot.hook(interaction), {"content": "first"})
    await bot.call("POST", bot.hook(interaction), {"content": "second"})
    assert bot.discord.transcript() == ["Inkling: first", "Inkling: second"]


async def test_a_deferral_says_nothing_but_whether_it_is_ephemeral(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    assert (await bot.answer(interaction, kind=5, content="a"))[1]["code"] == 50035


async def test_a_guest_follows_up_five_times(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox", guest=True)
    await bot.answer(interaction, content="a")
    bot.discord.rest.limits = False
    codes = [(await bot.call("POST", bot.hook(interaction), {"content": "b"}))[0] for _ in range(6)]
    assert codes == [200] * 5 + [400]


async def test_an_ephemeral_answer_is_for_one_person(bot: RawBot) -> None:
    ada, bob = bot.discord.person("Ada"), bot.discord.person("Bob")
    await bot.answer(await ada.slash("imagine", prompt="fox"), content="psst", flags=64)
    assert bot.discord.transcript(viewer=ada) == ["Inkling (only you): psst"]
    assert bot.discord.transcript(viewer=bob) == []


async def test_a_form_that_is_too_long_is_refused(bot: RawBot) -> None:
    interaction = await bot.discord.person("Ada").slash("imagine", prompt="fox")
    field = {"type": 4, "custom_id": "t", "style": 2, "label": "What"}
    form = {"custom_id": "m", "components": [{"type": 1, "components": [field]}]}
    assert (await bot.answer(interaction, kind=9, title="t" * 46, **form))[1]["code"] == 50035


# Commands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        {"name": "Imagine", "description": "d"},
        {"name": "imagine", "description": ""},
        {"name": "imagine", "description": "d" * 101},
        {"name": "imagine", "description": "d", "name_localizations": {"zh": "画"}},
        {"name": "menu", "type": 3, "description": "not here"},
        {
            "name": "a",
            "description": "d",
            "options": [{"type": 3, "name": str(i), "description": "d"} for i in range(26)],
        },
        {
            "name": "a",
            "description": "d",
            "options": [
                {"type": 3, "name": "x", "description": "d"},
                {"type": 3, "name": "y", "description": "d", "required": True},
            ],
        },
        {
            "name": "a",
            "description": "d",
            "options": [
                {
                    "type": 3,
                    "name": "x",
                    "description": "d",
                    "choices": [{"name": str(i), "value": str(i)} for i in range(26)],
                }
            ],
        },
    ],
)
async def test_a_command_against_the_rules_is_refused(bot: RawBot, command: Json) -> None:
    assert (await bot.register(command))[1]["code"] == 50035


async def test_two_hundred_new_commands_a_day_are_enough(bot: RawBot) -> None:
    bot.discord.rest.limits = False
    for generation in range(3):
        names = [f"c{generation}-{i}" for i in range(99)]
        status, answer = await bot.register(*({"name": n, "description": "d"} for n in names))
    assert (status, answer["code"]) == (400, 30034)


async def test_a_person_can_only_do_what_their_client_offers(bot: RawBot) -> None:
    ada = bot.discord.person("Ada")
    for wrong in ({"prompt": 5}, {}, {"prompt": "a", "count": 9}, {"prompt": "a", "colour": "red"}):
        with pytest.raises(NotOffered):
            await ada.slash("imagine", **wrong)
    with pytest.raises(NotOffered):
        await ada.slash("paint", prompt="a")


# Gateway ------------------------------------------------------------------------------------------------


class RawSocket:
    """A gateway connection read by hand."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, compression: str) -> None:
        self.socket = socket
        self._zlib = zlib.decompressobj()
        self._zstd = zstandard.ZstdDecompressor().decompressobj()
        self._compression = compression

    async def next(self) -> Any:
        frame = await self.socket.receive(timeout=2)
        if frame.type is not aiohttp.WSMsgType.BINARY:
            return self.socket.close_code
        unpack = self._zlib if self._compression == "zlib-stream" else self._zstd
        return json.loads(unpack.decompress(frame.data))

    async def identify(self, discord: Discord, **more: Any) -> None:
        data = {"token": discord.token, "intents": 1 << 9, "properties": {}, **more}
        await self.socket.send_json({"op": 2, "d": data})


async def connect(bot: RawBot, compression: str = "zstd-stream") -> RawSocket:
    url = f"{bot.discord.wire.base}/gateway?v=10&encoding=json&compress={compression}"
    socket = RawSocket(await bot.session.ws_connect(url), compression)
    assert (await socket.next())["op"] == 10
    return socket


@pytest.mark.parametrize("compression", ["zlib-stream", "zstd-stream"])
async def test_the_gateway_speaks_both_compressions(bot: RawBot, compression: str) -> None:
    socket = await connect(bot, compression)
    await socket.identify(bot.discord)
    assert [(await socket.next())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
    await bot.discord.person("Ada").says("@Inkling 画一只狐狸")
    assert "画一只狐狸" in (await socket.next())["d"]["content"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"op": 3, "d": {}}, 4003),
        ({"op": 2, "d": {"token": "wrong", "intents": 0}}, 4004),
        ({"op": 2, "d": {"token": "MTA.simulated.token", "intents": 1 << 15}}, 4014),
        ({"op": 6, "d": {"token": "MTA.simulated.token", "session_id": "x" * 4100}}, 4002),
    ],
)
async def test_a_frame_against_the_rules_closes_the_connection(bot: RawBot, frame: Json, code: int) -> None:
    socket = await connect(bot)
    await socket.socket.send_json(frame)
    assert await socket.next() == code


async def test_identifying_twice_closes_the_connection(bot: RawBot) -> None:
    socket = await connect(bot)
    await socket.identify(bot.discord)
    await socket.identify(bot.discord)
    assert [await socket.next() for _ in range(3)][-1] == 4005


async def test_a_heart_that_stops_is_noticed(bot: RawBot) -> None:
    bot.discord.gateway.heartbeat_interval = 0.05
    socket = await connect(bot)
    await socket.identify(bot.discord)
    assert [await socket.next() for _ in range(3)][-1] == 4009
    assert rules(bot.discord) == ["heartbeat"]


async def test_a_resumed_session_is_told_what_it_missed(bot: RawBot) -> None:
    socket = await connect(bot)
    await socket.identify(bot.discord)
    ready = await socket.next()
    await socket.next()
    bot.discord.gateway.cut()
    await bot.discord.person("Ada").says("@Inkling while you were away")
    again = await connect(bot)
    session = ready["d"]["session_id"]
    await again.socket.send_json(
        {"op": 6, "d": {"token": bot.discord.token, "session_id": session, "seq": 2}}
    )
    assert [(await again.next())["t"] for _ in range(2)] == ["MESSAGE_CREATE", "RESUMED"]


async def test_a_session_that_is_unknown_cannot_be_resumed(bot: RawBot) -> None:
    socket = await connect(bot)
    data = {"token": bot.discord.token, "session_id": "nowhere", "seq": 0}
    await socket.socket.send_json({"op": 6, "d": data})
    assert await socket.next() == {"op": 9, "d": False}


async def test_a_stranger_s_words_are_hidden_without_the_intent(bot: RawBot) -> None:
    socket = await connect(bot)
    await socket.identify(bot.discord)
    await socket.next()
    await socket.next()
    ada = bot.discord.person("Ada")
    await ada.says("not for you")
    await ada.says("@Inkling for you")
    contents = [(await socket.next())["d"]["content"] for _ in range(2)]
    assert contents == ["", f"<@{bot.discord.world.bot.id}> for you"]


# Faults -------------------------------------------------------------------------------------------------


async def test_a_lost_answer_has_taken_effect(bot: RawBot) -> None:
    bot.discord.fail("message.create", "lose")
    with pytest.raises(aiohttp.ClientError):
        await bot.send(content="a")
    assert bot.discord.transcript() == ["Inkling: a"]


async def test_a_dropped_request_has_not(bot: RawBot) -> None:
    bot.discord.fail("message.create", "drop")
    with pytest.raises(aiohttp.ClientError):
        await bot.send(content="a")
    assert bot.discord.transcript() == []


async def test_a_fault_is_over_when_it_is_used_up(bot: RawBot) -> None:
    bot.discord.fail("message.create", "status", status=503, times=2)
    assert [(await bot.send(content="a"))[0] for _ in range(3)] == [503, 503, 200]
