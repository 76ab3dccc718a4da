"""How long pictures really take, learned from the last ones that came out well."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.ledger.ledger import Ledger

#: How many are enough to learn from, how many of the newest count, and how far back (seconds).
ENOUGH = 8
NEWEST = 50
SINCE = 30 * 86_400.0


class Times:
    """Expected ranges by model, task and size; from memory, refreshed now and then."""

    def __init__(self) -> None:
        self._ranges: dict[tuple[str, str, str], tuple[int, int]] = {}

    async def refresh(self, ledger: Ledger, now: float) -> None:
        """Learn from the ledger. Raises DatabaseError."""
        self._ranges = learn(await ledger.durations(now - SINCE))

    def expected(self, model: str, task: str, size: str) -> tuple[int, int] | None:
        """The range in seconds, or None where too little is known."""
        return self._ranges.get((model, task, size))


def learn(durations: Iterable[tuple[str, str, str, float]]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """The usual range of each kind of order: the fastest and slowest tenth, at least one, do not count."""
    groups: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
    for model, task, size, seconds in durations:
        # A clock that was set back in the middle tells nothing.
        if seconds > 0 and len(groups[model, task, size]) < NEWEST:
            groups[model, task, size].append(seconds)
    return {key: _range(group) for key, group in groups.items() if len(group) >= ENOUGH}


def _range(seconds: Sequence[float]) -> tuple[int, int]:
    """From about the tenth to the ninetieth percentile, rounded outwards to what people say; never 0 s."""
    ordered = sorted(seconds)
    edge = max(1, len(ordered) // 10)
    low, high = ordered[edge], ordered[-1 - edge]
    step = 5 if high >= 20 else 1
    shortest = max(1, int(low // step * step))
    return shortest, max(int(-(-high // step) * step), shortest + step)
