"""The same dialogue with every backend: words to picture, picture to picture, failure, loss, restart."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.job import Job, Outcome
from bot.message import Kind, Price
from bot.runner import Limits
from tests.scenario.backends.faults import FAULTS
from tests.scenario.backends.kinds import KINDS
from tests.scenario.backends.world import World, begun, files, in_world, said
from tests.simulators.ima import ImaService

every_backend = pytest.mark.parametrize("name", KINDS)


@every_backend
@in_world
async def test_a_picture_from_words_and_then_from_that_picture(name: str, folder: Path) -> None:
    async with begun(name, folder) as world:
        await world.platform.say("画一只戴帽子的猫")
        (drawn,) = await world.settled()
        assert world.platform.kinds(drawn.id) == [Kind.ACK, Kind.START, Kind.PROGRESS, Kind.SUCCESS]
        end = world.end_of(drawn.id)
        assert len(end.media) == KINDS[name].pictures
        assert all(media.path.is_file() for media in end.media)
        assert all(media.link and media.link in end.text for media in end.media)
        await world.reply("把它变成油画", drawn)
        _, edited = await world.settled()
        assert (edited.outcome, edited.request.task) == (Outcome.SUCCEEDED, "image_to_image")
        assert edited.request.inputs == drawn.results[:1]
        assert edited.results[0].path != drawn.results[0].path
        assert [len(world.bill(job)) for job in (drawn, edited)] == [1, 1]


@every_backend
@in_world
async def test_a_failed_picture_is_told_with_ways_out_and_the_next_try_draws(name: str, folder: Path) -> None:
    async with begun(name, folder) as world:
        FAULTS["it fails"].happen(world)
        await world.platform.say("draw a cat with a hat")
        (failed,) = await world.settled()
        end = world.end_of(failed.id)
        assert (end.kind, said(end, "reason.generation_failed")) == (Kind.FAILURE, True)
        world.platform.press(end.actions[0])
        _, again = await world.settled_after(1)
        assert again.outcome is Outcome.SUCCEEDED
        assert again.parent == failed.id


@every_backend
@in_world
async def test_what_takes_for_ever_ends_and_is_never_ordered_twice(name: str, folder: Path) -> None:
    async with begun(name, folder, Limits(patience=400)) as world:
        world.slowly(100_000)
        await world.platform.say("画一只戴帽子的猫")
        (job,) = await world.settled()
        end = world.end_of(job.id)
        # jimeng-api answers only when it is done: what has become of it nobody can tell.
        lost = name == "jimeng_api"
        assert job.outcome is (Outcome.UNKNOWN if lost else Outcome.FAILED)
        assert said(end, "reason.unknown_outcome" if lost else "reason.timeout")
        assert 400 <= job.finished_at - job.submitted_at < (1300 if lost else 500)
        percents = [entry.message.percent for entry in world.platform.transcript if entry.message.percent]
        assert percents == sorted(percents)
        assert max(percents) == 95
        assert len(world.bill(job)) == 1


@every_backend
@in_world
async def test_a_lost_answer_is_found_or_told_and_the_next_picture_comes(name: str, folder: Path) -> None:
    async with begun(name, folder) as world:
        FAULTS["the answer is lost"].happen(world)
        await world.platform.say("画一只戴帽子的猫")
        (job,) = await world.settled()
        assert job.outcome is (Outcome.SUCCEEDED if KINDS[name].findable else Outcome.UNKNOWN)
        assert len(world.bill(job)) == 1
        await world.platform.say("画一只穿靴子的狗")
        _, next_one = await world.settled()
        assert next_one.outcome is Outcome.SUCCEEDED
        assert len(world.bill(next_one)) == 1


@every_backend
@in_world
async def test_a_kill_while_running_loses_nothing_and_repeats_nothing(name: str, folder: Path) -> None:
    async with begun(name, folder) as world:
        await world.platform.say("画一只戴帽子的猫")
        await world.until(lambda: Kind.PROGRESS in world.platform.kinds())
        await world.kill()
        shown = len(world.platform.transcript)
        await world.open()
        (job,) = await world.settled()
        assert job.outcome is (Outcome.UNKNOWN if name == "jimeng_api" else Outcome.SUCCEEDED)
        assert len(world.bill(job)) == 1
        assert world.platform.kinds(job.id).count(Kind.PROGRESS) == 1
        assert world.platform.kinds(job.id).count(Kind.START) == 1
        assert len(world.platform.transcript) > shown
        assert _standing_settled(world, job)


def _standing_settled(world: World, job: Job) -> bool:
    """Nothing is left standing half-way."""
    return all(
        message.settled
        for message in world.platform.standing.values()
        if message.job == job.id and message.kind in (Kind.START, Kind.PROGRESS)
    )


@every_backend
@in_world
async def test_pictures_are_fetched_once_and_stay_after_the_links_have_died(name: str, folder: Path) -> None:
    async with begun(name, folder) as world:
        world.service.link_seconds = 60
        await world.platform.say("画一只戴帽子的猫")
        (drawn,) = await world.settled()
        kept = files(folder)
        await asyncio.sleep(100)
        await world.reply("把它变成油画", drawn)
        _, edited = await world.settled()
        assert edited.outcome is Outcome.SUCCEEDED
        assert kept < files(folder)
        fetched = [seen.path for seen in world.service.requests if seen.path.startswith("/files/")]
        assert len(fetched) == len(set(fetched))


@in_world
async def test_what_ima_made_smaller_is_told_with_its_price(folder: Path) -> None:
    async with begun("ima", folder) as world:
        assert isinstance(world.service, ImaService)
        world.service.sickly["4K"] = (500, "Internal server error")
        await world.platform.say("用香蕉画一只戴帽子的猫，4K")
        await asyncio.sleep(15)
        (job,) = await world.jobs()
        assert (job.price, job.request.size) == (Price(10, "points"), "2K")
        (start,) = world.platform.sent(job.id, Kind.START)
        assert "13 积分" in start.message.text
        assert "10 积分" in world.platform.standing[start.ref.id].text
        await world.settled()
        assert "10 积分" in world.end_of(job.id).text
        assert [charge.amount for charge in world.bill(job)] == [10]


@in_world
async def test_a_price_that_rose_is_asked_first(folder: Path) -> None:
    async with begun("ima", folder) as world:
        assert isinstance(world.service, ImaService)
        tree = world.service.catalogue
        world.service.catalogue = lambda task: dearer(tree(task))
        # Older than what is kept of the list: what a person is told is older than what is ordered.
        await asyncio.sleep(580)
        await world.platform.say("画一只戴帽子的猫")
        (job,) = await world.settled()
        end = world.end_of(job.id)
        assert said(end, "reason.price_rose")
        assert world.bill(job) == []
        assert "SeeDream 4.5 现在要 6 积分，之前是 5 积分" in end.text
        world.platform.press(end.actions[0])
        _, again = await world.settled_after(1)
        assert (again.outcome, again.price) == (Outcome.SUCCEEDED, Price(6, "points"))
        assert [charge.amount for charge in world.bill(again)] == [6]


def dearer(tree: Any) -> Any:
    """The same catalogue with everything a point dearer."""
    for group in tree:
        for leaf in group["children"]:
            for rule in leaf["credit_rules"]:
                rule["points"] += 1
    return tree


@in_world
async def test_a_bare_jimeng_is_its_newest_model_and_may_be_remembered(folder: Path) -> None:
    async with begun("jimeng_web", folder) as world:
        await world.platform.say("用即梦画一只戴帽子的猫")
        (job,) = await world.settled()
        assert (job.model, job.request.prompt) == ("jimeng-5.0", "一只戴帽子的猫")
        await world.platform.say("我现在用的是哪个模型？")
        await asyncio.sleep(1)
        assert "即梦" in world.platform.last(Kind.TEXT).text
        await world.platform.say("画一只穿靴子的狗")
        assert [job.model for job in await world.settled()] == ["jimeng-5.0"] * 2
