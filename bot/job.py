"""A job's life as a table, and the job itself.

Everything that decides which move is possible stands here; who makes the moves is in `runner`,
what they leave in the database is in `ledger`. No I/O.
"""

import base64
import hashlib
import secrets
import uuid
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.errors import PICTURE_AT_FAULT, ImpossibleMove, Reason
from bot.message import Address, Attachment, Language, Media, Person, Price, Task


class State(StrEnum):
    """Where a job is."""

    #: Claimed and recorded; the acknowledgement is owed.
    ACCEPTED = "accepted"
    #: Acknowledged; waits for its turn.
    QUEUED = "queued"
    #: The request may be on its way: from here it may have been paid for.
    SUBMITTING = "submitting"
    #: The backend has taken it on; its ticket is stored.
    RUNNING = "running"
    #: The outcome is known and stored; the end is owed to the person.
    DELIVERING = "delivering"
    #: The person has been told. Nothing is owed any more.
    ENDED = "ended"


class Outcome(StrEnum):
    """How a job came out. Chosen on the way into `delivering`."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    #: It may have been made and charged, and nobody can tell.
    UNKNOWN = "unknown"
    #: Nothing was ever sent.
    INTERRUPTED = "interrupted"


class Event(StrEnum):
    """What moves a job."""

    ACKNOWLEDGED = "acknowledged"
    SUBMIT = "submit"
    #: The request did not go out, or was refused for load: it may be sent again.
    RETURNED = "returned"
    TICKET = "ticket"
    #: An outcome is known.
    FINISHED = "finished"
    DELIVERED = "delivered"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.ACCEPTED, Event.ACKNOWLEDGED): State.QUEUED,
    (State.ACCEPTED, Event.FINISHED): State.DELIVERING,
    (State.QUEUED, Event.SUBMIT): State.SUBMITTING,
    (State.QUEUED, Event.FINISHED): State.DELIVERING,
    (State.SUBMITTING, Event.TICKET): State.RUNNING,
    (State.SUBMITTING, Event.RETURNED): State.QUEUED,
    (State.SUBMITTING, Event.FINISHED): State.DELIVERING,
    (State.RUNNING, Event.FINISHED): State.DELIVERING,
    (State.DELIVERING, Event.DELIVERED): State.ENDED,
}

#: States in which a person may still call the job off.
CANCELLABLE = frozenset({State.ACCEPTED, State.QUEUED, State.SUBMITTING, State.RUNNING})


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for, as far as a backend needs to know it. Fields not asked for are empty."""

    task: Task
    prompt: str
    ratio: str = ""
    size: str = ""
    #: Exact width and height, where they were named.
    pixels: tuple[int, int] | None = None
    #: Pictures wanted; 0: not said.
    count: int = 0
    #: Seconds of film wanted; 0: not said.
    duration: int = 0
    negative: str = ""
    #: How strongly a reference picture binds, 0 to 1; None: not said.
    strength: float | None = None
    #: True, False, a text of one's own, or None where nothing was said.
    watermark: bool | str | None = None
    auto_ratio: bool = False
    #: Pictures to work on: what the person sent, fetched only when the job begins …
    attachments: tuple[Attachment, ...] = ()
    #: … and what is on disk already.
    inputs: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One picture (or film) on its way to one person."""

    id: str
    person: Person
    address: Address
    language: Language
    request: Request
    #: The catalogue's id of the model.
    model: str
    #: Unix seconds.
    created_at: float
    #: What the acknowledgement calls it ("a fox in the snow"), and the emoji that fits.
    subject: str = ""
    emoji: str = "🎨"
    #: A name that the person gave to the one in the picture ("Max").
    called: str = ""
    #: What would have suited better: a model's id, and why as a key of `texts`.
    hint_model: str = ""
    hint: str = ""
    #: Sentences for the start message: a preference saved, an option that the model does not know.
    notes: tuple[str, ...] = ()
    price: Price | None = None
    #: Expected range in seconds.
    expected: tuple[int, int] = (30, 120)
    state: State = State.ACCEPTED
    backend: str = ""
    outcome: Outcome | None = None
    reason: Reason | None = None
    #: Where the person can act, if the reason has a link of its own.
    reason_link: str = ""
    ticket: str = ""
    submitted_at: float = 0.0
    finished_at: float = 0.0
    results: tuple[Media, ...] = ()
    #: What is drawn instead of what cannot be done as asked, if a plain "yes" is the answer: a model's id.
    suggested: str = ""
    #: What a plain "yes" to the failure that was shown takes: a `Pick` with the price that stood beside it.
    proposal: str = ""
    #: The job that this one repeats, if any.
    parent: str = ""
    #: The person does not want to be asked again whether to retry.
    declined: bool = False

    @property
    def cancellable(self) -> bool:
        """Whether it may still be called off."""
        return self.state in CANCELLABLE

    @property
    def lacks_picture(self) -> bool:
        """Whether it came to nothing over the person's own picture: it goes on with another one."""
        return self.reason in PICTURE_AT_FAULT and self.request.task.startswith("image_to")

    @property
    def reference(self) -> str:
        """Our own name for the order at a backend: known before anything is sent."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"inkling:{self.id}"))

    def key(self, step: str) -> str:
        """The idempotency key of one message of this job: the same after any restart."""
        return idempotency_key(self.id, step)

    def after(self, event: Event, **changes: Any) -> "Job":
        """The job after `event`, with `changes` made on the way.

        Raises ImpossibleMove where the table does not know the move.
        """
        state = TRANSITIONS.get((self.state, event))
        if state is None:
            raise ImpossibleMove(f"job {self.id}: {event} in state {self.state}")
        return replace(self, state=state, **changes)


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(now: float) -> str:
    """A new job's id: 26 characters that sort by time (ten for milliseconds, sixteen of chance)."""
    number = int(now * 1000) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -5, -5))


def idempotency_key(*parts: str) -> str:
    """25 characters of base32(sha256): what Discord's nonce holds at most."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return base64.b32encode(digest).decode()[:25].lower()
