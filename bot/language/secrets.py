"""Credentials that a person pasted by mistake: cut before anything is stored, logged or sent on.

Patterns read a shadow of the text (width folded, invisible characters gone); what they find is cut from
the text itself. Links to pictures often hold long figures, so a figure in a link is no credential.
"""

import re
import unicodedata
from collections.abc import Iterator

from bot.language.normalise import URL
from bot.message import Language

_BARE = re.compile(
    r"""(?ix)
    \b(?:us-|hk-|jp-|sg-)?[0-9a-f]{32,128}\b             # session ids
    | \b(?:sk|rk|pk)-[a-z0-9_\-]{12,200}
    """
)
_MARKED = re.compile(
    r"""(?ix)
    \bima_[a-z0-9_\-]{6,200}
    | \bAK(?:LT|IA|ID|TP)[a-z0-9]{12,200}={0,2}          # access keys of the clouds
    | \bgh[pousr]_[a-z0-9]{20,200} | \bxox[abprs]-[a-z0-9\-]{10,200} | \bAIza[a-z0-9_\-]{30,100}
    | \beyJ[a-z0-9_\-]{10,2000}\.[a-z0-9_\-]{10,2000}(?:\.[a-z0-9_\-]{0,2000})?
    | (?<=bearer\s)[a-z0-9._\-+/=]{12,2000}
    | (?<![\w/.-])[MNO][a-z0-9_\-]{23,27}\.[a-z0-9_\-]{6,7}\.[a-z0-9_\-]{27,40}   # Discord tokens
    | -----BEGIN\s[a-z0-9 ]{1,40}-----(?s:.*?)(?:-----END\s[a-z0-9 ]{1,40}-----|\Z)
    """
)
_ASSIGNED = re.compile(
    r"(?i)(?:session[\s_-]?id|sid_guard|api[\s_-]?key|secret[\s_-]?key|access[\s_-]?key|app[\s_-]?secret|token|密钥|密码|口令)"
    r"\s{0,3}(?:=|:|是|is)\s{0,3}(?P<value>[A-Za-z0-9._\-+/=%]{10,2000})"
)
_SECRET = re.compile(
    r"(?i)(?<![a-z])(?:secret|(?:set-)?cookie)[\"']?\s{0,3}[=:]\s{0,3}(?P<value>[^\s,;\"'=]{1,200}=[^\n]{1,4000}|[^\s,;\"']{6,2000})"
)
_PASSWORD = re.compile(
    r"(?i)(?:(?<![a-z])(?:password|passwd|passphrase|passcode|pwd)|密码|口令)[\"']?\s{0,3}"
    r"(?:[=:]\s{0,3}[\"']?(?P<value>[!-~]{4,200})|(?:是|is)\s{0,3}(?P<told>[!-~]{5,200}))"
)
_USERINFO = re.compile(r"(?<=://)[^\s/?#:@]{0,100}:[^\s/?#]{1,300}@")
#: Any text with a credential has one of these, or a long run of letters and figures that is no word.
_NAMES = ("pass", "pwd", "密码", "口令", "secret", "cookie", "bearer", "-----", "://", "：//")
_RUN = re.compile(r"[A-Za-z0-9_\-.+/=%]{10,}")
#: What the patterns above ask for, told without them: lengths, and words in small letters.
_SHORTEST_BARE, _SHORTEST_UNNAMED = 15, 59
_BARE_IN_LINK = ("=sk-", "=rk-", "=pk-")
_MARKS = (
    "ima_", "aklt", "akia", "akid", "aktp", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "xox", "aiza", "eyj",
    "bearer", "-----",
)  # fmt: skip
_KEYS = ("session", "sid_guard", "key", "secret", "token", "密钥", "密码", "口令")
_COOKIES, _PASSWORDS = ("secret", "cookie"), ("pass", "pwd", "密码", "口令")
#: Well-known, old-fashioned, black-and-white; more letters in a row may be a key.
_WORDS = re.compile(r"(?i)(?:(?![srp]k-|xox|aiza|eyj)[a-z]{1,14}(?:-|\Z))+")
#: Letters that are in the shadow as they are in the text, but for stops.
_PLAIN = re.compile("[\x00-\x7f\u4e00-\u9fff，。、！？：；（）《》「」“”‘’…—～]*")
_MARK: dict[Language, str] = {"zh": "…", "en": "[removed]"}
#: Where a mark stands in the text as it is compared, with the name of what was cut.
MARKED_PLACE = re.compile(
    r"(?:(?:(?:my|the|我的)\s{0,3})?(?:[a-z]{1,10}[\s_-]?)?(?:session[\s_-]?id|sid_guard|key|secret|token|cookie|"
    r"pass(?:word|wd|phrase|code)|pwd|密钥|密码|口令)[\"']?\s{0,3}(?:=|:|是|is)\s{0,3}|bearer\s)?[\"']?(?:\[removed\]|…)"
    r"(?:[\"']?\s{0,3}(?:is|就?是)\s{0,3}(?:my|the|our|我的?)?\s{0,3}(?:[a-z]{1,10}[\s_-]){0,2}"
    r"(?:session[\s_-]?id|key|secret|token|cookie|pass(?:word|wd|phrase|code)|pwd|密钥|密码|口令)(?![a-z]))?"
)


class _Shadow(dict[int, int | None]):
    """Letters to their plain width; what cannot be seen to nothing."""

    def __missing__(self, code: int) -> int | None:
        letter = chr(code)
        plain = unicodedata.normalize("NFKC", letter)
        unseen = unicodedata.category(letter) == "Cf" or 0xFE00 <= code <= 0xFE0F
        self[code] = None if unseen else ord(plain) if len(plain) == 1 else code
        return self[code]


_SHADOW = _Shadow()


def cut(text: str, language: Language) -> tuple[str, bool]:
    """The text without pasted credentials, and whether there were any."""
    if _PLAIN.fullmatch(text) and not _may_hold(text):
        return text, False
    shadow = text if text.isascii() else text.translate(_SHADOW)
    if not _may_hold(shadow):
        return text, False
    spans = sorted(_spans(shadow))
    if not spans:
        return text, False
    places = [*range(len(text))] if len(shadow) == len(text) else _places(text)
    parts: list[str] = []
    done = kept = 0
    for start, end, marked in spans:
        if end > done:
            # What lies within or runs on from an earlier find needs no second mark.
            parts.append(text[kept : places[max(start, done)]])
            parts.append(_MARK[language] if marked and start >= done else "")
            done, kept = end, places[end - 1] + 1
    return "".join(parts) + text[kept:], True


def _may_hold(shadow: str) -> bool:
    """Whether a closer look is worth it; for most messages it is not."""
    lower = shadow.lower()
    return any(name in lower for name in _NAMES) or any(
        not _WORDS.fullmatch(run.strip("_-.+/=%")) for run in _RUN.findall(shadow)
    )


def _places(text: str) -> list[int]:
    """Where each letter of the shadow stands in the text."""
    return [place for place, letter in enumerate(text) if _SHADOW[ord(letter)] is not None]


def _spans(shadow: str) -> Iterator[tuple[int, int, bool]]:
    """Where credentials begin and end, and whether a mark is to stand there."""
    lower = shadow.lower()

    def names(signs: tuple[str, ...]) -> bool:
        return any(sign in lower for sign in signs)

    if _longest(URL.sub("https", shadow)) >= _SHORTEST_BARE or names(_BARE_IN_LINK):
        yield from _bare(shadow)
    if names(_MARKS) or _longest(shadow) >= _SHORTEST_UNNAMED:
        for found in _MARKED.finditer(shadow):
            yield *found.span(), True
    for found in _ASSIGNED.finditer(shadow) if names(_KEYS) else ():
        if _odd(found["value"]):
            yield *found.span("value"), True
    for found in _SECRET.finditer(shadow) if names(_COOKIES) else ():
        if _odd(found["value"]) or "=" in found["value"]:
            yield *found.span("value"), True
    for found in _PASSWORD.finditer(shadow) if names(_PASSWORDS) else ():
        name = "value" if found["value"] else "told"
        if name == "value" or _odd(found[name]):
            yield *found.span(name), True
    for found in _USERINFO.finditer(shadow) if "://" in shadow else ():
        yield *found.span(), False


def _longest(shadow: str) -> int:
    return max(map(len, _RUN.findall(shadow)), default=0)


def _bare(shadow: str) -> Iterator[tuple[int, int, bool]]:
    """Keys that are known by nothing but their letters; not in links, which often hold such figures."""
    links = [link.span() for link in URL.finditer(shadow)]
    for found in _BARE.finditer(shadow):
        if not any(start <= found.start() < end for start, end in links) or _is_key(shadow, found):
            yield *found.span(), True


def _is_key(shadow: str, found: re.Match[str]) -> bool:
    """In a link only what is handed over as a value and looks like no figure: ?key=sk-…"""
    return found[0][:3].lower() in {"sk-", "rk-", "pk-"} and shadow[found.start() - 1] == "="


def _odd(value: str) -> bool:
    """Whether a value looks like a key rather than a word."""
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
