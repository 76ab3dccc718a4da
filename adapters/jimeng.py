"""What every way to Jimeng shares: its numbers for what went wrong, and safe requests again.

No request of its own, and nothing that only one backend knows.
"""

import random
from collections.abc import Awaitable, Callable

import httpx

from adapters.http import Answer
from bot.errors import NotSent, Reason
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


async def patiently(send: Callable[[], Awaitable[Answer]], clock: Clock) -> Answer:
    """The answer to a request that may be repeated: free of charge, changes nothing.

    Tried again with jitter after trouble on the way and server errors. Raises NotSent(NETWORK) or
    NotSent(UNAVAILABLE). What httpx says is kept out of the error: it may quote a header.
    """
    for attempt in range(ATTEMPTS):
        try:
            answer = await send()
        except httpx.RequestError as error:
            failure = NotSent(Reason.NETWORK, type(error).__name__)
        else:
            if answer.status < 500:
                return answer
            failure = NotSent(Reason.UNAVAILABLE, f"HTTP {answer.status}")
        if attempt + 1 < ATTEMPTS:
            await clock.sleep(0.5 * 2**attempt * random.uniform(0.5, 1.0))
    raise failure
