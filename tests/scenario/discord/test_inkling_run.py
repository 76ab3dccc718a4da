"""Whole evenings in a Discord channel, with the bot as it is run."""

import asyncio

import pytest

from tests.scenario.discord.process import Bot, until
from tests.simulators.discord import Discord


async def test_every_command_is_answered_to_the_one_who_used_it(bot: Bot, discord: Discord) -> None:
    ada = discord.person("Ada", locale="zh-CN")
    used = [await ada.slash(name) for name in ("help", "credits", "jobs", "model show", "model clear")]
    used += [await ada.slash("model set", model="Midjourney"), await ada.slash("privacy forget")]
    await until(lambda: all(one.answered and not one.pending for one in used), bot)
    assert discord.transcript() == []
    seen = discord.transcript(viewer=ada)
    assert len(seen) == len(used)
    assert any("Midjourney" in line for line in seen)
    await ada.slash("models")
    await bot.sees("Midjourney", "8 积分")
    offered = await ada.types("imagine", "model", "mid", prompt="x")
    assert offered[0]["value"] == "Midjourney"


async def test_a_bad_day_is_not_seen_in_the_channel(bot: Bot, discord: Discord) -> None:
    ada = discord.person("Ada")
    discord.gateway.duplicate = True
    discord.fail("callback", "lose")
    discord.fail("message.create", "lose", times=2)
    discord.fail("message.create", "status", status=503, times=2, after=2)
    discord.fail("message.create", "limit", times=3, after=4, seconds=0.2)
    discord.fail("message.edit", "drop", times=2)
    await ada.slash("imagine", prompt="a fox in the snow")
    discord.gateway.cut()
    await ada.says("@Inkling draw a cat")
    await discord.gateway.reconnect()
    await bot.sees("Your picture is ready", times=2)
    await asyncio.sleep(1.0)
    lines = discord.transcript()
    assert sum("OK!" in line for line in lines) == 2
    assert sum("Starting your picture" in line for line in lines) == 2
    assert sum("is ready" in line for line in lines) == 2


@pytest.mark.crash
async def test_a_power_cut_between_any_two_messages_is_not_seen(bot: Bot, discord: Discord) -> None:
    ada = discord.person("Ada")
    for number, words in enumerate(("OK!", "Starting your picture", "is ready"), 1):
        await ada.says("@Inkling draw a fox in the snow")
        # What was not heard before the cut is not told again: Discord repeats nothing to a new session.
        await bot.sees("OK!", times=number)
        await bot.sees(words)
        await bot.kill()
        await bot.start()
    result = await bot.shows("is ready", times=3)
    await asyncio.sleep(0.5)
    lines = discord.transcript()
    assert [sum(words in line for line in lines) for words in ("OK!", "Starting", "is ready")] == [3, 3, 3]
    await bot.kill()
    await bot.start()
    await ada.presses(result, "Once more")
    await bot.sees("is ready", times=4)


async def test_a_rush_of_commands_is_answered_in_time(bot: Bot, discord: Discord) -> None:
    rooms = await discord.open_rooms(10)
    rush = [
        await discord.person(f"Person {number}").slash("imagine", rooms[number % 10], prompt="a fox")
        for number in range(50)
    ]
    await until(lambda: all(one.answered and not one.pending for one in rush), bot)
    assert discord.interactions.failed() == []


async def test_the_bot_leaves_in_good_order_and_comes_back(bot: Bot, discord: Discord) -> None:
    ada = discord.person("Ada")
    await ada.says("@Inkling draw a fox in the snow")
    await bot.sees("Starting your picture")
    (session,) = discord.gateway.sessions.values()
    await bot.stop()
    assert session.presence is not None
    assert session.presence["status"] == "invisible"
    await bot.start()
    await bot.sees("is ready")
    assert sum("is ready" in line for line in discord.transcript()) == 1
