"""What the site answers: refusals by its numbers, and records of jobs as pending, done or failed. Pure.

`ret` is a string, "0" for success, whatever the HTTP status. A record's `status` (from the site's own
bundle): 10 refused before, 20 taken, 30 failed, 40 refused after, 42 at work, 45 in parts, 50 done,
100 deleted.
"""

from collections.abc import Mapping
from typing import Any

from adapters import http
from adapters.jimeng import reason_of
from bot.errors import BackendError, Busy, GenerationFailed, NotSent, Reason, Refused

#: Seconds after which some pictures are taken for all, and after which the site itself gives up.
PARTIAL = 600.0
GIVEN_UP = 86_400.0


def number(value: object) -> int | None:
    """A number that may be written as text; None where it is neither."""
    try:
        return int(str(value))
    except ValueError:
        return None


def ret_of(answer: Any) -> int | None:
    """The answer's own verdict: 0 is success, None where it has none."""
    return number(answer.get("ret")) if isinstance(answer, Mapping) else None


def refusal(answer: Any, *hidden: str) -> BackendError:
    """An order that was refused: certainly not taken on. What is `hidden` will not stand in the error."""
    ret = ret_of(answer) or 0
    reason, detail = reason_of(ret), _detail(answer, ret, *hidden)
    if reason is Reason.RATE_LIMIT:
        return Busy(reason, detail, retry_after=20)
    return Refused(reason, detail)


def not_told(answer: Any) -> BackendError:
    """A question that was refused; what was asked about is not touched by that."""
    ret = ret_of(answer)
    if ret is None:
        return NotSent(Reason.UNAVAILABLE, "an answer that is none")
    reason, detail = reason_of(ret), _detail(answer, ret)
    if reason is Reason.RATE_LIMIT:
        return Busy(reason, detail, retry_after=20)
    known = reason in (Reason.LOGIN_EXPIRED, Reason.ACCOUNT_BLOCKED, Reason.CONFIGURATION)
    return NotSent(reason if known else Reason.UNAVAILABLE, detail)


def _detail(answer: Any, ret: int, *hidden: str) -> str:
    message = answer.get("errmsg") if isinstance(answer, Mapping) else ""
    return http.without(f"ret {ret} {message}", *hidden)[:200]


def record_of(answer: Any, submit_id: str) -> Mapping[str, Any] | None:
    """The record of one order, by whichever name the answer has it; None where the site knows none."""
    data = answer.get("data") if isinstance(answer, Mapping) else None
    if not isinstance(data, Mapping):
        return None
    record = data.get(submit_id)
    if isinstance(record, Mapping):
        return record
    named = (one for one in data.values() if isinstance(one, Mapping) and one.get("submit_id") == submit_id)
    return next(named, None)


def links_of(record: Mapping[str, Any], waited: float) -> tuple[str, ...] | None:
    """The links of a job that is done; None while it is not.

    `waited`: seconds since it was ordered. Raises GenerationFailed when it will not come.
    """
    status = _status(record)
    links = _links(record)
    if status in (10, 30, 40, 100):
        raise _failed(record, status)
    if status == 50:
        if not links:
            raise _failed(record, status)
        return links
    total, finished = (number(record.get(f"{what}_image_count")) or 0 for what in ("total", "finished"))
    if status == 45 and links and (waited > PARTIAL or 0 < total <= min(finished, len(links))):
        return links
    if waited > GIVEN_UP:
        raise GenerationFailed(Reason.TIMEOUT, f"status {status} after {waited:.0f} s")
    return None


def _status(record: Mapping[str, Any]) -> int:
    task = record.get("task")
    inner = task.get("status") if isinstance(task, Mapping) else None
    return number(record.get("status")) or number(inner) or 0


def _failed(record: Mapping[str, Any], status: int) -> GenerationFailed:
    code = number(record.get("fail_code")) or 0
    usual = {
        10: Reason.CONTENT_TEXT,
        40: Reason.CONTENT_OUTPUT,
        50: Reason.NO_DETAILS,
        100: Reason.RESULT_GONE,
    }
    reason = reason_of(code) if code else Reason.OTHER
    if reason is Reason.OTHER:
        reason = usual.get(status, Reason.GENERATION_FAILED)
    return GenerationFailed(reason, f"status {status}, fail_code {code} {record.get('fail_msg', '')}"[:200])


def _links(record: Mapping[str, Any]) -> tuple[str, ...]:
    items = record.get("item_list")
    found = (_link(item) for item in (items if isinstance(items, list) else ()) if isinstance(item, Mapping))
    return tuple(link for link in found if link)


def _link(item: Mapping[str, Any]) -> str:
    """The largest picture of one item. Some answers hold an ampersand escaped once too often."""
    image, common = item.get("image"), item.get("common_attr")
    large = image.get("large_images") if isinstance(image, Mapping) else None
    first = large[0] if isinstance(large, list) and large else None
    urls = [first.get("image_url")] if isinstance(first, Mapping) else []
    plain = common.get("item_urls") if isinstance(common, Mapping) else None
    urls += plain if isinstance(plain, list) else []
    good = (url.replace("\\u0026", "&") for url in urls if isinstance(url, str))
    return next((url for url in good if url.startswith(("https://", "http://"))), "")
