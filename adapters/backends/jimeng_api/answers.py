"""What the jimeng-api service answers: success, or one of its codes as an error of ours. Pure.

The service answers everything with HTTP 200. A body is a success when its `data` is a list and it has
no negative `code`; a number from Jimeng itself may stand at the end of the message ("错误码: 1006").
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters import http
from adapters.jimeng import reason_of
from bot.errors import BackendError, Busy, GenerationFailed, NotSent, OutcomeUnknown, Reason, Refused

_TRAILING = re.compile(r"错误码\s*[:：]\s*(-?\d+)")

#: Beginnings of what -1000 says of a request that it did not even try.
_NOT_TRIED = (
    "不支持",
    "[请求有误]",
    "最多支持",
    "在form-data中",
    '在 "',
    "国际版不支持",
    "国内站不支持",
    "至少",
)

#: Reasons that Jimeng gives when an order comes, never when its result is asked for.
_OF_ORDERS = frozenset({Reason.POINTS_SHORT, Reason.CONTENT_TEXT, Reason.CONTENT_INPUT, Reason.COPYRIGHT})


def links_of(answer: Any, *hidden: str, quick: bool) -> tuple[str, ...]:
    """The links in a finished answer. Raises the error that it is otherwise, without what is `hidden`.

    `quick`: it came so soon that nothing can have been taken on before it was refused. Later, a refusal
    may be of the asking for a job that runs already: sending again would be paid for twice.
    """
    code = answer.get("code") if isinstance(answer, Mapping) else None
    refused = isinstance(code, int) and code < 0
    data = answer.get("data") if isinstance(answer, Mapping) else None
    if refused:
        raise _error(int(code or 0), str(answer.get("message", "")), hidden, quick=quick)
    if not isinstance(data, list):
        raise OutcomeUnknown(Reason.UNKNOWN_OUTCOME, "an answer that is none")
    links = tuple(item["url"] for item in data if isinstance(item, Mapping) and _is_link(item.get("url")))
    if not links:
        raise GenerationFailed(Reason.NO_DETAILS, "a success without pictures")
    return links


def _is_link(url: object) -> bool:
    return isinstance(url, str) and url.startswith(("https://", "http://"))


def _error(code: int, message: str, hidden: Sequence[str], *, quick: bool) -> BackendError:
    detail = f"{code} {http.without(message, *hidden)}"[:300]
    found = _TRAILING.search(message)
    number = int(found.group(1)) if found else None
    if code == -2007:
        return _failed(message, number, detail)
    error = _refusal(code, message, number, detail)
    if not quick and not _settled(error, code):
        return OutcomeUnknown(Reason.UNKNOWN_OUTCOME, detail)
    return error


def _settled(error: BackendError, code: int) -> bool:
    """Whether the error means the same however late it comes: only a request for a new job is told so."""
    told_of_orders = error.reason in _OF_ORDERS
    return code == -2000 or (code == -1000 and isinstance(error, Refused)) or told_of_orders


def _failed(message: str, number: int | None, detail: str) -> BackendError:
    if "图片上传失败" in message:
        if "检测" in message:
            return Refused(Reason.CONTENT_INPUT, detail)
        return NotSent(Reason.NETWORK, detail)
    if "记录ID不存在" in message or "记录不存在" in message:
        # Its own requests to Jimeng were lost, after up to four tries: one may have been taken on.
        return OutcomeUnknown(Reason.UNKNOWN_OUTCOME, detail)
    reason = reason_of(number) if number is not None else Reason.GENERATION_FAILED
    return GenerationFailed(Reason.GENERATION_FAILED if reason is Reason.OTHER else reason, detail)


def _refusal(code: int, message: str, number: int | None, detail: str) -> BackendError:
    match code:
        case -1000:
            if message.startswith(_NOT_TRIED):
                return Refused(Reason.BAD_INPUT, detail)
            return OutcomeUnknown(Reason.UNKNOWN_OUTCOME, detail)
        case -2000:
            wrong_key = "authorization" in message
            return Refused(Reason.CONFIGURATION if wrong_key else Reason.BAD_INPUT, detail)
        case -2001 if number is not None:
            reason = reason_of(number)
            return (Busy if reason is Reason.RATE_LIMIT else Refused)(reason, detail)
        case -2002:
            return Refused(Reason.LOGIN_EXPIRED, detail)
        case -2006:
            # Jimeng's 4001, which the service takes for content, also means that the points are short.
            short = re.search(r"credit|积分|余额", message, re.IGNORECASE)
            return Refused(Reason.POINTS_SHORT if short else Reason.CONTENT_TEXT, detail)
        case -2009:
            return Refused(Reason.POINTS_SHORT, detail)
        case _:
            return OutcomeUnknown(Reason.UNKNOWN_OUTCOME, detail)
