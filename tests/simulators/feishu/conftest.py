"""A tenant, a bot without manners, a group."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.simulators.feishu import Chat, FeishuSimulator
from tests.simulators.feishu.api import Api


@pytest.fixture
async def simulator() -> AsyncIterator[FeishuSimulator]:
    async with FeishuSimulator() as simulator:
        yield simulator


@pytest.fixture
async def api(simulator: FeishuSimulator) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(simulator.domain) as session:
        api = Api(simulator, session)
        await api.login()
        yield api


@pytest.fixture
def group(simulator: FeishuSimulator) -> Chat:
    return simulator.world.add_chat("group", "Painters")
