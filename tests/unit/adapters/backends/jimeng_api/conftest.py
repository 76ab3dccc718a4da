from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from adapters.backends.jimeng_api import JimengApi, JimengApiSettings
from adapters.media import MediaStore
from tests.simulators import jimeng_api as simulator
from tests.simulators.service import ServiceClock

Make = Callable[..., JimengApi]


@pytest.fixture
async def service() -> AsyncIterator[simulator.JimengApi]:
    async with simulator.JimengApi() as service:
        yield service


@pytest.fixture
def make(
    client: httpx.AsyncClient, media: MediaStore, service: simulator.JimengApi, clock: ServiceClock
) -> Make:
    def backend(*session_ids: str, deadline: float = 5.0) -> JimengApi:
        settings = JimengApiSettings(service.url, session_ids or ("session-one",), deadline=deadline)
        return JimengApi(client, media, clock, settings)

    return backend
