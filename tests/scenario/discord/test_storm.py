"""A house before a simulated Discord on its worst day: jobs run twenty times as fast, and everything breaks.

What people must see all the same: one acknowledgement, one start, progress that only rises and is settled,
one end; nobody's telephone rings but the asker's, and Discord sees no rule broken.
"""

import asyncio
import random
import re
from pathlib import Path

import pytest

from bot.engine.warmup import read_words
from tests.scenario.discord.theatre import HASTE, Theatre
from tests.simulators.discord import Discord
from tests.simulators.discord.faults import What
from tests.simulators.discord.state import Channel, Message
from tests.simulators.discord.transcript import shown

ROUTES = ("message.create", "message.edit", "message.list", "callback", "answer.get", "answer.edit")
TROUBLE: tuple[What, ...] = ("lose", "drop", "status", "limit")
#: What each of the six asks for: in English or Chinese, by mention or by command.
WISHES = (
    "draw a fox in the snow",
    "画一只在雪地里的狐狸",
    "/a lighthouse",
    "/月亮上的兔子",
    "a red car",
    "画一座雪山",
)


class Weather:
    """Breaks something every now and then."""

    def __init__(self, discord: Discord, seed: int) -> None:
        self.story: list[str] = []
        self._discord = discord
        self._dice = random.Random(seed)

    async def strike(self) -> None:
        discord, dice = self._discord, self._dice
        await asyncio.sleep(dice.uniform(0.02, 0.12))
        what = dice.choice(("fault", "fault", "fault", "storm", "cut", "reconnect", "invalidate", "twice"))
        self.story.append(what)
        match what:
            case "fault":
                route, trouble = dice.choice(ROUTES), dice.choice(TROUBLE)
                self.story.append(f"{trouble} {route}")
                discord.fail(route, trouble, times=dice.randint(1, 2), seconds=0.05)
            case "storm":
                discord.fail("*", "limit", times=5, seconds=0.05)
            case "cut":
                discord.gateway.cut()
            case "reconnect":
                await discord.gateway.reconnect()
            case "invalidate":
                await discord.gateway.invalidate(resumable=dice.random() < 0.5)
            case _:
                discord.gateway.duplicate = not discord.gateway.duplicate


async def asked(discord: Discord, room: Channel, wish: str) -> None:
    person = discord.person(f"Person {room.name}", locale="zh-CN" if wish[-1] > "z" else "en-US")
    if wish.startswith("/"):
        await person.slash("imagine", room, prompt=wish[1:])
    else:
        await person.says(f"@Inkling {wish}", room)


def kind(message: Message) -> str:
    """What a message of the bot is, by its colour; an acknowledgement and a settled progress have none."""
    colours = {0x5865F2: "start", 0xF0B232: "progress", 0x3BA55D: "success", 0xED4245: "failure"}
    found = [embed.get("color") for embed in message.embeds] + [
        c.get("accent_color") for c in message.components
    ]
    named = [colours[colour] for colour in found if colour in colours]
    if named:
        return named[0]
    return "settled" if message.content.startswith("-# ") else "ack"


def percents(message: Message) -> list[int]:
    """What a progress message has shown, oldest first."""
    texts = [str(version["embeds"]) for version in message.versions]
    return [int(match[1]) for text in texts if (match := re.search(r"(\d+)%", text))]


async def over(discord: Discord, places: list[Channel], weather: Weather) -> None:
    """Wait until every room has its end, and nothing stands half-way."""

    def done(room: Channel) -> bool:
        kinds = [kind(message) for message in discord.said(room)]
        return "success" in kinds and "progress" not in kinds

    for _ in range(1500):
        if all(done(room) for room in places):
            return
        await asyncio.sleep(0.02)
    lines = [line for room in places for line in discord.transcript(room)]
    raise AssertionError((weather.story, lines))


@pytest.mark.parametrize("seed", range(2))
async def test_a_storm_is_not_seen_in_the_channels(tmp_path: Path, seed: int) -> None:
    # The storm comes over a bot that is up: in its first half second whoever writes waits for the words.
    await asyncio.to_thread(read_words)
    async with Discord() as discord:
        discord.rest.haste = HASTE
        theatre, weather = Theatre(tmp_path, discord), Weather(discord, seed)
        places: list[Channel] = []
        for act in range(3):
            async with theatre.open():
                if act == 0:
                    places = await discord.open_rooms(len(WISHES))
                    await asyncio.gather(
                        *(asked(discord, *pair) for pair in zip(places, WISHES, strict=True))
                    )
                for _ in range(2):
                    await weather.strike()
                weather.story.append("restart")
                discord.faults.waiting.clear()
        async with theatre.open():
            await over(discord, places, weather)
        for room in places:
            said = discord.said(room)
            kinds = [kind(message) for message in said]
            story = (weather.story, discord.transcript(room))
            assert [kinds.count(one) for one in ("ack", "start", "success", "failure")] == [1, 1, 1, 0], story
            assert kinds.count("settled") <= 1, story
            assert kinds[:2] == ["ack", "start"], story
            for message in said:
                rising = percents(message)
                assert rising == sorted(rising), story
                assert all(percent <= 95 for percent in rising), story
                assert "None" not in shown(discord.world, message), story
        assert discord.pings == []
        assert discord.violations == [], weather.story
