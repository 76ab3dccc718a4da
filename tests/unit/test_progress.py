"""When progress is due, and how far it says it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.progress import CEILING, next_due, percent

SECONDS = st.floats(0, 10_000, allow_nan=False)
LONGEST = st.integers(1, 1_800)
EVERY = st.integers(5, 120)


def test_nothing_is_said_in_the_first_twenty_seconds() -> None:
    assert next_due(0, 40, 15) == 20
    assert next_due(0, 60, 20) == 20
    assert next_due(0, 120, 30) == 30


def test_then_it_comes_at_the_models_interval() -> None:
    assert [next_due(t, 120, 30) for t in (30, 60, 90)] == [60, 90, 120]
    assert [next_due(t, 90, 25) for t in (25, 50, 75)] == [50, 75, 90]


def test_the_longest_time_has_a_message_of_its_own_and_then_two_minutes_pass() -> None:
    assert next_due(55, 60, 20) == 60
    assert next_due(60, 60, 20) == 180
    assert next_due(180, 60, 20) == 300


def test_a_model_faster_than_its_interval_says_it_once() -> None:
    assert next_due(0, 6, 20) == 20
    assert next_due(20, 6, 20) == 140


@pytest.mark.parametrize(
    ("elapsed", "longest", "shown"), [(0, 60, 0), (15, 60, 25), (59, 60, 95), (600, 60, 95)]
)
def test_percent_is_elapsed_over_longest_rounded_down(elapsed: float, longest: float, shown: int) -> None:
    assert percent(elapsed, longest) == shown


@given(SECONDS, SECONDS, LONGEST)
def test_percent_never_falls_and_never_passes_the_ceiling(one: float, other: float, longest: int) -> None:
    earlier, later = sorted((one, other))
    assert 0 <= percent(earlier, longest) <= percent(later, longest) <= CEILING


@given(SECONDS, LONGEST, EVERY)
def test_the_next_message_is_always_ahead_and_never_sooner_than_the_rule(
    elapsed: float, longest: int, every: int
) -> None:
    due = next_due(elapsed, longest, every)
    assert due > elapsed
    assert due >= max(20, every)
