from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from adapters.backends.jimeng_web import JimengWeb, JimengWebSettings
from adapters.media import MediaStore
from tests.simulators import jimeng_web as simulator
from tests.simulators.service import ServiceClock

Make = Callable[..., JimengWeb]


@pytest.fixture
async def site() -> AsyncIterator[simulator.JimengWeb]:
    async with simulator.JimengWeb() as site:
        yield site


@pytest.fixture
def service(site: simulator.JimengWeb) -> simulator.JimengWeb:
    return site


@pytest.fixture
def make(
    client: httpx.AsyncClient, media: MediaStore, site: simulator.JimengWeb, clock: ServiceClock
) -> Make:
    def backend(session: str = "session-one", **more: Any) -> JimengWeb:
        return JimengWeb(client, media, clock, JimengWebSettings(session, site.url, **more))

    return backend
