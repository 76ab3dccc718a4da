"""Text → Intent. No network, no language model, no work at import."""

from bot.language.intent import Intent
from bot.language.understanding import about_picture, cleaned, understand

__all__ = ["Intent", "about_picture", "cleaned", "understand"]
