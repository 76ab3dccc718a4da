from pathlib import Path

import pytest

from adapters.backends.jimeng_api.models import Region, models_of, offers_of, plan, region_of
from bot.errors import Reason, Refused
from bot.job import Request
from bot.message import Media


def asked(**more: object) -> Request:
    return Request(task="text_to_image", prompt="a cat", **more)  # type: ignore[arg-type]  # a test's shorthand


def fields(model: str, request: Request, region: Region = "cn") -> dict[str, str | float | bool]:
    return plan(model, request, region, new=True).fields


@pytest.mark.parametrize(
    ("session_id", "region"),
    [
        ("abcdef", "cn"),
        ("us-abcdef", "us"),
        ("HK-abcdef", "hk"),
        ("jp-abcdef", "jp"),
        ("sg-abcdef", "sg"),
        ("http://user:pass@10.0.0.1:8080@us-abcdef", "us"),
        ("socks5://us-proxy:1080@abcdef", "cn"),
    ],
)
def test_the_prefix_names_the_region(session_id: str, region: str) -> None:
    assert region_of(session_id) == region


def test_nothing_is_sent_that_nobody_asked_for() -> None:
    assert fields("jimeng-4.5", asked()) == {"model": "jimeng-4.5", "prompt": "a cat"}


def test_all_that_was_asked_for_is_sent() -> None:
    request = asked(ratio="16:9", size="4K", negative="dogs", strength=0.7)
    assert fields("jimeng-4.5", request) == {
        "model": "jimeng-4.5",
        "prompt": "a cat",
        "ratio": "16:9",
        "resolution": "4k",
        "negative_prompt": "dogs",
        "sample_strength": 0.7,
    }


@pytest.mark.parametrize(("ratio", "sent"), [("4:3", "3:4"), ("3:4", "4:3"), ("16:9", "16:9")])
def test_the_exchanged_ratios_at_1k_are_exchanged_back(ratio: str, sent: str) -> None:
    assert fields("jimeng-4.5", asked(ratio=ratio, size="1K"))["ratio"] == sent
    assert fields("jimeng-4.5", asked(ratio=ratio, size="2K"))["ratio"] == ratio
    assert fields("jimeng-nanobanana", asked(ratio=ratio), "hk")["ratio"] == sent


def test_an_intelligent_ratio_is_asked_for_only_where_it_works() -> None:
    request = asked(auto_ratio=True)
    assert fields("jimeng-4.5", request)["intelligent_ratio"] is True
    assert "intelligent_ratio" not in fields("jimeng-3.0", request)
    assert "intelligent_ratio" not in fields("jimeng-4.5", asked())
    assert "ratio" not in fields("jimeng-4.5", request)


def test_nanobanana_has_one_shape_in_the_states_and_one_size_in_asia() -> None:
    offers = {offer.model: offer for offer in offers_of("us", new=True) if offer.task == "text_to_image"}
    assert (offers["jimeng-nanobanana"].ratios, offers["jimeng-nanobanana"].sizes) == ((), ())
    assert "4K" in offers["jimeng-nanobananapro"].sizes
    assert fields("jimeng-nanobanana", asked(size="1K"), "sg") == {"model": "nanobanana", "prompt": "a cat"}
    with pytest.raises(Refused) as refused:
        fields("jimeng-nanobanana", asked(ratio="16:9"), "us")
    assert refused.value.reason is Reason.RATIO_UNSUPPORTED


@pytest.mark.parametrize(
    ("model", "region"),
    [("jimeng-nanobanana", "cn"), ("jimeng-3.1", "us"), ("jimeng-5.0", "us"), ("gpt-image-2", "cn")],
)
def test_a_model_that_would_be_replaced_in_silence_is_refused(model: str, region: Region) -> None:
    with pytest.raises(Refused) as refused:
        fields(model, asked(), region)
    assert refused.value.reason is Reason.MODEL_MISMATCH


def test_the_older_release_has_neither_5_0_nor_4_6() -> None:
    for region in ("cn", "hk"):
        assert "jimeng-5.0" in models_of(region, new=True)
        assert "jimeng-5.0" not in models_of(region, new=False)
    with pytest.raises(Refused):
        plan("jimeng-4.6", asked(), "cn", new=False)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (asked(ratio="7:3"), Reason.RATIO_UNSUPPORTED),
        (asked(size="8K"), Reason.BAD_SIZE),
        (asked(pixels=(640, 480)), Reason.BAD_SIZE),
        (asked(strength=1.5), Reason.BAD_INPUT),
        (Request("image_to_image", "a cat"), Reason.BAD_INPUT),
        (Request("text_to_video", "a cat"), Reason.MODEL_MISMATCH),
        (asked(inputs=(Media(Path("a.png"), "image/png", 1),)), Reason.BAD_INPUT),
    ],
)
def test_what_cannot_be_done_is_refused_before_it_is_sent(request_: Request, reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        fields("jimeng-4.5", request_)
    assert refused.value.reason is reason


def test_no_more_than_ten_pictures_go_in() -> None:
    picture = Media(Path("a.png"), "image/png", 1)
    ten = Request("image_to_image", "a cat", inputs=(picture,) * 10)
    assert plan("jimeng-4.5", ten, "cn", new=True).path == "/v1/images/compositions"
    with pytest.raises(Refused):
        plan("jimeng-4.5", Request("image_to_image", "a cat", inputs=(picture,) * 11), "cn", new=True)
    with pytest.raises(Refused):
        plan("jimeng-3.1", Request("image_to_image", "a cat", inputs=(picture,)), "cn", new=True)
