"""What stands in `Address.token` and `MessageRef.id` on Discord: strings that survive a restart. Pure."""

from dataclasses import dataclass

PLATFORM = "discord"

#: Milliseconds since the Unix epoch at which Discord's ids begin.
_EPOCH_MS = 1_420_070_400_000


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who is answered, and by which means."""

    #: The person's id.
    user: int = 0
    #: The interaction to answer through, and its token; 0 and empty for a message.
    interaction: int = 0
    secret: str = ""
    #: The interaction's first answer is owed: the acknowledgement becomes it.
    owed: bool = False
    #: Answers are shown to this person alone.
    quiet: bool = False
    #: The bot has no rights of its own here: everything goes through the interaction.
    guest: bool = False
    #: A direct chat: nobody has to be called by name.
    direct: bool = False

    def __str__(self) -> str:
        marks = (("o", self.owed), ("q", self.quiet), ("g", self.guest), ("d", self.direct))
        flags = "".join(mark for mark, on in marks if on)
        return f"{self.user}:{self.interaction}:{flags}:{self.secret}"

    @classmethod
    def read(cls, text: str) -> "Ticket":
        """The ticket in an address; an empty one where there is none."""
        parts = text.split(":", 3)
        if len(parts) != 4 or not parts[0].isdecimal() or not parts[1].isdecimal():
            return cls()
        user, interaction, flags, secret = parts
        return cls(int(user), int(interaction), secret, *(mark in flags for mark in "oqgd"))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a message stands: its id, and the interaction's token where nothing else reaches it."""

    message: int
    secret: str = ""

    def __str__(self) -> str:
        return f"{self.message}/{self.secret}" if self.secret else str(self.message)

    @classmethod
    def read(cls, text: str) -> "Spot":
        """The spot in a ref; message 0 where it names none."""
        number, _, secret = text.partition("/")
        return cls(int(number), secret) if number.isdecimal() else cls(0)


def created_at(snowflake: int) -> float:
    """Unix seconds at which an id was made."""
    return ((snowflake >> 22) + _EPOCH_MS) / 1000


def number(text: str) -> int:
    """An id in digits; 0 where it is none."""
    return int(text) if text.isdecimal() else 0
