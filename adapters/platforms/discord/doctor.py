"""`inkling doctor` on Discord: the token, the intents, the servers and what the bot may do there."""

import discord

from adapters.platforms.discord import rights
from adapters.platforms.discord.rest import Rest
from adapters.platforms.discord.transport import CREDENTIAL_REFUSED, INTENT_MISSING, point_at
from bot.ports import Check
from bot.settings import Discord

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


async def check(settings: Discord) -> tuple[Check, ...]:
    """Try everything that can be tried without connecting to the gateway.

    Raises what discord.py and aiohttp raise when nobody answers.
    """
    await point_at(settings)
    client = discord.Client(intents=discord.Intents.none(), proxy=settings.proxy or None)
    try:
        await client.login(settings.token)
        return await _checks(client, settings)
    except discord.LoginFailure:
        return (Check(False, "Discord: the token", CREDENTIAL_REFUSED),)
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
    link = invite(application.id)
    guilds = await Rest(client).guilds()
    if not guilds:
        found.append(Check(True, f"Discord: in no server yet. Invite it: {link}"))
    for guild in guilds:
        held = discord.Permissions(int(guild.get("permissions", 0)))
        lacking = [name for key, name in _NAMES.items() if not getattr(held, key)]
        what = f"Discord: rights in the server {guild.get('name', '')}"
        advice = f"Missing: {', '.join(lacking)}. Give them to its role, or invite it again: {link}"
        found.append(Check(not lacking, what, advice if lacking else ""))
    return tuple(found)
