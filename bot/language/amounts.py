"""How large, how many, how long (conventions §5.5, §5.6). Only what the person said."""

import re
from dataclasses import dataclass

from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, Sheet
from bot.language.ratios import around

_CLAUSE_END = rf"(?=\s*(?:[,;:!?。、~….|{CUT}\n()—–]|$|吧|就|的?图|呗|啊|谢谢))"


@dataclass(slots=True)
class Amounts:
    """What was said about size and number."""

    size: str | None = None
    size_asked: str | None = None
    count: int | None = None


def read_size(sheet: Sheet, lexicon: Lexicon, found: Amounts) -> None:
    """§5.5: 512px, 1K, 2K, 4K, and 8K which nobody makes; a figure that belongs to a thing is content."""
    tiers = lexicon.table("params.size.tiers")
    pattern = lexicon.pattern(
        r"(?<![\d.$¥a-z\x01])(?<!\d[,:])(?P<tier>«params.size.tiers»|8\s?k|16\s?k)(?![a-z0-9])|(?<![\d.$¥a-z/\-])(?<!\d[,:])(?P<bare>512)(?![\da-z.:])"
    )
    for match in pattern.finditer(sheet.folded):
        if _of_a_thing(sheet, lexicon, match) or (match["bare"] and not _bare_size(sheet, lexicon, match)):
            continue
        said = "".join(match[0].split())
        found.size = "512px" if match["bare"] else tiers.get(match[0])
        found.size_asked = found.size or said.upper()
        around(sheet, lexicon, match.start(), match.end())


def _of_a_thing(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    if lexicon.pattern(r"\s*的?\s*«params.size.things»").match(sheet.folded, match.end()):
        return True
    head = sheet.folded[max(0, match.start() - 16) : match.start()]
    return bool(lexicon.pattern(r"«params.size.thing_before»\s*[是为:]?\s*$").search(head))


def _bare_size(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    """512 alone is a size only beside a word for size, or alone in its clause."""
    head = sheet.folded[max(0, match.start() - 16) : match.start()]
    if lexicon.pattern(r"«params.size.cues»\s*(?:«params.label_links»)?\s*[:=]?\s*$").search(head):
        return True
    tail = rf"\s*(?:的\s*)?(?:«params.tails»\s*)*(?=[,;!?。、~…|\n{CUT}]|$)|\s*的(?:图|小图)"
    first = any(match.start() in opening for opening in sheet.openings(lexicon))
    return bool(first and lexicon.pattern(tail).match(sheet.folded, match.end()))


def read_count(sheet: Sheet, lexicon: Lexicon, found: Amounts, images: int) -> None:
    """§5.6: a number of pictures; not of things in them, nor of those put in (§2)."""
    number = r"(?P<number>\d{1,3}|«params.count.numbers»)"
    pattern = lexicon.pattern(
        rf"(?<![\d.:\x01]){number}\s*(?:(?P<zh>«params.count.measures»)|(?P<en>«params.count.nouns~»)|(?P<more>more\b))"
        r"|(?P<key>(?<![a-z])(?:count|数量|张数|n)\s?[:=是为]\s?)(?P<n>\d{1,2})(?!\d)|(?P<single>«params.count.single»)"
    )
    numbers = lexicon.table("params.count.numbers")
    for match in pattern.finditer(sheet.folded):
        if match["single"] and not match["number"]:
            value = (
                1
                if lexicon.pattern(r"\s*«params.count.nouns»").match(sheet.folded, match.end())
                or "单" in match[0]
                else 0
            )
            if not value:
                continue
            found.count = 1
            sheet.cut(match.start(), match.end())
            continue
        said = match["number"] or match["n"]
        value = int(said) if said.isdecimal() else int(numbers[said])
        if not value or not _of_pictures(sheet, lexicon, match, images):
            continue
        if value == 1 and not _only_one(sheet, lexicon, match):
            continue
        found.count = value
        sheet.cut(match.start(), match.end())


def _only_one(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    """一张 and a are articles; 只要一张 and just one are not."""
    head = sheet.folded[max(0, match.start() - 16) : match.start()]
    before = lexicon.pattern(r"«params.count.only»\s*$").search(head)
    return bool(before or lexicon.pattern(r"\s*«params.count.enough»").match(sheet.folded, match.end()))


def _of_pictures(sheet: Sheet, lexicon: Lexicon, match: re.Match[str], images: int) -> bool:
    if match["key"]:
        return True
    start, _ = sheet.clause(match.start())
    head = sheet.folded[start : match.start()]
    if lexicon.pattern(r"(?:«params.count.ordinals»|\d|[-~到至])\s*$").search(head):
        return False
    if lexicon.pattern(r"«params.count.inputs»\s*(?:的)?\s*$").search(head):
        return False
    if lexicon.pattern(r"\s*«params.count.things»").match(sheet.folded, match.end()):
        return False
    if images > 1 and lexicon.pattern("«params.count.fusing»").search(sheet.folded):
        return False
    if match["more"]:
        return True
    return _stands_free(sheet, lexicon, head, match)


def _stands_free(sheet: Sheet, lexicon: Lexicon, head: str, match: re.Match[str]) -> bool:
    """A number of pictures opens its clause, follows a word of asking, or closes the clause."""
    if not head.strip(CUT + " \t") or lexicon.pattern(r"(?:«params.count.lead»|\x00)\s*$").search(head):
        if match["en"]:
            follow = r"\s*(?:of\b|more\b|please\b|pls\b|with\b|in\b|for\b|at\b|this\b|showing\b|featuring\b|instead\b|but\b|again\b|from\b|each\b|about\b)"
            return bool(re.compile(follow).match(sheet.folded, match.end()) or _ends(sheet, lexicon, match))
        return True
    return _ends(sheet, lexicon, match) and not lexicon.pattern("«params.count.hung»").search(head)


def _ends(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    return bool(lexicon.pattern(_CLAUSE_END).match(sheet.folded, match.end()))


def read_duration(sheet: Sheet, lexicon: Lexicon) -> int | None:
    """Seconds of a film; asked only where a film is asked for. The last one counts (§5.7)."""
    pattern = lexicon.pattern(
        r"(?<![\d.:\x01])(?P<number>\d{1,3}|«params.count.numbers»)[\s\-]*(?:(?P<s>«params.duration.units~»)|(?P<m>«params.duration.minutes~»))"
        r"(?!\s*«params.duration.not_after»)|半分钟"
    )
    numbers = lexicon.table("params.count.numbers")
    seconds = None
    for match in pattern.finditer(sheet.folded):
        said = match["number"]
        if said is None:
            seconds = 30
        else:
            value = int(said) if said.isdecimal() else int(numbers[said])
            seconds = value * (60 if match["m"] else 1)
        around(sheet, lexicon, match.start(), match.end())
        tail = lexicon.pattern(r"\s*(?:«params.duration.tails»\s*)+").match(sheet.folded, match.end())
        if tail:
            sheet.cut(tail.start(), tail.end())
    return seconds
