"""How IMA is spoken to: headers, its envelope, and what its errors mean.

What is ordered and when stands in `backend`; nothing here decides to send a paid request again.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from adapters import http
from bot.errors import BackendError, Busy, NotSent, Reason, Refused
from bot.ports import Clock

KEY_LINK = "https://www.imaclaw.ai/imaclaw/apikey"
POINTS_LINK = "https://www.imaclaw.ai/imaclaw/subscription"
TIMEOUT = httpx.Timeout(connect=10, read=30, write=30, pool=10)
#: Seconds for one request and its whole answer.
WHOLE = 90.0
TRIES = 3
#: IMA's own codes, in a body of any HTTP status. None of them comes with a charge.
CODES = {
    401: (Reason.KEY_INVALID, KEY_LINK),
    4008: (Reason.POINTS_SHORT, POINTS_LINK),
    4014: (Reason.SUBSCRIPTION_REQUIRED, POINTS_LINK),
    6006: (Reason.PRICE_MISMATCH, ""),
    6009: (Reason.MODEL_MISMATCH, ""),
    6010: (Reason.MODEL_MISMATCH, ""),
}
STATUSES = {
    401: (Reason.KEY_INVALID, KEY_LINK),
    402: (Reason.POINTS_SHORT, POINTS_LINK),
    403: (Reason.CONFIGURATION, ""),
    404: (Reason.CONFIGURATION, ""),
    405: (Reason.CONFIGURATION, ""),
    413: (Reason.INPUT_TOO_LARGE, ""),
}
COPYRIGHT = ("copyright", "trademark", "版权", "侵权")
CONTENT = (
    "sensitive",
    "moderation",
    "violat",
    "safety",
    "policy",
    "nsfw",
    "prohibited",
    "违规",
    "敏感",
    "审核",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of IMA: its code, if the body is the envelope at all, and what is in it."""

    status: int
    code: int | None
    message: str
    data: Any
    retry_after: float = 0.0
    #: What must not be told, should IMA repeat it.
    hidden: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether IMA says that it did what it was asked to."""
        return self.code in (0, 200)

    @property
    def detail(self) -> str:
        """For the log: what came, shortened."""
        return f"HTTP {self.status}, code {self.code}, {told(self.message, *self.hidden)!r}"


def told(text: str, *hidden: str) -> str:
    """A text of IMA's for the log: without what is to be hidden, shortened."""
    return http.without(text, *hidden)[:200]


class Wire:
    """IMA's API behind one key. Raises httpx.RequestError where there is no whole answer."""

    def __init__(self, client: httpx.AsyncClient, url: str, key: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._key = key
        self._headers = {
            "Authorization": f"Bearer {http.for_header(key)}",
            "x-app-source": "ima_skills",
            "x_app_language": "en",
        }

    async def get(self, path: str, query: dict[str, str]) -> Answer:
        """GET a path."""
        return await self._send(
            self._client.build_request(
                "GET", self._url + path, params=query, headers=self._headers, timeout=TIMEOUT
            )
        )

    async def post(self, path: str, body: dict[str, Any], *hidden: str) -> Answer:
        """POST a JSON body, once. What is `hidden` will not stand in the answer's `detail`."""
        headers = {**self._headers, "Content-Type": "application/json"}
        return await self._send(
            self._client.build_request(
                "POST", self._url + path, content=orjson.dumps(body), headers=headers, timeout=TIMEOUT
            ),
            *hidden,
        )

    async def _send(self, request: httpx.Request, *hidden: str) -> Answer:
        return await read(await http.send(self._client, request, seconds=WHOLE), self._key, *hidden)


async def read(answer: http.Answer, *hidden: str) -> Answer:
    """What IMA says in an answer."""
    envelope = await answer.json()
    found = envelope if isinstance(envelope, dict) else {}
    code, message = found.get("code"), found.get("message")
    if isinstance(code, str) and code.isdecimal() and len(code) < 10:
        code = int(code)
    return Answer(
        status=answer.status,
        code=code if type(code) is int else None,
        message=message if isinstance(message, str) else "",
        data=found.get("data"),
        retry_after=answer.retry_after,
        hidden=hidden,
    )


async def asked(send: Callable[[], Awaitable[Answer]], clock: Clock, tries: int = TRIES) -> Answer:
    """What IMA answers to a request that costs nothing: tried a few times, then refusals are raised.

    Raises NotSent, Busy or Refused.
    """
    error: BackendError = NotSent(Reason.NETWORK)
    for attempt in range(tries):
        if attempt:
            await clock.sleep(0.5 * 2**attempt * (0.5 + random.random()))
        try:
            answer = await send()
        except httpx.RequestError as failure:
            error = NotSent(Reason.NETWORK, type(failure).__name__)
            continue
        if answer.ok:
            return answer
        error = refusal(answer) or NotSent(Reason.UNAVAILABLE, answer.detail)
        if not isinstance(error, NotSent):
            raise error
    raise error


def refusal(answer: Answer) -> BackendError | None:
    """What an answer without success certainly means; None: it leaves open what happened."""
    if answer.status == 429 or answer.code == 429:
        return Busy(Reason.RATE_LIMIT, answer.detail, retry_after=answer.retry_after)
    if answer.code in CODES:
        reason, link = CODES[answer.code]
        return Refused(reason, answer.detail, link=link)
    if answer.code is not None and answer.status < 500 and not (answer.ok or 500 <= answer.code < 600):
        return Refused(_reason(answer), answer.detail)
    if 300 <= answer.status < 500 and answer.status != 408 and answer.code is None:
        reason, link = STATUSES.get(answer.status, (Reason.OTHER, ""))
        if answer.status < 400:
            reason = Reason.CONFIGURATION  # an API does not redirect: the URL is not the API's
        return Refused(reason, answer.detail, link=link)
    return None


def _reason(answer: Answer) -> Reason:
    words = answer.message.lower()
    if "invalid product attribute" in words:
        return Reason.CONFIGURATION
    if content := content_reason(words):
        return content
    return Reason.BAD_SIZE if answer.code == 400 else Reason.OTHER


def content_reason(words: str) -> Reason | None:
    """Why a text of IMA's says that the content was refused, or None where it says nothing of the kind."""
    words = words.lower()
    if any(word in words for word in COPYRIGHT):
        return Reason.COPYRIGHT
    if not any(word in words for word in CONTENT):
        return None
    if "input" in words or "reference" in words:
        return Reason.CONTENT_INPUT
    return Reason.CONTENT_OUTPUT if "output" in words or "generated" in words else Reason.CONTENT_TEXT
