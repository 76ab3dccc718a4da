"""IMA's product list, kept fresh: asked for every ten minutes, the last good one kept while that fails."""

import asyncio
import logging
from dataclasses import dataclass

from adapters.backends.ima.catalogue import Product, decode
from adapters.backends.ima.wire import Answer, Wire, asked
from bot.errors import BackendError, NotSent, Reason
from bot.message import Task
from bot.ports import Clock

log = logging.getLogger(__name__)

#: Seconds for which a list is taken as it is (a little less than the ten minutes after which the conversation
#: asks for offers again), and after which a failed one is asked for again.
FRESH = 540.0
AGAIN = 30.0


@dataclass(slots=True)
class Kept:
    """The last good list of one task, and until when (monotonic) it is taken as it is."""

    products: dict[str, Product]
    until: float


class Products:
    """What can be ordered, by task and model id."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock
        self._kept: dict[Task, Kept] = {}
        self._turn = asyncio.Lock()
        self._told: set[str] = set()

    async def of(self, task: Task, *, fresh: bool = False) -> dict[str, Product]:
        """The products for a task; with `fresh` straight from IMA.

        Raises NotSent, Busy or Refused where there is no list yet.
        """
        async with self._turn:
            kept = self._kept.get(task)
            if kept and not fresh and self._clock.monotonic() < kept.until:
                return kept.products
            try:
                products = await self.load(task)
            except BackendError as error:
                if kept is None:
                    raise
                log.warning("ima: no list for %s, the last good one is kept: %s", task, error)
                kept.until = self._clock.monotonic() + AGAIN
                return kept.products
            self._kept[task] = Kept(products, self._clock.monotonic() + FRESH)
            return products

    async def load(self, task: Task) -> dict[str, Product]:
        """The products straight from IMA, or NotSent, Busy or Refused."""

        async def send() -> Answer:
            query = {"app": "ima", "platform": "web", "category": task}
            return await self._wire.get("/open/v1/product/list", query)

        answer = await asked(send, self._clock)
        products, skipped = await asyncio.to_thread(decode, answer.data, task)
        for why in skipped:
            if why not in self._told and len(self._told) < 100:
                self._told.add(why)
                log.warning("ima: left out of the list for %s: %s", task, why)
        if not products:
            raise NotSent(Reason.UNAVAILABLE, f"nothing to order in the list for {task}")
        return products
