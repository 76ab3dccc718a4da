"""An `Outgoing` as Discord shows it: embed, gallery, buttons, files. Pure: what is sent where is elsewhere.

Status, failure and one picture are an embed; several pictures a gallery of components; the acknowledgement
and plain answers are plain words. Without the right to embed everything is. Lengths are Discord's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.platforms.discord.buttons import Choice, rows
from adapters.platforms.discord.markdown import cut, escaped, link
from adapters.platforms.discord.words import Words
from bot.message import Action, Kind, Language, Line, Media, Outgoing, Press

Json = dict[str, Any]

CONTENT, TITLE, DESCRIPTION, V2_TEXT = 2000, 256, 4096, 4000
FILES = 10
NO_PREVIEWS, EPHEMERAL, COMPONENTS_V2 = 1 << 2, 1 << 6, 1 << 15
_TEXT, _GALLERY, _CONTAINER, _ROW = 10, 12, 17, 1
_ENDS = frozenset({Kind.SUCCESS, Kind.FAILURE, Kind.CANCELLED})
_PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_EXTENSIONS = {"image/jpeg": "jpg", "video/quicktime": "mov"}
#: A colour for each kind; by it a message of ours is recognised when it is looked for.
COLOURS = {
    Kind.START: 0x5865F2,
    Kind.PROGRESS: 0xF0B232,
    Kind.SUCCESS: 0x3BA55D,
    Kind.FAILURE: 0xED4245,
    Kind.CANCELLED: 0x747F8D,
    Kind.TEXT: 0x4F545C,
    Kind.ACK: 0x4F545D,
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send along, under a name that is safe in an address."""

    media: Media
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """A message, laid out."""

    content: str = ""
    embeds: tuple[Json, ...] = ()
    components: tuple[Json, ...] = ()
    uploads: tuple[Upload, ...] = ()
    flags: int = 0
    #: The person whose telephone shall ring, by a mention in the text.
    mention: int = 0
    #: Whether the person who is replied to is told.
    notify: bool = False

    def payload(self) -> Json:
        """The JSON of a new message."""
        body: Json = {"allowed_mentions": self._allowed()}
        if self.content:
            body["content"] = self.content
        if self.embeds:
            body["embeds"] = list(self.embeds)
        if self.components:
            body["components"] = list(self.components)
        if self.flags:
            body["flags"] = self.flags
        if self.uploads:
            body["attachments"] = self._attachments()
        return body

    def edit(self) -> Json:
        """The JSON that makes an existing message show this and nothing else."""
        body: Json = {
            "content": self.content,
            "embeds": list(self.embeds),
            "components": list(self.components),
            "attachments": self._attachments(),
            "allowed_mentions": {"parse": []},
            "flags": self.flags,
        }
        if self.flags & COMPONENTS_V2:
            body |= {"content": None, "embeds": []}
        return body

    def _attachments(self) -> list[Json]:
        return [
            {
                "id": n,
                "filename": upload.name,
                **({"description": upload.description} if upload.description else {}),
            }
            for n, upload in enumerate(self.uploads)
        ]

    def _allowed(self) -> Json:
        allowed: Json = {"parse": [], "replied_user": self.notify}
        if self.mention:
            allowed["users"] = [str(self.mention)]
        return allowed


@dataclass(frozen=True, slots=True)
class Rights:
    """What the bot may show in a place."""

    embeds: bool = True
    files: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """All that decides how a message looks, besides the message."""

    rights: Rights = field(default_factory=Rights)
    #: The files to send, if they are not the message's own (made smaller, or none).
    media: tuple[Media, ...] | None = None
    models: tuple[Choice, ...] = ()
    #: A sentence in small print below everything else.
    note: str = ""
    #: A name for the files of this message, the same each time.
    stem: str = ""


class Layout:
    """Lays messages out."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def body(self, message: Outgoing, look: Look) -> Body:
        """The message as it is sent."""
        media = message.media if look.media is None else look.media
        media = media[:FILES] if look.rights.files else ()
        stem = look.stem or "picture"
        uploads = tuple(named(one, f"{stem}-{n}", message) for n, one in enumerate(media, 1))
        pictures = [upload for upload in uploads if upload.media.type in _PICTURES]
        if len(pictures) > 1 and len(pictures) == len(uploads):
            return self._gallery(message, look, uploads)
        if message.settled and not message.lines:
            return Body(content=cut(f"-# {escaped(message.headline)}", CONTENT))
        components = tuple(self._rows(message, look))
        if not look.rights.embeds or (
            message.kind in (Kind.ACK, Kind.TEXT) and self._is_short(message, look)
        ):
            text = cut(self._plain(message, look), CONTENT)
            # Whatever a person's link leads to is not put on show in a message of ours.
            flags = NO_PREVIEWS if "://" in text else 0
            return Body(text, components=components, uploads=uploads, flags=flags)
        return Body(embeds=(self._embed(message, look, pictures),), components=components, uploads=uploads)

    def _is_short(self, message: Outgoing, look: Look) -> bool:
        return len(self._plain(message, look)) <= CONTENT

    def _plain(self, message: Outgoing, look: Look) -> str:
        headline = escaped(message.headline)
        heading = f"**{headline}**" if message.lines and "\n" not in headline else headline
        return "\n".join(part for part in (heading, self._details(message, look)) if part)

    def _details(self, message: Outgoing, look: Look) -> str:
        parts = [bar(message.percent)] if message.percent is not None else []
        parts += [laid_out(line, message.language) for line in message.lines]
        if message.due and not message.settled:
            when = f"<t:{round(message.due)}:R>"
            parts.append(self._words.say(message.language, "card.countdown", when=when))
        if look.note:
            parts.append(f"-# {escaped(look.note)}")
        return "\n".join(parts)

    def _embed(self, message: Outgoing, look: Look, pictures: Sequence[Upload]) -> Json:
        embed: Json = {"color": COLOURS[message.kind]}
        headline, details = escaped(message.headline), self._details(message, look)
        if len(headline) <= TITLE:
            embed["title"] = headline
        else:
            details = f"{headline}\n{details}"
        if details:
            embed["description"] = cut(details, DESCRIPTION)
        if pictures:
            embed["image"] = {"url": f"attachment://{pictures[0].name}"}
        return embed

    def _gallery(self, message: Outgoing, look: Look, uploads: tuple[Upload, ...]) -> Body:
        text = f"### {escaped(message.headline)}\n{self._details(message, look)}"
        items = [
            {
                "media": {"url": f"attachment://{u.name}"},
                **({"description": u.description} if u.description else {}),
            }
            for u in uploads
        ]
        inside = [
            {"type": _TEXT, "content": cut(text, V2_TEXT - 100)},
            {"type": _GALLERY, "items": items},
            *self._rows(message, look),
        ]
        container = {"type": _CONTAINER, "accent_color": COLOURS[message.kind], "components": inside}
        return Body(components=(container,), uploads=uploads, flags=COMPONENTS_V2)

    def _rows(self, message: Outgoing, look: Look) -> list[Json]:
        if not message.actions:
            return []
        placeholder = self._words.say(message.language, "card.models")
        return rows(self._actions(message), look.models if is_result(message) else (), placeholder)

    def _actions(self, message: Outgoing) -> Sequence[Action]:
        """The message's own buttons; below a result also the one that removes it."""
        if not is_result(message) or any(action.press is Press.DELETE for action in message.actions):
            return message.actions
        label = self._words.say(message.language, "card.delete")
        return (
            *message.actions,
            replace(message.actions[0], press=Press.DELETE, label=label, value="", primary=False),
        )


def is_result(message: Outgoing) -> bool:
    """Whether it shows pictures of a job that can be gone on with."""
    return message.kind is Kind.SUCCESS and bool(message.actions)


def is_end(message: Outgoing) -> bool:
    """Whether it is the one message that a job must not lose."""
    return message.kind in _ENDS


def told(body: Body, user: int) -> Body:
    """The same message with a mention of the person whose it is."""
    mention = f"<@{user}>"
    if body.flags & COMPONENTS_V2:
        return replace(body, components=({"type": _TEXT, "content": mention}, *body.components), mention=user)
    return replace(body, content=f"{mention} {body.content}".strip()[:CONTENT], mention=user)


def bar(percent: int) -> str:
    """A bar of ten parts."""
    done = max(0, min(10, round(percent / 10)))
    return "▰" * done + "▱" * (10 - done)


def laid_out(line: Line, language: Language) -> str:
    """One line of a message, its address behind a short name."""
    text = escaped(line.text)
    if line.url:
        short = re.sub(r"^https?://(www\.)?", "", line.url).split("/", 1)[0].split("?", 1)[0]
        masked = link(short, line.url)
        before, found, after = line.text.partition(line.url)
        text = f"{escaped(before)}{masked}{escaped(after)}" if found else f"{text} {masked}"
    if not line.label:
        return text
    return f"**{escaped(line.label)}**{'：' if language == 'zh' else ': '}{text}"


def named(media: Media, stem: str, message: Outgoing) -> Upload:
    """A file with a name that is safe in an address, and the headline for those who cannot see it."""
    extension = _EXTENSIONS.get(media.type) or media.type.rsplit("/", 1)[-1]
    safe = re.sub(r"[^A-Za-z0-9_-]", "", stem) or "picture"
    described = cut(message.headline, 200) if media.type in _PICTURES else ""
    return Upload(media, f"{safe}.{re.sub(r'[^a-z0-9]', '', extension)}", described)
