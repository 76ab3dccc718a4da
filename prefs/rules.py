"""When a model is remembered for a person, and when it is forgotten again. Pure.

Remembered: only what the person chose by name with a choosing word ("用 MJ", "always use MJ"), for the
kind of work it was said about. Never what was chosen automatically, tried once, or named in passing.
Forgotten: when the person leaves the choice to us ("用最好的", "你选一个", "recommend one").
Which words choose and which clear is decided where the text is understood; here they are `save`,
`clear` and `none`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Word = Literal["save", "clear", "none"]
Kind = Literal["image", "video"]


@dataclass(frozen=True, slots=True)
class Save:
    """From now on this model for this kind of work."""

    kind: Kind
    model: str


@dataclass(frozen=True, slots=True)
class Clear:
    """From now on no model of choice for this kind of work; None: for none at all."""

    kind: Kind | None


Change = Save | Clear


def kind_of(task: str) -> Kind:
    """The kind of work of a task such as `text_to_image`."""
    return "video" if task.endswith("video") else "image"


def change(word: Word, model: str | None, kind: Kind | None, current: Mapping[Kind, str]) -> Change | None:
    """What a message changes in what is remembered, or None where all stays as it is.

    `model`: what the person named, never what was chosen for them. `kind`: the kind of work the message
    is about; None where it tells no kind, which clears every kind and saves nothing (the caller knows
    what the named model can do, and says so by the kind).
    """
    if word == "save" and model and kind:
        return None if current.get(kind) == model else Save(kind, model)
    if word == "clear":
        concerned = kind in current if kind else bool(current)
        return Clear(kind) if concerned else None
    return None
