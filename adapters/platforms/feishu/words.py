"""The few sentences that only Feishu needs; everything else comes in an `Outgoing`, its words found."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from bot.message import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences by language and key."""

    _tables: dict[str, dict[str, str]]

    def say(self, language: Language, key: str) -> str:
        """The sentence. Raises KeyError where there is none."""
        return self._tables[language][key]


def load() -> Words:
    """Read the sentences that stand beside this module."""
    folder = Path(__file__).with_name("locales")
    return Words(
        {
            language: tomllib.loads((folder / f"{language}.toml").read_text("utf-8"))["card"]
            for language in LANGUAGES
        }
    )
