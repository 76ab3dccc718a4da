"""What a measurement stands on: a platform that counts, a house on a real database, figures."""

import asyncio
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from prometheus_client import Histogram

from adapters.backends.demo import Demo
from adapters.clock import SystemClock
from adapters.database.sqlite import Sqlite
from adapters.media import MediaStore
from bot.app import House, Parts
from bot.errors import MediaError, Reason
from bot.message import Address, Attachment, Incoming, Kind, Media, MessageRef, Outgoing, Person
from bot.metrics import Metrics
from bot.ports import Backend, Check, Inbox, Traits
from bot.runner import Limits
from bot.settings import read

#: Jobs at once that no backend here refuses.
PLENTY = 100_000
TEXTS = (
    "画一只可爱的猫咪",
    "a fox in the snow, 16:9",
    "帮我画一张赛博朋克城市夜景 2K",
    "draw a lighthouse at dawn, watercolor",
    "画一个在月球上喝茶的宇航员",
)


class CountingPlatform:
    """`bot.ports.Platform` that shows nothing and remembers when."""

    name = "bench"
    traits = Traits()
    connected = True

    def __init__(self) -> None:
        self.inbox: Inbox | None = None
        self.listening = asyncio.Event()
        self.kinds: Counter[Kind] = Counter()
        #: Seconds from a message to its acknowledgement.
        self.acknowledged: list[float] = []
        self._said: dict[str, float] = {}
        self._count = 0

    async def say(self, text: str) -> None:
        """Somebody new writes."""
        if self.inbox is None:
            raise RuntimeError("nobody listens")
        self._count += 1
        name = str(self._count)
        person = Person(self.name, "", name)
        place = Address(self.name, f"chat-{name}", reply_to=name)
        self._said[name] = time.perf_counter()
        await self.inbox.message(Incoming(name, person, place, text, time.time()))

    async def run(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.listening.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        pass

    async def send(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        self.kinds[message.kind] += 1
        if message.kind is Kind.ACK:
            self.acknowledged.append(time.perf_counter() - self._said.pop(to.reply_to))
        return MessageRef(self.name, to.chat, key)

    async def edit(self, ref: MessageRef, message: Outgoing) -> None:
        self.kinds[message.kind] += 1

    async def fetch(self, attachment: Attachment) -> Media:
        raise MediaError(Reason.INPUT_GONE, attachment.id)

    async def forget(self, person: Person) -> None:
        pass

    async def prune(self, before: float) -> None:
        pass

    async def check(self) -> tuple[Check, ...]:
        return ()


class Noted(Histogram):
    """A histogram that keeps every value."""

    def __init__(self) -> None:
        super().__init__("noted", "Every value")
        self.values: list[float] = []

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        self.values.append(amount)


class Bench:
    """A running house, and what it is measured by."""

    def __init__(self, house: House, platform: CountingPlatform, late: Noted) -> None:
        self.house = house
        self.platform = platform
        self.late = late

    async def ramp(self, messages: int, rate: float) -> None:
        """So many messages at so many a second, each handled on its own; returns when all are recorded."""
        began, work = time.perf_counter(), []
        for number in range(messages):
            wait = began + number / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            work.append(asyncio.create_task(self.platform.say(TEXTS[number % len(TEXTS)])))
        await asyncio.gather(*work)


@asynccontextmanager
async def opened(backend: Backend | None = None, speed: float = 0.25) -> AsyncIterator[Bench]:
    """A house with one backend: the demo that draws nothing, at `speed`, where none is given."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        settings = read({"DATA_DIR": str(folder), "DEMO": "1"})
        clock, metrics, late = SystemClock(), Metrics(), Noted()
        metrics.progress_late = late
        database = await Sqlite.open(settings.database)
        stack.push_async_callback(database.close)
        client = await stack.enter_async_context(httpx.AsyncClient())
        media = MediaStore(folder / "media", client)
        stack.push_async_callback(media.close)
        made = backend or Demo(folder / "demo", media, clock, speed, draw=False, limit=PLENTY)
        stack.push_async_callback(made.close)
        platform = CountingPlatform()
        house = House(Parts(settings, clock, metrics, database, (made,), (platform,), media), Limits())
        await house.start()
        stack.push_async_callback(house.stop, 0.0)
        await platform.listening.wait()
        # The first messages load what understanding needs; nobody is to pay for that here.
        for text in TEXTS * 4:
            await platform.say(text)
        platform.acknowledged.clear()
        yield Bench(house, platform, late)


def resident() -> int:
    """Bytes of memory in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def ms(values: Iterable[float], share: float) -> float:
    """A percentile of seconds, in milliseconds."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1) if ordered else 0.0


def figures(name: str, values: list[float]) -> dict[str, Any]:
    """The median and the worst hundredth."""
    return {f"{name} p50 ms": ms(values, 0.5), f"{name} p99 ms": ms(values, 0.99)}
