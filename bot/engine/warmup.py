"""What understanding needs is read once in a process, in a thread: the loop may not stand for so long."""

import asyncio
from collections.abc import Callable
from functools import cache

from bot.language import understand


@cache
def read_words() -> None:
    """Understand something in each language; one after the other, as two threads would do the same work."""
    for text in ("画一只猫", "draw a cat"):
        understand(text)


class WarmUp:
    """Understanding, made ready: begun by whoever asks first, waited for by all."""

    def __init__(self, read: Callable[[], None] = read_words) -> None:
        self._read = read
        self._reading: asyncio.Task[None] | None = None

    async def done(self) -> None:
        """Return when it is ready."""
        if self._reading is None:
            self._reading = asyncio.create_task(asyncio.to_thread(self._read), name="words")
        await asyncio.shield(self._reading)
