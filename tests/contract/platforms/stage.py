"""What the suite needs of a platform under test: somebody to talk, and eyes to see.

A platform comes in by a file of its own here, `<name>.py`, with
`stage(folder: Path) -> AbstractAsyncContextManager[Stage]`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Protocol

from PIL import Image

from bot.message import Action, Address, Incoming, Media, MessageRef, Pressed, Reply
from bot.ports import Platform


@dataclass(frozen=True, slots=True)
class Seen:
    """One message of the bot as a person sees it."""

    id: str
    text: str
    pictures: int
    buttons: tuple[str, ...]


@dataclass
class Listener:
    """An Inbox that only remembers."""

    messages: list[Incoming] = field(default_factory=list)
    presses: list[Pressed] = field(default_factory=list)
    reply: Reply = field(default_factory=lambda: Reply("noted"))

    async def message(self, message: Incoming) -> None:
        self.messages.append(message)

    def press(self, press: Pressed) -> Reply:
        self.presses.append(press)
        return self.reply


class Stage(Protocol):
    """A platform with a person in front of it. The platform is running."""

    platform: Platform
    listener: Listener
    #: The chat in which the person talks to the bot.
    address: Address

    def media(self, name: str) -> Path:
        """Where a result may lie that the platform is to show."""

    async def say(self, text: str, *, picture: bytes = b"", answering: MessageRef | None = None) -> None:
        """The person writes, with a picture if need be. Returns once the platform has taken it."""

    async def press(self, ref: MessageRef, action: Action) -> str:
        """The person presses the button of a message. What is shown at once."""

    async def seen(self) -> list[Seen]:
        """The bot's messages as they stand in the chat, oldest first."""

    async def restart(self) -> None:
        """A new process: another platform over what the old one left."""


def png(width: int = 64, height: int = 48) -> bytes:
    """A small picture."""
    file = BytesIO()
    Image.new("RGB", (width, height), (40, 60, 200)).save(file, "PNG")
    return file.getvalue()


def result(path: Path, width: int = 64, height: int = 48) -> Media:
    """A picture that a backend has made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(width, height))
    return Media(path, "image/png", path.stat().st_size, width, height)


async def until(condition: Callable[[], bool]) -> None:
    """Return as soon as it holds; fail after ten seconds, which a busy machine may need."""
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to pass")
