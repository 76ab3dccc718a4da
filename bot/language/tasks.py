"""Picture or film, from words or from a picture; and which picture (conventions §2)."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, Sheet
from bot.message import Task

Reference = Literal["attached", "url", "reply", "last", "named"]

#: A change of degree is said in so many letters.
_BRIEF = 60
#: A word is a clause of its own.
_ALONE = re.compile(rf"\s*(?:[,;.!。{CUT}]|$)")


@dataclass(frozen=True, slots=True)
class Given:
    """What came with the message."""

    images: int = 0
    urls: int = 0
    reply: bool = False
    awaiting: bool = False
    mentioned: bool = True

    @property
    def picture(self) -> bool:
        """Whether a picture to work on came along."""
        return bool(self.images or self.urls or self.reply)


def reference(sheet: Sheet, lexicon: Lexicon, given: Given) -> Reference | None:
    """What an edit works on: what came along, else what the words point at."""
    if given.images:
        return "attached"
    if given.urls:
        return "url"
    if given.reply:
        return "reply"
    if sheet.holds("edit.same", lexicon) or sheet.opens(lexicon.pattern("«edit.still»"), lexicon):
        return "last"
    rules = (_points, _edits_nothing_else, _leaves_out, _shades)
    return "last" if any(rule(sheet, lexicon) for rule in rules) else None


def _points(sheet: Sheet, lexicon: Lexicon) -> bool:
    """把它变成…, turn it into …: a word for the last picture, where something is done to it."""
    pattern = lexicon.pattern(
        rf"(?:«edit.handles»\s*«edit.pointers»(?!\s*{CUT}+\s*[-—–:,]*\s*\S)"
        rf"|«edit.verbs»\s*«edit.pointers»(?![\s{CUT}]*[—–])|«edit.pictures»)"
    )
    return any(
        not match.start() or not (_is_gift(sheet, lexicon, match) or _tells_of(sheet, lexicon, match))
        for match in sheet.each_opening(pattern, lexicon)
    )


def _is_gift(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    """给她画一张贺卡, make her a card."""
    gift = lexicon.pattern(
        r"(?:给|为|替|帮)[他她它](?:们)?\s*«verb»(?!上)"
        r"|(?:make|draw|do|design|paint)\s(?:him|her|them)\s(?:[\w'’-]+\s){1,4}?«draw.products»"
    )
    return gift.match(sheet.folded, match.start()) is not None


def _tells_of(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    """画一只猫，给它戴顶帽子: what is asked for first is meant, not the last picture."""
    fresh = lexicon.pattern(r"(?:«verb»|«draw.asks»)\s*«draw.objects»|«signs.thing»")
    asks = fresh.match(sheet.folded, sheet.openings(lexicon)[0][1]) is not None
    return asks and lexicon.pattern("«edit.pronouns»(?!人)").search(match[0]) is not None


def _shades(sheet: Sheet, lexicon: Lexicon) -> bool:
    """再可爱一点, 颜色再亮些, a bit darker: nothing but a degree, so it is the last picture's."""
    if len(sheet.folded) > _BRIEF or not sheet.holds("edit.looks", lexicon):
        return False
    look = (
        r"(?:[^\d,;!?。、\n一再更稍略我你声]{0,6}?(?:«edit.shades»\s*)*«edit.looks»\s*«edit.degrees»"
        r"|[^\d,;!?。、\n一再更稍略我你声]{0,6}?(?:更加?|再)\s*«edit.looks»(?<=[\u4e00-\u9fff])"
        r"|(?:«edit.shades»\s*)*(?<![\u4e00-\u9fff])«edit.looks»(?<=[a-z]))\s*(?>(?:«talk.particles|talk.anywhere»\s*)*)"
    )
    other = r"[^,;!?。\n]{0,8}?«edit.into»[^,;!?。\n]{0,12}"
    pattern = lexicon.pattern(
        rf"{look}(?:(?:[\s,;!~。.、\x00]|and\b|又|也)+(?:{look}|{other}))*[\s,;!?~。.\x00]*$"
    )
    return pattern.match(sheet.folded, sheet.openings(lexicon)[0][1]) is not None


def asks_for_more(sheet: Sheet, lexicon: Lexicon) -> bool:
    """不错，就是天空能不能再蓝点: a change of degree, asked for."""
    more = r"(?:能不能|可不可以|能否|可否|希望|最好)\s*(?:«edit.shades»\s*)*«edit.looks»\s*«edit.degrees»"
    return lexicon.pattern(more).search(sheet.folded) is not None


def _edits_nothing_else(sheet: Sheet, lexicon: Lexicon) -> bool:
    """去掉水印, 背景换成海边: an edit without a picture means the last one."""
    pattern = lexicon.pattern(
        r"(?:(?:«edit.shades»\s*)*«edit.bare»(?!\s*(?:得|的|游戏|店|«draw.verbs»\s*«draw.objects»))|(?:把|将)(?![“\"'「『《])[^,。;!?\n]{1,20}?«edit.into»|[^,。;!?\n的一]{1,8}(?:«edit.into»)(?<!做成))"
    )
    return pattern.match(sheet.folded, sheet.openings(lexicon)[0][1]) is not None


def _leaves_out(sheet: Sheet, lexicon: Lexicon) -> bool:
    """不要文字, no people: what is not to be in it, and nothing that is."""
    pattern = lexicon.pattern(
        r"(?:不要|别要|不需要|不带|别有|别带|没有|without|no)\s*(?:有|带|任何|any\b)?\s*«edit.left_out»"
        rf"(?:\s*«talk.particles»)*[\s,.!~。{CUT}]*$"
    )
    return pattern.match(sheet.folded, sheet.openings(lexicon)[0][1]) is not None


def is_film(sheet: Sheet, lexicon: Lexicon) -> bool:
    """§2: a word for a film, unless it is a thing in the picture."""
    thing = lexicon.pattern(r"\s*«draw.film.thing_after»")
    before = lexicon.pattern(r"«draw.film.thing_before»\s*(?:着|了)?\s*(?:«draw.film.measures»\s*)*$")
    makes = lexicon.pattern(rf"«draw.film.makes»\s*(?:«draw.film.measures»\s*|[\d秒s\-]|{CUT})*")
    openings = sheet.openings(lexicon)
    pictured = sheet.holds("draw.film.picture", lexicon)
    for match in sheet.matches(lexicon.pattern("«draw.film.words»")):
        if thing.match(sheet.folded, match.end()):
            continue
        head = sheet.before(match.start(), 24)
        asked = any(makes.fullmatch(sheet.folded, place[1], match.start()) for place in openings) or (
            _ALONE.match(sheet.folded, match.end()) and any(match.start() in place for place in openings)
        )
        if (before.search(head) or pictured) and not asked:
            continue
        if match[0] in {"clip", "clips"} and re.search(r"\b(?:paper|hair|tie|binder|toe)[\s-]*$", head):
            continue
        return True
    return False


def comes_alive(sheet: Sheet, lexicon: Lexicon) -> bool:
    """让它动起来, make it move: with a picture to work on, a film of it."""
    moves = lexicon.pattern(
        r"«draw.film.lets»[^,;。\n]{0,30}?«draw.film.lively_end»\s*(?>(?:«talk.particles»\s*)*)"
        rf"(?=[,.;!?。\s{CUT}]*$|[,;。!?])"
    )
    patterns = (lexicon.pattern("«draw.film.lively»"), moves)
    return any(pattern.search(sheet.folded) for pattern in patterns)


def task(film: bool, edits: bool) -> Task:
    """The kind of work."""
    if film:
        return "image_to_video" if edits else "text_to_video"
    return "image_to_image" if edits else "text_to_image"


def which(sheet: Sheet, lexicon: Lexicon) -> int | None:
    """第二张, the second one: which of several pictures; only where nothing else is counted so."""
    spoken = (
        r"第\s{0,2}(?P<said>\d{1,2}|«params.count.numbers»)\s?[张幅个](?!\s*(?:«edit.ordinal_things»))",
        r"(?P<said>«edit.ordinals»)\s+(?:one|image|picture|pic|photo|version)\b",
        r"#\s?(?P<said>\d{1,2})(?=\s|$)",
    )
    found = (lexicon.pattern(pattern).search(sheet.folded) for pattern in spoken)
    match = next(filter(None, found), None)
    if not match:
        return None
    said, ordinals = match["said"], lexicon.table("edit.ordinals")
    if said.isdecimal():
        return int(said)
    return int(ordinals[said] if said in ordinals else lexicon.table("params.count.numbers")[said])
