"""`inkling doctor` on Discord: clock, token, intents, installation, and the bot's rights in its servers."""

from collections.abc import Sequence
from typing import Any

import discord

from adapters.clock import clock_wrong
from adapters.platforms.discord import rights
from adapters.platforms.discord.discovery import point_at
from adapters.platforms.discord.rest import Rest
from adapters.platforms.discord.transport import CREDENTIAL_REFUSED, INTENT_MISSING
from bot.errors import Gone
from bot.ports import Check, Clock
from bot.settings import Discord

Json = dict[str, Any]

#: Servers that are named one by one, and channels that are looked at.
_NAMED, _LOOKED_AT = 10, 25
_NAMES = {
    "view_channel": "View Channels",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
#: https://discord.com/developers/docs/topics/permissions#permission-overwrites
_NOT_SEEN = (
    "It is not to be seen. Is the number right, is the bot in that server, and may it view the channel?"
)


def invite(application: int) -> str:
    """The link that brings the bot into a server with the rights it needs."""
    return (
        f"https://discord.com/oauth2/authorize?client_id={application}"
        f"&scope=bot+applications.commands&permissions={rights.NEEDED.value}"
    )


async def check(settings: Discord, clock: Clock) -> tuple[Check, ...]:
    """Try everything that can be tried without connecting to the gateway.

    Raises what discord.py and aiohttp raise when nobody answers.
    """
    ahead = await point_at(settings, clock)
    late = (Check(False, "Discord: the clock", clock_wrong("Discord", ahead)),) if ahead else ()
    client = discord.Client(intents=discord.Intents(guilds=True), proxy=settings.proxy or None)
    try:
        await client.login(settings.token)
        return (*late, *await _checks(client, settings))
    except discord.LoginFailure:
        return (*late, Check(False, "Discord: the token", CREDENTIAL_REFUSED))
    finally:
        await client.close()


async def _checks(client: discord.Client, settings: Discord) -> tuple[Check, ...]:
    application = await client.application_info()
    found = [Check(True, f"Discord: logged in as {client.user}")]
    if settings.listen:
        flags = application.flags
        granted = flags.gateway_message_content or flags.gateway_message_content_limited
        advice = "" if granted else INTENT_MISSING
        found.append(Check(granted, "Discord: the Message Content intent for DISCORD_LISTEN", advice))
    if application.guild_integration_config and not application.user_integration_config:
        advice = "Tick User Install under Installation, so that people can use it anywhere."
        found.append(Check(False, "Discord: can be installed by people for themselves", advice))
    link = invite(application.id)
    found.append(Check(True, f"Discord: to bring it into a server, open {link}"))
    found += servers(await Rest(client).guilds(), link)
    found += [await _heard(client, channel) for channel in settings.listen[:_LOOKED_AT]]
    return tuple(found)


async def _heard(client: discord.Client, channel: str) -> Check:
    """What the bot may do in a channel of DISCORD_LISTEN, whose own settings may take some away."""
    what = f"Discord: rights in the channel {channel}"
    try:
        guild_id = (await Rest(client).channel(int(channel))).get("guild_id")
        if guild_id is None:
            return Check(True, what)
        guild = await client.fetch_guild(int(guild_id), with_counts=False)
        me = await guild.fetch_member(client.user.id if client.user else 0)
        place = await guild.fetch_channel(int(channel))
        in_thread = isinstance(place, discord.Thread)
        # A thread has its channel's rights.
        parent = await guild.fetch_channel(place.parent_id) if isinstance(place, discord.Thread) else place
    except (ValueError, Gone, discord.NotFound, discord.Forbidden):
        return Check(False, what, _NOT_SEEN)
    needless = "send_messages" if in_thread else "send_messages_in_threads"
    # Not `place.permissions_for`: with one right missing it leaves out others that are there.
    held = discord.abc.GuildChannel.permissions_for(parent, me)  # type: ignore[arg-type]  # no thread is a parent
    missing = [name for key, name in _NAMES.items() if key != needless and not getattr(held, key)]
    advice = f"Missing: {', '.join(missing)}. Give them to its role in the channel's own settings."
    what = f"Discord: rights in the channel #{place.name} of {guild.name}"
    return Check(not missing, what, advice if missing else "")


def servers(guilds: Sequence[Json], link: str) -> list[Check]:
    """What the bot may do where it is a member: a line for each server that lacks something."""
    if not guilds:
        return [Check(True, "Discord: it is in no server yet")]
    lacking: list[Check] = []
    for guild in guilds:
        held = discord.Permissions(int(guild.get("permissions", 0)))
        missing = (
            [] if held.administrator else [name for key, name in _NAMES.items() if not getattr(held, key)]
        )
        if missing:
            what = f"Discord: rights in the server {guild.get('name', '')}"
            advice = f"Missing: {', '.join(missing)}. Give them to its role, or invite it again: {link}"
            lacking.append(Check(False, what, advice))
    if not lacking:
        where = f"{len(guilds)} server{'s'[: len(guilds) > 1]}, if no channel takes some away"
        return [Check(True, f"Discord: has all its rights in {where}")]
    more = len(lacking) - _NAMED
    rest = (
        [Check(False, f"Discord: rights in {more} more servers", "Invite it again there.")]
        if more > 0
        else []
    )
    return lacking[:_NAMED] + rest
