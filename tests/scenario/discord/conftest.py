"""A simulated Discord in which time limits pass quickly, and the bot in a process of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenario.discord.process import Bot
from tests.simulators.discord import Discord


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as simulator:
        simulator.rest.haste = 20.0
        yield simulator


@pytest.fixture
async def bot(discord: Discord, tmp_path: Path) -> AsyncIterator[Bot]:
    made = Bot(discord, tmp_path)
    await made.start()
    yield made
    await made.kill()
    assert discord.violations == []
    assert discord.pings == []
