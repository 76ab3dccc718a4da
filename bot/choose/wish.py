"""The values of a choice: what a person asked for, what can be done, what was chosen, what cannot be."""

from dataclasses import dataclass, field
from typing import Any

from bot.job import Request
from bot.message import Price
from bot.ports import Offer


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for."""

    #: Ratio, size and count as far as they are among what is common.
    request: Request
    #: Named for this time.
    model: str = ""
    preferred: str = ""
    #: "cheapest", "best", "artistic" or "".
    budget: str = ""
    #: Asked for and not among what is common: "7:3", "8K".
    ratio_asked: str = ""
    size_asked: str = ""
    #: What it is good to be good at, most telling first ("poster", "photo", …).
    suits: tuple[str, ...] = ()
    #: What the person was told it costs: what has become dearer since is asked first.
    told: Price | None = None
    #: Whether it may be done as close as the model can: the person has been told that it cannot all be done.
    bends: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """Something that can be done."""

    offer: Offer
    request: Request

    @property
    def price(self) -> Price | None:
        """What it costs."""
        return self.offer.price(self.request.size)


@dataclass(frozen=True, slots=True)
class Choice:
    """A model for a request."""

    way: Way
    #: "named", "preferred" or "default"; else what it was chosen for, a key of `texts` under "hint": a
    #: strength, "cheap", or "able" where the default cannot do what was asked.
    why: str
    #: What would have suited better, and for what: a model and a key of `texts` under "hint".
    hint_model: str = ""
    hint: str = ""
    #: The person's preference, if it is off offer.
    missed: str = ""
    #: Options that the model does not know.
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cannot:
    """It cannot be done as asked: a key of `texts` under "cannot", its values, and ways out."""

    key: str
    model: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    ways: tuple[Way, ...] = ()
    #: What cannot be done, as far as it can be said at all; None: as it was asked.
    request: Request | None = None
