import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image

from adapters.backends.volcengine import Volcengine
from adapters.media import MediaStore, recognise
from bot.job import Request
from bot.message import Media
from bot.ports import Order
from bot.settings import Volcengine as Settings
from tests.simulators.volcengine import VolcengineService

SUBMIT, RESULT = "CVSync2AsyncSubmitTask", "CVSync2AsyncGetResult"


def order(prompt: str = "a fox", model: str = "jimeng-4.0", **asked: object) -> Order:
    task = "image_to_image" if asked.get("inputs") else "text_to_image"
    return Order("ref", model, Request(task, prompt, **asked))  # type: ignore[arg-type]  # by name


class FakeClock:
    """The simulator's time, ahead by `wrong` seconds; sleeping moves it, and is remembered."""

    def __init__(self, service: VolcengineService) -> None:
        self.service = service
        self.wrong = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.service.now() + self.wrong

    def monotonic(self) -> float:
        return self.service.now()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.service.advance(seconds)


@pytest.fixture
async def service() -> AsyncIterator[VolcengineService]:
    async with VolcengineService() as service:
        yield service


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=False) as client:  # reading certificates takes longer than a test
        yield client


@pytest.fixture
def clock(service: VolcengineService) -> FakeClock:
    return FakeClock(service)


@pytest.fixture
async def media(
    tmp_path: Path, client: httpx.AsyncClient, service: VolcengineService, clock: FakeClock
) -> AsyncIterator[MediaStore]:
    own = frozenset({service.url.removeprefix("http://")})
    store = MediaStore(tmp_path / "media", client, own, clock=clock)
    yield store
    await store.close()


Make = Callable[..., Volcengine]


@pytest.fixture
def make(client: httpx.AsyncClient, media: MediaStore, service: VolcengineService, clock: FakeClock) -> Make:
    def backend(access_key: str = "", secret_key: str = "", url: str = "") -> Volcengine:
        keys = access_key or service.access_key, secret_key or service.secret_key
        return Volcengine(client, media, clock, Settings(*keys, url or service.url, 1))

    return backend


@pytest.fixture
def volcengine(make: Make) -> Volcengine:
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
