"""Work that goes on beside what began it: kept until it is done, called off together.

Who begins it closes it; work that keeps itself alive over troubles is kept in `app.house`.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Background:
    """What one owner has under way. Nobody waits for its result; unforeseen trouble is logged."""

    def __init__(self, owner: str) -> None:
        """`owner`: what the log calls it."""
        self._owner = owner
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._over)

    async def close(self) -> None:
        """Call off what is not done yet, and wait until it has stopped."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("%s: unforeseen trouble", self._owner, exc_info=error)
