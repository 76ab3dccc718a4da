"""One file from the net to the disk: guarded, streamed, limited, tried again where that is safe."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx

from adapters.media.guard import Guard, Place
from adapters.media.pictures import HEAD, has_end, sniff
from bot.errors import MediaError, Reason
from bot.ports import Clock

ATTEMPTS = 3
REDIRECTS = 5
#: Bytes that are gathered before they are written.
_BLOCK = 1 << 19
_TIMEOUT = httpx.Timeout(connect=10, read=20, write=20, pool=60)
#: Statuses after which asking again may help.
_PASSING = frozenset({408, 425, 429, *range(500, 600)})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to fetch and how far to go for it."""

    url: str
    headers: Mapping[str, str]
    #: Most bytes, and seconds for all of it.
    limit: int
    deadline: float


class _PassingError(Exception):
    """It did not work this time. The message is for the log."""


class Fetcher:
    """Brings files to disk over one shared client."""

    def __init__(self, client: httpx.AsyncClient, guard: Guard, clock: Clock) -> None:
        self._client = client
        self._guard = guard
        self._clock = clock

    async def fetch(self, wanted: Wanted, target: Path) -> None:
        """Write what the URL holds to `target`, in a folder that is made where there is none; not yet synced.

        Raises MediaError: INPUT_GONE (not there any more), BAD_INPUT (no picture, or a forbidden place),
        INPUT_TOO_LARGE, NETWORK. Raises OSError when the disk refuses.
        """
        try:
            async with asyncio.timeout(wanted.deadline):
                await self._with_retries(wanted, target)
        except TimeoutError as error:
            raise MediaError(Reason.NETWORK, f"not there after {wanted.deadline:.0f} s") from error

    async def _with_retries(self, wanted: Wanted, target: Path) -> None:
        for attempt in range(ATTEMPTS):
            try:
                return await self._once(wanted, target, attempt)
            except (_PassingError, httpx.TransportError, httpx.DecodingError) as error:
                if attempt + 1 == ATTEMPTS:
                    raise MediaError(Reason.NETWORK, f"{type(error).__name__} {error}".strip()) from error
            await self._clock.sleep(0.4 * 2**attempt * random.uniform(0.5, 1.0))
        return None

    async def _once(self, wanted: Wanted, target: Path, attempt: int) -> None:
        url: str | httpx.URL = wanted.url
        headers = wanted.headers
        for _ in range(REDIRECTS + 1):
            response = await self._open(url, headers, attempt)
            try:
                if not response.has_redirect_location:
                    whole = await _save(response, wanted.limit, target)
                    if not whole and attempt + 1 < ATTEMPTS:  # the last time, half is better than nothing
                        raise _PassingError("the picture breaks off")
                    return
            finally:
                await response.aclose()
            here, url = httpx.URL(url), _next(url, response.headers["location"])
            if (url.scheme, url.netloc) != (here.scheme, here.netloc):
                headers = {}  # what was meant for one host is not shown to another
        raise MediaError(Reason.BAD_INPUT, "led on too many times")

    async def _open(self, url: str | httpx.URL, headers: Mapping[str, str], attempt: int) -> httpx.Response:
        try:
            place = await self._guard.place(url, attempt)
        except OSError as error:
            raise _PassingError(f"name not resolved: {error.strerror}") from error
        request = self._client.build_request(
            "GET",
            place.url,
            headers={"Accept-Encoding": "identity", **headers, **_named(place)},
            timeout=_TIMEOUT,
            extensions={"sni_hostname": place.name} if place.name else None,
        )
        try:
            return await self._client.send(request, auth=None, stream=True, follow_redirects=False)
        except UnicodeError as error:  # httpx looks where a redirect leads, though it does not follow
            raise MediaError(Reason.BAD_INPUT, "led to what is no web address") from error


def _next(url: str | httpx.URL, location: str) -> httpx.URL:
    try:
        return httpx.URL(url).join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise MediaError(Reason.BAD_INPUT, "led to what is no web address") from error


def _named(place: Place) -> dict[str, str]:
    """Headers of a request to a checked address.

    Closed afterwards: the pool knows connections by address, and another name may live at the same one.
    """
    return {"Host": place.host, "Connection": "close"} if place.host else {}


async def _save(response: httpx.Response, limit: int, target: Path) -> bool:
    """Whether what was written is whole, as far as it tells."""
    if response.status_code in _PASSING:
        raise _PassingError(f"status {response.status_code}")
    if response.status_code != 200:
        raise MediaError(Reason.INPUT_GONE, f"status {response.status_code}")
    length = response.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise MediaError(Reason.INPUT_TOO_LARGE, f"more than {limit} bytes")
    with await asyncio.to_thread(_opened, target) as file:
        return await _stream(response, limit, file)


async def _stream(response: httpx.Response, limit: int, file: BinaryIO) -> bool:
    pieces: list[bytes] = []
    held = total = 0
    async for piece in response.aiter_bytes():
        pieces.append(piece)
        held += len(piece)
        total += len(piece)
        if total > limit:
            raise MediaError(Reason.INPUT_TOO_LARGE, f"more than {limit} bytes")
        if total - held < HEAD <= total:
            _must_be_known(pieces)
        if held >= _BLOCK:
            await asyncio.to_thread(file.writelines, pieces)
            pieces, held = [], 0
    if total < HEAD:
        _must_be_known(pieces)
    return await asyncio.to_thread(_finish, file, pieces)


def _opened(target: Path) -> BinaryIO:
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.open("w+b")


def _finish(file: BinaryIO, pieces: list[bytes]) -> bool:
    file.writelines(pieces)
    return has_end(file)


def _must_be_known(pieces: list[bytes]) -> None:
    if not sniff(b"".join(pieces)[:HEAD]):
        raise MediaError(Reason.BAD_INPUT, "neither a picture nor a film that is known")
