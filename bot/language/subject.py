"""A few words and a pictogram for the acknowledgement: 好的！来帮你画一只可爱的猫咪 🐱."""

import re

from bot.language.lexicon import Lexicon
from bot.message import Language

#: Longest subject: letters in Chinese, words in English.
_HAN, _WORDS = 18, 12
#: How far into a prompt a pictogram is looked for.
_NEAR = 400
#: Fewer words than these say too little, where a longer phrase is cut at a joint.
_FEW = 3
#: Very very very, 非常非常非常: said once in a name.
_REPEATED = re.compile(r"\b(\w+?(?:\s\w+)??)(?:\s+\1\b)+|([^\W\d_a-zA-Z]{1,4}?)\2{2,}", re.IGNORECASE)
_STOPPERS = r",，、;；。!！?？\n（(【\[—–|~～…"
#: The first letter is told before its surroundings, so that a search can skip to it.
_CLAUSE = re.compile(
    rf"[\s.:：{_STOPPERS}](?:(?<=[{_STOPPERS}])|(?<=[.:：])(?<!Mr\.)(?<!Dr\.)(?<!Ms\.)(?<!Mrs\.)(?!\d)|(?<=\s)-\s)"
)
_SWITCH = re.compile(r"(?<!\S)[a-z]+:[a-z_]+(?!\S)")
_CHINESE, _WORD = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[a-z0-9]+")
_QUOTES = "“”\"'‘’「」『』《》*_#"


def subject(prompt: str, lexicon: Lexicon, language: Language) -> str:
    """What is to be drawn, short enough to be named in one breath; empty where nothing fits."""
    asides = lexicon.pattern(r"(?:«subjects.asides»\s*)+")
    # A word with a colon in it (demo:points) is a switch, not a thing.
    for part in _CLAUSE.split(_SWITCH.sub(" ", prompt[:400])):
        clause = _REPEATED.sub(r"\1\2", part.strip())[:120] if part.strip(_QUOTES + " ") else ""
        if clause and not asides.fullmatch(lexicon.fold(clause)):
            return _short_zh(clause, lexicon) if language == "zh" else _short_en(clause, lexicon)
    return ""


def _short_zh(clause: str, lexicon: Lexicon) -> str:
    folded = lexicon.fold(clause)
    opening = lexicon.pattern(r"(?:«subjects.openings»[\s:]*)+").match(folded)
    clause = clause[opening.end() :] if opening and opening.end() < len(clause) else clause
    folded = lexicon.fold(clause)
    closing = lexicon.pattern(r"(?:的?«subjects.closings»|\s)+$").search(folded)
    clause = clause[: closing.start()] if closing and closing.start() > 0 else clause
    if len(clause) <= _HAN:
        return clause
    # A sentence is named by its beginning, where a verb or a joint makes a fair end; else by its last thing.
    joints = lexicon.pattern("«subjects.verbs|subjects.joints»").finditer(
        lexicon.fold(clause[: _HAN + 1]), _FEW
    )
    weak = lexicon.pattern("(?:«subjects.weak_ends»)$")
    heads = [clause[: joint.start()].strip() for joint in joints]
    fair = [head for head in heads if head and not weak.search(lexicon.fold(head))]
    if fair:
        return fair[-1]
    tail = clause.rsplit("的", 1)[-1].strip()
    return tail if 1 < len(tail) <= _HAN else _whole_words(clause[:_HAN], clause)


def _whole_words(cut: str, clause: str) -> str:
    """Never half a Latin word."""
    if cut[-1].isascii() and cut[-1].isalnum() and clause[len(cut) : len(cut) + 1].isalnum():
        cut = re.sub(r"[A-Za-z0-9]+$", "", cut)
    return cut.strip()


def _short_en(clause: str, lexicon: Lexicon) -> str:
    folded = lexicon.fold(clause)
    opening = lexicon.pattern(r"(?:«subjects.openings»\s+)+").match(folded)
    clause = clause[opening.end() :] if opening and opening.end() < len(clause) else clause
    parts = clause.split()
    if len(parts) > _WORDS:
        parts = _whole_phrase(parts[: _WORDS + 1], lexicon)
    short = " ".join(parts)
    return short.lower() if short.isupper() and len(short) > 4 else short


def _whole_phrase(parts: list[str], lexicon: Lexicon) -> list[str]:
    """The longest beginning that closes before a joint (in, with, who …); nothing where it says nothing."""
    small = lexicon.pattern("«subjects.small»")
    joints = [place for place, word in enumerate(parts) if small.fullmatch(lexicon.fold(word))]
    cuts = [place for place in joints if place >= _FEW and place - 1 not in joints]
    parts = parts[: cuts[-1] if cuts else _WORDS]
    while parts and small.fullmatch(lexicon.fold(parts[-1])):
        parts.pop()
    return parts


def emoji(folded: str, named: str, lexicon: Lexicon) -> str:
    """The pictogram of the thing that is drawn, else of the first thing in the folded prompt that has one.

    In Chinese the thing stands last in what the acknowledgement names (雪地里的狐狸), in English first.
    """
    pattern = lexicon.pattern("«emoji.words»")
    found = [match[0] for match in pattern.finditer(lexicon.fold(named))]
    if not found:
        first = _first(pattern, folded[:_NEAR])
        found = [first[0]] if first else []
    if not found:
        return "🎨"
    return str(lexicon.value("emoji.words", found[-1] if "的" in named else found[0]))


def _first(pattern: re.Pattern[str], folded: str) -> re.Match[str] | None:
    """The first match; a text without Chinese is tried at its words alone, not at each letter of them."""
    if _CHINESE.search(folded):
        return pattern.search(folded)
    tried = (pattern.match(folded, word.start()) for word in _WORD.finditer(folded))
    return next(filter(None, tried), None)


def called(prompt: str, folded: str, lexicon: Lexicon) -> str | None:
    """A name that is given: 叫旺财, 名字是旺财, named Max, called "Mr. Whiskers"."""
    call = lexicon.pattern(r"«subjects.calls»\s*(?:是|为|作|做|:)?\s*").search(folded)
    if not call:
        return None
    name = _NAME.match(prompt, call.end())
    return (name["quoted"] or name["zh"] or name["en"]).strip() if name else None


_NAME = re.compile(
    r"[“\"'「『《](?P<quoted>[^”\"'」』》\n]{1,30})[”\"'」』》]"
    r"|(?P<zh>[\u4e00-\u9fff]{1,6}?)(?=[,，。.!！?？;；、\s”」』》的在和与正跟]|$)"
    r"|(?P<en>(?:(?:Mr|Mrs|Ms|Dr)\.?\s(?=[A-Z]))?[A-Za-z][\w'’]*(?:\s[A-Z][\w'’]*){0,2})"
)
