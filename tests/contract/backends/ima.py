"""IMA Studio: the backend, and the simulator of its two hosts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from adapters.backends.ima import Ima
from adapters.media import MediaStore
from bot.job import Request
from bot.ports import Backend, Order
from bot.settings import Ima as Settings
from tests.contract.backends.bench import Bench, Fault
from tests.simulators.ima import ImaService

CREATE = "/open/v1/tasks/create"
WORDS = {Fault.REFUSED: "[sensitive]", Fault.FAILS: "[fail]"}


class Cable(httpx.AsyncHTTPTransport):
    """The way to the service, which can be cut: requests then go where nobody listens."""

    def __init__(self) -> None:
        super().__init__(verify=False)
        self.cut = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut and request.url.path == CREATE:
            self.cut -= 1
            request.url = request.url.copy_with(port=1)
        return await super().handle_async_request(request)


class ServiceClock:
    """The simulator's time, which passes when somebody sleeps."""

    def __init__(self, service: ImaService) -> None:
        self._service = service

    def now(self) -> float:
        return self._service.now()

    def monotonic(self) -> float:
        return self._service.now()

    async def sleep(self, seconds: float) -> None:
        self._service.advance(seconds)


class ImaBench:
    """The backend beside its service."""

    model = "doubao-seedream-4.5"
    findable = False

    def __init__(
        self, service: ImaService, cable: Cable, client: httpx.AsyncClient, media: MediaStore
    ) -> None:
        self.secrets: tuple[str, ...] = (service.api_key, service.app_key)
        self._service = service
        self._cable = cable
        self._client = client
        self._media = media
        self.backend: Backend = self._made()

    def _made(self) -> Ima:
        url = self._service.url
        settings = Settings(self._service.api_key, url, url, self._service.app_key)
        return Ima(self._client, self._media, ServiceClock(self._service), settings)

    def order(self, reference: str, fault: Fault | None = None) -> Order:
        if fault is Fault.UNREACHABLE:
            self._cable.cut = 1
        elif fault is Fault.BUSY:
            self._service.fail(CREATE, "status", status=429)
        elif fault is Fault.LOST:
            self._service.fail(CREATE, "drop_after")
        prompt = f"a fox in the snow {WORDS.get(fault, '') if fault else ''}".strip()
        return Order(reference, self.model, Request("text_to_image", prompt))

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
    cable = Cable()
    async with ImaService() as service, httpx.AsyncClient(transport=cable) as client:
        service.seconds, service.stagger = 12, 1
        media = MediaStore(folder / "media", client, frozenset({service.url.removeprefix("http://")}))
        yield ImaBench(service, cable, client, media)
        await media.close()
