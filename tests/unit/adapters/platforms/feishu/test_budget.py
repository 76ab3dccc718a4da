"""Calls of a month are counted across restarts, and progress gives way before results do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.database.sqlite import Sqlite
from adapters.platforms.feishu.budget import FREE, Budget
from bot.metrics import Metrics
from tests.fakes.time import SteppedClock


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Sqlite]:
    database = await Sqlite.open(tmp_path / "inkling.db")
    yield database
    await database.close()


async def used(database: Sqlite, share: float) -> tuple[Budget, SteppedClock, Metrics]:
    clock, metrics = SteppedClock(), Metrics()
    month = Budget(database, Metrics(), clock)
    for _ in range(int(FREE * share)):
        month.count()
    await month.write()
    budget = Budget(database, metrics, clock)
    await budget.load()
    return budget, clock, metrics


async def test_calls_are_counted_across_restarts_and_shown(database: Sqlite) -> None:
    budget, _, metrics = await used(database, 0.01)
    budget.count()
    assert budget.calls == 101
    assert metrics.registry.get_sample_value("inkling_platform_quota_calls", {"platform": "feishu"}) == 101


async def test_a_new_month_begins_at_nothing(database: Sqlite) -> None:
    budget, clock, _ = await used(database, 0.9)
    clock.time += 31 * 86_400
    budget.count()
    assert budget.calls == 1
    assert budget.allows("card")
    await budget.write()
    rows = await database.rows("SELECT calls FROM feishu_calls ORDER BY month")
    assert rows == [(9000,), (1,)]


async def test_with_plenty_left_nothing_is_left_out(database: Sqlite) -> None:
    budget, _, _ = await used(database, 0.5)
    assert all(budget.allows("card") for _ in range(10))


@pytest.mark.parametrize(("share", "pause"), [(0.7, 30), (0.9, 120)])
async def test_progress_thins_out(database: Sqlite, share: float, pause: float) -> None:
    budget, clock, _ = await used(database, share)
    assert budget.allows("card")
    assert budget.allows("another card")
    clock.time += pause - 1
    assert not budget.allows("card")
    clock.time += 1
    assert budget.allows("card")


async def test_at_the_end_of_the_month_s_calls_there_is_no_progress(database: Sqlite) -> None:
    budget, _, _ = await used(database, 0.96)
    assert not budget.allows("card")


async def test_a_refusal_stops_progress_for_a_while(database: Sqlite) -> None:
    budget, clock, _ = await used(database, 0.1)
    budget.refused()
    assert not budget.allows("card")
    clock.time += 3601
    assert budget.allows("card")


async def test_a_tenant_that_pays_is_left_in_peace(database: Sqlite) -> None:
    budget, clock, _ = await used(database, 1.1)
    assert budget.allows("card")
    clock.time += 31 * 86_400
    for _ in range(int(FREE * 0.97)):
        budget.count()
    assert budget.allows("card")
    await budget.write()
