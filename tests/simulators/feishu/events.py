"""Events on their way to the bot: by long connection or webhook, and again where no receipt came."""

import asyncio
import copy
import json
from dataclasses import dataclass
from typing import Any, Literal

from tests.simulators.feishu.longlink import LongLink
from tests.simulators.feishu.rules import HANDLE_SECONDS, REDELIVERIES
from tests.simulators.feishu.webhook import WebhookSender
from tests.simulators.feishu.world import TENANT, Message, World


@dataclass(slots=True)
class Owed:
    """An event for which no receipt came."""

    payload: dict[str, Any]
    first: float
    tries: int = 0

    @property
    def due(self) -> float:
        """When it is sent again."""
        return self.first + REDELIVERIES[self.tries]


class Events:
    """Delivers events."""

    def __init__(self, world: World, link: LongLink, webhook: WebhookSender) -> None:
        self.world = world
        self.link = link
        self.webhook = webhook
        self.way: Literal["ws", "webhook"] = "ws"
        self.handle_seconds = HANDLE_SECONDS
        #: What an event that is sent again carries: its old ids, a new event id, or new ids throughout.
        self.again_with: Literal["old", "event", "message"] = "old"
        self.owed: list[Owed] = []
        self.delivered: list[dict[str, Any]] = []
        self._tasks: set[asyncio.Task[Any]] = set()

    def payload(self, event_type: str, event: dict[str, Any], created: str = "") -> dict[str, Any]:
        """An event in its envelope (schema 2.0)."""
        return {
            "schema": "2.0",
            "header": {
                "event_id": self.world.new_id("ev"),
                "event_type": event_type,
                "create_time": created or str(int(self.world.now() * 1000)),
                "token": self.webhook.verification_token,
                "app_id": self.world.app_id,
                "tenant_key": TENANT,
            },
            "event": event,
        }

    async def post(self, event_type: str, event: dict[str, Any]) -> dict[str, Any]:
        """Send an event; it is owed until a receipt comes. Returns the payload."""
        payload = self.payload(event_type, event)
        if not await self.deliver(payload):
            self.owed.append(Owed(payload, self.world.now()))
            await self.world.tell()
        return payload

    def post_soon(self, event_type: str, event: dict[str, Any]) -> None:
        """The same without waiting for the receipt."""
        task = asyncio.get_running_loop().create_task(self.post(event_type, event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def deliver(self, payload: dict[str, Any]) -> bool:
        """One try. True where a receipt came."""
        self.delivered.append(payload)
        if self.way == "webhook":
            return (await self.webhook.send(payload, self.handle_seconds)).status == 200
        ack = await self.link.hand_over(payload, self.handle_seconds)
        return ack is not None and ack.code == 200

    async def redeliver(self) -> int:
        """Send again what is due by the world's clock; how many were sent."""
        now, sent = self.world.now(), 0
        for owed in [owed for owed in self.owed if owed.due <= now]:
            sent += 1
            owed.tries += 1
            if await self.deliver(self._again(owed.payload)) or owed.tries >= len(REDELIVERIES):
                self.owed.remove(owed)
        await self.world.tell()
        return sent

    async def repeat(self, payload: dict[str, Any]) -> None:
        """Send an event once more although its receipt came, as happens after reconnects."""
        await self.deliver(self._again(payload))

    def _again(self, payload: dict[str, Any]) -> dict[str, Any]:
        if self.again_with == "old":
            return payload
        again = copy.deepcopy(payload)
        again["header"]["event_id"] = self.world.new_id("ev")
        message = again["event"].get("message")
        if self.again_with == "message" and message is not None:
            known = self.world.messages[message["message_id"]]
            message["message_id"] = self.world.new_id("om")
            self.world.messages[message["message_id"]] = known
        return again

    def message(self, message: Message) -> dict[str, Any]:
        """The event of a person's (or another bot's) message."""
        chat = self.world.chats[message.chat]
        sender = self.world.users[message.sender]
        kinds = {"p2p": "p2p", "group": "group", "topic": "topic_group"}
        body: dict[str, Any] = {
            "message_id": message.id,
            "create_time": str(int(message.created * 1000)),
            "update_time": str(int(message.created * 1000)),
            "chat_id": chat.id,
            "chat_type": kinds[chat.kind],
            "message_type": message.kind,
            "content": message.content,
        }
        body |= {"root_id": message.root, "parent_id": message.parent} if message.parent else {}
        body |= {"thread_id": message.thread} if message.thread else {}
        body |= {"mentions": message.mentions} if message.mentions else {}
        return {
            "sender": {"sender_id": sender.ids, "sender_type": sender.kind, "tenant_key": TENANT},
            "message": body,
        }

    def heard(self, message: Message) -> bool:
        """Whether the bot is told of this message, given its scopes."""
        scopes = self.world.scopes
        if self.world.chats[message.chat].kind == "p2p":
            return "im:message.p2p_msg:readonly" in scopes
        if "im:message.group_msg" in scopes:
            return True
        mentioned = any(at["id"].get("open_id") == self.world.bot.open_id for at in message.mentions)
        everyone = message.kind == "text" and "@_all" in json.loads(message.content)["text"]
        return "im:message.group_at_msg:readonly" in scopes and (mentioned or everyone)

    async def close(self) -> None:
        """Stop what is on its way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
