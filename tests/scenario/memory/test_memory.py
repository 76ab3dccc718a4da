"""Twenty jobs with four pictures of 14 MB each, all at once: what the bot's process needs at most."""

import asyncio
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.scenario.backends.process import ROOT, Bot, environment_of, living

JOBS, PICTURES, EACH = 20, 4, 14_000_000
LIMIT = 400_000_000
#: Where the pictures go if there is room: this is about memory, not about somebody's disk.
SHARED = Path("/dev/shm")


@pytest.fixture
def folder() -> Iterator[Path]:
    room = SHARED.is_dir() and shutil.disk_usage(SHARED).free > 4 * JOBS * PICTURES * EACH
    with tempfile.TemporaryDirectory(dir=SHARED if room else None) as name:
        yield Path(name)


@asynccontextmanager
async def heavy_service(folder: Path) -> AsyncIterator[str]:
    """The service's address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.scenario.memory.heavy",
        cwd=ROOT,
        env=environment_of(folder, {}),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http\S+", (await process.stdout.readline()).decode())
        assert found
        yield found[0]
    finally:
        os.kill(process.pid, signal.SIGTERM)
        await process.wait()


def peak(pid: int) -> int:
    """The most memory that a process ever had, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
async def test_twenty_jobs_of_four_large_pictures_at_once_need_less_than_400_mb(folder: Path) -> None:
    async with heavy_service(folder) as url:
        # Five accounts take four jobs each.
        sessions = ",".join(f"session-of-nobody-{n}" for n in range(JOBS // 4))
        configured = {"JIMENG_API_URL": url, "JIMENG_SESSION_ID": sessions}
        async with living(folder, configured) as bot:
            assert bot.process is not None
            before = peak(bot.process.pid)
            await asyncio.gather(*(_two_pictures(bot) for _ in range(JOBS // 2)))
            await bot.until(lambda: _ended(bot) == JOBS, within=90)
            assert await _charges(url) == JOBS
            kept = [path.stat().st_size for path in (folder / "media").iterdir()]
            assert (len(kept), min(kept) > 0.99 * EACH) == (JOBS * PICTURES, True)
            highest = peak(bot.process.pid)
            print(f"{before / 1e6:.0f} MB at the start, {highest / 1e6:.0f} MB at most")
            assert highest < LIMIT


def _ended(bot: Bot) -> int:
    return len(bot.rows("SELECT 1 FROM jobs WHERE state = 'ended' AND outcome = 'succeeded'"))


async def _two_pictures(bot: Bot) -> None:
    """Somebody with a browser of their own asks for as many as one person may have at once."""
    person = Bot(bot.folder, bot.configured, bot.url)
    await person.say("画一只戴帽子的猫")
    await person.say("画一只穿靴子的狗")


async def _charges(url: str) -> int:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/_sim/book") as answer:
        return len(await answer.json())
