"""How much at once, how long, and what passes by itself."""

from dataclasses import dataclass

from bot.errors import Reason

#: Reasons for which an order that was not sent is sent again by itself.
PASSING = frozenset({Reason.NETWORK, Reason.RATE_LIMIT, Reason.UNAVAILABLE, Reason.TIMEOUT})
#: Seconds between two tries are doubled up to this.
LONGEST_WAIT = 60.0
#: What a backend may ask for at most before it is asked again.
LONGEST_ASKED = 300.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much at once, and how long. Times in seconds."""

    running_per_person: int = 2
    queued_per_person: int = 5
    #: A job that had not begun when the process died is begun at the next start only if it is younger.
    resume_within: float = 3600.0
    #: How long an order is offered again to a backend that is busy, or that cannot be reached.
    busy_patience: float = 600.0
    network_patience: float = 20.0
    #: How long a backend may take, counted from the order.
    patience: float = 1800.0
    first_retry: float = 2.0
