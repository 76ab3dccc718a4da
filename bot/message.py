"""Values that travel through the house: people, places, messages, media.

No behaviour beyond small derivations; no knowledge of any platform or backend.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]
Task = Literal["text_to_image", "image_to_image", "text_to_video", "image_to_video"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes to the bot. Not linked across platforms."""

    platform: str
    tenant: str
    id: str

    @property
    def key(self) -> str:
        """One string for the three, as it stands in the database."""
        return f"{self.platform}:{self.tenant}:{self.id}"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes."""

    platform: str
    chat: str
    topic: str = ""
    #: The id of the message that is answered.
    reply_to: str = ""
    #: A platform's own means of answering, such as an interaction token; opaque elsewhere.
    token: str = ""


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message that the bot has sent, as its platform names it."""

    platform: str
    chat: str
    id: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture that a person sent, not fetched yet."""

    id: str
    url: str = ""
    name: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or film on disk. Never its bytes."""

    path: Path
    type: str
    size: int
    width: int = 0
    height: int = 0
    #: The vendor's own link and until when it is good (Unix seconds; 0: not known).
    link: str = ""
    link_expires: float = 0.0


@dataclass(frozen=True, slots=True)
class Price:
    """What one job costs. Prices compare within one unit only."""

    amount: float
    unit: Literal["points", "credits", "yuan"]

    def exceeds(self, other: "Price | None") -> bool:
        """Whether it is more than was said, or in another unit; False where nothing was said."""
        return other is not None and (self.unit != other.unit or self.amount > other.amount)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message from a person, as a platform hands it over."""

    id: str
    person: Person
    address: Address
    text: str
    #: Unix seconds by the platform's clock; 0 where it does not tell.
    sent_at: float
    attachments: tuple[Attachment, ...] = ()
    #: The message that this one answers, and the pictures in it.
    reply_to: MessageRef | None = None
    reply_attachments: tuple[Attachment, ...] = ()
    #: True where the bot is addressed: a mention, a command, a direct chat.
    mentioned: bool = True
    #: The language of the person's client, if the platform tells.
    locale: Language | None = None
    #: Late through a fault of ours (it was handed over before, or our clock is wrong): never stale.
    redelivered: bool = False


class Press(StrEnum):
    """What a button does."""

    CANCEL = "cancel"
    RETRY = "retry"
    AGAIN = "again"
    SWITCH = "switch"
    EDIT = "edit"
    DELETE = "delete"
    DECLINE = "decline"
    DRAW = "draw"


@dataclass(frozen=True, slots=True)
class Action:
    """A button under a message. Its value says all that is needed to answer a press at once."""

    press: Press
    label: str
    job: str
    owner: str
    language: Language
    #: What the press chooses: a `Pick`.
    value: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    """What a button chooses: a model, at the price that the person reads beside it.

    Written as the button's value, so that whoever presses it tomorrow is held to no other price. It is short:
    Discord has room for 45 characters.
    """

    model: str
    price: Price | None = None

    def __str__(self) -> str:
        return f"{self.model}@{self.price.amount:.10g}{self.price.unit}" if self.price else self.model

    @classmethod
    def read(cls, value: str) -> "Pick":
        """The pick in a button's value; a value without a price is a model alone."""
        if match := _PICK.fullmatch(value):
            return cls(match["model"], Price(float(match["amount"]), match["unit"]))  # type: ignore[arg-type]  # one of Price's
        return cls(value)


_PICK = re.compile(r"(?P<model>[^@]*)@(?P<amount>\d+(?:\.\d+)?)(?P<unit>points|credits|yuan)")


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press on a button."""

    id: str
    press: Press
    person: Person
    address: Address
    job: str
    owner: str
    language: Language
    value: str = ""
    #: What the person typed, where the button opened a form.
    text: str = ""
    sent_at: float = 0.0
    locale: Language | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A small form that a press opens: one field, which comes back as `Pressed.text`."""

    title: str
    label: str
    submit: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a platform shows at once on a press: a quiet line, or a form."""

    toast: str = ""
    form: Form | None = None
    #: The press was not taken up: what was pressed or filled in stays as it is.
    refused: bool = False


class Kind(StrEnum):
    """What a message of the bot is; the web page's `data-kind`."""

    ACK = "ack"
    START = "start"
    PROGRESS = "progress"
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Line:
    """One labelled line of a message. A line without a label is a sentence."""

    text: str
    label: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message of the bot, its words already in the person's language; platforms only lay it out."""

    kind: Kind
    language: Language
    headline: str
    job: str = ""
    lines: tuple[Line, ...] = ()
    percent: int | None = None
    media: tuple[Media, ...] = ()
    actions: tuple[Action, ...] = ()
    #: Unix seconds at which the work is expected to be done, for platforms that count down themselves.
    due: float = 0.0
    #: The job is over: a progress message that has become one quiet line.
    settled: bool = field(default=False)

    @property
    def text(self) -> str:
        """The message as plain text, for platforms and logs that have nothing better."""
        lines = (
            (f"{line.label}: {line.text}" if self.language == "en" else f"{line.label}：{line.text}")
            if line.label
            else line.text
            for line in self.lines
        )
        return "\n".join((self.headline, *lines)).strip()
