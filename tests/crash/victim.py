"""A real house that kills itself at one point of a job's line, as `kill -9` would.

    DATA_DIR=/tmp/x python -m tests.crash.victim after-submit

Everything is real: SQLite, the web chat, the demo backend with its book. Only time runs faster, and around
the seams stand decorators that count nothing, change nothing, and end the process at the named point.
"""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from adapters.backends.demo import Demo
from adapters.clock import SystemClock
from adapters.database.sqlite import Sqlite
from adapters.media import MediaStore
from adapters.platforms.web.platform import WebPlatform
from bot.app.house import House, _greet, _stop_on_signals
from bot.app.lock import DataDirLock
from bot.app.parts import Parts
from bot.message import Address, Attachment, Kind, Media, MessageRef, Outgoing, Person, Price
from bot.metrics import Metrics
from bot.ports import (
    Check,
    Database,
    Finished,
    Inbox,
    Offer,
    Order,
    Pending,
    Platform,
    Row,
    Statement,
    Ticket,
)
from bot.runner import Limits
from bot.settings import Settings, read

#: How many of the house's seconds pass in a real one.
SPEED = 90.0
_ENDS = {Kind.SUCCESS: "end", Kind.FAILURE: "end", Kind.CANCELLED: "end"}


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
    """Ends the process at one point, or holds it there for ever; elsewhere it does nothing."""

    def __init__(self, point: str) -> None:
        self._point = point

    async def meet(self, *points: str) -> None:
        """These points are reached now."""
        if self._point in points:
            os.kill(os.getpid(), signal.SIGKILL)
            await asyncio.Event().wait()  # dead already; nothing may happen any more
        if self._point in {f"stall-{point}" for point in points}:
            await asyncio.Event().wait()


class MortalDatabase:
    """`bot.ports.Database` around another one."""

    def __init__(self, inner: Database, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate

    async def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Row]:
        return await self._inner.rows(sql, parameters)

    async def commit(self, statements: Sequence[Statement]) -> bool:
        what = _meaning(statements)
        await self._fate.meet(f"before-{what}")
        done = await self._inner.commit(statements)
        await self._fate.meet(f"after-{what}")
        return done

    async def check(self) -> tuple[Check, ...]:
        return await self._inner.check()


def _meaning(statements: Sequence[Statement]) -> str:
    """What a commit is, by its first statement: claim, queued, submitting, ticket, end-noted …"""
    sql, values = statements[0]
    if sql.startswith("INSERT INTO seen"):
        return "claim"
    if sql.startswith("UPDATE jobs"):
        new, outcome, old = values[0], values[1], values[-1]
        if new == old:
            return "amend"
        names = {"running": "ticket", "delivering": f"outcome-{outcome}", "queued": "queued"}
        return names.get(new, str(new))
    if sql.startswith("INSERT INTO shown"):
        return f"{values[1]}-noted"
    if sql.startswith("DELETE FROM owed"):
        return "paid"
    return "other"


class MortalPlatform:
    """`bot.ports.Platform` around another one."""

    def __init__(self, inner: Platform, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate
        self.name = inner.name
        self.traits = inner.traits

    @property
    def connected(self) -> bool:
        return self._inner.connected

    async def run(self, inbox: Inbox) -> None:
        await self._inner.run(inbox)

    async def close(self) -> None:
        await self._inner.close()

    async def send(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        what = _ENDS.get(message.kind, message.kind.value)
        await self._fate.meet(f"before-{what}-sent")
        ref = await self._inner.send(to, message, key)
        await self._fate.meet(f"after-{what}-sent")
        return ref

    async def edit(self, ref: MessageRef, message: Outgoing) -> None:
        what = "settled" if message.settled else message.kind.value
        await self._fate.meet(f"before-{what}-edit")
        await self._inner.edit(ref, message)
        await self._fate.meet(f"after-{what}-edit")

    async def fetch(self, attachment: Attachment) -> Media:
        return await self._inner.fetch(attachment)

    async def forget(self, person: Person) -> None:
        await self._inner.forget(person)

    async def prune(self, before: float) -> None:
        await self._inner.prune(before)

    async def check(self) -> tuple[Check, ...]:
        return await self._inner.check()


class MortalBackend:
    """`bot.ports.Backend` around the demo."""

    def __init__(self, inner: Demo, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate
        self.name = inner.name
        self.limit = inner.limit
        self.resumable = inner.resumable

    async def offers(self) -> tuple[Offer, ...]:
        return await self._inner.offers()

    async def submit(self, order: Order) -> Ticket:
        await self._fate.meet("before-submit")
        ticket = await self._inner.submit(order)
        await self._fate.meet("after-submit")
        return ticket

    async def poll(self, ticket: Ticket) -> Pending | Finished:
        await self._fate.meet("before-poll")
        answer = await self._inner.poll(ticket)
        await self._fate.meet("after-result" if isinstance(answer, Finished) else "after-poll")
        return answer

    async def find(self, order: Order) -> Ticket | None:
        await self._fate.meet("before-find")
        ticket = await self._inner.find(order)
        await self._fate.meet("after-find")
        return ticket

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        return await self._inner.credits()

    async def check(self) -> tuple[Check, ...]:
        return await self._inner.check()

    async def close(self) -> None:
        await self._inner.close()


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
    lock = DataDirLock(settings.data_dir)
    lock.take()
    try:
        async with mortal_parts(settings, point, start, can_find) as parts:
            house = House(parts, Limits(running_per_person=3))
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
