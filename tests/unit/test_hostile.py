"""Clumsy and hostile people: nothing is charged twice or unasked, nothing leaks, nobody meets silence."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from bot.errors import GenerationFailed, Gone, Passing, PlatformError, Reason, Unshowable
from bot.job import State
from bot.message import Action, Attachment, Kind, MessageRef, Press, Reply
from tests.fakes import Fault, Stage, opened, parts, virtual
from tests.fakes.backend import offers_of
from tests.fakes.platform import picture

ENDS = (Kind.SUCCESS, Kind.FAILURE, Kind.CANCELLED)


def button(stage: Stage, press: Press) -> Action:
    """The newest button of this kind that still stands."""
    for message in reversed(stage.platform.standing.values()):
        for action in message.actions:
            if action.press is press:
                return action
    raise LookupError(press)


async def answered(stage: Stage, text: str, ref: MessageRef) -> list[str]:
    """What is said to a message that answers `ref`."""
    before = len(stage.platform.transcript)
    await stage.platform.deliver(replace(stage.platform.incoming(text), reply_to=ref))
    await asyncio.sleep(3)
    return [entry.message.headline for entry in stage.platform.transcript[before:] if entry.what == "send"]


# Odd messages ------------------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize(
    "text",
    ["", "   ", "🎨", "👍👍", "\u200b\u200b", "draw \u200b", "draw", "画", "/", "//", "???", "yes", "no"],
)
async def test_a_message_without_a_wish_is_answered_once_and_costs_nothing(text: str) -> None:
    async with opened(parts()) as stage:
        await stage.platform.say(text)
        await stage.settled()
        assert len(stage.platform.transcript) == 1
        assert stage.backend.asked == []


@virtual
@pytest.mark.parametrize(
    "text",
    [
        "\u202edraw a cat\u202c",
        "draw a \u202ecat",
        "draw a cat\0",
        "**draw** a `cat`",
        "<b>draw a cat</b><script>alert(1)</script>",
        "@everyone draw a cat",
        "<@123> <at id=all></at> draw a cat",
    ],
)
async def test_marks_that_mean_something_elsewhere_do_not_reach_the_acknowledgement(text: str) -> None:
    async with opened(parts()) as stage:
        await stage.platform.say(text)
        await stage.settled()
        assert stage.platform.last(Kind.ACK).headline == "OK! Drawing a cat for you 🐱"
        assert [job.request.prompt for job in await stage.jobs()] == ["a cat"]


@virtual
async def test_sql_in_a_message_is_words() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat'); DROP TABLE jobs; --")
        await stage.settled()
        assert [job.state for job in await stage.jobs()] == [State.ENDED]
        assert stage.platform.kinds()[-1] is Kind.SUCCESS


@virtual
@pytest.mark.parametrize("text", ["draw a \ud800 cat", "draw a cat --seconds 99999999999999999999999"])
async def test_what_cannot_be_stored_is_not_met_with_silence_and_costs_nothing_twice(text: str) -> None:
    async with opened(parts()) as stage:
        await stage.platform.say(text)
        await stage.settled()
        assert stage.platform.transcript
        assert len(stage.backend.book) <= 1


@virtual
async def test_a_flood_of_pictures_asked_for_is_cut_before_anything_is_spent() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat --n 999")
        await stage.settled()
        assert stage.texts()[0].startswith("At most 4 pictures at a time")
        assert stage.backend.asked == []


# Keys --------------------------------------------------------------------------------------------------


@virtual
async def test_a_key_is_cut_wherever_a_person_can_type() -> None:
    secret = "ima_4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c"
    async with opened(parts()) as stage:
        for flag in ("", "--no ", "--ar ", "--size ", "--model ", "--watermark ", "--strength ", "--n "):
            await stage.platform.say(f"draw a cat {flag}{secret}")
            await stage.settled()
        before = sum("seems to hold a key" in text for text in stage.texts())
        stage.platform.press(button(stage, Press.EDIT), text=f"make it red {secret}")
        await asyncio.sleep(1)
        await stage.settled()
        assert sum("seems to hold a key" in text for text in stage.texts()) == before + 1
        await stage.platform.say(f"make https://x.example/{secret}.png an oil painting")
        await stage.settled()
        assert secret not in repr(stage.database.written)
        assert secret not in repr(stage.platform.transcript)


# Much at once ------------------------------------------------------------------------------------------


@virtual
async def test_somebody_who_asks_fifty_times_gets_as_many_as_may_wait() -> None:
    async with opened(parts()) as stage:
        for number in range(50):
            await stage.platform.say(f"draw a cat number {number}")
        await stage.settled()
        assert len(stage.backend.book) == 7
        assert len(stage.texts()) == 43


@virtual
async def test_twenty_people_at_once_in_one_room_get_a_picture_each() -> None:
    async with opened(parts()) as stage:
        says = (stage.platform.say(f"draw cat {n}", who=f"p{n}", chat="room") for n in range(20))
        await asyncio.gather(*says)
        await stage.settled()
        ends = Counter(entry.message.job for entry in stage.platform.sent() if entry.message.kind in ENDS)
        assert set(ends.values()) == {1}
        assert len(ends) == len(stage.backend.book) == 20


# Presses in every state --------------------------------------------------------------------------------


@virtual
async def test_old_buttons_draw_nothing_after_forget_me() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a rose")
        await stage.settled()
        again, edit = button(stage, Press.AGAIN), button(stage, Press.EDIT)
        await stage.platform.say("forget me")
        stage.platform.press(again)
        stage.platform.press(edit, text="make it blue")
        await asyncio.sleep(3)
        assert stage.texts()[1:] == ["This one has expired, just say it again"] * 2
        assert len(stage.backend.book) == 1


@virtual
async def test_calling_off_twice_is_told_once_and_then_is_too_late() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a rose")
        await asyncio.sleep(2)
        cancel = button(stage, Press.CANCEL)
        for _ in range(3):
            stage.platform.press(cancel)
            await asyncio.sleep(3)
        await stage.settled()
        assert stage.platform.kinds().count(Kind.CANCELLED) == 1
        assert ["over already" in text for text in stage.texts()] == [True] * 2


@virtual
async def test_a_model_that_has_gone_is_said_before_anything_is_spent() -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.TIMEOUT))
        await stage.platform.say("draw a rose")
        await stage.settled()
        switch = button(stage, Press.SWITCH)
        stage.backend.offered = offers_of("midjourney")
        await stage.house.offers.refresh()
        stage.platform.press(switch)
        await asyncio.sleep(3)
        assert "isn't available right now" in stage.texts()[0]
        stage.backend.offered = ()
        await stage.house.offers.refresh()
        await asyncio.sleep(3)
        stage.platform.press(switch)
        await asyncio.sleep(3)
        assert stage.texts()[1] == "No model is available right now, please try again later"
        assert len(stage.backend.book) == 1


@virtual
@pytest.mark.parametrize("value", ["nonsense", "\0", "<at id=all>", "jimeng"])
async def test_a_button_that_names_no_model_costs_nothing(value: str) -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.TIMEOUT))
        await stage.platform.say("draw a rose")
        await stage.settled()
        switch = button(stage, Press.SWITCH)
        for action in (replace(switch, value=value), replace(switch, job="nope"), replace(switch, job="")):
            stage.platform.press(action)
        await asyncio.sleep(3)
        assert len(stage.texts()) == 3
        assert len(stage.backend.asked) == 1


@virtual
async def test_nobody_can_call_off_or_decline_for_somebody_else() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a rose", chat="room")
        await asyncio.sleep(2)
        reply = stage.platform.press(button(stage, Press.CANCEL), who="bob", chat="room")
        assert reply == Reply("这是别人的任务，只有本人能取消")
        progress = stage.platform.sent(kind=Kind.START)[0].ref
        said = stage.platform.incoming("cancel", who="bob", chat="room")
        await stage.platform.deliver(replace(said, reply_to=progress))
        await stage.settled()
        assert stage.texts() == ["That's somebody else's; only they can cancel it"]
        assert stage.platform.kinds()[-1] is Kind.SUCCESS


@virtual
async def test_a_forged_button_reaches_nobody_elses_picture() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a rose", chat="room")
        await asyncio.sleep(2)
        for press in (Press.CANCEL, Press.DECLINE, Press.SWITCH, Press.EDIT):
            forged = replace(button(stage, Press.CANCEL), press=press, owner="bob", language="en")
            stage.platform.press(forged, who="bob", chat="room", text="make it blue")
        await stage.settled()
        assert len(stage.backend.asked) == 1
        assert stage.platform.kinds().count(Kind.SUCCESS) == 1
        assert stage.texts()[:2] == ["That's somebody else's; only they can cancel it"] * 2


@virtual
async def test_everything_new_is_put_off_while_the_bot_restarts() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a rose")
        await stage.settled()
        again = button(stage, Press.AGAIN)
        await stage.house.engine.drain(0)
        assert "restarting" in stage.platform.press(again).toast
        for text in ("draw a cat", "forget me", "always use midjourney", "cancel"):
            await stage.platform.say(text)
        await asyncio.sleep(3)
        assert len(stage.texts()) == 4
        assert len(await stage.jobs()) == len(stage.backend.book) == 1
        assert stage.platform.forgotten == []


# Answers in every order --------------------------------------------------------------------------------


@virtual
async def test_another_persons_yes_takes_nobodys_offer() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a castle in 8k", chat="room")
        await stage.platform.say("yes", who="bob", chat="room")
        await asyncio.sleep(3)
        assert stage.backend.asked == []


@virtual
async def test_yes_takes_an_offer_once() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a castle in 8k")
        for _ in range(3):
            await asyncio.sleep(1)
            await stage.platform.say("yes")
        await stage.settled()
        assert len(stage.backend.book) == 1


@virtual
async def test_an_offer_that_was_declined_or_is_old_is_not_taken_by_yes() -> None:
    async with opened(parts()) as stage:
        for answer, pause in (("no", 1), ("hello", 650)):
            await stage.platform.say("draw a castle in 8k")
            await stage.platform.say(answer)
            await asyncio.sleep(pause)
            await stage.platform.say("yes")
        await asyncio.sleep(3)
        assert stage.backend.asked == []


@virtual
async def test_questions_about_a_failure_are_no_yes() -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.TIMEOUT))
        await stage.platform.say("draw a rose")
        await stage.settled()
        for text in ("为什么失败了", "what happened?", "多少钱", "why did it fail?", "谢谢", "???"):
            await stage.platform.say(text)
            await asyncio.sleep(1)
        await stage.settled()
        assert len(stage.backend.book) == 1


@virtual
async def test_words_under_a_forgotten_picture_do_not_fail() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a rose")
        await stage.settled()
        await stage.platform.say("forget me")
        await stage.settled()
        for message in list(stage.platform.standing):
            said = await answered(stage, "make it blue", MessageRef("fake", "chat-ada", message))
            assert said == ["Which picture? Reply to it, or send it to me"]
        assert len(stage.backend.book) == 1


@virtual
async def test_more_pictures_than_a_model_takes_are_refused_before_they_are_fetched() -> None:
    async with opened(parts()) as stage:
        names = [f"p{number}" for number in range(16)]
        stage.platform.pictures.update({name: picture(name) for name in names})
        message = stage.platform.incoming("变成油画")
        sent = tuple(Attachment(name) for name in names)
        await stage.platform.deliver(replace(message, attachments=sent))
        await stage.settled()
        assert "最多用 14 张参考图" in stage.texts()[0]
        assert stage.backend.asked == []


# Trouble at every step ---------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    "error", [Passing("down"), Unshowable("odd"), Gone("left")], ids=lambda e: type(e).__name__
)
@pytest.mark.parametrize("shown", [False, True])
async def test_a_message_that_cannot_be_shown_neither_stops_nor_doubles_a_job(
    kind: Kind, error: PlatformError, shown: bool
) -> None:
    async with opened(parts()) as stage:
        stage.platform.fail(Fault(error, shown=shown), Fault(error, shown=shown), kind=kind)
        await stage.platform.say("draw a rose")
        await stage.settled()
        assert len(stage.backend.book) == 1
        if isinstance(error, Passing):
            assert [kind for kind in stage.platform.kinds() if kind in ENDS] == [Kind.SUCCESS]


@virtual
@pytest.mark.parametrize("fault", range(12))
async def test_a_database_that_fails_once_costs_nothing_twice_and_leaves_one_end_at_most(fault: int) -> None:
    async with opened(parts()) as stage:
        stage.database.faults.extend([*(False for _ in range(fault)), True])
        await stage.platform.say("draw a rose")
        await asyncio.sleep(300)
        assert len(stage.backend.book) <= 1
        assert sum(kind in ENDS for kind in stage.platform.kinds()) <= 1
        assert stage.platform.transcript
