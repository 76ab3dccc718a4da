"""How long pictures take, learned from history."""

import asyncio

import pytest

from bot.ledger.times import ENOUGH, NEWEST, learn
from bot.message import Kind
from tests.fakes import FakeBackend, opened, parts, virtual

KEY = ("midjourney", "text_to_image", "")


def of(*seconds: float) -> list[tuple[str, str, str, float]]:
    return [(*KEY, one) for one in seconds]


def test_a_few_are_not_enough() -> None:
    assert learn(of(*[50.0] * (ENOUGH - 1))) == {}


def test_the_range_is_where_most_of_them_are_and_outliers_do_not_count() -> None:
    usual = [41.0, 44, 47, 52, 55, 58, 61, 63, 64]
    assert learn(of(*usual, 900.0)) == {KEY: (40, 65)}


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.2, (1, 2)),
        (1.0, (1, 2)),
        (4.4, (4, 5)),
        (19.9, (19, 20)),
        (20.0, (20, 25)),
        (61.0, (60, 65)),
        (1700.0, (1700, 1705)),
    ],
)
def test_a_range_is_never_empty_and_never_begins_with_nothing(seconds: float, told: tuple[int, int]) -> None:
    assert learn(of(*[seconds] * ENOUGH)) == {KEY: told}


@pytest.mark.parametrize("number", [ENOUGH, ENOUGH + 1, 20, NEWEST])
def test_one_slow_day_does_not_count_however_few_there_are(number: int) -> None:
    assert learn(of(3000.0, *[42.0] * (number - 2), 1.0)) == {KEY: (40, 45)}


def test_what_took_less_than_no_time_is_not_learned_from() -> None:
    assert learn(of(*[-5.0] * 50, *[42.0] * (ENOUGH - 1))) == {}


def test_only_the_newest_count() -> None:
    assert learn(of(*[30.0] * NEWEST, *[300.0] * 500)) == {KEY: (30, 35)}


def test_sizes_and_tasks_are_learned_apart() -> None:
    rows = of(*[30.0] * ENOUGH) + [("midjourney", "image_to_image", "", 90.0)] * ENOUGH
    assert set(learn(rows)) == {KEY, ("midjourney", "image_to_image", "")}


@virtual
async def test_what_was_learned_is_what_people_are_told() -> None:
    async with opened(parts(backends=(FakeBackend(seconds=20),))) as stage:
        for n in range(ENOUGH):
            await stage.platform.say(f"draw cat number {n}", who=f"person-{n}")
        await stage.settled()
        assert "30 ~ 60 s" in stage.platform.sent(kind=Kind.START)[-1].message.text
        await asyncio.sleep(700)
        await stage.platform.say("draw a dog")
        await stage.settled()
        assert "20 ~ 25 s" in stage.platform.last(Kind.START).text
