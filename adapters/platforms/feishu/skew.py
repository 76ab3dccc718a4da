"""What time it is by the platform's clock: a machine whose own is wrong must not take everybody for late."""

import logging
from email.utils import parsedate_to_datetime

from bot.ports import Clock

log = logging.getLogger(__name__)

#: Seconds between two clocks that are nothing to speak of.
USUAL = 60.0
CLOCK_WRONG = "This machine's clock is {seconds:+.0f} s off by Feishu's. Set it right: turn on NTP."


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
        try:
            ahead = self._clock.now() - parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        before, self.ahead = self.ahead, ahead if abs(ahead) > USUAL else 0.0
        if self.ahead and not before:
            log.warning(CLOCK_WRONG.format(seconds=ahead))
