"""The machine's own time, as `bot.ports.Clock`."""

import asyncio
import time


class SystemClock:
    """What everything runs on outside of tests."""

    def now(self) -> float:
        """Wall clock, Unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds; none or fewer: as soon as others have had their turn."""
        await asyncio.sleep(max(0.0, seconds))
