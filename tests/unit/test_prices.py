"""Nobody pays more than they were told: what has become dearer is asked first, with its price of now."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import GenerationFailed, Reason
from bot.message import Action, Kind, Press, Price
from tests.fakes import FakeBackend, FakePlatform, MemoryDatabase, Stage, kill, opened, parts, virtual


def newest(stage: Stage, press: Press) -> Action:
    """The newest button of this kind."""
    standing = [stage.platform.standing[entry.ref.id] for entry in stage.platform.sent()]
    return next(
        action for message in reversed(standing) for action in message.actions if action.press is press
    )


def dearer(stage: Stage, points: float) -> None:
    """From now on everything costs so much."""
    stage.backend.offered = tuple(
        replace(offer, prices=(("", Price(points, "points")),)) for offer in stage.backend.offered
    )


@virtual
async def test_a_button_that_has_become_dearer_asks_again_with_the_price_of_now() -> None:
    platform, database = FakePlatform(), MemoryDatabase()
    async with opened(parts(platform, database=database)) as stage:
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.say("draw a cat")
        await stage.settled()
        dearer(stage, 20)
        await stage.house.offers.refresh()
        stage.platform.press(newest(stage, Press.SWITCH))
        await asyncio.sleep(1)
        assert len(stage.backend.asked) == 1
        assert "costs 20 points this time, not 6 points" in stage.platform.last(Kind.TEXT).text
        await kill()
    backend = FakeBackend()
    async with opened(parts(platform, (backend,), database)) as stage:
        dearer(stage, 20)
        await stage.house.offers.refresh()
        await stage.platform.say("yes")
        await stage.settled()
        assert (await stage.jobs())[-1].price == Price(20, "points")
        assert len(backend.book) == 1


@virtual
@pytest.mark.parametrize("words", ["yes", "好", "/retry"])
async def test_a_typed_yes_to_an_offer_that_has_become_dearer_is_asked_again(words: str) -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.say("draw a cat")
        await stage.settled()
        dearer(stage, 20)
        await stage.house.offers.refresh()
        await stage.platform.say(words)
        await asyncio.sleep(1)
        assert len(stage.backend.asked) == 1
        asked = stage.platform.last(Kind.TEXT).text
        assert "20" in asked
        assert "6" in asked
        await stage.platform.say(words)
        await stage.settled()
        assert (await stage.jobs())[-1].price == Price(20, "points")


@virtual
async def test_a_typed_yes_takes_the_model_that_was_offered_whatever_has_come_on_offer_since() -> None:
    async with opened(parts()) as stage:
        everything = stage.backend.offered
        stage.backend.offered = tuple(one for one in everything if one.model != "gemini-3.1-flash-image")
        await stage.house.offers.refresh()
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert "Midjourney" in stage.platform.last(Kind.FAILURE).text
        stage.backend.offered = everything
        await stage.house.offers.refresh()
        await stage.platform.say("yes")
        await stage.settled()
        assert (await stage.jobs())[-1].model == "midjourney"


@virtual
async def test_a_yes_to_a_price_that_rose_is_a_yes_to_that_price_and_no_other() -> None:
    async with opened(parts()) as stage:
        dearer(stage, 9)
        await stage.platform.say("draw a cat")
        await stage.settled()
        assert "costs 9 points now" in stage.platform.last(Kind.FAILURE).text
        dearer(stage, 30)
        await stage.house.offers.refresh()
        await stage.platform.say("yes")
        await asyncio.sleep(1)
        assert stage.backend.book == []
        assert "costs 30 points this time, not 9 points" in stage.platform.last(Kind.TEXT).text


@virtual
@pytest.mark.parametrize("press", [Press.AGAIN, Press.RETRY])
async def test_once_more_at_a_higher_price_is_asked_first_and_the_new_button_draws(press: Press) -> None:
    async with opened(parts()) as stage:
        if press is Press.RETRY:
            stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.say("draw a cat")
        await stage.settled()
        dearer(stage, 7)
        await stage.house.offers.refresh()
        stage.platform.press(newest(stage, press))
        await asyncio.sleep(3)
        assert "costs 7 points this time, not 5 points" in stage.platform.last(Kind.TEXT).text
        stage.platform.press(newest(stage, Press.SWITCH))
        await asyncio.sleep(1)
        await stage.settled()
        assert [job.price for job in await stage.jobs() if job.reason is None] == [
            *([Price(5, "points")] if press is Press.AGAIN else []),
            Price(7, "points"),
        ]


@virtual
async def test_what_became_cheaper_is_drawn_without_a_question() -> None:
    async with opened(parts()) as stage:
        await stage.platform.say("draw a cat")
        await stage.settled()
        dearer(stage, 1)
        await stage.house.offers.refresh()
        stage.platform.press(newest(stage, Press.AGAIN))
        await asyncio.sleep(1)
        await stage.settled()
        assert [job.price for job in await stage.jobs()] == [Price(5, "points"), Price(1, "points")]


@virtual
async def test_a_price_that_rose_is_told_with_a_button_that_takes_it() -> None:
    async with opened(parts()) as stage:
        stage.backend.limit = 0
        await stage.platform.say("draw a cat")
        await asyncio.sleep(5)
        dearer(stage, 7)
        await stage.house.offers.refresh()
        stage.house.runner.review()
        await stage.settled()
        end = stage.platform.last(Kind.FAILURE)
        assert "SeeDream 4.5 costs 7 points now; it was 5 points" in end.text
        assert end.actions[0].label == "Use SeeDream 4.5 (7 points)"
        stage.backend.limit = 8
        await stage.platform.say("yes")
        await stage.settled()
        drawn = (await stage.jobs())[-1]
        assert (drawn.model, drawn.price) == ("doubao-seedream-4.5", Price(7, "points"))


@virtual
async def test_somebody_else_draws_with_the_model_and_at_the_price_they_were_told() -> None:
    async with opened(parts()) as stage:
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.say("draw a cat", who="ann", chat="room")
        await stage.settled()
        stage.platform.press(newest(stage, Press.SWITCH), who="bob", chat="room")
        await asyncio.sleep(1)
        assert "6 积分" in stage.platform.last(Kind.TEXT).text
        stage.platform.press(newest(stage, Press.DRAW), who="bob", chat="room")
        await asyncio.sleep(1)
        await stage.settled()
        drawn = (await stage.jobs())[-1]
        assert (drawn.person.id, drawn.model) == ("bob", "gemini-3.1-flash-image")
