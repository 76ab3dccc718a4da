"""Feishu's own tests stand on the stage of the contract: simulator, database, platform."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.platforms import feishu
from tests.contract.platforms.feishu import FeishuStage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[FeishuStage]:
    """A connected bot and a person in a private chat."""
    async with feishu.stage(tmp_path) as made:
        yield made
