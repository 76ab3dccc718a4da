"""What time it is by the platform's clock: a machine whose own is wrong must not take everybody for late."""

import logging

from adapters.clock import ahead_of, clock_wrong
from bot.ports import Clock

log = logging.getLogger(__name__)


class Skew:
    """Compares the two clocks by the `Date` of answers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        #: Seconds by which this machine's clock is ahead; 0 where it hardly is.
        self.ahead = 0.0

    def now(self) -> float:
        """Unix seconds by the platform's clock."""
        return self._clock.now() - self.ahead

    def look(self, date: str) -> None:
        """Learn from the `Date` of an answer."""
        ahead = ahead_of(date, self._clock.now())
        if ahead is None:
            return
        if ahead and not self.ahead:
            log.warning(clock_wrong("Feishu", ahead))
        self.ahead = ahead
