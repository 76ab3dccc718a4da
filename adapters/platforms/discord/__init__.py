"""Discord: slash commands, mentions, replies, direct chats, buttons and pictures, on discord.py's gateway."""

import warnings

with warnings.catch_warnings():
    # discord.py imports a module for voice that Python is about to drop; nothing here speaks.
    warnings.filterwarnings("ignore", message="'audioop' is deprecated", category=DeprecationWarning)
    import discord  # noqa: F401 - imported here once, so that the warning is not told
