"""What happens over weeks: nothing grows, and what broke is begun again."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bot.errors import Busy, NotSent, OutcomeUnknown, Passing, Reason
from bot.message import Kind, Press
from bot.ports import Inbox, Offer
from tests.fakes import Call, FakeBackend, FakePlatform, Fault, Stage, opened, parts, virtual

#: What is bounded by a number of its own.
BOUNDED = ("_languages", "_presses", "_ranges")


def sizes(value: object, path: str = "house", seen: set[int] | None = None) -> Iterator[tuple[str, int]]:
    """How much every collection holds that the bot's own objects hold."""
    seen = set() if seen is None else seen
    if id(value) in seen or not type(value).__module__.startswith("bot."):
        return
    seen.add(id(value))
    for name, held in attributes(value):
        if isinstance(held, dict | list | set) and name not in BOUNDED:
            yield f"{path}.{name}", len(held)
        yield from sizes(held, f"{path}.{name}", seen)


def attributes(value: object) -> list[tuple[str, Any]]:
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    return [*vars(value).items()] if hasattr(value, "__dict__") else [(n, getattr(value, n)) for n in slots]


async def a_day(stage: Stage, day: int) -> None:
    """Everything that can happen to a picture, by new people every day."""
    platform, backend = stage.platform, stage.backend
    backend.submits.extend(
        [
            Call(),
            Call(Busy(Reason.RATE_LIMIT)),
            Call(NotSent(Reason.NETWORK)),
            Call(OutcomeUnknown(Reason.UNKNOWN_OUTCOME), taken=True),
            Call(KeyError("broken"), taken=True),
            Call(after=8.0),
        ]
    )
    platform.fail(Fault(Passing("away")), Fault(KeyError("broken")))
    for number in range(8):
        await platform.say("draw a cat", who=f"{day}-{number}")
    await platform.say("cancel", who=f"{day}-7")
    await asyncio.sleep(5)
    await platform.say("cancel", who=f"{day}-6")
    await platform.say("help", who=f"{day}-1")
    await asyncio.sleep(25)
    await platform.say("cancel", who=f"{day}-0")
    await stage.settled()
    platform.press(next(one for one in platform.last(Kind.SUCCESS).actions if one.press is Press.AGAIN))
    await asyncio.sleep(1)
    await stage.settled()
    await asyncio.sleep(600)


@virtual
@pytest.mark.parametrize("progress", ["edit", "push"])
async def test_nothing_grows_from_day_to_day(progress: Any) -> None:
    async with opened(parts(backends=(FakeBackend(limit=2),), progress=progress)) as stage:
        await a_day(stage, 1)
        before = dict(sizes(stage.house))
        await a_day(stage, 2)
        await a_day(stage, 3)
        assert len(before) > 20
        assert dict(sizes(stage.house)) == before


class Breaking(FakeBackend):
    """Its list of models breaks the first time, and then is another one."""

    async def offers(self) -> tuple[Offer, ...]:
        offered, self.offered = self.offered, tuple(one for one in self.offered if one.model != "midjourney")
        if offered != self.offered:
            raise KeyError("broken")
        return offered


class Falling(FakePlatform):
    """Breaks when it is left alone for an hour, once."""

    fallen = False

    async def run(self, inbox: Inbox) -> None:
        if self.fallen:
            await super().run(inbox)
        self.inbox, self.fallen = inbox, True
        await asyncio.sleep(3600)
        self.inbox = None
        raise KeyError("broken")


@virtual
async def test_what_breaks_is_begun_again() -> None:
    async with opened(parts(Falling(), (Breaking(),))) as stage:
        assert stage.house.offers.on_offer() == ()
        await asyncio.sleep(700)
        assert stage.house.offers.on_offer() == stage.backend.offered
        await asyncio.sleep(2910)
        assert not (await stage.house.health())[0]
        await asyncio.sleep(60)
        assert (await stage.house.health())[0]
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert stage.platform.kinds()[-1] is Kind.SUCCESS
