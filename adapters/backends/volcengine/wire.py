"""How Volcengine is spoken to: signed calls, and what its errors mean.

Two kinds of error look different: the gateway's (who asks, and when) and the service's own (what is asked).
What is ordered and when stands in `backend`; nothing here decides to send a paid request again.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from adapters import http
from adapters.backends.volcengine.signing import Keys, Unsigned, query_string, signed
from adapters.clock import ahead_of
from bot.errors import BackendError, Busy, Reason, Refused
from bot.ports import Clock

KEYS_LINK = "https://console.volcengine.com/iam/keymanage/"
CONSOLE_LINK = "https://console.volcengine.com/"
VERSION = "2022-08-31"
SUBMIT, RESULT = "CVSync2AsyncSubmitTask", "CVSync2AsyncGetResult"
CONTENT_TYPE = "application/json"
#: A submit may carry 20 MB of pictures.
TIMEOUT = httpx.Timeout(connect=10, read=60, write=60, pool=10)
#: Seconds for one request and its whole answer.
WHOLE = 180.0
#: Pictures come as links; as base64 all the same where Volcengine chooses so.
MAX_ANSWER = 64_000_000
SUCCESS = 10000
#: Failures inside the service: once more is worth a try, twice is not.
INTERNAL = (50500, 50501)
#: Refused for load, and seconds after which it is worth asking again.
LOAD = {50429: 5.0, 50430: 30.0}
#: The service's own codes. None of them comes with a task, nor with a charge.
CODES = {
    50411: (Reason.CONTENT_INPUT, ""),
    50511: (Reason.CONTENT_OUTPUT, ""),
    50412: (Reason.CONTENT_TEXT, ""),
    50413: (Reason.CONTENT_TEXT, ""),
    50512: (Reason.CONTENT_TEXT, ""),
    50518: (Reason.COPYRIGHT, ""),
    50519: (Reason.COPYRIGHT, ""),
    50520: (Reason.UNAVAILABLE, ""),
    50521: (Reason.UNAVAILABLE, ""),
    50522: (Reason.UNAVAILABLE, ""),
    50500: (Reason.UNAVAILABLE, ""),
    50501: (Reason.UNAVAILABLE, ""),
    50215: (Reason.BAD_SIZE, ""),
    50400: (Reason.SUBSCRIPTION_REQUIRED, CONSOLE_LINK),
}
GATEWAY = {
    100002: (Reason.CONFIGURATION, ""),
    100005: (Reason.CONFIGURATION, ""),
    100006: (Reason.CLOCK_WRONG, ""),
    100008: (Reason.CONFIGURATION, ""),
    100009: (Reason.KEY_INVALID, KEYS_LINK),
    100010: (Reason.KEY_INVALID, KEYS_LINK),
    100012: (Reason.ACCOUNT_BLOCKED, CONSOLE_LINK),
    100013: (Reason.ACCOUNT_BLOCKED, CONSOLE_LINK),
}
STATUSES = {
    401: (Reason.KEY_INVALID, KEYS_LINK),
    403: (Reason.ACCOUNT_BLOCKED, CONSOLE_LINK),
    404: (Reason.CONFIGURATION, ""),
    405: (Reason.CONFIGURATION, ""),
    413: (Reason.INPUT_TOO_LARGE, ""),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the service's code or the gateway's, if there is either."""

    status: int
    code: int | None = None
    gateway: int | None = None
    message: str = ""
    data: Any = None
    retry_after: float = 0.0
    #: Seconds by which our clock is ahead of theirs; 0 where it hardly is.
    skew: float = 0.0
    #: What must not be told, should Volcengine repeat it.
    hidden: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether Volcengine says that it did what it was asked to."""
        return self.code == SUCCESS

    @property
    def detail(self) -> str:
        """For the log: what came, shortened."""
        text = http.without(self.message, *self.hidden)
        clock = f", our clock is {self.skew:+.0f} s" if self.gateway == 100006 else ""
        return f"HTTP {self.status}, code {self.code or self.gateway}, {text[:200]!r}{clock}"


class Wire:
    """Volcengine's visual API behind one pair of keys. Raises httpx.RequestError where there is no answer."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock, url: str, keys: Keys) -> None:
        self._client = client
        self._clock = clock
        self._url = httpx.URL(url)
        self._keys = keys

    async def call(self, action: str, body: dict[str, Any]) -> Answer:
        """Send one signed call, once."""
        request = await asyncio.to_thread(self._request, action, body)
        hidden = (self._keys.secret_key, self._keys.access_key, str(body.get("prompt", "")))
        answer = await http.send(self._client, request, seconds=WHOLE, most=MAX_ANSWER)
        found = await answer.json()
        skew = ahead_of(answer.headers.get("Date", ""), self._clock.now()) or 0.0
        return _answer(answer, found if isinstance(found, dict) else {}, skew, hidden)

    def _request(self, action: str, body: dict[str, Any]) -> httpx.Request:
        path = self._url.raw_path.decode().split("?")[0] or "/"
        unsigned = Unsigned(
            method="POST",
            host=self._url.netloc.decode(),
            path=path,
            query={"Action": action, "Version": VERSION},
            body=orjson.dumps(body),
            content_type=CONTENT_TYPE,
        )
        date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._clock.now()))
        url = self._url.copy_with(raw_path=f"{path}?{query_string(unsigned.query)}".encode())
        return self._client.build_request(
            "POST", url, content=unsigned.body, headers=signed(self._keys, unsigned, date), timeout=TIMEOUT
        )


def _answer(answer: http.Answer, found: dict[str, Any], skew: float, hidden: tuple[str, ...]) -> Answer:
    metadata = found.get("ResponseMetadata")
    error = metadata.get("Error") if isinstance(metadata, dict) else None
    error = error if isinstance(error, dict) else {}
    message = found.get("message") or f"{error.get('Code', '')} {error.get('Message', '')}".strip()
    return Answer(
        status=answer.status,
        code=_number(found.get("code")),
        gateway=_number(error.get("CodeN")),
        message=message if isinstance(message, str) else "",
        data=found.get("data"),
        retry_after=answer.retry_after,
        skew=skew,
        hidden=hidden,
    )


def refusal(answer: Answer) -> BackendError | None:
    """What an answer without success certainly means; None: it leaves open what happened."""
    if answer.status == 429 or answer.code in LOAD:
        wait = answer.retry_after or LOAD.get(answer.code or 0, 5.0)
        return Busy(Reason.RATE_LIMIT, answer.detail, retry_after=wait)
    if "error when parsing request" in answer.message.lower():
        return Refused(Reason.INPUT_TOO_LARGE, answer.detail)
    known = CODES.get(answer.code or 0) or GATEWAY.get(answer.gateway or 0)
    if known is None and 300 <= answer.status < 500 and answer.status != 408:
        spoken = answer.code is not None or answer.gateway is not None
        fallback = Reason.OTHER if spoken or answer.status >= 400 else Reason.CONFIGURATION
        known = (fallback, "") if spoken else STATUSES.get(answer.status, (fallback, ""))
    return Refused(known[0], answer.detail, link=known[1]) if known else None


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if type(value) is int else None
