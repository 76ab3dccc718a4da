"""`inkling run` as a process before a simulated Discord."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from tests.simulators.discord import Discord
from tests.simulators.discord.people import Participant
from tests.simulators.discord.state import Channel, Message
from tests.simulators.discord.transcript import line

ROOT = Path(__file__).parents[3]


class Bot:
    """One bot with its data, started and stopped as often as need be."""

    def __init__(self, discord: Discord, folder: Path, **environment: str) -> None:
        self.discord = discord
        self.log = folder / "log"
        self._environment = {
            "PATH": os.environ["PATH"],
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_BASE": discord.api_base,
            "DATA_DIR": str(folder / "data"),
            "WEB_PORT": str(free_port()),
            "DEMO_SPEED": "40",
            "LOG_FORMAT": "text",
            **environment,
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and wait until people can reach it."""
        sessions = len(self.discord.gateway.identifies)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        gateway = self.discord.gateway
        await until(lambda: len(gateway.identifies) > sessions and bool(self.discord.world.commands), self)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def kill(self) -> None:
        """Like a power cut."""
        assert self._process is not None
        if self.running:
            self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """As a person stops it."""
        assert self._process is not None
        if self.running:
            self._process.terminate()
        await asyncio.wait_for(self._process.wait(), 20)

    async def sees(self, *words: str, channel: Channel | None = None, times: int = 1) -> str:
        """Wait until so many of the bot's messages hold all of these words; the last of them."""
        return line(self.discord.world, await self.shows(*words, channel=channel, times=times))

    async def shows(
        self, *words: str, channel: Channel | None = None, times: int = 1, viewer: Participant | None = None
    ) -> Message:
        """The same as a message. `viewer`: who looks, where it is for them alone."""
        eyes = viewer.user.id if viewer else None

        def found() -> list[Message]:
            seen = [m for m in self.discord.said(channel) if m.seen_by in (None, eyes)]
            return [m for m in seen if all(word in line(self.discord.world, m) for word in words)]

        await until(lambda: len(found()) >= times, self, what=f"{times} × {words}")
        return found()[-1]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


async def until(condition: Callable[[], bool], bot: Bot, seconds: float = 60.0, what: str = "it") -> None:
    """Return as soon as it holds; fail with the bot's log if it does not, or if the bot dies."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                assert bot.running, bot.log.read_text()
                await asyncio.sleep(0.02)
    except TimeoutError:
        world = bot.discord.world
        transcript = "\n".join(line(world, message) for message in world.messages.values())
        raise AssertionError(f"{what} did not come to pass\n{transcript}\n{bot.log.read_text()}") from None
