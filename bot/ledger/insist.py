"""What must not be lost is written as often as it takes: a disk is full, a file locked only for a while."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.errors import DatabaseError
from bot.ports import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")
#: Seconds before the second try; doubled from try to try up to the longest.
FIRST_RETRY = 1.0
LONGEST_RETRY = 60.0


async def insist(write: Callable[[], Awaitable[T]], clock: Clock) -> T:
    """Do it until the database can be used."""
    wait = FIRST_RETRY
    while True:
        try:
            return await write()
        except DatabaseError as error:
            log.error("%s Again in %.0f s.", error, wait)  # noqa: TRY400 - a sentence for the operator
            await clock.sleep(wait)
            wait = min(LONGEST_RETRY, wait * 2)
