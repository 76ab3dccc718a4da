"""A whole house made of fakes: put together, opened, killed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from bot.app import House, Parts
from bot.job import Job, State
from bot.message import Kind
from bot.metrics import Metrics
from bot.runner import Limits
from bot.settings import read
from tests.fakes.backend import FakeBackend
from tests.fakes.database import MemoryDatabase
from tests.fakes.platform import FakePlatform
from tests.fakes.time import VirtualClock


@dataclass(frozen=True, slots=True)
class Stage:
    """A house and the first fake of each kind in it."""

    house: House
    platform: FakePlatform
    backend: FakeBackend
    database: MemoryDatabase

    async def jobs(self) -> list[Job]:
        """All jobs of the ledger, oldest first."""
        rows = await self.database.rows("SELECT id FROM jobs ORDER BY created_at, id")
        found = [await self.house.ledger.get(row[0]) for row in rows]
        return [job for job in found if job is not None]

    def texts(self) -> list[str]:
        """Every plain answer that was shown, oldest first."""
        return [entry.message.text for entry in self.platform.sent(kind=Kind.TEXT)]

    async def settled(self, within: float = 7200.0) -> None:
        """Return once every job has ended and every answer was shown; AssertionError if it takes longer."""
        end = asyncio.get_running_loop().time() + within
        while True:
            open_jobs = [job for job in await self.jobs() if job.state is not State.ENDED]
            owed = await self.house.ledger.owed()
            if not open_jobs and not owed and not self.house.outbox.depth:
                return
            if asyncio.get_running_loop().time() > end:
                states = [(job.id, job.state.value, job.outcome) for job in open_jobs]
                raise AssertionError(f"still open after {within:.0f} s: jobs {states}, owed {owed}")
            await asyncio.sleep(1.0)


def parts(
    platform: FakePlatform | None = None,
    backends: tuple[FakeBackend, ...] = (),
    database: MemoryDatabase | None = None,
    *,
    progress: Literal["edit", "push"] = "edit",
    environment: Mapping[str, str] | None = None,
) -> Parts:
    """Fakes behind the seams, and no server. What is not given is made. Needs a running loop."""
    settings = read({"PROGRESS": progress, "DEMO": "1", "WEB_PORT": "0", **(environment or {})})
    return Parts(
        settings,
        VirtualClock(),
        Metrics(),
        database or MemoryDatabase(),
        backends or (FakeBackend(),),
        (platform or FakePlatform(),),
    )


@asynccontextmanager
async def opened(made: Parts, limits: Limits | None = None, *, drain: float = 0.0) -> AsyncIterator[Stage]:
    """A house that lets people in, stopped at the end."""
    house = House(made, limits)
    platform, backend, database = made.platforms[0], made.backends[0], made.database
    if not (
        isinstance(platform, FakePlatform)
        and isinstance(backend, FakeBackend)
        and isinstance(database, MemoryDatabase)
    ):
        raise TypeError("a stage is made of fakes")
    await house.start()
    await asyncio.sleep(0)
    try:
        yield Stage(house, platform, backend, database)
    finally:
        await house.stop(drain)


async def kill() -> None:
    """Cancel everything else on this loop at whatever it waits for: as near to kill -9 as a loop comes."""
    me = asyncio.current_task()
    while others := [task for task in asyncio.all_tasks() if task is not me]:
        for task in others:
            task.cancel()
        await asyncio.wait(others)
