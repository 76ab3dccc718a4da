"""How long people on Discord wait for an answer, and what it costs: the whole bot beside a bare echo bot.

    python -m benchmarks.answering

Both are processes of their own and log in to a simulated Discord each, which is this process; what is said
alternates between them, so that both have the same noise. The echo bot is what anybody would write first: no
database, no understanding, no pictures. Discord's own limits are switched off: they are far below either.
"""

import asyncio
import json
import os
import resource
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.stage import PLENTY, TEXTS, figures, ms
from tests.simulators.discord import Discord
from tests.simulators.discord.state import Channel, Message

#: Messages that are timed, seconds between two of them, and messages before: what is imported and compiled on
#: first use is nobody's wait.
MESSAGES, PAUSE, WARM = 300, 0.04, 20
#: Commands that come at the same moment.
RUSH = 200
#: Jobs that are followed to their end.
JOBS = 200
CHANNELS = 20
_TICKS = os.sysconf("SC_CLK_TCK")


class Subject:
    """One bot in a process of its own, and the Discord that it is logged in to."""

    def __init__(self, kind: str, discord: Discord) -> None:
        self.kind = kind
        self.discord = discord
        self.channels: list[Channel] = []
        self._process: asyncio.subprocess.Process | None = None
        self._people = 0

    async def start(self, folder: Path) -> None:
        """Return when it hears what is said."""
        discord = self.discord
        discord.rest.limits = False
        names = (f"room-{number}" for number in range(CHANNELS))
        self.channels = [discord.world.new_channel(name, discord.guild) for name in names]
        environment = {
            **os.environ,
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_BASE": discord.api_base,
            "DATA_DIR": str(folder / self.kind),
            "WEB_PORT": "0",
            "DEMO": "1",
        }
        command = [sys.executable, "-m", "benchmarks.answering", self.kind]
        self._process = await asyncio.create_subprocess_exec(*command, env=environment)
        await discord.gateway.ready(30.0)
        await asyncio.sleep(3.0)

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def say(self, number: int) -> Message:
        """Somebody new asks for a picture."""
        self._people += 1
        person = self.discord.person(f"Person {self._people}")
        return await person.says(f"@Inkling {TEXTS[number % len(TEXTS)]}", self.channels[number % CHANNELS])

    async def answer(self, asked: Message) -> float:
        """Seconds from a message to the first one that answers it."""
        messages = self.discord.world.messages
        while True:
            # Ids rise with time: what answers is among the last.
            for message in reversed(messages.values()):
                if message.id < asked.id:
                    break
                if message.reference == asked.id:
                    return message.created - asked.created
            await asyncio.sleep(0.001)

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def memory(self) -> int:
        """Bytes in use."""
        return int(self._proc("statm").split()[1]) * resource.getpagesize()

    def _proc(self, name: str) -> str:
        if self._process is None:
            raise RuntimeError("it does not run")
        return Path(f"/proc/{self._process.pid}/{name}").read_text()


async def measure() -> dict[str, Any]:
    """All of it."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        subjects = [Subject(kind, await stack.enter_async_context(Discord())) for kind in ("echo", "inkling")]
        for subject in subjects:
            stack.push_async_callback(subject.stop)
            await subject.start(folder)
        echo, inkling = subjects
        memory = {f"memory {one.kind} MiB": round(one.memory / 2**20) for one in subjects}
        waits = await _alternately(echo, inkling)
        cpu = [round(await _cost(one) * 1000, 2) for one in subjects]
        rush = await _rush(inkling)
        bare, whole = waits
        return {
            **figures("echo", bare),
            **figures("ack", whole),
            "added p50 ms": round(ms(whole, 0.5) - ms(bare, 0.5), 1),
            "added p99 ms": round(ms(whole, 0.99) - ms(bare, 0.99), 1),
            "CPU ms an echo": cpu[0],
            "CPU ms a job": cpu[1],
            **memory,
            **rush,
            "violations": len(inkling.discord.violations),
        }


async def _alternately(*subjects: Subject) -> list[list[float]]:
    """Seconds to each answer, one bot after the other."""
    waits: list[list[float]] = [[] for _ in subjects]
    for number in range(WARM + MESSAGES):
        for subject, found in zip(subjects, waits, strict=True):
            found.append(await subject.answer(await subject.say(number)))
            await asyncio.sleep(PAUSE)
    return [found[WARM:] for found in waits]


async def _cost(subject: Subject) -> float:
    """Processor seconds of one message and all that comes of it: of an echo, or of a job with its picture."""
    before, began = subject.cpu, len(_ends(subject))
    for number in range(JOBS):
        await subject.say(number)
        await asyncio.sleep(PAUSE)
    while len(_ends(subject)) < began + JOBS:
        await asyncio.sleep(0.05)
    return (subject.cpu - before) / JOBS


def _ends(subject: Subject) -> list[Message]:
    world = subject.discord.world
    mine = [message for message in world.messages.values() if message.author.id == world.bot.id]
    return [message for message in mine if message.files] if subject.kind == "inkling" else mine


async def _rush(subject: Subject) -> dict[str, Any]:
    """Many commands at the same moment."""
    people = [subject.discord.person(f"Rusher {number}") for number in range(RUSH)]
    asked = await asyncio.gather(
        *(
            one.slash("imagine", subject.channels[n % CHANNELS], prompt="a fox")
            for n, one in enumerate(people)
        )
    )
    await subject.discord.interactions.wait_for(lambda: all(one.answered for one in asked), 30.0)
    waits = [one.answered_at - one.created for one in asked]
    expired = len(subject.discord.interactions.failed())
    return {"commands": RUSH, **figures("commands at once", waits), "expired": expired}


# The two bots -------------------------------------------------------------------------------------------


async def echo() -> None:
    """A bare bot that says again what it hears."""
    import discord

    from adapters.clock import SystemClock
    from adapters.platforms.discord.discovery import point_at
    from bot.settings import read

    settings = read(os.environ).discord
    if settings is None:
        raise RuntimeError("no token")
    await point_at(settings, SystemClock())
    intents = discord.Intents(guilds=True, guild_messages=True)
    client = discord.Client(intents=intents, max_messages=None, guild_ready_timeout=1.0)

    async def on_message(message: discord.Message) -> None:
        if not message.author.bot:
            await message.reply(message.content[:100], mention_author=False)

    client.event(on_message)
    await client.start(settings.token)


async def inkling() -> None:
    """The whole bot, with a backend that takes seconds and draws one pixel."""
    from adapters.backends.demo import Demo
    from bot.app import House, open_parts
    from bot.settings import read

    settings = read(os.environ)
    async with open_parts(settings) as parts:
        if parts.media is None:
            raise RuntimeError("nowhere to keep pictures")
        demo = Demo(settings.data_dir / "demo", parts.media, parts.clock, 10.0, draw=False, limit=PLENTY)
        house = House(replace(parts, backends=(demo,)))
        await house.start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["echo"]:
            asyncio.run(echo())
        case ["inkling"]:
            asyncio.run(inkling())
        case _:
            print(json.dumps(asyncio.run(measure())))
