"""What the picture is (a logo, a product photo, an illustration …), so that who is good at it may draw it.

A word counts where it is what the picture is: "a logo for a café", 咖啡店的 logo. As a thing in the picture
it does not: a cup with a logo on it, 印着 logo 的杯子, a photo wall. A style alone (油画, watercolour) is no
kind: every model has it. Which model is good at what stands in `models.toml`; what comes of it in `choose`.
"""

import re

from bot.language.lexicon import Lexicon

#: The kinds, most telling first.
KINDS = ("logo", "thumbnail", "poster", "product", "illustration", "art", "social", "photo")
#: Characters that are looked at.
_LOOK = 400
_CLAUSES = re.compile(r"[^,，、;；:：。.!！?？\n()（）—|…]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def suits(prompt: str, lexicon: Lexicon, *, editing: bool) -> tuple[str, ...]:
    """What it takes to draw this well, most telling first; for a picture that is changed, that alone."""
    if editing:
        return ("edit",)
    folded = lexicon.fold(prompt[:_LOOK])
    found = [kind for kind in KINDS if _is(kind, folded, lexicon)]
    if _has_letters(folded, lexicon):
        found.insert(1 if "logo" in found else 0, "text")
    return tuple(found)


def _is(kind: str, folded: str, lexicon: Lexicon) -> bool:
    words = lexicon.pattern(f"«suits.{kind}»")
    return any(
        _is_head(clause[0], word, lexicon)
        for clause in _CLAUSES.finditer(folded)
        for word in words.finditer(clause[0])
    )


def _is_head(clause: str, word: re.Match[str], lexicon: Lexicon) -> bool:
    """Whether a clause is about this word, rather than this word about something else in it."""
    before, after = clause[: word.start()], clause[word.end() :]
    if _HAN.search(clause):
        # In Chinese the head stands last, and what stands before 的 belongs to it.
        before = before.rpartition("的")[2]
        ends = lexicon.pattern(r"\s*(?:«suits.rule.closings»\s*)*$")
    else:
        ends = lexicon.pattern(r"\s*(?:$|«suits.rule.leads»)")
    return bool(ends.match(after)) and not lexicon.pattern("«suits.rule.breaks»").search(before)


def _has_letters(folded: str, lexicon: Lexicon) -> bool:
    """Whether letters are to be read in the picture: a sign that says “OPEN”, 写着“开业大吉”, lettering."""
    quoted = lexicon.pattern(r"«suits.text.signs»\s*(?:是|为|:|：)?\s*[“”\"'「『《]")
    return bool(quoted.search(folded) or _is("text.words", folded, lexicon))
