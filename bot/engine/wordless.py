"""Pictures that came without a word: what is said next may be about them.

In memory only: after a restart the person is asked which picture is meant.
"""

from bot.message import Attachment, Incoming
from bot.recent import Recent

#: Seconds after which nobody speaks of such a picture any more.
SPOKEN_OF = 600.0


class Wordless:
    """By who sent them where. Times in seconds."""

    def __init__(self) -> None:
        self._kept: Recent[str, tuple[float, tuple[Attachment, ...]]] = Recent()

    def keep(self, incoming: Incoming, now: float) -> None:
        """These are the newest."""
        self._kept[_corner(incoming)] = (now, incoming.attachments)

    def before(self, incoming: Incoming, now: float) -> tuple[Attachment, ...]:
        """Those that came before a message, and not long ago."""
        at, pictures = self._kept.get(_corner(incoming), (0.0, ()))
        return pictures if now - at < SPOKEN_OF else ()

    def drop(self, incoming: Incoming) -> None:
        """Something was drawn: from now on "it" is that."""
        self._kept.pop(_corner(incoming), None)


def _corner(incoming: Incoming) -> str:
    return f"{incoming.person.key}\0{incoming.address.chat}\0{incoming.address.topic}"
