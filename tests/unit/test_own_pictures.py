"""A person's own picture that will not do: no other model is offered, the next picture goes on."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import GenerationFailed, Reason, Refused
from bot.job import Job, Outcome
from bot.message import Attachment, Kind
from tests.fakes import Call, Stage, opened, parts, virtual
from tests.fakes.platform import picture


async def shows(stage: Stage, name: str, text: str = "", *, known: bool = True) -> list[Job]:
    """Somebody sends a picture; all jobs once everything has come to its end."""
    if known:
        stage.platform.pictures[name] = picture(name)
    message = replace(stage.platform.incoming(text), attachments=(Attachment(name),))
    await stage.platform.deliver(message)
    await stage.settled()
    return await stage.jobs()


@virtual
@pytest.mark.parametrize("reason", [Reason.CONTENT_INPUT, Reason.BAD_INPUT, Reason.INPUT_TOO_LARGE])
async def test_after_a_picture_that_will_not_do_another_one_is_asked_for_and_no_model(reason: Reason) -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(Refused(reason)))
        await shows(stage, "blurred", "把它变成油画")
        failure = stage.platform.last(Kind.FAILURE)
        assert failure.actions == ()
        assert "重新发一张图" in failure.text
        assert "模型" not in failure.text


@virtual
@pytest.mark.parametrize("words", ["", "好", "this one"])
async def test_the_next_picture_goes_on_with_what_was_asked_for(words: str) -> None:
    async with opened(parts()) as stage:
        await shows(stage, "gone", "make it an oil painting", known=False)
        assert "send it again" in stage.platform.last(Kind.FAILURE).text
        *_, job = await shows(stage, "here", words)
        assert (job.outcome, job.request.prompt) == (Outcome.SUCCEEDED, "make it an oil painting")
        assert job.request.inputs == (picture("here"),)
        assert len(stage.backend.book) == 1


@virtual
@pytest.mark.parametrize("words", ["yes", "again", "/retry"])
async def test_the_same_picture_is_not_paid_for_twice(words: str) -> None:
    async with opened(parts()) as stage:
        stage.backend.submits.append(Call(Refused(Reason.CONTENT_INPUT)))
        await shows(stage, "odd", "make it an oil painting")
        await stage.platform.say(words)
        await stage.settled()
        assert len(await stage.jobs()) == 1
        assert "send me another one" in stage.platform.last(Kind.TEXT).text


@virtual
async def test_a_picture_that_comes_long_after_is_a_picture_and_no_answer() -> None:
    async with opened(parts()) as stage:
        await shows(stage, "gone", "make it an oil painting", known=False)
        await stage.house.parts.clock.sleep(700)
        assert len(await shows(stage, "here")) == 1
        assert "Got your picture" in stage.platform.last(Kind.TEXT).text


@virtual
async def test_where_there_was_no_picture_none_is_blamed() -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.BAD_INPUT))
        await stage.platform.say("draw a cat")
        await stage.settled()
        failure = stage.platform.last(Kind.FAILURE)
        assert "picture you sent" not in failure.text
        assert len(failure.actions) == 4


# A picture without words -------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize("words", ["变成油画", "make it an oil painting"])
async def test_what_is_said_after_a_picture_without_words_is_about_that_picture(words: str) -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        await shows(stage, "mine")
        assert stage.texts()[-1].startswith(("收到图片了", "Got your picture"))
        await stage.platform.say("thanks")
        await stage.platform.say(words)
        await stage.settled()
        [_, job] = await stage.jobs()
        assert [media.path.name for media in job.request.inputs] == [picture("mine").path.name]
        # From now on "it" is what was drawn.
        await stage.platform.say(words)
        await stage.settled()
        [_, before, last] = await stage.jobs()
        assert last.request.inputs == before.results


@virtual
async def test_a_picture_without_words_is_forgotten_and_is_nobody_elses() -> None:
    async with opened(parts()) as stage:
        await shows(stage, "mine")
        await stage.platform.say("make it an oil painting", who="bob")
        await asyncio.sleep(700)
        await stage.platform.say("make it an oil painting")
        await stage.settled()
        assert await stage.jobs() == []
        assert stage.texts()[-2:] == ["Which picture? Reply to it, or send it to me"] * 2


@virtual
async def test_what_is_new_is_not_drawn_after_a_picture_without_words() -> None:
    async with opened(parts()) as stage:
        await shows(stage, "mine")
        await stage.platform.say("draw a fox in the snow")
        await stage.settled()
        [job] = await stage.jobs()
        assert (job.request.task, job.request.inputs) == ("text_to_image", ())
