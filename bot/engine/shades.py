"""What else who gives the choice of model back may mean: another one, please; one more, you choose. Pure."""

import re
from typing import Literal

_ANOTHER = re.compile(r"换|别的|其他|其它|\b(another|other|different|else|change|switch)\b", re.IGNORECASE)
_ONE_MORE = re.compile(r"再来|再画|再做|再生成|重画|重来|\b(again|once more|one more|redo)\b", re.IGNORECASE)


def shade(text: str) -> Literal["another", "one more", ""]:
    """Whether the last picture is to be drawn with another model, or once more with whichever suits."""
    if _ANOTHER.search(text):
        return "another"
    return "one more" if _ONE_MORE.search(text) else ""
