"""Keeps track of what a person has been shown of a job, and puts the next message in the outbox.

What a message says is in `words`; which event comes when is decided in `runner`.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Literal

from bot.background import Background
from bot.errors import DatabaseError, Passing, PlatformError, Unshowable
from bot.job import Job, idempotency_key
from bot.ledger import Ledger, Shown
from bot.ledger.insist import insist
from bot.message import Address, Kind, MessageRef, Outgoing, Pick
from bot.notifier.words import Words
from bot.offers import Offers
from bot.outbox import Outbox, Parcel
from bot.progress import percent

log = logging.getLogger(__name__)

Sending = asyncio.Future[MessageRef | None]


@dataclass(slots=True)
class Trail:
    """What the person has been shown of one job."""

    start: Sending | None = None
    progress: Sending | None = None
    #: Highest percent that was ever on its way; -1: none.
    percent: int = -1
    #: A progress message may stand there with nobody having noted where.
    doubtful: bool = False
    #: How many progress messages were sent anew.
    pushes: int = 0
    #: The end is on its way: no progress any more.
    over: bool = False


class Notifier:
    """One `Trail` per living job."""

    def __init__(
        self,
        words: Words,
        outbox: Outbox,
        ledger: Ledger,
        offers: Offers,
        style: Literal["edit", "push"] = "edit",
    ) -> None:
        self.words = words
        self._outbox = outbox
        self.clock = outbox.clock
        self.metrics = outbox.metrics
        self._ledger = ledger
        self._offers = offers
        self._style = style
        self._trails: dict[str, Trail] = {}
        self._background = Background("notifier")

    # Answers that are no part of a job's line ----------------------------------------------------------

    async def answer(self, to: Address, message: Outgoing, key: str) -> None:
        """Show an answer that the ledger owes, and strike it off."""
        await self._insist(to, message, key)
        await insist(lambda: self._ledger.paid(key), self.clock)

    def mention(self, to: Address, message: Outgoing) -> None:
        """Show something that is not worth remembering."""
        self._outbox.put(Parcel(to, message, idempotency_key(repr(to), repr(self.clock.now()))))

    async def answer_owed(self) -> None:
        """Show what was still owed when the process ended the last time."""
        for key, to, message in await self._ledger.owed():
            if self._outbox.knows(to.platform):
                self._background.spawn(self.answer(to, message, key))

    # A job's line --------------------------------------------------------------------------------------

    async def restore(self, job: Job) -> None:
        """Learn from the ledger what was shown of a job before a restart."""
        shown = await self._ledger.shown(job.id)
        trail = self._trail(job)
        if step := shown.get("start"):
            trail.start = _resolved(step.ref)
        if step := shown.get("progress"):
            trail.percent = step.percent
            trail.progress = _resolved(step.ref) if step.ref else None
            trail.doubtful = step.ref is None
        trail.pushes = sum(name.startswith("progress:") for name in shown)
        if trail.start is None and job.submitted_at:
            # It was on its way when the process died: the same key tells where it stands, or shows it now.
            self._send_start(job, self.words.start(job, None, self.clock.now()))

    def acknowledge(self, job: Job, message: Outgoing, arrived: float) -> Sending:
        """Step 1. `arrived`: when the person's message came, by the monotonic clock."""
        shown = self._outbox.put(Parcel(job.address, message, job.key("ack")))
        late = self.metrics.acknowledgement.labels(job.address.platform)
        shown.add_done_callback(lambda _: late.observe(self.clock.monotonic() - arrived))
        return shown

    def queued(self, job: Job, ahead: int, *, paused: bool = False) -> None:
        """Step 2 for a job that has to wait; called again, its place is updated in place."""
        message = self.words.start(job, ahead, self.clock.now(), paused=paused)
        trail = self._trail(job)
        if trail.start is None:
            self._send_start(job, message)
        elif (ref := _ref(trail.start)) and self._edits(job):
            self._outbox.put(Parcel(job.address, message, ref=ref, progress=True))

    def started(self, job: Job) -> None:
        """Step 2: the job begins now."""
        message = self.words.start(job, None, self.clock.now())
        trail = self._trail(job)
        if trail.start is None:
            self._send_start(job, message)
        elif self._edits(job):
            self._outbox.drop_progress(job.address, job.id)  # its place in the queue is out of date now
            self._background.spawn(self._edit_when_shown(job, trail.start, message))

    def _send_start(self, job: Job, message: Outgoing) -> None:
        trail = self._trail(job)
        trail.start = self._outbox.put(Parcel(job.address, message, job.key("start")))
        self._background.spawn(self._note(job, "start", trail.start))

    async def progress(self, job: Job, elapsed: float, due: float) -> None:
        """Step 3, due at `due` by the monotonic clock.

        Returns as soon as the percent is recorded; nobody waits for the message itself.
        """
        trail = self._trails.get(job.id)
        if trail is None or trail.over:
            return
        if trail.progress is not None and not trail.progress.done():
            self._outbox.drop_progress(job.address, job.id)
            if not trail.progress.done():
                return  # one is on the wire at this moment: this one would only be late
        trail.doubtful |= _lost(trail.progress)
        trail.percent = max(trail.percent, percent(elapsed, job.expected[1]))
        try:
            await self._ledger.show(job.id, Shown("progress", None, trail.percent))
        except DatabaseError as error:
            log.warning("job %s: a progress message is left out: %s", job.id, error)
            return
        if trail.over:
            return
        message = self.words.progress(job, trail.percent, elapsed)
        parcel = Parcel(job.address, message, progress=True)
        parcel.on_start = lambda now: self.metrics.progress_late.observe(max(0.0, now - due))
        parcel.ref = _ref(trail.progress)
        if parcel.ref is None or not self._edits(job):
            self._push(job, trail, parcel)
        else:
            self._outbox.put(parcel)

    def _push(self, job: Job, trail: Trail, parcel: Parcel) -> None:
        step = "progress"
        if not self._edits(job):
            parcel.ref = None
            step = f"progress:{trail.pushes}"
            trail.pushes += 1
        parcel.key = job.key(step)
        trail.progress = self._outbox.put(parcel)
        self._background.spawn(self._note(job, step, trail.progress))

    async def ended(self, job: Job) -> None:
        """Steps 4 and 5: the one end. Returns when it was shown and nothing stands half-way any more."""
        trail = self._trail(job)
        trail.over = True
        self._outbox.drop_progress(job.address, job.id)
        shown = await self._ledger.shown(job.id)
        if "end" not in shown:
            message = self.words.end(job, self._offers.instead(job.request.task))
            if not job.proposal and (proposal := _proposal(job, message)):
                await self._ledger.amend(job, proposal=str(proposal))
            ref = await self._insist(job.address, message, job.key("end"))
            if ref is not None:
                await self._ledger.show(job.id, Shown("end", ref))
        await self._settle(job, trail)
        self._trails.pop(job.id, None)

    async def _insist(self, to: Address, message: Outgoing, key: str) -> MessageRef | None:
        """Show it, in plain words if the platform refuses it as it is; None where it cannot be shown."""
        try:
            return await self._outbox.put(Parcel(to, message, key))
        except Unshowable as error:
            log.warning("a message is shown in plain words, as %s refused it: %s", to.platform, error)
        except PlatformError as error:
            log.warning("there is no place left on %s for a message: %s", to.platform, error)
            return None
        plain = Outgoing(message.kind, message.language, message.headline, message.job, message.lines)
        try:
            return await self._outbox.put(Parcel(to, plain, idempotency_key(key, "plain")))
        except PlatformError as error:
            log.warning("nor can it be shown in plain words: %s", error)
            return None

    async def _settle(self, job: Job, trail: Trail) -> None:
        """Leave no message standing half-way: progress becomes one quiet line, the start loses its button."""
        if not self._edits(job):
            return
        ref = await _quietly(trail.progress) if trail.progress else None
        if ref is None and (trail.doubtful or _lost(trail.progress)):
            # Its answer was lost, or the process died over it: the same key tells where it stands.
            parcel = Parcel(job.address, self.words.settled(job), job.key("progress"))
            ref = await _quietly(self._outbox.put(parcel))
        waits = []
        if ref is not None:
            waits.append(self._outbox.put(Parcel(job.address, self.words.settled(job), ref=ref)))
        if trail.start and (ref := await _quietly(trail.start)):
            begun = self.words.begun(job, self.clock.now())
            waits.append(self._outbox.put(Parcel(job.address, begun, ref=ref)))
        for wait in waits:
            await _quietly(wait)

    # Small things --------------------------------------------------------------------------------------

    def _trail(self, job: Job) -> Trail:
        return self._trails.setdefault(job.id, Trail())

    def _edits(self, job: Job) -> bool:
        return self._style == "edit" and self._outbox.edits(job.address.platform)

    async def _edit_when_shown(self, job: Job, shown: Sending, message: Outgoing) -> None:
        ref, trail = await _quietly(shown), self._trails.get(job.id)
        if ref is not None and trail is not None and not trail.over:
            await _quietly(self._outbox.put(Parcel(job.address, message, ref=ref)))

    async def _note(self, job: Job, step: str, shown: Sending) -> None:
        if ref := await _quietly(shown):
            try:
                await self._ledger.show(job.id, Shown(step, ref))
            except DatabaseError as error:
                log.warning("job %s: where its %s stands is not noted: %s", job.id, step, error)

    async def close(self) -> None:
        """Stop at once; what was not shown is owed by the ledger."""
        await self._background.close()


def _proposal(job: Job, message: Outgoing) -> Pick | None:
    """What a plain "yes" to the end of a job takes: the first of its buttons, at the price that it shows."""
    if message.kind is not Kind.FAILURE:
        return None
    first = (action.value for action in message.actions if action.primary)
    return next((Pick.read(value) if value else Pick(job.model, job.price) for value in first), None)


def _resolved(ref: MessageRef | None) -> Sending:
    future: Sending = asyncio.get_running_loop().create_future()
    future.set_result(ref)
    return future


def _ref(sending: Sending | None) -> MessageRef | None:
    """Where a message stands, if it is known by now."""
    if sending is None or not sending.done() or sending.cancelled() or sending.exception():
        return None
    return sending.result()


def _lost(sending: Sending | None) -> bool:
    """Whether a message may have been shown although it failed: only its answer was lost."""
    if sending is None or not sending.done() or sending.cancelled():
        return False
    return isinstance(sending.exception(), Passing)


async def _quietly(sending: Sending) -> MessageRef | None:
    """Where a message stands, once it is known; None where it cannot be shown."""
    try:
        return await asyncio.shield(sending)
    except PlatformError:
        return None
