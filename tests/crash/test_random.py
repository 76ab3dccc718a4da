"""Twenty pictures at once, `kill -9` at any moment, again and again."""

import asyncio
import os
import random
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.crash.nursery import Nursery
from tests.crash.witness import Bot, Person, judge, judge_ledger, settled, somebody

pytestmark = pytest.mark.crash

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "6"))
PEOPLE = 10
EACH = 2
#: Real seconds of a life, at most: about as long as a picture takes.
LONGEST_LIFE = 0.7
SUBJECTS = "猫狗马牛羊鱼鸟虎龙兔"


async def one_life(bot: Bot, people: list[Person], chance: random.Random) -> None:
    """Everybody resends what was lost, asks for what is missing to twenty, and then it is over."""
    alive = asyncio.create_task(asyncio.sleep(chance.uniform(0.02, LONGEST_LIFE)))
    work = [asyncio.create_task(person.watch()) for person in people]
    work += [asyncio.create_task(ask(person, chance)) for person in people]
    await alive
    await bot.die()
    for task in work:
        task.cancel()
    await asyncio.wait(work)


async def ask(person: Person, chance: random.Random) -> None:
    await person.resend()
    for _ in range(EACH):
        await asyncio.sleep(chance.uniform(0, 0.1))
        await person.say(f"画一只{chance.choice(SUBJECTS)}")


@pytest.mark.parametrize("can_find", [True, False], ids=["looks-up", "forgetful"])
async def test_kills_at_any_moment_lose_nothing_and_double_nothing(
    can_find: bool, nursery: Nursery, tmp_path: Path
) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    bot = Bot(nursery, tmp_path, can_find=can_find)
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(somebody(bot)) for _ in range(PEOPLE)]
        for number in range(ROUNDS if can_find else ROUNDS // 2):
            assert await bot.start()
            if not number:
                await asyncio.gather(*(person.enter() for person in people))
            await one_life(bot, people, chance)
        assert await bot.start()
        await asyncio.gather(*(person.resend() for person in people))
        await settled(bot)
        ends = [end for person in people for end in (await judge(person)).values()]
        outcomes = judge_ledger(bot)
        jobs = [row[0] for row in bot.rows("SELECT json_extract(data, '$.address.reply_to') FROM jobs")]
        refused = bot.rows("SELECT COUNT(*) FROM web_messages WHERE json_extract(body, '$.kind') = 'text'")
        said = [id_ for person in people for id_ in person.said.values()]
        assert len(jobs) + refused[0][0] == len(said) > 0
        assert set(jobs) <= set(said)
        assert sorted(ends) == sorted("success" if one == "succeeded" else "failure" for one in outcomes)
        assert set(outcomes) <= ({"succeeded"} if can_find else {"succeeded", "unknown"})
    await bot.die()
