"""Decorators around the seams that name the points of a job's line and ask fate at each of them.

Before and after every call that leaves a trace: `before-claim`, `after-ticket`, `before-end-sent` … What
happens there is fate's: nothing, a kill, a pause for ever.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from bot.message import Address, Attachment, Kind, Media, MessageRef, Outgoing, Person, Price
from bot.ports import (
    Backend,
    Check,
    Database,
    Finished,
    Inbox,
    Offer,
    Order,
    Pending,
    Platform,
    Row,
    Statement,
    Ticket,
)

_ENDS = {Kind.SUCCESS: "end", Kind.FAILURE: "end", Kind.CANCELLED: "end"}


class Fate(Protocol):
    """Who decides what happens at a point."""

    async def meet(self, point: str) -> None:
        """This point is reached now."""


class MortalDatabase:
    """`bot.ports.Database` around another one."""

    def __init__(self, inner: Database, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate

    async def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Row]:
        return await self._inner.rows(sql, parameters)

    async def commit(self, statements: Sequence[Statement], linger: float = 0.0) -> bool:
        what = _meaning(statements)
        await self._fate.meet(f"before-{what}")
        done = await self._inner.commit(statements, linger)
        await self._fate.meet(f"after-{what}")
        return done

    async def writable(self) -> bool:
        return await self._inner.writable()

    async def check(self) -> tuple[Check, ...]:
        return await self._inner.check()


def _meaning(statements: Sequence[Statement]) -> str:
    """What a commit is, by its first statement: claim, queued, submitting, ticket, end-noted …"""
    sql, values = statements[0]
    if sql.startswith("INSERT INTO seen"):
        called_off = any(
            then[0].startswith("UPDATE jobs") and then[1][1] == "cancelled" for then in statements
        )
        return "call-off" if called_off else "claim"
    if sql.startswith("UPDATE jobs"):
        new, outcome, old = values[0], values[1], values[-1]
        if new == old:
            return "amend"
        names = {"running": "ticket", "delivering": f"outcome-{outcome}", "queued": "queued"}
        return names.get(new, str(new))
    if sql.startswith("INSERT INTO shown"):
        return f"{values[1]}-noted"
    if sql.startswith("DELETE FROM owed"):
        return "paid"
    return "other"


class MortalPlatform:
    """`bot.ports.Platform` around another one."""

    def __init__(self, inner: Platform, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate
        self.name = inner.name
        self.traits = inner.traits

    @property
    def connected(self) -> bool:
        return self._inner.connected

    async def run(self, inbox: Inbox) -> None:
        await self._inner.run(inbox)

    async def close(self) -> None:
        await self._inner.close()

    async def send(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        what = _ENDS.get(message.kind, message.kind.value)
        await self._fate.meet(f"before-{what}-sent")
        ref = await self._inner.send(to, message, key)
        await self._fate.meet(f"after-{what}-sent")
        return ref

    async def edit(self, ref: MessageRef, message: Outgoing) -> None:
        what = "settled" if message.settled else message.kind.value
        await self._fate.meet(f"before-{what}-edit")
        await self._inner.edit(ref, message)
        await self._fate.meet(f"after-{what}-edit")

    async def fetch(self, attachment: Attachment) -> Media:
        return await self._inner.fetch(attachment)

    async def forget(self, person: Person) -> None:
        await self._inner.forget(person)

    async def prune(self, before: float) -> None:
        await self._inner.prune(before)

    async def check(self) -> tuple[Check, ...]:
        return await self._inner.check()


class MortalBackend:
    """`bot.ports.Backend` around the demo."""

    def __init__(self, inner: Backend, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate
        self.name = inner.name
        self.limit = inner.limit
        self.resumable = inner.resumable

    async def offers(self) -> tuple[Offer, ...]:
        return await self._inner.offers()

    async def submit(self, order: Order) -> Ticket:
        await self._fate.meet("before-submit")
        ticket = await self._inner.submit(order)
        await self._fate.meet("after-submit")
        return ticket

    async def poll(self, ticket: Ticket) -> Pending | Finished:
        await self._fate.meet("before-poll")
        answer = await self._inner.poll(ticket)
        await self._fate.meet("after-poll")
        if isinstance(answer, Finished):
            await self._fate.meet("after-result")
        return answer

    async def find(self, order: Order) -> Ticket | None:
        await self._fate.meet("before-find")
        ticket = await self._inner.find(order)
        await self._fate.meet("after-find")
        return ticket

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        return await self._inner.credits()

    async def check(self) -> tuple[Check, ...]:
        return await self._inner.check()

    async def close(self) -> None:
        await self._inner.close()
