"""A real house that kills itself at one point of a job's line, as `kill -9` would.

    DATA_DIR=folder python -m tests.crash.victim after-submit

Everything is real: SQLite, the web chat, the demo backend with its book. Only time runs faster, and around
the seams stand decorators that change nothing and end the process at the named point.
"""

import asyncio
import logging
import math
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from adapters.backends.demo import Demo
from adapters.clock import SystemClock
from adapters.database.sqlite import Sqlite
from adapters.media import MediaStore
from adapters.platforms.web.platform import WebPlatform
from bot.app.house import House, _greet, _stop_on_signals
from bot.app.lock import DataLock
from bot.app.parts import Parts
from bot.metrics import Metrics
from bot.runner import Limits
from bot.settings import Settings, read
from tests.fakes.mortal import MortalBackend, MortalDatabase, MortalPlatform

#: How many of the house's seconds pass in a real one.
SPEED = 90.0


@dataclass(frozen=True, slots=True)
class FastClock:
    """`bot.ports.Clock`, SPEED times as fast; the wall shows `start` when it is made."""

    start: float
    made: float

    def now(self) -> float:
        return self.start + self.monotonic() - self.made

    def monotonic(self) -> float:
        return time.monotonic() * SPEED

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / SPEED)


class Fate:
    """Ends the process at one point, or holds what gets there for ever; elsewhere it does nothing.

    `stall-before-poll+after-call-off`: nothing gets past the one, and the process ends at the other.
    """

    def __init__(self, points: str) -> None:
        self._points = points.split("+")

    async def meet(self, point: str) -> None:
        """This point is reached now."""
        if point in self._points:
            os.kill(os.getpid(), signal.SIGKILL)
            await asyncio.Event().wait()  # dead already; nothing may happen any more
        if f"stall-{point}" in self._points:
            await asyncio.Event().wait()


@asynccontextmanager
async def mortal_parts(settings: Settings, point: str, start: float, can_find: bool) -> AsyncIterator[Parts]:
    """What `bot.app.open_parts` makes, on the fast clock and with its fate around it."""
    clock, fate = FastClock(start, time.monotonic() * SPEED), Fate(point)
    async with AsyncExitStack() as stack:
        database = await Sqlite.open(settings.database)
        stack.push_async_callback(database.close)
        # Files are dated by the machine's own time, so their keeper goes by it too.
        media = MediaStore(settings.data_dir / "media", clock=SystemClock())
        stack.push_async_callback(media.close)
        demo = Demo(settings.data_dir / "demo", media, clock, can_find=can_find, draw=False, limit=50)
        stack.push_async_callback(demo.close)
        web = WebPlatform(database, settings.data_dir / "uploads", settings.data_dir / "media", clock)
        stack.push_async_callback(web.close)
        yield Parts(
            settings,
            clock,
            Metrics(),
            MortalDatabase(database, fate),
            (MortalBackend(demo, fate),),
            (MortalPlatform(web, fate),),
            media,
            (lambda server: server.add(web.routes()),),
        )


async def live(settings: Settings, point: str, start: float, can_find: bool) -> None:
    """What `bot.app.run` does, with mortal parts."""
    lock = DataLock(settings.data_dir, settings.database)
    lock.take()
    try:
        async with mortal_parts(settings, point, start, can_find) as parts:
            # How long a life takes depends on the machine: no job is too old here for that.
            limits = Limits(running_per_person=3, resume_within=math.inf, patience=math.inf)
            house = House(parts, limits)
            stopped = _stop_on_signals()
            try:
                await house.start()
                _greet(house)
                await stopped.wait()
            finally:
                await house.stop(settings.drain_seconds)
    finally:
        lock.release()


def main(environment: dict[str, str], point: str) -> None:
    """One life. START: what the wall shows; CAN_FIND=0: a backend that knows no reference."""
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname).1s %(message)s", force=True)
    start = float(environment.get("START", time.time()))
    asyncio.run(live(read(environment), point, start, environment.get("CAN_FIND", "1") == "1"))


if __name__ == "__main__":
    main(dict(os.environ), sys.argv[1] if len(sys.argv) > 1 else "")
