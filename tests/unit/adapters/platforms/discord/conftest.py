"""Discord's adapter before a simulated Discord, with a clock that does not like to wait."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.platforms.discord import DiscordStage
from tests.simulators.discord import Discord


class HastyClock:
    """Waits a fiftieth of what it is asked to, and can be moved forward."""

    def __init__(self, discord: Discord) -> None:
        self._world = discord.world
        self.haste = 50.0
        #: Seconds by which it is ahead of Discord's.
        self.ahead = 0.0

    def now(self) -> float:
        return self._world.now() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self._world.offset

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.haste)


class Stage(DiscordStage):
    """A stage whose platform and Discord share one time."""

    def __init__(self, folder: Path, discord: Discord) -> None:
        super().__init__(folder, discord)
        self.hasty = HastyClock(discord)
        self.clock = self.hasty
        self.world = discord.world
        self.bob = discord.person("Bob")

    def later(self, seconds: float) -> None:
        """Let time pass, for everybody."""
        self.world.pass_time(seconds)


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as simulator:
        simulator.rest.limits = False
        yield simulator


@pytest.fixture
async def closed(discord: Discord, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage that has yet to be opened."""
    made = Stage(tmp_path, discord)
    yield made
    if hasattr(made, "platform"):
        await made.shut()


@pytest.fixture
async def stage(closed: Stage) -> Stage:
    await closed.open()
    return closed
