"""What IMA says of a task: still going, failed, or which pictures it made. Pure."""

from dataclasses import dataclass
from typing import Any

from adapters.backends.ima.wire import content_reason, told
from bot.errors import GenerationFailed, Reason

READY, FAILED, DELETED = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture of a task: its link once it is there, or why it will not come."""

    url: str = ""
    failed: bool = False
    deleted: bool = False
    why: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will change."""
        return bool(self.url) or self.failed or self.deleted


def links(task: object) -> tuple[str, ...]:
    """The links of a task's pictures, once the last of them is there; () while one is missing.

    A picture is there when it is said to be ready and has a link: the one may come before the other. What
    failed beside others is left out. Raises GenerationFailed where nothing came or will come.
    """
    found = task if isinstance(task, dict) else {}
    medias = found.get("medias")
    seen = [_seen(media) for media in medias if isinstance(media, dict)] if isinstance(medias, list) else []
    ended = _word(found.get("status")) == "failed"
    if not ended and not (seen and all(one.over for one in seen)):
        return ()
    urls = tuple(one.url for one in seen if one.url and not one.failed)
    if urls:
        return urls
    why = next((one.why for one in seen if one.why), "") or _why(found)
    if any(one.deleted for one in seen) and not any(one.failed for one in seen):
        raise GenerationFailed(Reason.RESULT_GONE)
    if not why:
        raise GenerationFailed(Reason.NO_DETAILS)
    prompt = found.get("prompt")
    detail = told(why, prompt if isinstance(prompt, str) else "")
    raise GenerationFailed(content_reason(why) or Reason.GENERATION_FAILED, detail)


def _seen(media: dict[str, Any]) -> Seen:
    status = media.get("resource_status")
    number = int(status) if isinstance(status, int | str) and str(status).isdecimal() else 0
    url = media.get("url")
    failed = number == FAILED or _word(media.get("status")) == "failed"
    ready = number == READY and isinstance(url, str) and url.startswith(("https://", "http://"))
    return Seen(
        url=url if ready and not failed and isinstance(url, str) else "",
        failed=failed,
        deleted=number == DELETED,
        why=_why(media),
    )


def _why(node: dict[str, Any]) -> str:
    for key in ("error_msg", "remark"):
        text = node.get(key)
        if isinstance(text, str) and text.strip():
            return text.strip()[:2000]
    return ""


def _word(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""
