"""What a backend brings along to be put through `tests/contract/test_backend.py`.

One file per backend beside this one, `<name>.py`, with

    @asynccontextmanager
    async def bench(folder: Path) -> AsyncIterator[Bench]: ...

It is found by its name; nothing has to be registered.
"""

from enum import StrEnum
from typing import Protocol

from bot.ports import Backend, Order


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
    """A backend, the service behind it (simulated, strict), and hands on both."""

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
