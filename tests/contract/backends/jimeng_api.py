"""jimeng-api against its simulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from adapters.backends.jimeng_api import JimengApi, JimengApiSettings
from adapters.media import MediaStore
from bot.job import Request
from bot.ports import Backend, Order
from tests.contract.backends.bench import Bench, Fault
from tests.simulators import jimeng_api as simulator

SESSION = "session-of-nobody"


class SteppedClock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


class JimengApiBench:
    """The backend, and the service with a Jimeng behind it."""

    def __init__(self, service: simulator.JimengApi, client: httpx.AsyncClient, media: MediaStore) -> None:
        self.model = "jimeng-4.5"
        self.findable = False
        self.secrets: tuple[str, ...] = (SESSION,)
        self._service = service
        self._client = client
        self._media = media
        self._clock = SteppedClock()
        self.backend: Backend = self._made()

    def _made(self) -> JimengApi:
        settings = JimengApiSettings(self._service.url, (SESSION,), deadline=5)
        return JimengApi(self._client, self._media, self._clock, settings)

    def order(self, reference: str, fault: Fault | None = None) -> Order:
        match fault:
            case Fault.UNREACHABLE:
                self._service.fail("GET /ping", "drop_before", count=3)
            case Fault.BUSY:
                self._service.plan(ret=1310, message="busy")
            case Fault.REFUSED:
                self._service.plan(ret=2038, message="sensitive")
            case Fault.LOST:
                # The first request of that route asks for the release and costs nothing.
                asked = sum(seen.path == "/v1/images/generations" for seen in self._service.requests)
                self._service.fail("POST /v1/images/generations", "drop_after", skip=0 if asked else 1)
            case Fault.FAILS:
                self._service.plan(pictures=0, fail_code=7)
        return Order(reference, self.model, Request("text_to_image", "a fox in the snow"))

    def charges(self) -> int:
        return len(self._service.book.charges)

    async def tick(self) -> None:
        self._clock.time += 20
        self._service.advance(20)

    async def restart(self) -> Backend:
        await self.backend.close()
        self.backend = self._made()
        return self.backend


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    async with simulator.JimengApi() as service, httpx.AsyncClient() as client:
        media = MediaStore(folder / "media", client, frozenset({urlsplit(service.url).netloc}))
        made = JimengApiBench(service, client, media)
        yield made
        await made.backend.close()
        await media.close()
