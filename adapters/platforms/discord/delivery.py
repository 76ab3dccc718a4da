"""Where a message of ours goes, and what is done when it cannot go there.

In this order: the interaction's own answer while it is owed; the interaction, where the bot has no rights of
its own; the channel; for an end also the thread's parent and the person's direct chat. A key is never shown
twice: Discord's nonce sees to it for some minutes, after that the place is looked at first.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import discord

from adapters.platforms.discord import rights
from adapters.platforms.discord.answers import Answers
from adapters.platforms.discord.buttons import Choice
from adapters.platforms.discord.fitting import PREVIEW, STEPS, Fitter, fitted
from adapters.platforms.discord.hooks import Expired
from adapters.platforms.discord.layout import Body, Layout, Look, Rights, is_end, told
from adapters.platforms.discord.place import PLATFORM, Spot, Ticket, created_at, number
from adapters.platforms.discord.recognition import is_by, is_same
from adapters.platforms.discord.rest import Lacking, NoHistory, TooLarge
from adapters.platforms.discord.transport import Live
from adapters.platforms.discord.words import Words
from bot.errors import Gone
from bot.job import idempotency_key
from bot.message import Address, Kind, MessageRef, Outgoing, Pick
from bot.ports import Clock, Models

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Seconds for which Discord is trusted to remember a nonce ("a few minutes").
NONCE_TRUSTED = 60.0
_NONCE_LENGTH = 25
#: Pages of history that are looked through for a message that may stand there.
_PAGES = 3
_REMEMBERED = 5000
_ANSWERS = frozenset({Kind.ACK, Kind.TEXT})
_PLAIN = Rights(embeds=False, files=False)


@dataclass(frozen=True, slots=True)
class Means:
    """What a delivery works with."""

    answers: Answers
    layout: Layout
    words: Words
    fitter: Fitter
    clock: Clock
    models: Models


@dataclass(frozen=True, slots=True)
class Errand:
    """One message on its way to one place."""

    live: Live
    to: Address
    message: Outgoing
    key: str
    ticket: Ticket
    channel: int
    #: A sentence in small print.
    note: str = ""

    @property
    def here(self) -> bool:
        """Whether it goes where the person is, not to another place."""
        return str(self.channel) == self.to.chat

    @property
    def origin(self) -> int:
        """The id of what is answered: nothing that answers it is older."""
        return max(number(self.to.reply_to), self.ticket.interaction)


@dataclass(slots=True)
class Shape:
    """How a message is tried: less and less of it, where more is refused."""

    rights: Rights
    reply_to: int = 0
    #: Which of `fitting.STEPS`.
    step: int = 0


class Delivery:
    """Sends new messages."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._started = means.clock.now()
        self._sent: OrderedDict[str, MessageRef] = OrderedDict()
        self._first_tries: OrderedDict[str, float] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}

    async def send(self, live: Live, to: Address, message: Outgoing, key: str) -> MessageRef:
        """Show a message in the best place there is. Raises PlatformError."""
        channel = number(to.chat)
        if not 0 < channel < 1 << 63:
            raise Gone("no such channel")
        errand = Errand(live, to, message, key, Ticket.read(to.token), channel)
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if known := self._sent.get(key):
                    return known
                ref = await self._deliver(errand)
                remember(self._sent, key, ref)
                return ref
        finally:
            if not lock.locked():
                self._locks.pop(key, None)

    async def _deliver(self, errand: Errand) -> MessageRef:
        ticket, message = errand.ticket, errand.message
        if ticket.interaction and message.kind in _ANSWERS and (ticket.owed or ticket.quiet):
            try:
                return await self._through_answer(errand)
            except Expired:
                if ticket.quiet and not ticket.direct and message.kind is Kind.TEXT:
                    return await self._directly(errand)
        if ticket.guest:
            try:
                return await self._through_follow_up(errand)
            except Expired:
                if message.kind is Kind.PROGRESS:
                    raise
                return await self._directly(errand)
        try:
            return await self._write(errand)
        except Gone as error:
            if not is_end(message):
                raise
            log.info("an end goes elsewhere: %s", error)
            return await self._elsewhere(errand)

    # Through the interaction ------------------------------------------------------------------------

    async def _through_answer(self, errand: Errand) -> MessageRef:
        ticket, answers = errand.ticket, self._means.answers

        async def show(body: Body) -> int:
            if ticket.owed:
                try:
                    return await answers.answer(ticket, body, errand.key)
                except Expired:
                    if not ticket.quiet:
                        raise
            if not ticket.quiet or errand.message.kind is not Kind.TEXT:
                raise Expired("not through the interaction")
            return await answers.tell(ticket, body, errand.key)

        return await self._fitting(errand, show)

    async def _through_follow_up(self, errand: Errand) -> MessageRef:
        ticket, end = replace(errand.ticket, quiet=False), is_end(errand.message)

        async def show(body: Body) -> int:
            return await self._means.answers.follow_up(ticket, body, errand.key, end=end)

        return await self._fitting(errand, show)

    async def _fitting(self, errand: Errand, show: Callable[[Body], Awaitable[int]]) -> MessageRef:
        """Show it with as much of its pictures as goes through."""
        if errand.ticket.guest and errand.message.kind is Kind.ACK:
            note = self._means.words.say(errand.message.language, "card.guest")
            errand = replace(errand, note=note)
        for step in range(len(STEPS) + 1):
            body = await self._laid_out(errand, Rights(), step)
            try:
                return self._ref(errand, await show(body))
            except TooLarge:
                log.info("the files are too large for an interaction: step %d", step)
        raise TooLarge("nothing is small enough")

    def _ref(self, errand: Errand, message: int) -> MessageRef:
        """Where it stands; with the token where the bot's own cannot reach it."""
        ticket = errand.ticket
        secret = ticket.secret if ticket.guest or ticket.quiet else ""
        return MessageRef(PLATFORM, errand.to.chat, str(Spot(message, secret)))

    # In a channel -----------------------------------------------------------------------------------

    async def _write(self, errand: Errand) -> MessageRef:
        """Write into a channel, with as much as may be shown there."""
        shape = Shape(rights.shown(errand.live.client, errand.channel), await self._reply_to(errand))
        while True:
            body = self._aimed(await self._laid_out(errand, shape.rights, shape.step), errand, shape)
            try:
                shown = await self._standing(errand, body, shape.reply_to)
                if not shown:
                    found = await errand.live.rest.create(
                        errand.channel, body, nonce(errand.key), shape.reply_to
                    )
                    shown = int(found["id"])
                return MessageRef(PLATFORM, str(errand.channel), str(shown))
            except NoHistory:
                if not shape.reply_to:
                    raise
                shape.reply_to = 0
            except Lacking:
                if shape.rights == _PLAIN:
                    raise
                shape.rights = _PLAIN
            except TooLarge:
                if shape.step > len(STEPS):
                    raise
                shape.step += 1

    async def _reply_to(self, errand: Errand) -> int:
        """The message that is answered, where it stands in the same place."""
        if not errand.here:
            return 0
        return number(errand.to.reply_to) or (
            await self._means.answers.original(errand.ticket) if errand.ticket.owed else 0
        )

    async def _laid_out(self, errand: Errand, allowed: Rights, step: int) -> Body:
        message, means = errand.message, self._means
        limit = rights.file_limit(errand.live.client, errand.channel)
        media = await fitted(message.media, means.fitter, step, limit) if allowed.files else ()
        note = errand.note
        if allowed.files and message.media and (step >= PREVIEW or len(media) < len(message.media)):
            linked = any(line.url for line in message.lines)
            note = note or means.words.say(message.language, "card.linked" if linked else "card.too_large")
        look = Look(allowed, media, self._models(message), note, message.job)
        return means.layout.body(message, look)

    def _aimed(self, body: Body, errand: Errand, shape: Shape) -> Body:
        """An end reaches its person: as an answer to their message, else by their name."""
        ticket = errand.ticket
        if not is_end(errand.message) or not ticket.user or ticket.direct or not errand.here:
            return body
        if shape.reply_to and not ticket.interaction:
            return replace(body, notify=True)
        return told(body, ticket.user)

    def _models(self, message: Outgoing) -> tuple[Choice, ...]:
        """What a result can be drawn with once more."""
        if message.kind is not Kind.SUCCESS:
            return ()
        models = self._means.models(message.language)
        return tuple(Choice(str(Pick(one.id, one.price)), one.label) for one in models)

    # When there is no such place any more -----------------------------------------------------------

    async def _elsewhere(self, errand: Errand) -> MessageRef:
        """The thread's parent, else the person's direct chat. Raises Gone where there is neither."""
        place = f"<#{errand.channel}>"
        errand = replace(
            errand, note=self._means.words.say(errand.message.language, "card.elsewhere", place=place)
        )
        known = errand.live.client.get_channel(errand.channel)
        if isinstance(known, discord.Thread) and known.parent_id:
            key = idempotency_key(errand.key, "parent")
            try:
                return await self._write(replace(errand, channel=known.parent_id, key=key))
            except Gone as error:
                log.info("nor is there a place beside the thread: %s", error)
        return await self._directly(replace(errand, key=idempotency_key(errand.key, "direct")))

    async def _directly(self, errand: Errand) -> MessageRef:
        """The person's direct chat with the bot."""
        if not errand.ticket.user:
            raise Gone("nobody is known to write to")
        channel = await errand.live.rest.direct(errand.ticket.user)
        return await self._write(replace(errand, channel=channel))

    # Does it stand there already? -------------------------------------------------------------------

    async def _standing(self, errand: Errand, body: Body, reply_to: int) -> int:
        """The id of this very message, if an earlier try has brought it there; 0: send it."""
        if not self._may_stand(errand):
            return 0
        client, after = errand.live.client, errand.origin
        me = client.user.id if client.user else 0
        for _ in range(_PAGES):
            try:
                page = await errand.live.rest.after(errand.channel, after)
            except Gone as error:
                log.info("it cannot be looked whether a message stands there: %s", error)
                return 0
            for found in page:
                if is_by(found, me) and is_same(found, body, errand.message, reply_to):
                    return int(found["id"])
            if len(page) < 100:
                break
            after = int(page[-1]["id"])
        return 0

    def _may_stand(self, errand: Errand) -> bool:
        """Whether an earlier try may have succeeded, longer ago than Discord remembers a nonce."""
        now = self._means.clock.monotonic()
        first = self._first_tries.get(errand.key)
        if first is not None:
            return bool(errand.origin) and now - first >= NONCE_TRUSTED
        remember(self._first_tries, errand.key, now)
        # Of an earlier process nothing is known but that it may have tried.
        return errand.origin > 0 and created_at(errand.origin) < self._started - NONCE_TRUSTED


def nonce(key: str) -> str:
    """The key as Discord takes it."""
    return key if 0 < len(key) <= _NONCE_LENGTH else idempotency_key(key)


def remember(memory: OrderedDict[str, T], key: str, value: T) -> None:
    """Keep the newest entries alone."""
    memory[key] = value
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)
