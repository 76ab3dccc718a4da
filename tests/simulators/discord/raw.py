"""A bot and a gateway connection that send what they are told to, right or wrong."""

import io
import json
import zlib
from types import TracebackType
from typing import Any, Self

import aiohttp
import zstandard
from PIL import Image

from tests.simulators.discord import Discord
from tests.simulators.discord.state import Interaction, Json

NONE: Json = {"parse": []}
IMAGINE: Json = {
    "name": "imagine",
    "description": "Draw",
    "integration_types": [0, 1],
    "options": [
        {"type": 3, "name": "prompt", "description": "What", "required": True},
        {"type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 4},
        {"type": 3, "name": "model", "description": "Which", "autocomplete": True},
    ],
}


class RawBot:
    """A bot that sends what it is told to, right or wrong."""

    def __init__(self, discord: Discord) -> None:
        self.discord = discord

    async def __aenter__(self) -> Self:
        headers = {
            "Authorization": f"Bot {self.discord.token}",
            "User-Agent": "DiscordBot (https://bot.example, 1)",
        }
        self.session = aiohttp.ClientSession(headers=headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    async def call(self, method: str, path: str, body: Any = None, **kwargs: Any) -> tuple[int, Any]:
        request = self.session.request(method, self.discord.api_base + path, json=body, **kwargs)
        async with request as response:
            return response.status, await response.json() if response.status != 204 else None

    async def send(self, **body: Any) -> tuple[int, Any]:
        path = f"/channels/{self.discord.channel.id}/messages"
        return await self.call("POST", path, {"allowed_mentions": NONE, **body})

    async def upload(self, data: bytes, name: str = "a.png", **body: Any) -> tuple[int, Any]:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", json.dumps({"allowed_mentions": NONE, **body}))
        form.add_field("files[0]", data, filename=name, content_type="image/png")
        url = f"{self.discord.api_base}/channels/{self.discord.channel.id}/messages"
        async with self.session.post(url, data=form) as response:
            return response.status, await response.json()

    async def answer(self, interaction: Interaction, kind: int = 4, **data: Any) -> tuple[int, Any]:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=1"
        return await self.call("POST", path, {"type": kind, "data": data} if data else {"type": kind})

    def hook(self, interaction: Interaction, rest: str = "") -> str:
        return f"/webhooks/{self.discord.world.bot.id}/{interaction.token}{rest}"

    async def register(self, *commands: Json) -> tuple[int, Any]:
        path = f"/applications/{self.discord.world.bot.id}/commands"
        return await self.call("PUT", path, list(commands))


def picture(size: int = 8) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (size, size)).save(buffer, "PNG")
    return buffer.getvalue()


def rules(discord: Discord) -> list[str]:
    return [violation.rule for violation in discord.violations]


class RawSocket:
    """A gateway connection read by hand."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, compression: str) -> None:
        self.socket = socket
        self._zlib = zlib.decompressobj()
        self._zstd = zstandard.ZstdDecompressor().decompressobj()
        self._compression = compression

    async def next(self) -> Any:
        frame = await self.socket.receive(timeout=2)
        if frame.type is not aiohttp.WSMsgType.BINARY:
            return self.socket.close_code
        unpack = self._zlib if self._compression == "zlib-stream" else self._zstd
        return json.loads(unpack.decompress(frame.data))

    async def identify(self, discord: Discord, **more: Any) -> None:
        data = {"token": discord.token, "intents": 1 << 9, "properties": {}, **more}
        await self.socket.send_json({"op": 2, "d": data})


async def connect(bot: RawBot, compression: str = "zstd-stream") -> RawSocket:
    url = f"{bot.discord.wire.base}/gateway?v=10&encoding=json&compress={compression}"
    socket = RawSocket(await bot.session.ws_connect(url), compression)
    assert (await socket.next())["op"] == 10
    return socket
