"""A real backend with gates in its way, at which a job stops for the test to kill the house."""

import asyncio

from bot.message import Price
from bot.ports import Backend, Check, Finished, Offer, Order, Pending, Ticket


class Gate:
    """`bot.ports.Backend` around another; `shut` closes one gate for ever."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self.name, self.limit, self.resumable = inner.name, inner.limit, inner.resumable
        self.shut = ""
        #: Set when a job stands before the closed gate.
        self.reached = asyncio.Event()

    async def _pass(self, gate: str) -> None:
        if self.shut == gate:
            self.reached.set()
            await asyncio.Event().wait()

    async def offers(self) -> tuple[Offer, ...]:
        return await self._inner.offers()

    async def submit(self, order: Order) -> Ticket:
        await self._pass("before the request leaves")
        ticket = await self._inner.submit(order)
        await self._pass("after the answer, before the stored ticket")
        return ticket

    async def poll(self, ticket: Ticket) -> Pending | Finished:
        await self._pass("running")
        answer = await self._inner.poll(ticket)
        if isinstance(answer, Finished):
            await self._pass("result on disk")
        return answer

    async def find(self, order: Order) -> Ticket | None:
        return await self._inner.find(order)

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        return await self._inner.credits()

    async def check(self) -> tuple[Check, ...]:
        return await self._inner.check()

    async def close(self) -> None:
        await self._inner.close()
