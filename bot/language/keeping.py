"""The model that is kept: to keep one, to ask which it is, to give the choice back (conventions §1, §6)."""

import re

from bot.language import talk
from bot.language.intent import Kind
from bot.language.normalise import CUT
from bot.language.reading import BESIDE, Reading, lists_of

#: 你最喜欢哪个模型, and not 随便哪个模型.
_WHICH = re.compile(r"(?<!随便)(?<!任意)(?<!不管)哪[个款种]模型[\s?!~。]*$")
#: How do I use MJ, 你用的是MJ吗: asked, and nothing is to be kept for it.
_INQUIRES = re.compile(
    r"(?:how|why|what|which|when|is|are)\b(?!\sabout)|(?:do|does|did)\s(?:you|u|i|we)\b"
    r"|[你您]们?(?:现在|目前|刚才)?(?:用|在用|是用).*[吗么?]\W*$"
)


def about_preference(reading: Reading) -> Kind | None:
    """A wish to keep a model, a question which is kept, or a wish to forget it."""
    if reading.given.images:
        return None
    if reading.choices.habit:
        return "again" if reading.given.reply else "set_preference"
    if _shows(reading) or _names_preference(reading):
        return "show_preference"
    return "clear_preference" if _forgets(reading) else "show_preference" if _asks_which(reading) else None


def _forgets(reading: Reading) -> bool:
    """清除我的偏好, 忘掉我喜欢MJ这件事: a word or two may be unknown."""
    said, what = reading.said, "meta.clear_preference.what"
    if not reading.has("meta.clear_preference.core") or not reading.has(what, "models.aliases"):
        return False
    lists = (*lists_of("clear_preference"), "models.aliases")
    if reading.says(said, "meta.clear_preference.core", *lists, hint=BESIDE):
        return True
    known = reading.has(what) and not reading.editing and not reading.pictures(said)
    return known and reading.nearly(said, *lists)


def _shows(reading: Reading) -> bool:
    return (
        (reading.choices.preference != "save" or _questions(reading))
        and reading.has("meta.show_preference.core")
        and not reading.has("meta.list_models.offered")
        and reading.has("meta.show_preference.ask")
        and reading.has("meta.show_preference.mine")
        and reading.says(
            reading.said,
            "meta.show_preference.core",
            *lists_of("show_preference"),
            "models.aliases",
            hint=BESIDE,
        )
    )


def _asks_which(reading: Reading) -> bool:
    """Am I still on MJ, what model do you have saved: a question about my model and its state."""
    return (
        not reading.editing
        and reading.has("meta.show_preference.mine")
        and reading.has("meta.show_preference.state", "meta.show_preference.core")
        and reading.has("choices.key", "choices.default_key", "models.aliases")
        and not reading.has("meta.show_preference.advice", "meta.list_models.offered")
        and _questions(reading)
        and not reading.pictures(reading.said)
    )


def _questions(reading: Reading) -> bool:
    closes = reading.lexicon.pattern(r"«chat.asked»[\s?!~。]*$")
    return closes.search(reading.said[-12:]) is not None or talk.asks(
        reading.after("meta.show_preference.tells", "talk.please", "talk.greet"), reading.lexicon
    )


def _names_preference(reading: Reading) -> bool:
    """我的默认模型, my preferences: named and nothing else said."""
    core, mine = "meta.show_preference.core", "meta.show_preference.mine"
    named = reading.has(core) and reading.has(mine) and not reading.has("meta.list_models.offered")
    return named and reading.only(reading.said, core)


def gives_back(reading: Reading) -> Kind | None:
    """003's words for giving the choice back, without content."""
    choices = reading.choices
    back = choices.cleared or choices.budget == "best"
    picks = ("choices.clear.who", "choices.clear.picks") if choices.budget == "best" else ()
    words = ("meta.saving.words", "meta.settings.words", "talk.soft", "talk.please", *picks)
    if reading.given.images:
        return None
    # 换个模型再试一次 is a rerun.
    hint = BESIDE if choices.cleared and not reading.has("meta.again.core", text=reading.sheet.folded) else 0
    if back and reading.only_or_talk(*words, hint=hint):
        return "clear_preference"
    return None


def leaves_it(reading: Reading) -> Kind | None:
    """随便哪个模型都行, whatever model you think fits, try a different model maybe: any but the one kept."""
    lists = (
        "choices.clear.free",
        "choices.clear.verbs",
        "choices.key",
        "meta.saving.words",
        "meta.settings.words",
    )
    said, given = reading.said, reading.given
    leaves = (
        reading.choices.model is None
        and not given.reply
        and not given.images
        and reading.has("choices.clear.free")
        and reading.has("choices.key")
        and not _questions(reading)
        and not _WHICH.search(said)
        and reading.nearly(said, *lists, "choices.clear.kinds", "talk.soft", "talk.particles", "talk.please")
    )
    return "clear_preference" if leaves else None


def refuses(reading: Reading) -> Kind | None:
    """别再用MJ了: a model declined, and nothing to draw (§3.4)."""
    choices = reading.choices
    if not choices.refused or choices.model or reading.given.images:
        return None
    if reading.has("choices.trial"):
        return None
    left = ("meta.saving.words", "meta.settings.words", "choices.stay", "choices.ever", "talk.particles")
    return "clear_preference" if reading.only(reading.sheet.folded, *left, "talk.soft") else None


def named_model(reading: Reading) -> Kind | None:
    """A model and a choosing word, and nothing to draw: to keep, or to rerun with."""
    choices = reading.choices
    if choices.model is None or reading.given.images:
        return None
    words = ("meta.saving.words", "meta.settings.words", "choices.stay", "choices.then")
    if not reading.only_or_talk(*words) and not _for_a_kind(reading, *words):
        return None
    if re.search(r"吧\s*\?|是不是", reading.said):
        return "show_preference"
    if _INQUIRES.match(reading.said):
        return None
    if reading.given.reply or (choices.trial and choices.chosen):
        return "again"
    return "set_preference" if choices.chosen else "chat"


def _for_a_kind(reading: Reading, *words: str) -> bool:
    """以后画人像都用MJ, always use MJ for portraits: a model for one kind of picture, and none now."""
    folded = reading.sheet.folded
    if not reading.choices.chosen or reading.choices.trial or len(folded) > talk.SHORT:
        return False
    before = reading.lexicon.pattern(
        r"(?:(?:我|请|«choices.stay»)[\s,]*)*(?:(?:«verb»|«draw.weak»|«choices.whenever»)\s*)+(?!«draw.objects»)"
        rf"[^\d,;!?。、\n{CUT}]{{1,10}}?(?:«choices.whenever»)?[\s,]*(?:都|就|全|一律|统统|统一|\s)*(?={CUT})"
    )
    after = reading.lexicon.pattern(
        rf"[^{CUT}]*{CUT}+\s*(?:for|when|whenever)\s+(?!«draw.objects»)[a-z ]{{1,30}}(?=[,.!{CUT}]|$)"
    )
    content = reading.sheet.openings(reading.lexicon)[0][1]
    kind = before.match(folded, content) or after.match(folded)
    if not kind or not reading.lexicon.pattern("«choices.stay»|«choices.whenever»(?!的)").search(
        reading.said
    ):
        return False
    return reading.only_or_talk(*words, text=folded[kind.end() :])
