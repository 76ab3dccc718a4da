"""The local web chat: one page, served by the bot itself."""
