"""Volcengine: the backend, and the simulator of its visual API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from adapters.backends.volcengine import Volcengine
from adapters.media import MediaStore
from bot.job import Request
from bot.ports import Backend, Order
from bot.settings import Volcengine as Settings
from tests.contract.backends.bench import Bench, Fault
from tests.simulators.volcengine import VolcengineService

SUBMIT = "CVSync2AsyncSubmitTask"
WORDS = {Fault.REFUSED: "[submit 50412]", Fault.FAILS: "[result 50500]"}


class Cable(httpx.AsyncHTTPTransport):
    """The way to the service, which can be cut: requests then go where nobody listens."""

    def __init__(self) -> None:
        super().__init__(verify=False)
        self.cut = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            self.cut -= 1
            request.url = request.url.copy_with(port=1)
        return await super().handle_async_request(request)


class ServiceClock:
    """The simulator's time, which passes when somebody sleeps."""

    def __init__(self, service: VolcengineService) -> None:
        self._service = service

    def now(self) -> float:
        return self._service.now()

    def monotonic(self) -> float:
        return self._service.now()

    async def sleep(self, seconds: float) -> None:
        self._service.advance(seconds)


class VolcengineBench:
    """The backend beside its service."""

    model = "jimeng-4.0"
    findable = False

    def __init__(
        self, service: VolcengineService, cable: Cable, client: httpx.AsyncClient, media: MediaStore
    ) -> None:
        self.secrets: tuple[str, ...] = (service.access_key, service.secret_key)
        self._service = service
        self._cable = cable
        self._client = client
        self._media = media
        self.backend: Backend = self._made()

    def _made(self) -> Volcengine:
        service = self._service
        settings = Settings(service.access_key, service.secret_key, service.url, service.concurrent)
        return Volcengine(self._client, self._media, ServiceClock(service), settings)

    def order(self, reference: str, fault: Fault | None = None) -> Order:
        if fault is Fault.UNREACHABLE:
            self._cable.cut = 1
        elif fault is Fault.BUSY:
            self._service.fail(
                SUBMIT, "status", status=429, body=b'{"code":50430,"data":null,"message":"Concurrent Limit"}'
            )
        elif fault is Fault.LOST:
            self._service.fail(SUBMIT, "drop_after")
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
    async with VolcengineService() as service, httpx.AsyncClient(transport=cable) as client:
        service.seconds, service.concurrent = 12, 3
        media = MediaStore(folder / "media", client, frozenset({service.url.removeprefix("http://")}))
        yield VolcengineBench(service, cable, client, media)
        await media.close()
