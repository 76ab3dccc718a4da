"""From a text to an Intent. Pure: the same answer every time, about a millisecond, no network."""

from dataclasses import replace

from bot import catalog
from bot.language import amounts, choices, marks, prompt, ratios, secrets, tasks
from bot.language import lexicon as words
from bot.language.decide import Reading, asks_to_draw, decide
from bot.language.intent import Intent, Kind, Unsupported
from bot.language.lexicon import Lexicon
from bot.language.normalise import Sheet, language_of, prepare
from bot.language.tasks import Given

_COMMAND_KINDS: dict[str, Kind] = {
    "draw": "generate", "edit": "generate", "film": "generate", "again": "again", "retry": "retry",
    "cancel": "cancel", "status": "status", "help": "help", "list_models": "list_models", "credits": "credits",
    "show_preference": "show_preference", "clear_preference": "clear_preference", "forget_me": "forget_me",
}  # fmt: skip


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


def read(text: str, given: Given, lexicon: Lexicon) -> Intent:
    """`understand` with the words given."""
    language = language_of(text)
    text, secret = secrets.cut(text, language)
    sheet, urls = prepare(text, lexicon)
    given = replace(given, urls=len(urls))
    command = marks.slash(sheet, lexicon)
    flags = marks.flags(sheet, lexicon)
    marks.injected(sheet, lexicon)
    marks.letters(sheet, lexicon)
    said = sheet.folded
    film = command == "film" or tasks.is_film(sheet, lexicon)
    shape, found, chosen, duration = _settings(sheet, lexicon, given, film)
    reference = tasks.reference(sheet, lexicon, given)
    film = film or (reference is not None and tasks.comes_alive(sheet, lexicon))
    _apply(flags, lexicon, (shape, found, chosen))
    if "duration" in flags.values and flags.values["duration"].rstrip("s").isdecimal():
        duration = int(flags.values["duration"].rstrip("s"))
    model = catalog.load().get(chosen.model) if chosen.model else None
    if model and "text_to_video" in model.tasks:
        film = True
        duration = duration or amounts.read_duration(sheet, lexicon)
    reading = Reading(
        sheet, lexicon, given, chosen, said,
        settings=bool(shape.asked or shape.auto or found.size_asked or shape.size or found.count or duration),
        editing=reference is not None,
        film=film,
    )  # fmt: skip
    kind = _COMMAND_KINDS[command] if command else decide(reading)
    plain = Intent(intent=kind, language=language, text=text, secret=secret)
    if kind not in {"generate", "again", "retry", "set_preference", "clear_preference"}:
        return plain
    if kind == "clear_preference":
        return replace(plain, preference="clear", budget=chosen.budget)
    if kind == "set_preference":
        return (
            replace(
                plain,
                model=chosen.model,
                preference=chosen.preference,
                task="text_to_video" if film else None,
            )
            if False
            else replace(plain, model=chosen.model, preference=chosen.preference)
        )
    size_asked = found.size_asked or shape.size
    intent = replace(
        plain,
        model=chosen.model,
        budget=chosen.budget,
        preference=chosen.preference,
        ratio=shape.ratio,
        size=shape.size or found.size,
        count=found.count,
        duration=duration,
        ratio_asked=shape.asked,
        size_asked=size_asked,
        pixels=shape.pixels,
        auto_ratio=shape.auto,
        unsupported=_unsupported(shape, size_asked, chosen.model, film),
        urls=urls,
        negative=flags.values.get("negative") or None,
        strength=_fraction(flags.values.get("strength")),
        watermark=flags.values["watermark"] or True if "watermark" in flags.values else False,
        picture=tasks.which(sheet, lexicon),
        reference=reference,
    )
    if kind != "generate":
        return intent
    editing = reference is not None
    return replace(
        intent,
        task=tasks.task(film, editing),
        prompt=prompt.build(sheet, lexicon, editing=editing and not asks_to_draw(sheet, lexicon)),
    )


def _settings(sheet: Sheet, lexicon: Lexicon, given: Given, film: bool):  # type: ignore[no-untyped-def]
    duration = amounts.read_duration(sheet, lexicon) if film else None
    shape = ratios.read(sheet, lexicon)
    found = amounts.Amounts()
    amounts.read_size(sheet, lexicon, found)
    amounts.read_count(sheet, lexicon, found, given.images)
    return shape, found, choices.read(sheet, lexicon), duration


def _apply(flags: marks.Flags, lexicon: Lexicon, found) -> None:  # type: ignore[no-untyped-def]
    """What flags say wins over what words say."""
    shape, amount, chosen = found
    values = flags.values
    if "ratio" in values:
        side = Sheet(values["ratio"], lexicon.fold(values["ratio"]))
        said = ratios.read(side, lexicon)
        shape.ratio, shape.asked = said.ratio, said.asked or values["ratio"]
    if "size" in values:
        side = Sheet(values["size"], lexicon.fold(values["size"]))
        said = ratios.read(side, lexicon)
        amounts.read_size(side, lexicon, amount)
        if said.pixels:
            shape.ratio, shape.asked, shape.size, shape.pixels = (
                said.ratio,
                said.asked,
                said.size,
                said.pixels,
            )
    if "count" in values and values["count"].isdecimal():
        amount.count = int(values["count"])
    if "model" in values:
        alias = lexicon.pattern("«models.aliases»").match(lexicon.fold(values["model"]))
        if alias:
            chosen.model, chosen.preference, chosen.trial = choices.alias_id(lexicon, alias[0]), "none", True
    if "auto" in values:
        shape.auto = True


def _unsupported(
    shape: ratios.Shape, size: str | None, model_id: str | None, film: bool
) -> Unsupported | None:
    """§7, by the static table."""
    if size == "8K":
        return "8k"
    if shape.asked and not shape.ratio and not shape.pixels:
        return "ratio"
    model = catalog.load().get(model_id) if model_id else None
    if model and shape.ratio and not film and shape.ratio not in model.ratios:
        return "model_ratio"
    return None


def _fraction(value: str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None
