"""The REST client: one pooled session, the tenant's token, codes as errors.

Knows no message and no card. The SDK's own client is not used: its asynchronous calls build a TLS context
for each request.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from adapters.platforms.feishu import codes, wire
from adapters.platforms.feishu.codes import Refusal
from adapters.platforms.feishu.pace import Pace
from adapters.platforms.feishu.skew import Skew
from adapters.platforms.feishu.wire import Json
from bot.errors import Passing
from bot.ports import Clock
from bot.settings import Feishu

log = logging.getLogger(__name__)

#: Seconds for one request, for an upload or download, and for finding the long connection.
PATIENCE, FILE_PATIENCE, DISCOVERY_PATIENCE = 10.0, 60.0, 10.0
#: Seconds before its end at which a token is replaced.
EARLY = 300.0
#: Longest time for which an interface is left alone, whatever the platform asks for.
LONGEST_HOLD = 120.0
_LOST = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    path: str
    body: Json | None = None
    query: dict[str, str] = field(default_factory=dict)
    #: Builds the form anew for every try: aiohttp sends one only once.
    form: Callable[[], aiohttp.FormData] | None = None
    #: Seconds.
    patience: float = PATIENCE


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the long connection is, and how it wants to be kept."""

    url: str = field(repr=False)
    ping_interval: float = 120.0


class Rest:
    """Calls the open platform on behalf of one app."""

    def __init__(
        self,
        settings: Feishu,
        clock: Clock,
        count: Callable[[], None] = lambda: None,
        *,
        discovery_patience: float = DISCOVERY_PATIENCE,
    ) -> None:
        self._settings = settings
        self._discovery_patience = discovery_patience
        self._clock = clock
        self._count = count
        self._pace = Pace(clock)
        self.skew = Skew(clock)
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._token = ""
        self._good_until = 0.0
        self._renewing = asyncio.Lock()

    @property
    def app(self) -> str:
        """The app's id, by which its own messages are known."""
        return self._settings.app_id

    async def call(self, call: Call) -> Json:
        """The `data` of the answer (or all of it where there is none). Raises Refusal or Passing."""
        token = await self._tenant_token()
        try:
            return await self._twice(call, token)
        except Refusal as refusal:
            if refusal.code not in codes.TOKEN:
                raise
        self._forget(token)
        return await self._twice(call, await self._tenant_token())

    @asynccontextmanager
    async def download(self, path: str, query: dict[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer that is no JSON, to be read in pieces. Raises Refusal or Passing."""
        token = await self._tenant_token()
        for last in (False, True):
            try:
                async with self._open(
                    Call("GET", path, query=query, patience=FILE_PATIENCE), token
                ) as response:
                    if response.status == 200 and "json" not in response.content_type:
                        yield response
                        return
                    _answer(response, await response.read())
                    raise Passing("a download without content")
            except Refusal as refusal:
                if last or refusal.code not in codes.TOKEN:
                    raise
                self._forget(token)
                token = await self._tenant_token()
            except _LOST as error:
                raise Passing(f"download: {type(error).__name__}") from error

    async def discover(self) -> Endpoint:
        """Where the long connection is. Raises Refusal (final) or Passing.

        The SDK asks this itself, but without any time limit and on its own loop.
        """
        body = {"AppID": self._settings.app_id, "AppSecret": self._settings.app_secret}
        answer = await self._bare("/callback/ws/endpoint", body, {"locale": "zh"}, self._discovery_patience)
        url = wire.text(answer, "data", "URL")
        if not url.startswith(("wss://", "ws://")):
            raise Passing("discovery names no address")
        return Endpoint(url, wire.number(answer, "data", "ClientConfig", "PingInterval") or 120.0)

    async def close(self) -> None:
        """Let go of all connections. What is asked afterwards is Passing."""
        self._closed = True
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    # The token ----------------------------------------------------------------------------------------

    async def _tenant_token(self) -> str:
        async with self._renewing:
            if not self._token or self._clock.monotonic() >= self._good_until:
                body = {"app_id": self._settings.app_id, "app_secret": self._settings.app_secret}
                path = "/open-apis/auth/v3/tenant_access_token/internal"
                answer = await self._bare(path, body, {}, PATIENCE)
                self._token = wire.text(answer, "tenant_access_token")
                lifetime = wire.number(answer, "expire")
                self._good_until = self._clock.monotonic() + max(lifetime - EARLY, lifetime / 2)
            return self._token

    def _forget(self, token: str) -> None:
        if token == self._token:
            self._token = ""

    # One request --------------------------------------------------------------------------------------

    async def _bare(self, path: str, body: Json, headers: dict[str, str], patience: float) -> Json:
        """A request that needs no token and counts for no quota."""
        timeout = aiohttp.ClientTimeout(total=patience)
        try:
            async with self._live().post(path, json=body, headers=headers, timeout=timeout) as response:
                self.skew.look(response.headers.get("Date", ""))
                return _answer(response, await response.read())
        except _LOST as error:
            raise Passing(f"{path.rsplit('/', 1)[-1]}: {type(error).__name__}") from error

    async def _twice(self, call: Call, token: str) -> Json:
        """A connection that broke is tried once more: a kept one may have been closed long ago.

        Safe, as everything that shows something carries a key.
        """
        try:
            return await self._once(call, token)
        except (aiohttp.ClientConnectionError, ConnectionError):
            pass
        except FileNotFoundError:
            raise  # a file to upload, gone from the disk
        except _LOST as error:
            raise Passing(f"{call.method} {call.path}: {type(error).__name__}") from error
        try:
            return await self._once(call, token)
        except _LOST as error:
            raise Passing(f"{call.method} {call.path}: {type(error).__name__}") from error

    async def _once(self, call: Call, token: str) -> Json:
        async with self._open(call, token) as response:
            answer = _answer(response, await response.read())
            data = answer.get("data")
            return data if isinstance(data, dict) else answer

    @asynccontextmanager
    async def _open(self, call: Call, token: str) -> AsyncIterator[aiohttp.ClientResponse]:
        await self._pace.room(call.method, call.path)
        self._count()
        more: dict[str, Any] = {"data": call.form()} if call.form else {"json": call.body}
        async with self._live().request(
            call.method,
            call.path,
            params=call.query,
            headers={"Authorization": f"Bearer {token}"},
            timeout=aiohttp.ClientTimeout(total=call.patience),
            **more,
        ) as response:
            try:
                yield response
            except Refusal as refusal:
                if refusal.code == codes.APP_RATE:
                    self._pace.hold(call.method, call.path, min(refusal.retry_after or 1.0, LONGEST_HOLD))
                raise

    def _live(self) -> aiohttp.ClientSession:
        if self._closed:
            raise Passing("the bot is stopping")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                self._settings.domain, headers={"User-Agent": "inkling"}, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


def _answer(response: aiohttp.ClientResponse, raw: bytes) -> Json:
    """The decoded answer. Raises Refusal for a code, Passing for what is no answer."""
    answer = wire.load(raw)
    code = answer.get("code")
    if code == 0:
        return answer
    if not isinstance(code, int):
        raise Passing(f"status {response.status} without a code")
    wait = wire.number(dict(response.headers), "x-ogw-ratelimit-reset") if code == codes.APP_RATE else 0.0
    message = wire.text(answer, "msg")[:300]
    log.debug("%s %s: %s", response.method, code, message)
    raise Refusal(code, message, status=response.status, retry_after=wait)
