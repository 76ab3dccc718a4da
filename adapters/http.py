"""HTTP as every backend speaks it: the client, what never left, and answers that come to an end.

What is asked and what an answer means stands in each backend; pictures are fetched by `adapters.media`.
"""

import asyncio
import re
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpcore
import httpx
import orjson

#: Seconds for connecting, and for anything that a caller gives no time of its own.
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
#: As many connections are kept as may be open; soon let go, as a dead one would lose an order's answer.
POOL = httpx.Limits(max_connections=100, max_keepalive_connections=100, keepalive_expiry=5.0)
#: Bytes that are read at once: with httpcore's own 64 KiB a picture costs a quarter more CPU.
READ = 1 << 18
#: Raised before a byte of a request was on its way.
UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
#: Most bytes of an answer that is no picture. The longest real one is IMA's list, some ten kilobytes.
MOST = 4_000_000
#: From so many bytes on, JSON is read in a thread.
_LONG = 100_000
#: An escaped backslash or a whole pair, which stay; and half of a pair, which no text may hold.
_HALVES = re.compile(
    rb"(\\\\|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})|\\ud[89a-f][0-9a-f]{2}", re.IGNORECASE
)


class Client(httpx.AsyncClient):
    """Says of an address that is none what it says of every other one that leads nowhere."""

    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        """As httpx has it, save that UnsupportedProtocol is raised, which is a RequestError."""
        try:
            return super().build_request(*args, **kwargs)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise httpx.UnsupportedProtocol("no web address") from error


def client(proxy: str | None = None) -> httpx.AsyncClient:
    """A client to be shared. Nobody's cookies are kept: who is logged in is said with every request."""
    httpcore.AsyncHTTP11Connection.READ_NUM_BYTES = READ
    nobody = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return Client(timeout=TIMEOUT, limits=POOL, cookies=nobody, proxy=proxy)


def for_header(secret: str) -> str:
    """A key as a header can carry it: what none can was never a key, and the service says so best."""
    return re.sub(r"[^ -~]", "?", secret)


def without(text: str, *hidden: str) -> str:
    """A service's words for the log, without what it may have repeated: keys, what a person wrote."""
    for secret in hidden:
        text = text.replace(secret, "…") if secret else text
    return text


class TooLongError(httpx.RequestError):
    """An answer of more bytes than are taken: given up on the way."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read to its end."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def retry_after(self) -> float:
        """Seconds after which the service wants to be asked again; 0: it says nothing sensible."""
        told = self.headers.get("Retry-After", "")
        return float(told) if told.isdecimal() and len(told) < 6 else 0.0

    async def json(self) -> Any:
        """The body as JSON; None where it is none."""
        if len(self.body) > _LONG:
            return await asyncio.to_thread(decoded, self.body)
        return decoded(self.body)


async def send(
    client: httpx.AsyncClient, request: httpx.Request, *, seconds: float, most: int = MOST
) -> Answer:
    """Send a request once, and read the whole answer; redirects are answers.

    Raises httpx.RequestError where there is no whole answer within `seconds` and `most` bytes.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            response = await client.send(request, stream=True, follow_redirects=False)
            try:
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > most:
                        raise TooLongError("the answer is too long", request=request)
            finally:
                await response.aclose()
    except UnicodeError:  # from httpx, which looks where a redirect leads though it does not follow
        raise httpx.RemoteProtocolError("led on to no web address", request=request) from None
    except TimeoutError:
        raise httpx.ReadTimeout(f"no whole answer after {seconds:.0f} s", request=request) from None
    return Answer(response.status_code, response.headers, bytes(body))


def decoded(body: bytes) -> Any:
    """JSON; None where it is none. Half a character, as cutting an emoji in two leaves it, is replaced."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        whole = _HALVES.sub(lambda found: found[1] or rb"\ufffd", body)
    try:
        return orjson.loads(whole)
    except orjson.JSONDecodeError:
        return None
