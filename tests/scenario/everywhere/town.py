"""One house with all three platforms for real, before their simulated services, and many dialogues at once.

Every dialogue has a chat of its own on each platform. All of them are played in step: everybody does their
next thing, then all is waited for, then everybody reads what has been said. So there is one house, and one
restart of it, for the whole table.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.database.sqlite import Sqlite
from adapters.media import MediaStore
from bot.app import House, Parts
from bot.app.parts import _with_platforms
from bot.errors import Reason
from bot.job import Job
from bot.metrics import Metrics
from bot.settings import read
from tests.contract.platforms.stage import png
from tests.scenario.everywhere.atelier import Atelier
from tests.scenario.everywhere.windows import DiscordWindow, FeishuWindow, WebWindow, Window
from tests.simulators.discord import Discord
from tests.simulators.feishu import FeishuSimulator

#: How much faster waiting goes. The wall keeps its pace: messages have to be fresh.
SPEED = 5.0
#: Real seconds that one step may take, and between two looks.
PATIENCE, LOOK = 60.0, 0.03


class QuickClock:
    """`bot.ports.Clock` with short waits."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic() * SPEED

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / SPEED)


PLACES = ("web", "discord", "feishu")
#: What a dialogue says of itself that needs a room with several people; the web chat has none.
GROUP = "# in a group"


@dataclass
class Scene:
    """One dialogue in one window."""

    name: str
    place: str
    window: Window
    lines: list[str]
    told: list[str] = field(default_factory=list)
    #: What stood there at the last look, and the jobs that are known.
    messages: dict[str, str] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)
    #: The pictures that were drawn, by file: "2.1" is the first picture of the second drawing.
    pictures: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Which dialogue, and where."""
        return f"{self.name} {self.place}"

    def news(self, standing: list[tuple[str, str]]) -> list[str]:
        """What stands there and did not at the last look. Progress comes as it likes."""
        return [
            text
            for id_, text in standing
            if id_ not in self.messages and text and not text.startswith(("⏳", "✓"))
        ]

    def results(self) -> list[str]:
        """The messages that show pictures, oldest first."""
        return [id_ for id_, text in self.messages.items() if text.endswith(")") and "✅" in text]


class Town:
    """The house, the services around it, and everybody's scenes."""

    def __init__(self, folder: Path, discord: Discord, feishu: FeishuSimulator) -> None:
        self.folder = folder
        self.discord = discord
        self.feishu = feishu
        self.atelier = Atelier(folder / "media")
        self.scenes: list[Scene] = []
        self._stack = AsyncExitStack()

    # Life ----------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """The next house over the same disk."""
        settings = read(self._environment())
        clock, metrics = QuickClock(), Metrics()
        self._stack = AsyncExitStack()
        database = await Sqlite.open(settings.database)
        self._stack.push_async_callback(database.close)
        media = MediaStore(settings.data_dir / "media", own_hosts=settings.own_hosts, clock=clock)
        self._stack.push_async_callback(media.close)
        parts = Parts(settings, clock, metrics, database, (self.atelier,), (), media)
        parts = await _with_platforms(parts, self._stack)
        for platform in parts.platforms:
            self._stack.push_async_callback(platform.close)
        self.database = database
        self.house = House(parts)
        await self.house.start()
        self._stack.push_async_callback(self.house.stop, 0.0)
        await self._until(lambda: all(platform.connected for platform in parts.platforms))
        await self._until(lambda: bool(self.discord.world.commands))

    def _environment(self) -> dict[str, str]:
        world = self.feishu.world
        return {
            "DATA_DIR": str(self.folder),
            "DEMO": "1",
            "WEB_PORT": "0",
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_BASE": self.discord.api_base,
            "FEISHU_APP_ID": world.app_id,
            "FEISHU_APP_SECRET": world.app_secret,
            "FEISHU_DOMAIN": self.feishu.domain,
        }

    async def close(self) -> None:
        """The house stops; nothing that was begun is waited for."""
        await self._stack.aclose()

    async def _until(self, what: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < end, "it never came to that"
            await asyncio.sleep(LOOK)

    # Windows -------------------------------------------------------------------------------------------

    def cast(self, path: Path) -> None:
        """A dialogue's scenes: one on each platform."""
        alone = GROUP not in path.read_text(encoding="utf-8")
        for place in PLACES:
            if alone or place != "web":
                window = self._opened(place, alone=alone)
                self.scenes.append(Scene(path.stem, place, window, list(margin(path))))

    def _opened(self, place: str, *, alone: bool) -> Window:
        if place == "discord":
            return DiscordWindow(self.discord, alone=alone)
        if place == "feishu":
            return FeishuWindow(self.feishu, alone=alone)
        return WebWindow()

    # Steps ---------------------------------------------------------------------------------------------

    async def play(self) -> None:
        """Every scene up to the restart, the restart, and every scene to its end.

        When the house opens again, Nano Banana Pro has become two points dearer.
        """
        await self.open()
        try:
            await self._enter()
            await self._act()
            await self.close()
            self.atelier.dearer["gemini-3-pro-image"] = 2.0
            await self.open()
            await self._enter()
            await self._act()
        finally:
            await self.close()
            for scene in self.scenes:
                await scene.window.leave()

    async def _enter(self) -> None:
        assert self.house.server is not None
        for scene in self.scenes:
            await scene.window.enter(self.house.server.url)
        await self._read([])

    async def _act(self) -> None:
        while acting := [scene for scene in self.scenes if scene.lines and scene.lines[0] != "restart"]:
            for scene in acting:
                scene.told.append(scene.lines[0])
                await self._do(scene, scene.lines.pop(0))
            await self._read(acting)
        for scene in self.scenes:
            if scene.lines:
                scene.told.append(scene.lines.pop(0))

    async def _do(self, scene: Scene, line: str) -> None:
        if found := re.fullmatch(r"(\w+) presses (.+?)(?: under picture (\d+))?", line):
            shown = [id_ for id_, text in scene.messages.items() if f"[{found[2]}]" in text]
            assert shown, f"there is no button {found[2]}"
            message = scene.results()[int(found[3]) - 1] if found[3] else shown[-1]
            await scene.window.press(found[1], message, found[2])
        elif found := re.fullmatch(r"(.+) fails with (\w+)", line):
            self.atelier.failing[found[1]].append(Reason(found[2]))
        elif found := re.fullmatch(r"(.+) is ready", line):
            self.atelier.held.discard(found[1])
        elif found := re.fullmatch(r"(\w+) answers picture (\d+): (.+)", line):
            await scene.window.say(found[1], found[3], scene.results()[int(found[2]) - 1])
        elif found := re.fullmatch(r"(\w+) sends a picture: (.+)", line):
            await scene.window.say(found[1], found[2], picture=png())
        elif found := re.fullmatch(r"(\w+): (.+)", line):
            await scene.window.say(found[1], found[2])
        else:
            raise ValueError(f"nobody knows what this means: {line}")

    # What is seen --------------------------------------------------------------------------------------

    async def _read(self, acting: list[Scene]) -> None:
        """Wait until everybody has had an answer and all is quiet, then read."""
        silent = [scene for scene in acting if not re.search(r" (fails with \w+|is ready)$", scene.told[-1])]
        end = time.monotonic() + PATIENCE
        quiet = 0
        while quiet < 2:
            assert time.monotonic() < end, [f"{scene.key}: {scene.told[-1]}" for scene in silent]
            await asyncio.sleep(LOOK)
            if self.house.outbox.depth or await self._drawing() or await self.house.ledger.owed():
                quiet = 0
                continue
            silent = [scene for scene in silent if not scene.news(await scene.window.seen())]
            quiet = 0 if silent else quiet + 1
        for scene in acting or self.scenes:
            standing = await scene.window.seen()
            scene.told += [f"    {line}" for line in scene.news(standing)]
            scene.messages = dict(standing)
            scene.told += [f"    = {line}" for line in await self._drawn(scene)]

    async def _drawing(self) -> list[str]:
        """Jobs under way that are not held back."""
        return [
            job.id
            for job in await self.house.ledger.unfinished()
            if job.request.prompt not in self.atelier.held
        ]

    async def _drawn(self, scene: Scene) -> list[str]:
        """What was ordered since the last look, in a few words."""
        jobs = await self._jobs(scene)
        new = [job for job in jobs if job.id not in scene.jobs]
        scene.jobs += [job.id for job in new]
        for number, job in enumerate(jobs, 1):
            for n, media in enumerate(job.results, 1):
                scene.pictures.setdefault(str(media.path), f"{number}.{n}")
        return [ordered(job, scene) for job in new]

    async def _jobs(self, scene: Scene) -> list[Job]:
        """The scene's jobs that were ordered, oldest first."""
        rows = await self.database.rows(
            "SELECT id FROM jobs WHERE chat = ? AND submitted_at > 0 ORDER BY created_at, id",
            (await scene.window.chat(self.house.ledger),),
        )
        found = [await self.house.ledger.get(row[0]) for row in rows]
        return [job for job in found if job is not None]


def ordered(job: Job, scene: Scene) -> str:
    """An order in a few words."""
    request = job.request
    made_of = [scene.pictures.get(str(media.path), "a picture sent") for media in request.inputs]
    more = [request.ratio, request.size, f"× {request.count}" if request.count else ""]
    more += [f"from {' + '.join(made_of)}"] if made_of else []
    return " · ".join(part for part in (job.model, request.prompt, *more) if part)


def margin(path: Path) -> Iterator[str]:
    """What people do in a dialogue, line by line."""
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.strip() and not line.startswith((" ", "#")):
            yield line.rstrip()


@asynccontextmanager
async def built(folder: Path) -> AsyncIterator[Town]:
    """The services, and nobody there yet."""
    async with Discord() as discord, FeishuSimulator() as feishu:
        discord.rest.limits = False
        limits = feishu.rest.limits
        limits.chat_qps = limits.message_qps = limits.app_second = limits.app_minute = 100_000
        yield Town(folder, discord, feishu)
