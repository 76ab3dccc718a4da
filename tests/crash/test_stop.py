"""A stop on request: what runs goes on at the next start. And two bots on one directory."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.message import Kind
from tests.crash.nursery import ROOT, Nursery
from tests.crash.witness import Bot, judge, judge_ledger, settled, somebody

pytestmark = pytest.mark.crash

DRAW = "画一只可爱的猫咪"


def command(folder: Path) -> subprocess.Popen[str]:
    """The real command in a real process."""
    environment = {**os.environ, "DATA_DIR": str(folder), "WEB_PORT": "0", "DEMO": "1", "LOG_FORMAT": "text"}
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_second_bot_on_the_same_directory_says_so_and_stops(tmp_path: Path) -> None:
    first = command(tmp_path)
    try:
        assert first.stderr is not None
        assert any(re.search(r"Web chat: http", line) for line in first.stderr)
        second = command(tmp_path)
        _, words = second.communicate(timeout=30)
        assert second.returncode == 1
        assert "already running" in words
        assert "Traceback" not in words
        assert first.poll() is None
    finally:
        first.send_signal(signal.SIGTERM)
        _, words = first.communicate(timeout=30)
    assert first.returncode == 0, words


async def test_what_runs_at_a_stop_is_finished_after_the_next_start(nursery: Nursery, tmp_path: Path) -> None:
    bot = Bot(nursery, tmp_path)
    async with somebody(bot) as person:
        assert await bot.start("stall-before-poll")
        await person.enter()
        await person.say(DRAW)
        await person.say("画一只狗")
        await person.until(Kind.START)
        assert await bot.die(signal.SIGTERM) == 0
        assert "succeeded" not in [row[0] for row in bot.rows("SELECT outcome FROM jobs")]
        assert await bot.start()
        await settled(bot)
        assert list((await judge(person)).values()) == ["success", "success"]
        assert judge_ledger(bot) == ["succeeded", "succeeded"]
    await bot.die()


@pytest.mark.parametrize("point", ["stall-before-submit", "stall-after-submit"])
async def test_a_stop_waits_for_an_order_on_the_wire_only_so_long(
    point: str, nursery: Nursery, tmp_path: Path
) -> None:
    bot = Bot(nursery, tmp_path)
    async with somebody(bot) as person:
        assert await bot.start(point)
        await person.enter()
        await person.say(DRAW)
        await person.until(Kind.START)
        began = time.monotonic()
        assert await bot.die(signal.SIGTERM) == 0
        assert time.monotonic() - began > 0.9  # it waited, and it waits no longer for what never comes
        assert await bot.start()
        await settled(bot)
        assert list((await judge(person)).values()) == ["success"], bot.log()
        assert judge_ledger(bot) == ["succeeded"]
    await bot.die()


async def test_a_second_signal_stops_at_once(nursery: Nursery, tmp_path: Path) -> None:
    bot = Bot(nursery, tmp_path, drain=3600)
    async with somebody(bot) as person:
        assert await bot.start("stall-after-submit")
        await person.enter()
        await person.say(DRAW)
        await person.until(Kind.START)
        bot.signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        assert bot.dead is None
        assert await bot.die(signal.SIGTERM) == 1
        assert await bot.start()
        await settled(bot)
        assert judge_ledger(bot) == ["succeeded"]
    await bot.die()
