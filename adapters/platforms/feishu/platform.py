"""`bot.ports.Platform` for Feishu and Lark: events in by long connection or webhook, messages out.

Keeps itself connected. How messages are shown is in `outgoing`, what is done with events in `intake`.
"""

import asyncio
import logging
import random
from dataclasses import dataclass

from aiohttp import web

from adapters.clock import clock_wrong
from adapters.media import MediaStore
from adapters.platforms.feishu import codes, commands, receive, wire, words
from adapters.platforms.feishu.budget import Budget
from adapters.platforms.feishu.codes import Refusal
from adapters.platforms.feishu.intake import Desk, Intake
from adapters.platforms.feishu.longlink import LongLink
from adapters.platforms.feishu.outgoing import Sender
from adapters.platforms.feishu.pictures import Pictures
from adapters.platforms.feishu.private import AboutPicture, PrivateChats, any_words
from adapters.platforms.feishu.results import Results
from adapters.platforms.feishu.sends import Sends
from adapters.platforms.feishu.transport import Call, Rest
from adapters.platforms.feishu.webhook import PATH, Webhook
from bot.errors import DatabaseError, Passing, PlatformError, Unshowable
from bot.message import Address, Attachment, Kind, Language, Media, MessageRef, Outgoing, Person
from bot.metrics import Metrics
from bot.ports import Check, Clock, Database, Inbox, Models, Traits, no_models
from bot.settings import Feishu

log = logging.getLogger(__name__)

#: Longest wait between two tries to connect, in seconds.
LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Means:
    """What the platform works with."""

    database: Database
    media: MediaStore
    metrics: Metrics
    clock: Clock
    #: The models on offer at this moment, from memory, for the list below a result.
    models: Models = no_models
    #: The language where nothing tells.
    language: Language = "zh"
    #: Whether words that follow a picture are about it; a greeting leaves it waiting for them.
    about_picture: AboutPicture = any_words


class FeishuPlatform:
    """One Feishu or Lark app."""

    name = receive.NAME
    #: Five messages a second for a chat are shared with its other bots, five changes for a message are ours.
    traits = Traits(send_pace=0.25, edit_pace=0.2, redelivers=True, text_length=6000)

    def __init__(self, settings: Feishu, means: Means) -> None:
        self._settings = settings
        self._clock = clock = means.clock
        self._budget = Budget(means.database, means.metrics, clock)
        self._rest = rest = Rest(settings, clock, self._budget.count)
        self._pictures = Pictures(rest, means.media)
        self._sends = Sends(means.database, rest)
        self._private = PrivateChats(means.database, means.about_picture)
        said = words.load()
        self._sender = Sender(rest, self._pictures, self._sends, Results(said, means.models), clock)
        self._commands = commands.load()
        names = frozenset(command.name for command in self._commands)
        desk = Desk(settings, rest, self._sender, self._private, said, names, means.language)
        self._intake = Intake(desk)
        self._webhook = Webhook(settings, rest.skew, self._intake.take)
        self._link = LongLink(self._intake.take)
        self._preparing: asyncio.Task[None] | None = None
        self._connected = self._proven = self._closed = False

    def routes(self) -> list[web.RouteDef]:
        """What the server serves for it, to be added as public; nothing with the long connection."""
        return self._webhook.routes() if self._settings.events == "webhook" else []

    @property
    def connected(self) -> bool:
        """True while events can reach us."""
        return self._connected

    # In -----------------------------------------------------------------------------------------------

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled or closed. Raises PlatformError at the start, where only settings help."""
        self._intake.inbox = inbox
        if self._settings.events == "ws":
            self._link.start()
        try:
            await self._budget.load()
        except DatabaseError as error:
            log.warning("the count of calls cannot be read: %s", error)
        wait = 1.0
        while True:
            began = self._clock.monotonic()
            try:
                await self._introduce()
                await self._listen()
            except Refusal as refusal:
                # What has worked before may work again; until then people are not to be left alone for good.
                if refusal.code in codes.SETTINGS and not self._proven:
                    raise PlatformError(f"{codes.advice(refusal, self._lark)} ({refusal})") from refusal
                log.warning("%s %s", codes.advice(refusal, self._lark), refusal)
            except Passing as error:
                log.warning("not connected: %s", error)
            finally:
                self._connected = False
            if self._closed:
                return
            wait = 1.0 if self._clock.monotonic() - began > LONGEST_WAIT else min(LONGEST_WAIT, wait * 2)
            await self._clock.sleep(random.uniform(0.2, 1.0) * wait)

    async def _introduce(self) -> None:
        """Learn who we are."""
        if self._intake.bot:
            return
        answer = await self._rest.call(Call("GET", "/open-apis/bot/v3/info"))
        bot = wire.text(answer, "bot", "open_id")
        if not bot:
            raise Passing("the app has no bot; add the bot capability and publish a version")
        self._intake.introduce(bot)
        self._preparing = asyncio.get_running_loop().create_task(self._prepare())

    async def _prepare(self) -> None:
        try:
            for scope in await commands.missing_scopes(self._rest):
                log.warning("a permission is missing: %s", scope)
            await commands.register(self._rest, self._commands)
        except PlatformError as error:
            log.info("the app could not be looked at: %s", error)

    async def _listen(self) -> None:
        """Until the connection is lost; webhooks have none to lose."""
        if self._settings.events == "webhook":
            self._connected = True
            await asyncio.Event().wait()
        endpoint = await self._rest.discover()
        try:
            reason = await self._link.serve(endpoint, self._opened)
        except ImportError as error:
            raise PlatformError(f"lark-oapi cannot be used ({error}): install the program again") from error
        log.warning("disconnected: %s", reason)

    def _opened(self) -> None:
        self._connected = self._proven = True
        log.info("connected to %s", self._settings.domain)

    # Out ----------------------------------------------------------------------------------------------

    async def send(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        """Show a message. Raises Passing, Unshowable or Gone."""
        if _is_progress(message) and not self._budget.allows(key):
            raise Unshowable("left out: the month's calls are running short")
        try:
            return await self._sender.send(to, message, key)
        except Refusal as refusal:
            raise self._told(refusal) from refusal
        except DatabaseError as error:
            raise Passing(str(error)) from error

    async def edit(self, ref: MessageRef, message: Outgoing) -> None:
        """Replace what a card shows; progress is left out where calls run short. Raises as `send` does."""
        if (_is_progress(message) or _waits(message)) and not self._budget.allows(ref.id):
            return
        try:
            await self._sender.change(ref, message)
        except Refusal as refusal:
            raise self._told(refusal) from refusal

    def _told(self, refusal: Refusal) -> PlatformError:
        if refusal.code == codes.QUOTA:
            self._budget.refused()
        elif refusal.code == codes.SCOPE:
            log.warning("a permission is missing: %s", refusal)
        return codes.told(refusal)

    async def fetch(self, attachment: Attachment) -> Media:
        """A person's picture, on disk. Raises MediaError."""
        return await self._pictures.fetch(attachment)

    async def forget(self, person: Person) -> None:
        """Let go of pictures that wait for a sentence, and of whose chat is which. Raises DatabaseError."""
        await self._private.forget(person)

    async def prune(self, before: float) -> None:
        """Forget the keys of old messages, and old pictures. Raises DatabaseError."""
        await self._sends.prune(before)
        await self._private.prune(before)

    # Around -------------------------------------------------------------------------------------------

    async def check(self) -> tuple[Check, ...]:
        """Whether the app, its permissions and its way of events work."""
        try:
            await self._rest.call(Call("GET", "/open-apis/bot/v3/info"))
            checks = [Check(True, f"feishu: app {self._settings.app_id} has a bot")]
            missing = await commands.missing_scopes(self._rest)
            advice = f"Add in the developer console and publish a version: {'; '.join(missing)}."
            checks.append(Check(not missing, "feishu: permissions", advice if missing else ""))
            if self._settings.events == "ws":
                await self._rest.discover()
                advice = "Chosen in the developer console for events, and once more for card callbacks?"
                checks.append(Check(True, "feishu: events by long connection", advice))
            else:
                advice = f"The request address in the developer console must lead to {PATH} on the web port."
                checks.append(Check(True, "feishu: events by webhook", advice))
            if ahead := self._rest.skew.ahead:
                checks.append(Check(False, "feishu: the clock", clock_wrong("Feishu", ahead)))
        except Refusal as refusal:
            return (Check(False, f"feishu: {refusal}", codes.advice(refusal, self._lark)),)
        except PlatformError as error:
            advice = f"Is {self._settings.domain} within reach?"
            return (Check(False, f"feishu: no answer ({error})", advice),)
        return tuple(checks)

    async def close(self) -> None:
        """Let go of all connections."""
        self._connected, self._closed = False, True
        await self._intake.close()
        if self._preparing is not None:
            self._preparing.cancel()
            await asyncio.wait({self._preparing})
        await self._link.close()
        await self._rest.close()
        await self._budget.write()

    @property
    def _lark(self) -> bool:
        return "larksuite" in self._settings.domain


def _is_progress(message: Outgoing) -> bool:
    """Whether it tells how far a picture is, which is left out first."""
    return message.kind is Kind.PROGRESS and not message.settled


def _waits(message: Outgoing) -> bool:
    """Whether it tells the place in the queue: a start with no time at which it will be done."""
    return message.kind is Kind.START and not message.settled and not message.due
