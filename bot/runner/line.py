"""The straight line of one job, step by step: accepted → queued → submitting → running → delivering → ended.

Every step takes a job in one state and makes the one move that leads on. It returns the job after it, or
None where the job has been called off meanwhile: then this line stops, and what to tell the person is
somebody else's. What is possible is `job.TRANSITIONS`; what is said is `notifier`; who keeps many lines
going at once is `runner`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.errors import (
    BackendError,
    Busy,
    GenerationFailed,
    MediaError,
    NotSent,
    OutcomeUnknown,
    Reason,
    Refused,
)
from bot.job import Event, Job, Outcome, State
from bot.ledger import Ledger
from bot.ledger.insist import insist
from bot.notifier import Notifier
from bot.offers import Offers, Serving
from bot.ports import Finished, Order, Pending, Platform, Ticket
from bot.runner.limits import LONGEST_ASKED, LONGEST_WAIT, PASSING, Limits
from bot.runner.queue import Queue, Turn
from bot.runner.takers import Takers, Tries
from bot.runner.ticking import Ticking, ordered_at

log = logging.getLogger(__name__)


class Line:
    """The steps, and what they share."""

    def __init__(
        self,
        ledger: Ledger,
        notifier: Notifier,
        offers: Offers,
        platforms: Mapping[str, Platform],
        limits: Limits,
    ) -> None:
        self._takers = Takers(offers)
        self.queue = Queue(limits.running_per_person, self._takers.room)
        #: Where each job stands in the queue, or stood when its turn came.
        self.turns: dict[str, Turn] = {}
        #: Tasks whose order or end is on the wire: a drain lets them finish that.
        self.busy: set[asyncio.Task[None] | None] = set()
        self._ledger = ledger
        self._notifier = notifier
        self._offers = offers
        self._platforms = platforms
        self._limits = limits
        self._clock = notifier.clock
        self._steps: dict[State, Callable[[Job], Awaitable[Job | None]]] = {
            State.ACCEPTED: lambda job: self._move(job, Event.ACKNOWLEDGED),
            State.QUEUED: self._wait_and_submit,
            State.SUBMITTING: self._look_up,
            State.RUNNING: self._watch,
            State.DELIVERING: self._deliver,
        }

    async def step(self, job: Job) -> Job | None:
        """The next step of a job."""
        return await self._steps[job.state](job)

    async def recover(self, job: Job, *, hopeless: bool) -> Job | None:
        """The job as the ledger has it, after a step went wrong in a way that nobody foresaw.

        Its step is taken once more: for an order on the wire that is a look-up, never a second order.
        `hopeless`: it ends instead; an end that cannot be told stays owed until the next start (None).
        """
        await self._clock.sleep(self._limits.first_retry)
        now = await insist(lambda: self._ledger.get(job.id), self._clock)
        if now is not None and now.state is State.QUEUED and (turn := self.turns.get(job.id)):
            self.queue.leave(turn)  # and stand in line anew
        if now is None or not hopeless:
            return now
        if not now.cancellable:
            return None
        if now.state is State.SUBMITTING:
            return await self.finish(now, Outcome.UNKNOWN, reason=Reason.UNKNOWN_OUTCOME)
        return await self.finish(now, Outcome.FAILED, reason=Reason.OTHER)

    def forget(self, job: Job) -> None:
        """A line is over."""
        self.queue.release(job.id)
        self.turns.pop(job.id, None)
        self._takers.tries.pop(job.id, None)

    async def finish(self, job: Job, outcome: Outcome, **changes: Any) -> Job | None:
        """The outcome is known, and the job's place is free for the next one."""
        now = self._clock.now()
        moved = await self._move(job, Event.FINISHED, outcome=outcome, finished_at=now, **changes)
        if moved is not None:
            self.queue.release(job.id)
        return moved

    async def _move(self, job: Job, event: Event, **changes: Any) -> Job | None:
        """Move a job; None if it has been called off."""
        return await insist(lambda: self._ledger.move(job, event, **changes), self._clock)

    async def _fail(self, job: Job, error: BackendError | MediaError) -> Job | None:
        log.info("job %s: %s (%s)", job.id, _logged(error, job), type(error).__name__)
        self._offers.refused(job.backend, error.reason)
        link = error.link if isinstance(error, BackendError) else ""
        return await self.finish(job, Outcome.FAILED, reason=error.reason, reason_link=link)

    # Queued --------------------------------------------------------------------------------------------

    async def _wait_and_submit(self, job: Job) -> Job | None:
        if tries := self._takers.tries.get(job.id):
            await self._clock.sleep(tries.again_at - self._clock.monotonic())
        if job.request.attachments:
            return await self._fetch(job)
        try:
            serving = await self._turn(job)
        except Refused as error:
            return await self._fail(job, error)
        self.busy.add(asyncio.current_task())
        name, now = serving.backend.name, self._clock.now()
        moved = await self._move(job, Event.SUBMIT, backend=name, submitted_at=now)
        if moved is None:
            return None
        self._notifier.started(moved)
        return await self._submit(moved, serving)

    async def _fetch(self, job: Job) -> Job | None:
        """Bring the person's pictures to disk: their links may not live long."""
        platform = self._platforms[job.person.platform]
        try:
            fetched = [await platform.fetch(attachment) for attachment in job.request.attachments]
        except MediaError as error:
            return await self._fail(job, error)
        request = replace(job.request, attachments=(), inputs=(*job.request.inputs, *fetched))
        return await insist(lambda: self._ledger.amend(job, request=request), self._clock)

    async def _turn(self, job: Job) -> Serving:
        """Wait for a place at a backend. Raises Refused where none will take the job."""
        self._takers.refuse_hopeless(job)
        turn = self.turns[job.id] = self.queue.join(job)
        if not turn.granted.done():
            self._notifier.queued(job, self.queue.ahead(turn))
        try:
            return await turn.granted
        except (asyncio.CancelledError, Refused):
            self.queue.leave(turn)
            raise

    def review(self) -> None:
        """The offers have changed: whoever waits for what nobody offers any more is told."""
        for turn in self.queue.waiting():
            try:
                self._takers.refuse_hopeless(turn.job)
            except Refused as error:
                if not turn.granted.done():
                    turn.granted.set_exception(error)
        self.queue.serve()

    # Submitting ----------------------------------------------------------------------------------------

    async def _submit(self, job: Job, serving: Serving) -> Job | None:
        """The one place where money is spent."""
        name = serving.backend.name
        async with self._ticking(job):
            try:
                # Shielded: a person or a drain that stops waiting must not tear an order in two.
                order = asyncio.ensure_future(serving.backend.submit(_order(job)))
                order.add_done_callback(lambda done: done.cancelled() or done.exception())
                ticket = await asyncio.shield(order)
            except (NotSent, Busy) as error:
                self._count(serving, "submit", "not taken")
                if error.reason is Reason.PRICE_ROSE:
                    await self._offers.reread(serving.backend)  # what is offered next is at the price of now
                else:
                    self._offers.failed(serving.backend)
                return await self._returned(job, error)
            except (Refused, GenerationFailed) as error:
                self._count(serving, "submit", "refused")
                return await self._fail(job, error)
            except OutcomeUnknown as error:
                self._count(serving, "submit", "unknown")
                self._offers.failed(serving.backend)
                log.warning("job %s: %s did not answer: %s", job.id, name, _logged(error, job))
                return job  # and its next step looks it up
            self._count(serving, "submit", "ok")
            self._offers.worked(serving.backend)
            return await self._ticket(job, ticket)

    async def _ticket(self, job: Job, ticket: Ticket) -> Job | None:
        became: dict[str, Any] = {}
        if ticket.price is not None and ticket.price != job.price:
            became["price"] = ticket.price
        if ticket.size and ticket.size != job.request.size:
            became["request"] = replace(job.request, size=ticket.size)
        moved = await self._move(job, Event.TICKET, ticket=ticket.data, **became)
        self.busy.discard(asyncio.current_task())
        if moved is None:
            await self._keep_late(replace(job, ticket=ticket.data))
        elif became:
            self._notifier.started(moved)
        return moved

    async def _returned(self, job: Job, error: BackendError) -> Job | None:
        """The order was not taken on: offer it again later, to another backend where there is one."""
        patience = self._limits.busy_patience if isinstance(error, Busy) else self._limits.network_patience
        now = self._clock.monotonic()
        tries = self._takers.tries.get(job.id) or Tries((), now, now)
        wait = _asked(error) or min(LONGEST_WAIT, self._limits.first_retry * 2 ** len(tries.asked))
        others = any(one.backend.name != job.backend for one in self._takers.able(job))
        hopeless = isinstance(error, NotSent) and error.reason not in PASSING and not others
        if hopeless or now - tries.since + wait > patience:
            return await self._fail(job, error)
        why = _logged(error, job)
        log.info("job %s: %s did not take it (%s); again in %.0f s", job.id, job.backend, why, wait)
        self._takers.tries[job.id] = Tries((*tries.asked, job.backend), tries.since, now + wait)
        moved = await self._move(job, Event.RETURNED, submitted_at=0.0)
        self.busy.discard(asyncio.current_task())
        if moved is not None:
            self.queue.release(job.id)
            self._notifier.queued(job, 0, paused=True)
        return moved

    async def _look_up(self, job: Job) -> Job | None:
        """The answer to an order is lost: look it up by our own reference, else say that nobody knows.

        A backend that can look it up is asked until it answers: what was paid for is never given up.
        """
        self.busy.discard(asyncio.current_task())
        backend = self._offers.backend(job.backend)
        async with self._ticking(job):
            wait = self._limits.first_retry
            while backend is not None:
                try:
                    ticket = await backend.find(_order(job))
                except NotSent as error:
                    return await self._returned(job, NotSent(Reason.NETWORK, error.detail))
                except Busy as error:
                    await self._clock.sleep(_asked(error) or wait)
                    wait = min(LONGEST_WAIT, wait * 2)
                    continue
                except BackendError as error:
                    log.warning("job %s: its order cannot be looked up: %s", job.id, _logged(error, job))
                    break
                if ticket is None:
                    break
                return await self._ticket(job, ticket)
            return await self.finish(job, Outcome.UNKNOWN, reason=Reason.UNKNOWN_OUTCOME)

    # Running -------------------------------------------------------------------------------------------

    async def _watch(self, job: Job) -> Job | None:
        async with self._ticking(job):
            try:
                finished = await self._result(job)
            except BackendError as error:
                return await self._fail(job, error)
        ended = await self.finish(job, Outcome.SUCCEEDED, results=finished.media)
        if ended is None:
            await self._keep(job, finished)
        return ended

    async def _keep_late(self, job: Job) -> None:
        """A job was called off while its order was on the wire: its result is kept, quietly."""
        try:
            finished = await self._result(job)
        except BackendError as error:
            log.info("job %s: called off, and nothing came of it: %s", job.id, _logged(error, job))
        else:
            await self._keep(job, finished)

    async def _keep(self, job: Job, finished: Finished) -> None:
        await insist(lambda: self._ledger.keep_late(job, finished.media), self._clock)

    async def _result(self, job: Job) -> Finished:
        """Poll until there is a result. Trouble in asking is waited out; raises when it will not come."""
        backend = self._offers.backend(job.backend)
        if backend is None:
            raise GenerationFailed(Reason.UNAVAILABLE, f"backend {job.backend} is not configured any more")
        model = self._notifier.words.catalog.get(job.model)
        every = float(model.poll) if model else 5.0
        began, wait = ordered_at(self._clock, job), 0.0
        while True:
            await self._clock.sleep(wait)
            answer: Pending | Finished = Pending()
            try:
                answer = await backend.poll(Ticket(job.ticket))
                wait = every
            except (NotSent, Busy) as error:
                wait = max(_asked(error), min(LONGEST_WAIT, max(every, wait * 2)))
                log.debug("job %s: %s cannot be asked: %s", job.id, backend.name, error)
            if isinstance(answer, Finished):
                return answer
            if self._clock.monotonic() - began > self._limits.patience:
                raise GenerationFailed(Reason.TIMEOUT, f"nothing after {self._limits.patience:.0f} s")

    def _ticking(self, job: Job) -> Ticking:
        model = self._notifier.words.catalog.get(job.model)
        return Ticking(self._notifier, self._clock, job, float(model.progress) if model else 25.0)

    # Delivering ----------------------------------------------------------------------------------------

    async def _deliver(self, job: Job) -> Job | None:
        """Tell the person how it came out: once, however often it takes."""
        self.busy.add(asyncio.current_task())
        await insist(lambda: self._notifier.ended(job), self._clock)
        moved = await self._move(job, Event.DELIVERED)
        if moved is not None and moved.outcome is not None:
            self._notifier.metrics.outcomes.labels(moved.outcome.value, moved.reason or "").inc()
        return moved

    def _count(self, serving: Serving, call: str, result: str) -> None:
        self._notifier.metrics.backend_calls.labels(serving.backend.name, call, result).inc()


def _logged(error: Exception, job: Job) -> str:
    """What went wrong, for the log: vendors like to repeat what they were asked to draw."""
    prompt = job.request.prompt
    return str(error).replace(prompt, "…") if prompt else str(error)


def _asked(error: BackendError) -> float:
    """Seconds that a backend asks for, within reason."""
    return min(LONGEST_ASKED, max(0.0, error.retry_after))


def _order(job: Job) -> Order:
    return Order(job.reference, job.model, job.request, job.price)
