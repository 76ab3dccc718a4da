"""Every fault with every backend: the right sentence, and one truth about the money in three places."""

import asyncio
from pathlib import Path

import pytest

from bot.job import Job, Outcome
from bot.message import Kind
from bot.runner import Limits
from tests.scenario.backends.faults import FAULTS, REST, ROWS, Came, heal
from tests.scenario.backends.world import TEXTS, World, begun, in_world, said


@pytest.mark.parametrize(("fault", "name"), ROWS)
@in_world
async def test_book_ledger_and_chat_agree(fault: str, name: str, folder: Path) -> None:
    async with begun(name, folder, Limits(patience=400)) as world:
        FAULTS[fault].happen(world)
        # Half of the rows in each language, and the two jobs of a row in both.
        chinese = len(fault) % 2
        await world.platform.say("画一只戴帽子的猫" if chinese else "draw a cat with a hat", who="ada")
        (job,) = await world.settled()
        came = FAULTS[fault].came[name]
        agrees(world, job, came)
        heal(world)
        await asyncio.sleep(REST.get(fault, 0))
        await world.platform.say("draw a dog in boots" if chinese else "画一只穿靴子的狗", who="bob")
        _, after = await world.settled()
        agrees(world, after, Came(Outcome.SUCCEEDED, None, 1))


def agrees(world: World, job: Job, came: Came) -> None:
    """The ledger, the service's book and the chat tell the same, and it is what was expected."""
    assert (job.outcome, job.reason, len(world.bill(job))) == (came.outcome, came.reason, came.charges)
    end = world.end_of(job.id)
    if came.outcome is Outcome.SUCCEEDED:
        assert end.kind is Kind.SUCCESS
        assert len(end.media) == len(job.results) >= 1
    else:
        assert end.kind is Kind.FAILURE
        assert said(end, f"reason.{came.reason}")
        assert end.actions
    charged = sum(charge.amount for charge in world.bill(job))
    if job.price is not None and charged:
        assert job.price.amount == charged
    if job.price is not None and came.outcome is Outcome.SUCCEEDED:
        assert f"{TEXTS.say(job.language, 'price.points', n=int(charged))}" in end.text
