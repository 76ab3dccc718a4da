"""A bot in a process of its own, in front of a simulated tenant."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.simulators.feishu import Chat, FeishuSimulator, Message

FAST = ("-m", "tests.scenario.feishu.bot")
INKLING = ("-m", "bot", "run")
ROOT = Path(__file__).parents[3]


class Bot:
    """Starts, kills, stops."""

    def __init__(
        self, simulator: FeishuSimulator, folder: Path, command: tuple[str, ...], changes: dict[str, str]
    ) -> None:
        self.simulator = simulator
        self.command = command
        self.environment = {
            "PATH": os.environ["PATH"],
            "BEGAN": str(simulator.world.began),
            "SPEED": str(simulator.world.speed),
            "DATA_DIR": str(folder),
            "WEB_PORT": "0",
            "LOG_FORMAT": "text",
            "FEISHU_APP_ID": simulator.world.app_id,
            "FEISHU_APP_SECRET": simulator.world.app_secret,
            "FEISHU_DOMAIN": simulator.domain,
            "FEISHU_VERIFICATION_TOKEN": simulator.webhook.verification_token,
        } | changes
        self.process: asyncio.subprocess.Process | None = None
        self.log = folder / "log"
        folder.mkdir(parents=True, exist_ok=True)

    async def start(self) -> None:
        """Start it and wait until it is connected."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, *self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        if self.environment.get("FEISHU_EVENTS") != "webhook":
            await self.simulator.connected(timeout=60)

    async def kill(self) -> None:
        """As `kill -9`."""
        if self.process is not None:
            process, self.process = self.process, None
            process.kill()
            await process.wait()
            await self.simulator.world.until(lambda: not self.simulator.link.connections)

    async def stop(self) -> int:
        """As an operator does; the exit code."""
        assert self.process is not None
        process, self.process = self.process, None
        process.terminate()
        return await asyncio.wait_for(process.wait(), 20)

    def said(self) -> str:
        """What it has written to its log."""
        return self.log.read_text() if self.log.exists() else ""

    @property
    def memory(self) -> float:
        """Megabytes of memory that it holds."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1000


@asynccontextmanager
async def bot(
    folder: Path, *command: str, speed: float = 1.0, changes: dict[str, str] | None = None
) -> AsyncIterator[Bot]:
    """A tenant and a bot that is not started yet."""
    async with FeishuSimulator(speed=speed) as simulator:
        made = Bot(simulator, folder, command, changes or {})
        try:
            yield made
        finally:
            await made.kill()


def percents(message: Message) -> list[int]:
    """Every percent that a message has shown, oldest first."""
    return [int(found[1]) for shown in message.versions if (found := re.search(r"(\d+)\s?%", shown.text))]


def told(simulator: FeishuSimulator, chat: Chat) -> dict[str, list[Message]]:
    """The bot's messages in a chat by what they are."""
    kinds: dict[str, list[Message]] = {"ack": [], "start": [], "progress": [], "end": []}
    for message in simulator.said(chat):
        shown = message.shown
        if shown.images or "❌" in shown.title or "🚫" in shown.title:
            kinds["end"].append(message)
        elif "🎨" in shown.title:
            kinds["start"].append(message)
        elif message.kind == "interactive":
            kinds["progress"].append(message)
        else:
            kinds["ack"].append(message)
    return kinds
