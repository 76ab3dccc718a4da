"""What a person wrote, made ready for rules: one text to keep and one to compare, place for place the same.

Conventions §0: width, case, script, invisible characters, mentions, quotes, markup.
"""

import re
import unicodedata
from bisect import bisect
from collections.abc import Iterator
from typing import TypeVar

from bot.language.lexicon import Lexicon
from bot.message import Language

#: Stands where something was taken out of the text.
CUT = "\x00"
#: Stands, in the text to compare, for words that no rule may read: quoted ones, and letters on things.
QUIET = "\x01"
#: Stands for the middle of a long text.
MIDDLE = "\x02"
_STOPPERS = r",;!?。、…~～\n|\x00—–()（）【】\[\]"
#: Where a clause ends. A full stop or colon within a figure is none.
STOP = rf"[{_STOPPERS}]|[.:](?!\d)|(?<!\d)[.:]"
#: What is said makes a pause, or is over.
PAUSE = rf"\s*(?:[,;:!?。、~….|\n{CUT}]|$)"
#: Greetings and polite words at the beginning of a clause; never gone back into.
LEAD = rf"(?>(?:«lead»|[\s{CUT}]|(?:(?<={CUT})|(?<={CUT}\s))(?:to|and|then)\s)*)"
_BLANK = re.compile(rf"[\s{CUT}]*")
#: In a long text, only this much of its beginning and end is read for wishes; the rest is description.
_HEAD, _TAIL = 400, 300
#: Clauses, and places where one word is found, that are looked at: from the front and from the back.
_FIRST, _LAST = 8, 4
#: How many letters after a lead tell where it ends.
_GLANCE = 24

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\ufe0f]")
#: Here and below the first letter comes before what must not stand before it: so a search skips to it.
_EMPHASIS = re.compile(r"\*(?<![\d*]\*)\*{0,2}(?!\*)|\*{1,3}(?![\d*])|`{1,3}|~~")
_HEADING = re.compile(r"^\s{0,3}(?:#{1,6}|>)\s+", re.MULTILINE)
_TAG = re.compile(
    r"<(script|style)\b[^<>]{0,200}>[^<]{0,2000}</\1>|</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,200})?/?>"
)
_QUOTED = re.compile(
    r'“[^“”]{1,400}”|"[^"\n]{1,400}"|《[^《》]{1,200}》|「[^「」]{1,400}」|『[^『』]{1,400}』|‘[^‘’]{1,400}’'
    r"|'(?<![\w']')[^'\n]{1,400}'(?!\w)"
)
_MENTION = re.compile(
    r"@\w{1,12}?(?=画[一个张只幅]|帮我|生成|来[一张个])|<@[!&]?\d{1,32}>|<#\d{1,32}>|<at\s[^<>]{0,200}>[^<>]{0,100}</at>|@(?:everyone|here|all|所有人)(?!\w)|@_user_\d{1,4}|@_all"
    r"|@(?<![\w.@]@)[\w\-.]{1,64}"
)
_MARKS, _QUOTES = re.compile(r"[*`~]"), re.compile("[“\"'‘《「『]")
_EMOTE = re.compile(r"<a?:\w{1,32}:\d{1,32}>")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]")
URL = re.compile(r"https?://[^\s<>\"'，。；！？、（）《》「」“”\u4e00-\u9fff]{1,2000}", re.IGNORECASE)


_Place = TypeVar("_Place")


class Sheet:
    """The text to keep and the text to compare. Rules read the second and cut from both."""

    __slots__ = ("_absent", "_leads", "_openings", "_starts", "folded", "kept", "middle")

    def __init__(self, kept: str, folded: str, middle: str = "") -> None:
        self.kept = kept
        self.middle = middle
        self.folded = folded
        self._openings: tuple[tuple[int, int], ...] = ()
        #: Where clauses begin, once that was asked; for those that were looked at, where their content does.
        self._starts: list[int] = []
        self._leads: dict[int, tuple[int, int]] = {}
        #: Lists of which no word is in the text; cutting adds none.
        self._absent: set[str] = set()

    def cut(self, start: int, end: int) -> None:
        """Take a piece out: it is not content."""
        self.kept = f"{self.kept[:start]}{CUT * (end - start)}{self.kept[end:]}"
        self._write(CUT, start, end)

    def hush(self, start: int, end: int) -> None:
        """Keep a piece as content, unread."""
        self._write(QUIET, start, end)

    def _write(self, letter: str, start: int, end: int) -> None:
        self.folded = f"{self.folded[:start]}{letter * (end - start)}{self.folded[end:]}"
        self._openings = ()
        self._leads = {
            place: lead
            for place, lead in self._leads.items()
            if place > end + 1 or lead[1] + _GLANCE <= start
        }
        if self._starts:
            self._look_again(start, end)

    def _look_again(self, start: int, end: int) -> None:
        """Find where clauses begin round a change; elsewhere they begin where they did."""
        starts = self._starts
        before, after = max(1, bisect(starts, start - 2)), bisect(starts, end + 1)
        limit = starts[after] if after < len(starts) else len(self.folded) + 1
        found = []
        for stop in _STOPS.finditer(self.folded, starts[before - 1]):
            if stop.end() >= limit:
                break
            found.append(stop.end())
        starts[before:after] = found

    def before(self, place: int, letters: int) -> str:
        """The letters before a place, at most so many."""
        return self.folded[max(0, place - letters) : place]

    def clause_before(self, place: int) -> str:
        """What of its clause stands before a place."""
        return self.folded[self.clause_start(place) : place]

    def clause_start(self, place: int) -> int:
        """Where the clause around a place begins, as far as that is near."""
        near = max(0, place - 80)
        stop = _LAST_STOP.match(self.folded, near, place)
        return stop.end() if stop else near

    def clause_end(self, place: int) -> int:
        """Where the clause around a place ends."""
        stop = _STOP.search(self.folded, place)
        return stop.start() if stop else len(self.folded)

    def openings(self, lexicon: Lexicon) -> tuple[tuple[int, int], ...]:
        """Where clauses begin, and where their content does: after greetings and polite words."""
        if not self._openings:
            self._starts = self._starts or [0, *(stop.end() for stop in _STOPS.finditer(self.folded))]
            found, leads = {}, self._leads
            for start in _some(self._starts):
                if start not in leads:
                    leads[start] = self._lead(start, lexicon)
                begin, content = leads[start]
                found[begin] = content
            self._openings = tuple(found.items())
        return self._openings

    def _lead(self, start: int, lexicon: Lexicon) -> tuple[int, int]:
        """Where a clause begins, and its content."""
        blank = _BLANK.match(self.folded, start)
        begin = blank.end() if blank else start
        lead = lexicon.pattern(LEAD).match(self.folded, begin)
        return begin, lead.end() if lead else begin

    def holds(self, words: str, lexicon: Lexicon) -> bool:
        """Whether a word of these lists is in the text: without one, no rule about them need look closer."""
        if words in self._absent:
            return False
        held = lexicon.pattern(f"«{words}»").search(self.folded) is not None
        if not held:
            self._absent.add(words)
        return held

    def matches(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Where a pattern is found; of very many places, the first and the last."""
        return _some(list(pattern.finditer(self.folded)))

    def opens(self, pattern: re.Pattern[str], lexicon: Lexicon) -> re.Match[str] | None:
        """The first match of a pattern at the beginning of a clause's content."""
        return next(self.each_opening(pattern, lexicon), None)

    def each_opening(self, pattern: re.Pattern[str], lexicon: Lexicon) -> Iterator[re.Match[str]]:
        """Every match at the beginning of a clause, or of its content."""
        folded, match = self.folded, pattern.match
        for start, content in self.openings(lexicon):
            found = match(folded, content) or (content > start and match(folded, start))
            if found:
                yield found


_STOP = re.compile(STOP)
_LAST_STOP = re.compile(rf".*(?:{STOP})", re.DOTALL)
#: The first character is told before its surroundings, so that a search can skip to it.
_STOPS = re.compile(
    rf"[\s.:{_STOPPERS}](?:(?<=[{_STOPPERS}])|(?<=[.:])(?:(?!\d)|(?<!\d[.:]))"
    rf"|(?<=[\u4e00-\u9fff]\s)(?=[\u4e00-\u9fff]))(?:{STOP}|\s)*"
)


def _some(places: list[_Place]) -> list[_Place]:
    return places if len(places) <= _FIRST + _LAST else places[:_FIRST] + places[-_LAST:]


def _hushed(quote: re.Match[str]) -> str:
    return quote[0][0] + QUIET * (len(quote[0]) - 2) + quote[0][-1]


def prepare(text: str, lexicon: Lexicon) -> tuple[Sheet, tuple[str, ...]]:
    """The sheet of a message, its mentions and markup gone and its quotes unread; and the links in it."""
    kept = text if text.isascii() else unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    urls: tuple[str, ...] = ()
    if "://" in kept:
        urls = tuple(url.rstrip(".,;:!?)]}") for url in URL.findall(kept))
        kept = URL.sub(CUT, kept)
    if "@" in kept or "<" in kept or "＠" in kept:
        kept = _TAG.sub(CUT, _EMOTE.sub(CUT, _MENTION.sub(CUT, kept)))
    if "#" in kept or ">" in kept:
        kept = _HEADING.sub("", kept)
    if _MARKS.search(kept):
        kept = _EMPHASIS.sub("", kept)
    quiet = _QUOTED.sub(_hushed, kept) if _QUOTES.search(kept) else kept
    middle = ""
    if len(kept) > _HEAD + _TAIL:
        middle = kept[_HEAD:-_TAIL]
        kept, quiet = (f"{part[:_HEAD]}{MIDDLE}{part[-_TAIL:]}" for part in (kept, quiet))
    return Sheet(kept, lexicon.fold(quiet), middle), urls


def language_of(text: str) -> Language:
    """§0.3: Han outside quotes, mentions and links makes it Chinese; so does a text without letters."""
    bare = URL.sub(" ", text) if "://" in text else text
    bare = _MENTION.sub(" ", bare) if "@" in bare or "<" in bare else bare
    bare = _QUOTED.sub(" ", bare) if _QUOTES.search(bare) else bare
    if _HAN.search(bare):
        return "zh"
    return "en" if any(c.isalpha() for c in bare) else "zh"
