"""A memory that cannot grow: what is oldest is forgotten. What is kept in it is known elsewhere."""

from collections import OrderedDict
from typing import TypeVar

#: How many are remembered where nobody says it.
REMEMBERED = 10_000

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(OrderedDict[Key, Value]):
    """A dictionary of the latest so many; what is set again is new again."""

    def __init__(self, most: int = REMEMBERED) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)
