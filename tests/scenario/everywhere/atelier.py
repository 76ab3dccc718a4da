"""A backend that draws at once, or when told to, and goes wrong when told to. It outlives every house."""

import itertools
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from PIL import Image

from bot.errors import GenerationFailed, Reason
from bot.message import Media, Price
from bot.ports import Check, Finished, Offer, Order, Pending, Ticket
from tests.fakes.backend import offers_of

MODELS = ("doubao-seedream-4.5", "gemini-3.1-flash-image", "gemini-3-pro-image", "midjourney", "jimeng-3.1")
#: Who asks for this waits until the picture is let go.
SLOWLY = ("慢慢", "slowly")


class Atelier:
    """`bot.ports.Backend`."""

    name = "atelier"
    limit = 100
    resumable = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        #: By how many points a model has become dearer.
        self.dearer: dict[str, float] = {}
        #: Prompts that are held back, and prompts whose next order fails, with the reason.
        self.held: set[str] = set()
        self.failing: defaultdict[str, list[Reason]] = defaultdict(list)

    async def offers(self) -> tuple[Offer, ...]:
        return tuple(self._priced(offer) for offer in offers_of(*MODELS))

    def _priced(self, offer: Offer) -> Offer:
        more = self.dearer.get(offer.model, 0.0)
        prices = ((size, replace(price, amount=price.amount + more)) for size, price in offer.prices)
        return replace(offer, prices=tuple(prices))

    async def submit(self, order: Order) -> Ticket:
        prompt, count = order.request.prompt, order.request.count
        if any(word in prompt for word in SLOWLY):
            self.held.add(prompt)
        if not count:
            count = 4 if order.model == "midjourney" else 1
        failure = self.failing[prompt].pop() if self.failing[prompt] else None
        return Ticket(json.dumps([prompt, count, failure]))

    async def poll(self, ticket: Ticket) -> Pending | Finished:
        prompt, count, failure = json.loads(ticket.data)
        if failure:
            raise GenerationFailed(Reason(failure))
        if prompt in self.held:
            return Pending()
        return Finished(tuple(self._draw() for _ in range(count)))

    async def find(self, order: Order) -> Ticket | None:
        return None

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        return ()

    async def check(self) -> tuple[Check, ...]:
        return ()

    async def close(self) -> None:
        pass

    def _draw(self) -> Media:
        number = next(self._numbers)
        path = self._folder / f"picture-{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 16), (number % 256, number // 256, 80)).save(path, "PNG")
        return Media(path, "image/png", path.stat().st_size, 16, 16)
