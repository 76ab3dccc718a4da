"""Which model draws it: named → preferred → recommended → default. Pure.

Only among what is on offer and able to do what was asked; what cannot be done is said, with what can,
before anything is spent. What a person asked for is a `Wish`; where models come from is in `offers`.
"""

from bot.choose.choose import choose
from bot.choose.possible import alternatives, nearest, rank
from bot.choose.wish import Cannot, Choice, Way, Wish

__all__ = ["Cannot", "Choice", "Way", "Wish", "alternatives", "choose", "nearest", "rank"]
