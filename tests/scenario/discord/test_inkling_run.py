"""Whole evenings in a Discord channel, with the bot as it is run."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.platforms.stage import png
from tests.scenario.discord.process import Bot, until
from tests.simulators.discord import Discord


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as simulator:
        simulator.rest.haste = 20.0
        yield simulator


@pytest.fixture
async def bot(discord: Discord, tmp_path: Path) -> AsyncIterator[Bot]:
    made = Bot(discord, tmp_path)
    await made.start()
    yield made
    await made.kill()
    assert discord.violations == []
    assert discord.pings == []


async def test_an_evening_in_two_languages(bot: Bot, discord: Discord) -> None:
    ada, bob = discord.person("Ada", locale="zh-CN"), discord.person("Bob")
    cy, dee, eve = discord.person("Cy", locale="zh-CN"), discord.person("Dee"), discord.person("Eve")
    await ada.says("@Inkling 画一只可爱的猫咪，16:9")
    await bob.slash("imagine", prompt="a fox in the snow", count=2)
    await cy.slash("imagine", cy.direct(), prompt="月亮上的兔子", model="Nano Banana 2", ratio="1:1")
    await dee.says("@Inkling edit this: make it night", files=(("photo.png", png(64, 64)),))
    await eve.says("@Inkling demo:points a castle")

    await bot.sees("↩ Ada", "好的！")
    await bot.sees("↩ Ada", "🎨 开始生成图片，请稍候…")
    await bot.sees("↩ Ada", "✅", "[image]", "(再来一张)")
    await bot.sees("@Bob", "2 pictures are ready", "[gallery of 2]")
    await bot.sees("✅", "Nano Banana 2", channel=cy.direct())
    await bot.sees("↩ Dee", "Your picture is ready")
    await bot.sees("↩ Eve", "❌", "(Try Nano Banana 2 (6 points))")

    (gallery,) = [message for message in discord.said() if len(message.files) == 2]
    await dee.says("make it an oil painting", reply_to=gallery)
    await bot.sees("↩ Dee", "Your picture is ready", times=2)
    assert not discord.interactions.failed()


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


async def test_every_button_works_for_its_owner_and_for_others(bot: Bot, discord: Discord) -> None:
    ada, bob = discord.person("Ada"), discord.person("Bob")
    await ada.slash("imagine", prompt="a fox in the snow")
    await bot.sees("Your picture is ready")
    result = discord.said()[-1]

    form = await ada.presses(result, "Edit")
    await until(lambda: form.modal is not None, bot)
    await ada.submits(form, "make it an oil painting")
    await ada.chooses(result, "Midjourney")
    await bob.presses(result, "Once more")
    await until(lambda: any("(Draw this too)" in line for line in discord.transcript(viewer=bob)), bot)
    offer = next(m for m in discord.said() if m.seen_by == bob.user.id and m.components)
    await bob.presses(offer, "Draw this too")
    await bot.sees("@Bob", "Your picture is ready")
    await bot.sees("Your 4 pictures are ready", "**Model**: Midjourney")
    await bot.sees("Your picture is ready", times=3)

    await ada.presses(result, "Delete")
    await until(lambda: result.deleted, bot)


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
    for number, words in ((1, "OK!"), (2, "Starting your picture"), (1, "is ready")):
        await ada.says("@Inkling draw a fox in the snow")
        await bot.sees(words, times=number)
        await bot.kill()
        await bot.start()
    await bot.sees("is ready", times=3)
    await asyncio.sleep(0.5)
    lines = discord.transcript()
    assert [sum(words in line for line in lines) for words in ("OK!", "Starting", "is ready")] == [3, 3, 3]


async def test_a_rush_of_commands_is_answered_in_time(bot: Bot, discord: Discord) -> None:
    channels = [discord.world.new_channel(f"room-{number}", discord.guild) for number in range(10)]
    for channel in channels:
        await discord.gateway.dispatch("CHANNEL_CREATE", discord.wire.channel(channel))
    rush = [
        await discord.person(f"Person {number}").slash("imagine", channels[number % 10], prompt="a fox")
        for number in range(100)
    ]
    await until(lambda: all(one.answered and not one.pending for one in rush), bot)
    assert discord.interactions.failed() == []
    waits = sorted(one.answered_at - one.created for one in rush)
    assert waits[98] < 2.5


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
