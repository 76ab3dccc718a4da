"""Small typed fakes of the seams in `bot.ports`, on a loop whose time is virtual.

Nothing here waits: where everybody sleeps, time jumps to the next one who wakes.

    @virtual
    async def test_a_picture_is_shown() -> None:
        async with opened(parts()) as stage:
            await stage.platform.say("画一只猫")
            await stage.settled()
            assert stage.platform.kinds()[-1] is Kind.SUCCESS
"""

from tests.fakes.backend import Call, FakeBackend
from tests.fakes.database import MemoryDatabase
from tests.fakes.house import Stage, kill, opened, parts
from tests.fakes.platform import Entry, FakePlatform, Fault
from tests.fakes.time import Deadlock, SteppedClock, VirtualClock, VirtualLoop, run, set_wall_clock, virtual

__all__ = [
    "Call",
    "Deadlock",
    "Entry",
    "FakeBackend",
    "FakePlatform",
    "Fault",
    "MemoryDatabase",
    "Stage",
    "SteppedClock",
    "VirtualClock",
    "VirtualLoop",
    "kill",
    "opened",
    "parts",
    "run",
    "set_wall_clock",
    "virtual",
]
