"""The house as a whole: what it holds while it stands, and a stop at the wrong moment."""

import asyncio
from pathlib import Path

import pytest

from bot.app import House
from bot.app.lock import DataLock
from bot.errors import AlreadyRunning, SettingsError
from bot.ports import Offer
from tests.fakes.backend import FakeBackend
from tests.fakes.house import opened, parts
from tests.fakes.time import virtual


class _Mute(FakeBackend):
    """It takes connections and never answers."""

    async def offers(self) -> tuple[Offer, ...]:
        await asyncio.Event().wait()
        raise AssertionError


@virtual
async def test_a_stop_does_not_wait_for_a_start_that_waits_for_a_catalogue() -> None:
    house, stopped = House(parts(backends=(_Mute(),))), asyncio.Event()
    began = asyncio.get_running_loop().time()
    start = asyncio.create_task(house.start_unless(stopped))
    await asyncio.sleep(1)
    assert not start.done()
    stopped.set()
    assert not await start
    await house.stop(10)
    assert asyncio.get_running_loop().time() - began < 2
    assert asyncio.all_tasks() == {asyncio.current_task()}


@virtual
async def test_a_start_that_nobody_stops_lets_people_in() -> None:
    house = House(parts())
    assert await house.start_unless(asyncio.Event())
    await house.stop(0)


@virtual
async def test_a_database_that_takes_nothing_is_no_health_though_it_can_be_read() -> None:
    async with opened(parts()) as stage:
        assert (await stage.house.health())[0]
        stage.database.broken = True
        ok, told = await stage.house.health()
        assert (ok, told["database"]) == (False, False)
        stage.database.broken = False
        assert (await stage.house.health())[0]


def test_two_bots_with_folders_of_their_own_cannot_share_a_database(tmp_path: Path) -> None:
    first = DataLock(tmp_path / "a", tmp_path / "a" / "inkling.db")
    second = DataLock(tmp_path / "b", tmp_path / "b" / ".." / "a" / "inkling.db")
    first.take()
    with pytest.raises(AlreadyRunning, match="DATABASE_URL of its own"):
        second.take()
    first.release()
    second.take()
    second.release()


def test_what_a_bot_could_not_lock_altogether_is_free_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"DATABASE_URL.*a file in the way"):
        DataLock(tmp_path / "a", tmp_path / "file" / "inkling.db").take()
    free = DataLock(tmp_path / "a", tmp_path / "a" / "inkling.db")
    free.take()
    free.release()
