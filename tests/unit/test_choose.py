"""Which model draws it, and what is said where none can."""

from dataclasses import replace

import pytest

from bot import catalog
from bot.choose import Cannot, Choice, Wish, alternatives, choose, nearest
from bot.job import Request
from bot.message import Price
from bot.ports import Offer

CATALOG = catalog.load()
RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9")


def offer(model: str, points: float, **more: object) -> Offer:
    usual = Offer(
        model,
        "text_to_image",
        prices=(("", Price(points, "points")),),
        ratios=RATIOS,
        sizes=("2K", "4K"),
        max_inputs=4,
        max_count=4,
        options=frozenset({"negative"}),
    )
    return replace(usual, **more)  # type: ignore[arg-type]  # fields of Offer


SEEDREAM = offer("doubao-seedream-4.5", 5)
BANANA = offer("gemini-3.1-flash-image", 6, sizes=("512px", "1K", "2K", "4K"))
PRO = offer("gemini-3-pro-image", 10, sizes=("1K", "2K", "4K"))
MIDJOURNEY = offer("midjourney", 8, ratios=(), sizes=(), per_order=4, max_count=1, max_inputs=1)
IMA = (SEEDREAM, BANANA, PRO, MIDJOURNEY)
CAT = Request("text_to_image", "a cat")


def chosen(wish: Wish, offers: tuple[Offer, ...] = IMA) -> Choice:
    choice = choose(wish, offers, CATALOG)
    assert isinstance(choice, Choice), choice
    return choice


def refused(wish: Wish, offers: tuple[Offer, ...] = IMA) -> Cannot:
    cannot = choose(wish, offers, CATALOG)
    assert isinstance(cannot, Cannot), cannot
    return cannot


def test_nobody_said_anything_so_seedream_draws() -> None:
    choice = chosen(Wish(CAT))
    assert (choice.way.offer.model, choice.why, choice.way.price) == (
        SEEDREAM.model,
        "default",
        Price(5, "points"),
    )


def test_a_preference_comes_before_the_default_and_a_name_before_both() -> None:
    assert chosen(Wish(CAT, preferred="midjourney")).way.offer is MIDJOURNEY
    assert chosen(Wish(CAT, model=PRO.model, preferred="midjourney")).way.offer is PRO


def test_a_preference_that_is_off_offer_is_told_and_another_stands_in() -> None:
    choice = chosen(Wish(CAT, preferred="midjourney"), (SEEDREAM, BANANA))
    assert (choice.way.offer, choice.missed) == (SEEDREAM, "midjourney")


def test_a_named_model_that_is_off_offer_is_refused_with_two_ways_out() -> None:
    cannot = refused(Wish(CAT, model="midjourney"), (SEEDREAM, BANANA, PRO))
    assert (cannot.key, cannot.model) == ("model_gone", "midjourney")
    assert [way.offer for way in cannot.ways] == [SEEDREAM, BANANA]


def test_the_cheapest_goes_by_live_price() -> None:
    cheap = replace(PRO, prices=(("", Price(1, "points")),))
    assert chosen(Wish(CAT, budget="cheapest"), (SEEDREAM, BANANA, cheap)).way.offer is cheap
    assert chosen(Wish(CAT, budget="cheapest")).way.offer is SEEDREAM


def test_prices_of_different_units_are_never_compared() -> None:
    yuan = offer("jimeng-4.0", 0.2, prices=(("", Price(0.2, "yuan")),))
    assert chosen(Wish(CAT, budget="cheapest"), (SEEDREAM, BANANA, yuan)).way.offer is SEEDREAM


def test_a_budget_word_overrides_the_preference() -> None:
    assert chosen(Wish(CAT, preferred="midjourney", budget="cheapest")).way.offer is SEEDREAM
    assert chosen(Wish(CAT, preferred="midjourney", budget="best")).way.offer is PRO


def test_midjourney_with_a_ratio_offers_those_that_can_with_prices() -> None:
    cannot = refused(Wish(replace(CAT, ratio="16:9"), model="midjourney"))
    assert (cannot.key, cannot.values["ratio"]) == ("ratio", "16:9")
    assert [(way.offer.model, way.price) for way in cannot.ways] == [
        (SEEDREAM.model, Price(5, "points")),
        (BANANA.model, Price(6, "points")),
    ]


def test_midjourney_and_a_square_is_fine() -> None:
    assert chosen(Wish(replace(CAT, ratio="1:1"), model="midjourney")).way.request.ratio == ""


def test_the_default_gives_way_to_a_model_that_can_do_what_was_asked() -> None:
    small = replace(CAT, size="512px")
    assert chosen(Wish(small)).way.offer is BANANA


def test_an_odd_ratio_is_answered_with_the_nearest() -> None:
    cannot = refused(Wish(CAT, ratio_asked="7:3"))
    assert (cannot.key, cannot.values["nearest"]) == ("ratio_odd", "21:9")
    assert cannot.ways[0].request.ratio == "21:9"


def test_8k_is_answered_with_4k() -> None:
    cannot = refused(Wish(CAT, size_asked="8K"))
    assert (cannot.key, cannot.values["best"]) == ("size_max", "4K")
    assert cannot.ways[0].request.size == "4K"


def test_too_many_pictures_are_answered_with_as_many_as_can_be() -> None:
    cannot = refused(Wish(replace(CAT, count=9), model=SEEDREAM.model))
    assert (cannot.key, cannot.values["n"]) == ("count", 4)
    assert cannot.ways[0].request.count == 4


SMALL = offer("gemini-3-pro-image", 10, sizes=("720p", "2K"))


def test_where_the_model_has_no_such_size_its_closest_is_offered_and_others_with_all_of_it() -> None:
    cannot = refused(Wish(replace(CAT, size="4K"), model=SMALL.model), (SEEDREAM, SMALL))
    assert cannot.key == "size"
    assert [(way.offer, way.request.size) for way in cannot.ways] == [(SMALL, "2K"), (SEEDREAM, "4K")]


def test_of_two_sizes_that_are_as_close_the_larger_is_offered() -> None:
    cannot = refused(Wish(replace(CAT, size="1K"), model=SMALL.model), (SEEDREAM, SMALL))
    assert cannot.ways[0].request.size == "2K"


def test_who_has_been_told_gets_it_as_close_as_the_model_can() -> None:
    wish = Wish(replace(CAT, size="4K", count=9), model=SMALL.model, bends=True)
    request = chosen(wish, (SEEDREAM, SMALL)).way.request
    assert (request.size, request.count) == ("2K", 4)


def test_an_odd_size_that_somebody_has_is_drawn() -> None:
    choice = chosen(Wish(CAT, size_asked="512px"))
    assert (choice.way.offer, choice.way.request.size) == (BANANA, "512px")


def test_where_nothing_but_squares_are_drawn_an_odd_ratio_is_said_to_be_one() -> None:
    for ratios in ((), ("1:1",)):
        only = replace(MIDJOURNEY, ratios=ratios)
        cannot = refused(Wish(CAT, ratio_asked="7:3"), (only,))
        assert (cannot.key, cannot.values["nearest"]) == ("ratio_odd", "1:1")


def test_a_model_that_gives_several_at_a_time_can_be_asked_for_as_many() -> None:
    assert chosen(Wish(replace(CAT, count=4), model=MIDJOURNEY.model)).way.offer is MIDJOURNEY
    assert refused(Wish(replace(CAT, count=5), model=MIDJOURNEY.model)).key == "count"


def test_a_ratio_that_is_named_comes_before_pixels_that_do_not_fit() -> None:
    request = chosen(Wish(replace(CAT, pixels=(9000, 100), ratio="16:9"))).way.request
    assert (request.pixels, request.ratio) == (None, "16:9")


def test_no_picture_is_longer_than_three_times_its_other_side() -> None:
    any_size = replace(SEEDREAM, pixels=(1, 10**9))
    assert chosen(Wish(replace(CAT, pixels=(3000, 1000))), (any_size,)).way.request.pixels == (3000, 1000)
    assert refused(Wish(replace(CAT, pixels=(3001, 1000))), (any_size,)).key == "pixels"


def test_a_model_that_only_edits_is_not_said_to_be_unable_to_edit() -> None:
    editor = replace(PRO, task="image_to_image")
    assert refused(Wish(CAT, model=PRO.model), (SEEDREAM, editor)).key == "model_gone"
    edit = Request("image_to_image", "night")
    assert refused(Wish(edit, model=SEEDREAM.model), (SEEDREAM, editor)).key == "edit"


def test_the_cheapest_of_exact_pixels_is_not_another_size() -> None:
    tiers = (("", Price(5, "points")), ("512px", Price(1, "points")))
    several = replace(SEEDREAM, prices=tiers, sizes=("512px",), pixels=(1, 10**9))
    assert chosen(Wish(CAT, budget="cheapest"), (several,)).way.request.size == "512px"
    exact = replace(CAT, pixels=(1024, 1024))
    assert chosen(Wish(exact, budget="cheapest"), (several,)).way.request.size == ""


def test_options_that_a_model_does_not_know_are_left_out_and_named() -> None:
    choice = chosen(Wish(replace(CAT, negative="text", strength=0.5)))
    assert choice.dropped == ("strength",)
    assert (choice.way.request.negative, choice.way.request.strength) == ("text", None)


def test_a_bare_jimeng_is_the_newest_on_offer() -> None:
    jimeng = (offer("jimeng-4.0", 1), offer("jimeng-4.6", 1), offer("jimeng-4.5", 1))
    assert chosen(Wish(CAT, model="jimeng"), jimeng).way.offer.model == "jimeng-4.6"
    assert chosen(Wish(CAT), jimeng).way.offer.model == "jimeng-4.5"


def test_films_are_refused_plainly() -> None:
    assert refused(Wish(Request("text_to_video", "a cat"))).key == "video"
    assert refused(Wish(CAT), ()).key == "nothing"


@pytest.mark.parametrize(
    ("model", "first", "second"),
    [
        (SEEDREAM, BANANA, PRO),
        (BANANA, SEEDREAM, PRO),
        (PRO, SEEDREAM, BANANA),
        (MIDJOURNEY, SEEDREAM, BANANA),
    ],
)
def test_the_alternatives_after_a_failure(model: Offer, first: Offer, second: Offer) -> None:
    assert [way.offer for way in alternatives(model.model, CAT, IMA, CATALOG)] == [first, second]


def test_a_jimeng_only_house_offers_jimeng() -> None:
    jimeng = tuple(offer(f"jimeng-{version}", 1) for version in ("4.6", "4.5", "4.0"))
    ways = alternatives("jimeng-4.5", CAT, jimeng, CATALOG)
    assert len(ways) == 2
    assert all(way.offer.model.startswith("jimeng-") and way.offer.model != "jimeng-4.5" for way in ways)


@pytest.mark.parametrize(
    ("ratio", "close"), [("7:3", "21:9"), ("8:3", "21:9"), ("5:4", "4:3"), ("1:3", "9:16")]
)
def test_the_nearest_ratio_is_the_closest_shape(ratio: str, close: str) -> None:
    assert nearest(ratio, RATIOS) == close
