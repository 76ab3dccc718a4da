"""All living jobs: takes them on, resumes them after a restart, calls them off, drains.

What happens to one job on its way is in `line`; who goes next is in `queue`.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine, Mapping
from typing import Any

from bot.errors import Reason
from bot.job import Job, Outcome, State
from bot.ledger import Ledger
from bot.ledger.insist import insist
from bot.message import MessageRef
from bot.notifier import Notifier
from bot.offers import Offers
from bot.ports import Platform
from bot.runner.limits import Limits
from bot.runner.line import Line

log = logging.getLogger(__name__)

#: Seconds a job waits for its acknowledgement to be shown before it goes on.
ACKNOWLEDGE_WITHIN = 2.0
#: Seconds between two looks at who waits where.
PLACES_EVERY = 2.0
#: How often a job's steps may go wrong in a way that nobody foresaw before it ends.
TROUBLES = 3

Acknowledged = asyncio.Future[MessageRef | None]


class Runner:
    """One task per living job."""

    def __init__(
        self,
        ledger: Ledger,
        notifier: Notifier,
        offers: Offers,
        platforms: Mapping[str, Platform],
        limits: Limits,
    ) -> None:
        self._line = Line(ledger, notifier, offers, platforms, limits)
        self._ledger = ledger
        self._notifier = notifier
        self._limits = limits
        self._platforms = platforms
        self._clock = notifier.clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._people: Counter[str] = Counter()
        self._places: asyncio.Task[None] | None = None
        self._draining = False

    @property
    def living(self) -> int:
        """Jobs under way in this process."""
        return len(self._tasks)

    @property
    def queued_per_person(self) -> int:
        """How many jobs of one person may wait."""
        return self._limits.queued_per_person

    def has_room(self, person: str) -> bool:
        """Whether a person may have one more job waiting."""
        return self._people[person] < self._limits.running_per_person + self._limits.queued_per_person

    def ahead(self, job_id: str) -> int:
        """How many jobs are before a waiting one; 0 where it is next or does not wait."""
        turn = self._line.turns.get(job_id)
        return self._line.queue.ahead(turn) if turn else 0

    def review(self) -> None:
        """The offers have changed."""
        self._line.review()

    def add(self, job: Job, acknowledged: Acknowledged | None = None) -> None:
        """Take a recorded job on."""
        self._people[job.person.key] += 1
        self._spawn(job.id, self._live(job, acknowledged)).add_done_callback(lambda _: self._over(job))
        if self._places is None or self._places.done():
            self._places = asyncio.create_task(self._keep_places())

    def _over(self, job: Job) -> None:
        self._people[job.person.key] -= 1
        if not self._people[job.person.key]:
            del self._people[job.person.key]
        self._line.forget(job)

    async def resume(self) -> int:
        """Take up every job that the last process left; returns how many."""
        jobs = [job for job in await self._ledger.unfinished() if self._is_at_home(job)]
        for job in jobs:
            if job.state in (State.SUBMITTING, State.RUNNING):
                self._line.queue.occupy(job)
        for job in jobs:
            await self._notifier.restore(job)
            self.add(await self._not_too_old(job))
        return len(jobs)

    async def _not_too_old(self, job: Job) -> Job:
        """Nobody waits for ever: what had not begun and is old by now is told instead."""
        waited = job.state in (State.ACCEPTED, State.QUEUED)
        if not waited or self._clock.now() - job.created_at <= self._limits.resume_within:
            return job
        return await self._line.finish(job, Outcome.INTERRUPTED, reason=Reason.INTERRUPTED) or job

    def _is_at_home(self, job: Job) -> bool:
        """A job of a platform that is switched off waits until it is switched on again."""
        if job.address.platform in self._platforms:
            return True
        log.warning("job %s waits: %s is not configured", job.id, job.address.platform)
        return False

    def called_off(self, job_id: str) -> None:
        """A wish to call a job off is committed: tell the person at once, unless it came too late."""
        self._spawn(f"{job_id} called off", self._tell_called_off(job_id))

    async def _tell_called_off(self, job_id: str) -> None:
        now = await insist(lambda: self._ledger.get(job_id), self._clock)
        if now is None or now.state is not State.DELIVERING or now.outcome is not Outcome.CANCELLED:
            return
        line = self._tasks.get(job_id)
        if line is not None and not self._line.queue.holds_slot(job_id):
            line.cancel()  # Its order was never sent. One that may have been is seen through, quietly.
        await self._live(now)

    async def drain(self, seconds: float) -> None:
        """No new moves: what is on the wire is waited for, the rest is left to the next start."""
        self._draining = True
        for task in set(self._tasks.values()) - self._line.busy:
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=seconds)
        await self.stop()

    async def stop(self) -> None:
        """Stop at once."""
        self._draining = True
        tasks = [*self._tasks.values(), *([self._places] if self._places else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._tasks[name] = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._tasks.pop(name, None))
        task.add_done_callback(self._line.busy.discard)
        return task

    async def _live(self, job: Job, acknowledged: Acknowledged | None = None) -> None:
        """A job, step by step, until there is none left."""
        if acknowledged is not None:
            await asyncio.wait((acknowledged,), timeout=ACKNOWLEDGE_WITHIN)
        now: Job | None = job
        troubles = 0
        while now is not None and now.state is not State.ENDED and not self._draining:
            try:
                now = await self._line.step(now)
            except Exception:
                # One job's mishap stays one job's mishap.
                log.exception("job %s: unforeseen trouble", job.id)
                troubles += 1
                now = await self._line.recover(job, hopeless=troubles >= TROUBLES)

    async def _keep_places(self) -> None:
        """Tell those who wait how many are before them, whenever that has changed."""
        told: dict[str, int] = {}
        while self._tasks and not self._draining:
            await self._clock.sleep(PLACES_EVERY)
            places = {turn.job.id: (turn, place) for place, turn in enumerate(self._line.queue.waiting())}
            for job_id, (turn, ahead) in places.items():
                if told.setdefault(job_id, ahead) != ahead:
                    told[job_id] = ahead
                    self._notifier.queued(turn.job, ahead)
            told = {job_id: ahead for job_id, ahead in told.items() if job_id in places}
