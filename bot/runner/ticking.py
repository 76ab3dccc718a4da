"""Progress while work goes on. A matter of time: it ticks while a job is submitted and while it is polled."""

import asyncio

from bot.job import Job
from bot.notifier import Notifier
from bot.ports import Clock
from bot.progress import next_due


def ordered_at(clock: Clock, job: Job) -> float:
    """When a job was ordered, by the monotonic clock; whoever sets the wall clock later changes nothing."""
    return clock.monotonic() - max(0.0, clock.now() - job.submitted_at)


class Ticking:
    """`async with Ticking(…)`: progress messages for as long as the block lasts."""

    def __init__(self, notifier: Notifier, clock: Clock, job: Job, every: float) -> None:
        self._notifier = notifier
        self._clock = clock
        self._job = job
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._tick())

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _tick(self) -> None:
        """Say how far the job is whenever that is due. Elapsed counts from the order."""
        clock, job = self._clock, self._job
        start = ordered_at(clock, job)
        due = 0.0
        while True:
            # A timer may go off a hair too early: what was due once is not due again.
            due = next_due(max(due, clock.monotonic() - start), job.expected[1], self._every)
            await clock.sleep(start + due - clock.monotonic())
            await self._notifier.progress(job, max(due, clock.monotonic() - start), start + due)
