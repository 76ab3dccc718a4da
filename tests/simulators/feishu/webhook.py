"""The other way for events: requests of the platform to the bot, encrypted and signed."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

import aiohttp
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad

from tests.simulators.feishu.world import World


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it was sent, to be sent again or bent."""

    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered; status 0: nothing in time."""

    status: int
    body: bytes = b""

    @property
    def data(self) -> Any:
        """The body as JSON, or None."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def encrypt(key: str, text: bytes) -> str:
    """AES-256-CBC with sha256(key), the IV in front, base64."""
    iv = secrets.token_bytes(16)
    cipher = AES.new(hashlib.sha256(key.encode()).digest(), AES.MODE_CBC, iv)
    return base64.b64encode(iv + cipher.encrypt(pad(text, 16))).decode()


class WebhookSender:
    """Sends events to the bot's address."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""
        self.encrypt_key = ""
        self.verification_token = secrets.token_hex(12)
        self.sent: list[Delivery] = []

    def wrap(self, payload: dict[str, Any], at: float | None = None) -> Delivery:
        """The request for a payload: encrypted and signed where there is a key."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "X-Request-Id": secrets.token_hex(8)}
        if self.encrypt_key:
            body = json.dumps({"encrypt": encrypt(self.encrypt_key, body)}).encode()
            timestamp = str(int(self.world.now() if at is None else at))
            nonce = secrets.token_hex(8)
            signed = (timestamp + nonce + self.encrypt_key).encode() + body
            headers |= {
                "X-Lark-Request-Timestamp": timestamp,
                "X-Lark-Request-Nonce": nonce,
                "X-Lark-Signature": hashlib.sha256(signed).hexdigest(),
            }
        return Delivery(headers, body)

    async def challenge(self, seconds: float = 1.0) -> Answer:
        """What the console sends when the address is saved: the bot must send the challenge back."""
        payload = {
            "type": "url_verification",
            "challenge": secrets.token_hex(12),
            "token": self.verification_token,
        }
        answer = await self.request(self.wrap(payload), seconds)
        if answer.status == 200 and (answer.data or {}).get("challenge") != payload["challenge"]:
            self.world.violate(0, "the challenge came back changed")
        return answer

    async def send(self, payload: dict[str, Any], seconds: float) -> Answer:
        """Send an event and wait for the answer."""
        delivery = self.wrap(payload)
        self.sent.append(delivery)
        return await self.request(delivery, seconds)

    async def request(self, delivery: Delivery, seconds: float = 3.0) -> Answer:
        """Send exactly this request."""
        timeout = aiohttp.ClientTimeout(total=seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self.url, data=delivery.body, headers=delivery.headers) as response,
            ):
                return Answer(response.status, await response.read())
        except (TimeoutError, aiohttp.ClientError):
            return Answer(0)
