"""The demo backend: it is its own service, and its book the bill."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.backends.demo import Demo
from adapters.media import MediaStore
from bot.job import Request
from bot.ports import Backend, Order
from tests.contract.backends.bench import Bench, Fault
from tests.fakes.time import SteppedClock

WORDS = {
    Fault.UNREACHABLE: "demo:network",
    Fault.BUSY: "demo:busy",
    Fault.REFUSED: "demo:content",
    Fault.LOST: "demo:lost",
    Fault.FAILS: "demo:failed",
}


class DemoBench:
    """The demo backend on a clock of its own."""

    def __init__(self, folder: Path, media: MediaStore, *, can_find: bool = True) -> None:
        self.model = "doubao-seedream-4.5"
        self.findable = can_find
        self.secrets: tuple[str, ...] = ()
        self._folder = folder
        self._media = media
        self._clock = SteppedClock()
        self.backend: Backend = self._made()

    def _made(self) -> Demo:
        return Demo(self._folder, self._media, self._clock, can_find=self.findable)

    def order(self, reference: str, fault: Fault | None = None) -> Order:
        prompt = f"a fox in the snow {WORDS[fault] if fault else ''}".strip()
        return Order(reference, self.model, Request("text_to_image", prompt, pixels=(256, 256)))

    def charges(self) -> int:
        book = self._folder / "book.jsonl"
        return len([json.loads(line) for line in book.read_text().splitlines()]) if book.is_file() else 0

    async def tick(self) -> None:
        self._clock.time += 20

    async def restart(self) -> Backend:
        await self.backend.close()
        self.backend = self._made()
        return self.backend


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    media = MediaStore(folder / "media")
    made = DemoBench(folder / "demo", media)
    yield made
    await made.backend.close()
    await media.close()
