"""Credentials that a person pasted by mistake: cut before anything is stored, logged or sent on."""

import re

from bot.message import Language

_SECRET = re.compile(
    r"""(?ix)
    \b(?:us-|hk-|jp-|sg-)?[0-9a-f]{32,128}\b             # session ids
    | \bima_[a-z0-9_\-]{6,200}
    | \b(?:sk|rk|pk)-[a-z0-9_\-]{12,200}
    | \bAK(?:LT|IA|ID|TP)[a-z0-9]{12,200}={0,2}          # access keys of the clouds
    | \bgh[pousr]_[a-z0-9]{20,200} | \bxox[abprs]-[a-z0-9\-]{10,200} | \bAIza[a-z0-9_\-]{30,100}
    | \beyJ[a-z0-9_\-]{10,2000}\.[a-z0-9_\-]{10,2000}(?:\.[a-z0-9_\-]{0,2000})?
    | (?<=bearer\s)[a-z0-9._\-+/=]{12,2000}
    | (?<![\w/.-])[MNO][a-z0-9_\-]{23,27}\.[a-z0-9_\-]{6,7}\.[a-z0-9_\-]{27,40}   # Discord tokens
    """
)
_ASSIGNED = re.compile(
    r"(?i)((?:session[\s_-]?id|sid_guard|api[\s_-]?key|secret[\s_-]?key|access[\s_-]?key|app[\s_-]?secret|token|密钥|密码|口令)"
    r"\s{0,3}(?:=|:|：|是|is)\s{0,3})([A-Za-z0-9._\-+/=%]{10,2000})"
)
#: Any credential has a run of letters like this; most messages have none.
_LONG = re.compile(r"[A-Za-z0-9_\-.+/=%]{10}")
_MARK: dict[Language, str] = {"zh": "…", "en": "[removed]"}


def cut(text: str, language: Language) -> tuple[str, bool]:
    """The text without pasted credentials, and whether there were any."""
    if not _LONG.search(text):
        return text, False
    mark = _MARK[language]
    text, bare = _SECRET.subn(mark, text)
    whole = text
    text = _ASSIGNED.sub(lambda found: found[1] + mark if _odd(found[2]) else found[0], text)
    return text, bool(bare) or text != whole


def _odd(value: str) -> bool:
    """Whether a value looks like a key rather than a word."""
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
