"""Two backends that serve the same models: who is asked, who stands in, who is rested and comes back."""

import asyncio
from pathlib import Path

from bot.job import Job, Outcome
from bot.message import Kind
from bot.offers import FIRST_REST, STRIKES
from tests.scenario.backends.world import TEXTS, World, begun, in_world
from tests.simulators.service import FOREVER

#: All of them serve Jimeng 4.0, and the cloud little more.
SITE, SERVICE, CLOUD = "jimeng_web", "jimeng_api", "volcengine"
ORDER = "POST /mweb/v1/aigc_draft/generate"


def _paid(world: World, job: Job) -> tuple[int, int]:
    """How often either side has charged for a job."""
    assert world.other is not None
    theirs = [one for one in world.other.service.book.charges if one.reference == job.request.prompt]
    return len(world.bill(job)), len(theirs)


async def _drawn(world: World, text: str, who: str) -> Job:
    await world.platform.say(text, who=who)
    return (await world.settled())[-1]


@in_world
async def test_another_stands_in_where_the_order_was_not_taken_and_only_there(folder: Path) -> None:
    async with begun(SITE, folder, beside=SERVICE) as world:
        job = await _drawn(world, "画一只戴帽子的猫", "ada")
        assert (job.backend, _paid(world, job)) == (SITE, (1, 0))
        world.service.fail(ORDER, "status", status=429)
        job = await _drawn(world, "画一只穿靴子的狗", "bob")
        assert (job.backend, job.outcome, _paid(world, job)) == (SERVICE, Outcome.SUCCEEDED, (0, 1))
        # Taken on, and the answer lost: it is found where it was ordered, and ordered nowhere else.
        world.service.fail(ORDER, "drop_after")
        job = await _drawn(world, "画一只吹号的鹅", "eve")
        assert (job.backend, job.outcome, _paid(world, job)) == (SITE, Outcome.SUCCEEDED, (1, 0))


@in_world
async def test_after_a_lost_answer_that_nobody_can_find_no_other_is_asked(folder: Path) -> None:
    async with begun(SERVICE, folder, beside=SITE) as world:
        world.service.fail("POST /v1/images/generations", "drop_after")
        job = await _drawn(world, "画一只戴帽子的猫", "ada")
        assert (job.backend, job.outcome) == (SERVICE, Outcome.UNKNOWN)
        assert world.other is not None
        assert world.other.service.book.charges == []


@in_world
async def test_who_keeps_failing_is_rested_told_so_and_comes_back(folder: Path) -> None:
    async with begun(SITE, folder, beside=CLOUD) as world:
        assert world.other is not None
        world.slowly(1)
        world.other.service.seconds = 1
        world.service.fail(ORDER, "status", FOREVER, status=429)
        for number in range(STRIKES):
            job = await _drawn(world, "用即梦 4.0 画一只戴帽子的猫", f"person-{number}")
            assert (job.backend, job.outcome) == (CLOUD, Outcome.SUCCEEDED)
        # What the other serves too is not resting: the other is asked at once.
        resting = await _resting(world)
        assert "即梦 4.5" in resting
        assert "即梦 4.0" not in resting
        asked = _orders(world)
        job = await _drawn(world, "用即梦 4.0 画一只穿靴子的狗", "bob")
        assert (job.backend, job.outcome) == (CLOUD, Outcome.SUCCEEDED)
        assert _orders(world) == asked
        world.service.heal()
        await asyncio.sleep(FIRST_REST)
        assert await _resting(world) == set()
        job = await _drawn(world, "用即梦 4.0 画一只吹号的鹅", "eve")
        assert (job.backend, job.outcome) == (SITE, Outcome.SUCCEEDED)


def _orders(world: World) -> int:
    return sum(seen.path.endswith("/generate") for seen in world.service.requests)


async def _resting(world: World) -> set[str]:
    """The models that are shown as resting to who asks for all of them."""
    await world.platform.say("有哪些模型", who="asker")
    await asyncio.sleep(1)
    shown = world.platform.last(Kind.TEXT)
    resting = TEXTS.say("zh", "models.resting")
    return {line.label for line in shown.lines if line.text == resting}
