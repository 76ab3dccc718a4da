"""`inkling run` as a process before a simulated Discord."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from tests.simulators.discord import Discord
from tests.simulators.discord.state import Channel

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

        def found() -> list[str]:
            lines = self.discord.transcript(channel)
            return [line for line in lines if line.startswith("Inkling") and all(w in line for w in words)]

        await until(lambda: len(found()) >= times, self)
        return found()[-1]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


async def until(condition: Callable[[], bool], bot: Bot, seconds: float = 30.0) -> None:
    """Return as soon as it holds; fail with the bot's log if it does not, or if the bot dies."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                assert bot.running, bot.log.read_text()
                await asyncio.sleep(0.02)
    except TimeoutError:
        transcript = "\n".join(bot.discord.transcript())
        raise AssertionError(f"it did not come to pass\n{transcript}\n{bot.log.read_text()}") from None
