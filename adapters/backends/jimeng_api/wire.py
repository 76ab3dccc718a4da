"""How a plan is put on the wire, so that the prompt arrives as it was written. Pure but for open files."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO

from bot.message import Media

_CLOSING = re.compile(r",(?=\s*[\]}])")


def body_of(fields: Mapping[str, str | float | bool]) -> bytes:
    """The fields as JSON that survives the service's repair of bodies.

    That repair works on the raw text, strings included: it drops a comma before a closing bracket and
    turns uncommon spaces into plain ones. So everything beyond ASCII is escaped, and in strings such a
    comma too.
    """
    pairs = (f"{json.dumps(name)}:{_literal(value)}" for name, value in fields.items())
    return f"{{{','.join(pairs)}}}".encode("ascii")


def _literal(value: str | float | bool) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return _CLOSING.sub(r"\\u002c", text) if isinstance(value, str) else text


def form_of(fields: Mapping[str, str | float | bool]) -> dict[str, str]:
    """The fields as parts of a form, where everything is text."""
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else str(value)
        for name, value in fields.items()
    }


@contextmanager
def opened(pictures: Sequence[Media]) -> Iterator[list[tuple[str, tuple[str, IO[bytes], str]]]]:
    """The pictures as parts of a form, read from disk while they are sent."""
    with ExitStack() as stack:
        yield [
            (
                "images",
                (f"{place}{media.path.suffix}", stack.enter_context(media.path.open("rb")), media.type),
            )
            for place, media in enumerate(pictures)
        ]
