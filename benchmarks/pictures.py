"""CPU per generated picture: the whole bot beside a bare httpx script that makes the same calls.

Both order from the same simulated IMA Studio, ask for the result as often, and stream it to disk, each in a
process of its own. The script is what anybody would write first: no ledger, guard, limits, retries or fsync.
They take turns, and medians are told: what else runs on the machine disturbs both.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from adapters import http
from adapters.backends.ima import Ima
from adapters.clock import SystemClock
from adapters.database.sqlite import Sqlite
from adapters.media import MediaStore
from benchmarks.stage import CountingPlatform
from bot.app import House, Parts
from bot.message import Kind
from bot.metrics import Metrics
from bot.settings import read
from tests.simulators.ima import ImaService

#: Noise of this size is a PNG of 5.2 MB, as a picture at 2K is.
PIXELS = (1320, 1320)
JOBS, ROUNDS = 20, 3
#: Pictures before the measurement: what is imported and compiled on first use is no picture's cost.
WARM = 4
#: What is asked for, the model that draws it, its size, and how many pictures come of one order.
KINDS = (
    ("draw a fox in the snow", "doubao-seedream-4.5", {"size": "4k"}, 1),
    ("use midjourney to draw a fox", "midjourney", {"resolution": "480p"}, 4),
)
Ordered = tuple[str, str, dict[str, str], int]
#: Nothing of this leaves the machine.
HOME_ALONE = {**os.environ, "NO_PROXY": "127.0.0.1"}
HEADERS = {"Authorization": "Bearer ima_test_key", "x-app-source": "ima_skills", "x_app_language": "en"}


async def serve() -> None:
    """The service, until stdin ends."""
    service = ImaService()
    service.pixels, service.heavy = PIXELS, True
    async with service:
        print(service.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


@contextmanager
def served() -> Iterator[str]:
    """The service in a process of its own; its address."""
    command = [sys.executable, "-m", "benchmarks.pictures", "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the service has no stdout")
        yield process.stdout.readline().strip()
        process.communicate()


# The bot ----------------------------------------------------------------------------------------------


@asynccontextmanager
async def house(url: str, folder: Path) -> AsyncIterator[tuple[House, CountingPlatform]]:
    """A bot with IMA, a database on disk, and a platform that shows nothing."""
    keys = {"IMA_API_KEY": "ima_test_key", "IMA_API_URL": url, "IMA_UPLOAD_URL": url}
    settings = read({"DATA_DIR": str(folder), **keys})
    if settings.ima is None:
        raise RuntimeError("IMA is not switched on")
    clock, platform = SystemClock(), CountingPlatform()
    database = await Sqlite.open(settings.database)
    async with http.client() as client:
        media = MediaStore(folder / "media", client, settings.own_hosts, clock=clock)
        ima = Ima(client, media, clock, settings.ima)
        made = House(Parts(settings, clock, Metrics(), database, (ima,), (platform,), media))
        await made.start()
        await platform.listening.wait()
        yield made, platform
        await made.stop(0)
        await media.close()
    await database.close()


async def by_the_bot(url: str, folder: Path, ordered: Ordered, count: int) -> float:
    """CPU seconds for `count` jobs, each for somebody else."""
    async with house(url, folder) as (_, platform):
        await _drawn(platform, ordered[0], WARM)
        began = time.process_time()
        await _drawn(platform, ordered[0], count)
        return time.process_time() - began


async def _drawn(platform: CountingPlatform, text: str, count: int) -> None:
    before = platform.kinds[Kind.SUCCESS]
    for _ in range(count):
        await platform.say(text)
    while platform.kinds[Kind.SUCCESS] < before + count:
        await asyncio.sleep(0.05)
        if platform.kinds[Kind.FAILURE]:
            raise RuntimeError("not every picture came")


# The script -------------------------------------------------------------------------------------------


async def draw(
    client: httpx.AsyncClient, product: dict[str, Any], chosen: dict[str, str], target: Path
) -> None:
    """One job."""
    rule = product["credit_rules"][0]
    cast = {"points": rule["points"], "attribute_id": rule["attribute_id"]}
    inner = {"prompt": "a fox in the snow", "n": 1, "input_images": [], "cast": cast, **chosen}
    order = {
        "attribute_id": rule["attribute_id"],
        "model_id": product["model_id"],
        "model_name": product["name"],
        "model_version": product["id"],
        "app": "ima",
        "platform": "web",
        "category": "text_to_image",
        "credit": rule["points"],
        "parameters": inner,
    }
    body = {
        "task_type": "text_to_image",
        "enable_multi_model": False,
        "src_img_url": [],
        "parameters": [order],
    }
    answer = await client.post("/open/v1/tasks/create", json=body)
    task = answer.json()["data"]["id"]
    answer = await client.post("/open/v1/tasks/detail", json={"task_id": task})
    medias = answer.json()["data"]["medias"]
    await asyncio.gather(
        *(fetch(client, media["url"], Path(f"{target}-{n}.png")) for n, media in enumerate(medias))
    )


async def fetch(client: httpx.AsyncClient, link: str, target: Path) -> None:
    """One picture."""
    async with client.stream("GET", link) as picture:
        with target.open("wb") as file:
            async for chunk in picture.aiter_bytes():
                file.write(chunk)


async def by_a_script(url: str, folder: Path, ordered: Ordered, count: int) -> float:
    """CPU seconds for `count` jobs, as many at once as the bot has."""
    async with httpx.AsyncClient(base_url=url, headers=HEADERS, trust_env=False) as client:
        query = {"app": "ima", "platform": "web", "category": "text_to_image"}
        groups = (await client.get("/open/v1/product/list", params=query)).json()["data"]
        products = {leaf["model_id"]: leaf for group in groups for leaf in group["children"]}
        turns = asyncio.Semaphore(Ima.limit)

        async def one(number: int) -> None:
            async with turns:
                await draw(client, products[ordered[1]], ordered[2], folder / str(number))

        began = time.process_time()
        await asyncio.gather(*(one(number) for number in range(count)))
        return time.process_time() - began


def cpu(who: str, url: str, kind: int, count: int) -> float:
    """CPU milliseconds for one picture, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.pictures", who, url, str(kind), str(count)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=HOME_ALONE).stdout
    return float(answer) / (count * KINDS[kind][3]) * 1000


def one(who: str, url: str, kind: int, count: int) -> None:
    """What such a process does."""
    draws = by_the_bot if who == "bot" else by_a_script
    with TemporaryDirectory() as folder:
        if who == "script":
            asyncio.run(draws(url, Path(folder), KINDS[kind], WARM))
        print(asyncio.run(draws(url, Path(folder), KINDS[kind], count)))


def main(count: int = JOBS, rounds: int = ROUNDS) -> None:
    figures: dict[str, float] = {"jobs": count, "rounds": rounds}
    with served() as url:
        for kind, ordered in enumerate(KINDS):
            pairs = [tuple(cpu(who, url, kind, count) for who in ("bot", "script")) for _ in range(rounds)]
            what = f"{ordered[3]} a job"
            figures |= {
                f"bot CPU ms a picture, {what}": round(median(bot for bot, _ in pairs), 1),
                f"bare httpx CPU ms, {what}": round(median(script for _, script in pairs), 1),
                f"bot beside bare, {what}": round(median(bot / script for bot, script in pairs), 2),
            }
    print(json.dumps(figures))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            asyncio.run(serve())
        case ["bot" | "script" as who, url, kind, count]:
            one(who, url, int(kind), int(count))
        case numbers:
            main(*map(int, numbers))
