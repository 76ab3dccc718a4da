"""From what a person asked for to the body of an order."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.backends.volcengine.models import AT_2K, MODELS, PIXELS, RATIOS, body, logo, offers
from bot.errors import Reason, Refused
from bot.job import Request
from bot.message import Media, Task

SIZES = ("1K", "2K", "4K")


def made(model: str = "jimeng-4.0", **asked: Any) -> dict[str, Any]:
    task: Task = "image_to_image" if asked.get("inputs") else "text_to_image"
    return body(model, Request(task, asked.pop("prompt", "a fox"), **asked))


def test_a_bare_wish_is_one_picture_in_the_model_s_own_shape() -> None:
    assert made() == {"req_key": "jimeng_t2i_v40", "prompt": "a fox", "force_single": True}
    assert made("jimeng-4.6")["req_key"] == "jimeng_seedream46_cvtob"


def test_a_size_alone_is_an_area() -> None:
    assert [made(size=size)["size"] for size in SIZES] == [1_048_576, 4_194_304, 16_777_216]
    assert "width" not in made(size="4K")


def test_a_ratio_alone_is_width_and_height_at_2k() -> None:
    asked = made(ratio="16:9")
    assert (asked["width"], asked["height"]) == (2560, 1440)
    assert "size" not in asked
    upright = made(ratio="9:16")
    assert (upright["width"], upright["height"]) == (1440, 2560)


def test_the_two_models_differ_at_4k() -> None:
    old, new = made(ratio="21:9", size="4K"), made("jimeng-4.6", ratio="21:9", size="4K")
    assert (old["width"], new["width"]) == (6198, 6197)
    assert made("jimeng-4.6", ratio="3:4", size="4K")["height"] == 4693


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ratio", RATIOS)
def test_every_ratio_at_every_size_is_within_the_limits_and_true(model: str, ratio: str, size: str) -> None:
    asked = made(model, ratio=ratio, size=size)
    width, height = asked["width"], asked["height"]
    assert PIXELS[0] <= width * height <= PIXELS[1]
    wide, high = (int(side) for side in ratio.split(":"))
    assert width / height == pytest.approx(wide / high, rel=0.01)
    assert set(AT_2K) <= set(RATIOS)


def test_exact_pixels_are_sent_as_they_are_within_the_limits() -> None:
    assert made(pixels=(1111, 1999), ratio="1:1", size="4K")["width"] == 1111
    wide = made(pixels=(4000, 1000))
    assert (wide["max_ratio"], "min_ratio" in wide) == (4.0, False)
    tall = made(pixels=(1000, 4000))
    assert (tall["min_ratio"], "max_ratio" in tall) == (0.25, False)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"pixels": (1023, 1024)}, Reason.BAD_SIZE),
        ({"pixels": (4097, 4096)}, Reason.BAD_SIZE),
        ({"pixels": (0, 4096)}, Reason.BAD_SIZE),
        ({"pixels": (-2048, -2048)}, Reason.BAD_SIZE),
        ({"pixels": (16_000, 1000)}, Reason.RATIO_UNSUPPORTED),
        ({"size": "8K"}, Reason.BAD_SIZE),
        ({"ratio": "7:3"}, Reason.RATIO_UNSUPPORTED),
        ({"count": 10}, Reason.MODEL_MISMATCH),
        ({"prompt": "x" * 801}, Reason.MODEL_MISMATCH),
    ],
)
def test_what_is_outside_the_limits_is_refused(asked: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        made(**asked)
    assert refused.value.reason is reason


def test_several_pictures_only_where_several_are_asked_for() -> None:
    assert made(count=1)["force_single"] is True
    several = made(count=4, prompt="狐狸四季")
    assert several["force_single"] is False
    assert several["prompt"] == "狐狸四季，一共生成 4 张图"
    assert (several["width"], several["height"]) == (2048, 2048), "of one size, or they fail"
    assert made(count=4)["prompt"] == "a fox, 4 images in all"


def test_the_model_chooses_the_shape_where_that_is_asked_for() -> None:
    assert made(ratio="16:9", auto_ratio=True, size="2K") == {**made(), "size": 4_194_304}
    assert "width" not in made(auto_ratio=True, count=3)


@pytest.mark.parametrize(
    ("model", "strength", "scale"),
    [
        ("jimeng-4.0", 0.3, 0.7),
        ("jimeng-4.0", 0.0, 1.0),
        ("jimeng-4.0", 1.0, 0.0),
        ("jimeng-4.6", 0.3, 70),
        ("jimeng-4.6", 1.0, 1),
        ("jimeng-4.6", 0.0, 100),
    ],
)
def test_the_more_the_picture_binds_the_less_the_text_counts(
    model: str, strength: float, scale: float, photo: Callable[..., Media]
) -> None:
    asked = made(model, strength=strength, inputs=(photo(),))
    assert asked["scale"] == scale
    assert type(asked["scale"]) is type(scale)
    assert "scale" not in made(model, strength=strength), "without a picture it binds nothing"
    assert "scale" not in made(model, inputs=(photo(),))


@pytest.mark.parametrize(("model", "most"), [("jimeng-4.0", 10), ("jimeng-4.6", 14)])
def test_as_many_pictures_as_the_model_takes(model: str, most: int, photo: Callable[..., Media]) -> None:
    one = photo()
    assert made(model, inputs=(one,) * most)
    with pytest.raises(Refused):
        made(model, inputs=(one,) * (most + 1))
    with pytest.raises(Refused):
        body(model, Request("image_to_image", "melt it"))


def test_pictures_of_a_shape_that_is_not_taken_are_refused(photo: Callable[..., Media]) -> None:
    with pytest.raises(Refused) as refused:
        made(inputs=(photo(size=(310, 100)),))
    assert refused.value.reason is Reason.BAD_SIZE


def test_other_models_and_films_are_refused() -> None:
    with pytest.raises(Refused):
        body("jimeng-4.5", Request("text_to_image", "a fox"))
    with pytest.raises(Refused):
        body("jimeng-4.0", Request("text_to_video", "a fox"))


def test_a_watermark_only_where_one_is_asked_for() -> None:
    assert logo(Request("text_to_image", "a fox"))["add_logo"] is False
    assert logo(Request("text_to_image", "a fox", watermark=False))["add_logo"] is False
    drawn = logo(Request("text_to_image", "狐狸", watermark=True))
    assert (drawn["add_logo"], drawn["language"], drawn["logo_text_content"]) == (True, 0, "")
    assert logo(Request("text_to_image", "a fox", watermark="Inkling"))["logo_text_content"] == "Inkling"


def test_half_a_character_is_not_sent() -> None:
    assert made(prompt="a fox \ud83d")["prompt"] == "a fox ?"


def test_no_price_is_made_up() -> None:
    made_offers = offers()
    assert [(offer.model, offer.task) for offer in made_offers] == [
        ("jimeng-4.6", "text_to_image"),
        ("jimeng-4.6", "image_to_image"),
        ("jimeng-4.0", "text_to_image"),
        ("jimeng-4.0", "image_to_image"),
    ]
    assert all(not offer.prices and offer.per_order == 1 for offer in made_offers)
