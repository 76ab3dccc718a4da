from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from adapters.backends.ima import Ima
from adapters.media import MediaStore
from bot.settings import Ima as Settings
from tests.simulators.ima import ImaService
from tests.simulators.service import ServiceClock

Make = Callable[..., Ima]


@pytest.fixture
async def service() -> AsyncIterator[ImaService]:
    async with ImaService() as service:
        yield service


@pytest.fixture
def make(client: httpx.AsyncClient, media: MediaStore, service: ImaService, clock: ServiceClock) -> Make:
    def backend(*, api_key: str = service.api_key, app_key: str = service.app_key, url: str = "") -> Ima:
        return Ima(client, media, clock, Settings(api_key, url or service.url, url or service.url, app_key))

    return backend


@pytest.fixture
def ima(make: Make) -> Ima:
    return make()
