"""What is said before understanding is ready waits for it, and the loop goes on."""

import asyncio
import threading

import pytest

from bot.engine.warmup import WarmUp


class Book:
    """Takes as long to read as the test likes."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.read = 0

    def __call__(self) -> None:
        self.read += 1
        assert self.closed.wait(10)


async def test_everybody_waits_for_one_reading_and_the_loop_waits_for_nobody() -> None:
    book = Book()
    warm = WarmUp(book)
    waiting = [asyncio.create_task(warm.done()) for _ in range(3)]
    while not book.read:
        await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    book.closed.set()
    await asyncio.gather(*waiting)
    await warm.done()
    assert book.read == 1


async def test_who_gives_up_waiting_does_not_stop_the_reading_for_others() -> None:
    book = Book()
    warm = WarmUp(book)
    gone, patient = asyncio.create_task(warm.done()), asyncio.create_task(warm.done())
    while not book.read:
        await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    book.closed.set()
    await patient
    assert book.read == 1
