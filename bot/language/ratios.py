"""The shape of the picture: figures and words (conventions §5.1–5.4, §7). Only what the person said."""

import re
from dataclasses import dataclass

from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, Sheet

#: Enough text before a figure for any word that says what the figure is.
_BACK = 24
_HOURS = 24
#: Letters between a figure and a word for the same shape.
_NEAR = 12
#: Letters after a figure that are beside it.
_BESIDE = 3


@dataclass(slots=True)
class Shape:
    """What was said about the shape. `asked` is as said, `ratio` only one of the supported."""

    ratio: str | None = None
    asked: str | None = None
    size: str | None = None
    size_asked: str | None = None
    pixels: tuple[int, int] | None = None
    auto: bool = False
    _place: int = -2

    def take(self, other: "Shape") -> None:
        """What the other says, where it says anything."""
        if other.asked:
            self.ratio, self.asked, self.pixels = other.ratio, other.asked, other.pixels
        if other.size_asked:
            self.size, self.size_asked = other.size, other.size_asked

    def say(self, place: int, ratio: str | None, asked: str | None = None) -> None:
        """Note a ratio; the last in the text counts."""
        if place >= self._place:
            self._place, self.ratio, self.asked = place, ratio, asked or ratio

    def say_word(self, place: int, ratio: str) -> None:
        """Note a word for a shape; 1:2 的竖图 is still 1:2, which nobody makes."""
        if self.ratio or not self.asked or place - self._place > _NEAR:
            self.say(place, ratio)


def read(sheet: Sheet, lexicon: Lexicon) -> Shape:
    """Everything about the shape, taken out of the sheet."""
    shape = Shape()
    _auto(sheet, lexicon, shape)
    _exact(sheet, lexicon, shape)
    _figures(sheet, lexicon, shape)
    _words(sheet, lexicon, shape)
    _wallpaper(sheet, lexicon, shape)
    return shape


def around(sheet: Sheet, lexicon: Lexicon, start: int, end: int) -> None:
    """Cut a setting together with what belongs to it: "size …", "… 的比例", "… is fine"."""
    head = sheet.before(start, _BACK)
    label = lexicon.pattern(
        r"(?:«params.labels»\s*(?:«params.label_links»)?\s*[:=]?\s*|(?<![\w\x00])«params.before»\s+|«params.before»\s*)$"
    ).search(head)
    tail = lexicon.pattern(r"\s*(?:«params.tails»\s*)+").match(sheet.folded, end)
    sheet.cut(start - (len(head) - label.start() if label else 0), tail.end() if tail else end)


def _exact(sheet: Sheet, lexicon: Lexicon, shape: Shape) -> None:
    """§5.4: an exact size of the tables gives ratio and tier; another size its ratio, if it is one."""
    while match := _EXACT.search(sheet.folded):
        width, height = int(match[1]), int(match[2])
        around(sheet, lexicon, match.start(), match.end())
        shape.pixels = (width, height)
        known = lexicon.table("params.size.exact").get(f"{width}x{height}")
        if known:
            ratio, shape.size = known.split()
            shape.size_asked = shape.size
            shape.say(match.start(), ratio)
        else:
            shape.say(match.start(), _nearest(width, height, lexicon), f"{width}x{height}")


_EXACT = re.compile(r"(\d(?<![\d.]\d)\d{2,4})\s{0,3}[x*]\s{0,3}(\d{3,5})(?!\d)(?:\s{0,3}(?:px|pixels))?")


def _nearest(width: int, height: int, lexicon: Lexicon) -> str | None:
    for ratio in lexicon.words("params.ratio.supported"):
        across, down = map(int, ratio.split(":"))
        if abs(width * down - height * across) <= 0.01 * width * down:
            return ratio
    return None


def _figures(sheet: Sheet, lexicon: Lexicon, shape: Shape) -> None:
    """16:9, 16x9, 16 by 9, 十六比九; the last one counts (§5.7)."""
    words = lexicon.pattern(r"(«params.ratio.numerals»{1,3})\s{0,3}(比)\s{0,3}(«params.ratio.numerals»{1,3})")
    for match in (*sheet.matches(_RATIO), *(sheet.matches(words) if "比" in sheet.folded else ())):
        across, down = _number(match[1], lexicon), _number(match[3], lexicon)
        asked = f"{match[1] if '.' in match[1] else across}:{down}"
        if _RATIO_BEFORE.search(sheet.before(match.start(), 2)):
            continue
        if match[2].strip() == "to" and not _is_named(sheet, lexicon, match):
            continue
        if not across or not down or not _is_ratio(sheet, lexicon, match, asked):
            sheet.hush(match.start(), match.end())
            continue
        shape.say(match.start(), asked if asked in lexicon.words("params.ratio.supported") else None, asked)
        around(sheet, lexicon, match.start(), match.end())


#: The figure comes first; what must not stand before it is looked at afterwards: so a search is quick.
_RATIO = re.compile(
    r"(\d(?:\.\d\d?(?=\s?:\s?1)|\d?))\s{0,3}(:|比|x|\*|/|\s(?:by|to)\s)\s{0,3}(\d{1,2})(?![\d:/%]|\.\d)"
)
_RATIO_BEFORE = re.compile(r"[\d./$¥#\-]$|\d:$")


def _is_named(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    """Ratio of 3 to 2, 9 to 16 ratio: two numbers and "to" are a ratio only where they are called one."""
    label = "«params.ratio.labelled»"
    before = lexicon.pattern(rf"{label}\s*(?:«params.label_links»)?\s*[:=]?\s*$")
    after = lexicon.pattern(rf"\s*(?:的)?{label}")
    head = sheet.before(match.start(), _BACK)
    return bool(before.search(head) or after.match(sheet.folded, match.end()))


def _number(figure: str, lexicon: Lexicon) -> int:
    """5, 2.35, 五 or 十六 as a whole number; 0 where it is none."""
    if figure.isascii():
        return int(figure.partition(".")[0])
    tens, ten, ones = figure.rpartition("十")
    digits = lexicon.words("params.ratio.numerals")
    value = {numeral: place for place, numeral in enumerate(digits, 1)}
    high = value.get(tens, 1 if ten and not tens else 0) * 10
    return high + (value.get(ones, 0) if ones else 0)


def _is_ratio(sheet: Sheet, lexicon: Lexicon, match: re.Match[str], asked: str) -> bool:
    """§5.2: clock times, scores, scales and grids are content."""
    head = sheet.clause_before(match.start())
    tail = sheet.folded[match.end() : sheet.clause_end(match.end())]
    supported = asked in lexicon.words("params.ratio.supported")
    if lexicon.pattern(r"\s*«params.ratio.after»").match(tail):
        return False
    if lexicon.pattern("«params.ratio.labelled»").search(head + tail[:12]):
        return True
    if lexicon.pattern(r"«params.ratio.shown»|(?!at)«params.ratio.clocks»\s*$").search(head[-_BACK:]):
        return False
    sign = match[2].strip()
    if sign in {"x", "*", "/", "by"}:
        return supported
    if supported or "." in match[1]:
        return True
    if match[1] == match[3]:
        return False
    # 7:3 进度落后的乌龟: a figure that stands first is a score only with its word beside it.
    around_it = f"{head} {tail}" if head.strip(f" {CUT}") else tail[:_BESIDE]
    if lexicon.pattern("«params.ratio.scores»").search(around_it):
        return False
    if len(match[3]) < 2:
        return True
    # No clock shows 32:15; there a figure that stands first is what it looks like.
    shapes = asked == "16:10" or match[3] in {"16", "18", "19", "20", "21"}
    shapes = shapes or (int(asked.partition(":")[0]) > _HOURS and not head.strip(f" {CUT}"))
    return shapes and not lexicon.pattern("«params.ratio.clocks»").search(around_it)


def _words(sheet: Sheet, lexicon: Lexicon, shape: Shape) -> None:
    """§5.1: words that mean a shape of the picture, unless they belong to a thing in it (§5.2)."""
    firm = lexicon.pattern(r"«params.ratio.firm»(?!\s*的?«params.ratio.not_after»)")
    for match in sheet.matches(firm):
        shape.say_word(match.start(), lexicon.value("params.ratio.firm", match[0]))
        _cut_word(sheet, lexicon, match)
    if sheet.holds("params.ratio.shape", lexicon):
        _shapes(sheet, lexicon, shape)


def _shapes(sheet: Sheet, lexicon: Lexicon, shape: Shape) -> None:
    """Square, upright and the like: before a word for the picture, or with nothing beside them."""
    pattern = lexicon.pattern(r"(«params.ratio.shape»)(?=\s*的?\s*«params.ratio.picture|draw.products»)")
    for match in sheet.matches(pattern):
        if _of_picture(sheet, lexicon, match):
            shape.say_word(match.start(), lexicon.value("params.ratio.shape", match[0]))
            _cut_word(sheet, lexicon, match)
    alone = lexicon.pattern(
        rf"(?>(?:«models.aliases»\s+)?(?:«params.ratio.loose»|\s)*)(«params.ratio.shape»)(?>(?:\s|«params.ratio.loose»)*)"
        rf"(?=[,:;!?。、~.…|{CUT}\n]|$|(?<=\s)«verb»|(?<=的\s)\w)"
    )
    opening = lexicon.pattern(
        r"(?:an?\s)?(«params.ratio.shape»)\s(?=(?:\d+k\b|(?:[\w'-]+\s){1,4}?(?:«params.ratio.picture|draw.products»)\s(?:of|showing)\b))"
    )
    instead = lexicon.pattern(r"(?<![\w])«params.ratio.instead»\s*")
    found = [
        *sheet.each_opening(alone, lexicon),
        *sheet.each_opening(opening, lexicon),
        *filter(None, (alone.match(sheet.folded, before.end()) for before in sheet.matches(instead))),
    ]
    for match in found:
        shape.say(match.start(1), lexicon.value("params.ratio.shape", match[1]))
        sheet.cut(match.start(1), match.end(1))


def _of_picture(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> bool:
    """竖的书 is a book; 竖的图, and 竖的 at the end of a clause, are the picture."""
    return not lexicon.pattern(
        r"\s*的(?!\s*«params.ratio.picture|draw.products»)\s*[^\s,;!?。、.~…\x00]"
    ).match(sheet.folded, match.end())


def _cut_word(sheet: Sheet, lexicon: Lexicon, match: re.Match[str]) -> None:
    tail = lexicon.pattern(r"\s*(?:的(?!图)\s*|«params.ratio.word_tails»\s*)+").match(
        sheet.folded, match.end()
    )
    before = re.search(r"\bin\s(?:an?\s)?$", sheet.before(match.start(), 6))
    sheet.cut(match.start() - (len(before[0]) if before else 0), tail.end() if tail else match.end())


def _wallpaper(sheet: Sheet, lexicon: Lexicon, shape: Shape) -> None:
    """§5.1: a phone's wallpaper is upright, a computer's lies; any other word for a shape wins."""
    if shape.asked or not sheet.holds("params.ratio.wallpaper", lexicon):
        return
    for device, ratio in (("phone", "9:16"), ("desktop", "16:9")):
        pair = lexicon.pattern(
            rf"(?!«params.ratio.not_phone»)«params.ratio.{device}».{{0,12}}?«params.ratio.wallpaper»"
            rf"|«params.ratio.wallpaper».{{0,16}}?(?!«params.ratio.not_phone»)«params.ratio.{device}»"
        )
        if pair.search(sheet.folded):
            shape.say(-1, ratio)
            return


def _auto(sheet: Sheet, lexicon: Lexicon, shape: Shape) -> None:
    """智能比例: the model is to choose."""
    match = lexicon.pattern("«params.ratio.auto»").search(sheet.folded)
    if match:
        shape.auto = True
        sheet.cut(match.start(), match.end())
