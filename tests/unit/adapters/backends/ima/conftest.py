import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image

from adapters.backends.ima import Ima
from adapters.media import MediaStore, recognise
from bot.message import Media
from bot.settings import Ima as Settings
from tests.simulators.ima import ImaService


class FakeClock:
    """The simulator's time; sleeping moves it, and is remembered."""

    def __init__(self, service: ImaService) -> None:
        self.service = service
        self.slept: list[float] = []

    def now(self) -> float:
        return self.service.now()

    def monotonic(self) -> float:
        return self.service.now()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.service.advance(seconds)


@pytest.fixture
async def service() -> AsyncIterator[ImaService]:
    async with ImaService() as service:
        yield service


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=False) as client:  # reading certificates takes longer than a test
        yield client


@pytest.fixture
def clock(service: ImaService) -> FakeClock:
    return FakeClock(service)


@pytest.fixture
async def media(
    tmp_path: Path, client: httpx.AsyncClient, service: ImaService, clock: FakeClock
) -> AsyncIterator[MediaStore]:
    own = frozenset({service.url.removeprefix("http://")})
    store = MediaStore(tmp_path / "media", client, own, clock=clock)
    yield store
    await store.close()


Make = Callable[..., Ima]


@pytest.fixture
def make(client: httpx.AsyncClient, media: MediaStore, service: ImaService, clock: FakeClock) -> Make:
    def backend(*, api_key: str = service.api_key, app_key: str = service.app_key, url: str = "") -> Ima:
        return Ima(client, media, clock, Settings(api_key, url or service.url, url or service.url, app_key))

    return backend


@pytest.fixture
def ima(make: Make) -> Ima:
    return make()


@pytest.fixture
def photo(tmp_path: Path) -> Callable[..., Media]:
    def made(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> Media:
        buffer = io.BytesIO()
        Image.new("RGB", size, "teal").save(buffer, kind)
        path = tmp_path / f"photo-{len(list(tmp_path.iterdir()))}.{kind.lower()}"
        path.write_bytes(buffer.getvalue())
        return recognise(path)

    return made
