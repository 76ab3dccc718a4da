"""All living jobs: takes them on, resumes them after a restart, calls them off, drains.

What happens to one job on its way is in `line`; who goes next is in `queue`.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Mapping

from bot.errors import Reason
from bot.job import CANCELLABLE, Event, Job, Outcome, State
from bot.ledger import Ledger
from bot.message import MessageRef
from bot.notifier import Notifier
from bot.offers import Offers
from bot.ports import Platform
from bot.runner.line import Limits, Line

log = logging.getLogger(__name__)

#: Seconds a job waits for its acknowledgement to be shown before it goes on.
ACKNOWLEDGE_WITHIN = 2.0
#: Seconds between two looks at who waits where.
PLACES_EVERY = 2.0

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

    def ahead(self, job_id: str) -> int | None:
        """How many jobs are before a waiting one; None if it does not wait."""
        turn = self._line.turns.get(job_id)
        return None if turn is None or turn.granted.done() else self._line.queue.ahead(turn)

    def review(self) -> None:
        """The offers have changed."""
        self._line.review()

    def add(self, job: Job, acknowledged: Acknowledged | None = None) -> None:
        """Take a recorded job on."""
        self._people[job.person.key] += 1
        self._spawn(job.id, self._run(job, acknowledged))
        if self._places is None or self._places.done():
            self._places = asyncio.create_task(self._keep_places())

    async def resume(self) -> int:
        """Take up every job that the last process left; returns how many."""
        jobs = [job for job in await self._ledger.unfinished() if self._is_at_home(job)]
        for job in jobs:
            await self._notifier.restore(job)
            if job.state in (State.SUBMITTING, State.RUNNING):
                self._line.queue.occupy(job)
            self.add(job)
        return len(jobs)

    def _is_at_home(self, job: Job) -> bool:
        """A job of a platform that is switched off waits until it is switched on again."""
        if job.address.platform in self._platforms:
            return True
        log.warning("job %s waits: %s is not configured", job.id, job.address.platform)
        return False

    async def called_off(self, job: Job) -> None:
        """A wish to call a job off is committed: tell the person at once, unless it came too late."""
        now = await self._ledger.get(job.id)
        if now is None or now.state is not State.DELIVERING or now.outcome is not Outcome.CANCELLED:
            return
        if job.id in self._tasks:
            self._line.cancelled.add(job.id)
        if self.ahead(job.id) is not None:
            self._tasks[job.id].cancel()
        if (name := f"{job.id} called off") not in self._tasks:
            self._spawn(name, self._guard(now, self._tell(now)))

    async def drain(self, seconds: float) -> None:
        """No new moves: what is on the wire is waited for, the rest is left to the next start."""
        self._draining = True
        for task in [task for name, task in self._tasks.items() if name.split()[0] not in self._line.busy]:
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

    def _spawn(self, name: str, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def _run(self, job: Job, acknowledged: Acknowledged | None) -> None:
        try:
            await self._guard(job, self._walk(job, acknowledged))
        finally:
            self._people[job.person.key] -= 1
            if not self._people[job.person.key]:
                del self._people[job.person.key]
            self._line.forget(job)

    async def _walk(self, job: Job, acknowledged: Acknowledged | None) -> None:
        now: Job | None = job
        if job.state is State.ACCEPTED:
            if acknowledged is not None:
                await asyncio.wait((acknowledged,), timeout=ACKNOWLEDGE_WITHIN)
            now = await self._line.move(job, Event.ACKNOWLEDGED)
        while now is not None and now.state is not State.ENDED:
            if self._draining or now.id in self._line.cancelled:
                return
            now = await self._line.step(now)

    async def _tell(self, job: Job) -> None:
        await self._line.deliver(job)

    async def _guard(self, job: Job, work: Awaitable[None]) -> None:
        """One job's mishap stays one job's mishap."""
        try:
            await work
        except Exception:
            log.exception("job %s: unforeseen trouble", job.id)
            now = await self._ledger.get(job.id)
            if now is None or now.state not in CANCELLABLE:
                return
            unknown = now.state is State.SUBMITTING
            ended = await self._line.finish(
                now,
                Outcome.UNKNOWN if unknown else Outcome.FAILED,
                reason=Reason.UNKNOWN_OUTCOME if unknown else Reason.OTHER,
            )
            if ended is not None:
                await self._line.deliver(ended)

    async def _keep_places(self) -> None:
        """Tell those who wait how many are before them, whenever that has changed."""
        told: dict[str, int] = {}
        while self._tasks and not self._draining:
            await self._clock.sleep(PLACES_EVERY)
            places = {
                turn.job.id: (turn, self._line.queue.ahead(turn)) for turn in self._line.queue.waiting()
            }
            for job_id, (turn, ahead) in places.items():
                if told.setdefault(job_id, ahead) != ahead:
                    told[job_id] = ahead
                    self._notifier.queued(turn.job, ahead)
            told = {job_id: ahead for job_id, ahead in told.items() if job_id in places}
