"""What the simulated tenant consists of: people, chats, messages, pictures, and its clock.

State only. Who may do what, and with which code it is refused, is in `rules` and `rest`.
"""

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Literal, TypeVar

from tests.simulators.feishu.cards import Shown

T = TypeVar("T")

TENANT = "tenant_7f3a"
#: What an app needs; hearing whole groups (`im:message.group_msg`) is another matter.
ALL_SCOPES = frozenset(
    {
        "im:message",
        "im:message.p2p_msg:readonly",
        "im:message.group_at_msg:readonly",
        "im:message:update",
        "im:resource",
        "application:app_slash_command:read",
        "application:app_slash_command:write",
    }
)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody (or some other bot) in the tenant."""

    name: str
    open_id: str
    union_id: str
    user_id: str
    kind: Literal["user", "app"] = "user"

    @property
    def ids(self) -> dict[str, str]:
        """The three ids as they stand in an event."""
        return {"open_id": self.open_id, "union_id": self.union_id, "user_id": self.user_id}


@dataclass(slots=True)
class Chat:
    """A private chat, a group, or a group in which every message opens a topic."""

    id: str
    kind: Literal["p2p", "group", "topic"]
    name: str = ""
    #: False after the bot was removed, and whether it may not speak.
    joined: bool = True
    muted: bool = False
    #: Whether a message may be answered in a topic.
    has_topics: bool = True
    #: The person of a private chat.
    person: str = ""


@dataclass(slots=True)
class Message:
    """A message as the server keeps it."""

    id: str
    chat: str
    sender: str
    kind: str
    content: str
    created: float
    root: str = ""
    parent: str = ""
    thread: str = ""
    uuid: str = ""
    withdrawn: bool = False
    deleted: bool = False
    mentions: list[dict[str, Any]] = field(default_factory=list)
    #: Everything it ever showed, oldest first; the last one is what it shows now.
    versions: list[Shown] = field(default_factory=list)

    @property
    def shown(self) -> Shown:
        """What a person sees now."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that the bot broke."""

    code: int
    what: str


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the REST interface."""

    at: float
    route: str
    code: int
    uuid: str = ""


class World:
    """The tenant."""

    def __init__(self, speed: float = 1.0) -> None:
        #: How many of the tenant's seconds pass in a real one, and from when on.
        self.speed = speed
        self.began = time.time()
        self.app_id = f"cli_{secrets.token_hex(8)}"
        self.app_secret = secrets.token_hex(16)
        self.users: dict[str, User] = {}
        self.chats: dict[str, Chat] = {}
        self.messages: dict[str, Message] = {}
        self.images: dict[str, bytes] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        #: Which message a picture belongs to; pictures of the bot's own uploads belong to none.
        self.owners: dict[str, str] = {}
        #: Which message opened a topic.
        self.topics: dict[str, str] = {}
        self.commands: dict[str, dict[str, Any]] = {}
        self.calls: list[Call] = []
        self.violations: list[Violation] = []
        self.scopes = set(ALL_SCOPES)
        self.skew = 0.0
        self.changed = asyncio.Condition()
        self._numbers = itertools.count(1)
        self._tag = secrets.token_hex(3)
        self.bot = self.add_user("Inkling", kind="app")

    def now(self) -> float:
        """Unix seconds by the platform's clock."""
        return self.began + (time.time() - self.began) * self.speed + self.skew

    @property
    def date(self) -> str:
        """The same as a header says it."""
        return formatdate(self.now(), usegmt=True)

    def new_id(self, prefix: str) -> str:
        """An id that no other world has given."""
        return f"{prefix}_{self._tag}{next(self._numbers):06d}"

    def add_user(self, name: str, kind: Literal["user", "app"] = "user") -> User:
        """Somebody joins the tenant."""
        user = User(name, self.new_id("ou"), self.new_id("on"), self.new_id("u"), kind)
        self.users[user.open_id] = user
        return user

    def add_chat(self, kind: Literal["p2p", "group", "topic"], name: str = "", person: str = "") -> Chat:
        """A chat in which the bot is."""
        chat = Chat(self.new_id("oc"), kind, name, person=person)
        self.chats[chat.id] = chat
        return chat

    def private_chat(self, open_id: str) -> Chat:
        """The private chat of a person with the bot."""
        for chat in self.chats.values():
            if chat.kind == "p2p" and chat.person == open_id:
                return chat
        return self.add_chat("p2p", person=open_id)

    def answer(self, message: Message, parent: Message) -> None:
        """Put a message where it answers another; in a topic everything answers the opening."""
        message.thread = parent.thread
        opening = self.topics.get(parent.thread, "")
        message.root = opening or parent.root or parent.id
        message.parent = opening or parent.id

    def open_topic(self, message: Message) -> None:
        """From now on a message has a topic, unless it is in one."""
        if not message.thread:
            message.thread = self.new_id("omt")
            self.topics[message.thread] = message.id

    def violate(self, code: int, what: str) -> None:
        """Write down that the bot broke a rule."""
        self.violations.append(Violation(code, what))

    async def tell(self) -> None:
        """Wake whoever waits for something to appear."""
        async with self.changed:
            self.changed.notify_all()

    async def until(self, look: Callable[[], T | None], timeout: float = 5.0) -> T:
        """Wait until `look` finds something. Raises TimeoutError."""
        async with asyncio.timeout(timeout), self.changed:
            while True:
                found = look()
                if found:
                    return found
                await self.changed.wait()
