"""The rules of the open platform: codes, rates and limits, and the faults that a test switches on."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

TEXT_BYTES, CARD_BYTES = 150 * 1024, 30 * 1024
IMAGE_BYTES, FILE_BYTES = 10 * 1024 * 1024, 30 * 1024 * 1024
IMAGE_SIDE, GIF_SIDE = 12_000, 2_000
UUID_SECONDS, UUID_LENGTH = 3600, 50
#: A card of the second schema can be changed and pressed for so long.
PATCH_SECONDS = 14 * 86_400
TOKEN_SECONDS = 7200
HANDLE_SECONDS = 3.0
#: When an event that was not acknowledged is sent again, in seconds after the first time.
REDELIVERIES = (15, 300, 3600, 21_600)

#: Codes that say that the bot did something it must not do; a strict test wants none of them.
BROKEN = {
    9499, 99992402, 230001, 230025, 230099, 300301, 230020, 99991400, 234001, 234006, 234010, 234011, 234039,
    230054,
}  # fmt: skip


class ApiError(Exception):
    """A request is refused."""

    def __init__(
        self, code: int, message: str, status: int = 400, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}


@dataclass(slots=True)
class Limits:
    """Rates and quota. A test may tighten or loosen them."""

    #: Messages per second and chat, changes per second and message.
    chat_qps: int = 5
    message_qps: int = 5
    #: Calls per second and per minute, for the app and each interface.
    app_second: int = 50
    app_minute: int = 1000
    #: Calls left this month; None: as many as one likes.
    quota: int | None = None


class Windows:
    """Counts what happened within the last seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._times: dict[tuple[str, float], deque[float]] = defaultdict(deque)

    def admit(self, key: str, limit: int, seconds: float = 1.0) -> float:
        """0 where there is room (which is then taken), else the seconds until there is."""
        now = self._now()
        times = self._times[key, seconds]
        while times and times[0] <= now - seconds:
            times.popleft()
        if len(times) >= limit:
            return times[0] + seconds - now
        times.append(now)
        return 0.0


@dataclass(slots=True)
class Fault:
    """Something that goes wrong with the next requests to a route."""

    route: str
    kind: Literal["code", "lost", "hang", "html", "reset"]
    times: int = 1
    code: int = 0
    status: int = 400
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    #: Requests that go well before the first one that does not.
    after: int = 0
    #: Only requests for which this holds, given the decoded body.
    when: Callable[[dict[str, Any]], bool] = lambda body: True
    #: Only requests that show something in this chat.
    chat: str = ""


class Faults:
    """What is switched on."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Switch all faults off."""
        self._faults.clear()

    def take(self, route: str, body: dict[str, Any], chat: str = "") -> Fault | None:
        """The fault that this request meets, counted down."""
        for fault in self._faults:
            if fault.route not in route or not fault.when(body) or fault.chat not in {"", chat}:
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)
            return fault
        return None
