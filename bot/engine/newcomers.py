"""Models that the catalogue does not have yet, called by the names that their backends give them.

The language knows the catalogue's models alone, so one of these stands in while a message is understood.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from bot.language import Intent
from bot.notifier import Words
from bot.ports import Offer

#: A model that the language knows, and what people call it.
STAND_IN, CALLED = "doubao-seedream-4.5", "SeeDream 4.5"


def newcomers(offers: Iterable[Offer], words: Words) -> dict[str, str]:
    """The ids of models on offer that the catalogue does not have, by all that they can be called."""
    fresh = (offer.model for offer in offers if not words.catalog.knows(offer.model))
    return {name: model for model in fresh for name in (model, words.model(model, "en"))}


def understood(text: str, fresh: Mapping[str, str], read: Callable[[str], Intent]) -> Intent:
    """What `read` makes of a text in which a newcomer may be named. `fresh`: ids by name."""
    for name in sorted(fresh, key=len, reverse=True):
        named = re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text, re.IGNORECASE)
        if named:
            intent = read(f"{text[: named.start()]}{CALLED}{text[named.end() :]}")
            if intent.model == STAND_IN:
                return replace(intent, model=fresh[name])
    return read(text)  # also where the name was no model's: "draw a Fancy car"
