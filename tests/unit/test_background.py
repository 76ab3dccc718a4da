import asyncio

import pytest

from bot.background import Background


async def test_work_goes_on_beside_what_began_it() -> None:
    background, done = Background("a house"), asyncio.Event()

    async def work() -> None:
        done.set()

    background.spawn(work())
    assert not done.is_set()
    await done.wait()


async def test_what_is_under_way_stops_with_its_owner() -> None:
    background, ended = Background("a house"), []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("stopped")

    background.spawn(work())
    background.spawn(work())
    await asyncio.sleep(0)
    await background.close()
    assert ended == ["stopped", "stopped"]


async def test_trouble_that_nobody_foresaw_is_logged_and_stops_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    background, done = Background("a house"), asyncio.Event()

    async def broken() -> None:
        raise ZeroDivisionError

    async def work() -> None:
        done.set()

    background.spawn(broken())
    background.spawn(work())
    await done.wait()
    await background.close()
    (record,) = caplog.records
    assert record.getMessage() == "a house: unforeseen trouble"
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError
