"""The connection holds, comes back, and says plainly when it cannot."""

import asyncio
import logging

import pytest

from adapters.platforms.discord.transport import CREDENTIAL_REFUSED, INTENT_MISSING
from bot.errors import Passing, PlatformError
from bot.message import Address, Kind, Outgoing
from tests.contract.platforms.stage import until
from tests.simulators.discord import Discord
from tests.simulators.discord.state import THREAD, Channel
from tests.unit.adapters.platforms.discord.conftest import Stage

TEXT = Outgoing(Kind.TEXT, "en", "hello")


async def heard(stage: Stage, *texts: str) -> None:
    await until(lambda: [message.text for message in stage.listener.messages] == list(texts))


async def test_nothing_is_sent_before_it_has_logged_in(closed: Stage) -> None:
    closed.discord.fail("me", "status", status=503, times=10_000)
    await closed.open(connected=False)
    with pytest.raises(Passing):
        await closed.platform.send(closed.address, TEXT, "k")
    assert not closed.platform.connected


@pytest.mark.parametrize("route", ["gateway", "me", "application"])
async def test_a_login_that_fails_at_first_is_tried_again(closed: Stage, route: str) -> None:
    closed.discord.fail(route, "status", status=503, times=2)
    await closed.open()
    await closed.ada.says("@Inkling hello")
    await heard(closed, "hello")


async def test_a_first_connection_that_fails_is_tried_again(closed: Stage) -> None:
    closed.discord.gateway.refuse_connections = 1
    await closed.open(connected=False)
    await closed.discord.gateway.ready()
    await closed.ready()
    await closed.ada.says("@Inkling hello")
    await heard(closed, "hello")
    assert len(closed.discord.gateway.identifies) == 1


async def test_a_wrong_token_is_final_and_said_plainly(closed: Stage) -> None:
    closed.world.token = "another"
    wrong = Stage(closed.folder, closed.discord)
    closed.world.token = "MTA.simulated.token"
    await wrong.open(connected=False)
    closed.world.token = "rotated"
    with pytest.raises(PlatformError, match="Reset Token"):
        await wrong.task
    await wrong.shut()


async def test_a_token_that_the_gateway_refuses_is_final_too(closed: Stage) -> None:
    closed.discord.gateway.close_next_identify_with = 4004
    await closed.open(connected=False)
    with pytest.raises(PlatformError) as caught:
        await closed.task
    assert str(caught.value) == CREDENTIAL_REFUSED


async def test_too_many_servers_for_one_connection_is_said_plainly(closed: Stage) -> None:
    closed.discord.gateway.close_next_identify_with = 4011
    await closed.open(connected=False)
    with pytest.raises(PlatformError, match="DISCORD_SHARDS"):
        await closed.task


async def test_without_the_granted_intent_it_goes_on_with_mentions(
    closed: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    closed.listen = (str(closed.channel.id),)
    with caplog.at_level(logging.WARNING):
        await closed.open()
    await closed.ada.says("draw a fox")
    await closed.ada.says("@Inkling draw a cat")
    await heard(closed, "draw a cat")
    assert INTENT_MISSING in caplog.messages


@pytest.mark.parametrize("after", range(3))
async def test_a_connection_that_is_cut_misses_nothing_and_hears_nothing_twice(
    stage: Stage, after: int
) -> None:
    stage.discord.gateway.cut_after = after
    for number in range(4):
        await stage.ada.says(f"@Inkling {number}")
    await heard(stage, "0", "1", "2", "3")
    await asyncio.sleep(0.02)
    await heard(stage, "0", "1", "2", "3")
    assert stage.discord.gateway.resumes == 1
    assert stage.discord.violations == []


@pytest.mark.parametrize("code", [1000, 1001, 4000, 4009])
async def test_a_connection_that_is_closed_is_resumed(stage: Stage, code: int) -> None:
    await stage.discord.gateway.close(code)
    await stage.ada.says("@Inkling hello")
    await heard(stage, "hello")


async def test_a_server_that_asks_for_it_is_connected_to_anew(stage: Stage) -> None:
    await stage.discord.gateway.reconnect()
    await stage.ada.says("@Inkling hello")
    await heard(stage, "hello")
    assert stage.discord.gateway.resumes == 1


async def test_a_session_that_is_over_begins_again(stage: Stage) -> None:
    await stage.discord.gateway.invalidate()
    await stage.discord.gateway.wait_for(lambda: len(stage.discord.gateway.identifies) == 2)
    await until(lambda: stage.platform.connected)
    await stage.ada.says("@Inkling hello")
    await heard(stage, "hello")


async def test_events_that_come_twice_are_heard_once(stage: Stage) -> None:
    stage.discord.gateway.duplicate = True
    await stage.ada.says("@Inkling one")
    await stage.ada.says("@Inkling two")
    await heard(stage, "one", "two")
    await asyncio.sleep(0.02)
    await heard(stage, "one", "two")


async def test_it_is_not_connected_while_the_gateway_is_away(stage: Stage) -> None:
    stage.discord.gateway.refuse_connections = 1_000_000
    stage.discord.gateway.cut()
    await until(lambda: not stage.platform.connected)
    # What goes over HTTP still goes.
    await stage.platform.send(stage.address, TEXT, "k")
    assert len(stage.said()) == 1


async def sharded(stage: Stage) -> Channel:
    """Two shards, each with a server of its own; the channel in the other server."""
    world, gateway = stage.world, stage.discord.gateway
    here = stage.discord.guild.id >> 22 & 1
    guilds = [world.new_guild("There", joined=False)]
    while guilds[-1].id >> 22 & 1 == here:
        await asyncio.sleep(0.001)
        guilds.append(world.new_guild("There", joined=False))
    other = guilds[-1]
    other.joined = True
    gateway.shards, gateway.identify_every = 2, 0.08
    stage.shards = True
    await stage.open()
    return world.new_channel("there", other)


async def test_shards_hear_as_one(closed: Stage) -> None:
    there = await sharded(closed)
    gateway = closed.discord.gateway
    assert sorted(session.shard for session in gateway.sessions.values()) == [(0, 2), (1, 2)]
    await gateway.dispatch("CHANNEL_CREATE", closed.discord.wire.channel(there))
    await closed.ada.says("@Inkling here")
    await closed.ada.says("@Inkling there", there)
    await until(lambda: {message.text for message in closed.listener.messages} == {"here", "there"})
    await closed.platform.send(Address("discord", str(there.id)), TEXT, "k")
    assert len(closed.discord.said(there)) == 1
    assert closed.discord.violations == []


async def test_a_shard_that_is_away_is_no_full_connection(closed: Stage) -> None:
    await sharded(closed)
    gateway = closed.discord.gateway
    gateway.refuse_connections = 1
    first, second = gateway.connections
    second.cut()
    await until(lambda: not closed.platform.connected)
    await until(lambda: closed.platform.connected)
    assert first in gateway.connections
    assert closed.discord.violations == []


async def test_a_token_that_is_refused_is_final_with_shards_too(closed: Stage) -> None:
    closed.shards = True
    closed.discord.gateway.close_next_identify_with = 4004
    await closed.open(connected=False)
    with pytest.raises(PlatformError) as caught:
        await closed.task
    assert str(caught.value) == CREDENTIAL_REFUSED


async def test_a_server_that_falls_silent_is_left_and_nothing_is_missed(closed: Stage) -> None:
    gateway = closed.discord.gateway
    gateway.heartbeat_interval = 0.2
    closed.heartbeat_timeout = 0.3
    await closed.open()
    gateway.fall_silent()
    await closed.ada.says("@Inkling hello")
    assert closed.listener.messages == []
    await until(lambda: gateway.resumes == 1)
    await heard(closed, "hello")
    assert len(gateway.identifies) == 1


@pytest.mark.parametrize("ahead", [-900.0, 900.0])
async def test_a_wrong_clock_makes_no_message_stale_and_is_told(
    closed: Stage, caplog: pytest.LogCaptureFixture, ahead: float
) -> None:
    closed.hasty.ahead = ahead
    await closed.open()
    await closed.ada.says("@Inkling hello")
    await closed.ada.slash("imagine", prompt="a fox")
    await until(lambda: len(closed.listener.messages) == 2)
    assert all(abs(message.sent_at - closed.clock.now()) < 30 for message in closed.listener.messages)
    assert any("clock is" in message for message in caplog.messages)
    assert any(not check.ok and "NTP" in check.advice for check in await closed.platform.check())


async def test_leaving_is_seen_at_once(stage: Stage) -> None:
    (session,) = stage.discord.gateway.sessions.values()
    await stage.shut()
    assert session.presence is not None
    assert session.presence["status"] == "invisible"
    assert not stage.platform.connected


async def test_the_gateway_is_spoken_to_in_compressed_form(stage: Stage) -> None:
    assert set(stage.discord.gateway.encodings) <= {"zstd-stream", "zlib-stream"}


async def test_another_server_that_is_no_discord_is_said_by_the_doctor(
    discord: Discord, closed: Stage
) -> None:
    discord.fail("gateway", "status", status=404, times=10)
    await closed.open(connected=False)
    (check,) = await closed.platform.check()
    assert not check.ok
    assert "DISCORD_API_BASE" in check.advice


async def test_the_doctor_names_what_is_missing(closed: Stage) -> None:
    closed.listen = (str(closed.channel.id),)
    closed.discord.guild.everyone &= ~(1 << 15)
    await closed.open()
    closed.world.user_install = False
    for number in range(12):
        closed.world.new_guild(f"Server {number}").everyone = 0
    logged_in, intent, install, invite, rights, *others, heard = await closed.platform.check()
    assert logged_in.ok
    assert "scope=bot+applications.commands&permissions=274878024704" in invite.what
    assert (intent.ok, install.ok, rights.ok) == (False, False, False)
    assert "Message Content" in intent.advice
    assert "User Install" in install.advice
    assert "Missing: Attach Files." in rights.advice
    assert len(others) == 10
    assert "3 more servers" in others[-1].what
    assert "Missing: Attach Files." in heard.advice


async def test_the_doctor_is_content_where_all_is_well(closed: Stage) -> None:
    closed.world.message_content_allowed = True
    closed.listen = (str(closed.channel.id),)
    await closed.open()
    checks = await closed.platform.check()
    assert [check.ok for check in checks] == [True] * 5
    assert checks[-2].what.startswith("Discord: has all its rights in 1 server")


async def test_the_doctor_sees_what_a_channel_takes_away(closed: Stage) -> None:
    closed.world.message_content_allowed = True
    await closed.open()
    await closed.discord.set_rights(closed.channel, deny=1 << 11)
    (thread,) = await closed.discord.open_rooms(1, kind=THREAD, parent=closed.channel.id)
    (other,) = await closed.discord.open_rooms(1)
    closed.listen = (str(closed.channel.id), str(thread.id), str(other.id), "123", "general")
    await closed.restart()
    channel, inside, fine, unknown, no_number = (await closed.platform.check())[-5:]
    assert channel.advice.startswith("Missing: Send Messages.")
    assert "#pictures of The Studio" in channel.what
    assert (inside.ok, fine.ok) == (True, True)
    assert [one.advice[:23] for one in (unknown, no_number)] == ["It is not to be seen. I"] * 2


async def test_the_doctor_knows_a_wrong_token(closed: Stage) -> None:
    await closed.open(connected=False)
    closed.world.token = "rotated"
    (check,) = await closed.platform.check()
    assert not check.ok
    assert check.advice == CREDENTIAL_REFUSED
