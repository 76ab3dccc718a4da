"""How far the machine's clock is from a service's."""

from email.utils import formatdate

import pytest

from adapters.clock import ahead_of, clock_wrong

NOON = 1_700_000_000.0


@pytest.mark.parametrize("off", [90.0, -90.0, 86_400.0])
def test_a_clock_that_is_wrong_is_noticed(off: float) -> None:
    assert ahead_of(formatdate(NOON - off, usegmt=True), NOON) == off


def test_a_few_seconds_are_nothing_to_speak_of() -> None:
    assert ahead_of(formatdate(NOON - 59, usegmt=True), NOON) == 0.0


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Nov 2023 22:13:20 GMT", "0"])
def test_a_date_that_is_none_says_nothing(date: str) -> None:
    assert ahead_of(date, NOON) is None


def test_the_operator_is_told_whose_clock_is_right() -> None:
    assert clock_wrong("Discord", -90.2) == (
        "This machine's clock is -90 s off by Discord's. Set it right: turn on NTP."
    )
