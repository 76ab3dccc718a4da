"""Every sentence the bot says, from `locales/*.toml`, by language and key.

Sentences live there; which one is said, and when, is decided by who asks.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any, get_args

from bot.message import Language

#: Between Chinese and Latin letters or figures stands a blank, also where a value was filled in.
_BORDER = re.compile(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[\u4e00-\u9fff])")
#: Between two Chinese letters stands none: 就用即梦 4.5.
_BLANK = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")

LANGUAGES: tuple[Language, ...] = get_args(Language)


class Texts:
    """The sentences of all languages."""

    def __init__(self, sentences: dict[Language, dict[str, str]]) -> None:
        self._sentences = sentences

    def say(self, language: Language, key: str, /, **values: Any) -> str:
        """The sentence `key` with its values filled in.

        A sentence with a number `n` may have a form of its own for one: `key.one` beside `key.other`.
        Raises KeyError for a sentence or a value that is not there: a test walks them all.
        """
        sentences = self._sentences[language]
        if key not in sentences:
            key = f"{key}.one" if values["n"] == 1 and f"{key}.one" in sentences else f"{key}.other"
        sentence = sentences[key].format(**values)
        return _BORDER.sub(" ", _BLANK.sub("", sentence)) if language == "zh" else sentence

    def has(self, language: Language, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self._sentences[language]

    def keys(self, language: Language) -> frozenset[str]:
        """All keys of a language."""
        return frozenset(self._sentences[language])

    def raw(self, language: Language, key: str) -> str:
        """The sentence with its values not filled in."""
        return self._sentences[language][key]


def _flatten(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


@lru_cache(maxsize=1)
def load() -> Texts:
    """The sentences of `locales/`, read once."""
    folder = files("bot") / "locales"
    return Texts(
        {
            language: dict(_flatten(tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))))
            for language in LANGUAGES
        }
    )


def amount(number: float) -> str:
    """A price or a figure as people write it: no needless decimals."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
