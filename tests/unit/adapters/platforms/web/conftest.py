"""A web chat to try: the stage of the contract suite, and somebody else's browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.contract.platforms.web import WebStage
from tests.contract.platforms.web import stage as make_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[WebStage]:
    async with make_stage(tmp_path) as made:
        yield made


@pytest.fixture
async def stranger() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session
