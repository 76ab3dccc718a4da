"""Lanes: order, pace, replacing, retrying."""

import asyncio

import pytest

from bot.errors import Gone, Passing, Unshowable
from bot.message import Address, Kind, MessageRef, Outgoing
from bot.metrics import Metrics
from bot.outbox import TRIES_IF_BROKEN, Outbox, Parcel
from bot.ports import Traits
from tests.fakes import FakePlatform, Fault, VirtualClock, virtual
from tests.fakes.time import EPOCH

ROOM = Address("fake", "room")


def outbox(platform: FakePlatform) -> Outbox:
    return Outbox({platform.name: platform}, VirtualClock(), Metrics())


def parcel(kind: Kind, job: str = "j1", headline: str = "", *, to: Address = ROOM) -> Parcel:
    message = Outgoing(kind, "en", headline or f"{kind} of {job}", job)
    return Parcel(to, message, f"{job}/{headline or kind}", progress=kind is Kind.PROGRESS)


def shown(platform: FakePlatform) -> list[str]:
    return [entry.message.headline for entry in platform.transcript]


@virtual
async def test_a_jobs_messages_keep_their_order_and_progress_stands_behind_everything_else() -> None:
    platform = FakePlatform()
    box = outbox(platform)
    for one in (
        parcel(Kind.ACK),
        parcel(Kind.PROGRESS, "j2"),
        parcel(Kind.START),
        parcel(Kind.SUCCESS, "j3"),
    ):
        box.put(one)
    await box.flush()
    assert shown(platform) == ["ack of j1", "start of j1", "success of j3", "progress of j2"]


@virtual
async def test_newer_progress_replaces_what_was_not_sent_yet() -> None:
    platform = FakePlatform()
    box = outbox(platform)
    box.put(parcel(Kind.ACK))
    first = box.put(parcel(Kind.PROGRESS, headline="33 %"))
    second = box.put(parcel(Kind.PROGRESS, headline="66 %"))
    await box.flush()
    assert shown(platform) == ["ack of j1", "66 %"]
    assert first.result() is None
    assert second.result() is not None


@virtual
async def test_a_message_that_fails_for_a_passing_reason_is_sent_again_with_the_same_key() -> None:
    platform = FakePlatform()
    platform.fail(Fault(Passing("lost"), shown=True), Fault(Passing("down")))
    box = outbox(platform)
    done = box.put(parcel(Kind.SUCCESS))
    await box.flush()
    assert [key for _, key in platform.calls] == ["j1/success"] * 3
    assert shown(platform) == ["success of j1"]
    assert done.result() == platform.transcript[0].ref


@virtual
async def test_an_end_is_never_given_up() -> None:
    platform = FakePlatform()
    platform.fail(*(Fault(Passing("down")) for _ in range(40)))
    box = outbox(platform)
    done = box.put(parcel(Kind.FAILURE))
    await box.flush()
    assert done.result() is not None
    assert len(platform.calls) == 41
    assert asyncio.get_running_loop().time() < 41 * 60


@virtual
async def test_progress_is_given_up_at_the_first_trouble() -> None:
    platform = FakePlatform()
    platform.fail(Fault(Passing("down")))
    box = outbox(platform)
    done = box.put(parcel(Kind.PROGRESS))
    await box.flush()
    with pytest.raises(Passing):
        done.result()
    assert len(platform.calls) == 1


@virtual
async def test_nothing_of_a_job_overtakes_its_earlier_message_but_other_jobs_go_on() -> None:
    platform = FakePlatform()
    platform.fail(Fault(Passing("down")), kind=Kind.ACK)
    box = outbox(platform)
    for one in (parcel(Kind.ACK), parcel(Kind.START), parcel(Kind.START, "j2")):
        box.put(one)
    await box.flush()
    assert shown(platform) == ["start of j2", "ack of j1", "start of j1"]


@virtual
async def test_a_chat_is_paced_and_another_one_is_not() -> None:
    platform = FakePlatform(traits=Traits(send_pace=2.0))
    box = outbox(platform)
    other = Address("fake", "elsewhere")
    for n in range(3):
        box.put(parcel(Kind.ACK, f"a{n}"))
    box.put(parcel(Kind.ACK, "b0", to=other))
    await box.flush()
    times = {
        entry.message.job: round(entry.at - platform.transcript[0].at, 1) for entry in platform.transcript
    }
    assert times == {"a0": 0.0, "a1": 2.0, "a2": 4.0, "b0": 0.0}


@virtual
async def test_only_the_answer_to_an_interaction_overtakes_its_chat() -> None:
    platform = FakePlatform(traits=Traits(send_pace=2.0))
    box = outbox(platform)
    first, second = (Address("fake", "room", token=token) for token in ("t1", "t2"))
    box.put(parcel(Kind.SUCCESS, "a"))
    box.put(parcel(Kind.ACK, "b", to=first))
    box.put(parcel(Kind.START, "b", to=first))
    box.put(parcel(Kind.START, "c", to=second))
    await box.flush()
    times = {e.message.headline: round(e.at - platform.transcript[0].at, 1) for e in platform.transcript}
    assert times == {"success of a": 0.0, "ack of b": 0.0, "start of b": 2.0, "start of c": 4.0}


@virtual
async def test_changing_a_message_has_a_pace_of_its_own() -> None:
    platform = FakePlatform(traits=Traits(send_pace=1.0, edit_pace=5.0))
    box = outbox(platform)
    ref = await box.put(parcel(Kind.START))
    box.put(Parcel(ROOM, Outgoing(Kind.START, "en", "now it begins", "j1"), ref=ref))
    box.put(parcel(Kind.TEXT, "j2"))
    await box.flush()
    assert [round(entry.at - platform.transcript[0].at, 1) for entry in platform.transcript] == [0, 1, 6]


@virtual
async def test_a_message_that_keeps_failing_is_tried_less_and_less_and_counted_late_once() -> None:
    platform = FakePlatform()
    platform.fail(*(Fault(Passing("down")) for _ in range(4)))
    box, starts = outbox(platform), list[float]()
    one = parcel(Kind.SUCCESS)
    one.on_start = starts.append
    box.put(one)
    await box.flush()
    assert starts == [0.0]
    (entry,) = platform.transcript
    assert entry.at - VirtualClock().now() == 0
    assert asyncio.get_running_loop().time() == pytest.approx(0.5 + 1 + 2 + 4)


@virtual
async def test_what_is_on_the_wire_is_not_dropped() -> None:
    platform = FakePlatform()
    platform.fail(Fault(before=5))
    box = outbox(platform)
    sending = box.put(parcel(Kind.PROGRESS))
    await asyncio.sleep(1)
    box.drop_progress(ROOM, "j1")
    assert not sending.done()
    await box.flush()
    assert sending.result() is not None


@virtual
async def test_a_lane_waits_for_whichever_message_may_be_sent_first() -> None:
    platform = FakePlatform()
    platform.fail(*(Fault(Passing("down")) for _ in range(2)), kind=Kind.ACK)
    platform.fail(Fault(Passing("down")), kind=Kind.START)
    platform.fail(*(Fault(Passing("down")) for _ in range(3)), kind=Kind.FAILURE)
    box = outbox(platform)
    for one in (parcel(Kind.ACK), parcel(Kind.START), parcel(Kind.FAILURE, "j2")):
        box.put(one)
    await box.flush()
    assert [round(entry.at - EPOCH, 1) for entry in platform.transcript] == [1.5, 2.0, 3.5]


@virtual
async def test_over_what_a_platform_keeps_breaking_is_given_up() -> None:
    platform = FakePlatform()
    platform.fail(*(Fault(KeyError("broken")) for _ in range(9)))
    box = outbox(platform)
    done = box.put(parcel(Kind.SUCCESS))
    await box.flush()
    with pytest.raises(Unshowable):
        await done
    assert len(platform.calls) == TRIES_IF_BROKEN


@virtual
async def test_a_chat_that_is_asked_to_wait_waits_as_a_whole() -> None:
    platform = FakePlatform()
    platform.fail(Fault(Passing("slow down", retry_after=30)), kind=Kind.ACK)
    box = outbox(platform)
    box.put(parcel(Kind.ACK))
    box.put(parcel(Kind.START, "j2"))
    await box.flush()
    assert all(entry.at - VirtualClock().now() <= 0 for entry in platform.transcript)
    assert asyncio.get_running_loop().time() >= 30
    assert shown(platform) == ["ack of j1", "start of j2"]


@virtual
@pytest.mark.parametrize("error", [Gone("left"), Unshowable("too long")])
async def test_what_can_never_be_shown_is_told_to_whoever_asked(error: Gone | Unshowable) -> None:
    platform = FakePlatform()
    platform.fail(Fault(error))
    box = outbox(platform)
    done = box.put(parcel(Kind.SUCCESS))
    await box.flush()
    with pytest.raises(type(error)):
        await done
    assert len(platform.calls) == 1


@virtual
async def test_an_edit_goes_to_the_message_that_stands() -> None:
    platform = FakePlatform()
    box = outbox(platform)
    ref = await box.put(parcel(Kind.START))
    assert ref is not None
    await box.put(Parcel(ROOM, Outgoing(Kind.START, "en", "now it begins", "j1"), ref=ref))
    await box.flush()
    assert [entry.what for entry in platform.transcript] == ["send", "edit"]
    assert platform.standing[ref.id].headline == "now it begins"


@virtual
async def test_progress_of_a_job_that_is_over_is_dropped() -> None:
    platform = FakePlatform(traits=Traits(send_pace=1.0))
    box = outbox(platform)
    box.put(parcel(Kind.ACK))
    late = box.put(parcel(Kind.PROGRESS))
    box.drop_progress(ROOM, "j1")
    await box.flush()
    assert shown(platform) == ["ack of j1"]
    assert late.result() is None


@virtual
async def test_a_message_put_at_the_moment_a_lane_ends_is_not_lost() -> None:
    platform = FakePlatform()
    box = outbox(platform)
    refs: list[MessageRef | None] = [await box.put(parcel(Kind.TEXT, f"j{n}")) for n in range(20)]
    assert None not in refs
    assert len(platform.transcript) == 20


@virtual
async def test_closing_stops_at_once_and_whoever_waits_is_told() -> None:
    platform = FakePlatform()
    platform.fail(*(Fault(Passing("down")) for _ in range(5)))
    box = outbox(platform)
    waiting = box.put(parcel(Kind.SUCCESS))
    await asyncio.sleep(0.1)
    await box.close()
    assert waiting.cancelled()
    assert box.put(parcel(Kind.ACK)).cancelled()
