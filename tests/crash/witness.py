"""A house that is killed and started again, people who write to it, and what must be true in the end."""

import asyncio
import json
import os
import re
import signal
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp

from bot.message import Kind
from tests.crash.nursery import Nursery
from tests.crash.victim import SPEED

ENDS = frozenset({Kind.SUCCESS.value, Kind.FAILURE.value, Kind.CANCELLED.value})
#: Seconds of the house that pass between a death and the next start.
AWAY = 20.0
#: Real seconds after which something that must happen has not happened.
PATIENCE = 60.0

#: Kinds of messages that must not be left standing half-way when the job is over.
SETTLING = frozenset({"start", "progress"})

Shown = dict[str, Any]


class Bot:
    """One data directory, and one life after the other in it."""

    def __init__(self, nursery: Nursery, folder: Path, *, can_find: bool = True, drain: float = 1) -> None:
        self.folder = folder
        self.url = ""
        self._nursery = nursery
        self._log = folder / "log"
        self._environment = {
            "DATA_DIR": str(folder),
            "WEB_PORT": "0",
            "DEMO": "1",
            "DRAIN_SECONDS": str(drain),
            "CAN_FIND": "1" if can_find else "0",
        }
        self._wall = 1_800_000_000.0
        self._born = 0.0
        self._pid = 0

    async def start(self, point: str = "") -> bool:
        """A new life; True once the page is served, False where it died before."""
        begins = self._log.stat().st_size if self._log.exists() else 0
        environment = {**self._environment, "START": str(self._wall)}
        self._born = time.monotonic()
        self._pid = self._nursery.bear(environment, point, self._log)
        for _ in _patience():
            if found := re.search(r"Web chat: (http\S+)", self.log(begins)):
                self.url = found[1]
                return True
            if self.dead is not None:
                self._buried()
                return False
            await asyncio.sleep(0.01)
        raise AssertionError(f"it does not start: {self.log(begins)}")

    @property
    def dead(self) -> int | None:
        """The exit code; None while it lives."""
        return self._nursery.ended(self._pid)

    async def die(self, number: int = signal.SIGKILL) -> int:
        """Send the signal if it still lives, and wait for the end."""
        if self.dead is None:
            os.kill(self._pid, number)
        return await self.death()

    async def death(self) -> int:
        """Wait for the end; the exit code."""
        for _ in _patience():
            if (code := self.dead) is not None:
                self._buried()
                return code
            await asyncio.sleep(0.005)
        raise AssertionError(f"it lives on:\n{self.log()}")

    def signal(self, number: int) -> None:
        """Only send it."""
        os.kill(self._pid, number)

    def _buried(self) -> None:
        self._wall += (time.monotonic() - self._born) * SPEED + AWAY

    def log(self, begins: int = 0) -> str:
        """What it has logged, from a place on."""
        return self._log.read_bytes()[begins:].decode() if self._log.exists() else ""

    # What it leaves behind -----------------------------------------------------------------------------

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """From its database, while nobody else needs it."""
        with sqlite3.connect(self.folder / "inkling.db") as connection:
            return connection.execute(sql).fetchall()

    def charges(self) -> Counter[str]:
        """The demo's book: how often each order was charged."""
        book = self.folder / "demo" / "book.jsonl"
        lines = book.read_text().splitlines() if book.is_file() else []
        return Counter(json.loads(line)["reference"] for line in lines)

    def unsettled(self) -> bool:
        """Whether anything is still owed to anybody."""
        jobs = "SELECT 1 FROM jobs WHERE state <> 'ended'"
        owed = "SELECT 1 FROM owed"
        return bool(self.rows(f"{jobs} UNION ALL {owed} UNION ALL SELECT 1 FROM web_messages WHERE owed = 1"))


@dataclass
class Person:
    """Somebody with the page open: writes, resends what was not taken, remembers all that was shown."""

    bot: Bot
    http: aiohttp.ClientSession
    #: Every percent of every progress message, in the order of showing.
    percents: dict[str, list[int]] = field(default_factory=dict)
    #: Our own message ids, and the ids that the bot gave them.
    said: dict[str, str] = field(default_factory=dict)
    _unsent: dict[str, str] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.close()

    async def enter(self) -> None:
        """Open the page."""
        async with self.http.get(f"{self.bot.url}/") as answer:
            assert answer.status == 200

    async def say(self, text: str) -> None:
        """Write; what is not taken stays in the page."""
        self._unsent[f"client-{len(self.said) + len(self._unsent):08}"] = text
        await self.resend()

    async def resend(self) -> None:
        """The page's rule: what was not confirmed, with the same id, until it is or the bot is dead."""
        for id_, text in list(self._unsent.items()):
            try:
                while not await self._post(id_, text):
                    await asyncio.sleep(0.02)
            except (aiohttp.ClientError, OSError):
                return

    async def _post(self, id_: str, text: str) -> bool:
        body = {"id": id_, "text": text}
        async with self.http.post(f"{self.bot.url}/chat/messages", json=body) as answer:
            if answer.status == 503:  # not listening yet
                return False
            assert answer.status == 200, await answer.text()
            self.said[id_] = (await answer.json())["id"]
            self._unsent.pop(id_, None)
            return True

    async def watch(self) -> None:
        """Keep the stream open for as long as this life lasts."""
        try:
            async with self.http.ws_connect(f"{self.bot.url}/chat/stream") as stream:
                async for frame in stream:
                    self._note(json.loads(frame.data).get("messages", []))
        except (aiohttp.ClientError, OSError):
            return

    async def until(self, kind: Kind) -> None:
        """Return once a message of this kind is there, or the bot is dead."""
        try:
            for _ in _patience():
                if kind.value in [message["kind"] for message in await self.history()]:
                    return
                await asyncio.sleep(0.005)
        except (aiohttp.ClientError, OSError, TypeError):
            return
        raise AssertionError(f"no {kind}:\n{self.bot.log()}")

    async def history(self) -> list[Shown]:
        """All messages as they stand, oldest first."""
        messages: list[Shown] = []
        async with self.http.ws_connect(f"{self.bot.url}/chat/stream") as stream:
            while (frame := await stream.receive_json(timeout=10))["type"] != "history":
                pass
        messages, earlier = frame["messages"], frame["earlier"]
        while earlier:
            before = messages[0]["position"]
            async with self.http.get(f"{self.bot.url}/chat/messages?before={before}") as answer:
                frame = await answer.json()
            messages, earlier = frame["messages"] + messages, frame["earlier"]
        self._note(messages)
        return messages

    def _note(self, messages: list[Shown]) -> None:
        for message in messages:
            if message["kind"] == Kind.PROGRESS.value and message["percent"] is not None:
                self.percents.setdefault(message["id"], []).append(message["percent"])


def somebody(bot: Bot) -> Person:
    """A new browser."""
    return Person(bot, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)))


async def settled(bot: Bot) -> None:
    """Return once nothing is owed to anybody any more."""
    for _ in _patience():
        if not bot.unsettled():
            return
        assert bot.dead is None, f"it died:\n{bot.log()}"
        await asyncio.sleep(0.03)
    owed = bot.rows("SELECT id, state, outcome FROM jobs WHERE state <> 'ended'")
    raise AssertionError(f"never settled: {owed}\n{bot.log()}")


def judge_line(shown: list[Shown], person: Person) -> str:
    """What must be true of one job's messages; returns how it ended."""
    kinds = [message["kind"] for message in shown]
    assert sum(kind in ENDS for kind in kinds) == 1, kinds
    assert kinds.count("ack") <= 1, kinds
    assert kinds.count("start") <= 1, kinds
    assert kinds.count("progress") <= 1, kinds
    before_end = [kind for kind in kinds if kind not in ENDS]
    order = ["ack", "start", "progress"]
    assert before_end == [kind for kind in order if kind in before_end], kinds
    for message in shown:
        if message["kind"] in SETTLING:
            assert message["settled"], f"left standing half-way: {message}"
            assert not message["actions"]
        if message["kind"] == "progress":
            seen = person.percents.get(message["id"], [])
            assert seen == sorted(seen), seen
            assert all(0 <= percent <= 95 for percent in seen), seen
    return str(next(kind for kind in kinds if kind in ENDS))


async def judge(person: Person) -> dict[str, str]:
    """What must be true of everything a person was shown; returns the end's kind by job."""
    history = await person.history()
    jobs: dict[str, list[Shown]] = {}
    for message in history:
        if message.get("job"):
            jobs.setdefault(message["job"], []).append(message)
    return {job: judge_line(shown, person) for job, shown in jobs.items()}


def judge_ledger(bot: Bot) -> list[str | None]:
    """What must be true of the ledger and the bill; returns the outcomes, oldest first."""
    assert not bot.unsettled()
    assert [reference for reference, times in bot.charges().items() if times > 1] == []
    claims = bot.rows("SELECT json_extract(data, '$.address.reply_to') FROM jobs")
    assert len(claims) == len(set(claims)), "one message made two jobs"
    return [row[0] for row in bot.rows("SELECT outcome FROM jobs ORDER BY created_at, id")]


def _patience() -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield
