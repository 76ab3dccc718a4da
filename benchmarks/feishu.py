"""Feishu: from a message to its acknowledgement, CPU and memory, beside a bare lark-oapi bot in the same run.

    python -m benchmarks.feishu 300 10

Every bot hears as many messages at so many a second, in private chats; the tenant is simulated. The echo
bots answer each with one message; so does Inkling's adapter, which is the one to compare with the vendor's
client; and so does all of Inkling where somebody only greets it, once it has understood the greeting and
claimed it on disk. "Asked for a picture" is all of a job but the drawing: understood, claimed, acknowledged,
queued, started.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.stage import TEXTS, figures, ms
from tests.simulators.feishu import FeishuSimulator, Message, User

GREETING = ("hello",)
#: Messages before the measurement: what is loaded on first use is no message's cost.
WARM = 20
#: Turns that each bot has, with its share of the messages.
ROUNDS = 3
#: Seconds until every bot has connected.
PATIENCE = 30.0
TICKS = os.sysconf("SC_CLK_TCK")


class Bot:
    """A process, and what it has used."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._proc = Path(f"/proc/{process.pid}")

    @property
    def cpu(self) -> float:
        """Seconds, of all its threads."""
        fields = (self._proc / "stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def megabytes(self) -> float:
        """Memory in use."""
        pages = int((self._proc / "statm").read_text().split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


@asynccontextmanager
async def running(
    tenant: FeishuSimulator, *command: str, env: dict[str, str] | None = None
) -> AsyncIterator[tuple[Bot, float]]:
    """A bot that is connected, and the seconds that it took to be."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, env=env, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await tenant.connected(timeout=PATIENCE)
        yield Bot(process), time.perf_counter() - began
    finally:
        process.kill()
        await process.wait()
        await tenant.world.until(lambda: not tenant.link.connections)


async def say(
    tenant: FeishuSimulator, texts: tuple[str, ...], people: list[User], count: int, rate: float
) -> list[Message]:
    """So many messages from these people in turn; returns when every one is answered."""
    asked: list[Message] = []
    began = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        person = people[number % len(people)]
        chat = tenant.world.private_chat(person.open_id)
        asked.append(tenant.people.say(chat, person, texts[number % len(texts)]))
    while len(answers(tenant).keys() & {message.id for message in asked}) < count:
        await asyncio.sleep(0.1)
    return asked


def answers(tenant: FeishuSimulator) -> dict[str, float]:
    """When each message was first answered."""
    first: dict[str, float] = {}
    for message in tenant.world.messages.values():
        if message.parent:
            first.setdefault(message.parent, message.created)
    return first


async def heard(
    tenant: FeishuSimulator, bot: Bot, texts: tuple[str, ...], count: int, rate: float
) -> tuple[list[float], float]:
    """Seconds until each answer, and CPU milliseconds for a message.

    A greeting comes from somebody known; nobody may have very many pictures under way.
    """
    people = [tenant.world.add_user("Somebody") for _ in range(WARM)]
    await say(tenant, texts, people, WARM, rate)
    if texts != GREETING:
        people = [tenant.world.add_user("Somebody") for _ in range(count)]
    cpu = bot.cpu
    asked = await say(tenant, texts, people, count, rate)
    used = (bot.cpu - cpu) / count * 1000
    first = answers(tenant)
    return [first[message.id] - message.created for message in asked], round(used, 2)


async def one(kind: str, texts: tuple[str, ...], count: int, rate: float) -> dict[str, Any]:
    """The figures of one bot, in a tenant of its own."""
    async with FeishuSimulator() as tenant:
        command = ("benchmarks.feishu_bots", kind)
        names = (tenant.domain, tenant.world.app_id, tenant.world.app_secret)
        async with running(tenant, *command, *names) as (bot, _):
            waited, cpu = await heard(tenant, bot, texts, count, rate)
            return {"waited": waited, "cpu": cpu, "MB": bot.megabytes}


async def start() -> dict[str, Any]:
    """`inkling run` with Feishu alone: until it is connected, and what it holds then."""
    async with FeishuSimulator() as tenant:
        with TemporaryDirectory() as folder:
            env = {
                "PATH": os.environ["PATH"],
                "DATA_DIR": folder,
                "WEB_PORT": "0",
                "FEISHU_APP_ID": tenant.world.app_id,
                "FEISHU_APP_SECRET": tenant.world.app_secret,
                "FEISHU_DOMAIN": tenant.domain,
                "LOG_LEVEL": "error",
            }
            async with running(tenant, "bot", "run", env=env) as (bot, seconds):
                await asyncio.sleep(1)
                return {"connected after s": round(seconds, 2), "MB when connected": bot.megabytes}


async def in_turns(count: int, rate: float) -> list[dict[str, Any]]:
    """Those that only answer. In turns, as a machine is not the same for minutes."""
    kinds = ("pooled", "adapter", "house", "sdk")
    rounds = [[await one(kind, GREETING, count // ROUNDS, rate) for kind in kinds] for _ in range(ROUNDS)]
    return [
        {
            "waited": [seconds for one in turns for seconds in one["waited"]],
            "cpu": median(one["cpu"] for one in turns),
            "MB": max(one["MB"] for one in turns),
        }
        for turns in zip(*rounds, strict=True)
    ]


async def measure(count: int, rate: float) -> dict[str, Any]:
    """All of them."""
    shown = await start()
    pooled, adapter, ours, vendor = await in_turns(count, rate)
    asked = await one("house", TEXTS, count, rate)
    for name, what in (
        ("bare pooled", pooled),
        ("bare lark-oapi", vendor),
        ("adapter alone", adapter),
        ("greeted", ours),
    ):
        shown |= figures(name, what["waited"])
        shown |= {f"{name} CPU ms": what["cpu"], f"{name} MB": what["MB"]}
    return shown | {
        "p50 ms over bare pooled": round(ms(ours["waited"], 0.5) - ms(pooled["waited"], 0.5), 1),
        "lark-oapi's CPU beside the adapter's": round(vendor["cpu"] / adapter["cpu"], 1),
        "lark-oapi's CPU beside the whole bot's": round(vendor["cpu"] / ours["cpu"], 1),
        **figures("asked for a picture", asked["waited"]),
        "CPU ms a picture, drawing apart": asked["cpu"],
    }


if __name__ == "__main__":
    messages, each_second = int(sys.argv[1]), float(sys.argv[2])
    print(json.dumps(asyncio.run(measure(messages, each_second))))
