"""A bot that knows no rules, for breaking them on purpose."""

import io
import json
from typing import Any

import aiohttp
from PIL import Image

from tests.simulators.feishu import Chat, FeishuSimulator

CARD: dict[str, Any] = {
    "schema": "2.0",
    "config": {"update_multi": True},
    "header": {"title": {"tag": "plain_text", "content": "Hello"}, "template": "blue"},
    "body": {"elements": [{"tag": "markdown", "content": "**bold** and [a link](https://example.com)"}]},
}


class Api:
    """A bot that knows no rules."""

    def __init__(self, simulator: FeishuSimulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.session = session
        self.token = ""
        self.headers: dict[str, str] = {}

    async def login(self, **changes: str) -> dict[str, Any]:
        world = self.simulator.world
        body = {"app_id": world.app_id, "app_secret": world.app_secret} | changes
        async with self.session.post(
            "/open-apis/auth/v3/tenant_access_token/internal", json=body
        ) as response:
            answer: dict[str, Any] = await response.json()
        self.token = answer.get("tenant_access_token", "")
        return answer

    async def call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.session.request(method, f"/open-apis{path}", headers=headers, **more) as response:
            self.headers = {name.lower(): value for name, value in response.headers.items()}
            answer: dict[str, Any] = await response.json()
            return answer

    async def send(self, chat: Chat, kind: str = "text", content: Any = None, **more: Any) -> dict[str, Any]:
        text = json.dumps({"text": "hi"} if content is None else content)
        body = {"receive_id": chat.id, "msg_type": kind, "content": text, **more}
        return await self.call("POST", "/im/v1/messages?receive_id_type=chat_id", json=body)

    async def upload(self, data: bytes, **fields: str) -> dict[str, Any]:
        form = aiohttp.FormData({"image_type": "message"} | fields)
        form.add_field("image", io.BytesIO(data), filename="a.png", content_type="image/png")
        return await self.call("POST", "/im/v1/images", data=form)


def picture(size: tuple[int, int] = (8, 8), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()
