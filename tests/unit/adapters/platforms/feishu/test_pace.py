"""No interface is called more often than the platform allows, and one that asks for a rest gets it."""

from adapters.platforms.feishu.pace import LIMITS, Pace
from tests.fakes.time import SteppedClock

MESSAGES = "/open-apis/im/v1/messages"


async def test_calls_keep_to_the_second_and_to_the_minute() -> None:
    clock = SteppedClock(0.0)
    pace, begun = Pace(clock), []
    for number in range(2500):
        await pace.room("POST", f"{MESSAGES}/om_{number}/reply")
        begun.append(clock.time)
    for count, seconds in LIMITS:
        late = [later - earlier for earlier, later in zip(begun, begun[count:], strict=False)]
        assert min(late) >= seconds - 1e-6
    assert begun[49] == 0
    assert begun[-1] < 135


async def test_interfaces_do_not_wait_for_each_other() -> None:
    clock = SteppedClock(0.0)
    pace = Pace(clock)
    for number in range(50):
        await pace.room("POST", f"{MESSAGES}/om_{number}/reply")
        await pace.room("PATCH", f"{MESSAGES}/om_{number}")
    assert clock.time == 0


async def test_an_interface_that_asks_for_a_rest_gets_it() -> None:
    clock = SteppedClock(0.0)
    pace = Pace(clock)
    pace.hold("PATCH", f"{MESSAGES}/om_1", 7)
    await pace.room("POST", MESSAGES)
    assert clock.time == 0
    await pace.room("PATCH", f"{MESSAGES}/om_2")
    assert clock.time == 7
