"""The outbox: one lane per chat (and per interaction), in which messages wait to be shown.

A lane keeps the order of each job's messages; acknowledgements and ends overtake progress; a newer
progress replaces an unsent older one; the platform's pace is kept; what fails for a passing reason is sent
again with the same key. What must be said at last is decided elsewhere: the outbox never gives up on a
message unless the platform says that it cannot be shown, and gives up on progress at the first trouble.
A platform that breaks in a way that nobody foresaw breaks over one message alone: its lane goes on.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.errors import Passing, PlatformError, Unshowable
from bot.message import Address, Kind, MessageRef, Outgoing
from bot.metrics import Metrics
from bot.ports import Clock, Platform

log = logging.getLogger(__name__)

#: Seconds before the second try of a message; doubled from try to try up to the longest.
FIRST_RETRY = 0.5
LONGEST_RETRY = 60.0
#: What a platform may ask for at most.
LONGEST_ASKED = 300.0
#: How often a message is tried at which the platform breaks.
TRIES_IF_BROKEN = 3


@dataclass(slots=True, eq=False)
class Parcel:
    """One message on its way: a new one to an address, or a new look for one that stands already."""

    to: Address
    message: Outgoing
    #: Idempotency key of a new message; empty for an edit.
    key: str = ""
    #: What is edited.
    ref: MessageRef | None = None
    #: Progress may be dropped and replaced; everything else may not.
    progress: bool = False
    #: Called just before its first try, with the monotonic time.
    on_start: Callable[[float], None] | None = None
    #: Resolved with the message's ref, with None where it was dropped, or with why it is not shown.
    done: asyncio.Future[MessageRef | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    tries: int = 0
    not_before: float = 0.0

    @property
    def edits(self) -> bool:
        """Whether it changes a message that stands already."""
        return self.ref is not None


class Outbox:
    """All lanes."""

    def __init__(self, platforms: Mapping[str, Platform], clock: Clock, metrics: Metrics) -> None:
        self._platforms = platforms
        self.clock = clock
        self.metrics = metrics
        self._lanes: dict[tuple[str, str, str], _Lane] = {}
        self._closed = False

    @property
    def depth(self) -> int:
        """Messages waiting, in all lanes."""
        return sum(len(lane.parcels) for lane in self._lanes.values())

    def knows(self, platform: str) -> bool:
        """Whether it is configured."""
        return platform in self._platforms

    def edits(self, platform: str) -> bool:
        """Whether messages can be changed there."""
        return self._platforms[platform].traits.edits

    def put(self, parcel: Parcel) -> "asyncio.Future[MessageRef | None]":
        """Hand a message over. The future tells what became of it; nobody has to wait for it."""
        if self._closed:
            parcel.done.cancel()
            return parcel.done
        # The answer to an interaction has a deadline, and does not count towards the chat's pace.
        answers = parcel.message.kind in (Kind.ACK, Kind.TEXT) and not parcel.edits
        chat = (parcel.to.platform, parcel.to.chat, parcel.to.token if answers else "")
        lane = self._lanes.get(chat)
        if lane is None:
            lane = self._lanes[chat] = _Lane(self._platforms[parcel.to.platform], self.clock, self.metrics)
            self._work(chat, lane)
        lane.put(parcel)
        return parcel.done

    def _work(self, chat: tuple[str, str, str], lane: "_Lane") -> None:
        lane.task = asyncio.create_task(lane.work(), name=f"lane {chat[0]}")
        lane.task.add_done_callback(lambda task: self._stopped(chat, lane, task))

    def _stopped(self, chat: tuple[str, str, str], lane: "_Lane", task: "asyncio.Task[None]") -> None:
        """A lane is empty, or its platform broke: then it goes on after the message that it broke over."""
        if task.cancelled():
            lane.abandon()
        elif error := task.exception():
            log.error("%s: unforeseen trouble with a message", chat[0], exc_info=error)
            lane.broke()
        if lane.parcels:
            self._work(chat, lane)
        else:
            del self._lanes[chat]

    def drop_progress(self, to: Address, job: str) -> None:
        """Forget progress of a job that has not been sent yet: the job has moved on."""
        if lane := self._lanes.get((to.platform, to.chat, "")):
            lane.drop_progress(job)

    async def flush(self) -> None:
        """Return when every lane is empty."""
        while tasks := [lane.task for lane in self._lanes.values() if lane.task]:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Stop at once. What was not shown is owed by the ledger."""
        self._closed = True
        tasks = [lane.task for lane in self._lanes.values() if lane.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Lane:
    """The messages of one chat. Its task lives as long as there is something to send."""

    def __init__(self, platform: Platform, clock: Clock, metrics: Metrics) -> None:
        self.platform = platform
        self.clock = clock
        self.metrics = metrics
        self.parcels: list[Parcel] = []
        self.task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._free_at = 0.0
        #: What is on the wire: too late to drop it.
        self._sending: Parcel | None = None

    def put(self, parcel: Parcel) -> None:
        if parcel.progress:
            self.drop_progress(parcel.message.job)
        self.parcels.append(parcel)
        self.metrics.outbox.inc()
        self._news.set()

    def drop_progress(self, job: str) -> None:
        for parcel in [one for one in self.parcels if one.progress and one.message.job == job]:
            if parcel is not self._sending:
                self._finish(parcel, None)

    async def work(self) -> None:
        """Send until the lane is empty and its pace has passed."""
        while self.parcels or self.clock.monotonic() < self._free_at:
            self._news.clear()
            wait = self._free_at - self.clock.monotonic()
            if wait > 0:
                await self.clock.sleep(wait)
                continue
            parcel, wait = self._next()
            if parcel is not None:
                await self._send(parcel)
            elif self.parcels:
                await self._pause(wait)

    def broke(self) -> None:
        """The platform broke over the message on the wire: once more with its key, or it cannot be shown."""
        parcel, self._sending = self._sending, None
        if parcel is not None:
            again = parcel.tries < TRIES_IF_BROKEN
            self._failed(parcel, Passing("it broke") if again else Unshowable("it keeps breaking"))

    def abandon(self) -> None:
        """Nothing is sent any more; whoever waits is told so."""
        self.metrics.outbox.dec(len(self.parcels))
        for parcel in self.parcels:
            parcel.done.cancel()
        self.parcels.clear()

    def _next(self) -> tuple[Parcel | None, float]:
        """What to send now, or how long until something may be sent.

        First come, first served, save that progress stands behind everything else; and nothing of a job is
        sent while an earlier message of the same job waits for its next try.
        """
        now = self.clock.monotonic()
        blocked: set[str] = set()
        soonest = LONGEST_RETRY
        for parcel in sorted(self.parcels, key=lambda one: one.progress):
            job = parcel.message.job
            if job and job in blocked:
                continue
            if parcel.not_before <= now:
                return parcel, 0.0
            blocked.add(job)
            soonest = min(soonest, parcel.not_before - now)
        return None, soonest

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until there is something new."""
        sleep = asyncio.ensure_future(self.clock.sleep(seconds))
        news = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait((sleep, news), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            news.cancel()

    async def _send(self, parcel: Parcel) -> None:
        call = "edit" if parcel.edits else "send"
        if parcel.on_start is not None and parcel.tries == 0:
            parcel.on_start(self.clock.monotonic())
        parcel.tries += 1
        self._sending = parcel
        try:
            if parcel.ref is not None:
                await self.platform.edit(parcel.ref, parcel.message)
                ref = parcel.ref
            else:
                ref = await self.platform.send(parcel.to, parcel.message, parcel.key)
        except PlatformError as error:
            self._count(call, type(error).__name__.lower())
            self._failed(parcel, error)
        else:
            self._count(call, "ok")
            self._finish(parcel, ref)
        self._sending = None
        traits = self.platform.traits
        self._free_at = max(
            self._free_at, self.clock.monotonic() + (traits.edit_pace if parcel.edits else traits.send_pace)
        )

    def _failed(self, parcel: Parcel, error: PlatformError) -> None:
        if isinstance(error, Passing) and not parcel.progress:
            wait = min(LONGEST_RETRY, FIRST_RETRY * 2 ** (parcel.tries - 1))
            parcel.not_before = self.clock.monotonic() + wait
        else:
            level = logging.DEBUG if parcel.progress else logging.WARNING
            log.log(
                level, "%s: a %s message is not shown: %s", self.platform.name, parcel.message.kind, error
            )
            self._finish(parcel, None, error)
        if error.retry_after:
            # The platform asks the whole chat to wait, not only this message.
            self._free_at = self.clock.monotonic() + _asked(error)

    def _finish(self, parcel: Parcel, ref: MessageRef | None, error: PlatformError | None = None) -> None:
        if parcel in self.parcels:
            self.parcels.remove(parcel)
            self.metrics.outbox.dec()
        if parcel.done.done():
            return
        if error is not None:
            parcel.done.set_exception(error)
            parcel.done.exception()  # nobody has to look
        else:
            parcel.done.set_result(ref)

    def _count(self, call: str, result: str) -> None:
        self.metrics.sends.labels(self.platform.name, call, result).inc()


def _asked(error: PlatformError) -> float:
    """Seconds that a platform asks for, within reason."""
    return min(LONGEST_ASKED, max(0.0, error.retry_after))
