"""What travels through the house keeps its meaning."""

import pytest

from bot import catalog
from bot.message import Pick, Price


@pytest.mark.parametrize(
    "pick",
    [
        Pick("midjourney"),
        Pick("midjourney", Price(8, "points")),
        Pick("jimeng-4.0", Price(0.22, "yuan")),
        Pick("jimeng-4.5", Price(12345.5, "credits")),
    ],
)
def test_a_pick_is_the_same_after_it_was_a_buttons_value(pick: Pick) -> None:
    assert Pick.read(str(pick)) == pick


@pytest.mark.parametrize("value", ["", "*", "mid@journey", "midjourney@points", "midjourney@5shells", "@"])
def test_a_value_without_a_price_is_a_model_alone(value: str) -> None:
    assert Pick.read(value) == Pick(value)


def test_every_pick_has_room_in_a_buttons_value() -> None:
    longest = max((model.id for model in catalog.load()), key=len)
    assert len(str(Pick(longest, Price(1234.56, "credits")))) <= 45


@pytest.mark.parametrize(
    ("now", "told", "asked"),
    [
        (Price(6, "points"), Price(5, "points"), True),
        (Price(5, "points"), Price(5, "points"), False),
        (Price(4, "points"), Price(5, "points"), False),
        (Price(0.1, "yuan"), Price(5, "points"), True),
        (Price(5, "points"), None, False),
    ],
)
def test_a_price_exceeds_what_was_told(now: Price, told: Price | None, asked: bool) -> None:
    assert now.exceeds(told) is asked
