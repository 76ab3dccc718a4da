"""Text → Intent. No network, no language model, no work at import.

The order of the steps, and the conventions (§) that rules name, stand in README.md beside this file.
"""

from bot.language.intent import Intent
from bot.language.understanding import about_picture, cleaned, understand

__all__ = ["Intent", "about_picture", "cleaned", "understand"]
