"""What the tests of every backend with a service share; each has a `service` in its own conftest."""

import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image

from adapters.media import MediaStore, recognise
from bot.message import Media
from tests.simulators.service import Service, ServiceClock


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=False) as client:  # reading certificates takes longer than a test
        yield client


@pytest.fixture
def clock(service: Service) -> ServiceClock:
    return ServiceClock(service)


@pytest.fixture
async def media(
    tmp_path: Path, client: httpx.AsyncClient, service: Service, clock: ServiceClock
) -> AsyncIterator[MediaStore]:
    own = frozenset({service.url.removeprefix("http://")})
    store = MediaStore(tmp_path / "media", client, own, clock=clock)
    yield store
    await store.close()


@pytest.fixture
def photo(tmp_path: Path) -> Callable[..., Media]:
    def made(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> Media:
        buffer = io.BytesIO()
        Image.new("RGB", size, "teal").save(buffer, kind)
        path = tmp_path / f"photo-{len(list(tmp_path.iterdir()))}.{kind.lower()}"
        path.write_bytes(buffer.getvalue())
        return recognise(path)

    return made
