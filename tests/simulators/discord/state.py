"""What the simulated Discord remembers: people, servers, channels, messages, interactions.

Values and their look-up only. What may be done with them is in `messages` and `interactions`; how they look
on the wire is in `wire`.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Json = dict[str, Any]

EPOCH_MS = 1_420_070_400_000

VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
USE_APPLICATION_COMMANDS = 1 << 31
SEND_MESSAGES_IN_THREADS = 1 << 38

USUAL_RIGHTS = (
    VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_APPLICATION_COMMANDS
    | SEND_MESSAGES_IN_THREADS
)

TEXT, DM, VOICE, GROUP_DM, THREAD, FORUM = 0, 1, 2, 3, 11, 15
NO_PREVIEWS, EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 2, 1 << 6, 1 << 7, 1 << 15


@dataclass
class User:
    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"
    blocks_dms: bool = False


@dataclass
class File:
    """An uploaded file. Its address on the CDN is signed and expires."""

    id: int
    name: str
    type: str
    data: bytes
    description: str = ""


@dataclass
class Channel:
    id: int
    kind: int
    name: str
    guild: int | None = None
    parent: int | None = None
    recipients: list[int] = field(default_factory=list)
    #: Rights by role or user id: (allowed, denied).
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)
    archived: bool = False
    locked: bool = False
    slow_mode: int = 0
    deleted: bool = False

    @property
    def private(self) -> bool:
        return self.kind in (DM, GROUP_DM)


@dataclass
class Guild:
    id: int
    name: str
    channels: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    everyone: int = USUAL_RIGHTS
    bot_role: int = 0
    #: Whether the bot is a member, and whether its commands were installed.
    joined: bool = True
    preferred_locale: str = "en-US"
    premium_tier: int = 0


@dataclass
class Message:
    id: int
    channel: int
    author: User
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    flags: int = 0
    kind: int = 0
    reference: int | None = None
    forwarded: "Message | None" = None
    mentions: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    webhook: bool = False
    nonce: str = ""
    created: float = 0.0
    edited: float | None = None
    deleted: bool = False
    #: Only this person sees it.
    seen_by: int | None = None
    interaction: int | None = None
    #: What it showed before, oldest first.
    versions: list[Json] = field(default_factory=list)

    @property
    def loading(self) -> bool:
        return bool(self.flags & LOADING)

    def snapshot(self) -> Json:
        return {
            "content": self.content,
            "embeds": self.embeds,
            "components": self.components,
            "files": list(self.files),
            "flags": self.flags,
        }


@dataclass
class Interaction:
    id: int
    token: str
    kind: int
    user: User
    channel: int
    created: float
    data: Json
    #: The message that carries the pressed component.
    message: int | None = None
    #: The type of the first response, once there is one.
    answered: int | None = None
    answered_at: float = 0.0
    #: The first response's message, its modal, its choices.
    original: int | None = None
    modal: Json | None = None
    choices: list[Json] | None = None
    ephemeral: bool = False
    #: The deferral has not been followed by a message yet.
    pending: bool = False
    #: The bot has no rights of its own here (installed by the user alone).
    guest: bool = False
    followups: int = 0
    #: The time at which the event first went out to the bot.
    sent_at: float = 0.0


@dataclass(frozen=True)
class Violation:
    rule: str
    detail: str


@dataclass(frozen=True)
class Ping:
    """Somebody's telephone rings."""

    message: int
    whom: str
    #: True where it is the person who is being answered.
    expected: bool


class World:
    """All state, with a clock that a test may move forward."""

    def __init__(self) -> None:
        self.offset = 0.0
        self._sequence = count()
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, Message] = {}
        self.interactions: dict[str, Interaction] = {}
        self.files: dict[int, File] = {}
        self.commands: list[Json] = []
        self.commands_created = 0
        self.violations: list[Violation] = []
        self.pings: list[Ping] = []
        self.typing: list[int] = []
        self.bot = self.new_user("Inkling", bot=True)
        self.owner = self.new_user("Operator")
        self.token = "MTA.simulated.token"
        #: Privileged intents that are switched on in the developer portal.
        self.message_content_allowed = False
        #: Whether people may install it for themselves.
        self.user_install = True
        self.file_limit = 10 * 1024 * 1024
        self.request_limit = 25 * 1024 * 1024
        self.nonce_window = 180.0
        self.link_life = 86_400.0

    def now(self) -> float:
        """Unix seconds."""
        return time.time() + self.offset

    def pass_time(self, seconds: float) -> None:
        self.offset += seconds

    def snowflake(self) -> int:
        milliseconds = int(self.now() * 1000) - EPOCH_MS
        return (milliseconds << 22) | (next(self._sequence) & 0x3FFFFF)

    def violate(self, rule: str, detail: str) -> None:
        self.violations.append(Violation(rule, detail))

    def new_user(self, name: str, *, bot: bool = False, locale: str = "en-US") -> User:
        user = User(self.snowflake(), name, bot, locale)
        self.users[user.id] = user
        return user

    def new_guild(self, name: str, *, joined: bool = True) -> Guild:
        guild = Guild(self.snowflake(), name, joined=joined)
        guild.bot_role = self.snowflake()
        guild.members = [self.bot.id] if joined else []
        self.guilds[guild.id] = guild
        return guild

    def new_channel(self, name: str, guild: Guild, *, kind: int = TEXT, parent: int | None = None) -> Channel:
        channel = Channel(self.snowflake(), kind, name, guild.id, parent)
        self.channels[channel.id] = channel
        guild.channels.append(channel.id)
        return channel

    def private_channel(self, *users: User) -> Channel:
        """The direct chat of these people (with the bot, if it is one of them)."""
        ids = sorted(user.id for user in users)
        for channel in self.channels.values():
            if channel.private and sorted(channel.recipients) == ids:
                return channel
        kind = DM if len(ids) == 2 else GROUP_DM
        channel = Channel(self.snowflake(), kind, "", recipients=ids)
        self.channels[channel.id] = channel
        return channel

    def rights(self, channel: Channel, user: User) -> int:
        """The rights of a user in a channel, as Discord computes them."""
        if channel.private:
            return USUAL_RIGHTS if user.id in channel.recipients else 0
        guild = self.guilds[channel.guild or 0]
        if user.id == self.bot.id and not guild.joined:
            return 0
        place = self.channels[channel.parent] if channel.parent else channel
        rights = guild.everyone
        for subject in (guild.id, guild.bot_role, user.id):
            if subject == guild.bot_role and user.id != self.bot.id:
                continue
            allowed, denied = place.overwrites.get(subject, (0, 0))
            rights = (rights & ~denied) | allowed
        return rights

    def history(self, channel: int) -> Iterator[Message]:
        """What stands in a channel, oldest first, ephemeral messages included."""
        return (m for m in self.messages.values() if m.channel == channel and not m.deleted)
