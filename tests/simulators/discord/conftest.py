"""A simulated Discord and a bot that may break its rules."""

from collections.abc import AsyncIterator

import pytest

from tests.simulators.discord import Discord
from tests.simulators.discord.raw import IMAGINE, RawBot


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as simulator:
        yield simulator


@pytest.fixture
async def bot(discord: Discord) -> AsyncIterator[RawBot]:
    async with RawBot(discord) as raw:
        await raw.register(IMAGINE)
        yield raw
