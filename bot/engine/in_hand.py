"""What people said and pressed that is not recorded yet: a stop waits for it."""

import asyncio
import contextlib
from collections.abc import Iterator


class InHand:
    """How much is being taken up."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """One thing more, until it is recorded."""
        self._count += 1
        self._none.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._none.set()

    async def none(self, seconds: float) -> None:
        """Return when nothing is in hand, or after so many seconds."""
        if self._count:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._none.wait()
