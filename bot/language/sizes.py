"""How large the picture is to be (convention §5.5)."""

import re

from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, Sheet
from bot.language.ratios import Shape, around

_BARE = re.compile(r"512(?![\da-z:]|\.\d|[\s\-]+px)")
_TIERS = ("512px", "1K", "2K", "4K")
#: What makes a figure part of something longer: 1.5, $2k, 10:4, mk2.
#: What makes it "a 4K …": more words may come before the thing.
_ONE = re.compile(r"\b(?:an?|the|his|her|my|their)\s$")
_BEFORE = re.compile(r"[\d.$¥a-z\-]$|\d[,:]$")


def read(sheet: Sheet, lexicon: Lexicon, shape: Shape) -> None:
    """512px, 1K, 2K, 4K, and 8K which nobody makes; a figure that belongs to a thing is content."""
    found = sheet.matches(lexicon.pattern("«params.size.tiers»"))
    if "512" in sheet.folded:
        found = sorted([*found, *sheet.matches(_BARE)], key=re.Match.start)
    for match in found:
        if _BEFORE.search(sheet.before(match.start(), 2)):
            continue
        bare = match.re is _BARE
        if _of_a_thing(sheet, lexicon, match) or (bare and not _bare_size(sheet, lexicon, match)):
            continue
        said = "512px" if bare else lexicon.value("params.size.tiers", match[0])
        shape.size_asked, shape.size = said, said if said in _TIERS else None
        around(sheet, lexicon, match.start(), match.end())


def _of_a_thing(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    """4K电视, 5k run, a 2K charity run, 门牌号512."""
    named = lexicon.pattern(r"\s(?!«params.ratio.picture|draw.products»)[\w'’-]+\s«params.size.things»")
    if _ONE.search(sheet.folded, max(0, match.start() - 6), match.start()) and named.match(
        sheet.folded, match.end()
    ):
        return True
    if lexicon.pattern(r"\s*的?\s*«params.size.things»").match(sheet.folded, match.end()):
        return True
    head = sheet.before(match.start(), 16)
    return lexicon.pattern(r"«params.size.thing_before»\s*[是为:]?\s*$").search(head) is not None


def _bare_size(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    """512 alone is a size only beside a word for size, or alone in its clause."""
    head = sheet.before(match.start(), 16)
    if lexicon.pattern(r"«params.size.cues»\s*(?:«params.label_links»)?\s*[:=]?\s*$").search(head):
        return True
    tail = lexicon.pattern(
        rf"\s*(?:的\s*)?(?>(?:«params.tails»\s*)*)(?=[,;!?。、~….|\n{CUT}]|$)|\s*的(?:图|小图|小样|草稿|草图|样图|缩略图)|\s*的?\s+«verb»"
    )
    asked = lexicon.pattern(r"(?:«draw.weak»|«draw.asks»)\s*(?:一?[个张])?\s*$").search(head)
    opens = asked or any(match.start() in opening for opening in sheet.openings(lexicon))
    return opens and tail.match(sheet.folded, match.end()) is not None
