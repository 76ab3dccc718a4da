"""How many calls a month has seen, and whether progress should still spend any.

A tenant of the free edition has 10 000 calls a month and is then refused everything, results included. A
tenant that was once seen to pass that number is not of the free edition and is left in peace.
Source: https://www.feishu.cn/hc/zh-CN/articles/360049067549 (editions and their API quota).
"""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from bot.errors import DatabaseError
from bot.metrics import Metrics
from bot.ports import Clock, Database

log = logging.getLogger(__name__)

FREE = 10_000
#: Calls that are counted in memory before they are written down.
PAGE = 20
#: Share of the month's calls → seconds between two changes of one progress message; beyond the last: none.
THINNING = ((0.6, 0.0), (0.8, 30.0), (0.95, 120.0))
#: Seconds after a refusal during which nothing optional is tried.
REFUSED_PAUSE = 3600.0
_ADD = """
INSERT INTO feishu_calls (month, calls) VALUES (?, ?)
ON CONFLICT (month) DO UPDATE SET calls = feishu_calls.calls + excluded.calls
"""


class Budget:
    """Counts calls; says what is left out."""

    def __init__(self, database: Database, metrics: Metrics, clock: Clock) -> None:
        self._database = database
        self._gauge = metrics.quota.labels("feishu")
        self._clock = clock
        self._month = ""
        self._calls = 0
        self._unwritten = 0
        self._free = True
        self._refused_until = 0.0
        #: When a progress message was last changed, by the monotonic clock.
        self._changed: dict[str, float] = {}
        self._writing: asyncio.Task[None] | None = None

    @property
    def calls(self) -> int:
        """Calls of this month."""
        return self._calls

    async def load(self) -> None:
        """Read what earlier runs have counted. Raises DatabaseError."""
        rows = await self._database.rows("SELECT month, calls FROM feishu_calls")
        known = {str(month): int(calls) for month, calls in rows}
        self._month = self._now()
        self._calls += known.get(self._month, 0)
        self._free = max(known.values(), default=0) <= FREE * 1.02
        self._gauge.set(self._calls)

    def count(self) -> None:
        """One more call."""
        if (month := self._now()) != self._month:
            self._month, self._calls = month, 0
        self._calls += 1
        self._unwritten += 1
        self._gauge.set(self._calls)
        if self._unwritten >= PAGE and (self._writing is None or self._writing.done()):
            self._writing = asyncio.get_running_loop().create_task(self.write())

    def refused(self) -> None:
        """The platform said that the month is used up."""
        log.warning(
            "the tenant's API calls of this month are used up: progress is left out, results are tried"
        )
        self._refused_until = self._clock.monotonic() + REFUSED_PAUSE

    def allows(self, progress: str) -> bool:
        """Whether this progress message may be changed (or sent) now."""
        now = self._clock.monotonic()
        if now < self._refused_until:
            return False
        pause = self._pause()
        if pause is None or now - self._changed.get(progress, -1e9) < pause:
            return False
        if pause:
            self._changed[progress] = now
            if len(self._changed) > 1000:
                self._changed.pop(next(iter(self._changed)))
        return True

    def _pause(self) -> float | None:
        if not self._free or self._calls > FREE * 1.02:
            return 0.0
        share = self._calls / FREE
        return next((pause for most, pause in THINNING if share < most), None)

    def _now(self) -> str:
        """The month in the platform's own time zone."""
        return (datetime.fromtimestamp(self._clock.now(), UTC) + timedelta(hours=8)).strftime("%Y-%m")

    async def write(self) -> None:
        """Write down what was counted."""
        count, self._unwritten = self._unwritten, 0
        if not count:
            return
        try:
            await self._database.commit([(_ADD, (self._month, count))])
        except DatabaseError as error:
            self._unwritten += count
            log.warning("the count of calls cannot be written: %s", error)
