"""`bot.ports.Platform` for Feishu and Lark: events in by long connection or webhook, messages out.

Keeps itself connected. How messages are shown is in `outgoing`, what events mean in `receive`.
"""

import asyncio
import logging
import random
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from aiohttp import web

from adapters.media import MediaStore
from adapters.platforms.feishu import codes, layout, receive, wire
from adapters.platforms.feishu.album import Album
from adapters.platforms.feishu.budget import Budget
from adapters.platforms.feishu.codes import Refusal
from adapters.platforms.feishu.commands import Command, missing_scopes, register
from adapters.platforms.feishu.longlink import LongLink
from adapters.platforms.feishu.outgoing import MESSAGES, REMEMBERED, Sender
from adapters.platforms.feishu.pictures import IMAGE_BYTES, Pictures
from adapters.platforms.feishu.sends import Sends
from adapters.platforms.feishu.transport import Call, Rest
from adapters.platforms.feishu.webhook import PATH, Webhook
from adapters.platforms.feishu.wire import Json
from bot.errors import DatabaseError, Passing, PlatformError, Unshowable
from bot.job import idempotency_key
from bot.message import (
    Address,
    Attachment,
    Form,
    Incoming,
    Kind,
    Media,
    MessageRef,
    Outgoing,
    Person,
    Pressed,
)
from bot.metrics import Metrics
from bot.ports import Check, Clock, Database, Inbox, Traits
from bot.settings import Feishu

log = logging.getLogger(__name__)

#: Longest wait between two tries to connect, in seconds.
LONGEST_WAIT = 60.0
#: Seconds for reading the message that is answered: the receipt for the event waits for it.
QUOTED_PATIENCE = 1.5


class FeishuPlatform:
    """One Feishu or Lark app."""

    name = receive.NAME
    #: Five messages a second for a chat are shared with its other bots, five changes for a message are ours.
    traits = Traits(
        send_pace=0.25, edit_pace=0.2, text_length=6000, media_per_message=9, bytes_per_file=IMAGE_BYTES
    )
    #: Slash commands to be registered; their words come from whoever builds the platform.
    commands: tuple[Command, ...] = ()

    def __init__(
        self, settings: Feishu, database: Database, media: MediaStore, metrics: Metrics, clock: Clock
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._budget = Budget(database, metrics, clock)
        self._rest = Rest(settings, clock, self._budget.count)
        self._pictures = Pictures(self._rest, media)
        self._sends = Sends(database, clock, self._rest)
        self._sender = Sender(self._rest, self._pictures, self._sends)
        self._webhook = Webhook(settings, clock, self.take)
        self._album = Album(clock)
        self._link = LongLink(self.take)
        self._inbox: Inbox | None = None
        self._bot = ""
        #: The private chats of people, by their open ids.
        self._private: dict[str, str] = {}
        self._connected = self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        """What the server serves for it, to be added as public; nothing with the long connection."""
        return self._webhook.routes() if self._settings.events == "webhook" else []

    @property
    def connected(self) -> bool:
        """True while events can reach us."""
        return self._connected

    # In -----------------------------------------------------------------------------------------------

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled or closed. Raises PlatformError where only other settings help."""
        self._inbox = inbox
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
                if refusal.code in codes.SETTINGS:
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
        """Learn who we are: a mention is one of us only by this id."""
        if self._bot:
            return
        answer = await self._rest.call(Call("GET", "/open-apis/bot/v3/info"))
        self._bot = wire.text(answer, "bot", "open_id")
        if not self._bot:
            raise Passing("the app has no bot; add the bot capability and publish a version")
        self._spawn(self._prepare())

    async def _prepare(self) -> None:
        try:
            for scope in await missing_scopes(self._rest):
                log.warning("a permission is missing: %s", scope)
            await register(self._rest, self.commands)
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
        self._connected = True
        log.info("connected to %s", self._settings.domain)

    async def take(self, raw: bytes) -> Json | None:
        """Take an event over: returns when it is recorded, with the answer to a press.

        Raises what keeps it from being recorded; the platform then sends the event again.
        """
        envelope = wire.load(raw)
        kind = wire.text(envelope, "header", "event_type")
        if self._inbox is None or not self._bot:
            raise Passing("not ready for events yet")
        if not self._may_speak(envelope):
            return None
        if kind == receive.PRESS:
            return self._press(self._inbox, envelope)
        if kind == receive.MESSAGE:
            message = receive.incoming(envelope, self._bot)
            if message is not None and self._may_be_heard(message.address.chat):
                if receive.is_private(envelope):
                    self._remember_chat(receive.sender(envelope), message.address.chat)
                    message = self._album.join(message)
                await self._inbox.message(await self._with_quoted(message))
        elif kind == receive.MENU and (message := receive.menu(envelope)):
            # The event names no chat; the person's own one is known as soon as something was said there.
            chat = self._private.get(message.address.chat, message.address.chat)
            if self._may_be_heard(chat):
                await self._inbox.message(replace(message, address=replace(message.address, chat=chat)))
        return None

    def _remember_chat(self, open_id: str, chat: str) -> None:
        self._private[open_id] = chat
        if len(self._private) > REMEMBERED:
            del self._private[next(iter(self._private))]

    def _may_speak(self, envelope: Json) -> bool:
        people = self._settings.people
        return not people or bool(receive.ids(envelope) & set(people))

    def _may_be_heard(self, chat: str) -> bool:
        return not self._settings.chats or chat in self._settings.chats

    async def _with_quoted(self, message: Incoming) -> Incoming:
        """With the pictures of the message that it answers, unless that is one of ours."""
        parent = message.reply_to
        if parent is None or not message.mentioned or self._sender.is_own(parent.id):
            return message
        try:
            answer = await self._rest.call(Call("GET", f"{MESSAGES}/{parent.id}", patience=QUOTED_PATIENCE))
        except Refusal as refusal:
            if isinstance(codes.told(refusal), Passing):
                raise
            log.info("the quoted message cannot be read: %s", refusal)
            return message
        items = wire.objects(answer, "items")
        shown = receive.shown(items[0]) if items else receive.Content()
        return replace(message, reply_attachments=shown.attachments)

    def _press(self, inbox: Inbox, envelope: Json) -> Json:
        """The answer to a press, from memory; what takes longer follows by itself."""
        pressed = receive.pressed(envelope)
        if pressed is None or not self._may_be_heard(pressed.address.chat):
            return {}
        if not pressed.address.topic:
            topic = self._sender.topic(pressed.address.reply_to)
            pressed = replace(pressed, address=replace(pressed.address, topic=topic))
        reply = inbox.press(pressed)
        answer: Json = {"toast": {"type": "info", "content": reply.toast}} if reply.toast else {}
        value = wire.dig(envelope, "event", "action", "value")
        if reply.form is not None:
            self._spawn(self._open_form(pressed, reply.form))
        elif pressed.text and wire.text(value, "opener") == pressed.person.id:
            card = layout.filled(wire.text(value, "title"), pressed.text)
            answer["card"] = {"type": "raw", "data": card}
        return answer

    async def _open_form(self, pressed: Pressed, form: Form) -> None:
        """There is no window to open: the form is a card of its own, in answer to the one pressed."""
        value = {
            "press": str(pressed.press),
            "job": pressed.job,
            "owner": pressed.owner,
            "language": pressed.language,
            "value": pressed.value,
            "topic": pressed.address.topic,
            "opener": pressed.person.id,
            "title": form.title,
        }
        key = idempotency_key("form", pressed.id)
        try:
            await self._sender.card(pressed.address, layout.form(form, value), key)
        except PlatformError as error:
            log.warning("a form cannot be shown: %s", error)

    # Out ----------------------------------------------------------------------------------------------

    async def send(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        """Show a message. Raises Passing, Unshowable or Gone."""
        if message.kind is Kind.PROGRESS and not message.settled and not self._budget.allows(key):
            raise Unshowable("left out: the month's calls are running short")
        try:
            return await self._sender.send(to, message, key)
        except Refusal as refusal:
            raise self._told(refusal) from refusal
        except DatabaseError as error:
            raise Passing(str(error)) from error

    async def edit(self, ref: MessageRef, message: Outgoing) -> None:
        """Replace what a card shows; progress is left out where calls run short. Raises as `send` does."""
        if message.kind is Kind.PROGRESS and not message.settled and not self._budget.allows(ref.id):
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
        """Let go of the pictures that wait for a sentence; nothing of a person is on disk here."""
        self._album.forget(person)

    async def prune(self, before: float) -> None:
        """Forget the keys of old messages. Raises DatabaseError."""
        await self._sends.prune(before)

    # Around -------------------------------------------------------------------------------------------

    async def check(self) -> tuple[Check, ...]:
        """Whether the app, its permissions and its way of events work."""
        try:
            await self._rest.call(Call("GET", "/open-apis/bot/v3/info"))
            checks = [Check(True, f"feishu: app {self._settings.app_id} has a bot")]
            missing = await missing_scopes(self._rest)
            advice = f"Add in the developer console and publish a version: {'; '.join(missing)}."
            checks.append(Check(not missing, "feishu: permissions", advice if missing else ""))
            if self._settings.events == "ws":
                await self._rest.discover()
                checks.append(Check(True, "feishu: events by long connection"))
            else:
                advice = f"The request address in the developer console must lead to {PATH} on the web port."
                checks.append(Check(True, "feishu: events by webhook", advice))
        except Refusal as refusal:
            return (Check(False, f"feishu: {refusal}", codes.advice(refusal, self._lark)),)
        except PlatformError as error:
            advice = f"Is {self._settings.domain} within reach?"
            return (Check(False, f"feishu: no answer ({error})", advice),)
        return tuple(checks)

    async def close(self) -> None:
        """Let go of all connections."""
        self._inbox, self._connected, self._closed = None, False, True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._link.close()
        await self._rest.close()
        await self._budget.write()

    @property
    def _lark(self) -> bool:
        return "larksuite" in self._settings.domain

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
