from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from adapters.backends.jimeng_api import JimengApi, JimengApiSettings
from adapters.media import MediaStore
from tests.simulators import jimeng_api as simulator


class FakeClock:
    """Time that passes only when somebody sleeps or a test says so."""

    def __init__(self) -> None:
        self.time = 1_795_000_000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


Make = Callable[..., JimengApi]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def service() -> AsyncIterator[simulator.JimengApi]:
    async with simulator.JimengApi() as service:
        yield service


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
async def media(
    tmp_path: Path, client: httpx.AsyncClient, service: simulator.JimengApi, clock: FakeClock
) -> AsyncIterator[MediaStore]:
    store = MediaStore(
        tmp_path / "media", client, frozenset({service.url.removeprefix("http://")}), clock=clock
    )
    yield store
    await store.close()


@pytest.fixture
def make(
    client: httpx.AsyncClient, media: MediaStore, service: simulator.JimengApi, clock: FakeClock
) -> Make:
    def backend(*session_ids: str, deadline: float = 5.0) -> JimengApi:
        settings = JimengApiSettings(service.url, session_ids or ("session-one",), deadline=deadline)
        return JimengApi(client, media, clock, settings)

    return backend
