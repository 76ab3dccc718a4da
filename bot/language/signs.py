"""Whether a text sounds like somebody talking or like the description of a picture.

A drawing costs money, and no list holds all that people say: what no rule knows is weighed by small signs.
Speech asks, judges, addresses and closes with a particle; a description opens with a thing, names styles
and places, and says "of a" and 的.
"""

import re

from bot.language.lexicon import Lexicon
from bot.language.normalise import LEAD

#: Above this length a text is a description.
_LONG = 60
#: From here on it is talk.
_ENOUGH = 3
#: People who forgot their umbrellas: somebody described. Anyone who knows? asks.
_WHO = re.compile(
    r"(?!(?:any|every|some|no)(?:one|body)|all|those|the one|you|he|she|they|we|i|it|this|that|guess|wait)"
    r"(?:[a-z'’-]+\s){1,3}(?:who|whose)\s(?!one\b|i\b|you\b|way\b)[a-z'’]+\s[a-z]"
)


def sounds_like_talk(folded: str, lexicon: Lexicon, *, hint: int = 0) -> bool:
    """Weigh a text without a request in it; `hint` is what else speaks for talk."""
    long = _LONG if any(c > "\u2e7f" for c in folded) else 2 * _LONG
    return len(folded) <= long and hint + _weight(folded, lexicon) >= _ENOUGH


def _weight(folded: str, lexicon: Lexicon) -> int:
    weights = (
        ("signs.sure", 3),
        ("signs.strong", 2),
        ("signs.weak|chat.verbs", 1),
        ("signs.picture", -2),
        ("signs.place", -1),
    )
    lead = lexicon.pattern(LEAD).match(folded)
    content = folded[lead.end() :] if lead else folded
    folded = lexicon.pattern(r"^(?:«talk.greet|talk.hesitate»[\s,!~。.…]*)+").sub("", folded)
    total = 0
    for name, weight in weights:
        found = {match[0] for match in lexicon.pattern(f"«{name}»").finditer(folded)}
        total += weight * len(found)
    if lexicon.pattern("«signs.opens»(?!的)").match(folded):
        total += 2
    if lexicon.pattern(r"(?>(?:(?:«talk.soft»|«talk.greet»)[\s,.!~]*)*)«signs.thing»").match(content):
        total -= 3
    if _WHO.match(content):
        total -= 3
    if lexicon.pattern(r"«signs.closes»[\s!~。.?…]*$").search(folded[-16:]):
        total += 2
    if folded.rstrip().endswith("?"):
        total += 2
    thing = lexicon.pattern(r"(?<![我你他她])的[^的了吗呢吧啊呀,;!?。\s]{1,8}$").search(folded)
    if thing:
        # 不知道怎么办的小熊 asks nothing.
        total -= 3 if lexicon.pattern("«signs.sure»").search(folded, 0, thing.start()) else 2
    elif folded[:1] in {"你", "您"}:
        total += 1
    return total
