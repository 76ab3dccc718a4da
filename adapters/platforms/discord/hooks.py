"""Requests of an interaction: its first answer, and the messages that its token reaches.

They need no token of the bot and know no nonce; what may be repeated is decided in `answers`.
https://discord.com/developers/docs/interactions/receiving-and-responding
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import aiohttp

from adapters.platforms.discord.layout import EPHEMERAL, Body, Upload
from adapters.platforms.discord.place import Ticket
from adapters.platforms.discord.rest import HEADERS, asked, meaning, opened
from bot.errors import Gone, Passing

Json = dict[str, Any]

#: Kinds of first answers.
ANSWER, DEFER, DEFER_UPDATE, CHOICES, MODAL = 4, 5, 6, 8, 9
ORIGINAL = "@original"
_TIMEOUT, _CALLBACK_TIMEOUT = aiohttp.ClientTimeout(total=30), aiohttp.ClientTimeout(total=4)
#: The token is dead, or (40094) no follow-up is left.
_EXPIRED = frozenset({10062, 10015, 50027, 40094})
_ALREADY = 40060


class Expired(Gone):
    """The interaction cannot be answered any more."""


class Hooks:
    """All requests raise PlatformError's kinds."""

    def __init__(self, api_base: str, proxy: str) -> None:
        self._base = api_base
        self._proxy = proxy or None
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        #: The bot's application id, once it has logged in.
        self.application = 0

    async def close(self) -> None:
        """Let go of the connections; nothing is answered afterwards."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def first(self, ticket: Ticket, kind: int, data: Json | None = None) -> int:
        """Give the first answer; the id of its message, if it has one."""
        body: Json = {"type": kind} if data is None else {"type": kind, "data": data}
        path = f"/interactions/{ticket.interaction}/{ticket.secret}/callback?with_response=1"
        found = await self._request("POST", path, json=body, timeout=_CALLBACK_TIMEOUT)
        message = (found.get("resource") or {}).get("message") or {}
        return int(message.get("id", 0))

    async def add(self, ticket: Ticket, body: Body) -> int:
        """Send a further message; its id."""
        payload = quietly(ticket, body)
        return int((await self._send("POST", self._hook(ticket.secret), payload, body.uploads))["id"])

    async def get(self, ticket: Ticket, message: str = ORIGINAL) -> Json:
        """A message as it stands now."""
        return await self._request("GET", self._hook(ticket.secret, message))

    async def edit(self, secret: str, body: Body, message: str = ORIGINAL) -> int:
        """Make a message show something else; its id."""
        found = await self._send("PATCH", self._hook(secret, message), body.edit(), body.uploads)
        return int(found["id"])

    async def delete(self, secret: str, message: str = ORIGINAL) -> None:
        """Remove a message."""
        await self._request("DELETE", self._hook(secret, message))

    def _hook(self, secret: str, message: str = "") -> str:
        path = f"/webhooks/{self.application}/{secret}"
        return f"{path}/messages/{message}" if message else path

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
            self._session = aiohttp.ClientSession(headers=HEADERS, timeout=_TIMEOUT)
        try:
            request = self._session.request(method, self._base + path, proxy=self._proxy, **kwargs)
            async with request as response:
                text = await response.text()
                return answered(response.status, text, asked(response.headers))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            # The address holds the token: it does not belong in a log.
            raise Passing(type(error).__name__) from error


def quietly(ticket: Ticket, body: Body) -> Json:
    """A new message's JSON, for one person alone where the ticket says so."""
    payload = body.payload()
    if ticket.quiet:
        payload["flags"] = payload.get("flags", 0) | EPHEMERAL
    return payload


def answered(status: int, text: str, wait: float = 0.0) -> Json:
    """The JSON of an answer. Raises PlatformError for one that says no; `wait`: seconds that it asks for."""
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
    if isinstance(body.get("retry_after"), int | float):
        wait = float(body["retry_after"])
    raise meaning(status, code or 0, detail, wait)
