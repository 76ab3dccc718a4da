"""Answers through an interaction: the first one within three seconds, later ones within fifteen minutes.

Discord takes one first answer, knows no nonce for follow-ups and forgets the token after fifteen minutes. So
nothing here is repeated blindly: after a lost answer the original response is looked at first.
https://discord.com/developers/docs/interactions/receiving-and-responding
"""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import aiohttp

from adapters.platforms.discord.layout import EPHEMERAL, Body, Upload
from adapters.platforms.discord.place import Ticket, created_at
from adapters.platforms.discord.rest import meaning, opened
from bot.errors import Gone, Passing, PlatformError
from bot.ports import Clock

log = logging.getLogger(__name__)

Json = dict[str, Any]

ANSWER, DEFER, DEFER_UPDATE, CHOICES, MODAL = 4, 5, 6, 8, 9
LOADING = 1 << 7
#: Seconds: after which the answer is put off, in which the first answer has to be there, and for which the
#: token lives, each with a margin for the way.
DEFER_AFTER, FIRST_WITHIN, TOKEN_LIFE = 1.0, 2.8, 14.5 * 60
#: Follow-ups where only the person installed the bot (Discord takes five), and those kept for the end.
GUEST_FOLLOWUPS, KEPT_FOR_THE_END = 5, 1
_REMEMBERED = 2000
_TIMEOUT, _CALLBACK_TIMEOUT = aiohttp.ClientTimeout(total=30), aiohttp.ClientTimeout(total=4)
_EXPIRED = frozenset({10062, 10015, 50027})
_ALREADY = 40060


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
    #: Follow-ups whose fate is not known, by key.
    uncertain: set[str] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Expired(Gone):
    """The interaction cannot be answered any more."""


class Answers:
    """All open interactions and the requests that answer them."""

    def __init__(self, api_base: str, proxy: str, clock: Clock) -> None:
        self._base = api_base
        self._proxy = proxy or None
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._open: OrderedDict[int, Open] = OrderedDict()
        #: The bot's application id, once it has logged in.
        self.application = 0

    async def close(self) -> None:
        """Let go of the connections; nothing is answered afterwards."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    # The first answer -------------------------------------------------------------------------------

    def opened(self, ticket: Ticket) -> Open:
        """Remember an interaction that has just come."""
        one = Open(ticket, self._clock.monotonic())
        self._open[ticket.interaction] = one
        while len(self._open) > _REMEMBERED:
            self._open.popitem(last=False)
        return one

    @asynccontextmanager
    async def answering(self, ticket: Ticket) -> AsyncIterator[None]:
        """An interaction whose first answer is no message of a job. Follow-ups wait until it is given."""
        one = self.opened(ticket)
        async with one.lock:
            one.state = State.ANSWERED
            yield

    def known(self, ticket: Ticket) -> Open:
        """The interaction of a ticket; after a restart all that is known is that it was there once."""
        one = self._open.get(ticket.interaction)
        if one is None:
            one = self.opened(ticket)
            one.since -= max(0.0, self._clock.now() - created_at(ticket.interaction))
            one.state = State.UNCERTAIN
        return one

    async def respond(self, ticket: Ticket, kind: int, data: Json | None = None) -> None:
        """Answer at once, with what is no message of a job: a toast, a form, choices, nothing.

        Raises PlatformError; a lost answer is not repeated.
        """
        await self._callback(ticket, kind, data)

    async def defer(self, one: Open) -> None:
        """Put the first answer off. Raises PlatformError."""
        async with one.lock:
            if one.state is not State.NEW:
                return
            data = {"flags": EPHEMERAL} if one.ticket.quiet else None
            try:
                one.message = await self._callback(one.ticket, DEFER, data)
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
            one.message = await self._callback(one.ticket, ANSWER, self._quietly(one.ticket, body))
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
            found = await self._request("GET", self._hook(one.ticket, "/messages/@original"))
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
            await self._edit(one.ticket, "@original", body)
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
        await self._request("DELETE", self._hook(one.ticket, "/messages/@original"))

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
        which can be repeated. Raises Expired, Passing, Unshowable.
        """
        one = self.known(ticket)
        if not self.alive(one):
            raise Expired("fifteen minutes are over")
        async with one.lock:
            room = GUEST_FOLLOWUPS - one.followups
            if key in one.uncertain or room <= (0 if end else KEPT_FOR_THE_END):
                return int((await self._edit(ticket, "@original", body))["id"])
            try:
                one.followups += 1
                payload = self._quietly(ticket, body)
                found = await self._send("POST", self._hook(ticket), payload, body.uploads)
            except Passing:
                one.uncertain.add(key)
                raise
            return int(found["id"])

    async def edit(self, secret: str, message: int, body: Body) -> None:
        """Change a message that only the token reaches."""
        await self._edit(Ticket(secret=secret), str(message), body)

    async def delete(self, secret: str, message: int) -> None:
        """Remove a message that only the token reaches."""
        await self._request("DELETE", self._hook(Ticket(secret=secret), f"/messages/{message}"))

    # Requests ---------------------------------------------------------------------------------------

    def _quietly(self, ticket: Ticket, body: Body) -> Json:
        payload = body.payload()
        if ticket.quiet:
            payload["flags"] = payload.get("flags", 0) | EPHEMERAL
        return payload

    def _hook(self, ticket: Ticket, rest: str = "") -> str:
        return f"/webhooks/{self.application}/{ticket.secret}{rest}"

    async def _callback(self, ticket: Ticket, kind: int, data: Json | None) -> int:
        body: Json = {"type": kind} if data is None else {"type": kind, "data": data}
        path = f"/interactions/{ticket.interaction}/{ticket.secret}/callback?with_response=1"
        found = await self._request("POST", path, json=body, timeout=_CALLBACK_TIMEOUT)
        message = (found.get("resource") or {}).get("message") or {}
        return int(message.get("id", 0))

    async def _edit(self, ticket: Ticket, message: str, body: Body) -> Json:
        return await self._send(
            "PATCH", self._hook(ticket, f"/messages/{message}"), body.edit(), body.uploads
        )

    async def _send(self, method: str, path: str, payload: Json, uploads: Sequence[Upload]) -> Json:
        if not uploads:
            return await self._request(method, path, json=payload)
        files = await asyncio.to_thread(opened, uploads)
        try:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps(payload))
            for n, file in enumerate(files):
                kind = "application/octet-stream"
                form.add_field(f"files[{n}]", file.fp, filename=file.filename, content_type=kind)
            return await self._request(method, path, data=form)
        finally:
            for file in files:
                file.close()

    async def _request(self, method: str, path: str, **kwargs: Any) -> Json:
        if self._closed:
            raise Passing("closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        try:
            request = self._session.request(method, self._base + path, proxy=self._proxy, **kwargs)
            async with request as response:
                text = await response.text()
                return answered(response.status, text)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            # The address holds the token: it does not belong in a log.
            raise Passing(type(error).__name__) from error


def answered(status: int, text: str) -> Json:
    """The JSON of an answer. Raises PlatformError for one that says no."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        found = {}
    body: Json = found if isinstance(found, dict) else {}
    if 200 <= status < 300:
        return body
    code = body.get("code") if isinstance(body.get("code"), int) else 0
    detail = f"{status} {code}: {body.get('message', '')}"
    if code == _ALREADY:
        raise Passing(detail)
    if code in _EXPIRED:
        raise Expired(detail)
    if status == 429:
        raise Passing(detail, retry_after=float(body.get("retry_after", 1.0)))
    raise meaning(status, code or 0, detail)
