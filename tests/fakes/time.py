"""Time that passes only while everybody sleeps: a loop, a clock, and ways to run on them."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from functools import wraps
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

#: What the wall shows when a loop begins.
EPOCH = 1_800_000_000.0
#: Real seconds to wait for something from outside (a socket) while nothing at all is planned.
PATIENCE = 0.5


#: Turns of the loop without a moment passing, after which somebody is running in circles.
CIRCLES = 20_000


class Deadlock(RuntimeError):
    """Nothing will ever happen: everybody waits, or somebody runs in circles."""


class _JumpingSelector(selectors.BaseSelector):
    """Looks at the sockets without waiting; where there is nothing, time jumps instead."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.time = 0.0
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._turns = 0 if timeout else self._turns + 1
        if self._turns > CIRCLES:
            raise Deadlock("the loop turns and turns, and no time passes")
        found = self._real.select(0 if timeout is not None else PATIENCE)
        if found:
            return found
        if timeout is None:
            raise Deadlock("everybody waits, and nothing is planned that could wake them")
        self.time += max(0.0, timeout)
        return found

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Any:
        return self._real.get_map()


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with virtual time, without threads: what would run in one runs at once."""

    #: How far somebody has set the wall clock, in seconds.
    wall_set = 0.0

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        self.unhandled: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _, context: self.unhandled.append(context))

    def time(self) -> float:
        return self._jumping.time

    def run_in_executor(  # type: ignore[override]  # the base promises a little more than anybody uses
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  # an executor hands on whatever was raised
            done.set_exception(error)
        return done


class VirtualClock:
    """`bot.ports.Clock` on the running loop; meant for a VirtualLoop, right on any."""

    def now(self) -> float:
        loop = asyncio.get_running_loop()
        return EPOCH + loop.time() + (loop.wall_set if isinstance(loop, VirtualLoop) else 0.0)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class SteppedClock:
    """`bot.ports.Clock` on no loop: time passes when it is told to, and while somebody sleeps."""

    def __init__(self, time: float = EPOCH) -> None:
        self.time = time

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


def set_wall_clock(seconds: float) -> None:
    """Somebody sets the machine's clock so far ahead, or back; what is monotonic hears nothing of it."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.wall_set += seconds


def run(work: Callable[[], Coroutine[Any, Any, T]] | Coroutine[Any, Any, T]) -> T:
    """Run to the end on a fresh VirtualLoop. Raises Deadlock where nobody will ever wake."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work() if callable(work) else work)


def virtual(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Make an async test a plain one that runs in virtual time; fixtures are handed on."""

    @wraps(test)
    def plain(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(test(*args, **kwargs))

    return plain
