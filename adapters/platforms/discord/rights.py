"""What the bot may do in a channel, as far as discord.py's memory tells."""

import discord

from adapters.platforms.discord.fitting import MARGIN, PER_FILE
from adapters.platforms.discord.layout import Rights

#: What a server's manager gives when the bot is invited; used by the invite link and by doctor.
NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
_NAMES = (
    ("view_channel", "view"),
    ("send_messages", "send"),
    ("attach_files", "attach"),
)


def permissions(client: discord.Client, channel: int) -> discord.Permissions | None:
    """The bot's rights in a channel; None where they are not known or do not matter (direct chats)."""
    place = client.get_channel(channel)
    if not isinstance(place, discord.abc.GuildChannel | discord.Thread):
        return None
    if isinstance(place, discord.Thread) and place.parent is None:
        return None
    me = place.guild.me
    return place.permissions_for(me) if me is not None else None


def shown(client: discord.Client, channel: int) -> Rights:
    """What a message there may hold; everything where it is not known."""
    held = permissions(client, channel)
    return Rights() if held is None else Rights(embeds=held.embed_links, files=held.attach_files)


def file_limit(client: discord.Client, channel: int) -> int:
    """Bytes of one file there: what Discord takes everywhere, or more where the server's boosts allow it."""
    place = client.get_channel(channel)
    guild = place.guild if isinstance(place, discord.abc.GuildChannel | discord.Thread) else None
    return max(PER_FILE, int(guild.filesize_limit * MARGIN)) if guild is not None else PER_FILE


def missing(client: discord.Client, channel: int) -> list[str]:
    """What is missing to draw there, as keys of the sentences; empty where all is well or not known."""
    held = permissions(client, channel)
    if held is None:
        return []
    lacking = [key for name, key in _NAMES if not getattr(held, name)]
    if isinstance(client.get_channel(channel), discord.Thread):
        lacking = [key for key in lacking if key != "send"]
        if not held.send_messages_in_threads:
            lacking.append("thread")
    return lacking
