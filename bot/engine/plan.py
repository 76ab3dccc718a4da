"""What a message or a press leads to, as a value.

The engine commits a plan together with the claim of what caused it, then acts on it. Who makes plans is
`planner`.
"""

from dataclasses import dataclass

from bot.job import Job
from bot.message import Outgoing
from prefs import Change


@dataclass(frozen=True, slots=True)
class Draw:
    """A new job, and its acknowledgement."""

    job: Job
    acknowledgement: Outgoing
    preference: Change | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A plain answer, and what it records."""

    message: Outgoing
    preference: Change | None = None
    #: A job that cannot be done as asked, ended already: its ways out can be pressed or answered.
    refused: Job | None = None
    #: The job whose offer to retry is declined.
    declined: Job | None = None
    #: Everything that is kept of the person goes.
    forgets: bool = False


@dataclass(frozen=True, slots=True)
class CallOff:
    """Jobs are called off; the end message of each is the answer."""

    jobs: tuple[Job, ...]


Plan = Draw | Answer | CallOff
