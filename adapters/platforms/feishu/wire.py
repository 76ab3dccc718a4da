"""Reading JSON from the wire without trusting its shape. What the fields mean is known elsewhere."""

import json
import math
from typing import Any

Json = dict[str, Any]


def load(raw: bytes | str) -> Json:
    """The object in `raw`; empty where there is none."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def dig(value: Any, *path: str) -> Any:
    """What stands at the end of the path, or None."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def text(value: Any, *path: str) -> str:
    """The string at the end of the path (numbers become strings), or an empty one."""
    found = dig(value, *path)
    if isinstance(found, str):
        return found
    return str(found) if isinstance(found, int | float) and not isinstance(found, bool) else ""


def number(value: Any, *path: str) -> float:
    """The finite number at the end of the path, also where it came as a string; else 0."""
    try:
        found = float(text(value, *path))
    except ValueError:
        return 0.0
    return found if math.isfinite(found) else 0.0


def objects(value: Any, *path: str) -> list[Json]:
    """The objects in the list at the end of the path."""
    found = dig(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
