"""Answers through an interaction: the first one within three seconds, later ones within fifteen minutes.

Discord takes one first answer, knows no nonce for follow-ups and forgets the token after fifteen minutes. So
nothing here is repeated blindly: after a lost answer the original response is looked at first.
https://discord.com/developers/docs/interactions/receiving-and-responding
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

from adapters.platforms.discord.hooks import ANSWER, DEFER, Expired, Hooks, quietly
from adapters.platforms.discord.layout import EPHEMERAL, Body
from adapters.platforms.discord.place import Ticket, created_at
from bot.errors import Gone, Passing, PlatformError
from bot.ports import Clock

log = logging.getLogger(__name__)

LOADING = 1 << 7
#: Seconds: after which the answer is put off, in which the first answer has to be there, and for which the
#: token lives, each with a margin for the way.
DEFER_AFTER, FIRST_WITHIN, TOKEN_LIFE = 1.0, 2.8, 14.5 * 60
#: Follow-ups where only the person installed the bot (Discord takes five), and those kept for the end.
GUEST_FOLLOWUPS, KEPT_FOR_THE_END = 5, 1
_REMEMBERED = 2000


class State(Enum):
    """How far the first answer is."""

    NEW = auto()
    DEFERRED = auto()
    ANSWERED = auto()
    #: It was sent and its answer was lost: look before doing anything.
    UNCERTAIN = auto()
    #: Too late, or the token is dead.
    EXPIRED = auto()


@dataclass(slots=True)
class Open:
    """An interaction whose token is alive."""

    ticket: Ticket
    #: By the monotonic clock.
    since: float
    state: State = State.NEW
    #: The key of the message that became the first answer, and that message.
    key: str = ""
    message: int = 0
    followups: int = 0
    #: The first answer is a line for the person alone, which what comes next may replace.
    toast: bool = False
    #: Follow-ups whose fate is not known, by key.
    uncertain: set[str] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Answers:
    """All open interactions and the requests that answer them."""

    def __init__(self, hooks: Hooks, clock: Clock) -> None:
        self._hooks = hooks
        self._clock = clock
        self._open: OrderedDict[int, Open] = OrderedDict()

    # The first answer -------------------------------------------------------------------------------

    def opened(self, ticket: Ticket) -> Open:
        """Remember an interaction that has just come."""
        one = Open(ticket, self._clock.monotonic())
        self._open[ticket.interaction] = one
        while len(self._open) > _REMEMBERED:
            self._open.popitem(last=False)
        return one

    @asynccontextmanager
    async def answering(self, ticket: Ticket) -> AsyncIterator[Open]:
        """An interaction whose first answer is no message of a job. Follow-ups wait until it is given."""
        one = self.opened(ticket)
        async with one.lock:
            one.state = State.ANSWERED
            yield one

    def known(self, ticket: Ticket) -> Open:
        """The interaction of a ticket; after a restart all that is known is that it was there once."""
        one = self._open.get(ticket.interaction)
        if one is None:
            one = self.opened(ticket)
            one.since -= max(0.0, self._clock.now() - created_at(ticket.interaction))
            one.state = State.UNCERTAIN
        return one

    async def defer(self, one: Open) -> None:
        """Put the first answer off. Raises PlatformError."""
        async with one.lock:
            if one.state is State.NEW:
                await self._defer(one)

    async def _defer(self, one: Open) -> None:
        data = {"flags": EPHEMERAL} if one.ticket.quiet else None
        try:
            one.message = await self._hooks.first(one.ticket, DEFER, data)
            one.state = State.DEFERRED
        except PlatformError as error:
            one.state = State.EXPIRED if isinstance(error, Expired) else State.UNCERTAIN
            raise

    async def answer(self, ticket: Ticket, body: Body, key: str) -> int:
        """Show a message as the first answer; its id.

        Raises Expired when that is not possible (any more), Passing when it may be tried again.
        """
        one = self.known(ticket)
        async with one.lock:
            if one.state is State.UNCERTAIN:
                await self._look(one, key)
            if one.state is State.ANSWERED:
                if one.key != key:
                    raise Expired("answered already")
                return one.message
            if one.state is State.NEW and body.uploads:
                # Files may take longer than three seconds, and their answer can be repeated.
                await self._defer(one)
            if one.state is State.NEW:
                await self._first(one, body, key)
            elif one.state is State.DEFERRED:
                await self._original(one, body)
            else:
                raise Expired("too late for an answer")
            one.state, one.key = State.ANSWERED, key
            return one.message

    async def _first(self, one: Open, body: Body, key: str) -> None:
        if self._clock.monotonic() - one.since > FIRST_WITHIN:
            one.state = State.EXPIRED
            raise Expired("three seconds are over")
        one.key = key
        try:
            one.message = await self._hooks.first(one.ticket, ANSWER, quietly(one.ticket, body))
        except Expired:
            one.state = State.EXPIRED
            raise
        except Passing:
            one.state = State.UNCERTAIN
            await self._look(one, key)
            if one.state is State.EXPIRED:
                raise Expired("too late for an answer") from None
            if one.state is State.NEW:
                raise
            if one.state is State.DEFERRED:
                await self._original(one, body)

    async def _look(self, one: Open, key: str) -> None:
        """See what became of a first answer whose own answer was lost. Raises Passing."""
        try:
            found = await self._hooks.get(one.ticket)
        except Passing:
            raise
        except PlatformError:
            in_time = self._clock.monotonic() - one.since < FIRST_WITHIN
            one.state = State.NEW if in_time else State.EXPIRED
            return
        one.message = int(found["id"])
        loading = found.get("flags", 0) & LOADING
        one.state = State.DEFERRED if loading else State.ANSWERED
        if not loading:
            one.key = one.key or key

    async def _original(self, one: Open, body: Body) -> None:
        try:
            await self._hooks.edit(one.ticket.secret, body)
        except Gone:
            one.state = State.EXPIRED
            raise

    def expire(self, one: Open) -> bool:
        """Whether a deferral was never followed by anything; from now on nothing will."""
        if one.state is not State.DEFERRED:
            return False
        one.state = State.EXPIRED
        return True

    async def withdraw(self, one: Open) -> None:
        """Take the spinner of a deferral away. Raises PlatformError."""
        await self._hooks.delete(one.ticket.secret)

    async def original(self, ticket: Ticket) -> int:
        """The id of the first answer's message; 0 where there is none that is known."""
        one = self.known(ticket)
        if one.state is State.UNCERTAIN and ticket.secret and self.alive(one):
            async with one.lock:
                try:
                    await self._look(one, "")
                except Passing:
                    return 0
        return one.message if one.state is not State.EXPIRED else 0

    # Later ones -------------------------------------------------------------------------------------

    def alive(self, one: Open) -> bool:
        """Whether the token still works."""
        return self._clock.monotonic() - one.since < TOKEN_LIFE

    async def follow_up(self, ticket: Ticket, body: Body, key: str, *, end: bool) -> int:
        """Send a further message through the interaction; its id.

        A follow-up whose answer was lost may stand there: its next try changes the first answer instead,
        which can be repeated. After a press that would be the message pressed on, which is let alone: better
        twice to read than a picture overwritten. Raises Expired, Passing, Unshowable.
        """
        one = self.known(ticket)
        if not self.alive(one):
            raise Expired("fifteen minutes are over")
        async with one.lock:
            full = one.followups >= GUEST_FOLLOWUPS - (0 if end else KEPT_FOR_THE_END)
            if ticket.owed and (full or key in one.uncertain):
                return await self._hooks.edit(ticket.secret, body)
            if full:
                raise Expired("no follow-up is left")
            try:
                one.followups += 1
                return await self._hooks.add(ticket, body)
            except Passing:
                one.uncertain.add(key)
                raise

    async def tell(self, ticket: Ticket, body: Body, key: str) -> int:
        """Tell one person alone something more: in place of the line they were shown at once, else after it.

        Raises Expired, Passing, Unshowable.
        """
        one = self.known(ticket)
        async with one.lock:
            if one.toast and self.alive(one):
                shown = await self._hooks.edit(ticket.secret, body)
                one.toast = False
                return shown
        return await self.follow_up(ticket, body, key, end=True)
