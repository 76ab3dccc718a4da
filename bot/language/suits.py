"""What the picture is (a logo, a product photo, an illustration …), so that who is good at it may draw it.

A word counts where it is what the picture is: "a logo for a café", 咖啡店的 logo. As a thing in the picture
it does not: a cup with a logo on it, 印着 logo 的杯子, a photo wall. A style alone (油画, watercolour) is no
kind: every model has it. Which model is good at what stands in `models.toml`; what comes of it in `choose`.
"""

import re
from itertools import islice

from bot.language.lexicon import Lexicon

#: The kinds, most telling first.
KINDS = ("logo", "thumbnail", "poster", "product", "illustration", "art", "social", "photo")
#: Characters that are looked at, and how often one kind is.
_LOOK, _MANY = 400, 4
_STOP = re.compile(r"[,，、;；:：。.!！?？\n()（）—|…]")
_LAST_STOP = re.compile(rf".*{_STOP.pattern}", re.DOTALL)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ANY = "«" + "|".join(f"suits.{kind}" for kind in KINDS) + "|suits.text.words»"


def suits(folded: str, lexicon: Lexicon, *, editing: bool) -> tuple[str, ...]:
    """What it takes to draw this well, most telling first; for a picture that is changed, that alone."""
    if editing:
        return ("edit",)
    folded = folded[:_LOOK]
    named = lexicon.pattern(_ANY).search(folded) is not None
    found = [kind for kind in KINDS if named and _is(f"suits.{kind}", folded, lexicon)]
    if _is_to_be_read(folded, lexicon) or (named and _is("suits.text.words", folded, lexicon)):
        found.insert(1 if "logo" in found else 0, "text")
    return tuple(found)


def _is(words: str, folded: str, lexicon: Lexicon) -> bool:
    found = islice(lexicon.pattern(f"«{words}»").finditer(folded), _MANY)
    return any(_is_head(folded, word, lexicon) for word in found)


def _is_head(folded: str, word: re.Match[str], lexicon: Lexicon) -> bool:
    """Whether a clause is about this word, rather than this word about something else in it."""
    last, following = _LAST_STOP.match(folded, 0, word.start()), _STOP.search(folded, word.end())
    before = folded[last.end() if last else 0 : word.start()]
    after = folded[word.end() : following.start() if following else None]
    if _HAN.search(before + word[0] + after):
        # In Chinese the head stands last, and what stands before 的 belongs to it.
        before = before.rpartition("的")[2]
        ends = lexicon.pattern(r"\s*(?:«suits.rule.closings»\s*)*$")
    else:
        ends = lexicon.pattern(r"\s*(?:$|«suits.rule.leads»)")
    return bool(ends.match(after)) and not lexicon.pattern("«suits.rule.breaks»").search(before)


def _is_to_be_read(folded: str, lexicon: Lexicon) -> bool:
    """Whether letters are to be read in the picture: a sign that says “OPEN”, 写着“开业大吉”."""
    if not _QUOTE.search(folded):
        return False
    return (
        lexicon.pattern(rf"«suits.text.signs»\s*(?:是|为|:|：)?\s*{_QUOTE.pattern}").search(folded)
        is not None
    )


_QUOTE = re.compile("[“”\"'「『《]")
