"""How many pictures, and how many seconds (conventions §5.6, §2). Only what the person said."""

import re

from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, LEAD, Sheet
from bot.language.ratios import around

_END = rf"(?=\s*(?:[,;:!?。、~….|{CUT}\n()—–]|$|吧|就|的?图|呗|啊|谢谢))"
_BEFORE = re.compile(r"[\d.:#\-~]$")


def read(sheet: Sheet, lexicon: Lexicon, images: int) -> int | None:
    """A number of pictures; not of things in them, nor of those put in (§2). The last one counts."""
    # 三张图书馆 are three of a library.
    what = (
        r"\s*(?:(?P<zh>«params.count.measures»(?<!张图(?=[书案标腾纸形])))"
        r"|(?:个\s*|«params.count.other»\s)?(?P<en>«params.count.nouns~»)|(?P<more>more\b))"
    )
    patterns = (
        rf"(?P<number>\d\d{{0,2}}){what}",
        rf"(?P<number>«params.count.numbers»){what}",
        rf"(?P<number>[俩仨])(?<=[来出要画整弄搞].)(?P<zh>){_END}",
        r"(?P<key>«params.count.keys»)\s?[:=是为]\s?(?P<number>\d\d?)(?!\d)",
        r"(?P<single>«params.count.single»)\s*(?:(?=«params.count.nouns»)|(?<=[\u4e00-\u9fff]))",
    )
    found: list[tuple[int, int]] = []
    for pattern in patterns:
        for match in sheet.matches(lexicon.pattern(pattern)):
            value = _value(sheet, lexicon, match, images)
            if value:
                found.append((match.start(), value))
                only = lexicon.pattern(r"(?:\b(?:i|we)\s|我们?)?«params.count.only»\s*$").search(
                    sheet.folded, max(0, match.start() - 12), match.start()
                )
                sheet.cut(only.start() if only else match.start(), match.end())
    return max(found)[1] if found else None


def _value(sheet: Sheet, lexicon: Lexicon, match: re.Match[str], images: int) -> int | None:
    """The number of pictures that a match asks for, or None where it asks for none."""
    groups = match.groupdict()
    if groups.get("single"):
        return 1
    value = _number(match["number"], lexicon)
    if groups.get("key"):
        return value
    if _BEFORE.search(sheet.before(match.start(), 1)):
        return None
    if _of_things(sheet, lexicon, match, images):
        return None
    if value == 1:
        return 1 if _only_one(sheet, lexicon, match) else None
    return (
        value if groups.get("more") or groups.get("zh") == "" or _stands_free(sheet, lexicon, match) else None
    )


def _number(said: str, lexicon: Lexicon) -> int:
    return int(said) if said.isdecimal() else int(lexicon.table("params.count.numbers")[said])


def _only_one(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    """一张 and a are articles; 只要一张 and just one are not."""
    head = sheet.before(match.start(), 16)
    if lexicon.pattern(r"«params.count.only»\s*$").search(head):
        return True
    return lexicon.pattern(r"\s*(?:,\s*)?«params.count.enough»").match(sheet.folded, match.end()) is not None


def _of_things(sheet: Sheet, lexicon: Lexicon, match: re.Match[str], images: int) -> bool:
    """第三张, 这两张, 两张桌子, 两张并排的单人床: an order, what is put in, a thing."""
    head = _head(sheet, match)
    before = lexicon.pattern(r"(?:«params.count.ordinals»|[到至]|«params.count.inputs»\s*的?)\s*$")
    things = (
        r"\s*(?!«params.count.not_things»)«params.count.things»(?![上里旁前边中])"
        rf"|(?<=张)[^,;!?。、的\s\d]{{1,6}}的[^,;!?。、的\s]{{0,2}}?«params.count.things»子?{_END}"
    )
    if before.search(head) or lexicon.pattern(things).match(sheet.folded, match.end()):
        return True
    return images > 1 and lexicon.pattern("«params.count.fusing»").search(sheet.folded) is not None


def _stands_free(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    """A number of pictures opens its clause, follows a word of asking, or closes the clause."""
    head = _head(sheet, match)
    lead = lexicon.pattern(LEAD).match(head)
    head = head[lead.end() :] if lead else head
    if lexicon.pattern("«params.count.hung»").search(head):
        return False
    ends = lexicon.pattern(_END).match(sheet.folded, match.end()) is not None
    if head.strip(CUT + " \t") and not lexicon.pattern(r"(?:«params.count.lead»|\x00)\s*$").search(head):
        return ends
    if match["en"]:
        return (
            ends
            or lexicon.pattern(r"\s*(?:«params.count.follow»|的)").match(sheet.folded, match.end())
            is not None
        )
    return True


def _head(sheet: Sheet, match: re.Match[str]) -> str:
    return sheet.clause_before(match.start())


def read_duration(sheet: Sheet, lexicon: Lexicon) -> int | None:
    """Seconds of a film; asked only where a film is asked for. The last one counts (§5.7)."""
    what = (
        r"[\s\-]*(?:(?P<s>«params.duration.units~»)|(?P<m>«params.duration.minutes~»))"
        r"(?!\s*«params.duration.not_after»)"
    )
    found: list[tuple[int, int]] = []
    for pattern in (rf"(?P<number>\d\d{{0,2}}){what}", rf"(?P<number>«params.count.numbers»){what}"):
        for match in sheet.matches(lexicon.pattern(pattern)):
            if not _BEFORE.search(sheet.before(match.start(), 1)):
                found.append((match.start(), _number(match["number"], lexicon) * (60 if match["m"] else 1)))
                _cut(sheet, lexicon, match)
    half = sheet.folded.find("半分钟")
    if half >= 0:
        found.append((half, 30))
        sheet.cut(half, half + 3)
    return max(found)[1] if found else None


def _cut(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> None:
    around(sheet, lexicon, match.start(), match.end())
    tail = lexicon.pattern(r"\s*(?:«params.duration.tails»\s*)+").match(sheet.folded, match.end())
    if tail:
        sheet.cut(tail.start(), tail.end())
