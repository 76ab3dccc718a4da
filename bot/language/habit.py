"""A model named where somebody speaks of habit: 我们组统一用MJ, for all future pics use MJ (conventions §6).

What people say round such a wish is in no list. It is known by what is there, a model and a word of habit,
and by what is not: a request, a question, or a clause that could be drawn.
"""

import re

from bot.language import talk
from bot.language.lexicon import Lexicon
from bot.language.normalise import Sheet

#: So much beside known words may be in a clause: eight letters of Chinese, four words of English.
_BESIDE = 8
_KNOWN = (
    "choices.habit", "choices.stay", "choices.choose", "choices.choose_once", "choices.links", "choices.then",
    "meta.saving.words", "meta.settings.words", "meta.filler", "talk.soft", "talk.please", "talk.particles",
    "talk.anywhere", "talk.greet", "talk.call",
)  # fmt: skip


def model_to_keep(sheet: Sheet, lexicon: Lexicon) -> re.Match[str] | None:
    """The last model named in a text that is about the model to keep, and about nothing else."""
    text = sheet.folded
    if len(text) > talk.SHORT or not sheet.holds("choices.habit|choices.stay", lexicon):
        return None
    names = list(lexicon.pattern("«models.aliases»").finditer(text))
    if not names or not _of_habit(text, names, lexicon) or _asks_or_tries(text, lexicon):
        return None
    return names[-1] if all(_fits(part, lexicon) for part in talk.sentences(text)) else None


def _of_habit(text: str, names: list[re.Match[str]], lexicon: Lexicon) -> bool:
    """MJ一直很慢 is no wish: the habit comes first, or closes its clause."""
    name = names[-1]
    if lexicon.pattern(r"\s*(?:«choices.thing_after»|«choices.joined»)").match(text, name.end()):
        return False
    if len(names) > 1 and re.fullmatch(r"\s*(?:还是|or)\s*", text[names[-2].end() : name.start()]):
        return False
    no = (
        r"(?<!特)«choices.negative|choices.never|choices.soft_negative»(?!的)[^,;!?。]*$"
        r"|«meta.clear_preference.core»"
    )
    forgets = lexicon.pattern(r"[^,;!?。]*?«meta.clear_preference.core»").match(text, name.end())
    if forgets or lexicon.pattern(no).search(text, 0, name.start()):
        return False
    habit = "«choices.habit|choices.stay»"
    closing = rf"[,;!。].*{habit}|{habit}\s*(?:«talk.particles»\s*|models?\s*)*(?:[,;!?。.~\n]|$)"
    return (
        lexicon.pattern(habit).search(text, 0, name.start()) is not None
        or lexicon.pattern(closing).search(text, name.end()) is not None
    )


def _asks_or_tries(text: str, lexicon: Lexicon) -> bool:
    lead = lexicon.pattern(r"(?>(?:«talk.please|talk.greet|talk.call|talk.soft»[\s,!~。]*)*)").match(text)
    rest = text[lead.end() if lead else 0 :]
    if re.search(r"吧\s*\?", text):
        return True
    polite = lexicon.pattern(r"(?:好|行|可以|可)(?:吗|不|不好|不行)?[\s?!~。]*$|\?$").sub("", rest)
    kept = lexicon.pattern("«choices.stay»").sub(" ", text)
    if talk.asks(polite, lexicon) or lexicon.pattern("«signs.sure»").search(text):
        return True
    return lexicon.pattern("«choices.trial»").search(kept) is not None


def _fits(part: str, lexicon: Lexicon) -> bool:
    """Whether a clause is about the model, or talk beside it."""
    bare = lexicon.pattern("«models.aliases»").sub(" ", part)
    draws = r"«signs.thing»|(?:her|his|their)\s"
    draws += r"|.*«verb»\s*(?!«draw.nouns|talk.particles|choices.habit|choices.stay»)[^\s,;!?。]"
    if lexicon.pattern(draws).match(bare.strip()):
        return False
    left = talk.weight(lexicon.pattern(f"«{'|'.join(_KNOWN)}»").sub(" ", bare))
    named = bare != part or lexicon.pattern("«choices.habit|choices.stay»").search(part) is not None
    if left <= (_BESIDE if named else 0):
        return True
    return talk.is_talk(Sheet(part, part), lexicon, hint=2) or talk.made_of(
        part, lexicon, "chat.degree", "chat.judged", "meta.filler"
    )
