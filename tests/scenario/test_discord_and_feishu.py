"""Discord and Feishu at once in one house: fifty people, and every promise is kept to each of them."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from adapters.backends.demo import Demo
from adapters.database.sqlite import Sqlite
from adapters.media import MediaStore
from adapters.platforms.discord.platform import DiscordPlatform
from adapters.platforms.feishu.platform import FeishuPlatform, Means
from bot.app import House, Parts
from bot.app.menu import Menu
from bot.job import Job, Outcome, State
from bot.ledger.rows import COLUMNS, from_row
from bot.metrics import Metrics
from bot.settings import read
from tests.scenario.feishu.bot import FastClock
from tests.simulators.discord import Discord
from tests.simulators.discord.state import Channel
from tests.simulators.feishu import FeishuSimulator, Shown

#: So much faster time runs.
SPEED = 25.0
EACH = 25
PATIENCE = 60.0
WISHES = (
    "画一只可爱的猫咪",
    "draw a fox in the snow",
    "用 Nano Banana Pro 画一座雪山",
    "draw a castle demo:points",
    "画一只狗 demo:lost",
)
#: What a message is, by how it begins.
KINDS = {"ack": "好的|OK", "start": "🎨", "progress": "⏳|✓", "end": "✅|❌"}


class Heard(NamedTuple):
    """What one person was told: everything that each message ever showed, oldest first."""

    messages: list[list[str]]

    def of(self, kind: str) -> list[list[str]]:
        return [shown for shown in self.messages if re.match(KINDS[kind], shown[0])]

    @property
    def percents(self) -> list[int]:
        shown = (text for message in self.of("progress") for text in message)
        return [int(found[1]) for text in shown if (found := re.search(r"(\d+)\s?%", text))]


@dataclass
class Evening:
    """Both services, the house between them, and everybody who asked for something."""

    discord: Discord
    feishu: FeishuSimulator
    house: House
    demo: Demo
    channels: list[Channel]

    async def all_ask(self) -> None:
        """Everybody at once, on either side; a third of those in Feishu in two groups."""
        world, people = self.feishu.world, self.feishu.people
        groups = [world.add_chat("group", f"Group {number}") for number in range(2)]
        for number in range(EACH):
            wish = WISHES[number % len(WISHES)]
            person = world.add_user(f"Ada {number}")
            if number % 3:
                people.say(world.private_chat(person.open_id), person, wish)
            else:
                people.say(groups[number % 2], person, wish, at_bot=True)
            # Discord's simulator keeps the wall's time: nobody shall seem late by it.
            self.discord.world.offset = self.house.parts.clock.now() - time.time()
            bob = self.discord.person(f"Bob {number}")
            await bob.says(f"@Inkling {wish}", self.channels[number])

    async def jobs(self) -> list[Job]:
        rows = await self.house.parts.database.rows(f"SELECT {COLUMNS} FROM jobs")
        return [from_row(row) for row in rows]

    async def over(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while len([job for job in await self.jobs() if job.state is State.ENDED]) < 2 * EACH:
                await asyncio.sleep(0.1)
        await self.house.outbox.flush()

    def heard(self) -> Iterator[Heard]:
        """Everybody's part."""
        answers: dict[str, list[list[str]]] = {}
        for message in self.feishu.said():
            answers.setdefault(message.parent, []).append([_text(shown) for shown in message.versions])
        yield from map(Heard, answers.values())
        for channel in self.channels:
            said = self.discord.said(channel)
            yield Heard([[_words(one) for one in (*m.versions, m.snapshot())] for m in said])


def _text(shown: Shown) -> str:
    return f"{shown.title}\n{shown.text}".strip()


def _words(message: dict[str, Any]) -> str:
    """What a message of Discord says, without its mention."""
    parts = [message["content"]]
    parts += [f"{embed.get('title', '')}\n{embed.get('description', '')}" for embed in message["embeds"]]
    parts.append(orjson.dumps(message["components"]).decode() if not any(parts) else "")
    return re.sub(r"^(<@\d+>\s*|-# |.*?\"content\":\"(### )?(?=✅))", "", "\n".join(parts).strip())


@asynccontextmanager
async def evening(folder: Path) -> AsyncIterator[Evening]:
    async with FeishuSimulator(speed=SPEED) as feishu, Discord() as discord:
        discord.rest.haste = SPEED
        clock = FastClock(feishu.world.began, SPEED)
        settings = read(
            {
                "DATA_DIR": str(folder),
                "DEMO": "1",
                "DISCORD_TOKEN": discord.token,
                "DISCORD_API_BASE": discord.api_base,
                "FEISHU_APP_ID": feishu.world.app_id,
                "FEISHU_APP_SECRET": feishu.world.app_secret,
                "FEISHU_DOMAIN": feishu.domain,
            }
        )
        assert settings.discord
        assert settings.feishu
        database = await Sqlite.open(settings.database)
        media, metrics, menu = MediaStore(folder / "media", clock=clock), Metrics(), Menu()
        demo = Demo(folder / "demo", media, clock, draw=False, limit=20)
        platforms = (
            DiscordPlatform(settings.discord, media, clock, menu),
            FeishuPlatform(settings.feishu, Means(database, media, metrics, clock, menu)),
        )
        house = House(Parts(settings, clock, metrics, database, (demo,), platforms, media, menu=menu))
        channels = [discord.world.new_channel(f"room-{number}", discord.guild) for number in range(EACH)]
        await house.start()
        async with asyncio.timeout(PATIENCE):
            while not all(platform.connected for platform in platforms) or not discord.world.commands:
                await asyncio.sleep(0.05)
        yield Evening(discord, feishu, house, demo, channels)
        await house.stop(0.0)
        for part in (*platforms, demo, media, database):
            await part.close()


async def test_fifty_people_on_both_sides_are_each_told_everything_once_and_billed_once(
    tmp_path: Path,
) -> None:
    async with evening(tmp_path) as both:
        await both.all_ask()
        await both.over()
        heard, jobs = list(both.heard()), await both.jobs()
        book = await both.demo._book.entries()

    assert len(heard) == 2 * EACH
    for one in heard:
        assert [len(one.of(kind)) for kind in ("ack", "start", "end")] == [1, 1, 1], one.messages
        assert len(one.of("progress")) <= 1, one.messages
        assert one.percents == sorted(one.percents), one.messages
        assert all(percent <= 95 for percent in one.percents), one.messages
        assert all("%" not in message[-1] for message in one.of("progress")), one.messages
    assert sum(bool(one.percents) for one in heard) >= EACH
    assert sum("❌" in one.of("end")[0][0] for one in heard) == 2 * EACH // len(WISHES)
    for simulator in (both.feishu, both.discord):
        assert not simulator.violations
    assert not both.discord.pings
    assert not any(shown.mentions for message in both.feishu.said() for shown in message.versions)

    drawn = [job for job in jobs if job.outcome is Outcome.SUCCEEDED]
    assert len(drawn) == 2 * EACH * 4 // len(WISHES)
    assert len(book) == len({entry.reference for entry in book}) == len(drawn)
    assert sum(entry.charge for entry in book) == sum(job.price.amount for job in drawn if job.price)
