from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from adapters.backends.volcengine import Volcengine
from adapters.media import MediaStore
from bot.job import Request
from bot.ports import Order
from bot.settings import Volcengine as Settings
from tests.simulators.service import ServiceClock
from tests.simulators.volcengine import VolcengineService

SUBMIT, RESULT = "CVSync2AsyncSubmitTask", "CVSync2AsyncGetResult"
Make = Callable[..., Volcengine]


def order(prompt: str = "a fox", model: str = "jimeng-4.0", **asked: object) -> Order:
    task = "image_to_image" if asked.get("inputs") else "text_to_image"
    return Order("ref", model, Request(task, prompt, **asked))  # type: ignore[arg-type]  # by name


@pytest.fixture
async def service() -> AsyncIterator[VolcengineService]:
    async with VolcengineService() as service:
        yield service


@pytest.fixture
def make(
    client: httpx.AsyncClient, media: MediaStore, service: VolcengineService, clock: ServiceClock
) -> Make:
    def backend(access_key: str = "", secret_key: str = "", url: str = "") -> Volcengine:
        keys = access_key or service.access_key, secret_key or service.secret_key
        return Volcengine(client, media, clock, Settings(*keys, url or service.url, 1))

    return backend


@pytest.fixture
def volcengine(make: Make) -> Volcengine:
    return make()
