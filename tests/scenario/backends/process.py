"""`inkling` as a process of its own beside a service in this one, and a person at the web chat."""

import asyncio
import os
import re
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parents[3]
#: Real seconds after which something that must happen has not happened.
PATIENCE = 30.0

Shown = dict[str, Any]


def environment_of(folder: Path, configured: Mapping[str, str]) -> dict[str, str]:
    """What a process gets: what is configured, and nothing of the machine's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    place = {"DATA_DIR": str(folder), "WEB_PORT": "0", "LOG_FORMAT": "text", "DRAIN_SECONDS": "1"}
    return {**kept, "PYTHONPATH": str(ROOT), **place, **configured}


async def command(name: str, folder: Path, configured: Mapping[str, str]) -> tuple[int, str, str]:
    """Run a command of `inkling` to its end: (exit code, what it says, what it complains of)."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        name,
        cwd=folder,
        env=environment_of(folder, configured),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


@dataclass
class Bot:
    """One data directory, and one process after the other in it."""

    folder: Path
    configured: Mapping[str, str]
    url: str = ""
    process: asyncio.subprocess.Process | None = None
    _said: int = 0
    _cookies: aiohttp.CookieJar = field(default_factory=lambda: aiohttp.CookieJar(unsafe=True))

    async def start(self) -> None:
        """Return once the page is served."""
        log = self.folder / "log"
        begins = log.stat().st_size if log.exists() else 0
        with log.open("ab") as file:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                cwd=self.folder,
                env=environment_of(self.folder, self.configured),
                stderr=file,
            )

        def served() -> bool:
            found = re.search(r"Web chat: (http\S+)", log.read_bytes()[begins:].decode())
            self.url = found[1] if found else ""
            return bool(found)

        await self.until(served)

    async def die(self, number: int = signal.SIGKILL) -> None:
        """Send the signal to this process alone, and wait for its end."""
        if self.process is not None and self.process.returncode is None:
            os.kill(self.process.pid, number)
            await self.process.wait()

    async def until(self, what: Callable[[], bool], within: float = PATIENCE) -> None:
        """Return as soon as something is so; AssertionError with the log if it never is."""
        end = time.monotonic() + within
        while not what():
            if time.monotonic() > end:
                raise AssertionError((self.folder / "log").read_text())
            await asyncio.sleep(0.03)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """From its database, while it runs."""
        with sqlite3.connect(f"file:{self.folder / 'inkling.db'}?mode=ro", uri=True) as connection:
            return connection.execute(sql).fetchall()

    def is_in(self, state: str) -> bool:
        """Whether the one job there is stands in this state."""
        return [row[0] for row in self.rows("SELECT state FROM jobs")] == [state]

    # A person -----------------------------------------------------------------------------------------

    async def say(self, text: str) -> None:
        """Write to it."""
        self._said += 1
        body = {"id": f"client-{self._said:08}", "text": text}
        async with (
            self._browser() as http,
            http.get(f"{self.url}/") as page,
            http.post(f"{self.url}/chat/messages", json=body) as answer,
        ):
            assert (page.status, answer.status) == (200, 200), await answer.text()

    async def history(self) -> list[Shown]:
        """All messages as they stand now, oldest first."""
        async with self._browser() as http, http.ws_connect(f"{self.url}/chat/stream") as stream:
            while (frame := await stream.receive_json(timeout=10))["type"] != "history":
                pass
            return list(frame["messages"])

    def _browser(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(cookie_jar=self._cookies)


@asynccontextmanager
async def living(folder: Path, configured: Mapping[str, str]) -> AsyncIterator[Bot]:
    """A process that lives as long as the block, or until it is killed."""
    bot = Bot(folder, configured)
    try:
        await bot.start()
        yield bot
    finally:
        await bot.die()
