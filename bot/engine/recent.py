"""A memory that cannot grow: the newest few thousand, and the oldest is forgotten."""

from collections import OrderedDict
from typing import TypeVar

#: How many are remembered.
REMEMBERED = 10_000

Value = TypeVar("Value")


class Recent(OrderedDict[str, Value]):
    """A dictionary to which `note` adds."""

    def note(self, key: str, value: Value) -> None:
        """Remember it as the newest."""
        self[key] = value
        self.move_to_end(key)
        if len(self) > REMEMBERED:
            self.popitem(last=False)
