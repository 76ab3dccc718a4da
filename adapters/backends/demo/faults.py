"""The words that make the demo backend fail, and how each failure comes. The table is in the package."""

import re
from dataclasses import dataclass

from bot.errors import BackendError, Busy, GenerationFailed, NotSent, OutcomeUnknown, Reason, Refused

ALIASES = {
    "key": Reason.KEY_INVALID,
    "login": Reason.LOGIN_EXPIRED,
    "blocked": Reason.ACCOUNT_BLOCKED,
    "points": Reason.POINTS_SHORT,
    "subscription": Reason.SUBSCRIPTION_REQUIRED,
    "config": Reason.CONFIGURATION,
    "price": Reason.PRICE_MISMATCH,
    "rose": Reason.PRICE_ROSE,
    "model": Reason.MODEL_MISMATCH,
    "size": Reason.BAD_SIZE,
    "ratio": Reason.RATIO_UNSUPPORTED,
    "failed": Reason.GENERATION_FAILED,
    "nodetails": Reason.NO_DETAILS,
    "rate": Reason.RATE_LIMIT,
    "down": Reason.UNAVAILABLE,
    "content": Reason.CONTENT_INPUT,
    "output": Reason.CONTENT_OUTPUT,
    "text": Reason.CONTENT_TEXT,
    "input": Reason.BAD_INPUT,
    "large": Reason.INPUT_TOO_LARGE,
    "inputgone": Reason.INPUT_GONE,
    "gone": Reason.RESULT_GONE,
    "clock": Reason.CLOCK_WRONG,
    "unknown": Reason.UNKNOWN_OUTCOME,
    "disk": Reason.DISK_FULL,
}
#: Failures that come when the picture should be there; nearly all others come at once, as a refusal.
_IN_THE_END = frozenset(
    {
        Reason.GENERATION_FAILED,
        Reason.NO_DETAILS,
        Reason.TIMEOUT,
        Reason.CONTENT_OUTPUT,
        Reason.RESULT_GONE,
        Reason.DISK_FULL,
        Reason.INTERRUPTED,
        Reason.OTHER,
    }
)
_NOTHING_SENT = frozenset({Reason.NETWORK, Reason.PRICE_ROSE})
#: How often `demo:busy` refuses one order.
BUSY_TIMES = 2
_WORD = re.compile(r"demo\s?[:：]\s?([a-z]+(?:[_-][a-z]+)*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Faults:
    """What a prompt asks to go wrong."""

    reason: Reason | None = None
    busy: bool = False
    slow: bool = False
    lost: bool = False

    @property
    def unknown(self) -> bool:
        """Nobody will ever know."""
        return self.reason is Reason.UNKNOWN_OUTCOME

    def before(self) -> BackendError | None:
        """What is said in place of taking the order on."""
        if self.reason is None or self.unknown or self.reason in _IN_THE_END:
            return None
        if self.reason in _NOTHING_SENT:
            return NotSent(self.reason, "asked for in the prompt")
        return Refused(self.reason, "asked for in the prompt")

    def answer(self) -> BackendError | None:
        """What is said in place of the ticket, after the order was taken on."""
        if self.unknown or self.lost:
            return OutcomeUnknown(Reason.UNKNOWN_OUTCOME, "asked for in the prompt")
        return None

    def result(self) -> BackendError | None:
        """What is said in place of the picture."""
        if self.reason in _IN_THE_END:
            return GenerationFailed(self.reason, "asked for in the prompt")
        return None


def asked_for(prompt: str) -> Faults:
    """The faults that a prompt names; words that name none are only words."""
    words = [word.lower().replace("-", "_") for word in _WORD.findall(prompt)]
    named = [found for word in words if (found := _reason(word)) is not None]
    return Faults(named[0] if named else None, "busy" in words, "slow" in words, "lost" in words)


def without(prompt: str) -> str:
    """The prompt without these words, for what is drawn."""
    return " ".join(_WORD.sub(" ", prompt).split())


def overloaded() -> Busy:
    """Refused for load."""
    return Busy(Reason.RATE_LIMIT, "asked for in the prompt", retry_after=1.0)


def _reason(word: str) -> Reason | None:
    return ALIASES.get(word) or (Reason(word) if word in set(Reason) else None)
