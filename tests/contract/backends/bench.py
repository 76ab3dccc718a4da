"""What a backend brings along to be put through `tests/contract/test_backend.py`.

One file per backend beside this one, `<name>.py`, with

    @asynccontextmanager
    async def bench(folder: Path) -> AsyncIterator[Bench]: ...

It is found by its name; nothing has to be registered. `Wired` is what those with a service share.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import httpx

from adapters.media import MediaStore
from bot.ports import Backend, Order
from tests.simulators.service import Service, ServiceClock

S = TypeVar("S", bound=Service)


class Fault(StrEnum):
    """What an order can run into."""

    #: The backend cannot be reached: nothing arrives there.
    UNREACHABLE = "unreachable"
    #: It refuses for load, once or a few times.
    BUSY = "busy"
    #: It refuses what is asked for, by its content.
    REFUSED = "refused"
    #: It takes the order on, and its answer is lost.
    LOST = "lost"
    #: It takes the order on, and cannot make the picture.
    FAILS = "fails"


class Bench(Protocol):
    """A backend, the simulated and strict service behind it, and a hand on both."""

    backend: Backend
    #: A model that does text_to_image here.
    model: str
    #: Whether a lost answer can be found again.
    findable: bool
    #: What must never stand in an error: keys, session ids.
    secrets: tuple[str, ...]

    def order(self, reference: str, fault: Fault | None = None) -> Order:
        """A plain text_to_image order, which will run into `fault`."""

    def charges(self) -> int:
        """How many orders the service has charged so far, by its own book."""

    async def tick(self) -> None:
        """Let so much time pass that a few of these are enough for a picture."""

    async def restart(self) -> Backend:
        """The backend as it is after a kill and a new start; also becomes `backend`. The service lives on."""


class Cable(httpx.AsyncHTTPTransport):
    """The way to a service, which can be cut for one path: requests then go where nobody listens."""

    def __init__(self) -> None:
        super().__init__(verify=False)
        self.cut = ""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == self.cut:
            self.cut = ""
            request.url = request.url.copy_with(port=1)
        return await super().handle_async_request(request)


class Wired(Generic[S]):
    """A backend beside its simulated service, whose time is the backend's too."""

    findable = False

    def __init__(self, service: S, cable: Cable, client: httpx.AsyncClient, media: MediaStore) -> None:
        self.service = service
        self.cable = cable
        self.client = client
        self.media = media
        self.clock = ServiceClock(service)
        self.backend = self.made()

    def made(self) -> Backend:
        """The backend, as after a start."""
        raise NotImplementedError

    def charges(self) -> int:
        return len(self.service.book.charges)

    async def tick(self) -> None:
        self.service.advance(5)

    async def restart(self) -> Backend:
        await self.backend.close()
        self.backend = self.made()
        return self.backend


B = TypeVar("B", bound=Wired)  # type: ignore[type-arg]  # of whichever service


@asynccontextmanager
async def wired(
    service: S, make: Callable[[S, Cable, httpx.AsyncClient, MediaStore], B], folder: Path
) -> AsyncIterator[B]:
    """A bench on a service that is started for it."""
    cable = Cable()
    async with service, httpx.AsyncClient(transport=cable) as client:
        own = frozenset({service.url.removeprefix("http://")})
        media = MediaStore(folder / "media", client, own, clock=ServiceClock(service))
        made = make(service, cable, client, media)
        yield made
        await made.backend.close()
        await media.close()
