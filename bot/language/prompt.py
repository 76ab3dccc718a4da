"""The prompt: what is left when what was said to the bot, and about the picture's settings, is gone (§8)."""

import re
from operator import itemgetter

from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, MIDDLE, Sheet

_GAPS = re.compile(rf"{CUT}(?:[ \t]*{CUT})*")
#: Where a gap in Chinese closes without a trace; one with spaces on both sides leaves one.
_SEAM = re.compile(
    rf"{CUT}(?<=[\u4e00-\u9fff]{CUT})[ \t]?(?=[\u4e00-\u9fff])"
    rf"|[ \t]{CUT}(?<=[\u4e00-\u9fff][ \t]{CUT})(?=[\u4e00-\u9fff])"
)
_SPACES = re.compile(r"[ \t\u3000][ \t\u3000]+")
_LINES = re.compile(r"\s*\n\s*")
#: Of stops that are left side by side the first is kept.
_LOOSE = re.compile(r"([,，、;；:：。.!！?？])(?:\s*[,，、;；:：])+")
_HOLLOW = re.compile(r"[(（]\s*[)）]")
_AIRY = re.compile(r"\s\s*(?=[,，、;；。!！?？])")
#: 狐狸的横图 without 横图: what tied the two together hangs in the air.
_HANGING = re.compile(rf"的(?={CUT}[{CUT}\s]*(?:[,;。.!?、]|$))")
#: 这个人像帮我修一下
_HELP = re.compile(r"帮我(?<=[\u4e00-\u9fff]帮我)(?=[\u4e00-\u9fff])")
_EDGE = " \t\n,，、;；:：。.!！~～-–—|…"


def build(sheet: Sheet, lexicon: Lexicon, *, editing: bool) -> str:
    """The content of the message, unchanged but for what is not content."""
    for match in sheet.matches(lexicon.pattern("«talk.anywhere»(?![\u4e00-\u9fff]|\\s«draw.products»)")):
        sheet.cut(match.start(), match.end())
    if editing:
        for match in sheet.matches(_HELP):
            sheet.cut(match.start(), match.end())
    for start, content in sheet.openings(lexicon):
        if content > start:
            sheet.cut(start, content)
    task_word = lexicon.pattern(rf"«draw.task_words»(?=[\s:,。{CUT}]|$|«draw.articles»)")
    for match in list(sheet.each_opening(task_word, lexicon)):
        sheet.cut(match.start(), match.end())
    if not editing:
        _strip_request(sheet, lexicon)
    for match in sheet.matches(_HANGING):
        sheet.cut(match.start(), match.end())
    closing = lexicon.pattern(r"(?:吗|呗|(?<![酒网水贴])吧|好吗)[\s?!~,。.\x00]*$").search(sheet.folded[-30:])
    if closing:
        sheet.cut(len(sheet.folded) - len(closing[0]), len(sheet.folded))
    return tidy(sheet.kept).replace(MIDDLE, sheet.middle.replace(CUT, " "))


def request(sheet: Sheet, lexicon: Lexicon) -> int:
    """Where what is asked for begins, after a story: 我妈要过生日了，画一桌寿宴; 0 where none is told."""
    asked = lexicon.pattern(
        rf"(?:(?:[给为替帮][\u4e00-\u9fff]{{1,4}}?)?(?:«verb»|(?!«talk.not_lead»)«draw.asks»)[\s{CUT}]*(?=«draw.objects»)"
        r"|«draw.verbs»(?!«draw.not_after»|[点成好可为在上])(?=[\u4e00-\u9fff]{3}))"
        rf"(?>(?:«draw.articles»[\s{CUT}]*)*)(?:«draw.nouns»\s*(?:of\b|[:,]|{CUT})\s*)?(?=\w)"
    )
    first = next(sheet.each_opening(asked, lexicon), None)
    content = sheet.openings(lexicon)[0][1]
    if first is None or lexicon.pattern("«signs.thing»").match(sheet.folded, content):
        return 0
    return first.end() if re.search(r"\w\w", sheet.folded[: first.start()]) else 0


def _strip_request(sheet: Sheet, lexicon: Lexicon) -> None:
    """画一张…, make an image of …: the asking is not the picture."""
    # After a setting that was cut, what joined it to the content goes as well: two pictures | of a whale.
    edge, joint = rf"[\s,.!~。、{CUT}]*", r"(?:(?:to|of|for|and)\s|来|的)?\s*"
    asking = lexicon.pattern(
        rf"(?:\s*{CUT}{edge}{joint}|{edge})"
        rf"(?:(?:(?:(?!«talk.not_lead»)(?:«draw.asks»|«talk.please»)|«verb»)[\s,{CUT}]*)+(?:«draw.articles»[\s{CUT}]*)*)?"
        rf"(?:(?:(?:a|an|some|the)\s+)?«draw.nouns»\s*(?:of\b|[:,]|{CUT})\s*|(?<={CUT}\s)(?:of|for)\s+)?"
    )
    match = asking.match(sheet.folded)
    if match and re.search(r"[\w\x01]", sheet.folded[match.end() :]):
        sheet.cut(0, match.end())


def tidy(text: str) -> str:
    """Close the gaps that cutting left."""
    text = _SEAM.sub("", _GAPS.sub(CUT, text)).replace(CUT, " ").strip()
    if "\n" in text:
        text = _LINES.sub(" ", text)
    for loose, kept in ((_SPACES, " "), (_HOLLOW, ""), (_AIRY, ""), (_LOOSE, itemgetter(1))):
        text = loose.sub(kept, text)
    return text.strip(_EDGE).removeprefix("的").lstrip()
