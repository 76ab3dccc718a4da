"""What the page sends, checked field by field, as values of the house. Pure."""

import re
from dataclasses import dataclass
from typing import Any

import orjson

from adapters.platforms.web.store import Stored
from bot.message import Action, Address, Attachment, Incoming, Language, MessageRef, Person, Press, Pressed

#: Longest text in characters, and most pictures in one message.
TEXT_LIMIT = 8000
PICTURE_LIMIT = 14

_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
#: A file's name as we give it: random or hashed, with the ending of its type.
_FILE = re.compile(r"[A-Za-z0-9_-]{8,64}(\.[a-z0-9]{1,8})?")


class MalformedError(ValueError):
    """The page would never send this."""


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message as the page posts it."""

    id: str
    text: str
    uploads: tuple[str, ...]
    #: The message that is answered, and the one picture of it that is meant.
    reply_to: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class PostedPress:
    """A press as the page posts it."""

    id: str
    message: str
    press: Press
    job: str
    value: str
    text: str


def posted_message(raw: bytes) -> PostedMessage:
    """Read a posted message. Raises MalformedError."""
    data = _object(raw)
    uploads = data.get("uploads", [])
    if not isinstance(uploads, list) or len(uploads) > PICTURE_LIMIT:
        raise MalformedError("uploads")
    message = PostedMessage(
        _matching(data, "id", _ID),
        _text(data, "text", TEXT_LIMIT).strip(),
        tuple(_matching({"upload": upload}, "upload", _FILE) for upload in uploads),
        _matching(data, "reply_to", _ID, optional=True),
        _matching(data, "picture", _FILE, optional=True),
    )
    if not message.text and not message.uploads:
        raise MalformedError("text")
    return message


def posted_press(raw: bytes) -> PostedPress:
    """Read a posted press. Raises MalformedError."""
    data = _object(raw)
    try:
        press = Press(_text(data, "press", 40))
    except ValueError as error:
        raise MalformedError("press") from error
    return PostedPress(
        _matching(data, "id", _ID),
        _matching(data, "message", _ID),
        press,
        _text(data, "job", 200),
        _text(data, "value", 2000),
        _text(data, "text", TEXT_LIMIT).strip(),
    )


def incoming(message: Stored, *, redelivered: bool = False) -> Incoming:
    """A person's stored message as the conversation takes it."""
    body = message.body
    reply = body["reply"]
    picture = f"{reply['message']}/{reply['picture']}" if reply and reply["picture"] else ""
    return Incoming(
        id=message.id,
        person=person(message.room),
        address=Address("web", message.room, reply_to=message.id),
        text=body["text"],
        sent_at=message.created_at,
        attachments=tuple(
            Attachment(f"upload/{item['file']}", name=item["title"], size=item["size"])
            for item in body["media"]
        ),
        reply_to=MessageRef("web", message.room, reply["message"]) if reply else None,
        reply_attachments=(Attachment(picture, name=reply["picture"]),) if picture else (),
        locale=body["locale"],
        redelivered=redelivered,
    )


def pressed(
    posted: PostedPress, action: Action, message: Stored, at: float, locale: Language | None
) -> Pressed:
    """A press as the conversation takes it; what it does stands in the message, not in what was posted."""
    return Pressed(
        id=posted.id,
        press=action.press,
        person=person(message.room),
        address=Address("web", message.room, reply_to=message.id),
        job=action.job,
        owner=action.owner,
        language=action.language,
        value=action.value,
        text=posted.text,
        sent_at=at,
        locale=locale,
    )


def person(room: str) -> Person:
    """Whose room it is."""
    return Person("web", "", room)


def preferred_language(header: str) -> Language | None:
    """The first of ours in an Accept-Language header, by its weights. None: neither is in it."""
    found: list[tuple[float, Language]] = []
    for part in header[:1000].split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.strip().lower().split("-")[0]
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if quality > 0 and language == "zh":
            found.append((quality, "zh"))
        elif quality > 0 and language == "en":
            found.append((quality, "en"))
    return max(found, key=lambda entry: entry[0])[1] if found else None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedError("no JSON") from error
    if not isinstance(data, dict):
        raise MalformedError("no object")
    return data


def _text(data: dict[str, Any], name: str, limit: int) -> str:
    text = data.get(name, "")
    if not isinstance(text, str) or len(text) > limit:
        raise MalformedError(name)
    return text.replace("\0", "")


def _matching(data: dict[str, Any], name: str, pattern: re.Pattern[str], *, optional: bool = False) -> str:
    text = data.get(name) or ""
    if optional and text == "":
        return ""
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise MalformedError(name)
    return text
