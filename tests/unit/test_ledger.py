"""What survives: rows, claims, compare-and-set, what was shown, what is owed, what is forgotten."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import Reason
from bot.job import Event, Job, Outcome, Request, State
from bot.ledger import OFFER_OPEN, Ledger, Shown
from bot.ledger.ledger import CLAIMS_KEPT, offer_is_open
from bot.message import (
    Action,
    Address,
    Attachment,
    Kind,
    Line,
    Media,
    MessageRef,
    Outgoing,
    Person,
    Press,
    Price,
)
from bot.ports import Row, Statement
from tests.fakes import MemoryDatabase, virtual

ANN, BOB = Person("web", "acme", "ann"), Person("web", "acme", "bob")
ROOM = Address("web", "room", "topic", "m1", "token")
PICTURE = Media(Path("media/cat.png"), "image/png", 10, 4, 3, "https://vendor.example/cat.png", 99.5)


def a_job(id_: str = "j1", person: Person = ANN, at: float = 1.0) -> Job:
    return Job(
        id=id_,
        person=person,
        address=ROOM,
        language="zh",
        request=Request(
            "image_to_image",
            "一只猫",
            ratio="16:9",
            size="2K",
            pixels=(2560, 1440),
            count=2,
            negative="text",
            strength=0.5,
            watermark="mine",
            attachments=(Attachment("a1", "https://x.example/a.png", "a.png", 7),),
            inputs=(PICTURE,),
        ),
        model="midjourney",
        created_at=at,
        subject="一只猫",
        emoji="🐱",
        notes=("记住了",),
        price=Price(8, "points"),
        expected=(40, 90),
        parent="j0",
    )


async def recorded(ledger: Ledger, job: Job) -> Job:
    assert await ledger.claim(
        ("web", f"for {job.id}"), f"for {job.id}", job.created_at, [ledger.inserting(job)]
    )
    return job


@virtual
async def test_a_job_comes_back_as_it_went_in() -> None:
    ledger = Ledger(MemoryDatabase())
    job = replace(
        a_job(),
        state=State.ENDED,
        outcome=Outcome.FAILED,
        reason=Reason.TIMEOUT,
        reason_link="https://vendor.example",
        backend="ima",
        ticket='{"id": 1}',
        results=(PICTURE,),
        suggested="jimeng-4.5",
        declined=True,
        hint="photo",
        hint_model="gemini-3-pro-image",
        submitted_at=2.0,
        finished_at=3.0,
    )
    await recorded(ledger, job)
    assert await ledger.get("j1") == job


@virtual
async def test_a_message_is_claimed_once_by_its_id_and_once_by_its_content() -> None:
    ledger = Ledger(MemoryDatabase())
    assert await ledger.claim(("web", "m1"), "content", 0, [])
    assert not await ledger.claim(("web", "m1"), "other", 0, [])
    assert not await ledger.claim(("web", "m2"), "content", 0, [])
    assert await ledger.claim(("discord", "m1"), "content", 0, [])


@virtual
async def test_what_is_claimed_twice_has_its_effects_once() -> None:
    ledger = Ledger(MemoryDatabase())
    await ledger.claim(("web", "m1"), "c", 0, [ledger.inserting(a_job("j1"))])
    await ledger.claim(("web", "m1"), "c", 0, [ledger.inserting(a_job("j2"))])
    assert [job.id for job in await ledger.unfinished()] == ["j1"]


@virtual
async def test_a_wish_to_call_off_holds_wherever_the_job_has_gone_meanwhile() -> None:
    ledger = Ledger(MemoryDatabase())
    seen = await recorded(ledger, replace(a_job(), state=State.SUBMITTING))
    await ledger.move(seen, Event.TICKET, ticket="T")
    await ledger.claim(("web", "stop"), "stop", 5, [ledger.calling_off(seen, 5)])
    now = await ledger.get(seen.id)
    assert now is not None
    assert (now.state, now.outcome, now.finished_at) == (State.DELIVERING, Outcome.CANCELLED, 5)
    assert now.ticket == "T"


@virtual
async def test_what_has_an_outcome_is_called_off_too_late() -> None:
    ledger = Ledger(MemoryDatabase())
    running = await recorded(ledger, replace(a_job(), state=State.RUNNING))
    done = await ledger.move(running, Event.FINISHED, outcome=Outcome.SUCCEEDED)
    await ledger.claim(("web", "stop"), "stop", 5, [ledger.calling_off(running, 5)])
    assert await ledger.get(running.id) == done


@virtual
async def test_of_two_moves_from_one_state_one_wins() -> None:
    ledger = Ledger(MemoryDatabase())
    job = await recorded(ledger, a_job())
    won = await ledger.move(job, Event.ACKNOWLEDGED)
    lost = await ledger.move(job, Event.FINISHED, outcome=Outcome.CANCELLED)
    assert won is not None
    assert lost is None
    assert (await ledger.get("j1")) == won


@virtual
async def test_what_is_known_of_a_job_changes_only_while_it_stands_there() -> None:
    ledger = Ledger(MemoryDatabase())
    job = await recorded(ledger, a_job())
    assert (await ledger.amend(job, ticket="t")) is not None
    await ledger.move(job, Event.ACKNOWLEDGED)
    assert await ledger.amend(job, ticket="later") is None


@virtual
async def test_the_last_job_is_the_persons_own_in_that_place() -> None:
    ledger = Ledger(MemoryDatabase())
    for n, person in enumerate((ANN, ANN, BOB)):
        await recorded(ledger, a_job(f"j{n}", person, float(n)))
    last = await ledger.last_of(ANN, ROOM)
    assert last is not None
    assert last.id == "j1"
    assert await ledger.last_of(ANN, replace(ROOM, topic="elsewhere")) is None
    assert [job.id for job in await ledger.jobs_of(ANN, ROOM, 5)] == ["j1", "j0"]


@virtual
async def test_a_percent_never_falls_and_a_ref_is_never_forgotten() -> None:
    ledger = Ledger(MemoryDatabase())
    ref = MessageRef("web", "room", "m9")
    await ledger.show("j1", Shown("progress", None, 33))
    assert (await ledger.shown("j1"))["progress"] == Shown("progress", None, 33)
    await ledger.show("j1", Shown("progress", ref))
    await ledger.show("j1", Shown("progress", None, 20))
    assert (await ledger.shown("j1"))["progress"] == Shown("progress", ref, 33)


@virtual
async def test_a_message_leads_to_its_job() -> None:
    ledger = Ledger(MemoryDatabase())
    await recorded(ledger, a_job())
    ref = MessageRef("web", "room", "m9")
    await ledger.show("j1", Shown("end", ref))
    found = await ledger.by_message(ref)
    assert found is not None
    assert found.id == "j1"
    assert await ledger.by_message(replace(ref, id="m8")) is None


@virtual
async def test_an_answer_is_owed_until_it_is_paid() -> None:
    ledger = Ledger(MemoryDatabase())
    button = Action(Press.SWITCH, "Use it", "j1", "ann", "en", "midjourney", primary=True)
    answer = Outgoing(
        Kind.TEXT, "en", "hello", "j1", lines=(Line("text", "label", "url"),), actions=(button,)
    )
    await ledger.claim(("web", "m1"), "c", 1, [ledger.owing("k1", 1, ROOM, answer)])
    assert await ledger.owed() == [("k1", ROOM, answer)]
    await ledger.paid("k1")
    assert await ledger.owed() == []


@virtual
async def test_the_sweep_forgets_what_is_old_and_nothing_that_is_owed() -> None:
    ledger = Ledger(MemoryDatabase())
    ended = replace(a_job("old"), state=State.ENDED, outcome=Outcome.SUCCEEDED, finished_at=10.0)
    owing = replace(a_job("owing"), state=State.DELIVERING, outcome=Outcome.SUCCEEDED, finished_at=10.0)
    fresh = replace(a_job("fresh"), state=State.ENDED, outcome=Outcome.SUCCEEDED, finished_at=1_000_000.0)
    for job in (ended, owing, fresh):
        await recorded(ledger, job)
        await ledger.show(job.id, Shown("end", MessageRef("web", "room", job.id)))
    needed = await ledger.sweep(1_000_100.0, 86_400.0)
    assert await ledger.get("old") is None
    assert await ledger.shown("old") == {}
    assert await ledger.get("owing") is not None
    assert await ledger.get("fresh") is not None
    assert needed == {PICTURE.path}
    assert await ledger.oldest_owed() == 10.0


@virtual
async def test_a_claim_is_remembered_for_as_long_as_a_message_may_come_again() -> None:
    ledger = Ledger(MemoryDatabase())
    assert await ledger.claim(("web", "m"), "c", 1_000_000.0, [])
    await ledger.sweep(1_000_000.0 + CLAIMS_KEPT - 1, 86_400.0)
    assert not await ledger.claim(("web", "m"), "c", 1_000_001.0, [])
    await ledger.sweep(1_000_000.0 + CLAIMS_KEPT + 1, 86_400.0)
    assert not await ledger.is_claimed("web", "m")


class Overtaken(MemoryDatabase):
    """Somebody else moves the job between a look at it and the write."""

    overtake = False

    async def commit(self, statements: Sequence[Statement], linger: float = 0.0) -> bool:
        if self.overtake:
            self.overtake = False
            return False
        return await super().commit(statements, linger)


@virtual
async def test_a_late_result_is_kept_though_the_job_ends_at_that_moment() -> None:
    database = Overtaken()
    ledger = Ledger(database)
    job = replace(a_job("late"), state=State.ENDED, outcome=Outcome.CANCELLED, results=())
    await recorded(ledger, job)
    database.overtake = True
    await ledger.keep_late(job, (PICTURE,))
    kept = await ledger.get(job.id)
    assert kept is not None
    assert kept.results == (PICTURE,)


@virtual
async def test_forgetting_a_person_leaves_everybody_else_alone() -> None:
    ledger = Ledger(MemoryDatabase())
    ended = {"state": State.ENDED, "outcome": Outcome.SUCCEEDED, "results": (PICTURE,)}
    await recorded(ledger, replace(a_job("ann"), **ended))  # type: ignore[arg-type]  # fields of Job
    await recorded(ledger, replace(a_job("bob", BOB), **ended))  # type: ignore[arg-type]  # fields of Job
    assert await ledger.files_of(ANN) == set()  # another's job needs it
    await ledger.claim(("web", "m"), "c", 1, ledger.forgetting(ANN))
    assert await ledger.files_of(BOB) == {PICTURE.path}
    assert await ledger.get("ann") is None
    assert await ledger.get("bob") is not None


@virtual
async def test_a_move_leaves_alone_what_was_noted_meanwhile() -> None:
    ledger = Ledger(MemoryDatabase())
    job = replace(a_job(), state=State.DELIVERING, outcome=Outcome.CANCELLED)
    await recorded(ledger, job)
    await ledger.keep_late(job, (PICTURE,))
    await ledger.move(job, Event.DELIVERED)
    kept = await ledger.get("j1")
    assert kept is not None
    assert (kept.state, kept.results) == (State.ENDED, (PICTURE,))


class Recording(MemoryDatabase):
    """Keeps every statement that it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Statement] = []

    async def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Row]:
        self.asked.append((sql, parameters))
        return await super().rows(sql, parameters)

    async def commit(self, statements: Sequence[Statement], linger: float = 0.0) -> bool:
        self.asked += statements
        return await super().commit(statements, linger)


@virtual
async def test_nothing_that_is_asked_reads_a_whole_table() -> None:
    database = Recording()
    ledger = Ledger(database)
    job = replace(a_job(), state=State.ENDED, outcome=Outcome.CANCELLED)
    await recorded(ledger, job)
    await ledger.show("j1", Shown("end", MessageRef("web", "room", "m1")))
    await ledger.is_claimed("web", "m")
    await ledger.unfinished()
    await ledger.last_of(ANN, ROOM)
    await ledger.jobs_of(ANN, ROOM, 20)
    await ledger.cancellable_of(ANN)
    await ledger.cancellable_of(ANN, ROOM)
    await ledger.called(ANN, ROOM)
    await ledger.durations(1.0)
    await ledger.keep_late(job, (PICTURE,))
    await ledger.shown("j1")
    await ledger.by_message(MessageRef("web", "room", "m1"))
    await ledger.files_of(ANN)
    await ledger.oldest_owed()
    await ledger.states()
    await ledger.paid("k")
    await ledger.claim(("web", "m"), "c", 1, [ledger.calling_off(job, 1.0), *ledger.forgetting(ANN)])
    await ledger.sweep(1_000_100.0, 86_400.0)
    plans = [
        f"{step[3]}: {sql}"
        for sql, parameters in list(database.asked)
        for step in await database.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)
    ]
    assert len(plans) > 20
    # A partial index that is read from end to end holds living jobs alone; counting needs no rows.
    fine = ("jobs_unfinished", "SELECT COUNT(*) FROM jobs")
    assert [plan for plan in plans if plan.startswith("SCAN") and not any(one in plan for one in fine)] == []


@pytest.mark.parametrize(
    ("changes", "open_"),
    [
        ({}, True),
        ({"outcome": Outcome.UNKNOWN}, True),
        ({"outcome": Outcome.SUCCEEDED}, False),
        ({"outcome": Outcome.CANCELLED}, False),
        ({"declined": True}, False),
        ({"finished_at": 100.0 - OFFER_OPEN}, False),
    ],
)
def test_an_offer_stands_after_a_failure_for_ten_minutes_unless_declined(
    changes: dict[str, object], open_: bool
) -> None:
    failed = replace(a_job(), state=State.ENDED, outcome=Outcome.FAILED, finished_at=99.0)
    assert offer_is_open(replace(failed, **changes), 100.0) is open_  # type: ignore[arg-type]  # fields of Job


@virtual
async def test_jobs_are_counted_by_state() -> None:
    ledger = Ledger(MemoryDatabase())
    await recorded(ledger, a_job())
    assert (await ledger.states())[State.ACCEPTED] == 1
    assert (await ledger.states())[State.ENDED] == 0
