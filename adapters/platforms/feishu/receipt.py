"""Whether an event was taken over in time, and what is answered."""

import asyncio
import logging

from adapters.platforms.feishu.wire import Json
from bot.errors import InklingError

log = logging.getLogger(__name__)

#: Seconds after which the platform gives up on a receipt (3), less a little.
HANDLE_SECONDS = 2.8


async def taken_over(taking: "asyncio.Future[Json | None]") -> Json | None:
    """The answer, empty where there is nothing to say; None where the event should come again.

    Taking it over goes on when the time is up: what comes again is recognised.
    """
    done, _ = await asyncio.wait({taking}, timeout=HANDLE_SECONDS)
    if not done:
        log.warning("an event was not taken over in time")
        return None
    if taking.cancelled():
        return None
    if error := taking.exception():
        known = isinstance(error, InklingError)
        log.error("an event could not be taken over: %s", error, exc_info=None if known else error)
        return None
    return taking.result() or {}
