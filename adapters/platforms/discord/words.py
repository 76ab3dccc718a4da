"""The few sentences that only Discord needs: command names, rights that are missing, the select of models.

Everything else that people read comes in an `Outgoing`, from the conversation's own locales.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.message import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences by language and dotted key."""

    _tables: dict[str, dict[str, Any]]

    def say(self, language: Language, key: str, **values: str) -> str:
        """The sentence. Raises KeyError where there is none."""
        table: Any = self._tables[language]
        for part in key.split("."):
            table = table[part]
        return str(table).format_map(values)

    def has(self, language: Language, key: str) -> bool:
        """Whether there is such a sentence."""
        table: Any = self._tables[language]
        for part in key.split("."):
            table = table.get(part) if isinstance(table, dict) else None
        return isinstance(table, str)


def load() -> Words:
    """Read the sentences that stand beside this module."""
    folder = Path(__file__).with_name("locales")
    return Words({lang: tomllib.loads((folder / f"{lang}.toml").read_text("utf-8")) for lang in LANGUAGES})
