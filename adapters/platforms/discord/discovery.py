"""What is asked of Discord before anything else: where its gateway is, and what time it is there.

The route needs no token: https://discord.com/developers/docs/events/gateway#get-gateway
"""

import logging

import aiohttp
import discord
import yarl

from adapters.clock import ahead_of, clock_wrong
from adapters.platforms.discord.rest import HEADERS
from bot.errors import Passing, PlatformError
from bot.ports import Clock
from bot.settings import Discord

log = logging.getLogger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=10)


async def point_at(settings: Discord, clock: Clock) -> float:
    """Let discord.py speak to another server, where one is configured.

    Both are discord.py's own class attributes. Returns the seconds by which this machine's clock is ahead of
    the server's, 0 where it hardly is. Raises PlatformError when the library has changed; Passing, aiohttp's
    errors and OSError when nobody answers.
    """
    base = settings.api_base.rstrip("/")
    socket, route = discord.gateway.DiscordWebSocket, discord.http.Route
    if not hasattr(route, "BASE") or not hasattr(socket, "DEFAULT_GATEWAY"):
        raise PlatformError("This version of discord.py cannot be pointed at DISCORD_API_BASE.")
    async with (
        aiohttp.ClientSession(headers=HEADERS, timeout=_TIMEOUT) as session,
        session.get(f"{base or route.BASE}/gateway", proxy=settings.proxy or None) as response,
    ):
        found = await response.json() if response.status == 200 else {}
    ahead = ahead_of(response.headers.get("Date", ""), clock.now()) or 0.0
    if ahead:
        log.warning(clock_wrong("Discord", ahead))
    if base:
        url = found.get("url") if isinstance(found, dict) else None
        if not isinstance(url, str):
            raise Passing(
                f"the server at DISCORD_API_BASE does not tell where its gateway is ({response.status})"
            )
        route.BASE = base
        socket.DEFAULT_GATEWAY = yarl.URL(url)
    return ahead
