"""Whether a message that stands in a channel is one that we were about to send. Pure.

Discord keeps a nonce for some minutes and never tells it; later a message is known by its author, colour,
job and words.
"""

from typing import Any

from adapters.platforms.discord.buttons import ButtonId
from adapters.platforms.discord.layout import COLOURS, Body
from bot.message import Kind, Outgoing

Json = dict[str, Any]


def is_same(found: Json, body: Body, message: Outgoing, reply_to: int) -> bool:
    """Whether one of our messages in a channel is this one, told by its colour, job and words."""
    payload = body.payload()
    jobs, colour = jobs_in(payload), colour_of(payload)
    if jobs:
        return colour_of(found) == colour and bool(jobs & jobs_in(found))
    answered = (found.get("message_reference") or {}).get("message_id", 0)
    if int(answered or 0) != reply_to:
        return False
    if message.kind is Kind.PROGRESS and colour_of(found) == COLOURS[Kind.PROGRESS]:
        return True
    same_words = found.get("content", "") == body.content and title_of(found) == title_of(payload)
    return same_words and colour_of(found) == colour


def is_by(found: Json, user: int) -> bool:
    """Whether a message is this user's."""
    return str((found.get("author") or {}).get("id")) == str(user)


def colour_of(message: Json) -> int | None:
    """The colour of a message's embed or container."""
    for embed in message.get("embeds") or []:
        if isinstance(embed.get("color"), int):
            return int(embed["color"])
    for part in message.get("components") or []:
        if isinstance(part.get("accent_color"), int):
            return int(part["accent_color"])
    return None


def title_of(message: Json) -> str:
    """The headline of a message's embed."""
    return next((str(embed.get("title", "")) for embed in message.get("embeds") or []), "")


def jobs_in(value: object) -> set[str]:
    """The jobs that a message's buttons belong to."""
    if isinstance(value, list | tuple):
        return set().union(*(jobs_in(item) for item in value))
    if not isinstance(value, dict):
        return set()
    own = ButtonId.read(str(value.get("custom_id", "")))
    inner = jobs_in(value.get("components") or [])
    return inner | {own.job} if own and own.job else inner
