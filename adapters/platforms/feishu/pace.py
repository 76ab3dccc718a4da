"""How fast the app may call each interface: fifty times a second and a thousand times a minute.

Source: https://open.feishu.cn/document/server-docs/api-call-guide/frequency-control
"""

import re
from collections import defaultdict, deque

from bot.ports import Clock

#: Calls, and the seconds within which no more may be made; a little longer than the rule, for clocks differ.
LIMITS = ((50, 1.1), (1000, 61.0))
#: Ids in a path: the interface is the same for all of them.
_ID = re.compile(r"(?<=/messages/)[^/]+|(?<=/resources/)[^/]+")


class Pace:
    """Lets each call begin when there is room for it, first come, first served."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        most = max(count for count, _ in LIMITS)
        #: When the latest calls of each interface began or will begin, by the monotonic clock.
        self._begins: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=most))
        self._free_at: dict[str, float] = {}

    async def room(self, method: str, path: str) -> None:
        """Return when this interface may be called."""
        interface = _interface(method, path)
        begins, now = self._begins[interface], self._clock.monotonic()
        at = max(now, self._free_at.get(interface, 0.0))
        for count, seconds in LIMITS:
            if len(begins) >= count:
                at = max(at, begins[-count] + seconds)
        begins.append(at)
        if at > now:
            await self._clock.sleep(at - now)

    def hold(self, method: str, path: str, seconds: float) -> None:
        """The platform asks that this interface be left alone for so long."""
        self._free_at[_interface(method, path)] = self._clock.monotonic() + seconds


def _interface(method: str, path: str) -> str:
    return f"{method} {_ID.sub('*', path)}"
