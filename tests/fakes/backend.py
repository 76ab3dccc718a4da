"""A backend with a book of what it took on, which fails on request."""

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot import catalog
from bot.errors import GenerationFailed, NotSent, Reason
from bot.message import Media, Price
from bot.ports import Check, Finished, Offer, Order, Pending, Ticket
from tests.fakes.time import VirtualClock

MODELS = ("doubao-seedream-4.5", "gemini-3.1-flash-image", "midjourney")


@dataclass(frozen=True, slots=True)
class Call:
    """What happens to one call: first the delay, then the effect or not, then the error."""

    error: Exception | None = None
    #: True: the order is taken on all the same; only the answer is lost.
    taken: bool = False
    #: Seconds before anything happens, and between the effect and the answer.
    before: float = 0.0
    after: float = 0.0


class FakeBackend:
    """`bot.ports.Backend` in memory. It lives on while houses come and go."""

    def __init__(self, name: str = "fake", *, seconds: float = 45.0, limit: int = 8) -> None:
        self.name = name
        self.limit = limit
        self.resumable = True
        #: How long an order takes, from when it was taken on.
        self.seconds = seconds
        #: What `find` knows: everything ("book"), or nothing at all ("nothing").
        self.finds: Literal["book", "nothing"] = "book"
        self.offered: tuple[Offer, ...] = offers_of(*MODELS)
        #: What the next calls do, one each.
        self.submits: deque[Call] = deque()
        self.polls: deque[Call] = deque()
        self.lookups: deque[Call] = deque()
        #: How the next orders that are taken on come out; empty: well.
        self.results: deque[GenerationFailed | None] = deque()
        #: References in the order in which they were taken on: the bill.
        self.book: list[str] = []
        #: References as they came, taken on or not.
        self.asked: list[str] = []
        self._at: dict[str, float] = {}
        self._failures: dict[str, GenerationFailed] = {}
        self._clock = VirtualClock()

    @property
    def charged_twice(self) -> list[str]:
        """References that stand in the book more than once."""
        return [reference for reference, times in Counter(self.book).items() if times > 1]

    async def offers(self) -> tuple[Offer, ...]:
        await asyncio.sleep(0)
        return self.offered

    async def submit(self, order: Order) -> Ticket:
        self.asked.append(order.reference)
        call = await self._begin(self.submits)
        if call.error is not None and not call.taken:
            raise call.error
        if self._costs_more(order):
            raise NotSent(Reason.PRICE_ROSE)
        self.book.append(order.reference)
        self._at.setdefault(order.reference, self._clock.monotonic())
        if self.results and (failure := self.results.popleft()):
            self._failures[order.reference] = failure
        await self._answer(call)
        return self._ticket(order)

    async def poll(self, ticket: Ticket) -> Pending | Finished:
        await self._answer(await self._begin(self.polls))
        data = json.loads(ticket.data)
        if self._clock.monotonic() < data["at"] + self.seconds:
            return Pending()
        if failure := self._failures.get(data["reference"]):
            raise failure
        return Finished((Media(Path(f"/nowhere/{data['reference']}.png"), "image/png", 1000, 64, 64),))

    async def find(self, order: Order) -> Ticket | None:
        await self._answer(await self._begin(self.lookups))
        if self.finds == "nothing":
            return None
        if order.reference not in self._at:
            raise NotSent(Reason.NETWORK, "never arrived")
        return self._ticket(order)

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        return ((self.name, Price(100, "points")),)

    async def check(self) -> tuple[Check, ...]:
        return (Check(True, f"{self.name} backend"),)

    async def close(self) -> None:
        pass

    def _costs_more(self, order: Order) -> bool:
        wanted, said = (order.model, order.request.task), order.price
        offers = [offer for offer in self.offered if (offer.model, offer.task) == wanted]
        prices = [price for offer in offers if (price := offer.price(order.request.size))]
        return any(said is None or price.amount > said.amount for price in prices)

    def _ticket(self, order: Order) -> Ticket:
        return Ticket(json.dumps({"reference": order.reference, "at": self._at[order.reference]}))

    async def _begin(self, script: deque[Call]) -> Call:
        call = script.popleft() if script else Call()
        await asyncio.sleep(call.before)
        return call

    async def _answer(self, call: Call) -> None:
        await asyncio.sleep(call.after)
        if call.error is not None:
            raise call.error


def offers_of(*models: str) -> tuple[Offer, ...]:
    """Offers as the catalogue has them."""
    return tuple(offer for name in models for offer in _offers(name))


def _offers(name: str) -> list[Offer]:
    model = catalog.load().get(name)
    if model is None:
        raise LookupError(name)
    prices = {"" if size == "default" else size: model.price(size) for size in model.points}
    return [
        Offer(
            model.id,
            task,
            prices=tuple((size, price) for size, price in prices.items() if price),
            seconds=model.expect,
            ratios=model.ratios,
            sizes=model.sizes,
            max_inputs=model.inputs,
            max_count=max(4, model.pictures),
            per_order=model.pictures,
        )
        for task in model.tasks
    ]
