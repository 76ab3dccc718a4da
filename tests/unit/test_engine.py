"""What a message or a press leads to: claimed once, answered once, and nothing for those who only talk."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import Busy, GenerationFailed, NotSent, OutcomeUnknown, Passing, Reason
from bot.job import Outcome, State
from bot.message import Action, Attachment, Kind, MessageRef, Press
from tests.fakes import FakePlatform, Fault, MemoryDatabase, Stage, kill, opened, parts, virtual
from tests.fakes.backend import Call
from tests.fakes.platform import picture


def button(stage: Stage, press: Press, value: str = "") -> Action:
    """The newest button of this kind."""
    for entry in reversed(stage.platform.transcript):
        for action in stage.platform.standing[entry.ref.id].actions:
            if action.press is press and (not value or action.value == value):
                return action
    raise LookupError(press)


# Once --------------------------------------------------------------------------------------------------


@virtual
async def test_a_message_delivered_twice_is_acted_on_once() -> None:
    async with opened(parts()) as stage:
        message = await stage.platform.say("draw a cat")
        await stage.platform.deliver(message)
        await stage.settled()
        assert len(stage.backend.book) == 1
        assert stage.platform.kinds().count(Kind.ACK) == 1


@virtual
async def test_the_same_message_under_a_new_id_is_acted_on_once() -> None:
    async with opened(parts()) as stage:
        message = await stage.platform.say("draw a cat")
        await stage.platform.deliver(replace(message, id="another"))
        await stage.settled()
        assert len(stage.backend.book) == 1


@virtual
async def test_half_a_character_is_no_trouble() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat \ud83d")
        await stage.settled()
        assert len(stage.backend.book) == 1


@virtual
async def test_the_same_words_said_twice_are_two_requests() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await asyncio.sleep(1)
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert len(stage.backend.book) == 2


@virtual
async def test_a_redelivery_after_a_restart_is_acted_on_once() -> None:
    platform, database = FakePlatform(), MemoryDatabase()
    async with opened(parts(platform, database=database)) as stage:
        message = await stage.platform.say("always use midjourney")
        await kill()
    async with opened(parts(platform, database=database)) as stage:
        await stage.platform.deliver(message)
        await stage.settled()
        assert stage.texts() == ["✅ Got it! From now on I'll draw with Midjourney"]


@virtual
async def test_an_answer_that_was_owed_when_the_process_died_is_given_after_the_restart() -> None:
    platform, database = FakePlatform(), MemoryDatabase()
    async with opened(parts(platform, database=database)) as stage:
        platform.fail(*(Fault(Passing("down")) for _ in range(9)))
        await stage.platform.say("always use midjourney")
        await kill()
    platform.heal()
    async with opened(parts(platform, database=database)) as stage:
        await stage.settled()
        assert stage.texts() == ["✅ Got it! From now on I'll draw with Midjourney"]


@virtual
async def test_a_message_from_long_ago_is_not_acted_on() -> None:
    async with opened(parts()) as stage:
        old = replace(stage.platform.incoming("draw a cat"), sent_at=stage.house.parts.clock.now() - 400)
        await stage.platform.deliver(old)
        await asyncio.sleep(1)
        assert stage.texts() == ["I was away, please send it again"]
        assert stage.backend.asked == []


# Talk --------------------------------------------------------------------------------------------------


@virtual
async def test_people_who_talk_among_themselves_are_left_alone() -> None:
    async with opened(parts()) as stage:
        for text in ("lunch?", "你们看到那只猫了吗", "a tiny robot watering plants"):
            await stage.platform.deliver(replace(stage.platform.incoming(text), mentioned=False))
        await asyncio.sleep(1)
        assert stage.platform.transcript == []
        assert stage.database.written == []


@virtual
async def test_a_pasted_key_is_cut_everywhere_and_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    secret = "ima_4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c"
    caplog.set_level("DEBUG")
    async with opened(parts()) as stage:
        await stage.platform.say(f"draw a cat with key {secret}")
        await stage.platform.say(f"my key is {secret}")
        await stage.settled()
        assert sum("seems to hold a key" in text for text in stage.texts()) == 2
        assert secret not in repr(stage.database.written)
        assert secret not in repr(stage.platform.transcript)
        assert secret not in caplog.text


@virtual
async def test_a_prompt_is_not_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    async with opened(parts()) as stage:
        # Vendors repeat what they were asked to draw: when they are busy, when they fail at it.
        said = "vendor said no: a zebra on a unicycle"
        stage.backend.submits += (
            Call(Busy(Reason.RATE_LIMIT, said)),
            Call(OutcomeUnknown(Reason.OTHER, said)),
        )
        stage.backend.lookups.append(Call(NotSent(Reason.NETWORK, said)))
        stage.backend.results.append(GenerationFailed(Reason.CONTENT_TEXT, said))
        await stage.platform.say("draw a zebra on a unicycle")
        await stage.settled()
        assert caplog.text.count("vendor said no") == 4
        assert "zebra" not in caplog.text


@virtual
async def test_an_endless_description_is_answered_kindly() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat " + "and a dog " * 1000)
        await asyncio.sleep(1)
        assert "too long" in stage.texts()[0]
        assert stage.backend.asked == []


@virtual
async def test_trouble_of_our_own_is_not_silence() -> None:
    async with opened(parts()) as stage:
        stage.database.broken = True
        await stage.platform.say("draw a cat")
        await asyncio.sleep(1)
        assert "say it again" in stage.texts()[0] or "再说一次" in stage.texts()[0]
        stage.database.broken = False
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert len(stage.backend.book) == 1


# Pictures to work on -----------------------------------------------------------------------------------


@virtual
async def test_a_picture_sent_along_is_fetched_and_worked_on() -> None:
    async with opened(parts()) as stage:
        stage.platform.pictures["p1"] = picture("dog")
        message = replace(stage.platform.incoming("make it a watercolour"), attachments=(Attachment("p1"),))
        await stage.platform.deliver(message)
        await stage.settled()
        (job,) = await stage.jobs()
        assert job.request.task == "image_to_image"
        assert job.request.inputs == (picture("dog"),)
        assert job.request.attachments == ()


@virtual
async def test_in_a_topic_what_was_drawn_there_last_is_nearer_than_the_picture_that_opened_it() -> None:
    """There every message answers the opening, whatever it is about."""
    async with opened(parts()) as stage:
        stage.platform.pictures["opening"] = picture("opening")

        async def say(text: str) -> None:
            message = stage.platform.incoming(text)
            place = replace(message.address, topic="m-opening")
            opening = MessageRef(place.platform, place.chat, "m-opening")
            shown = (Attachment("opening"),)
            await stage.platform.deliver(
                replace(message, address=place, reply_to=opening, reply_attachments=shown)
            )
            await stage.settled()

        await say("make it a watercolour")
        await say("make it darker")
        first, second = await stage.jobs()
        assert first.request.inputs == (picture("opening"),)
        assert second.request.inputs == first.results != ()


@virtual
async def test_a_picture_without_words_is_asked_about() -> None:
    async with opened(parts()) as stage:
        await stage.platform.deliver(replace(stage.platform.incoming(""), attachments=(Attachment("p1"),)))
        await asyncio.sleep(1)
        assert stage.texts() == ["收到图片了！想怎么改？比如「变成油画」，或者「背景换成海边」"]


@virtual
async def test_a_bare_command_is_answered_in_the_language_that_the_person_speaks() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("/help", who="bob")
        await stage.platform.say("你好")
        await stage.platform.say("/help")
        await asyncio.sleep(1)
        assert [text[:5] for text in stage.texts() if "•" in text] == ["I dra", "我会画画，"]
        await stage.platform.say("画一只猫")
        await stage.settled()
    async with opened(parts(database=stage.database)) as stage:
        await stage.platform.say("/status", id_="later")
        await asyncio.sleep(1)
        assert "你最近的图" in stage.texts()[-1]


@virtual
async def test_a_picture_that_is_gone_is_told() -> None:
    async with opened(parts()) as stage:
        message = replace(stage.platform.incoming("make it a watercolour"), attachments=(Attachment("gone"),))
        await stage.platform.deliver(message)
        await stage.settled()
        (job,) = await stage.jobs()
        assert (job.outcome, job.reason) == (Outcome.FAILED, Reason.INPUT_GONE)
        assert stage.backend.asked == []


@virtual
async def test_an_edit_of_nothing_is_asked_about() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("把它变成油画")
        await asyncio.sleep(1)
        assert "想改哪一张" in stage.texts()[0]


@virtual
async def test_another_persons_picture_may_be_worked_on_by_answering_it() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat", who="ann", chat="room")
        await stage.settled()
        answer = stage.platform.incoming("make it an oil painting", who="bob", chat="room")
        ref = stage.platform.sent(kind=Kind.SUCCESS)[0].ref
        await stage.platform.deliver(replace(answer, reply_to=ref))
        await stage.settled()
        cat, oil = await stage.jobs()
        assert oil.person.id == "bob"
        assert oil.request.inputs == cat.results


# Presses -----------------------------------------------------------------------------------------------


@virtual
async def test_a_press_is_answered_at_once_and_starts_a_job() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert stage.platform.press(button(stage, Press.AGAIN)).toast == ""
        await asyncio.sleep(1)
        await stage.settled()
        assert len(stage.backend.book) == 2


@virtual
async def test_a_trembling_finger_pays_once() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        again = button(stage, Press.AGAIN)
        stage.platform.press(again)
        stage.platform.press(again)
        await asyncio.sleep(1)
        await stage.settled()
        assert len(stage.backend.book) == 2


@virtual
async def test_somebody_else_is_told_the_price_first_and_pays_with_a_job_of_their_own() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat", who="ann", chat="room")
        await stage.settled()
        stage.platform.press(button(stage, Press.AGAIN), who="bob", chat="room")
        await asyncio.sleep(1)
        assert len(stage.backend.asked) == 1
        assert "5 积分" in stage.texts()[-1]
        stage.platform.press(button(stage, Press.DRAW), who="bob", chat="room")
        await asyncio.sleep(1)
        await stage.settled()
        assert [job.person.id for job in await stage.jobs()] == ["ann", "bob"]


@virtual
async def test_only_the_owner_cancels() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat", who="ann", chat="room")
        await asyncio.sleep(2)
        cancel = button(stage, Press.CANCEL)
        assert "本人" in stage.platform.press(cancel, who="bob", chat="room").toast
        await asyncio.sleep(1)
        assert stage.platform.press(cancel).toast == "Cancelling…"
        await stage.settled()
        (job,) = await stage.jobs()
        assert job.outcome is Outcome.CANCELLED


@pytest.mark.parametrize(("word", "lion"), [("no", Outcome.SUCCEEDED), ("cancel", Outcome.CANCELLED)])
@virtual
async def test_no_answers_the_offer_and_cancel_calls_off_what_is_being_drawn(
    word: str, lion: Outcome
) -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a lion")
        await asyncio.sleep(2)
        await stage.platform.say("a castle in 8K")
        await asyncio.sleep(2)
        await stage.platform.say(word)
        await stage.settled()
        drawn, refused = await stage.jobs()
        assert drawn.outcome is lion
        assert refused.declined is (word == "no")


@pytest.mark.parametrize(
    ("word", "called_off"),
    [("cancel", 1), ("cancel everything", 3), ("全部取消", 3), ("cancel all my jobs", 3)],
)
@virtual
async def test_cancel_calls_off_the_newest_and_cancel_everything_all_of_the_persons_here(
    word: str, called_off: int
) -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a dog", who="bob", chat="room")
        await stage.platform.say("draw a ship", who="ann", chat="elsewhere")
        for thing in ("lion", "castle", "train"):
            await stage.platform.say(f"draw a {thing}", who="ann", chat="room")
            await asyncio.sleep(1)
        await stage.platform.say(word, who="ann", chat="room")
        await stage.settled()
        cancelled = [job for job in await stage.jobs() if job.outcome is Outcome.CANCELLED]
        assert [job.request.prompt for job in cancelled] == ["a lion", "a castle", "a train"][-called_off:]
        assert len(stage.platform.sent(kind=Kind.CANCELLED)) == called_off


@virtual
async def test_the_form_under_a_result_opens_and_what_is_typed_edits_that_picture() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        edit = button(stage, Press.EDIT)
        form = stage.platform.press(edit).form
        assert form is not None
        assert form.title == "What should change?"
        stage.platform.press(edit, text="with a red hat")
        await asyncio.sleep(1)
        await stage.settled()
        cat, hat = await stage.jobs()
        assert hat.request.inputs == cat.results
        assert "red hat" in hat.request.prompt


@virtual
async def test_a_button_works_after_a_restart() -> None:
    platform, database = FakePlatform(), MemoryDatabase()
    async with opened(parts(platform, database=database)) as stage:
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.say("draw a cat")
        await stage.settled()
        await kill()
    async with opened(parts(platform, database=database)) as stage:
        stage.platform.press(button(stage, Press.SWITCH))
        await asyncio.sleep(1)
        await stage.settled()
        assert [job.outcome for job in await stage.jobs()] == [Outcome.FAILED, Outcome.SUCCEEDED]


@virtual
async def test_a_button_of_a_job_that_is_forgotten_is_answered() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        again = button(stage, Press.AGAIN)
        await stage.platform.say("forget me")
        await asyncio.sleep(1)
        stage.platform.press(again)
        await asyncio.sleep(1)
        assert "expired" in stage.texts()[-1]


# Preferences and privacy -------------------------------------------------------------------------------


@virtual
async def test_a_model_chosen_with_a_choosing_word_is_remembered_and_said() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("use midjourney to draw a cat")
        await stage.settled()
        assert "From now on I'll draw with Midjourney" in stage.platform.last(Kind.START).text
        await stage.platform.say("draw a dog")
        await stage.settled()
        assert [job.model for job in await stage.jobs()] == ["midjourney", "midjourney"]


@virtual
async def test_a_preference_that_is_off_offer_is_kept_and_said() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("always use jimeng 4.5")
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert "isn't available right now, so SeeDream 4.5 stands in" in stage.platform.last(Kind.START).text
        assert "Jimeng 4.5" in stage.texts()[0]


@virtual
async def test_forget_me_deletes_everything_that_is_kept() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("always use midjourney")
        await stage.platform.say("draw a cat")
        await stage.settled()
        await stage.platform.say("forget me")
        await stage.settled()
        assert await stage.jobs() == []
        assert await stage.database.rows("SELECT * FROM preferences") == []
        assert await stage.database.rows("SELECT * FROM shown") == []
        assert stage.platform.forgotten == [stage.platform.person()]


@virtual
async def test_a_no_closes_the_offer() -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.say("draw a cat")
        await stage.settled()
        await stage.platform.say("no thanks")
        await stage.platform.say("yes")
        await asyncio.sleep(1)
        assert len(await stage.jobs()) == 1


@virtual
async def test_an_offer_closes_by_itself_after_ten_minutes() -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.say("draw a cat")
        await stage.settled()
        await asyncio.sleep(700)
        await stage.platform.say("yes")
        await asyncio.sleep(1)
        assert len(await stage.jobs()) == 1


@virtual
async def test_an_offer_is_its_owners_alone() -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.say("draw a cat", who="ann", chat="room")
        await stage.settled()
        await stage.platform.say("yes", who="bob", chat="room")
        await asyncio.sleep(1)
        assert [job.state for job in await stage.jobs()] == [State.ENDED]
