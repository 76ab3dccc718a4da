"""What goes wrong in the simulated Discord, switched on by a test and used up as it happens."""

from dataclasses import dataclass, field
from typing import Literal

What = Literal["lose", "drop", "status", "limit", "ban", "slow"]


@dataclass
class Fault:
    """One kind of failure of one kind of request.

    lose: it takes effect, then the connection is cut. drop: cut before any effect. status: refused with
    `status`. limit: 429 with `seconds`. ban: 429 as Cloudflare sends it. slow: answered after `seconds`.
    """

    route: str
    what: What
    times: int = 1
    status: int = 503
    seconds: float = 0.05
    #: Let so many requests pass first.
    after: int = 0


@dataclass
class Faults:
    """The faults that are waiting to happen."""

    waiting: list[Fault] = field(default_factory=list)
    happened: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def take(self, route: str) -> Fault | None:
        """The fault of this request, if one is due."""
        for fault in self.waiting:
            if fault.route not in (route, "*"):
                continue
            if fault.after:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
            self.happened.append(fault)
            return fault
        return None
