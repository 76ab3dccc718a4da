"""The web chat under test: the real server, a real database, a browser made of HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp

from adapters.clock import SystemClock
from adapters.database.sqlite import Sqlite
from adapters.platforms.web.platform import WebPlatform
from adapters.server import Server
from bot.message import Action, Address, MessageRef
from bot.metrics import Metrics
from bot.ports import Clock
from tests.contract.platforms.stage import Listener, Seen, until


class WebStage:
    """Fulfils Stage. Also what the web chat's own tests stand on."""

    def __init__(self, folder: Path, token: str = "", clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.folder = folder
        self.token = token
        self.listener = Listener()
        self.port = 0
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.room = ""
        self.count = 0

    async def open(self, *, running: bool = True) -> None:
        self.database = await Sqlite.open(self.folder / "inkling.db")
        uploads, media = self.folder / "uploads", self.folder / "media"
        self.platform = WebPlatform(self.database, uploads, media, self.clock, token=self.token)
        self.server = Server("127.0.0.1", self.port, healthy, Metrics().registry)
        self.server.add(self.platform.routes())
        await self.server.start()
        self.port = self.server.port
        self.task: asyncio.Task[None] | None = None
        if running:
            await self.run()

    async def run(self) -> None:
        self.task = asyncio.create_task(self.platform.run(self.listener))
        await until(lambda: self.platform.connected)

    async def shut(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait({self.task})
        await self.platform.close()
        await self.server.close()
        await self.database.close()

    async def restart(self) -> None:
        await self.shut()
        await self.open()

    async def enter(self) -> None:
        """Open the page, and write once to learn which room this is."""
        await self.visit(self.http)
        await self.say("hello")
        self.room = self.listener.messages.pop().address.chat

    async def visit(self, http: aiohttp.ClientSession) -> None:
        """Open the page in some browser, which makes it somebody."""
        async with http.get(self.url("/")) as answer:
            assert answer.status == 200

    @property
    def address(self) -> Address:
        return Address("web", self.room)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def media(self, name: str) -> Path:
        return self.folder / "media" / name

    def name(self) -> str:
        self.count += 1
        return f"client-{self.count:08}"

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        async with self.http.post(self.url(path), json=body) as answer:
            return answer.status, await answer.json()

    async def upload(self, data: bytes, name: str = "cat.png") -> tuple[int, Any]:
        headers = {"X-File-Name": name}
        async with self.http.post(self.url("/chat/uploads"), data=BytesIO(data), headers=headers) as answer:
            return answer.status, await answer.json()

    async def say(self, text: str, *, picture: bytes = b"", answering: MessageRef | None = None) -> None:
        body: dict[str, Any] = {"id": self.name(), "text": text}
        if picture:
            status, upload = await self.upload(picture)
            assert status == 200
            body["uploads"] = [upload["id"]]
        if answering is not None:
            body["reply_to"] = answering.id
        status, answer = await self.post("/chat/messages", body)
        assert status == 200, answer

    async def press(self, ref: MessageRef, action: Action) -> str:
        body = {"id": self.name(), "message": ref.id, "press": action.press, "job": action.job}
        status, answer = await self.post("/chat/press", body | {"value": action.value})
        assert status == 200, answer
        return str(answer["toast"])

    async def history(self) -> list[dict[str, Any]]:
        """All messages, as the page gets them when it opens."""
        async with self.http.ws_connect(self.url("/chat/stream")) as stream:
            while (frame := await stream.receive_json(timeout=2))["type"] != "history":
                pass
        messages: list[dict[str, Any]] = frame["messages"]
        return messages

    async def seen(self) -> list[Seen]:
        return [
            Seen(
                message["id"],
                "\n".join([message["headline"], *(f"{x['label']} {x['text']}" for x in message["lines"])]),
                len(message["media"]),
                tuple(action["label"] for action in message["actions"]),
            )
            for message in await self.history()
            if message["kind"] != "user"
        ]


async def healthy() -> tuple[bool, dict[str, object]]:
    return True, {"status": "ok"}


@asynccontextmanager
async def stage(folder: Path, token: str = "", clock: Clock | None = None) -> AsyncIterator[WebStage]:
    made = WebStage(folder, token, clock)
    async with made.http:
        await made.open()
        try:
            if not token:
                await made.enter()
            yield made
        finally:
            await made.shut()
