"""Tickets and spots survive as strings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.discord.place import Spot, Ticket, created_at, number

NUMBERS = st.integers(0, 2**63)


@given(
    st.builds(
        Ticket,
        NUMBERS,
        NUMBERS,
        st.text("abcXYZ019-_:"),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    )
)
def test_a_ticket_reads_back_as_it_was_written(ticket: Ticket) -> None:
    assert Ticket.read(str(ticket)) == ticket


@pytest.mark.parametrize("text", ["", "x", "1:2", "a:b:c:d", "-1:2::x"])
def test_what_is_no_ticket_is_an_empty_one(text: str) -> None:
    assert Ticket.read(text) == Ticket()


def test_a_spot_reads_back_as_it_was_written() -> None:
    for spot in (Spot(123), Spot(123, "secret/with/slashes")):
        assert Spot.read(str(spot)) == spot
    assert Spot.read("not a number") == Spot(0)


def test_an_id_tells_when_it_was_made() -> None:
    # The example of https://discord.com/developers/docs/reference#snowflakes.
    assert created_at(175928847299117063) == pytest.approx(1462015105.796)


def test_only_digits_are_a_number() -> None:
    assert [number(text) for text in ("12", "", "x", "-1", "1.5")] == [12, 0, 0, 0, 0]
