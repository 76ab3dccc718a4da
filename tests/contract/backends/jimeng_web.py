"""Jimeng's web site against its simulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from adapters.backends.jimeng_web import JimengWeb, JimengWebSettings
from adapters.media import MediaStore
from bot.job import Request
from bot.ports import Backend, Order
from tests.contract.backends.bench import Bench, Fault
from tests.simulators import jimeng_web as simulator

SESSION = "session-of-nobody"
GENERATE = "POST /mweb/v1/aigc_draft/generate"
HISTORY = "POST /mweb/v1/get_history_by_ids"


class ServiceClock:
    """The simulator's time, and sleep that makes it pass."""

    def __init__(self, service: simulator.JimengWeb) -> None:
        self._service = service

    def now(self) -> float:
        return self._service.now()

    def monotonic(self) -> float:
        return self._service.now()

    async def sleep(self, seconds: float) -> None:
        self._service.advance(seconds)


class JimengWebBench:
    """The backend, and the site."""

    def __init__(self, service: simulator.JimengWeb, client: httpx.AsyncClient, media: MediaStore) -> None:
        self.model = "jimeng-4.5"
        self.findable = True
        self.secrets: tuple[str, ...] = (SESSION,)
        self._service = service
        self._client = client
        self._media = media
        self.backend: Backend = self._made()

    def _made(self) -> JimengWeb:
        settings = JimengWebSettings(SESSION, self._service.url)
        return JimengWeb(self._client, self._media, ServiceClock(self._service), settings)

    def order(self, reference: str, fault: Fault | None = None) -> Order:
        match fault:
            case Fault.UNREACHABLE:
                self._service.fail(GENERATE, "drop_before")
            case Fault.BUSY:
                self._service.plan(ret=1010, message="too many")
            case Fault.REFUSED:
                self._service.plan(status=10, fail_code="2038")
            case Fault.LOST:
                # The way there breaks down: neither the answer comes nor can it be asked for at once.
                self._service.fail(GENERATE, "drop_after")
                self._service.fail(HISTORY, "drop_before", count=3)
            case Fault.FAILS:
                self._service.plan(status=30, fail_code=7)
        return Order(reference, self.model, Request("text_to_image", "a fox in the snow"))

    def charges(self) -> int:
        return len(self._service.book.charges)

    async def tick(self) -> None:
        self._service.advance(5)

    async def restart(self) -> Backend:
        await self.backend.close()
        self.backend = self._made()
        return self.backend


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    async with simulator.JimengWeb(seconds=30) as service, httpx.AsyncClient() as client:
        media = MediaStore(folder / "media", client, frozenset({urlsplit(service.url).netloc}))
        made = JimengWebBench(service, client, media)
        yield made
        await made.backend.close()
        await media.close()
