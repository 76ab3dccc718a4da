"""Time: the machine's own, as `bot.ports.Clock`, and how far it is from a service's."""

import asyncio
import time
from email.utils import parsedate_to_datetime

#: Seconds between two clocks that are nothing to speak of.
USUAL_SKEW = 60.0


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


def ahead_of(date: str, now: float) -> float | None:
    """Seconds by which `now` is ahead of a `Date` header: 0 where it hardly is, None where that is none."""
    try:
        ahead = now - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return ahead if abs(ahead) > USUAL_SKEW else 0.0


def clock_wrong(whose: str, ahead: float) -> str:
    """A sentence for the operator. `whose` clock is the right one; `ahead`: as `ahead_of` tells."""
    return f"This machine's clock is {ahead:+.0f} s off by {whose}'s. Set it right: turn on NTP."
