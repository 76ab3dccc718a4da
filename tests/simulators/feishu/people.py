"""What people do: write, send pictures, answer, press, fill in forms, use the menu, withdraw."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from tests.simulators.feishu import cards, reading
from tests.simulators.feishu.cards import Button
from tests.simulators.feishu.events import Events
from tests.simulators.feishu.rules import PATCH_SECONDS
from tests.simulators.feishu.world import TENANT, Chat, Message, User, World

TOASTS = {"info", "success", "warning", "error"}
TIMEOUT, NOT_OK, BAD_FORMAT, BAD_CARD = 200341, 200671, 200672, 200673


@dataclass(frozen=True, slots=True)
class Pressed:
    """What the client showed after a press."""

    toast: str = ""
    #: The card was replaced by the answer.
    replaced: bool = False
    #: The error that the client shows instead; 0: none.
    error: int = 0


class People:
    """The hands of everybody in the tenant."""

    def __init__(self, world: World, events: Events) -> None:
        self.world = world
        self.events = events

    def say(
        self, chat: Chat, by: User, text: str, *, at_bot: bool = False, answer_to: Message | None = None,
        also_at: tuple[User, ...] = (), in_topic: bool = False,
    ) -> Message:  # fmt: skip
        """Write a text. Mentions stand in front of it as `@_user_1`, `@_user_2` …

        `in_topic`: in a topic under the message that is answered, or with which one opens.
        """
        who = ((self.world.bot,) if at_bot else ()) + also_at
        mentions = [_mention(number, user) for number, user in enumerate(who, 1)]
        full = " ".join([*(at["key"] for at in mentions), text])
        if in_topic and answer_to is not None:
            self.world.open_topic(answer_to)
        message = self._message(chat, by, "text", {"text": full}, answer_to)
        message.mentions = mentions
        if in_topic:
            self.world.open_topic(message)
        return self._publish(message)

    def picture(self, chat: Chat, by: User, data: bytes, *, answer_to: Message | None = None) -> Message:
        """Send a picture."""
        key = self._image(data)
        message = self._message(chat, by, "image", {"image_key": key}, answer_to)
        return self._publish(message)

    def post(
        self, chat: Chat, by: User, text: str, pictures: tuple[bytes, ...] = (), *, at_bot: bool = False,
        title: str = "",
    ) -> Message:  # fmt: skip
        """Send rich text: a paragraph and pictures. In events it has no wrapper of languages."""
        bot = self.world.bot
        first: list[dict[str, Any]] = []
        if at_bot:
            first.append({"tag": "at", "user_id": "@_user_1", "user_name": bot.name, "style": []})
        first.append({"tag": "text", "text": f" {text}" if at_bot else text, "style": []})
        paragraphs = [
            first,
            *[[{"tag": "img", "image_key": self._image(data), "width": 8, "height": 8}] for data in pictures],
        ]
        message = self._message(chat, by, "post", {"title": title, "content": paragraphs}, None)
        message.mentions = [_mention(1, bot)] if at_bot else []
        return self._publish(message)

    async def menu(self, by: User, event_key: str) -> dict[str, Any]:
        """Use the bot's menu in the private chat. The event names no chat."""
        event = {
            "operator": {"operator_name": by.name, "operator_id": by.ids},
            "event_key": event_key,
            "timestamp": int(self.world.now()),
        }
        return await self.events.post("application.bot.menu_v6", event)

    def withdraw(self, message: Message) -> None:
        """Take a message back."""
        message.withdrawn = True

    async def press(self, message: Message, label: str, by: User) -> Pressed:
        """Press the button, or choose from a list, whose label contains `label`."""
        button = self._find(message, label)
        chosen = {"tag": button.kind, "option": button.name} if button.kind == "select_static" else {}
        return await self._callback(message, by, button, chosen)

    async def submit(self, message: Message, values: dict[str, str], by: User) -> Pressed:
        """Fill in the form of a card and send it."""
        if not message.shown.fields:
            raise LookupError("this card has no form")
        name = message.shown.fields[0].form
        button = next(button for button in message.shown.buttons if button.form == name)
        filled = {field.name: values.get(field.name, field.value) for field in message.shown.fields}
        for field in message.shown.fields:
            if field.required and not filled[field.name]:
                raise ValueError(f"the client does not send the form: {field.name} is empty")
            filled[field.name] = filled[field.name][: field.max_length]
        return await self._callback(message, by, button, {"form_value": filled, "name": button.name})

    def _find(self, message: Message, label: str) -> Button:
        there = message.shown.buttons + message.shown.choices
        for button in there:
            if label in button.label:
                return button
        raise LookupError(f"no button {label!r} among {[button.label for button in there]}")

    async def _callback(self, message: Message, by: User, button: Button, more: dict[str, Any]) -> Pressed:
        if message.withdrawn or self.world.now() - message.created > PATCH_SECONDS:
            return Pressed(error=BAD_CARD)
        event = {
            "operator": {"tenant_key": TENANT, **by.ids},
            "token": f"c-{secrets.token_hex(12)}",
            "action": {"tag": "button", "value": button.value, "timezone": "Asia/Shanghai", **more},
            "host": "im_message",
            "context": {"open_message_id": message.id, "open_chat_id": message.chat},
        }
        micro = str(int(self.world.now() * 1_000_000))
        payload = self.events.payload("card.action.trigger", event, micro)
        status, data = await self._ask(payload)
        if status == 0:
            return Pressed(error=TIMEOUT)
        if status != 200:
            return Pressed(error=NOT_OK)
        return await self._answer(message, data)

    async def _ask(self, payload: dict[str, Any]) -> tuple[int, Any]:
        self.events.delivered.append(payload)
        if self.events.way == "webhook":
            answer = await self.events.webhook.send(payload, self.events.handle_seconds)
            return answer.status, answer.data
        ack = await self.events.link.hand_over(payload, self.events.handle_seconds)
        return (0, None) if ack is None else (ack.code, ack.data)

    async def _answer(self, message: Message, data: Any) -> Pressed:
        if data is None:
            return Pressed()
        if not isinstance(data, dict) or data.keys() - {"toast", "card"}:
            self.world.violate(BAD_FORMAT, f"answer to a press: {data}")
            return Pressed(error=BAD_FORMAT)
        toast = data.get("toast", {})
        if toast and (toast.get("type", "info") not in TOASTS or not isinstance(toast.get("content"), str)):
            self.world.violate(BAD_FORMAT, f"toast: {toast}")
            return Pressed(error=BAD_FORMAT)
        if "card" in data:
            try:
                cards.check_answer(data["card"], self.world.images)
            except cards.CardError as error:
                self.world.violate(BAD_CARD, f"answer to a press: {error}")
                return Pressed(error=BAD_CARD)
            message.content = json.dumps(data["card"]["data"])
            message.versions.append(reading.read("interactive", message.content))
            await self.world.tell()
        return Pressed(toast.get("content", ""), "card" in data)

    def _message(
        self, chat: Chat, by: User, kind: str, content: dict[str, Any], answer_to: Message | None
    ) -> Message:
        text = json.dumps(content, ensure_ascii=False)
        message = Message(self.world.new_id("om"), chat.id, by.open_id, kind, text, self.world.now())
        if answer_to is not None:
            self.world.answer(message, answer_to)
        elif chat.kind == "topic":
            self.world.open_topic(message)
        message.versions.append(reading.read(kind, text))
        for key in message.shown.images:
            self.world.owners[key] = message.id
        self.world.messages[message.id] = message
        return message

    def _publish(self, message: Message) -> Message:
        if self.events.heard(message):
            self.events.post_soon("im.message.receive_v1", self.events.message(message))
        return message

    def _image(self, data: bytes) -> str:
        key = self.world.new_id("img")
        self.world.images[key] = data
        return key


def _mention(number: int, user: User) -> dict[str, Any]:
    return {
        "key": f"@_user_{number}",
        "id": user.ids,
        "name": user.name,
        "tenant_key": TENANT,
        "mentioned_type": "bot" if user.kind == "app" else "user",
    }
