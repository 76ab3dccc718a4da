"""The gateway's rules and the faults, each provoked and seen."""

import aiohttp
import pytest

from tests.simulators.discord.raw import RawBot, connect, rules
from tests.simulators.discord.state import Json

# Gateway ------------------------------------------------------------------------------------------------


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
        ({"d": {}}, 4002),
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


async def test_what_the_gateway_does_not_know_closes_the_connection(bot: RawBot) -> None:
    socket = await connect(bot)
    await socket.identify(bot.discord)
    await socket.socket.send_json({"op": 42, "d": {}})
    assert [await socket.next() for _ in range(3)][-1] == 4001


async def test_a_flood_of_frames_closes_the_connection(bot: RawBot) -> None:
    socket = await connect(bot)
    for _ in range(121):
        await socket.socket.send_json({"op": 1, "d": None})
    while isinstance(answer := await socket.next(), dict):
        assert answer["op"] == 11
    assert answer == 4008


async def test_nobody_resumes_from_the_future(bot: RawBot) -> None:
    socket = await connect(bot)
    await socket.identify(bot.discord)
    session = (await socket.next())["d"]["session_id"]
    again = await connect(bot)
    await again.socket.send_json(
        {"op": 6, "d": {"token": bot.discord.token, "session_id": session, "seq": 99}}
    )
    assert await again.next() == 4007


async def test_identifying_too_often_is_invalid(bot: RawBot) -> None:
    bot.discord.gateway.identify_every = 5.0
    await (await connect(bot)).identify(bot.discord)
    second = await connect(bot)
    await second.identify(bot.discord)
    assert (await second.next())["op"] == 9
    assert rules(bot.discord) == ["identify"]


async def test_a_shard_hears_of_its_own_servers_alone(bot: RawBot) -> None:
    own = bot.discord.guild.id >> 22 & 1
    for shard in (own, 1 - own):
        socket = await connect(bot)
        await socket.identify(bot.discord, shard=[shard, 2])
        assert len((await socket.next())["d"]["guilds"]) == (shard == own)


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
