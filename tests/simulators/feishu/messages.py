"""Sending, answering, changing, reading and withdrawing messages."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.simulators.feishu import cards, reading
from tests.simulators.feishu.rules import (
    CARD_BYTES,
    PATCH_SECONDS,
    TEXT_BYTES,
    UUID_LENGTH,
    UUID_SECONDS,
    ApiError,
    Limits,
    Windows,
)
from tests.simulators.feishu.world import TENANT, Chat, Message, World

KINDS = {"text", "post", "image", "file", "media", "interactive"}
REQUIRED = {"image": "image_key", "file": "file_key", "media": "file_key", "text": "text"}


class Messages:
    """The interface `im/v1/messages`."""

    def __init__(self, world: World, limits: Limits, windows: Windows) -> None:
        self.world = world
        self.limits = limits
        self.windows = windows

    async def send(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        """POST /messages: a new message."""
        _only(body, {"receive_id", "msg_type", "content", "uuid"})
        kind_of_id = request.query.get("receive_id_type", "open_id")
        chat = self._receiver(kind_of_id, str(body.get("receive_id", "")))
        return self._create(chat, body)

    async def reply(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        """POST /messages/{message}/reply: an answer to a message, in its topic where it is in one."""
        _only(body, {"msg_type", "content", "uuid", "reply_in_thread"})
        parent = self._message(request.match_info["message"])
        chat = self.world.chats[parent.chat]
        return self._create(chat, body, parent)

    async def patch(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        """PATCH /messages/{message}: another card in its place."""
        _only(body, {"content"})
        message = self._message(request.match_info["message"])
        if message.sender != self.world.bot.open_id:
            self.world.violate(230027, "a change of somebody else's message")
            raise ApiError(230027, "Lack of necessary permissions: not the sender of the message")
        if message.kind != "interactive":
            raise ApiError(230001, "invalid request, ext=message is not a card")
        if self.world.now() - message.created > PATCH_SECONDS:
            raise ApiError(230031, "The message card has expired: sent more than 14 days ago")
        if self.windows.admit(f"message {message.id}", self.limits.message_qps):
            raise ApiError(230020, "This operation triggers the frequency limit, ext=message")
        content = self._content("interactive", body.get("content"))
        message.content = content
        message.versions.append(reading.read("interactive", content))
        return {"data": {}}

    async def get(self, request: web.Request, _: dict[str, Any]) -> dict[str, Any]:
        """GET /messages/{message}."""
        message = self.world.messages.get(request.match_info["message"])
        if message is None:
            raise ApiError(230001, "invalid message_id")
        if message.deleted:
            raise ApiError(230110, "message deleted")
        return {"data": {"items": [self.item(message, _whole_cards(request.query))]}}

    async def history(self, request: web.Request, _: dict[str, Any]) -> dict[str, Any]:
        """GET /messages: what was said in a chat since a time, or in a topic."""
        query = request.query
        contained = {"chat": self._in_chat, "thread": self._in_thread}.get(query.get("container_id_type", ""))
        if contained is None:
            raise ApiError(230001, "invalid container_id_type")
        found = sorted(contained(query), key=lambda message: message.created)
        if query.get("sort_type") == "ByCreateTimeDesc":
            found.reverse()
        size = int(query.get("page_size", "20"))
        if not 1 <= size <= 50:
            raise ApiError(99992402, "field validation failed: page_size")
        at = int(query.get("page_token") or "0")
        items = [self.item(message, _whole_cards(query)) for message in found[at : at + size]]
        more = len(found) > at + size
        return {"data": {"items": items, "has_more": more, "page_token": str(at + size) if more else ""}}

    async def delete(self, request: web.Request, _: dict[str, Any]) -> dict[str, Any]:
        """DELETE /messages/{message}: withdraw one's own message."""
        message = self._message(request.match_info["message"])
        if message.sender != self.world.bot.open_id:
            raise ApiError(230026, "no permission to recall this message")
        message.withdrawn = True
        return {"data": {}}

    def _in_chat(self, query: Mapping[str, str]) -> list[Message]:
        """A group tells only the openings of its topics; a group of topics tells everything."""
        chat = self.world.chats.get(query.get("container_id", ""))
        if chat is None:
            raise ApiError(230001, "invalid container_id")
        self._may_read(chat)
        since = float(query.get("start_time", "0"))
        return [
            message
            for message in self._all()
            if message.chat == chat.id
            and message.created >= since
            and (chat.kind == "topic" or self.world.topics.get(message.thread, message.id) == message.id)
        ]

    def _in_thread(self, query: Mapping[str, str]) -> list[Message]:
        found = [message for message in self._all() if message.thread == query.get("container_id", "")]
        if not found or query.keys() & {"start_time", "end_time"}:
            raise ApiError(230001, "invalid container_id, or a time, which topics do not take")
        self._may_read(self.world.chats[found[0].chat])
        return found

    def _all(self) -> list[Message]:
        """Each message once, also what is known by two ids."""
        all_ = {message.id: message for message in self.world.messages.values()}
        return [message for message in all_.values() if not message.deleted]

    def _may_read(self, chat: Chat) -> None:
        if chat.kind != "p2p" and "im:message.group_msg" not in self.world.scopes:
            raise ApiError(230027, "Lack of necessary permissions, ext=need scope: im:message.group_msg")

    def item(self, message: Message, whole_cards: bool = False) -> dict[str, Any]:
        """The message as interfaces answer with it."""
        by_app = self.world.users[message.sender].kind == "app"
        app = self.world.app_id if message.sender == self.world.bot.open_id else f"cli_{message.sender}"
        content = message.content
        if message.kind == "interactive":
            # Unless asked for, nothing is told of a card of the second schema.
            old = {"tag": "text", "text": "请升级至最新版本客户端，以查看内容"}
            told = {"user_dsl": content} if whole_cards else {}
            content = json.dumps({"title": None, "elements": [[old]], **told})
        item: dict[str, Any] = {
            "message_id": message.id,
            "msg_type": message.kind,
            "create_time": str(int(message.created * 1000)),
            "update_time": str(int(message.created * 1000)),
            "deleted": message.withdrawn,
            "updated": len(message.versions) > 1,
            "chat_id": message.chat,
            "sender": {
                "id": app if by_app else message.sender,
                "id_type": "app_id" if by_app else "open_id",
                "sender_type": "app" if by_app else "user",
                "tenant_key": TENANT,
            },
            "body": {"content": "" if message.withdrawn else content},
            "mentions": [
                {"key": at["key"], "id": at["id"]["open_id"], "id_type": "open_id", "name": at["name"]}
                for at in message.mentions
                if at["id"].get("open_id")
            ],
        }
        item |= {"root_id": message.root, "parent_id": message.parent} if message.parent else {}
        item |= {"thread_id": message.thread} if message.thread else {}
        return item

    def _create(self, chat: Chat, body: dict[str, Any], parent: Message | None = None) -> dict[str, Any]:
        kind = body.get("msg_type")
        if kind not in KINDS:
            raise ApiError(230001, f"invalid msg_type {kind}")
        uuid = body.get("uuid", "")
        if not isinstance(uuid, str) or len(uuid) > UUID_LENGTH:
            raise ApiError(99992402, "field validation failed: uuid: max len is 50")
        if not chat.joined:
            raise ApiError(230002, "The bot can not be outside the group.")
        if chat.muted:
            raise ApiError(230018, "These operations are NOT allowed at current group settings.")
        if self.windows.admit(f"chat {chat.id}", self.limits.chat_qps):
            raise ApiError(230020, "This operation triggers the frequency limit, ext=chat")
        content = self._content(str(kind), body.get("content"))
        earlier = self._earlier(uuid)
        if earlier is not None:
            if (earlier.chat, earlier.kind) != (chat.id, kind):
                self.world.violate(0, f"uuid {uuid} used for two different messages")
            return {"data": self.item(earlier)}
        message = Message(
            self.world.new_id("om"), chat.id, self.world.bot.open_id, str(kind), content, self.world.now()
        )
        message.uuid = uuid
        if parent is not None:
            self._attach(message, parent, in_thread=bool(body.get("reply_in_thread")))
        elif chat.kind == "topic":
            self.world.open_topic(message)
        message.versions.append(reading.read(str(kind), content))
        self.world.messages[message.id] = message
        return {"data": self.item(message)}

    def _attach(self, message: Message, parent: Message, *, in_thread: bool) -> None:
        if in_thread and not self.world.chats[message.chat].has_topics:
            raise ApiError(230071, "The group to which the message belongs does not support reply in thread.")
        if in_thread:
            self.world.open_topic(parent)
        self.world.answer(message, parent)

    def _earlier(self, uuid: str) -> Message | None:
        if not uuid:
            return None
        since = self.world.now() - UUID_SECONDS
        for message in self.world.messages.values():
            if message.uuid == uuid and message.created >= since:
                return message
        return None

    def _receiver(self, kind: str, value: str) -> Chat:
        if kind == "chat_id":
            chat = self.world.chats.get(value)
            if chat is None:
                raise ApiError(230001, "invalid receive_id")
            return chat
        attribute = {"open_id": "open_id", "union_id": "union_id", "user_id": "user_id"}.get(kind)
        if attribute is None:
            raise ApiError(99992402, "field validation failed: receive_id_type")
        for user in self.world.users.values():
            if getattr(user, attribute) == value and user.kind == "user":
                return self.world.private_chat(user.open_id)
        raise ApiError(230001, "invalid receive_id")

    def _message(self, message_id: str) -> Message:
        message = self.world.messages.get(message_id)
        if message is None:
            raise ApiError(230001, "invalid message_id")
        if message.withdrawn:
            raise ApiError(230011, "The message was withdrawn.")
        if message.deleted:
            raise ApiError(230110, "Action unavailable as the message has been deleted.")
        return message

    def _content(self, kind: str, content: Any) -> str:
        if not isinstance(content, str):
            raise ApiError(99992402, "field validation failed: content must be a JSON string")
        longest = TEXT_BYTES if kind == "text" else CARD_BYTES
        if len(content.encode()) > longest:
            raise ApiError(230025, "The length of the message content reaches its limit.")
        try:
            body = json.loads(content)
        except ValueError as error:
            raise ApiError(230001, "invalid content, ext=content is not a string in json format") from error
        if not isinstance(body, dict):
            raise ApiError(230001, "invalid content")
        if kind == "interactive":
            self._check_card(body)
        elif kind == "post":
            self._check_post(body)
        else:
            self._check_keys(kind, body)
        return content

    def _check_card(self, card: dict[str, Any]) -> None:
        try:
            cards.check(card, self.world.images)
        except cards.CardError as error:
            detail = f"Failed to create card content, ext=ErrCode: 200621; ErrMsg: {error}"
            raise ApiError(error.code, detail) from error

    def _check_post(self, body: dict[str, Any]) -> None:
        for language, post in body.items():
            if language not in {"zh_cn", "en_us", "ja_jp"} or not isinstance(post.get("content"), list):
                raise ApiError(230001, "invalid content, ext=post")
            for paragraph in post["content"]:
                for part in paragraph:
                    if part.get("tag") not in {"text", "a", "at", "img", "md", "hr", "code_block", "emotion"}:
                        raise ApiError(230001, f"invalid content, ext=post tag {part.get('tag')}")
                    if part["tag"] == "img" and part.get("image_key") not in self.world.images:
                        raise ApiError(230001, "invalid image_key")

    def _check_keys(self, kind: str, body: dict[str, Any]) -> None:
        name = REQUIRED[kind]
        value = body.get(name)
        if not isinstance(value, str) or not value:
            raise ApiError(230001, f"invalid content, ext={name}")
        if name == "image_key" and value not in self.world.images:
            raise ApiError(230001, "invalid image_key")
        if name == "file_key":
            if value not in self.world.files:
                raise ApiError(230001, "invalid file_key")
            if (self.world.files[value][0].endswith(".mp4")) != (kind == "media"):
                raise ApiError(
                    230055, "The type of file upload does not match the type of message being sent"
                )


def _whole_cards(query: Mapping[str, str]) -> bool:
    return query.get("card_msg_content_type") == "user_card_content"


def _only(body: dict[str, Any], allowed: set[str]) -> None:
    unknown = body.keys() - allowed
    if unknown:
        raise ApiError(99992402, f"field validation failed: {sorted(unknown)}")
