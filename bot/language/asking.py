"""Whether a text asks for a picture in so many words: draw …, 来一张…, we need a poster (conventions §1)."""

import re
from collections.abc import Callable

from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, Sheet


def asks_to_draw(sheet: Sheet, lexicon: Lexicon) -> bool:
    """Whether anything in the text is a request. 画一张要几分 is a question about one."""
    return not asks_how_much(sheet, lexicon) and any(rule(sheet, lexicon) for rule in _RULES)


def asks_how_much(sheet: Sheet, lexicon: Lexicon) -> bool:
    """画一张要几分, 生成一次多少钱: about the price or the time of a picture."""
    if not sheet.holds("draw.wish.how_much", lexicon):
        return False
    question = lexicon.pattern(
        r"«draw.verbs|draw.weak»\s*[一每几]?[张个次幅条段]?(?:图片|图|画|视频|照片)?(?:«draw.wish.costs»)*«draw.wish.how_much»"
    )
    return sheet.opens(question, lexicon) is not None


def _opens(sheet: Sheet, lexicon: Lexicon) -> bool:
    """A clause opens with a verb or a wish, and goes on."""
    opening = lexicon.pattern(
        r"(?:«verb»|(?!«talk.not_lead»)«draw.asks»(?!\s*(?:吗|了|吧)?\s*$))\s*[^\s,;!?。]"
    )
    mine = lexicon.pattern("我(?:«chat.mine»)")
    return any(
        "画" in match[0] or not mine.match(sheet.folded, match.start())
        for match in sheet.each_opening(opening, lexicon)
    )


def _closes(sheet: Sheet, lexicon: Lexicon) -> bool:
    """四只小猫挤在一个纸箱里，画一下."""
    closing = lexicon.pattern(
        r"(?:画|生成|设计|做)(?:一下|一张|出来|一个|一幅|张图|个图)\s*(?:«talk.particles»)*[\s!~。.]*$"
    )
    return closing.search(sheet.folded[-40:]) is not None or draws_that(sheet, lexicon)


def draws_that(sheet: Sheet, lexicon: Lexicon) -> bool:
    """My niece wants a unicorn eating pancakes, can you draw that?"""
    if not _THAT.search(sheet.folded, max(0, len(sheet.folded) - _END)):
        return False
    closing = lexicon.pattern(
        r"[^\W\d]{2,}(?:\s[\w'’-]+){2,}[,.!;–—-]+\s(?:«talk.please»\s)+«draw.verbs|draw.weak»\s(?:that|this|it|one)"
        r"(?:\sup)?(?:\sfor\s\w+(?:\s\w+)?)?[\s?!.~,]*$"
    )
    return closing.search(sheet.folded[-_END:]) is not None


_THAT = re.compile(r"\s(?:that|this|it|one)(?:\sup)?(?:\sfor\s\w+(?:\s\w+)?)?[\s?!.~,]*$")
#: Letters at the end of a text in which it may be said.
_END = 120


def draws_later(sheet: Sheet, lexicon: Lexicon) -> bool:
    """Print your config, then draw a cat: other work first, and a request after it."""
    request = lexicon.pattern(r"«draw.verbs»(?!«draw.not_after»)\s*«draw.objects»")
    return any(match.start() > 0 for match in sheet.each_opening(request, lexicon))


def _tells_and_wants(sheet: Sheet, lexicon: Lexicon) -> bool:
    """We're opening a café and need a logo; 公司要办年会，想做一张海报."""
    return any(lexicon.pattern(wish).search(sheet.folded) for wish in _WISHES)


_WISHES = (
    r"«draw.wish.wants»[给为替帮]?[^,;!?。、\n]{0,8}?«draw.wish.makes»[一两三几]?«draw.wish.pieces»",
    r"«draw.wish.wants»«draw.wish.makes»?[一两三几]?«draw.wish.pieces»[^,;!?。、\n]{0,16}?«draw.products»",
    r"«draw.wish.needs»\ssome(?:thing|body)\s[^.!?\n]{2,60}[:—–]\s*\w",
    r"«draw.wish.needs»\s(?:an?|some|the|one|two|three|\d)\s(?:[\w'’-]+\s){0,4}?«draw.products»",
)


def _chooses(sheet: Sheet, lexicon: Lexicon) -> bool:
    """Can you (use MJ) for a harbour scene: what was chosen is cut, and the picture follows."""
    chosen = lexicon.pattern(
        rf"«talk.please|talk.weak»[\s{CUT}]*{CUT}[\s{CUT}]*(?:[,:;—–-]|for\s|to\s|and\s)[\s,{CUT}]*\w"
    )
    return any(chosen.match(sheet.folded, start) for start, _ in sheet.openings(lexicon))


def _makes(sheet: Sheet, lexicon: Lexicon) -> bool:
    """Use charcoal to sketch a horse; make it (4:3) – a classroom."""
    pattern = lexicon.pattern(
        r"use\s[^,;.!?\n]{1,30}?\sto\s(?=«draw.verbs»)"
        rf"|make (?:it|this|that)\s*{CUT}+[\s–—:,-]*(?=[^\s,;!?。–—:-])"
    )
    return sheet.opens(pattern, lexicon) is not None


_RULES: tuple[Callable[[Sheet, Lexicon], bool], ...] = (_opens, _closes, _tells_and_wants, _chooses, _makes)
