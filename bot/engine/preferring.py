"""What a person says about the model of their choice: keep it, forget it, which is it. Pure.

When a message changes what is remembered is decided in `prefs`; here it is answered.
"""

from collections.abc import Sequence

from bot.choose import Choice, Wish, choose
from bot.engine.context import Context
from bot.engine.plan import Answer
from bot.job import Request
from bot.language import Intent
from bot.message import Language
from bot.notifier import Words
from bot.ports import Offer
from prefs import Change, Kind, change


class Preferring:
    """Answers by what is on offer now."""

    def __init__(self, words: Words, offers: Sequence[Offer]) -> None:
        self._words = words
        self._catalog = words.catalog
        self._offers = offers

    def remember(self, intent: Intent, context: Context) -> Answer:
        """A model chosen for good."""
        model = self._catalog.get(intent.model or "")
        films = model is not None and model.films
        kind: Kind = "video" if films else "image"
        saved = change("save", intent.model, kind, context.preferences)
        language = intent.language
        name = self._words.model(intent.model or "", language)
        if films:
            return self._say(language, "preference.saved_video", saved, model=name)
        if self._on_offer(intent.model or ""):
            return self._say(language, "preference.saved", saved, model=name)
        return self._say(
            language, "preference.saved_off", saved, model=name, fallback=self._fallback(language)
        )

    def unremember(self, intent: Intent, context: Context) -> Answer:
        """No model of choice any more."""
        cleared = change("clear", None, None, context.preferences)
        return self._say(
            intent.language, "preference.cleared" if cleared else "preference.none_to_clear", cleared
        )

    def show(self, intent: Intent, context: Context) -> Answer:
        """What is remembered."""
        language = intent.language
        model = context.preferences.get("image") or context.preferences.get("video")
        if model is None:
            return self._say(language, "preference.show_none")
        name = self._words.model(model, language)
        if self._on_offer(model):
            return self._say(language, "preference.show", model=name)
        return self._say(language, "preference.show_off", model=name, fallback=self._fallback(language))

    def _say(
        self, language: Language, key: str, preference: Change | None = None, **values: object
    ) -> Answer:
        return Answer(self._words.text(language, key, **values), preference)

    def _on_offer(self, model: str) -> bool:
        return any(self._catalog.means(model, offer.model) for offer in self._offers)

    def _fallback(self, language: Language) -> str:
        chosen = choose(Wish(Request("text_to_image", "")), self._offers, self._catalog)
        return self._words.model(chosen.way.offer.model, language) if isinstance(chosen, Choice) else "—"
