"""`inkling parse`: JSON Lines in, JSON Lines out, for measuring and for other programs."""

import json
from collections.abc import Iterable, Iterator

from bot.language.intent import Intent
from bot.language.understanding import understand

FIELDS = (
    "intent", "task", "model", "budget", "ratio", "size", "count", "duration", "preference", "unsupported",
    "language", "prompt",
)  # fmt: skip


def predict(lines: Iterable[str]) -> Iterator[str]:
    """One answer for every line that can be read; the others are left out."""
    for line in lines:
        row = _row(line)
        if row is not None:
            yield json.dumps(_answer(row), ensure_ascii=False)


def _row(line: str) -> dict[str, object] | None:
    try:
        row = json.loads(line.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and isinstance(row.get("text"), str) else None


def _answer(row: dict[str, object]) -> dict[str, object]:
    images = row.get("images")
    intent: Intent = understand(
        str(row["text"]),
        images=images if isinstance(images, int) and images > 0 else 0,
        reply_to_result=row.get("reply_to_result") is True,
        awaiting_retry=row.get("awaiting_retry") is True,
        mentioned=row.get("mentioned", True) is not False,
    )
    return {"id": row.get("id"), **{name: getattr(intent, name) for name in FIELDS}}
