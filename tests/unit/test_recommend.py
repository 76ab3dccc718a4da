"""Who draws what unasked, what is only hinted at, and that it never surprises with its price."""

from dataclasses import replace
from typing import get_args

import pytest

from bot import catalog, texts
from bot.catalog import STRENGTHS
from bot.choose import Cannot, Choice, Wish, choose
from bot.job import Request
from bot.language import understand
from bot.language.suits import KINDS
from bot.message import Language, Price
from bot.ports import Offer
from tests.fakes.backend import offers_of

CATALOG = catalog.load()
SEEDREAM, BANANA, PRO, MIDJOURNEY = (
    *("doubao-seedream-4.5", "gemini-3.1-flash-image", "gemini-3-pro-image", "midjourney"),
)
IMA = offers_of(SEEDREAM, BANANA, PRO, MIDJOURNEY)


def drawn(text: str, offers: tuple[Offer, ...] = IMA, preferred: str = "", **more: object) -> Choice:
    """Who draws what somebody says."""
    intent = understand(text)
    assert intent.intent == "generate", intent
    request = Request(
        intent.task or "text_to_image", intent.prompt, ratio=intent.ratio or "", size=intent.size or ""
    )
    wish = Wish(request, intent.model or "", preferred, intent.budget or "", suits=intent.suits)
    choice = choose(replace(wish, **more), offers, CATALOG)  # type: ignore[arg-type]  # fields of Wish
    assert isinstance(choice, Choice), choice
    return choice


def priced(points: float, *models: str) -> tuple[Offer, ...]:
    """The same offers with some of them at another price."""
    return tuple(
        replace(offer, prices=(("", Price(points, "points")),)) if offer.model in models else offer
        for offer in IMA
    )


@pytest.mark.parametrize(
    "text",
    [
        *(
            "一只猫",
            "a cat",
            "画一座雪山",
            "水彩画的狐狸",
            "a watercolor fox",
            "油画风格的海边",
            "anime girl with an umbrella",
        ),
        *(
            "手表的产品图",
            "a product photo of a watch",
            "新年海报",
            "a poster for a jazz night",
            "证件照",
            "a headshot",
        ),
        *(
            "写着“开业大吉”的横幅",
            'a sign that says "OPEN"',
            "小红书封面，露营",
            "an Instagram post about tea",
        ),
        *(
            "印着logo的T恤",
            "a cup with a logo on it",
            "艺术学校",
            "an art museum at night",
            "一个画插图的女孩",
        ),
    ],
)
def test_the_default_draws_what_is_nothing_in_particular_or_what_it_is_good_at(text: str) -> None:
    choice = drawn(text)
    assert (choice.way.offer.model, choice.why, choice.hint) == (SEEDREAM, "default", "")


@pytest.mark.parametrize(
    ("text", "model", "why"),
    [
        ("设计一个咖啡店的logo", PRO, "logo"),
        ("a logo for a coffee shop", PRO, "logo"),
        ("一幅插画，小女孩在森林里", MIDJOURNEY, "art"),
        ("a children's book illustration of a bear", MIDJOURNEY, "art"),
        ("概念图：未来城市", MIDJOURNEY, "art"),
        ("concept art of a floating city", MIDJOURNEY, "art"),
        ("用最好的模型画一只猫", PRO, "best"),
        ("draw a cat, best quality", PRO, "best"),
        ("画一只猫，最便宜的", BANANA, "cheap"),
        ("draw a cat with the cheapest model", BANANA, "cheap"),
    ],
)
def test_who_is_better_at_it_draws_and_why_is_known(text: str, model: str, why: str) -> None:
    choice = drawn(text)
    assert (choice.way.offer.model, choice.why, choice.hint) == (model, why, "")
    assert all(texts.load().has(language, f"hint.{why}") for language in get_args(Language))


@pytest.mark.parametrize("text", ["一幅插画，横图", "an illustration of a bear, 16:9"])
def test_midjourney_is_never_recommended_for_a_ratio(text: str) -> None:
    choice = drawn(text)
    assert (choice.way.offer.model, choice.hint_model) == (SEEDREAM, "")


@pytest.mark.parametrize("text", ["把它变成插画", "make it an illustration"])
def test_an_edit_stays_with_who_is_good_at_editing(text: str) -> None:
    assert drawn(text).way.offer.model == SEEDREAM
    text_only = offers_of("jimeng-3.1") + tuple(offer for offer in IMA if offer.model == BANANA)
    assert drawn(text, text_only).way.offer.model == BANANA


def test_what_costs_more_than_twice_as_much_is_only_a_hint() -> None:
    choice = drawn("设计一个咖啡店的logo，4K")
    assert (choice.way.offer.model, choice.why) == (SEEDREAM, "default")
    assert (choice.hint_model, choice.hint) == (PRO, "logo")
    assert drawn("a logo for a café", priced(11, PRO)).way.offer.model == SEEDREAM


def test_what_is_paid_in_another_coin_does_not_draw_unasked() -> None:
    for unit, model in (("points", PRO), ("yuan", SEEDREAM)):
        price = Price(1, unit)  # type: ignore[arg-type]  # one of Price's
        offers = tuple(replace(one, prices=(("", price),)) if one.model == PRO else one for one in IMA)
        assert drawn("a logo for a bakery", offers).way.offer.model == model


def test_what_is_asked_for_is_drawn_at_any_price() -> None:
    assert drawn("用最好的模型画一只猫", priced(99, PRO)).way.offer.model == PRO
    assert drawn("一幅插画", priced(99, MIDJOURNEY)).way.offer.model == MIDJOURNEY


def test_thrift_is_recommended_only_where_it_is_no_dearer() -> None:
    text = "a thumbnail for a cooking video cover"
    text = "a youtube thumbnail about cooking"
    assert (drawn(text).way.offer.model, drawn(text).hint) == (SEEDREAM, "")
    cheap = drawn(text, priced(3, BANANA))
    assert (cheap.way.offer.model, cheap.why) == (BANANA, "thumbnail")


def test_the_cheapest_goes_by_the_live_price_of_every_size() -> None:
    choice = drawn("画一只猫，最便宜的")
    assert (choice.way.offer.model, choice.way.request.size) == (BANANA, "512px")
    assert choice.way.price == Price(4, "points")
    choice = drawn("画一只猫，最便宜的，4K")
    assert (choice.way.offer.model, choice.way.request.size) == (SEEDREAM, "4K")
    choice = drawn("画一只猫，最便宜的", priced(1, MIDJOURNEY))
    assert (choice.way.offer.model, choice.way.request.size) == (MIDJOURNEY, "")


def test_who_stands_in_for_the_default_because_it_can_do_it_is_said() -> None:
    choice = drawn("a cat, 512px")
    assert (choice.way.offer.model, choice.why) == (BANANA, "able")
    assert drawn("a cat", IMA[2:]).why == "default"


# Preferences -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "preferred", "better", "why"),
    [
        ("设计一个咖啡店的logo", MIDJOURNEY, PRO, "logo"),
        ("a logo for a coffee shop", SEEDREAM, PRO, "logo"),
        ("手表的产品图", MIDJOURNEY, SEEDREAM, "product"),
        ("a product photo of a watch", BANANA, SEEDREAM, "product"),
        ("一幅插画", SEEDREAM, MIDJOURNEY, "art"),
        ("an illustration of a bear", BANANA, MIDJOURNEY, "art"),
        ("新年海报", MIDJOURNEY, SEEDREAM, "poster"),
        ('a sign that says "OPEN"', MIDJOURNEY, SEEDREAM, "text"),
        ("证件照", MIDJOURNEY, SEEDREAM, "photo"),
        ("an Instagram post about tea", MIDJOURNEY, SEEDREAM, "social"),
        ("把它变成油画", MIDJOURNEY, SEEDREAM, "edit"),
    ],
)
def test_a_preference_is_kept_and_who_would_be_better_is_hinted_at(
    text: str, preferred: str, better: str, why: str
) -> None:
    choice = drawn(text, preferred=preferred)
    assert (choice.way.offer.model, choice.why) == (preferred, "preferred")
    assert (choice.hint_model, choice.hint) == (better, why)


@pytest.mark.parametrize(
    ("text", "preferred"),
    [
        ("一只猫", MIDJOURNEY),
        ("a photo of a cat", PRO),
        ("把它变成油画", BANANA),
        ("设计一个咖啡店的logo", PRO),
    ],
)
def test_who_is_good_at_it_as_well_is_no_reason_for_a_hint(text: str, preferred: str) -> None:
    assert drawn(text, preferred=preferred).hint == ""


def test_a_model_named_for_this_time_is_never_talked_down() -> None:
    assert drawn("用香蕉画一幅插画", preferred=SEEDREAM).hint == ""


def test_a_price_that_nobody_knows_is_not_hinted_at() -> None:
    unpriced = tuple(replace(offer, prices=()) if offer.model == PRO else offer for offer in IMA)
    choice = drawn("a logo for a café", unpriced)
    assert (choice.way.offer.model, choice.hint) == (SEEDREAM, "")
    assert drawn("a logo for a café", unpriced, preferred=MIDJOURNEY).hint == ""


def test_without_prices_the_default_of_a_jimeng_house_draws_what_it_is_good_at() -> None:
    jimeng = offers_of("jimeng-5.0", "jimeng-4.5", "jimeng-4.0", "jimeng-3.1")
    for text in ("一只猫", "a logo for a café", "一幅插画", "新年海报"):
        assert drawn(text, jimeng).way.offer.model == "jimeng-4.5"
    assert isinstance(
        choose(Wish(Request("text_to_image", "a cat"), model="midjourney"), jimeng, CATALOG), Cannot
    )


def test_every_strength_is_somebodys_and_has_words_and_every_kind_is_a_strength() -> None:
    assert {strength for model in CATALOG for strength in model.good_at} == set(STRENGTHS)
    assert set(STRENGTHS) - {"edit", "best", "text"} == set(KINDS)
    assert all(
        texts.load().has(language, f"hint.{one}") for one in STRENGTHS for language in get_args(Language)
    )
