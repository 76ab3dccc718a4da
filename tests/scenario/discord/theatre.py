"""A whole house before a simulated Discord in one process, its jobs twenty times as fast as they are."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.backends.demo import Demo
from adapters.media import MediaStore
from adapters.platforms.discord.platform import DiscordPlatform
from bot.app import House, Parts
from bot.metrics import Metrics
from bot.settings import Discord as Settings
from bot.settings import read
from tests.fakes import MemoryDatabase
from tests.simulators.discord import Discord
from tests.unit.adapters.platforms.discord.conftest import HastyClock

HASTE = 20.0


class FastClock:
    """Runs twenty times as fast as the wall."""

    def __init__(self) -> None:
        self._began = time.time()

    def now(self) -> float:
        return self._began + (time.time() - self._began) * HASTE

    def monotonic(self) -> float:
        return self.now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / HASTE)


class Theatre:
    """A house that can be closed and opened again over the same data."""

    def __init__(self, folder: Path, discord: Discord) -> None:
        self.discord = discord
        self._folder = folder
        self._clock = FastClock()
        self._database = MemoryDatabase()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[House]:
        discord = self.discord
        sessions = len(discord.gateway.identifies)
        host = discord.wire.base.removeprefix("http://")
        media = MediaStore(self._folder / "media", own_hosts=frozenset({host}))
        settings = Settings(discord.token, discord.api_base, "", (), shards=False)
        platform = DiscordPlatform(settings, media, HastyClock(discord))
        demo = Demo(self._folder / "demo", media, self._clock, draw=False)
        house = House(
            Parts(read({"DEMO": "1"}), self._clock, Metrics(), self._database, (demo,), (platform,), media)
        )
        await house.start()
        try:
            await discord.gateway.wait_for(lambda: len(discord.gateway.identifies) > sessions)
            await discord.gateway.ready()
            yield house
        finally:
            await house.stop(0.0)
            await platform.close()
            await demo.close()
            await media.close()


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return as soon as it holds; TimeoutError if it does not."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)
