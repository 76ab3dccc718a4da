"""Events on their way in: let through, completed, handed to the inbox; presses answered from memory.

What an event means is in `receive`; how it got here is not known.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from adapters.platforms.feishu import codes, layout, receive, wire
from adapters.platforms.feishu.album import Album
from adapters.platforms.feishu.codes import Refusal
from adapters.platforms.feishu.outgoing import MESSAGES, REMEMBERED, Sender
from adapters.platforms.feishu.transport import Call, Rest
from adapters.platforms.feishu.wire import Json
from bot.errors import Passing, PlatformError
from bot.job import idempotency_key
from bot.message import Form, Incoming, Person, Pressed
from bot.ports import Clock, Inbox
from bot.settings import Feishu

log = logging.getLogger(__name__)

#: Seconds for reading the message that is answered: the receipt for the event waits for it.
QUOTED_PATIENCE = 1.5
#: Seconds for which an event that comes at the very start is held.
READY_PATIENCE = 2.0


class Intake:
    """Takes events over, once it has an inbox and knows the bot's own id."""

    def __init__(
        self, settings: Feishu, rest: Rest, sender: Sender, clock: Clock, commands: frozenset[str]
    ) -> None:
        self._settings = settings
        self._rest = rest
        self._sender = sender
        self._commands = commands
        self._album = Album(clock)
        self.inbox: Inbox | None = None
        self._bot = ""
        self._introduced = asyncio.Event()
        #: The private chats of people, by their open ids.
        self._private: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def bot(self) -> str:
        """The bot's own open id, empty until it is known: a mention is one of us only by this."""
        return self._bot

    def introduce(self, bot: str) -> None:
        """Learn it. Events that came early go on."""
        self._bot = bot
        self._introduced.set()

    async def _until_ready(self) -> None:
        """Webhooks may come while we are still finding out who we are."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_PATIENCE):
                await self._introduced.wait()
                return
        raise Passing("not ready for events yet")

    async def take(self, raw: bytes) -> Json | None:
        """Take an event over: returns when it is recorded, with the answer to a press.

        Raises what keeps it from being recorded; the platform then sends the event again.
        """
        envelope = wire.load(raw)
        kind = wire.text(envelope, "header", "event_type")
        await self._until_ready()
        if self.inbox is None:
            raise Passing("not ready for events")
        if not self._may_speak(envelope):
            return None
        if kind == receive.PRESS:
            return self._press(self.inbox, envelope)
        if kind == receive.MESSAGE:
            await self._message(self.inbox, envelope)
        elif kind == receive.MENU:
            await self._menu(self.inbox, envelope)
        return None

    async def _message(self, inbox: Inbox, envelope: Json) -> None:
        message = receive.incoming(envelope, self._bot, self._commands)
        if message is None or not self._may_be_heard(message.address.chat):
            return
        if receive.is_private(envelope):
            self._remember_chat(receive.sender(envelope), message.address.chat)
            message = self._album.join(message)
        await inbox.message(await self._with_quoted(message))

    async def _menu(self, inbox: Inbox, envelope: Json) -> None:
        """The event names no chat; a person's own one is known as soon as something was said there."""
        message = receive.menu(envelope)
        if message is None:
            return
        chat = self._private.get(message.address.chat, message.address.chat)
        if self._may_be_heard(chat):
            await inbox.message(replace(message, address=replace(message.address, chat=chat)))

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

    def forget(self, person: Person) -> None:
        """Let go of a person's pictures that wait for a sentence."""
        self._album.forget(person)

    async def close(self) -> None:
        """Take nothing more over."""
        self.inbox = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
