"""From a text to an Intent. Pure: the same answer every time, about a millisecond, no network."""

import re
from dataclasses import dataclass, replace
from typing import Any, cast

from bot import catalog
from bot.language import choices, counts, marks, prompt, ratios, secrets, sizes, subject, tasks
from bot.language import lexicon as words
from bot.language.decide import decide
from bot.language.intent import Intent, Kind, Unsupported
from bot.language.lexicon import Lexicon
from bot.language.normalise import Sheet, language_of, prepare
from bot.language.reading import Reading
from bot.language.suits import suits
from bot.language.tasks import Given
from bot.message import Language

#: Halves of a pair are no letters: they can be neither stored nor sent.
_HALF = re.compile("[\ud800-\udfff]")
#: Intents that lead to a picture.
_WORK = frozenset({"generate", "again", "retry"})
_COMMANDS: dict[str, Kind] = {"draw": "generate", "edit": "generate", "film": "generate"}


@dataclass(slots=True)
class Settings:
    """All that was said about how the picture is to be made."""

    shape: ratios.Shape
    chosen: choices.Choices
    count: int | None
    duration: int | None

    @property
    def any(self) -> bool:
        """Whether a ratio, size, number or duration was said."""
        shape = self.shape
        return bool(shape.asked or shape.auto or shape.size_asked or self.count or self.duration)


def understand(
    text: str,
    *,
    images: int = 0,
    reply_to_result: bool = False,
    awaiting_retry: bool = False,
    mentioned: bool = True,
) -> Intent:
    """What a message means. `images` are attached ones; `mentioned` is true in a direct chat as well."""
    given = Given(images=images, reply=reply_to_result, awaiting=awaiting_retry, mentioned=mentioned)
    return read(text, given, words.load())


def about_picture(text: str) -> bool:
    """Whether words that follow a picture are about it: neither a greeting nor a command like "cancel"."""
    return understand(text).intent in {"generate", "chat"} and understand(text, images=1).intent == "generate"


def cleaned(text: str) -> tuple[str, Language, bool]:
    """A text as it may be kept, its language, and whether a credential was cut from it."""
    text = _HALF.sub("", text).strip()
    language = language_of(text)
    text, secret = secrets.cut(text, language)
    return text, language, secret


def read(text: str, given: Given, lexicon: Lexicon) -> Intent:
    """`understand` with the words given."""
    text, language, secret = cleaned(text)
    sheet, urls = prepare(text, lexicon)
    if secret:
        _unmark(sheet)
    given = replace(given, urls=len(urls)) if urls else given
    command = marks.slash(sheet, lexicon)
    if not given.mentioned and command is None:
        return Intent(intent="chat", language=language, text=text, secret=secret)
    flags = marks.flags(sheet, lexicon)
    marks.injected(sheet, lexicon)
    marks.letters(sheet, lexicon)
    marks.thanks(sheet, lexicon)
    said = sheet.folded
    film = command == "film" or tasks.is_film(sheet, lexicon)
    settings = _settings(sheet, lexicon, given, film)
    _apply(flags, lexicon, settings)
    reference = tasks.reference(sheet, lexicon, given)
    film = film or _films(settings.chosen.model) or bool(reference and tasks.comes_alive(sheet, lexicon))
    if film and settings.duration is None:
        settings.duration = counts.read_duration(sheet, lexicon)
    reading = Reading(
        sheet,
        lexicon,
        given,
        settings.chosen,
        said,
        settings=settings.any,
        editing=bool(reference),
        film=film,
    )
    # The commands that are not in the table have their intent's name.
    kind = cast("Kind", _COMMANDS.get(command, command)) if command else decide(reading)
    told = _told(kind, reading, settings)
    if kind in _WORK:
        told |= _flagged(flags) | {"urls": urls, "reference": reference}
    if kind == "generate":
        told |= _content(reading, language)
    return Intent(intent=kind, language=language, text=text, secret=secret, **told)


def _unmark(sheet: Sheet) -> None:
    """Where a credential was, and what it was called, is nothing to draw."""
    for match in sheet.matches(secrets.MARKED_PLACE):
        sheet.cut(match.start(), match.end())


def _told(kind: Kind, reading: Reading, settings: Settings) -> dict[str, Any]:
    """What was said about the picture, as far as it matters to the intent."""
    shape, chosen = settings.shape, settings.chosen
    if kind == "clear_preference":
        return {"preference": "clear", "budget": chosen.budget}
    if kind == "set_preference":
        return {"model": chosen.model, "preference": chosen.preference}
    if kind == "cancel":
        return {"everything": reading.has("meta.cancel.all")}
    if kind not in _WORK:
        return {}
    return {
        "model": chosen.model,
        "budget": chosen.budget,
        "preference": chosen.preference,
        "ratio": shape.ratio,
        "size": shape.size,
        "count": settings.count,
        "duration": settings.duration,
        "ratio_asked": shape.asked,
        "size_asked": shape.size_asked,
        "pixels": shape.pixels,
        "auto_ratio": shape.auto,
        "unsupported": _unsupported(shape, chosen.model, reading.film),
        "picture": tasks.which(reading.sheet, reading.lexicon),
    }


def _flagged(flags: dict[str, str]) -> dict[str, Any]:
    """What only flags say."""
    return {
        "negative": flags.get("negative") or None,
        "strength": _fraction(flags.get("strength")),
        "watermark": (flags["watermark"] or True) if "watermark" in flags else False,
    }


def _content(reading: Reading, language: Language) -> dict[str, Any]:
    """What is to be drawn."""
    sheet, lexicon = reading.sheet, reading.lexicon
    place = 0 if reading.editing else prompt.request(sheet, lexicon)
    wish = prompt.build(sheet, lexicon, editing=reading.editing)
    folded = lexicon.fold(wish)
    asked = prompt.tidy(sheet.kept[place:]) if place else wish
    named = subject.subject(asked or wish, lexicon, language)
    return {
        "task": tasks.task(reading.film, reading.editing),
        "prompt": wish,
        "called": subject.called(wish, folded, lexicon),
        "subject": named,
        "emoji": subject.emoji(folded, named, lexicon),
        "suits": suits(folded, lexicon, editing=reading.editing),
    }


def _settings(sheet: Sheet, lexicon: Lexicon, given: Given, film: bool) -> Settings:
    duration = counts.read_duration(sheet, lexicon) if film else None
    shape = ratios.read(sheet, lexicon)
    sizes.read(sheet, lexicon, shape)
    count = counts.read(sheet, lexicon, given.images)
    return Settings(shape, choices.read(sheet, lexicon), count, duration)


def _apply(flags: dict[str, str], lexicon: Lexicon, settings: Settings) -> None:
    """What flags say wins over what words say."""
    for name in ("ratio", "size"):
        if name in flags:
            side = Sheet(flags[name], lexicon.fold(flags[name]))
            shape = ratios.read(side, lexicon)
            sizes.read(side, lexicon, shape)
            settings.shape.take(shape)
    settings.count = _figure(flags.get("count", "")) or settings.count
    settings.duration = _figure(flags.get("duration", "").rstrip("s")) or settings.duration
    settings.shape.auto = settings.shape.auto or "auto" in flags
    alias = lexicon.pattern("«models.aliases»").match(lexicon.fold(flags.get("model", "")))
    if alias:
        chosen = settings.chosen
        chosen.model, chosen.preference, chosen.trial = choices.alias_id(alias[0]), "none", True


def _films(model_id: str | None) -> bool:
    model = catalog.load().get(model_id) if model_id else None
    return model is not None and model.can("text_to_video")


def _unsupported(shape: ratios.Shape, model_id: str | None, film: bool) -> Unsupported | None:
    """§7, by the static table."""
    if shape.size_asked == "8K":
        return "8k"
    if shape.asked and not shape.ratio and not shape.pixels:
        return "ratio"
    model = catalog.load().get(model_id) if model_id else None
    if model and shape.ratio and not film and shape.ratio not in model.ratios:
        return "model_ratio"
    return None


def _figure(value: str) -> int | None:
    """A whole number of at most three figures: nobody means more pictures or seconds than that."""
    return int(value) if value.isdecimal() and len(value) <= 3 else None


def _fraction(value: str | None) -> float | None:
    """A number from 0 to 1."""
    try:
        fraction = float(value or "nan")
    except ValueError:
        return None
    return fraction if 0 <= fraction <= 1 else None
