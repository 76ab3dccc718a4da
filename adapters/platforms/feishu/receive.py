"""From the wire to `Incoming` and `Pressed`. Pure: what the platform must be asked is asked in `platform`."""

import re
from dataclasses import dataclass

from adapters.platforms.feishu import wire
from adapters.platforms.feishu.commands import is_used
from adapters.platforms.feishu.wire import Json
from bot.message import Address, Attachment, Incoming, Language, MessageRef, Person, Press, Pressed

NAME = "feishu"
MESSAGE, PRESS, MENU = "im.message.receive_v1", "card.action.trigger", "application.bot.menu_v6"

#: How a text message carries a link that has words of its own.
_LINK = re.compile(r"\[([^\[\]]*)\]\((https?://[^\s()]+)\)")
_ADDRESS = re.compile(r"https?://\S*", re.IGNORECASE)
_PICTURE_FILE = re.compile(r"\.(png|jpe?g|webp|gif|bmp|tiff?)$", re.IGNORECASE)
_ALL = "@_all"
#: How the address of a picture begins that is read through a message.
SCHEME = "feishu:"


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says and shows."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()


def incoming(envelope: Json, bot: str, commands: frozenset[str] = frozenset()) -> Incoming | None:
    """A person's message, or None for what is none (other bots, system lines).

    `bot`: our own open id; `commands`: those that need no mention in a group, as a person picks them from the
    client's own list.
    """
    event = envelope.get("event")
    message = wire.dig(event, "message")
    who = person(wire.dig(event, "sender", "sender_id"), wire.text(event, "sender", "tenant_key"))
    id_, chat = wire.text(message, "message_id"), wire.text(message, "chat_id")
    if wire.text(event, "sender", "sender_type") != "user" or not (who and id_ and chat):
        return None
    private = wire.text(message, "chat_type") == "p2p"
    body = content(id_, wire.text(message, "message_type"), wire.text(message, "content"))
    if body is None and not private:
        return None
    body = body or Content()
    mentions = wire.objects(message, "mentions")
    text, named = unmention(body.text, mentions, bot)
    parent = wire.text(message, "parent_id")
    return Incoming(
        id=id_,
        person=who,
        address=Address(NAME, chat, topic(message), id_),
        text=text,
        sent_at=seconds(wire.number(message, "create_time")),
        attachments=body.attachments,
        reply_to=MessageRef(NAME, chat, parent) if parent else None,
        mentioned=private or named or is_used(text, commands),
    )


def is_private(envelope: Json) -> bool:
    """Whether a message was written in a private chat."""
    return wire.text(envelope, "event", "message", "chat_type") == "p2p"


def sender(envelope: Json) -> str:
    """The open id of whoever wrote a message."""
    return wire.text(envelope, "event", "sender", "sender_id", "open_id")


def menu(envelope: Json, language: Language) -> Incoming | None:
    """A use of the bot's menu: the key of its entry is the command, without the slash.

    `language`: what is spoken where nobody knows better; a key says nothing about the person.
    """
    event = envelope.get("event")
    who = person(wire.dig(event, "operator", "operator_id"), wire.text(envelope, "header", "tenant_key"))
    key, id_ = wire.text(event, "event_key"), wire.text(envelope, "header", "event_id")
    open_id = wire.text(event, "operator", "operator_id", "open_id")
    if not (who and key and id_ and open_id):
        return None
    sent_at = seconds(wire.number(event, "timestamp"))
    return Incoming(id_, who, Address(NAME, open_id), "/" + key.lstrip("/"), sent_at, locale=language)


def pressed(envelope: Json) -> Pressed | None:
    """A press on one of our buttons, or None where its value is not ours."""
    event = envelope.get("event")
    value = wire.dig(event, "action", "value")
    tenant = wire.text(event, "operator", "tenant_key") or wire.text(envelope, "header", "tenant_key")
    who = person(wire.dig(event, "operator"), tenant)
    chat, card = wire.text(event, "context", "open_chat_id"), wire.text(event, "context", "open_message_id")
    typed = wire.text(event, "action", "form_value", "text").strip()
    try:
        press = Press(wire.text(value, "press"))
    except ValueError:
        return None
    if not (who and chat and wire.text(value, "owner")):
        return None
    language: Language = "en" if wire.text(value, "language") == "en" else "zh"
    return Pressed(
        # A form counts once, however often it is sent.
        id=f"{card}/{who.id}" if typed else wire.text(envelope, "header", "event_id"),
        press=press,
        person=who,
        address=Address(NAME, chat, wire.text(value, "topic"), card),
        job=wire.text(value, "job"),
        owner=wire.text(value, "owner"),
        language=language,
        value=wire.text(event, "action", "option") or wire.text(value, "value"),
        text=typed,
        sent_at=seconds(wire.number(envelope, "header", "create_time")),
    )


def shown(item: Json, app: str) -> Content:
    """What a message shows that was asked for by its id; nothing where it is our own."""
    if wire.text(item, "sender", "id") == app or item.get("deleted") is True:
        return Content()
    id_, kind = wire.text(item, "message_id"), wire.text(item, "msg_type")
    return content(id_, kind, wire.text(item, "body", "content")) or Content()


def person(ids: object, tenant: str) -> Person | None:
    """Somebody, by the id that all apps of a tenant share."""
    id_ = wire.text(ids, "union_id") or wire.text(ids, "open_id")
    return Person(NAME, tenant, id_) if id_ else None


def topic(message: object) -> str:
    """The message that opened the topic, by which one answers into it; empty outside of topics."""
    if not wire.text(message, "thread_id"):
        return ""
    return wire.text(message, "root_id") or wire.text(message, "message_id")


def seconds(stamp: float) -> float:
    """Unix seconds. Messages carry milliseconds, presses microseconds, the menu seconds."""
    while stamp > 1e11:
        stamp /= 1000
    return stamp


def content(message: str, kind: str, raw: str) -> Content | None:
    """What a message of this kind says and shows; None for kinds that say nothing to us."""
    body = wire.load(raw)
    if kind == "text":
        return Content(_LINK.sub(lambda link: _link(link[1], link[2]), wire.text(body, "text")))
    if kind == "image":
        return Content("", _attachment("image", message, wire.text(body, "image_key")))
    if kind == "file" and _PICTURE_FILE.search(wire.text(body, "file_name")):
        return Content(
            "", _attachment("file", message, wire.text(body, "file_key"), wire.text(body, "file_name"))
        )
    if kind == "post":
        return _post(message, body)
    return None


def _post(message: str, body: Json) -> Content:
    """Rich text. In events it stands as it is; elsewhere under the name of its language."""
    if "content" not in body:
        body = next((value for value in body.values() if isinstance(value, dict)), {})
    paragraphs = wire.dig(body, "content")
    lines = [wire.text(body, "title")]
    pictures: list[Attachment] = []
    for paragraph in paragraphs if isinstance(paragraphs, list) else []:
        parts = [part for part in paragraph if isinstance(part, dict)] if isinstance(paragraph, list) else []
        lines.append("".join(_said(part) for part in parts))
        for part in parts:
            if part.get("tag") == "img":
                pictures += _attachment("image", message, wire.text(part, "image_key"))
    return Content("\n".join(line for line in lines if line.strip()).strip(), tuple(pictures))


def _said(part: Json) -> str:
    if part.get("tag") == "at":
        return wire.text(part, "user_id")
    if part.get("tag") == "a":
        return _link(wire.text(part, "text"), wire.text(part, "href"))
    return wire.text(part, "text") if part.get("tag") in {"text", "md", "code_block"} else ""


def _link(words: str, url: str) -> str:
    """What a link says; its address too where that is a picture, for it may be the one that is meant."""
    if words in {"", url}:
        return url
    return f"{words} {url}" if _PICTURE_FILE.search(url.partition("?")[0]) else words


def _attachment(kind: str, message: str, key: str, name: str = "") -> tuple[Attachment, ...]:
    """A picture is read through its message, which stands where others have an address.

    The id leaves the message out: it is the same when the event comes again under new ids.
    """
    return (Attachment(f"{kind}/{key}", f"{SCHEME}{message}", name),) if key else ()


def unmention(text: str, mentions: list[Json], bot: str) -> tuple[str, bool]:
    """The text without placeholders, and whether the bot was named. Others keep their names."""
    named = False
    # From the longest key, as @_user_1 begins @_user_12 as well.
    for mention in sorted(mentions, key=lambda mention: len(wire.text(mention, "key")), reverse=True):
        key = wire.text(mention, "key")
        ours = wire.text(mention, "id", "open_id") == bot
        named = named or (ours and bool(bot))
        if key:
            text = text.replace(key, "" if ours or key == _ALL else f"@{_name(mention)}")
    return re.sub(r"[ \t]+", " ", text.replace(_ALL, "")).strip(), named


def _name(mention: Json) -> str:
    """What somebody is called: an address in it is nobody's wish."""
    return _ADDRESS.sub("", wire.text(mention, "name")).strip()


def ids(envelope: Json) -> frozenset[str]:
    """Every id by which the one who acts, and the chat, may stand in a list of those allowed."""
    event = envelope.get("event")
    people = (wire.dig(event, "sender", "sender_id"), wire.dig(event, "operator"))
    found = {wire.text(one, name) for one in people for name in ("open_id", "union_id", "user_id")}
    found |= {
        wire.text(event, "operator", "operator_id", name) for name in ("open_id", "union_id", "user_id")
    }
    return frozenset(found - {""})
