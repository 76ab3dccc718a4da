"""How far a job is and when to say so. Pure: seconds in, seconds and percents out.

Progress is a matter of time, not of the backend: no backend tells how far it is.
"""

import math

#: Never more than this before the picture is there.
CEILING = 95
#: No progress for a job that ends within so many seconds.
QUIET = 20.0
#: Between two messages once the longest expected time is over.
OVERTIME_EVERY = 120.0


def percent(elapsed: float, longest: float) -> int:
    """Percent to show after `elapsed` of at most `longest` seconds: never falls, never above 95."""
    if longest <= 0:
        return CEILING
    return max(0, min(CEILING, math.floor(elapsed / longest * 100)))


def next_due(elapsed: float, longest: float, every: float) -> float:
    """Seconds after the start at which the next progress message is due, strictly after `elapsed`.

    The first is due at max(20 s, every), the next at the model's interval; the longest expected time has
    one of its own, and from then on they come at most every 120 s.
    """
    first = max(QUIET, every)
    if elapsed < first:
        return first
    if elapsed < longest:
        regular = first + (math.floor((elapsed - first) / every) + 1) * every
        return min(regular, longest) if longest > first else regular
    start = max(longest, first)
    return start + (math.floor((elapsed - start) / OVERTIME_EVERY) + 1) * OVERTIME_EVERY


def is_overtime(elapsed: float, longest: float) -> bool:
    """Whether the longest expected time is over."""
    return elapsed >= longest
