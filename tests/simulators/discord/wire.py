"""How the simulated Discord's state looks on the wire."""

import hashlib
from datetime import UTC, datetime
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from tests.simulators.discord.state import (
    DM,
    GROUP_DM,
    THREAD,
    VOICE,
    Channel,
    File,
    Guild,
    Interaction,
    Json,
    Message,
    User,
    World,
)


def timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


class Wire:
    """Turns state into JSON objects. `base` is the server's own address."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self.base = base

    def user(self, user: User) -> Json:
        return {
            "id": str(user.id),
            "username": user.name,
            "discriminator": "0000" if user.bot else "0",
            "global_name": None if user.bot else user.name,
            "avatar": None,
            "bot": user.bot,
        }

    def member(self, user: User, guild: Guild, *, with_user: bool = True) -> Json:
        roles = [str(guild.bot_role)] if user.id == self._world.bot.id else []
        body: Json = {
            "roles": roles,
            "nick": None,
            "avatar": None,
            "joined_at": timestamp(1_700_000_000),
            "deaf": False,
            "mute": False,
            "flags": 0,
        }
        if with_user:
            body["user"] = self.user(user)
        return body

    def signature(self, file: File, channel: int, expires: int) -> str:
        return hashlib.sha256(f"{file.id}:{channel}:{expires}".encode()).hexdigest()

    def file(self, file: File, channel: int) -> Json:
        expires = int(self._world.now() + self._world.link_life)
        query = f"?ex={expires:x}&is={int(self._world.now()):x}&hm={self.signature(file, channel, expires)}&"
        url = f"{self.base}/cdn/attachments/{channel}/{file.id}/{file.name}{query}"
        body: Json = {
            "id": str(file.id),
            "filename": file.name,
            "size": len(file.data),
            "url": url,
            "proxy_url": url,
            "content_type": file.type,
        }
        if file.description:
            body["description"] = file.description
        if file.type.startswith("image/"):
            body["width"], body["height"] = dimensions(file.data)
        return body

    def message(self, message: Message, *, nonce: bool = False) -> Json:
        """A message as an API answer has it."""
        shown = self._shown_files(message)
        body: Json = {
            "id": str(message.id),
            "channel_id": str(message.channel),
            "author": self.user(message.author),
            "content": message.content,
            "timestamp": timestamp(message.created),
            "edited_timestamp": timestamp(message.edited) if message.edited else None,
            "tts": False,
            "mention_everyone": message.mention_everyone,
            "mentions": [self.user(self._world.users[i]) for i in message.mentions],
            "mention_roles": [],
            "attachments": [self.file(f, message.channel) for f in message.files if f.name not in shown],
            "embeds": self._resolved(message.embeds, message),
            "components": self._resolved(message.components, message),
            "pinned": False,
            "type": message.kind,
            "flags": message.flags,
        }
        if message.author.bot:
            body["application_id"] = str(self._world.bot.id)
        if message.webhook:
            body["webhook_id"] = str(message.author.id)
        if nonce and message.nonce:
            body["nonce"] = message.nonce
        self._add_references(body, message)
        return body

    def _add_references(self, body: Json, message: Message) -> None:
        channel = self._world.channels[message.channel]
        if message.reference is not None:
            body["message_reference"] = {
                "type": 0,
                "message_id": str(message.reference),
                "channel_id": str(message.channel),
                **({"guild_id": str(channel.guild)} if channel.guild else {}),
            }
            target = self._world.messages.get(message.reference)
            gone = target is None or target.deleted
            body["referenced_message"] = None if gone or target is None else self._quoted(target)
        if message.forwarded is not None:
            inner = self.message(message.forwarded)
            kept = ("content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags", "mentions")
            body["message_reference"] = {
                "type": 1,
                "message_id": inner["id"],
                "channel_id": inner["channel_id"],
            }
            snapshot = {key: inner[key] for key in kept}
            body["message_snapshots"] = [{"message": {**snapshot, "type": 0, "mention_roles": []}}]
        if message.interaction is not None:
            interaction = next(i for i in self._world.interactions.values() if i.id == message.interaction)
            body["interaction_metadata"] = {
                "id": str(interaction.id),
                "type": interaction.kind,
                "user": self.user(interaction.user),
                "authorizing_integration_owners": {},
            }

    def _quoted(self, message: Message) -> Json:
        body = self.message(message)
        body.pop("referenced_message", None)
        return body

    def _shown_files(self, message: Message) -> set[str]:
        """Names of files that an embed or a component shows; they leave the list of attachments."""
        text = repr([message.embeds, message.components])
        return {file.name for file in message.files if f"'attachment://{file.name}'" in text}

    def _resolved(self, value: list[Json], message: Message) -> list[Json]:
        by_name = {f"attachment://{f.name}": f for f in message.files}
        resolved = [self._resolve(item, by_name, message.channel) for item in value]
        return [item for item in resolved if isinstance(item, dict)]

    def _resolve(self, value: object, files: dict[str, File], channel: int) -> object:
        if isinstance(value, list):
            return [self._resolve(item, files, channel) for item in value]
        if not isinstance(value, dict):
            return value
        resolved = {key: self._resolve(item, files, channel) for key, item in value.items()}
        if isinstance(value.get("url"), str) and value["url"] in files:
            known = self.file(files[value["url"]], channel)
            resolved |= {k: known[k] for k in ("url", "proxy_url", "width", "height") if k in known}
        return resolved

    def channel(self, channel: Channel) -> Json:
        body: Json = {"id": str(channel.id), "type": channel.kind, "last_message_id": None, "flags": 0}
        if channel.kind in (DM, GROUP_DM):
            others = [self._world.users[i] for i in channel.recipients if i != self._world.bot.id]
            body["recipients"] = [self.user(user) for user in others]
            if channel.kind == GROUP_DM:
                body |= {"name": None, "icon": None, "owner_id": str(channel.recipients[0])}
            return body
        body |= {
            "name": channel.name,
            "guild_id": str(channel.guild),
            "parent_id": str(channel.parent) if channel.parent else None,
            "rate_limit_per_user": channel.slow_mode,
            "nsfw": False,
        }
        if channel.kind == THREAD:
            return body | self._thread(channel)
        overwrites = [
            {
                "id": str(subject),
                "type": 1 if subject in self._world.users else 0,
                "allow": str(allow),
                "deny": str(deny),
            }
            for subject, (allow, deny) in channel.overwrites.items()
        ]
        if channel.kind == VOICE:
            body |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
        return body | {"position": 0, "topic": None, "permission_overwrites": overwrites}

    def _thread(self, channel: Channel) -> Json:
        return {
            "owner_id": str(self._world.owner.id),
            "message_count": 0,
            "member_count": 1,
            "thread_metadata": {
                "archived": channel.archived,
                "locked": channel.locked,
                "auto_archive_duration": 1440,
                "archive_timestamp": timestamp(self._world.now()),
            },
            "member": {
                "id": str(channel.id),
                "user_id": str(self._world.bot.id),
                "join_timestamp": timestamp(self._world.now()),
                "flags": 0,
            },
        }

    def guild(self, guild: Guild) -> Json:
        channels = [self._world.channels[i] for i in guild.channels]
        standing = [c for c in channels if not c.deleted]
        return {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "splash": None,
            "owner_id": str(self._world.owner.id),
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": [
                self._role(guild.id, "@everyone", guild.everyone),
                {**self._role(guild.bot_role, "Inkling", 0), "tags": {"bot_id": str(self._world.bot.id)}},
            ],
            "emojis": [],
            "features": [],
            "mfa_level": 0,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "premium_tier": guild.premium_tier,
            "premium_subscription_count": 0,
            "preferred_locale": guild.preferred_locale,
            "nsfw_level": 0,
            "joined_at": timestamp(1_700_000_000),
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": [self.member(self._world.bot, guild)],
            "channels": [self.channel(c) for c in standing if c.kind != THREAD],
            "threads": [self.channel(c) for c in standing if c.kind == THREAD and not c.archived],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "stickers": [],
            "soundboard_sounds": [],
        }

    def _role(self, role: int, name: str, rights: int) -> Json:
        return {
            "id": str(role),
            "name": name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": 0 if name == "@everyone" else 1,
            "permissions": str(rights),
            "managed": name != "@everyone",
            "mentionable": False,
            "flags": 0,
        }

    def interaction(self, interaction: Interaction) -> Json:
        world = self._world
        channel = world.channels[interaction.channel]
        rights = world.rights(channel, world.bot)
        body: Json = {
            "id": str(interaction.id),
            "application_id": str(world.bot.id),
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "locale": interaction.user.locale,
            "entitlements": [],
            "app_permissions": str(rights),
            "channel_id": str(channel.id),
            "channel": {**self.channel(channel), "permissions": str(rights)},
            "attachment_size_limit": world.file_limit,
            "data": interaction.data,
            "authorizing_integration_owners": {"1": str(interaction.user.id)} if interaction.guest else {},
        }
        if channel.guild is not None:
            guild = world.guilds[channel.guild]
            member = self.member(interaction.user, guild)
            member["permissions"] = str(world.rights(channel, interaction.user))
            body |= {
                "context": 0,
                "guild_id": str(guild.id),
                "guild": {"id": str(guild.id), "locale": guild.preferred_locale, "features": []},
                "guild_locale": guild.preferred_locale,
                "member": member,
            }
            if guild.joined:
                body["authorizing_integration_owners"]["0"] = str(guild.id)
        else:
            with_bot = world.bot.id in channel.recipients
            body |= {"context": 1 if with_bot else 2, "user": self.user(interaction.user)}
            if with_bot:
                body["authorizing_integration_owners"]["0"] = "0"
        if interaction.message is not None:
            body["message"] = self.message(world.messages[interaction.message])
        return body


def dimensions(data: bytes) -> tuple[int, int]:
    """Width and height of a picture; 0 × 0 where it is none."""
    try:
        with Image.open(BytesIO(data)) as picture:
            return picture.size
    except UnidentifiedImageError:
        return 0, 0
