"""Who goes next."""

import asyncio
from collections import Counter
from dataclasses import replace

from bot.job import Job, Request
from bot.message import Address, Person
from bot.offers import Serving
from bot.ports import Offer
from bot.runner.queue import Queue, Turn
from tests.fakes import FakeBackend

OFFER = Offer("demo", "text_to_image")


def job(person: str, number: int = 0) -> Job:
    return Job(
        id=f"{person}{number}",
        person=Person("web", "", person),
        address=Address("web", "room"),
        language="en",
        request=Request("text_to_image", "a cat"),
        model="demo",
        created_at=0.0,
    )


class Line:
    """A queue before one backend with so many places."""

    def __init__(self, places: int, per_person: int = 2) -> None:
        self.backend = FakeBackend()
        self.places = places
        self.queue = Queue(per_person, self._room)
        self.turns: dict[str, Turn] = {}
        #: Models for which there is no room at all.
        self.busy_for: set[str] = set()

    def _room(self, one: Job, running: Counter[str]) -> Serving | None:
        free = running[self.backend.name] < self.places and one.model not in self.busy_for
        return Serving(self.backend, OFFER) if free else None

    def join(self, *jobs: Job) -> None:
        for one in jobs:
            self.turns[one.id] = self.queue.join(one)

    @property
    def running(self) -> set[str]:
        return {name for name, turn in self.turns.items() if turn.granted.done()}

    def ahead(self, name: str) -> int:
        return self.queue.ahead(self.turns[name])


async def test_nobody_has_more_than_two_at_once() -> None:
    line = Line(places=10)
    line.join(*(job("ann", n) for n in range(5)))
    assert line.running == {"ann0", "ann1"}


async def test_a_place_that_somebody_else_gives_back_is_not_for_who_has_two() -> None:
    line = Line(places=10)
    line.join(job("bob"), *(job("ann", n) for n in range(5)))
    line.queue.release("bob0")
    assert line.running == {"bob0", "ann0", "ann1"}
    line.queue.release("ann0")
    assert line.running == {"bob0", "ann0", "ann1", "ann2"}


async def test_ten_of_one_do_not_stand_before_anothers_first() -> None:
    line = Line(places=1)
    line.join(*(job("ann", n) for n in range(5)), job("bob"))
    assert line.running == {"ann0"}
    assert [line.ahead(f"ann{n}") for n in range(1, 5)] == [0, 2, 3, 4]
    assert line.ahead("bob0") == 1
    line.queue.release("ann0")
    line.queue.release("ann1")
    assert line.running == {"ann0", "ann1", "bob0"}


async def test_the_place_is_the_order_in_which_turns_are_granted() -> None:
    line = Line(places=1, per_person=10)
    line.join(job("zoe"))
    line.join(*(job("ann", n) for n in range(3)), *(job("bob", n) for n in range(2)), job("cay"))
    waiting = [name for name in line.turns if name not in line.running]
    expected = sorted(waiting, key=line.ahead)
    assert sorted(line.ahead(name) for name in waiting) == list(range(6))
    assert [turn.job.id for turn in line.queue.waiting()] == expected
    granted = []
    current = "zoe0"
    for _ in waiting:
        before = line.running
        line.queue.release(current)
        (current,) = line.running - before
        granted.append(current)
    assert granted == expected


async def test_whoever_leaves_is_passed_over() -> None:
    line = Line(places=1)
    line.join(job("ann"), job("bob"), job("cay"))
    line.queue.leave(line.turns["bob0"])
    line.queue.release("ann0")
    assert line.running == {"ann0", "cay0"}


async def test_whoever_gives_up_at_the_moment_his_turn_comes_is_passed_over() -> None:
    line = Line(places=1)
    line.join(job("ann"), job("bob"), job("cay"))
    line.turns["bob0"].granted.cancel()
    line.queue.release("ann0")
    line.queue.leave(line.turns["bob0"])
    assert line.queue.holds_slot("cay0")
    assert not line.queue.holds_slot("bob0")
    assert line.queue.waiting() == []


async def test_whoever_wants_something_else_is_not_held_up_by_those_for_whom_there_is_no_room() -> None:
    line = Line(places=1)
    line.join(job("ann"), job("bob"), replace(job("cay"), model="other"))
    line.busy_for = {"demo"}
    line.queue.release("ann0")
    assert line.running == {"ann0", "cay0"}


async def test_a_slot_is_given_back_once_however_often_it_is_released() -> None:
    line = Line(places=1)
    line.join(job("ann"), job("bob"), job("cay"))
    line.queue.release("ann0")
    line.queue.release("ann0")
    assert line.running == {"ann0", "bob0"}


async def test_whoever_leaves_after_his_turn_has_come_gives_his_slot_back() -> None:
    line = Line(places=1)
    line.join(job("ann"), job("bob"))
    line.queue.leave(line.turns["ann0"])
    line.queue.leave(line.turns["ann0"])
    assert line.queue.holds_slot("bob0")
    assert not line.queue.holds_slot("ann0")


async def test_a_job_from_before_a_restart_takes_its_slot() -> None:
    line = Line(places=1)
    running = replace(job("ann"), backend=line.backend.name)
    line.queue.occupy(running)
    line.join(job("bob"))
    assert line.running == set()
    line.queue.release(running.id)
    await asyncio.sleep(0)
    assert line.running == {"bob0"}


async def test_a_model_without_room_does_not_hold_up_the_same_person_s_next_picture() -> None:
    line = Line(places=3, per_person=3)
    line.busy_for = {"slow"}
    line.join(replace(job("ann", 0), model="slow"), job("ann", 1))
    assert line.running == {"ann1"}
    line.join(replace(job("bob", 0), model="slow"), job("bob", 1), job("cay", 0), job("bob", 2))
    assert line.running == {"ann1", "bob1", "cay0"}
    line.queue.release("ann1")
    assert line.running == {"ann1", "bob1", "cay0", "bob2"}
