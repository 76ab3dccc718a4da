"""A house small enough to look at the page: the real server, web chat and database, and a bot by script.

By hand: `python -m tests.browser.house --port 8790`. What the bot does is in what it is told: "four",
"fail", "slow", "film"; anything else is one picture.
"""

import argparse
import asyncio
import contextlib
import itertools
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw, ImageFilter

from adapters.clock import SystemClock
from adapters.database.sqlite import Sqlite
from adapters.platforms.web.platform import WebPlatform
from adapters.server import Server
from bot.message import (
    Action,
    Form,
    Incoming,
    Kind,
    Language,
    Line,
    Media,
    MessageRef,
    Outgoing,
    Press,
    Pressed,
    Reply,
)
from bot.metrics import Metrics


def draw(path: Path, width: int, height: int, seed: int) -> Media:
    """A quiet landscape; the same seed is the same picture."""
    image = Image.new("RGB", (width, height), (236, 232, 226))
    brush = ImageDraw.Draw(image)
    x: float
    tones = [(198, 206, 220), (150, 164, 190), (98, 116, 152), (52, 66, 104), (26, 33, 56)]
    for layer, tone in enumerate(tones):
        base = height * (0.42 + 0.12 * layer)
        points = [(0.0, float(height))]
        for x in range(0, width + 20, 20):
            wave = ((x * (layer + 2) + seed * 97) % 331) / 331
            points.append((float(x), base - height * 0.16 * abs(wave - 0.5) * (2.2 - layer * 0.2)))
        brush.polygon([*points, (float(width), float(height))], fill=tone)
        image = image.filter(ImageFilter.GaussianBlur(2.2 - layer * 0.4))
        brush = ImageDraw.Draw(image)
    radius = height * 0.07
    x, y = width * (0.25 + (seed % 5) * 0.12), height * 0.22
    brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(190, 62, 48))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, compress_level=1)
    return Media(path, "image/png", path.stat().st_size, width, height)


WORDS = {
    "zh": {
        "ack": "好的！来帮你画{} 🐱",
        "start": "🎨 开始生成图片，请稍候…",
        "model": "模型",
        "expected": "预计",
        "seconds": "30–60 秒",
        "price": "消耗",
        "points": "5 积分，性价比最佳",
        "progress": "⏳ 正在生成中… {}%",
        "waited": "已等待 {} 秒，最长 60 秒",
        "settled": "⏳ 生成完毕，共 41 秒",
        "success": "✅ 图片生成成功！",
        "actual": "实际",
        "link": "🔗 原始链接",
        "failure": "❌ 图片生成失败",
        "reason": "积分不足，请到 https://www.imaclaw.ai/imaclaw/subscription 购买。",
        "offer": "需要我帮你用其他模型重试吗？",
        "cancel": "取消",
        "cancelled": "已取消。",
        "cancelling": "正在取消…",
        "again": "再来一张",
        "edit": "改一改",
        "form": "想怎么改？",
        "submit": "开始",
    },
    "en": {
        "ack": "OK! Drawing {} for you 🦊",
        "start": "🎨 Drawing has begun, one moment…",
        "model": "Model",
        "expected": "Expected",
        "seconds": "30–60 s",
        "price": "Cost",
        "points": "5 points, best value",
        "progress": "⏳ Drawing… {}%",
        "waited": "{} s so far, 60 s at most",
        "settled": "⏳ Done after 41 s",
        "success": "✅ Your picture is ready!",
        "actual": "Took",
        "link": "🔗 Original",
        "failure": "❌ The picture could not be made",
        "reason": "There are not enough points. Buy some at https://www.imaclaw.ai/imaclaw/subscription.",
        "offer": "Shall I try again with another model?",
        "cancel": "Cancel",
        "cancelled": "Cancelled.",
        "cancelling": "Cancelling…",
        "again": "One more",
        "edit": "Change it",
        "form": "What should change?",
        "submit": "Go",
    },
}


class ScriptedInbox:
    """Answers every message with a whole job, `pace` seconds between its steps."""

    def __init__(self, platform: WebPlatform, media: Path, pace: float, side: int) -> None:
        self.platform = platform
        self.media = media
        self.pace = pace
        #: Lets one step pass for each release; None: they go on by themselves.
        self.gate: asyncio.Semaphore | None = None
        self.side = side
        self.heard: list[Incoming] = []
        self.presses: list[Pressed] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.loose: set[asyncio.Task[None]] = set()
        self.numbers = itertools.count(1)

    async def message(self, message: Incoming) -> None:
        self.heard.append(message)
        job = f"job-{message.id[:8]}"
        self.tasks[job] = asyncio.create_task(self.act(message, job))

    def press(self, press: Pressed) -> Reply:
        self.presses.append(press)
        words = WORDS[press.language]
        if press.press is Press.CANCEL:
            if task := self.tasks.get(press.job):
                task.cancel()
            self._later(
                self.say(press, Outgoing(Kind.CANCELLED, press.language, words["cancelled"], press.job))
            )
            return Reply(words["cancelling"])
        if press.press is Press.EDIT and not press.text:
            return Reply(form=Form(words["edit"], words["form"], words["submit"], "…"))
        answer = f"{press.press}: {press.value} {press.text}".strip()
        self._later(self.say(press, Outgoing(Kind.TEXT, press.language, answer)))
        return Reply()

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self.loose.add(task)
        task.add_done_callback(self.loose.discard)

    async def say(self, press: Pressed, message: Outgoing) -> None:
        await self.platform.send(press.address, message, f"press {press.id}")

    async def pause(self) -> None:
        await (self.gate.acquire() if self.gate else asyncio.sleep(self.pace))

    async def act(self, message: Incoming, job: str) -> None:
        language: Language = message.locale or "zh"
        words = WORDS[language]
        send = self.platform.send

        async def step(name: str, outgoing: Outgoing) -> MessageRef:
            await self.pause()
            return await send(message.address, outgoing, f"{job} {name}")

        await step("ack", Outgoing(Kind.ACK, language, words["ack"].format(message.text or "…"), job))
        cancel = Action(Press.CANCEL, words["cancel"], job, message.person.key, language)
        facts = (
            Line("SeeDream 4.5", words["model"]),
            Line(words["seconds"], words["expected"]),
            Line(words["points"], words["price"]),
        )
        start = Outgoing(Kind.START, language, words["start"], job, facts, actions=(cancel,))
        start_ref = await step("start", start)
        if "slow" in message.text:
            await asyncio.sleep(3600)
        ref: MessageRef | None = None
        progress = Outgoing(Kind.PROGRESS, language, "", job)
        for percent, waited in ((33, 20), (66, 40)):
            line = Line(words["waited"].format(waited))
            headline = words["progress"].format(percent)
            progress = replace(progress, headline=headline, lines=(line,), percent=percent)
            if ref is None:
                ref = await step("progress", progress)
            else:
                await self.pause()
                await self.platform.edit(ref, progress)
        await self.pause()
        if "fail" in message.text or "失败" in message.text:
            end = self.failure(job, message, language)
        else:
            end = await asyncio.to_thread(self.success, job, message, language)
        await send(message.address, end, f"{job} end")
        if ref:
            settled = Outgoing(Kind.PROGRESS, language, words["settled"], job, settled=True)
            await self.platform.edit(ref, settled)
        await self.platform.edit(start_ref, replace(start, actions=()))

    def failure(self, job: str, message: Incoming, language: Language) -> Outgoing:
        words, owner = WORDS[language], message.person.key
        models = ("Nano Banana2", "Nano Banana Pro")
        actions = [Action(Press.SWITCH, name, job, owner, language, name) for name in models]
        actions[0] = replace(actions[0], primary=True)
        lines = (Line(words["reason"]), Line(words["offer"]))
        return Outgoing(Kind.FAILURE, language, words["failure"], job, lines, actions=tuple(actions))

    def success(self, job: str, message: Incoming, language: Language) -> Outgoing:
        words, owner = WORDS[language], message.person.key
        wide = (
            (self.side * 5 // 4, self.side * 45 // 64) if "16:9" in message.text else (self.side, self.side)
        )
        count = 4 if "four" in message.text or "四" in message.text else 1
        pictures = tuple(
            draw(self.media / f"{job}-{number}.png", *wide, next(self.numbers)) for number in range(count)
        )
        lines = [
            Line("SeeDream 4.5", words["model"]),
            Line("41 s", words["actual"]),
            Line("5", words["price"]),
        ]
        if "link" in message.text:
            url = "https://example.com/pictures/1.png"
            pictures = tuple(replace(picture, link=url) for picture in pictures)
            lines.append(Line(url, words["link"], url))
        again = Action(Press.AGAIN, words["again"], job, owner, language)
        edit = Action(Press.EDIT, words["edit"], job, owner, language)
        return Outgoing(
            Kind.SUCCESS, language, words["success"], job, tuple(lines), media=pictures, actions=(again, edit)
        )


class House:
    """All of it on one folder; can be closed and opened again on the same port."""

    def __init__(self, folder: Path, *, pace: float = 0.0, token: str = "", side: int = 256) -> None:
        self.folder = folder
        self.pace = pace
        self.token = token
        self.side = side
        self.port = 0

    async def open(self, host: str = "127.0.0.1") -> "House":
        self.database = await Sqlite.open(self.folder / "inkling.db")
        media = self.folder / "media"
        self.platform = WebPlatform(
            self.database, self.folder / "uploads", media, SystemClock(), token=self.token
        )
        self.inbox = ScriptedInbox(self.platform, media, self.pace, self.side)
        self.server = Server(host, self.port, healthy, Metrics().registry)
        self.server.add(self.platform.routes())
        await self.server.start()
        self.port = self.server.port
        self.running = asyncio.create_task(self.platform.run(self.inbox))
        return self

    async def close(self) -> None:
        tasks = [self.running, *self.inbox.tasks.values(), *self.inbox.loose]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.platform.close()
        await self.server.close()
        await self.database.close()

    @property
    def url(self) -> str:
        return self.server.url


async def healthy() -> tuple[bool, dict[str, object]]:
    return True, {"status": "ok"}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8790)
    parser.add_argument("--pace", type=float, default=2.0)
    parser.add_argument("--token", default="")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        house = House(Path(folder), pace=options.pace, token=options.token, side=1024)
        house.port = options.port
        await house.open()
        print(house.url)
        try:
            await asyncio.Event().wait()
        finally:
            await house.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
