"""A job's life as a table."""

import pytest

from bot.errors import ImpossibleMove
from bot.job import CANCELLABLE, TRANSITIONS, Event, Job, Request, State, idempotency_key, new_id
from bot.message import Address, Person


def a_job(state: State = State.ACCEPTED) -> Job:
    return Job(
        id="01J",
        person=Person("web", "", "ann"),
        address=Address("web", "room"),
        language="en",
        request=Request("text_to_image", "a cat"),
        model="midjourney",
        created_at=0.0,
        state=state,
    )


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_only_the_tables_moves_are_possible(state: State, event: Event) -> None:
    job = a_job(state)
    if (state, event) in TRANSITIONS:
        assert job.after(event).state is TRANSITIONS[state, event]
    else:
        with pytest.raises(ImpossibleMove):
            job.after(event)


def test_every_state_but_the_last_leads_to_the_end() -> None:
    reached = {State.ENDED}
    while more := {one for (one, _), then in TRANSITIONS.items() if then in reached} - reached:
        reached |= more
    assert reached == set(State)
    assert not any(state is State.ENDED for state, _ in TRANSITIONS)


def test_whatever_can_be_called_off_can_be_finished() -> None:
    assert {state for state in State if (state, Event.FINISHED) in TRANSITIONS} == CANCELLABLE


def test_only_an_order_that_may_have_been_sent_can_come_back() -> None:
    assert [state for state, event in TRANSITIONS if event is Event.RETURNED] == [State.SUBMITTING]


def test_a_move_carries_its_changes() -> None:
    job = a_job(State.SUBMITTING).after(Event.TICKET, ticket="t1")
    assert (job.state, job.ticket) == (State.RUNNING, "t1")


def test_the_reference_is_known_before_anything_is_sent_and_never_changes() -> None:
    assert a_job().reference == a_job(State.RUNNING).reference
    assert len(a_job().reference) == 36


def test_keys_fit_a_nonce_and_differ_by_job_and_step() -> None:
    keys = {idempotency_key(job, step) for job in ("a", "b") for step in ("ack", "start", "end")}
    assert len(keys) == 6
    assert {len(key) for key in keys} == {25}
    assert idempotency_key("ab", "c") != idempotency_key("a", "bc")


def test_ids_sort_by_time() -> None:
    ids = [new_id(1_800_000_000 + n) for n in range(50)]
    assert ids == sorted(ids)
    assert {len(one) for one in ids} == {26}
