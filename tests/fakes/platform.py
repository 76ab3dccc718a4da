"""A platform that remembers what it was made to show, and fails on request."""

import asyncio
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.errors import Gone, MediaError, Passing, Reason
from bot.message import (
    Action,
    Address,
    Attachment,
    Incoming,
    Kind,
    Media,
    MessageRef,
    Outgoing,
    Person,
    Pressed,
    Reply,
)
from bot.ports import Check, Inbox, Traits
from tests.fakes.time import VirtualClock


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one send or edit: first the delay, then the effect or not, then the error."""

    error: Exception | None = None
    #: True: the message is shown all the same; only the answer is lost.
    shown: bool = False
    #: Seconds before anything happens, and between the effect and the answer.
    before: float = 0.0
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that people saw happen."""

    at: float
    what: Literal["send", "edit"]
    ref: MessageRef
    message: Outgoing
    key: str = ""
    #: Where a new message went.
    to: Address | None = None


class FakePlatform:
    """`bot.ports.Platform` in memory. Kept over a "restart", it knows the keys it has seen."""

    def __init__(self, name: str = "fake", traits: Traits | None = None) -> None:
        self.name = name
        self.traits = traits or Traits()
        self.inbox: Inbox | None = None
        #: All that was shown, in order.
        self.transcript: list[Entry] = []
        #: Every call as it came, shown or not: (call, key or message id).
        self.calls: list[tuple[str, str]] = []
        #: What stands in the chats now, by message id.
        self.standing: dict[str, Outgoing] = {}
        #: Pictures that people have sent, by attachment id.
        self.pictures: dict[str, Media] = {}
        #: Messages of which an edit was refused for good.
        self.refused: set[str] = set()
        self.forgotten: list[Person] = []
        self._keys: dict[str, MessageRef] = {}
        self._faults: dict[Kind | None, deque[Fault]] = {}
        self._clock = VirtualClock()
        self._count = 0

    # Script --------------------------------------------------------------------------------------------

    def fail(self, *faults: Fault, kind: Kind | None = None) -> None:
        """What happens to the next calls, one each; `kind`: only to calls with messages of this kind."""
        self._faults.setdefault(kind, deque()).extend(faults)

    def heal(self) -> None:
        """No faults any more."""
        self._faults.clear()

    def person(self, name: str = "ada") -> Person:
        """Somebody."""
        return Person(self.name, "", name)

    def incoming(self, text: str, *, who: str = "ada", chat: str = "", id_: str = "") -> Incoming:
        """A message; by itself everybody has a chat of their own."""
        self._count += 1
        identity = id_ or f"in-{self._count}"
        place = Address(self.name, chat or f"chat-{who}", reply_to=identity)
        return Incoming(identity, self.person(who), place, text, self._clock.now())

    async def say(self, text: str, *, who: str = "ada", chat: str = "", id_: str = "") -> Incoming:
        """Somebody writes; returns when the bot has recorded it."""
        return await self.deliver(self.incoming(text, who=who, chat=chat, id_=id_))

    async def deliver(self, message: Incoming) -> Incoming:
        """Hand a message over, perhaps once more."""
        if self.inbox is None:
            raise RuntimeError("nobody listens")
        await self.inbox.message(message)
        return message

    def press(self, action: Action, *, who: str = "", chat: str = "", text: str = "") -> Reply:
        """Somebody presses a button; by itself its owner does."""
        if self.inbox is None:
            raise RuntimeError("nobody listens")
        self._count += 1
        name = who or action.owner
        place = Address(self.name, chat or f"chat-{name}")
        pressed = Pressed(
            id=f"press-{self._count}",
            press=action.press,
            person=self.person(name),
            address=place,
            job=action.job,
            owner=action.owner,
            language=action.language,
            value=action.value,
            text=text,
            sent_at=self._clock.now(),
        )
        return self.inbox.press(pressed)

    # What was seen -------------------------------------------------------------------------------------

    def sent(self, job: str = "", kind: Kind | None = None) -> list[Entry]:
        """New messages, in order: those of a job, of a kind."""
        return [
            entry
            for entry in self.transcript
            if entry.what == "send"
            and (not job or entry.message.job == job)
            and (kind is None or entry.message.kind is kind)
        ]

    def kinds(self, job: str = "") -> list[Kind]:
        """The kinds of the new messages, in order."""
        return [entry.message.kind for entry in self.sent(job)]

    def jobs(self) -> list[str]:
        """Every job that anything was shown of, in order."""
        return list(dict.fromkeys(entry.message.job for entry in self.transcript if entry.message.job))

    def last(self, kind: Kind | None = None) -> Outgoing:
        """The newest message (of a kind) as it stands now."""
        return self.standing[self.sent(kind=kind)[-1].ref.id]

    # bot.ports.Platform --------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        return self.inbox is not None

    async def run(self, inbox: Inbox) -> None:
        self.inbox = inbox
        try:
            await asyncio.Event().wait()
        finally:
            if self.inbox is inbox:
                self.inbox = None

    async def close(self) -> None:
        pass

    async def send(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        self.calls.append(("send", key))
        fault = await self._trouble(message)
        if fault.error is None or fault.shown:
            ref = self._show(to, message, key)
            await self._answered(fault)
            return ref
        raise fault.error

    async def edit(self, ref: MessageRef, message: Outgoing) -> None:
        self.calls.append(("edit", ref.id))
        fault = await self._trouble(message)
        if fault.error is not None and not fault.shown:
            if not isinstance(fault.error, Passing):
                self.refused.add(ref.id)
            raise fault.error
        if ref.id not in self.standing:
            raise Gone("no such message")
        if self.standing[ref.id] != message:
            self.standing[ref.id] = message
            self.transcript.append(Entry(self._clock.now(), "edit", ref, message))
        await self._answered(fault)

    async def fetch(self, attachment: Attachment) -> Media:
        await asyncio.sleep(0)
        if attachment.id not in self.pictures:
            raise MediaError(Reason.INPUT_GONE, attachment.id)
        return self.pictures[attachment.id]

    async def forget(self, person: Person) -> None:
        self.forgotten.append(person)

    async def prune(self, before: float) -> None:
        pass

    async def check(self) -> tuple[Check, ...]:
        return (Check(True, f"{self.name} platform"),)

    async def _trouble(self, message: Outgoing) -> Fault:
        waiting = self._faults.get(message.kind) or self._faults.get(None)
        fault = waiting.popleft() if waiting else Fault()
        await asyncio.sleep(fault.before)
        return fault

    async def _answered(self, fault: Fault) -> None:
        await asyncio.sleep(fault.after)
        if fault.error is not None:
            raise fault.error

    def _show(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        if key in self._keys:
            return self._keys[key]
        ref = self._keys[key] = MessageRef(self.name, to.chat, f"m{len(self._keys) + 1}")
        self.standing[ref.id] = message
        self.transcript.append(Entry(self._clock.now(), "send", ref, message, key, to))
        return ref


def picture(name: str = "cat") -> Media:
    """A picture that stands nowhere."""
    return Media(Path(f"/nowhere/{name}.png"), "image/png", 1000, 64, 64)
