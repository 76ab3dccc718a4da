"""The thread in which the SDK's client lives, seen from the bot's loop.

The SDK keeps its loop in a global of its module and blocks now and then, so it gets a thread and a loop of
its own. Which address to connect to, and when again, is decided in `platform`.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.platforms.feishu import sdk
from adapters.platforms.feishu.transport import Endpoint
from adapters.platforms.feishu.wire import Json

if TYPE_CHECKING:
    from adapters.platforms.feishu.client import Connection

log = logging.getLogger(__name__)

T = TypeVar("T")
#: Takes the bytes of an event over; what it returns goes back to the platform.
Take = Callable[[bytes], Coroutine[Any, Any, Json | None]]

#: Seconds beyond the ping interval after which a silent connection counts as dead.
PATIENCE = 30.0
STOP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Home:
    """The loop that the events belong to, and what takes them there."""

    loop: asyncio.AbstractEventLoop
    take: Take


class LongLink:
    """Opens one connection at a time in a thread of its own."""

    def __init__(self, take: Take, patience: float = PATIENCE) -> None:
        self._take = take
        self._patience = patience
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self._ready: Future[asyncio.AbstractEventLoop] = Future()

    def start(self) -> None:
        """Start the thread, which begins by importing the SDK."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name="feishu", daemon=True)
            self._thread.start()

    async def serve(self, endpoint: Endpoint, opened: Callable[[], None]) -> str:
        """Connect, call `opened`, and return the reason when the connection has ended.

        Raises Passing where no connection comes about, ImportError where the SDK cannot be used.
        """
        self.start()
        loop = await asyncio.shield(asyncio.wrap_future(self._ready))
        home = Home(asyncio.get_running_loop(), self._take)
        connection = self._connection = await _inside(loop, self._open(endpoint, home))
        opened()
        try:
            await _inside(loop, connection.keep())
        finally:
            if self._connection is connection:
                self._connection = None
                await _inside(loop, connection.shut())
        return connection.reason

    async def close(self) -> None:
        """Close the connection and stop the thread."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            loop = await asyncio.shield(asyncio.wrap_future(self._ready))
        except ImportError:
            return
        connection, self._connection = self._connection, None
        await _inside(loop, _wind_down(connection))
        loop.call_soon_threadsafe(loop.stop)
        await asyncio.to_thread(thread.join, STOP_SECONDS)

    async def _open(self, endpoint: Endpoint, home: Home) -> "Connection":
        from adapters.platforms.feishu.client import Connection

        connection = Connection(endpoint, home, self._patience)
        await connection.open()
        return connection

    def _live(self) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            try:
                sdk.load()
            except ImportError as error:
                self._ready.set_exception(error)
                return
            self._ready.set_result(loop)
            loop.run_forever()
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()


async def _wind_down(connection: "Connection | None") -> None:
    """End everything in the thread's loop but what ends it."""
    if connection is not None:
        await connection.shut()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _inside(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Run something in the thread's loop and wait for it in ours."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))
