"""Events on their way in: let through, completed, handed to the inbox; presses answered from memory.

What an event means is in `receive`; how it got here is not known.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass, replace

from adapters.platforms.feishu import codes, layout, receive, wire
from adapters.platforms.feishu.codes import Refusal
from adapters.platforms.feishu.outgoing import Sender
from adapters.platforms.feishu.private import PrivateChats
from adapters.platforms.feishu.sends import MESSAGES
from adapters.platforms.feishu.transport import Call, Rest
from adapters.platforms.feishu.wire import Json
from adapters.platforms.feishu.words import Words
from bot.background import Background
from bot.errors import DatabaseError, Passing, PlatformError
from bot.job import idempotency_key
from bot.message import Attachment, Form, Incoming, Language, Press, Pressed
from bot.ports import Inbox
from bot.recent import Recent
from bot.settings import Feishu

log = logging.getLogger(__name__)

#: Seconds for reading the message that is answered: the receipt for the event waits for it.
QUOTED_PATIENCE = 1.5
#: Seconds for which an event that comes at the very start is held.
READY_PATIENCE = 2.0
#: Seconds for deleting a message while the press waits for its answer.
DELETE_PATIENCE = 1.5
#: Seconds for which a message is fresh by the platform's own clock.
FRESH = 240.0
#: Messages that could not be recorded, and those whose pictures are known.
REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Desk:
    """What the intake works with."""

    settings: Feishu
    rest: Rest
    sender: Sender
    private: PrivateChats
    words: Words
    #: The names of commands that need no mention in a group.
    commands: frozenset[str]
    #: The language where nothing tells.
    language: Language


class Intake:
    """Takes events over, once it has an inbox and knows the bot's own id."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.inbox: Inbox | None = None
        self._bot = ""
        self._introduced = asyncio.Event()
        #: Messages that could not be recorded, by what is the same when they come again.
        self._failed: Recent[tuple[str, str, float], None] = Recent(REMEMBERED)
        #: The pictures of messages that were answered: in a topic everything answers its opening.
        self._quoted: Recent[str, tuple[Attachment, ...]] = Recent(REMEMBERED)
        self._background = Background("Feishu")

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
        if self._introduced.is_set():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_PATIENCE):
                await self._introduced.wait()
        if not self._introduced.is_set():
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
            return await self._press(self.inbox, envelope)
        if kind == receive.MESSAGE:
            await self._message(self.inbox, envelope)
        elif kind == receive.MENU:
            await self._menu(self.inbox, envelope)
        return None

    async def _message(self, inbox: Inbox, envelope: Json) -> None:
        message = receive.incoming(envelope, self._bot, self._desk.commands)
        if message is None or not self._may_be_heard(message.address.chat):
            return
        again = (message.address.chat, message.person.id, message.sent_at)
        if again in self._failed or self._seems_late(message):
            message = replace(message, redelivered=True)
        try:
            if completed := await self._completed(message, envelope):
                await inbox.message(completed)
        except (DatabaseError, PlatformError):
            self._failed[again] = None
            raise
        self._failed.pop(again, None)

    def _seems_late(self, message: Incoming) -> bool:
        """Whether it is late by this machine's clock alone. When it was sent stays as it was told."""
        skew = self._desk.rest.skew
        return skew.ahead > 0 and skew.now() - message.sent_at < FRESH

    async def _completed(self, message: Incoming, envelope: Json) -> Incoming | None:
        """With the pictures that it is about; None where there is nothing to say to it."""
        if not receive.is_private(envelope):
            return await self._with_quoted(message)
        private = self._desk.private
        await private.remember(receive.sender(envelope), message.person, message.address.chat)
        joined = await private.join(message)
        return await self._with_quoted(joined) if joined else None

    async def _menu(self, inbox: Inbox, envelope: Json) -> None:
        """The event names no chat; a person's own one is known as soon as something was said there."""
        message = receive.menu(envelope, self._desk.language)
        if message is None:
            return
        chat = await self._desk.private.chat_of(message.address.chat) or message.address.chat
        if self._may_be_heard(chat):
            await inbox.message(replace(message, address=replace(message.address, chat=chat)))

    def _may_speak(self, envelope: Json) -> bool:
        people = self._desk.settings.people
        return not people or bool(receive.ids(envelope) & set(people))

    def _may_be_heard(self, chat: str) -> bool:
        return not self._desk.settings.chats or chat in self._desk.settings.chats

    async def _with_quoted(self, message: Incoming) -> Incoming:
        """With the pictures of the message that it answers, unless that is one of ours."""
        parent = message.reply_to
        if parent is None or not message.mentioned or self._desk.sender.is_own(parent.id):
            return message
        if parent.id in self._quoted:
            return replace(message, reply_attachments=self._quoted[parent.id])
        try:
            answer = await self._desk.rest.call(
                Call("GET", f"{MESSAGES}/{parent.id}", patience=QUOTED_PATIENCE)
            )
        except Refusal as refusal:
            # A month's calls come back too late for the event to come again.
            if isinstance(codes.told(refusal), Passing) and refusal.code != codes.QUOTA:
                raise
            log.info("the quoted message cannot be read: %s", refusal)
            return message
        items = wire.objects(answer, "items")
        shown = receive.shown(items[0], self._desk.rest.app) if items else receive.Content()
        self._quoted[parent.id] = shown.attachments
        return replace(message, reply_attachments=shown.attachments)

    async def _press(self, inbox: Inbox, envelope: Json) -> Json:
        """The answer to a press, from memory; what takes longer follows by itself."""
        pressed = receive.pressed(envelope)
        if pressed is None or not self._may_be_heard(pressed.address.chat):
            return {}
        if pressed.press is Press.DELETE:
            return _toast(self._desk.words.say(pressed.language, await self._delete(pressed)))
        if not pressed.address.topic:
            topic = self._desk.sender.topic(pressed.address.reply_to)
            pressed = replace(pressed, address=replace(pressed.address, topic=topic))
        reply = inbox.press(pressed)
        answer = _toast(reply.toast) if reply.toast else {}
        value = wire.dig(envelope, "event", "action", "value")
        if reply.form is not None:
            self._background.spawn(self._open_form(pressed, reply.form))
        elif pressed.text and not reply.refused and wire.text(value, "opener") == pressed.person.id:
            card = layout.filled(wire.text(value, "title"), pressed.text)
            answer["card"] = {"type": "raw", "data": card}
        return answer

    async def _delete(self, pressed: Pressed) -> str:
        """Remove a result for the person whose it is; what there is to say about it."""
        if pressed.owner != pressed.person.id:
            return "not_yours"
        call = Call("DELETE", f"{MESSAGES}/{pressed.address.reply_to}", patience=DELETE_PATIENCE)
        try:
            await self._desk.rest.call(call)
        except PlatformError as error:
            log.info("a message is not deleted: %s", error)
            return "not_deleted"
        return "deleted"

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
            await self._desk.sender.card(pressed.address, layout.form(form, value), key)
        except PlatformError as error:
            log.warning("a form cannot be shown: %s", error)

    async def close(self) -> None:
        """Take nothing more over."""
        self.inbox = None
        await self._background.close()


def _toast(words: str) -> Json:
    return {"toast": {"type": "info", "content": words}}
