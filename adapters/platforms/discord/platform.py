"""`bot.ports.Platform` on Discord. How messages look is in `layout`, where they go in `delivery`."""

import logging
from collections import deque
from typing import Protocol

import aiohttp
import discord

from adapters.platforms.discord import doctor, rights, words
from adapters.platforms.discord.answers import Answers
from adapters.platforms.discord.arrivals import Arrivals, Reception
from adapters.platforms.discord.delivery import Delivery, Means
from adapters.platforms.discord.fitting import STEPS, Fitter, fitted
from adapters.platforms.discord.hooks import Hooks
from adapters.platforms.discord.layout import Body, Layout, Look, Rights
from adapters.platforms.discord.place import Spot, created_at, number
from adapters.platforms.discord.receive import raw_pictures
from adapters.platforms.discord.rest import Lacking, TooLarge
from adapters.platforms.discord.transport import HEARTBEAT_TIMEOUT, Live, Transport
from bot.errors import Gone, MediaError, Passing, PlatformError, Reason
from bot.job import idempotency_key
from bot.message import Address, Attachment, Kind, Media, MessageRef, Outgoing, Person
from bot.ports import Check, Clock, Inbox, Models, Traits, no_models
from bot.settings import Discord

log = logging.getLogger(__name__)

#: Edits of progress in one channel within so many seconds; more are dropped: ends never wait for them.
EDITS, EDITS_WITHIN = 4, 5.0
#: Seconds after which a message that only an interaction's token reaches is soon out of reach: the token
#: lives for fifteen minutes, and progress comes at least every two.
FAREWELL_AFTER = 11 * 60.0
_PLAIN = Rights(embeds=False, files=False)


class Store(Fitter, Protocol):
    """Where pictures lie; `adapters.media.MediaStore` does."""

    async def download(self, url: str, name: str, *, limit: int = 64_000_000, result: bool = True) -> Media:
        """Fetch a file and keep it. Raises MediaError."""


class DiscordPlatform:
    """Discord. `run` it; messages can be sent once it has logged in."""

    name = "discord"
    traits = Traits(text_length=4000)

    def __init__(
        self,
        settings: Discord,
        media: Store,
        clock: Clock,
        models: Models = no_models,
        heartbeat_timeout: float = HEARTBEAT_TIMEOUT,
    ) -> None:
        """Make it ready; nothing is connected yet.

        `models`: the models on offer at this moment, from memory, for autocompletion and the select under a
        result. `heartbeat_timeout`: seconds of silence after which the gateway is taken for dead.
        """
        self._settings = settings
        self._media = media
        self._clock = clock
        self._models = models
        self._words = words.load()
        self._layout = Layout(self._words)
        self._transport = Transport(settings, clock, heartbeat_timeout)
        self._hooks = Hooks(self._transport.api_base, settings.proxy)
        self._answers = Answers(self._hooks, clock)
        means = Means(self._answers, self._layout, self._words, media, clock, self._models)
        self._delivery = Delivery(means)
        self._arrivals: Arrivals | None = None
        self._edits: dict[int, deque[float]] = {}

    @property
    def connected(self) -> bool:
        """True while the gateway is."""
        return self._transport.connected

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled. Raises PlatformError for a token or setting that Discord refuses."""
        listening = frozenset(self._settings.listen)
        self._arrivals = Arrivals(
            Reception(inbox, self._answers, self._hooks, self._words, self._models, self._clock, listening)
        )
        await self._transport.run(self._arrivals)

    async def close(self) -> None:
        """Leave."""
        await self._transport.close()
        if self._arrivals is not None:
            await self._arrivals.close()
        await self._hooks.close()

    # Messages ---------------------------------------------------------------------------------------

    async def send(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        """Show a message. Raises Gone, Unshowable or Passing."""
        return await self._delivery.send(self._live(), to, message, key)

    async def edit(self, ref: MessageRef, message: Outgoing) -> None:
        """Change what a message shows. Raises Gone, Unshowable or Passing."""
        live, channel, spot = self._live(), number(ref.chat), Spot.read(ref.id)
        if not 0 < channel < 1 << 63 or not 0 < spot.message < 1 << 63:
            raise Gone("no such message")
        self._keep_pace(channel, message)
        allowed = Rights() if spot.secret else rights.shown(live.client, channel)
        step = 0
        while True:
            media = await fitted(message.media, self._media, step) if allowed.files else ()
            note = self._farewell(message, spot)
            body = self._layout.body(message, Look(allowed, media, note=note, stem=message.job))
            try:
                return await self._change(live, channel, spot, body)
            except Lacking:
                if allowed == _PLAIN:
                    raise
                allowed = _PLAIN
            except TooLarge:
                if step > len(STEPS):
                    raise
                step += 1

    def _farewell(self, message: Outgoing, spot: Spot) -> str:
        """What is said below progress that soon nobody can change any more, so that it may stand for ever."""
        if not spot.secret or message.kind is not Kind.PROGRESS or message.settled:
            return ""
        age = self._clock.now() - created_at(spot.message)
        return self._words.say(message.language, "card.farewell") if age > FAREWELL_AFTER else ""

    async def _change(self, live: Live, channel: int, spot: Spot, body: Body) -> None:
        if spot.secret:
            await self._hooks.edit(spot.secret, body, str(spot.message))
        else:
            await live.rest.edit(channel, spot.message, body)

    def _live(self) -> Live:
        live = self._transport.live
        if live is None:
            raise Passing("Discord is not connected", retry_after=1.0)
        return live

    def _keep_pace(self, channel: int, message: Outgoing) -> None:
        """Drop progress where a channel sees much of it. Raises Passing."""
        if message.kind is not Kind.PROGRESS or message.settled:
            return
        now = self._clock.monotonic()
        times = self._edits.setdefault(channel, deque())
        while times and now - times[0] > EDITS_WITHIN:
            times.popleft()
        if len(times) >= EDITS:
            raise Passing("there is much progress in this channel")
        times.append(now)
        if len(self._edits) > 1000:
            self._edits = {place: seen for place, seen in self._edits.items() if seen}

    # Pictures ---------------------------------------------------------------------------------------

    async def fetch(self, attachment: Attachment) -> Media:
        """Bring a person's picture to disk, by a fresh address where its own has expired.

        Raises MediaError.
        """
        name = f"discord-{idempotency_key(attachment.id or attachment.url)}"
        try:
            return await self._media.download(attachment.url, name, result=False)
        except MediaError as error:
            fresh = await self._fresh(attachment) if error.reason is Reason.INPUT_GONE else ""
            if not fresh:
                raise
            return await self._media.download(fresh, name, result=False)

    async def _fresh(self, attachment: Attachment) -> str:
        """Discord signs its addresses anew each time a message is asked for."""
        channel, _, rest = attachment.id.partition("/")
        message, _, file = rest.partition("/")
        live = self._transport.live
        if live is None or not number(channel) or not number(message):
            return ""
        try:
            found = raw_pictures(await live.rest.get(number(channel), number(message)))
        except PlatformError as error:
            log.info("a picture's message cannot be read: %s", error)
            return ""
        return next((one.url for one in found if one.id.rpartition("/")[2] == file), "")

    # What is kept of people -------------------------------------------------------------------------

    async def forget(self, person: Person) -> None:
        """Nothing is kept here: where a message went stands in the ledger."""

    async def prune(self, before: float) -> None:
        """Nothing is kept here."""

    async def check(self) -> tuple[Check, ...]:
        """Log in for real, without the gateway."""
        try:
            return await doctor.check(self._settings, self._clock)
        except (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordException, PlatformError) as error:
            what = f"Discord: cannot be reached ({type(error).__name__})"
            return (Check(False, what, "Check the network, DISCORD_PROXY and DISCORD_API_BASE."),)
