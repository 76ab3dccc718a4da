"""The seams of the house: what the conversation needs of the outside, and the values that cross.

Protocols only; who fulfils them lives in `adapters`. A new platform, backend or database is a class
that fits here and passes the suite of the same name in `tests/contract`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.job import Request
from bot.message import (
    Address,
    Attachment,
    Incoming,
    Language,
    Media,
    MessageRef,
    Outgoing,
    Person,
    Pressed,
    Price,
    Reply,
    Task,
)


class Clock(Protocol):
    """Time. Tests bring their own."""

    def now(self) -> float:
        """Wall clock, Unix seconds."""

    def monotonic(self) -> float:
        """Seconds that never run backwards; for intervals."""

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `inkling doctor`: what was tried, whether it works, what to do if not."""

    ok: bool
    what: str
    advice: str = ""


# Database ---------------------------------------------------------------------------------------------

#: One SQL statement with its parameters (`?` placeholders, plain types only).
Statement = tuple[str, tuple[Any, ...]]
Row = tuple[Any, ...]


class Database(Protocol):
    """A small SQL store. What is committed is on disk when `commit` returns."""

    async def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Row]:
        """All rows of a query. Sees every commit that has returned."""

    async def commit(self, statements: Sequence[Statement], linger: float = 0.0) -> bool:
        """Write all statements or none.

        The first one is the guard: if it changes no row, nothing is written and False is returned. So an
        INSERT … ON CONFLICT DO NOTHING claims, and an UPDATE … WHERE state = ? compares and sets.
        `linger`: seconds for which it may wait for others, to be written with them.
        Raises DatabaseError, and then nothing is written either.
        """

    async def writable(self) -> bool:
        """Whether it takes what is committed; tried anew where the last commit failed. Never raises."""

    async def check(self) -> tuple[Check, ...]:
        """Try it for real, for `inkling doctor`."""


# Platforms --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Traits:
    """What a platform can do, so that the conversation need not know which it is."""

    #: Seconds between two sends in one chat, and between two edits of one message.
    send_pace: float = 0.0
    edit_pace: float = 0.0
    #: False where a message cannot be changed: every progress message is then a new one.
    edits: bool = True
    #: True where a message that could not be recorded is delivered again: it is then not apologised for.
    redelivers: bool = False
    #: A text of so many characters is shown whole.
    text_length: int = 4000


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model on offer now, for platforms that let people pick from a list."""

    #: The catalogue's id.
    id: str
    #: A name that the conversation understands, such as "SeeDream 4.5".
    name: str
    #: The name with price and time.
    label: str
    #: What can be chosen; empty: nothing can.
    ratios: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    #: The price in the label.
    price: Price | None = None
    #: What else people call it.
    aliases: tuple[str, ...] = ()


#: The models on offer at this moment, from memory.
Models = Callable[[Language], Sequence[ModelChoice]]


def no_models(_language: Language) -> Sequence[ModelChoice]:
    """Nothing is on offer."""
    return ()


class Inbox(Protocol):
    """What a platform calls when a person does something."""

    async def message(self, message: Incoming) -> None:
        """Handle a message. Returns when it is recorded and its answer is on the way.

        Raises DatabaseError where it could not be recorded and the platform's traits say that it redelivers.
        """

    def press(self, press: Pressed) -> Reply:
        """Answer a press at once, from memory; its effects follow on their own."""


class Platform(Protocol):
    """Where people talk. `send` and `edit` raise PlatformError's kinds and nothing else."""

    name: str
    traits: Traits

    @property
    def connected(self) -> bool:
        """False while people cannot reach the bot here; /healthz says so."""

    async def run(self, inbox: Inbox) -> None:
        """Receive until cancelled. Reconnects by itself; raises PlatformError only for what is final."""

    async def close(self) -> None:
        """Let go of connections. Nothing is sent afterwards."""

    async def send(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        """Show a message. The same key never shows twice: the second time its first message is returned."""

    async def edit(self, ref: MessageRef, message: Outgoing) -> None:
        """Replace what a message shows. Doing it twice changes nothing."""

    async def fetch(self, attachment: Attachment) -> Media:
        """Bring a person's picture to disk; one with nothing but a link is fetched from there, guarded.

        Raises MediaError.
        """

    async def forget(self, person: Person) -> None:
        """Delete what the platform itself keeps of a person."""

    async def prune(self, before: float) -> None:
        """Delete what the platform itself has kept since before a time (Unix seconds)."""

    async def check(self) -> tuple[Check, ...]:
        """Try it for real, for `inkling doctor`."""


# Backends ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """One model that a backend offers for one task, as it is right now."""

    #: The catalogue's id, or the backend's own where the catalogue has none.
    model: str
    task: Task
    name: str = ""
    #: Price by size; "" is the price where no size is asked. Empty: no price is known.
    prices: tuple[tuple[str, Price], ...] = ()
    #: Expected range in seconds, if the backend tells.
    seconds: tuple[int, int] | None = None
    #: What can be chosen; empty: nothing can.
    ratios: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    #: Exact width × height may be asked for, within these totals of pixels.
    pixels: tuple[int, int] | None = None
    max_inputs: int = 0
    #: Most pictures that may be asked for in one order, and how many come when none is asked for.
    max_count: int = 1
    per_order: int = 1
    #: Which of negative, strength, watermark, auto_ratio it understands.
    options: frozenset[str] = frozenset()

    def price(self, size: str = "") -> Price | None:
        """The price at `size`, else the usual one."""
        prices = dict(self.prices)
        return prices.get(size) or prices.get("")


@dataclass(frozen=True, slots=True)
class Order:
    """What a backend is asked to make."""

    #: Our own name for it, stored before anything is sent; unique per job.
    reference: str
    model: str
    request: Request
    #: What the person was told it costs. A backend that would charge more raises NotSent(PRICE_ROSE).
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A backend's receipt: enough to ask for the result after a restart."""

    data: str
    #: What the order has really become, where that differs from what was asked.
    price: Price | None = None
    size: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """Not done yet."""


@dataclass(frozen=True, slots=True)
class Finished:
    """Done: the results, on disk."""

    media: tuple[Media, ...]


class Backend(Protocol):
    """What makes pictures. Raises BackendError's kinds and nothing else."""

    name: str
    #: How many jobs may run there at once.
    limit: int
    #: Whether a lost answer can be found again, or at least polled: such backends are preferred.
    resumable: bool

    async def offers(self) -> tuple[Offer, ...]:
        """What is on offer now. Free of charge; kept by the caller."""

    async def submit(self, order: Order) -> Ticket:
        """Order it. PAID: called at most once per job, except after NotSent or Busy."""

    async def poll(self, ticket: Ticket) -> Pending | Finished:
        """Ask for the result and bring it to disk. Free of charge, may be repeated.

        Raises GenerationFailed when it will not come; NotSent or Busy when only the asking failed.
        """

    async def find(self, order: Order) -> Ticket | None:
        """The ticket of an order whose answer was lost.

        None: it cannot be known. Raises NotSent when the backend knows that the order never arrived, Busy
        when it should be asked again later.
        """

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        """What is left in the operator's accounts: (name, amount or None), where it can be asked."""

    async def check(self) -> tuple[Check, ...]:
        """Try it for real without spending, for `inkling doctor`."""

    async def close(self) -> None:
        """Let go of connections."""
