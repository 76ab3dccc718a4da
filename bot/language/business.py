"""What is said about the bot's own doings and is nothing to draw: verdicts, settings, keys struck at random.

A drawing costs money, so what only looks like a noun phrase is caught here. Every rule asks for the whole
text: beside content these words are content (conventions §1.5).
"""

import re
from typing import Literal

from bot.language.lexicon import Lexicon

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = re.compile(r"[a-z]{1,40}")


def stops(said: str, lexicon: Lexicon) -> bool:
    """Stop drawing cats, 别画猫了: a drawing called off by what it shows, and no other asked for."""
    opening = lexicon.pattern(
        r"(?:«talk.please»\s*)*+(?:(?:stop|quit)\s+«business.doing»|«business.leave»\s*«business.draw»"
        r"(?=[^了].{0,20}了$)|停止\s*«business.draw»)(?P<rest>[^,;.!?。、\n]{0,40})"
    ).fullmatch(said)
    return opening is not None and lexicon.pattern("«verb»").search(opening["rest"]) is None


def is_verdict(said: str, lexicon: Lexicon) -> bool:
    """Too dark, it's way too small, 画错了."""
    return (
        lexicon.pattern(
            r"(?:«business.about»\s*)*+(?:too\s+[a-z]+|wrong\s+[a-z]+"
            r"|画?«business.wrong»了?|(?:有点儿?|太|偏|过于|不够)+«edit.looks»了?吧?)"
        ).fullmatch(said)
        is not None
    )


def is_keys(said: str) -> bool:
    """One letter, one letter held down, or a row of neighbouring keys."""
    if not _KEYS.fullmatch(said):
        return False
    if len(set(said)) == 1:
        return True
    return len(said) > 3 and any(said in row or said in row[::-1] for row in _ROWS)


def standing(said: str, lexicon: Lexicon) -> Literal["chat", "list_models"] | None:
    """以后都用即梦, always use foobar: a wish for every picture, with no model we know."""
    if lexicon.pattern("«business.families»").search(said) and _names_family(said, lexicon):
        return "list_models"
    lasting = lexicon.pattern("«choices.stay|business.by_default»").search(said)
    return "chat" if lasting and _wants_no_drawing(said, lexicon) else None


def _names_family(said: str, lexicon: Lexicon) -> bool:
    """A family of models and which of them is not said."""
    family = lexicon.pattern(
        r"(?:«talk.please|choices.stay|choices.own»\s*)*+(?:都|全|«choices.choose|choices.choose_once»|\s)*+"
        r"(?:«choices.links»\s*)*«business.families»\s*(?:«talk.particles»\s*)*"
    )
    return family.fullmatch(said) is not None


def _wants_no_drawing(said: str, lexicon: Lexicon) -> bool:
    """Something for every picture, and none to draw now."""
    wish = lexicon.pattern(
        r"(?:(?:«talk.please»|我|请)\s*)*+(?:«choices.stay»\s*(?:都|全|全部|统一|只|就|please|\s)*+«choices.choose»"
        r"|«business.by_default»)(?P<rest>[^,;!?。、\n]{1,40})"
    ).fullmatch(said)
    return wish is not None and not lexicon.pattern("«verb»").search(wish["rest"])
