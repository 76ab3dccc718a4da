"""What every way to Jimeng shares: its numbers for what went wrong, results to disk, safe requests again.

No request of its own, and nothing that only one backend knows.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx

from adapters.media import MediaStore
from bot.errors import BackendError, GenerationFailed, MediaError, NotSent, Reason
from bot.message import Media
from bot.ports import Clock

ATTEMPTS = 3

_BUSY = frozenset({1, 1010, 1057, 2014, 2020, 10020, 1310})
#: 4001 is "no credits" by the site's own bundle, though the jimeng-api service takes it for content.
_POINTS = frozenset({1006, 4001, 5000, 121101})
_BLOCKED = frozenset({1018, 1019, -6, 1021, 2035, 4013, -4})
_CONTENT = {
    **dict.fromkeys((1063, 1159, 2003, 2004, 2005, 2038), Reason.CONTENT_TEXT),
    **dict.fromkeys((2039, 2041), Reason.CONTENT_INPUT),
    **dict.fromkeys((2042, 2043), Reason.CONTENT_OUTPUT),
    **dict.fromkeys((2048, 2050), Reason.COPYRIGHT),
}
_PARAMETERS = frozenset({1000, 1001, 1002, 1161, 1162, 3021, 4003, 4010})


def reason_of(code: int) -> Reason:
    """Why Jimeng refuses or fails, by its own number; OTHER for numbers that nobody has explained."""
    if code in _BUSY:
        return Reason.RATE_LIMIT
    if code in _POINTS:
        return Reason.POINTS_SHORT
    if code in _BLOCKED:
        return Reason.ACCOUNT_BLOCKED
    if code == 1015:
        return Reason.LOGIN_EXPIRED
    if code == 3018:
        # "Permission denied": what is sent does not look like the site of today.
        return Reason.CONFIGURATION
    return _CONTENT.get(code) or (Reason.BAD_INPUT if code in _PARAMETERS else Reason.OTHER)


async def patiently(send: Callable[[], Awaitable[httpx.Response]], clock: Clock) -> httpx.Response:
    """The answer to a request that may be repeated: free of charge, changes nothing.

    Tried again with jitter after trouble on the way and server errors. Raises NotSent(NETWORK) or
    NotSent(UNAVAILABLE). What httpx says is kept out of the error: it may quote a header.
    """
    for attempt in range(ATTEMPTS):
        try:
            response = await send()
        except httpx.RequestError as error:
            failure = NotSent(Reason.NETWORK, type(error).__name__)
        else:
            if response.status_code < 500:
                return response
            failure = NotSent(Reason.UNAVAILABLE, f"HTTP {response.status_code}")
        if attempt + 1 < ATTEMPTS:
            await clock.sleep(0.5 * 2**attempt * random.uniform(0.5, 1.0))
    raise failure


async def bring(media: MediaStore, links: Sequence[str], reference: str) -> tuple[Media, ...]:
    """The results on disk, named `<reference>-<n>`; those that are there already are not fetched again.

    Links that are dead are left out as long as one is good. Raises GenerationFailed when none is, NotSent
    when it may work next time.
    """
    found = await asyncio.gather(
        *(_one(media, link, f"{reference}-{place}") for place, link in enumerate(links)),
        return_exceptions=True,
    )
    results: list[Media] = []
    failure: BackendError = GenerationFailed(Reason.NO_DETAILS, "no links")
    for one in found:
        if isinstance(one, MediaError):
            failure = _failure(one)
            if isinstance(failure, NotSent):
                raise failure from one
        elif isinstance(one, BaseException):
            raise one
        else:
            results.append(one)
    if not results:
        raise failure
    return tuple(results)


async def _one(media: MediaStore, link: str, name: str) -> Media:
    expires = expires_at(link)
    if (kept := await asyncio.to_thread(media.find, name)) is not None:
        return replace(kept, link=link, link_expires=expires)
    return await media.download(link, name, link=link, expires=expires)


def expires_at(link: str) -> float:
    """Until when a signed link is good, in Unix seconds; 0 where it does not tell."""
    told = parse_qs(urlsplit(link).query).get("x-expires", ["0"])[0]
    return float(told) if told.isascii() and told.isdigit() else 0.0


def _failure(error: MediaError) -> BackendError:
    if error.reason in (Reason.NETWORK, Reason.DISK_FULL, Reason.OTHER):
        return NotSent(error.reason, error.detail)
    return GenerationFailed(error.reason, error.detail)
