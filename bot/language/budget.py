"""How dear the picture may be: the cheapest, the best, an artistic one (conventions §4)."""

import re
from typing import Literal

from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, PAUSE, Sheet

Budget = Literal["cheapest", "best", "artistic"]

#: You're the best, 你是最棒的: of somebody, and no wish.
_PRAISE = re.compile(
    r"(?:(?:'(?:re|m)|\b(?:are|am|ur|im|youre))\s(?:the\s|my\s)?|[你它他她]们?(?:真的?)?是?)$"
)
#: What's the best way to draw …
_QUESTION = re.compile(r"\bwhat(?:'?s|\sis)\s(?:the\s)?$")


def read(sheet: Sheet, lexicon: Lexicon) -> Budget | None:
    """What was said of the price, taken out of the sheet; artistic stays, as it is content, too."""
    rules: tuple[tuple[Budget, str], ...] = (
        ("cheapest", "choices.budget.cheap"),
        ("cheapest", "choices.budget.cheap_plain"),
        ("best", "choices.budget.best"),
        ("best", "choices.budget.best_plain"),
    )
    any_word = "|".join(words for _, words in rules)
    for budget, words in rules if sheet.holds(any_word, lexicon) else ():
        if _wish(sheet, lexicon, words):
            return budget
    return "artistic" if _artistic(sheet, lexicon) else None


def _wish(sheet: Sheet, lexicon: Lexicon, words: str) -> bool:
    """Whether the words are a wish about the model, and not of a thing; the wish is cut."""
    plain = words.endswith("plain")
    before = lexicon.pattern(r"(?:«choices.budget.ask»\s*)+$")
    found = False
    for match in sheet.matches(lexicon.pattern(rf"«{words}»\s*(?:«choices.budget.objects»\s*)*")):
        head = sheet.clause_before(match.start())
        ask = before.search(head[-30:])
        if _PRAISE.search(head) or (match[0].rstrip().endswith(" way") and _QUESTION.search(head)):
            continue
        wished = plain or ((ask or _opens(sheet, lexicon, match.start())) and _goes_on(sheet, lexicon, match))
        if wished:
            sheet.cut(match.start() - (len(ask[0]) if ask else 0), match.end())
            found = True
    return found


def _opens(sheet: Sheet, lexicon: Lexicon, place: int) -> bool:
    """Whether nothing but asking stands before a wish in its clause."""
    asks = lexicon.pattern(rf"(?>(?:«draw.asks»|[\s{CUT}])*)")
    return any(
        start <= place and (content >= place or asks.fullmatch(sheet.folded, content, place))
        for start, content in sheet.openings(lexicon)
    )


def _goes_on(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    """After the wish comes the request or nothing, never a noun: 最好的朋友, the cheapest pizza."""
    follow = lexicon.pattern(
        rf"{PAUSE}|\s*(?:来|去|给我|帮我|把|to |and |for )?\s*(?:«verb»|«choices.go_on»)"
    )
    return follow.match(sheet.folded, match.end()) is not None


def _artistic(sheet: Sheet, lexicon: Lexicon) -> bool:
    pattern = lexicon.pattern("(?!«choices.budget.not_artistic»)«choices.budget.artistic»")
    return sheet.holds("choices.budget.artistic", lexicon) and pattern.search(sheet.folded) is not None
