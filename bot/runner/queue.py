"""Who goes next: round-robin by person, so that nobody's ten jobs stand before another's first.

In memory only; after a restart the ledger fills it again. What a job does with its turn is in `runner`.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import zip_longest

from bot.job import Job
from bot.message import Price
from bot.offers import Serving


@dataclass(slots=True, eq=False)
class Turn:
    """A job's place in the queue, and then its slot until it is released."""

    job: Job
    granted: asyncio.Future[Serving] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


#: Tells which backend could take a job now, or None while there is no room. Gets the jobs running by backend.
#: It goes by what the job wants alone: where one finds no room, neither does another that wants the same.
Room = Callable[[Job, Counter[str]], Serving | None]
Wants = tuple[str, str, str, Price | None]


class Queue:
    """Waiting and running jobs."""

    def __init__(self, per_person: int, room: Room) -> None:
        self._per_person = per_person
        self._room = room
        self._waiting: OrderedDict[str, list[Turn]] = OrderedDict()
        self._people: Counter[str] = Counter()
        self._backends: Counter[str] = Counter()
        self._running: dict[str, tuple[str, str]] = {}

    def waiting(self) -> list[Turn]:
        """Everybody who waits, in the order in which they will be served as things stand."""
        rounds = zip_longest(*self._waiting.values())
        return [turn for one_each in rounds for turn in one_each if turn is not None]

    def holds_slot(self, job_id: str) -> bool:
        """Whether a job's turn has come, and it has not given its slot back."""
        return job_id in self._running

    def join(self, job: Job) -> Turn:
        """Stand in line. The turn may be granted at once."""
        turn = Turn(job)
        person = job.person.key
        self._waiting.setdefault(person, []).append(turn)
        # Whoever waits already waits for want of room: only the newcomer may find some.
        if self._people[person] < self._per_person:
            self._grant_one(person, set())
        return turn

    def leave(self, turn: Turn) -> None:
        """Step out of the line, or give the slot back; twice does no harm."""
        person = turn.job.person.key
        turns = self._waiting.get(person, [])
        if turn in turns:
            turns.remove(turn)
            if not turns:
                del self._waiting[person]
        self.release(turn.job.id)

    def occupy(self, job: Job) -> None:
        """A job that runs already, from before a restart, takes its slot without asking."""
        self._take(job, job.backend)

    def release(self, job_id: str) -> None:
        """Give a slot back; the next one is served."""
        taken = self._running.pop(job_id, None)
        if taken is not None:
            person, backend = taken
            self._people[person] -= 1
            self._backends[backend] -= 1
            if not self._people[person]:
                del self._people[person]
            self.serve()

    def ahead(self, turn: Turn) -> int:
        """How many jobs will be served before this one as things stand: its place in `waiting`.

        With one job served per person and round, those before the n-th of mine are the first n of the people
        before me in the round and the first n − 1 of those after me.
        """
        person = turn.job.person.key
        mine = self._waiting.get(person, [])
        if turn not in mine:
            return 0
        before = mine.index(turn)
        count, passed = before, False
        for other, turns in self._waiting.items():
            if other == person:
                passed = True
            else:
                count += min(len(turns), before if passed else before + 1)
        return count

    def serve(self) -> None:
        """Grant every turn that can be granted, one per person and round."""
        full: set[Wants] = set()
        progress = True
        while progress:
            progress = False
            for person in list(self._waiting):
                if self._people[person] < self._per_person and self._grant_one(person, full):
                    progress = True

    def _grant_one(self, person: str, full: set[Wants]) -> bool:
        """Grant the first turn of a person for which there is room; `full`: what there is none for."""
        for turn in self._waiting[person]:
            job = turn.job
            wants = job.model, job.request.task, job.request.size, job.price
            if turn.granted.done() or wants in full:
                continue
            serving = self._room(job, self._backends)
            if serving is None:
                full.add(wants)
                continue
            self._waiting[person].remove(turn)
            if self._waiting[person]:
                self._waiting.move_to_end(person)
            else:
                del self._waiting[person]
            self._take(job, serving.backend.name)
            turn.granted.set_result(serving)
            return True
        return False

    def _take(self, job: Job, backend: str) -> None:
        self._running[job.id] = (job.person.key, backend)
        self._people[job.person.key] += 1
        self._backends[backend] += 1
