"""`inkling doctor` on Discord: clock, token, intents, installation, and the bot's rights in its servers."""

from collections.abc import Sequence
from typing import Any

import discord

from adapters.clock import clock_wrong
from adapters.platforms.discord import rights
from adapters.platforms.discord.discovery import point_at
from adapters.platforms.discord.rest import Rest
from adapters.platforms.discord.transport import CREDENTIAL_REFUSED, INTENT_MISSING
from bot.ports import Check, Clock
from bot.settings import Discord

Json = dict[str, Any]

#: Servers that are named one by one.
_NAMED = 10
_NAMES = {
    "view_channel": "View Channels",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}


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
    client = discord.Client(intents=discord.Intents.none(), proxy=settings.proxy or None)
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
    return tuple(found)


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
        return [Check(True, f"Discord: has all its rights in {len(guilds)} server{'s'[: len(guilds) > 1]}")]
    more = len(lacking) - _NAMED
    rest = (
        [Check(False, f"Discord: rights in {more} more servers", "Invite it again there.")]
        if more > 0
        else []
    )
    return lacking[:_NAMED] + rest
