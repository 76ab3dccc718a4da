"""Whether a message that stands in a channel is one that we were about to send. Pure.

Discord keeps a nonce for some minutes and never tells it; later a message is known by its author, colour,
job and words.
"""

from typing import Any

from adapters.platforms.discord.buttons import ButtonId
from adapters.platforms.discord.layout import Body
from bot.message import Kind, Outgoing

Json = dict[str, Any]


def is_same(found: Json, body: Body, message: Outgoing, me: int) -> bool:
    """Whether a message in a channel is this one, told by its author, colour, job and words."""
    if str((found.get("author") or {}).get("id")) != str(me):
        return False
    payload = body.payload()
    colour = colour_of(payload)
    if colour is None or colour_of(found) != colour:
        return colour is None and bool(body.content) and found.get("content") == body.content
    jobs = jobs_in(payload)
    if jobs:
        return bool(jobs & jobs_in(found))
    if message.kind is Kind.PROGRESS:
        return True
    return title_of(found) == title_of(payload)


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
