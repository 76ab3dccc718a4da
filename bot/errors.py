"""Everything that can go wrong, as one tree.

InklingError
├── SettingsError        the environment is wrong; names all that is
├── DatabaseError        the database cannot be used
├── AlreadyRunning       another process holds DATA_DIR
├── ImpossibleMove       a job was asked to do what TRANSITIONS does not know
├── BackendError         a backend could not make the picture; says what happened to the money
│   ├── NotSent              nothing was sent: safe to send again
│   ├── Busy                 refused for load: safe to send again later
│   ├── Refused              refused for good, not charged
│   ├── OutcomeUnknown       it may have been made and charged
│   └── GenerationFailed     it was taken on, and failed
├── PlatformError        a message could not be shown
│   ├── Passing              a passing reason: same key, later
│   ├── Unshowable           this message as laid out is refused; another may be taken
│   └── Gone                 the place does not exist for us any more
└── MediaError           a picture could not be fetched or read

A `Reason` is what a person is told; its words are in `locales/`. `detail` is for the log alone.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why there is no picture. Every reason has words in every language."""

    KEY_INVALID = "key_invalid"
    LOGIN_EXPIRED = "login_expired"
    ACCOUNT_BLOCKED = "account_blocked"
    POINTS_SHORT = "points_short"
    SUBSCRIPTION_REQUIRED = "subscription_required"
    CONFIGURATION = "configuration"
    PRICE_MISMATCH = "price_mismatch"
    PRICE_ROSE = "price_rose"
    MODEL_MISMATCH = "model_mismatch"
    BAD_SIZE = "bad_size"
    RATIO_UNSUPPORTED = "ratio_unsupported"
    GENERATION_FAILED = "generation_failed"
    NO_DETAILS = "no_details"
    TIMEOUT = "timeout"
    NETWORK = "network"
    RATE_LIMIT = "rate_limit"
    UNAVAILABLE = "unavailable"
    CONTENT_INPUT = "content_input"
    CONTENT_OUTPUT = "content_output"
    CONTENT_TEXT = "content_text"
    COPYRIGHT = "copyright"
    BAD_INPUT = "bad_input"
    INPUT_TOO_LARGE = "input_too_large"
    INPUT_GONE = "input_gone"
    RESULT_GONE = "result_gone"
    CLOCK_WRONG = "clock_wrong"
    UNKNOWN_OUTCOME = "unknown_outcome"
    INTERRUPTED = "interrupted"
    DISK_FULL = "disk_full"
    OTHER = "other"


#: The operator's account at a backend is at fault: every order there fails for the same reason.
ACCOUNT_AT_FAULT = frozenset(
    {Reason.KEY_INVALID, Reason.LOGIN_EXPIRED, Reason.ACCOUNT_BLOCKED, Reason.POINTS_SHORT}
)
#: The person's own picture is at fault: no other model helps, another picture does.
PICTURE_AT_FAULT = frozenset(
    {Reason.CONTENT_INPUT, Reason.BAD_INPUT, Reason.INPUT_TOO_LARGE, Reason.INPUT_GONE}
)


class InklingError(Exception):
    """Base of all that is ours."""


class SettingsError(InklingError):
    """The environment is wrong. The message names every wrong variable."""


class DatabaseError(InklingError):
    """The database cannot be used. The message says what to do."""


class AlreadyRunning(InklingError):
    """Another process holds the data directory."""


class ImpossibleMove(InklingError):
    """A job was asked to make a move that its table does not know."""


class BackendError(InklingError):
    """A backend could not make the picture."""

    def __init__(self, reason: Reason, detail: str = "", *, link: str = "", retry_after: float = 0.0) -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        #: For the log alone; never shown.
        self.detail = detail
        #: Where the person can look or act, if the reason's own words have no link.
        self.link = link
        #: Seconds after which the backend wants to be asked again; 0: it does not say.
        self.retry_after = retry_after


class NotSent(BackendError):
    """Nothing reached the backend: safe to send again."""


class Busy(BackendError):
    """Refused for load, not charged: safe to send again later."""


class Refused(BackendError):
    """Refused for good, not charged."""


class OutcomeUnknown(BackendError):
    """The request may have been taken on and charged; the answer is lost."""


class GenerationFailed(BackendError):
    """The backend took the job on and could not finish it."""


class PlatformError(InklingError):
    """A message could not be shown."""

    def __init__(self, detail: str = "", *, retry_after: float = 0.0) -> None:
        super().__init__(detail)
        #: Seconds to wait before the next try; 0: the caller decides.
        self.retry_after = retry_after


class Passing(PlatformError):
    """A passing reason (network, rate, server): try again later with the same key."""


class Unshowable(PlatformError):
    """The platform refuses this message as it is laid out."""


class Gone(PlatformError):
    """The place or message no longer exists for us: deleted, left, forbidden."""


class MediaError(InklingError):
    """A picture could not be fetched, recognised or kept."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail
