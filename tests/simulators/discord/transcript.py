"""A channel of the simulated Discord as a person reads it, one line per message."""

import re

from tests.simulators.discord import checks
from tests.simulators.discord.state import EPHEMERAL, NO_PREVIEWS, Channel, Json, Message, World


def transcript(world: World, channel: Channel, viewer: int | None) -> list[str]:
    """Every message in order. Ephemeral ones only for their `viewer`."""
    seen = [m for m in world.history(channel.id) if m.seen_by in (None, viewer)]
    return [line(world, message) for message in seen]


def line(world: World, message: Message) -> str:
    target = world.messages.get(message.reference or 0)
    answered = f" ↩ {target.author.name}" if target else ""
    quiet = " (only you)" if message.flags & EPHEMERAL else ""
    return f"{message.author.name}{answered}{quiet}: {shown(world, message)}"


def shown(world: World, message: Message) -> str:
    """All that a message shows: words, embeds, pictures, controls, in Discord's own order."""
    if message.loading:
        return "… is thinking"
    parts = [message.content]
    for embed in () if message.flags & NO_PREVIEWS else message.embeds:
        parts += [str(embed.get("title") or ""), str(embed.get("description") or "")]
        parts += [f"{field['name']}: {field['value']}" for field in embed.get("fields") or []]
        parts += [f"[{key}]" for key in ("image", "thumbnail") if embed.get(key)]
        parts.append(str((embed.get("footer") or {}).get("text", "")))
    for item in checks.walk(message.components):
        parts.append(component(item))
    parts += [f"[{file.type} {file.name}]" for file in message.files]
    text = " | ".join(part for part in parts if part)
    return unescaped(re.sub(r"<@!?(\d+)>", lambda m: name(world, m[1]), text))


def component(item: Json) -> str:
    kind = item.get("type")
    if kind == 2:
        return f"({item.get('label') or item.get('emoji', {}).get('name')})"
    if kind == 3:
        return "(" + " / ".join(o["label"] for o in item.get("options", [])) + ")"
    if kind == 10:
        return str(item["content"])
    return f"[gallery of {len(item['items'])}]" if kind == 12 else ""


def name(world: World, user: str) -> str:
    known = world.users.get(int(user))
    return f"@{known.name}" if known else "@unknown"


def unescaped(text: str) -> str:
    """Markdown's backslashes are not seen."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)
