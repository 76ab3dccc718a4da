"""What Discord's gateway brings, as values of the house. Pure apart from reading discord.py's objects.

Which messages concern the bot at all is decided here; what they mean is not.
"""

import re
from collections.abc import Iterable

import discord

from adapters.platforms.discord.buttons import ButtonId, Json, typed
from adapters.platforms.discord.place import PLATFORM, Ticket, created_at
from bot.message import Address, Attachment, Incoming, Language, MessageRef, Person, Pressed

_MENTION = re.compile(r"<(@!?|@&|#)(\d+)>")
#: Emoji and commands are called by their names; times and places in Discord's own menus have none.
_NAMED = re.compile(r"<(?:a?(?P<emoji>:\w+:)|(?P<command>/[\w -]+):)\d+>")
_NAMELESS = re.compile(r"<(?:t:-?\d+(?::\w)?|id:\w+)>")
_PICTURE = re.compile(r"\.(png|jpe?g|webp|gif|bmp|heic|avif)$", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_KINDS = frozenset({discord.MessageType.default, discord.MessageType.reply})


def person(user: discord.abc.User) -> Person:
    """Who it is: the same on every server."""
    return Person(PLATFORM, "", str(user.id))


def concerns(message: discord.Message, me: discord.ClientUser, listening: frozenset[str]) -> bool:
    """Whether a message is for the bot: direct, a mention, an answer to it, or in a channel it listens to."""
    if message.author.bot or message.webhook_id is not None or message.type not in _KINDS:
        return False
    if not (message.content or message.attachments or message.message_snapshots):
        return False  # without the intent Discord tells of a message, but not what it says
    return is_mentioned(message, me) or _listened(message, listening)


def is_direct(message: discord.Message) -> bool:
    """Whether it is a chat with the bot alone. A server that is not known yet has an id at least."""
    return message.guild is None and getattr(message.channel, "guild_id", None) is None


def is_mentioned(message: discord.Message, me: discord.ClientUser) -> bool:
    """Whether the bot is addressed by name, by its own role, or by an answer to it."""
    if is_direct(message) or any(user.id == me.id for user in message.mentions):
        return True
    if any(role.tags and role.tags.bot_id == me.id for role in message.role_mentions):
        return True
    answered = replied_to(message)
    return answered is not None and answered.author.id == me.id


def _listened(message: discord.Message, listening: frozenset[str]) -> bool:
    channel = message.channel
    parent = channel.parent_id if isinstance(channel, discord.Thread) else 0
    return str(channel.id) in listening or str(parent) in listening


def replied_to(message: discord.Message) -> discord.Message | None:
    """The message that this one answers, if Discord sent it along."""
    reference = message.reference
    if reference is None or not isinstance(reference.resolved, discord.Message):
        return None
    return reference.resolved


def incoming(message: discord.Message, me: discord.ClientUser) -> Incoming:
    """A message as the conversation takes it."""
    answered = replied_to(message)
    # What stands in our own messages is in the ledger, whole and for longer than Discord's link is good.
    theirs = answered is not None and answered.author.id != me.id
    return Incoming(
        id=str(message.id),
        person=person(message.author),
        address=Address(
            PLATFORM,
            str(message.channel.id),
            reply_to=str(message.id),
            token=str(Ticket(message.author.id, direct=is_direct(message))),
        ),
        text=readable(message, me.id),
        sent_at=message.created_at.timestamp(),
        attachments=(*pictures(message), *_forwarded(message)),
        reply_to=MessageRef(PLATFORM, str(answered.channel.id), str(answered.id)) if answered else None,
        reply_attachments=tuple(pictures(answered)) if answered and theirs else (),
        mentioned=is_mentioned(message, me),
    )


def readable(message: discord.Message, me: int) -> str:
    """The text as a person reads it: the bot's own mention gone, others by name."""
    names = {user.id: f"@{user.display_name}" for user in message.mentions}
    roles = {role.id: role for role in message.role_mentions}

    def name(match: re.Match[str]) -> str:
        kind, number = match[1], int(match[2])
        if kind == "#":
            channel = message.guild.get_channel_or_thread(number) if message.guild else None
            return f"#{channel.name}" if channel else ""
        if kind == "@&":
            role = roles.get(number)
            return "" if role is None or (role.tags and role.tags.bot_id == me) else f"@{role.name}"
        return "" if number == me else names.get(number, "")

    text = _NAMELESS.sub("", _MENTION.sub(name, message.content))
    text = _NAMED.sub(lambda match: match["emoji"] or match["command"], text)
    return re.sub(r"[ \t]{2,}", " ", text).strip()


def pictures(message: discord.Message) -> list[Attachment]:
    """The pictures in a message: attached, in embeds, in galleries."""
    found = [attachment(one, message) for one in message.attachments if is_picture(one)]
    urls = [
        embed.image.url or (embed.thumbnail.url if embed.type == "image" else "") for embed in message.embeds
    ]
    for component in message.components:
        urls += _gallery(component)
    return [*found, *(_shown(url, message) for url in urls if url)]


def is_picture(one: discord.Attachment) -> bool:
    """Whether an attached file is a picture, by its type or its name."""
    kind = one.content_type or ""
    return kind.startswith("image/") if kind else bool(_PICTURE.search(one.filename))


def attachment(one: discord.Attachment, message: discord.Message | None) -> Attachment:
    """An attached file, named so that a fresh address can be asked for when its own has expired."""
    place = f"{message.channel.id}/{message.id}" if message else "0/0"
    return Attachment(f"{place}/{one.id}", one.url, one.filename, one.size)


def _shown(url: str, message: discord.Message) -> Attachment:
    name = url.split("?", 1)[0].rsplit("/", 1)[-1]
    return Attachment(f"{message.channel.id}/{message.id}/{name}", url, name)


def _gallery(component: object) -> Iterable[str]:
    if isinstance(component, discord.Container):
        for child in component.children:
            yield from _gallery(child)
    elif isinstance(component, discord.MediaGalleryComponent):
        yield from (item.media.url for item in component.items)


def _forwarded(message: discord.Message) -> list[Attachment]:
    return [
        attachment(one, None)
        for snapshot in message.message_snapshots
        for one in snapshot.attachments
        if is_picture(one)
    ]


def raw_pictures(message: Json) -> tuple[Attachment, ...]:
    """The same for a message as the API tells it."""
    place = f"{message.get('channel_id', 0)}/{message.get('id', 0)}"
    found = [
        Attachment(f"{place}/{one['id']}", one["url"], one.get("filename", ""), one.get("size", 0))
        for one in message.get("attachments") or []
        if str(one.get("content_type", "")).startswith("image/") or _PICTURE.search(one.get("filename", ""))
    ]
    urls = [(embed.get("image") or {}).get("url") for embed in message.get("embeds") or []]
    urls += _raw_gallery(message.get("components") or [])
    shown = [(url, url.split("?", 1)[0].rsplit("/", 1)[-1]) for url in urls if url]
    return (*found, *(Attachment(f"{place}/{name}", url, name) for url, name in shown))


def _raw_gallery(components: list[Json]) -> Iterable[str]:
    for one in components:
        yield from _raw_gallery(one.get("components") or [])
        yield from (str(item["media"]["url"]) for item in one.get("items") or [])


# Interactions -------------------------------------------------------------------------------------------


def language(interaction: discord.Interaction) -> Language | None:
    """The language of the person's client, if it is one of ours."""
    code = str(interaction.locale)
    return "zh" if code.startswith("zh") else "en" if code.startswith("en") else None


def guessed(text: str, known: Language | None = None) -> Language:
    """The language for a sentence of our own, where the conversation is not asked."""
    if _HAN.search(text):
        return "zh"
    return known or "en"


def is_guest(interaction: discord.Interaction) -> bool:
    """Whether the bot can answer here only through the interaction."""
    if interaction.context.dm_channel:
        return False
    if interaction.guild_id is None or not interaction.is_guild_integration():
        return True
    rights = interaction.app_permissions
    may_write = (
        rights.send_messages_in_threads
        if isinstance(interaction.channel, discord.Thread)
        else rights.send_messages
    )
    return not (rights.view_channel and may_write and rights.attach_files)


def ticket(interaction: discord.Interaction, *, owed: bool, quiet: bool = False) -> Ticket:
    """How an interaction is answered."""
    return Ticket(
        interaction.user.id,
        interaction.id,
        interaction.token,
        owed,
        quiet,
        is_guest(interaction),
        interaction.context.dm_channel,
    )


def pressed(interaction: discord.Interaction, button: ButtonId, data: Json) -> Pressed:
    """A press on a button, a choice from a select, or a form that was sent."""
    chosen = data.get("values") or [button.value]
    under = str(interaction.message.id) if interaction.message else ""
    return Pressed(
        id=str(interaction.id),
        press=button.press,
        person=person(interaction.user),
        address=Address(
            PLATFORM,
            str(interaction.channel_id),
            reply_to=under,
            token=str(ticket(interaction, owed=False, quiet=True)),
        ),
        job=button.job,
        owner=button.owner,
        language=button.language,
        value=str(chosen[0]),
        text=typed(data),
        sent_at=created_at(interaction.id),
        locale=language(interaction),
    )
