from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.backends.jimeng_web import JimengWeb, JimengWebSettings
from adapters.media import MediaStore
from tests.simulators import jimeng_web as simulator

Make = Callable[..., JimengWeb]


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


@pytest.fixture
async def site() -> AsyncIterator[simulator.JimengWeb]:
    async with simulator.JimengWeb() as site:
        yield site


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
async def media(
    tmp_path: Path, client: httpx.AsyncClient, site: simulator.JimengWeb
) -> AsyncIterator[MediaStore]:
    own = frozenset({site.url.removeprefix("http://")})
    store = MediaStore(tmp_path / "media", client, own, clock=ServiceClock(site))
    yield store
    await store.close()


@pytest.fixture
def make(client: httpx.AsyncClient, media: MediaStore, site: simulator.JimengWeb) -> Make:
    def backend(session: str = "session-one", **more: Any) -> JimengWeb:
        return JimengWeb(client, media, ServiceClock(site), JimengWebSettings(session, site.url, **more))

    return backend
