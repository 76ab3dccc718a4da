"""A world for random schedules: people, a platform, a backend, a database that live on while houses die."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, Literal

from bot.app import House, Parts
from bot.errors import DatabaseError, GenerationFailed
from bot.job import Job, Outcome
from bot.ledger.rows import from_row
from bot.message import Incoming, Kind, Press, Price
from bot.metrics import Metrics
from bot.ports import Traits
from bot.settings import read
from tests.fakes import (
    Call,
    FakeBackend,
    FakePlatform,
    Fault,
    MemoryDatabase,
    VirtualClock,
    kill,
    set_wall_clock,
)
from tests.fakes.mortal import MortalBackend, MortalDatabase, MortalPlatform

ENDS = frozenset({Kind.SUCCESS, Kind.FAILURE, Kind.CANCELLED})
#: How an outcome is told; every other one is a failure.
TOLD = {Outcome.SUCCEEDED: Kind.SUCCESS, Outcome.CANCELLED: Kind.CANCELLED}


class Life:
    """One life of the house: ends it after so many points, and keeps the dead from doing anything."""

    def __init__(self, points: int | None) -> None:
        self.over = asyncio.Event()
        self.path: list[str] = []
        self._left = points

    def armed(self, points: int) -> None:
        """Die at the so-many-th point from now."""
        self._left = points

    async def meet(self, point: str) -> None:
        if self.over.is_set():
            raise asyncio.CancelledError
        self.path.append(point)
        if self._left is not None:
            if not self._left:
                self.over.set()
                raise asyncio.CancelledError
            self._left -= 1


class World:
    """Everything that a schedule can touch."""

    def __init__(self, progress: Literal["edit", "push"], finds: Literal["book", "nothing"]) -> None:
        self.platform = FakePlatform(traits=Traits(redelivers=True))
        #: The second one stands in where it costs no more.
        self.backends = FakeBackend("first", limit=2), FakeBackend("second")
        for backend in self.backends:
            backend.finds = finds
        self.database = MemoryDatabase()
        self.progress = progress
        #: What was done and what happened, for whoever reads a failure.
        self.story: list[str] = []
        #: Messages by id; the platform has to deliver those that were not taken once more.
        self.said: dict[str, Incoming] = {}
        self.untaken: list[Incoming] = []
        self.life = Life(None)

    # Lives ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """A new house over what the last one left; again, should it die on the way."""
        while True:
            self.life = Life(None)
            self.house = House(self._parts(self.life))
            try:
                if await self._alive(self.house.start()):
                    break
            except DatabaseError:
                self.story.append("does not start: the database")
                self.database.faults.clear()
            await kill()
        await asyncio.sleep(0)
        await self._deliver()

    def _parts(self, life: Life) -> Parts:
        settings = read({"PROGRESS": self.progress, "DEMO": "1"})
        return Parts(
            settings,
            VirtualClock(),
            Metrics(),
            MortalDatabase(self.database, life),
            tuple(MortalBackend(backend, life) for backend in self.backends),
            (MortalPlatform(self.platform, life),),
        )

    async def restart(self, away: float) -> None:
        """kill -9, some time, a new start."""
        self.story.append(f"kill at {asyncio.get_running_loop().time():.0f}: {' '.join(self.life.path[-4:])}")
        await self._die()
        await asyncio.sleep(away)
        await self.start()

    async def _die(self) -> None:
        self.life.over.set()
        await asyncio.sleep(0)  # what has not begun would complain that it never did
        await kill()
        self.platform.inbox = None

    async def drain(self, seconds: float) -> None:
        """A stop on request, and a new start."""
        self.story.append(f"drained within {seconds:g} s")
        await self._alive(self.house.stop(seconds))
        await self.restart(1.0)

    async def close(self) -> None:
        """No life any more."""
        await self._die()
        self.database.close()

    async def _alive(self, work: Coroutine[Any, Any, object]) -> bool:
        """Do it; False if the house died over it."""
        doing, dying = asyncio.ensure_future(work), asyncio.ensure_future(self.life.over.wait())
        await asyncio.wait((doing, dying), return_when=asyncio.FIRST_COMPLETED)
        dying.cancel()
        if self.life.over.is_set():
            doing.cancel()
            await asyncio.wait((doing,))
            if not doing.cancelled():
                doing.exception()
            return False
        doing.result()
        return True

    async def act(self, work: Coroutine[Any, Any, object]) -> None:
        """Do it; where the house dies over it, it starts again."""
        if not await self._alive(work):
            await self.restart(1.0)

    # What can happen -----------------------------------------------------------------------------------

    async def say(self, who: str, text: str) -> None:
        await self.wait(0.002)  # nobody says two things in one instant
        message = self.platform.incoming(text, who=who)
        self.story.append(f"{who} says {text} ({message.id})")
        self.said[message.id] = message
        self.untaken.append(message)
        await self.act(self._deliver())

    async def again(self, number: int) -> None:
        """The platform delivers a message that was taken once more."""
        if self.said:
            message = list(self.said.values())[number % len(self.said)]
            self.story.append(f"{message.id} comes once more")
            self.untaken.append(message)
            await self.act(self._deliver())

    async def _deliver(self) -> None:
        while self.untaken and self.platform.inbox is not None:
            message = self.untaken[0]
            try:
                await self.platform.deliver(message)
            except DatabaseError:
                self.story.append(f"{message.id} is not taken: the database")
                return
            self.untaken.remove(message)

    async def press(self, press: Press, back: int, who: str) -> None:
        """A button of this kind is pressed, the newest or an older one, by its owner or by somebody else."""
        buttons = [action for entry in self.platform.transcript for action in entry.message.actions]
        fitting = [action for action in buttons if action.press is press]
        if fitting and self.platform.inbox is not None:
            action = fitting[-1 - back % len(fitting)]
            self.story.append(f"{who or action.owner} presses {press} of {action.owner}'s {action.job}")
            self.platform.press(action, who=who)

    async def wait(self, seconds: float) -> None:
        if seconds >= 0.3:
            self.story.append(f"{seconds:g} s pass")
        await self.act(asyncio.sleep(seconds))

    def arm(self, points: int) -> None:
        self.story.append(f"a kill in {points} points")
        self.life.armed(points)

    def trouble_showing(self, kind: Kind | None, fault: Fault) -> None:
        self.story.append(f"showing {kind or 'anything'} meets {fault}")
        self.platform.fail(fault, kind=kind)

    def trouble_making(self, where: str, call: Call) -> None:
        self.story.append(f"{where} meets {call}")
        getattr(self.backends[0], where).append(call)

    def trouble_making_it(self, error: GenerationFailed) -> None:
        self.story.append(f"the next order ends with {error}")
        self.backends[0].results.append(error)

    async def reprice(self, number: int, points: int) -> None:
        """One of the backends takes another price from now on, and says so."""
        backend = self.backends[number]
        self.story.append(f"{backend.name} costs {points}")
        price = (("", Price(points, "points")),)
        backend.offered = tuple(replace(offer, prices=price) for offer in backend.offered)
        await self.act(self.house.offers.refresh())
        self.house.runner.review()

    def set_clock(self, seconds: float) -> None:
        self.story.append(f"the wall clock is set by {seconds:+.0f} s")
        set_wall_clock(seconds)

    def trouble_writing(self, after: int, times: int) -> None:
        self.story.append(f"after {after} commits, {times} fail")
        self.database.faults.extend([False] * after + [True] * times)

    # The end -------------------------------------------------------------------------------------------

    async def settle(self) -> None:
        """All is well again, the house starts once more, and everything comes to its end."""
        self.platform.heal()
        self.database.faults.clear()
        for backend in self.backends:
            for script in (backend.submits, backend.polls, backend.lookups):
                script.clear()
        await self.restart(5.0)
        end = asyncio.get_running_loop().time() + 7200
        while await self.unfinished() or await self.owed():
            assert asyncio.get_running_loop().time() < end, "two hours, and still something is owed"
            await asyncio.sleep(5)

    async def jobs(self) -> list[Job]:
        """All jobs there ever were; those that somebody wanted forgotten as they were recorded."""
        recorded = [
            from_row(values)
            for statements in self.database.written
            for sql, values in statements
            if sql.startswith("INSERT INTO jobs")
        ]
        return [await self.house.ledger.get(job.id) or job for job in recorded]

    async def unfinished(self) -> list[Job]:
        return await self.house.ledger.unfinished()

    async def owed(self) -> list[str]:
        return [row[0] for row in await self.database.rows("SELECT key FROM owed")]

    def tell(self) -> str:
        """The story and what was shown."""
        shown = [
            f"{e.at - 1_800_000_000:8.1f} {e.what} {e.ref.id} {e.message.kind} {e.message.job[-6:]} "
            f"{'' if e.message.percent is None else e.message.percent} "
            f"{'settled ' if e.message.settled else ''}{e.message.headline[:24]}"
            for e in self.platform.transcript
        ]
        return "\n".join([*self.story, "—", *shown])


# What must be true ------------------------------------------------------------------------------------


def judge_job(world: World, job: Job) -> None:
    """The messages of one job."""
    entries = [
        e for e in world.platform.transcript if e.message.job == job.id and e.message.kind != Kind.TEXT
    ]
    sent = [entry.message.kind for entry in entries if entry.what == "send"]
    if job.reason and not sent:
        return  # refused at once: a plain answer said so
    assert sum(kind in ENDS for kind in sent) == 1, f"{job.id} ends {sent}"
    assert sent.count(Kind.ACK) <= 1, sent
    assert sent.count(Kind.START) <= 1, sent
    assert world.progress == "push" or sent.count(Kind.PROGRESS) <= 1, sent
    end = next(number for number, entry in enumerate(entries) if entry.message.kind in ENDS)
    if job.outcome:
        assert entries[end].message.kind is TOLD.get(job.outcome, Kind.FAILURE), f"{job.id} is {job.outcome}"
    order = [Kind.ACK, Kind.START, Kind.PROGRESS]
    places = [order.index(e.message.kind) for e in entries[:end] if e.what == "send"]
    assert places == sorted(places), f"{job.id} out of order: {sent}"
    percents = [e.message.percent for e in entries if e.message.percent is not None]
    assert percents == sorted(percents), f"{job.id} falls: {percents}"
    assert all(0 <= percent <= 95 for percent in percents), percents
    late = [e.message for e in entries[end + 1 :] if not e.message.settled]
    assert not late, f"{job.id} is over, and still: {late}"
    if world.progress == "edit":
        judge_standing(world, job)


def judge_standing(world: World, job: Job) -> None:
    """Nothing is left half-way.

    Save one that was never ordered: two kills within an instant can hide that its start is shown already.
    """
    for id_, message in world.platform.standing.items():
        begun = message.kind is Kind.PROGRESS or (message.kind is Kind.START and job.submitted_at)
        if message.job == job.id and begun and id_ not in world.platform.refused:
            assert message.settled, f"{job.id} left standing: {message.headline}"
            assert not message.actions


def judge_money(world: World, jobs: list[Job]) -> None:
    """Nothing is ordered twice, and unknown is only what nobody can know."""
    bill = [reference for backend in world.backends for reference in backend.book]
    assert len(bill) == len(set(bill)), "charged twice"
    assert set(bill) <= {job.reference for job in jobs}
    for job in jobs:
        if job.outcome is Outcome.SUCCEEDED:
            assert job.reference in bill
        if job.outcome is Outcome.UNKNOWN:
            assert world.backends[0].finds == "nothing", f"{job.id} could have been found"
            assert not job.ticket, f"{job.id} had a ticket"


def judge_answers(world: World, jobs: list[Job]) -> None:
    """Every message has one effect: a picture, or one answer; a cancellation is answered by the end."""
    drawn = {job.address.reply_to for job in jobs}
    for message in world.said.values():
        answers = [e.message for e in world.platform.sent(kind=Kind.TEXT) if _answers(e.to, message)]
        assert len(answers) <= 1, f"{message.id} is answered {len(answers)} times"
        if message.id not in drawn and not answers:
            assert message.text == "取消", f"{message.id} ({message.text}) has met silence"


def _answers(to: Any, message: Incoming) -> bool:
    return to is not None and to.reply_to == message.id
