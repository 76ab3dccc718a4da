"""Messages in the simulated Discord: who may write what where, nonces, pings, uploads, history."""

import re
from dataclasses import dataclass

from tests.simulators.discord import checks
from tests.simulators.discord.gateway import DIRECT_MESSAGES, GUILD_MESSAGES, GUILDS, Gateway
from tests.simulators.discord.rest import Call, Limited, Refusal, Upload
from tests.simulators.discord.state import (
    ATTACH_FILES,
    COMPONENTS_V2,
    EMBED_LINKS,
    FORUM,
    LOADING,
    NO_PREVIEWS,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    SEND_MESSAGES_IN_THREADS,
    THREAD,
    VIEW_CHANNEL,
    Channel,
    File,
    Json,
    Message,
    Ping,
    User,
    World,
)
from tests.simulators.discord.wire import Wire

#: Edits of one message that is older than an hour, before Discord asks to wait.
OLD_EDITS = 5

UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
MISSING_ACCESS = (403, 50001, "Missing Access")
MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")


@dataclass
class Draft:
    """A message's body with its uploads, not yet checked."""

    body: Json
    uploads: list[Upload]
    allowed: set[str]
    kept: int = 0

    def check(self) -> None:
        problems = checks.unknown_fields(self.body, self.allowed)
        problems += checks.message(self.body, (u.name for u in self.uploads), kept=self.kept)
        if problems:
            raise Refusal(400, 50035, "Invalid Form Body", problems)
        body = self.body
        if not (
            body.get("content") or body.get("embeds") or body.get("components") or self.uploads or self.kept
        ):
            raise Refusal(400, 50006, "Cannot send an empty message")


class Messages:
    """Operations on channels' messages."""

    def __init__(self, world: World, wire: Wire, gateway: Gateway) -> None:
        self._world = world
        self._wire = wire
        self._gateway = gateway
        self._nonces: dict[tuple[int, str], tuple[int, float]] = {}
        #: Channels whose slow mode counts for bots too.
        self.slowed: dict[int, float] = {}

    # Handlers ---------------------------------------------------------------------------------------

    async def create(self, call: Call) -> Json:
        world = self._world
        channel = self.channel(call, VIEW_CHANNEL)
        draft = Draft(call.body or {}, call.uploads, checks.MESSAGE_FIELDS)
        draft.check()
        self._may_write(channel, draft)
        nonce = str(call.body.get("nonce") or "")
        known = self._nonces.get((channel.id, nonce)) if nonce and call.body.get("enforce_nonce") else None
        if known and world.now() - known[1] < world.nonce_window and not world.messages[known[0]].deleted:
            return self._wire.message(world.messages[known[0]], nonce=True)
        if channel.id in self.slowed:
            raise Limited(self.slowed.pop(channel.id), code=20016)
        reference = self._reference(channel, call.body.get("message_reference"))
        message = self.make(draft, channel, world.bot, nonce=nonce, reference=reference)
        if nonce:
            self._nonces[channel.id, nonce] = (message.id, world.now())
        if channel.archived:
            channel.archived = False
            await self._gateway.dispatch("THREAD_UPDATE", self._wire.channel(channel), GUILDS)
        self.ring(message, call.body)
        await self.announce(message, "MESSAGE_CREATE")
        return self._wire.message(message, nonce=True)

    async def edit(self, call: Call) -> Json:
        channel = self.channel(call, VIEW_CHANNEL)
        message = self.message(call)
        if message.author.id != self._world.bot.id:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        if channel.archived:
            raise Refusal(400, 50083, "Thread is archived")
        if message.seen_by is not None:
            raise Refusal(*UNKNOWN_MESSAGE)
        old = self._world.now() - message.created > 3600
        if old and sum(1 for _ in message.versions) >= OLD_EDITS:
            raise Limited(60, code=30046)
        self._may_show(channel, Draft(call.body or {}, call.uploads, set()))
        return await self.change(message, call.body or {}, call.uploads, checks.EDIT_FIELDS)

    async def delete(self, call: Call) -> None:
        self.channel(call, VIEW_CHANNEL)
        message = self.message(call)
        if message.author.id != self._world.bot.id:
            raise Refusal(*MISSING_PERMISSIONS)
        await self.remove(message)

    async def get(self, call: Call) -> Json:
        self.channel(call, VIEW_CHANNEL | READ_MESSAGE_HISTORY)
        return self._wire.message(self.message(call))

    async def history(self, call: Call) -> list[Json]:
        channel = self.channel(call, VIEW_CHANNEL | READ_MESSAGE_HISTORY)
        limit = int(call.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise Refusal(400, 50035, "Invalid Form Body", [("limit", "between 1 and 100")])
        found = [m for m in self._world.history(channel.id) if m.seen_by is None]
        if "after" in call.query:
            found = [m for m in found if m.id > int(call.query["after"])][:limit]
        elif "before" in call.query:
            found = [m for m in found if m.id < int(call.query["before"])][-limit:]
        return [self._wire.message(m) for m in reversed(found[-limit:])]

    async def typing(self, call: Call) -> None:
        channel = self.channel(call, VIEW_CHANNEL)
        self._world.typing.append(channel.id)

    async def get_channel(self, call: Call) -> Json:
        return self._wire.channel(self.channel(call, VIEW_CHANNEL))

    # Shared with interactions -----------------------------------------------------------------------

    def channel(self, call: Call, rights: int) -> Channel:
        """The channel of a request, in which the bot must have these rights."""
        channel = self._world.channels.get(int(call.path["channel"]))
        if channel is None or channel.deleted:
            raise Refusal(*UNKNOWN_CHANNEL)
        held = self._world.rights(channel, self._world.bot)
        if not held & VIEW_CHANNEL:
            raise Refusal(*MISSING_ACCESS)
        if held & rights != rights:
            raise Refusal(*MISSING_PERMISSIONS)
        return channel

    def message(self, call: Call) -> Message:
        message = self._world.messages.get(int(call.path["message"]))
        if message is None or message.deleted or str(message.channel) != call.path["channel"]:
            raise Refusal(*UNKNOWN_MESSAGE)
        return message

    def make(
        self, draft: Draft, channel: Channel, author: User, *, nonce: str = "", reference: int | None = None
    ) -> Message:
        """Write a message that has been checked."""
        world = self._world
        message = Message(world.snowflake(), channel.id, author, nonce=nonce, created=world.now())
        message.content = draft.body.get("content") or ""
        message.embeds = [dict(e) for e in draft.body.get("embeds") or []]
        message.components = list(draft.body.get("components") or [])
        message.flags = draft.body.get("flags") or 0
        message.files = [self.keep(upload, draft.body) for upload in draft.uploads]
        message.reference = reference
        message.kind = 19 if reference else 0
        world.messages[message.id] = message
        return message

    def keep(self, upload: Upload, body: Json) -> File:
        """Take an upload into the CDN."""
        if len(upload.data) > self._world.file_limit:
            raise Refusal(413, 40005, "Request entity too large")
        entry: Json = next(
            (a for a in body.get("attachments") or [] if str(a["id"]) == str(upload.index)), {}
        )
        name = entry.get("filename") or upload.name
        if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
            self._world.violate("file name", name)
            name = re.sub(r"[^A-Za-z0-9._-]", "_", name)
        file = File(self._world.snowflake(), name, file_type(upload.data), upload.data)
        file.description = entry.get("description") or ""
        self._world.files[file.id] = file
        return file

    async def change(self, message: Message, body: Json, uploads: list[Upload], allowed: set[str]) -> Json:
        """Edit a message."""
        listed = body.get("attachments")
        ids = None if listed is None else {str(a["id"]) for a in listed}
        kept = [f for f in message.files if ids is None or str(f.id) in ids]
        new_flags = body.get("flags")
        if message.flags & COMPONENTS_V2:
            body = {**body, "flags": (new_flags or 0) | COMPONENTS_V2}
        shown = {**message.snapshot(), **{k: v for k, v in body.items() if k in message.snapshot()}}
        full = {**body, **{k: shown[k] for k in ("content", "embeds", "components")}}
        uploaded = [Upload(i, f.name, f.type, b"") for i, f in enumerate(kept)]
        problems = checks.unknown_fields(body, allowed) + checks.attachments(listed, len(uploads))
        if problems:
            raise Refusal(400, 50035, "Invalid Form Body", problems)
        Draft({**full, "attachments": None}, [*uploads, *uploaded], set(full) | {"attachments"}).check()
        message.versions.append(message.snapshot())
        message.content, message.embeds = shown["content"] or "", list(shown["embeds"] or [])
        message.components = list(shown["components"] or [])
        message.files = kept + [self.keep(upload, body) for upload in uploads]
        message.flags = _with_flags(message.flags, new_flags) & ~LOADING
        message.edited = self._world.now()
        await self.announce(message, "MESSAGE_UPDATE")
        return self._wire.message(message)

    async def remove(self, message: Message) -> None:
        message.deleted = True
        channel = self._world.channels[message.channel]
        guild = {"guild_id": str(channel.guild)} if channel.guild else {}
        data = {"id": str(message.id), "channel_id": str(message.channel), **guild}
        await self._gateway.dispatch("MESSAGE_DELETE", data, self._intent(channel))

    async def announce(self, message: Message, event: str) -> None:
        """Tell the gateway, as far as the bot may see it."""
        channel = self._world.channels[message.channel]
        if message.seen_by is not None or not self._world.rights(channel, self._world.bot) & VIEW_CHANNEL:
            return
        data = self._wire.message(message, nonce=True)
        if channel.guild is not None:
            guild = self._world.guilds[channel.guild]
            data["guild_id"] = str(guild.id)
            if not message.interaction:
                data["member"] = self._wire.member(message.author, guild, with_user=False)
        data["channel_type"] = channel.kind
        await self._gateway.dispatch(event, data, self._intent(channel))

    def ring(self, message: Message, body: Json) -> None:
        """Note whose telephone rings, and who asked for it."""
        allowed = body.get("allowed_mentions")
        parse = ["users", "roles", "everyone"] if allowed is None else allowed.get("parse", [])
        named = [] if allowed is None else [str(u) for u in allowed.get("users", [])]
        text = message.content + " ".join(
            str(part.get("content", "")) for part in checks.walk(message.components)
        )
        for user in re.findall(r"<@!?(\d+)>", text):
            if "users" in parse or user in named:
                self._ping(message, user, expected=user in named)
        if "roles" in parse:
            for role in re.findall(r"<@&(\d+)>", text):
                self._ping(message, f"role {role}", expected=False)
        if "everyone" in parse and re.search(r"@(everyone|here)\b", text):
            message.mention_everyone = True
            self._ping(message, "everyone", expected=False)
        replied = True if allowed is None else allowed.get("replied_user", False)
        target = self._world.messages.get(message.reference or 0)
        if target is not None and replied:
            self._ping(message, str(target.author.id), expected=allowed is not None)

    def _ping(self, message: Message, whom: str, *, expected: bool) -> None:
        if whom == str(message.author.id):
            return
        if whom.isdecimal() and int(whom) in self._world.users:
            message.mentions.append(int(whom))
        self._world.pings.append(Ping(message.id, whom, expected))

    # Rights -----------------------------------------------------------------------------------------

    def _may_write(self, channel: Channel, draft: Draft) -> None:
        held = self._world.rights(channel, self._world.bot)
        if channel.private:
            others = [self._world.users[i] for i in channel.recipients if i != self._world.bot.id]
            if any(user.blocks_dms for user in others):
                raise Refusal(403, 50007, "Cannot send messages to this user")
            return
        if channel.kind == FORUM:
            raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
        if not held & (SEND_MESSAGES_IN_THREADS if channel.kind == THREAD else SEND_MESSAGES):
            raise Refusal(*MISSING_PERMISSIONS)
        if channel.archived and channel.locked:
            raise Refusal(400, 50083, "Thread is archived")
        self._may_show(channel, draft)

    def _may_show(self, channel: Channel, draft: Draft) -> None:
        held = self._world.rights(channel, self._world.bot)
        if draft.body.get("embeds") and not held & EMBED_LINKS:
            raise Refusal(*MISSING_PERMISSIONS)
        if draft.uploads and not held & ATTACH_FILES:
            raise Refusal(*MISSING_PERMISSIONS)

    def _reference(self, channel: Channel, reference: Json | None) -> int | None:
        if reference is None:
            return None
        if not self._world.rights(channel, self._world.bot) & READ_MESSAGE_HISTORY:
            raise Refusal(403, 160002, "Cannot reply without permission to read message history")
        target = self._world.messages.get(int(reference.get("message_id", 0)))
        if target is None or target.deleted or target.channel != channel.id or target.seen_by is not None:
            if reference.get("fail_if_not_exists", True):
                problem = [("message_reference", "Unknown message")]
                raise Refusal(400, 50035, "Invalid Form Body", problem)
            return None
        return target.id

    def _intent(self, channel: Channel) -> int:
        return DIRECT_MESSAGES if channel.private else GUILD_MESSAGES


def _with_flags(old: int, new: int | None) -> int:
    """An edit shows or hides previews and makes components of a message; it changes no other flag."""
    if new is None:
        return old
    return old & ~NO_PREVIEWS | new & (NO_PREVIEWS | COMPONENTS_V2)


def file_type(data: bytes) -> str:
    """The type as Discord's own look at the bytes finds it."""
    if data.startswith(b"\x89PNG"):
        return "image/png"
    if data.startswith(b"\xff\xd8"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "video/mp4" if data[4:8] == b"ftyp" else "application/octet-stream"
