"""The connection to Discord's gateway: one client, watched over, made anew when it cannot go on.

discord.py resumes and reconnects by itself once it was connected; the first connection, wrong tokens and
intents that are not granted are handled here. What the events mean is not known here.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import discord

from adapters.platforms.discord.discovery import point_at
from adapters.platforms.discord.rest import LONG_WAIT, Rest
from bot.background import Background
from bot.errors import Passing, PlatformError
from bot.ports import Clock
from bot.settings import Discord

log = logging.getLogger(__name__)

#: Seconds before the next try to connect: doubled up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
#: Seconds for which a connection has to hold before a new one is hurried: Discord takes a thousand a day.
STEADY = 600.0
#: Seconds of silence after which the connection is taken for dead. Discord's heart beats every 41.25 s and
#: nothing else may happen in a quiet server: anything shorter would reconnect all night.
HEARTBEAT_TIMEOUT = 60.0
#: Seconds between two sessions that are begun anew: Discord calls the second one invalid otherwise.
IDENTIFY_EVERY = 5.0
_TOKEN_REFUSED, _INTENTS_REFUSED = 4004, 4014
_FINAL = {
    4010: "Discord refuses the number of shards.",
    4011: "The bot is in so many servers that it needs shards: set DISCORD_SHARDS=1.",
    4012: "Discord no longer knows this version of its interface: update discord.py.",
    4013: "Discord does not know the intents that were asked for: update discord.py.",
}
CREDENTIAL_REFUSED = (
    "Discord refuses DISCORD_TOKEN. Copy the token again from https://discord.com/developers/applications"
    " (your application, Bot, Reset Token)."
)
INTENT_MISSING = (
    "DISCORD_LISTEN needs the Message Content intent: switch it on at https://discord.com/developers/applications"
    " (your application, Bot, Privileged Gateway Intents). Going on without it: mentions, commands and direct"
    " messages work, other messages are not heard."
)


class Events(Protocol):
    """What is called when something arrives."""

    async def ready(self, live: "Live") -> None:
        """The client has logged in; nothing has arrived yet."""

    async def message(self, message: discord.Message) -> None:
        """A message in a place that the bot sees."""

    async def interaction(self, interaction: discord.Interaction) -> None:
        """A command, a press, a form, or an option that is being typed."""


@dataclass(slots=True)
class Live:
    """A client that has logged in."""

    client: discord.Client
    rest: Rest
    #: Seconds by which this machine's clock is ahead of Discord's.
    ahead: float = 0.0


class Transport:
    """Keeps one client connected."""

    def __init__(self, settings: Discord, clock: Clock, heartbeat_timeout: float = HEARTBEAT_TIMEOUT) -> None:
        self._settings = settings
        self._clock = clock
        self._heartbeat_timeout = heartbeat_timeout
        self._with_content = bool(settings.listen)
        self.live: Live | None = None
        self.connected = False
        self._closed = False
        #: Events under way, until they are handled or the bot leaves.
        self.background = Background("Discord")
        self._connecting: asyncio.Task[None] | None = None
        self._client: discord.Client | None = None
        self._leaving = asyncio.Lock()

    @property
    def api_base(self) -> str:
        """Where the API is."""
        return self._settings.api_base.rstrip("/") or discord.http.Route.BASE

    async def run(self, events: Events) -> None:
        """Stay connected until cancelled or closed. Raises PlatformError where waiting does not help."""
        pause = FIRST_PAUSE
        while not self._closed:
            began = self._clock.monotonic()
            try:
                await self._connect(events, await point_at(self._settings, self._clock))
            except discord.PrivilegedIntentsRequired:
                if not self._with_content:
                    raise PlatformError("Discord refuses the intents that the bot asks for.") from None
                log.warning(INTENT_MISSING)
                self._with_content = False
                continue
            except (discord.LoginFailure, discord.ConnectionClosed) as error:
                raise_final(error)
                log.warning("Discord closed the connection: %s", error)
            except (Passing, discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
                log.warning("Discord cannot be reached: %s: %s", type(error).__name__, error)
            except AttributeError as error:
                # discord.py, when its very first socket fails: github.com/Rapptz/discord.py/issues/10520.
                log.warning("Discord's gateway cannot be reached: %s", error)
            if self._clock.monotonic() - began > STEADY:
                pause = FIRST_PAUSE
            await self._clock.sleep(pause * random.uniform(0.75, 1.25))
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _connect(self, events: Events, ahead: float) -> None:
        client = self._client = self._made()
        listen(client, self, events)
        try:
            await client.login(self._settings.token)
            live = Live(client, Rest(client), ahead)
            await events.ready(live)
            self.live = live
            await self._stay(client)
        finally:
            await self._leave(client)

    async def _stay(self, client: discord.Client) -> None:
        """Be connected. The client is never closed while it still tries to connect: it does not bear that."""
        self._connecting = asyncio.create_task(client.connect())
        try:
            await asyncio.wait((self._connecting,))
            if not self._connecting.cancelled():
                self._connecting.result()
        finally:
            await self._stop_connecting()

    async def _stop_connecting(self) -> None:
        while self._connecting is not None and not self._connecting.done():
            # More than once: asyncio.wait_for, which discord.py uses, may swallow a cancellation.
            self._connecting.cancel()
            await asyncio.wait((self._connecting,), timeout=0.1)

    def _made(self) -> discord.Client:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        intents.message_content = self._with_content
        # Nothing here speaks: its missing libraries are no news to the operator.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        kind = ShardedClient if self._settings.shards else Client
        return kind(
            self._clock,
            intents=intents,
            proxy=self._settings.proxy or None,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            heartbeat_timeout=self._heartbeat_timeout,
            max_ratelimit_timeout=LONG_WAIT,
            guild_ready_timeout=1.0,
        )

    async def _leave(self, client: discord.Client) -> None:
        """Go visibly: Discord shows a bot that just vanishes as online for minutes."""
        async with self._leaving:
            connected, self.connected, self.live = self.connected, False, None
            if connected and not client.is_closed():
                try:
                    async with asyncio.timeout(1.0):
                        await client.change_presence(status=discord.Status.invisible)
                except (ConnectionError, RuntimeError, TimeoutError) as error:
                    log.debug("leaving without a word: %s", error)
            await client.close()

    async def close(self) -> None:
        """Leave for good."""
        self._closed = True
        await self.background.close()
        await self._stop_connecting()
        if self._client is not None:
            await self._leave(self._client)


class Client(discord.Client):
    """Tells nothing once it is closed: discord.py would fail at what it still has to tell."""

    def __init__(self, clock: Clock, **options: Any) -> None:
        super().__init__(**options)
        self._clock = clock

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Keep the pace of new sessions."""
        if not initial:
            await self._clock.sleep(IDENTIFY_EVERY)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Call the handlers of an event."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)


class ShardedClient(Client, discord.AutoShardedClient):
    """The same over several connections."""


def listen(client: discord.Client, transport: Transport, events: Events) -> None:
    """Connect the client's events with ours."""

    async def on_message(message: discord.Message) -> None:
        transport.background.spawn(events.message(message))

    async def on_interaction(interaction: discord.Interaction) -> None:
        transport.background.spawn(events.interaction(interaction))

    async def on_ready() -> None:
        log.info("Discord: connected, in %d servers", len(client.guilds))

    up: set[int] = set()

    async def connected(shard: int = 0) -> None:
        up.add(shard)
        transport.connected = len(up) == (client.shard_count or 1)

    async def disconnected(shard: int = 0) -> None:
        up.discard(shard)
        transport.connected = False

    several = "shard_" if isinstance(client, discord.AutoShardedClient) else ""
    handlers: dict[str, Callable[..., Awaitable[None]]] = {
        "message": on_message,
        "interaction": on_interaction,
        "ready": on_ready,
        f"{several}connect": connected,
        f"{several}resumed": connected,
        f"{several}disconnect": disconnected,
    }
    for event, handler in handlers.items():
        setattr(client, f"on_{event}", handler)


def raise_final(error: discord.LoginFailure | discord.ConnectionClosed) -> None:
    """Raise PlatformError with plain words where trying again cannot help."""
    code = getattr(error, "code", _TOKEN_REFUSED)
    if code == _TOKEN_REFUSED:
        raise PlatformError(CREDENTIAL_REFUSED) from error
    if code in _FINAL:
        raise PlatformError(_FINAL[code]) from error
