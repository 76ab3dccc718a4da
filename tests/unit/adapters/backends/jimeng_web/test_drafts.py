import hashlib
import json
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.backends.jimeng_web.drafts import Upload, body, feature, sign, wish
from adapters.backends.jimeng_web.models import ASSUMED, KEYS, RATIOS, read
from adapters.backends.jimeng_web.upload import Key, authorization
from bot.errors import Reason, Refused
from bot.job import Request
from bot.message import Media
from bot.ports import Order
from tests.simulators.jimeng_web.checks import check_order, table

NOW = 1_795_000_000.5
LIVE = read(table())


def order(model: str = "jimeng-4.5", **more: object) -> Order:
    task = "image_to_image" if more.get("inputs") else "text_to_image"
    return Order("ref", model, Request(**{"task": task, "prompt": "a cat", **more}))  # type: ignore[arg-type]  # short


def test_requests_are_signed_as_the_site_signs_them() -> None:
    assert sign("/mweb/v1/aigc_draft/generate", 1_700_000_000) == "a29e0b750501aa30af81fd309a15ceca"
    assert sign("/mweb/v1/get_history_by_ids", 1_700_000_000) == "89fc65c93b50132b5eded79da14f0c14"


def test_imagex_requests_are_signed_as_amazon_signs_its_own() -> None:
    # "get-vanilla" of the published test suite for Signature Version 4.
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    key = Key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", "")
    url = httpx.URL("https://example.amazonaws.com/")
    told = authorization("GET", url, headers, key, ("us-east-1", "service"))
    assert told.endswith("Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")


def test_an_imagex_signature_covers_the_key_of_the_session() -> None:
    headers = {
        "host": "imagex.bytedanceapi.com",
        "x-amz-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-amz-date": "20260727T100000Z",
        "x-amz-security-token": "STS-TOKEN",
    }
    url = httpx.URL("https://imagex.bytedanceapi.com/?Action=ApplyImageUpload&Version=2018-08-01")
    told = authorization("GET", url, headers, Key("AKIDTEST", "SECRETTEST", "STS-TOKEN", ""))
    assert told == (
        "AWS4-HMAC-SHA256 Credential=AKIDTEST/20260727/cn-north-1/imagex/aws4_request, "
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
        "Signature=0fc3d94bc4891c4fafddd6107436fff1f257fd8b5df635bd5d0bce9d7894cb25"
    )


def test_a_key_never_shows() -> None:
    assert "secret" not in repr(Key("secret-a", "secret-b", "secret-c", "service"))


@pytest.mark.parametrize(
    ("ratio", "number"),
    [("1:1", 1), ("3:4", 2), ("16:9", 3), ("4:3", 4), ("9:16", 5), ("2:3", 6), ("3:2", 7), ("21:9", 8)],
)
def test_ratios_have_the_sites_own_numbers(ratio: str, number: int) -> None:
    wanted = wish(order(ratio=ratio), LIVE["jimeng-4.5"])
    across, down = map(int, ratio.split(":"))
    assert wanted.shape.number == number
    assert abs(wanted.shape.width / wanted.shape.height - across / down) < 0.01


def test_the_same_order_is_the_same_draft() -> None:
    wanted = wish(order(count=2), LIVE["jimeng-4.5"])
    assert body(wanted, (), NOW) == body(wanted, (), NOW)


def test_the_number_of_pictures_stands_beside_the_ability_and_only_when_it_was_asked_for() -> None:
    for count in (0, 1, 8):
        told = body(wish(order(count=count), LIVE["jimeng-5.0"]), (), NOW)
        abilities = json.loads(told["draft_content"])["component_list"][0]["abilities"]
        assert abilities["gen_option"].get("gen_count", 0) == count
        assert "gen_option" not in abilities["generate"]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (order("jimeng-nanobanana"), Reason.MODEL_MISMATCH),
        (order(ratio="7:3"), Reason.RATIO_UNSUPPORTED),
        (order(size="8K"), Reason.BAD_SIZE),
        (order(size="1K"), Reason.BAD_SIZE),
        (order(pixels=(640, 480)), Reason.BAD_SIZE),
        (order(count=9), Reason.BAD_INPUT),
        (order("jimeng-3.0", count=5), Reason.BAD_INPUT),
        (order(strength=2.0), Reason.BAD_INPUT),
        (order(task="image_to_image"), Reason.BAD_INPUT),
        (order("jimeng-3.1", inputs=(Media(Path("a.png"), "image/png", 1),)), Reason.BAD_INPUT),
        (order(task="text_to_video"), Reason.MODEL_MISMATCH),
    ],
)
def test_what_cannot_be_done_is_refused_before_it_is_sent(wanted: Order, reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        wish(wanted, LIVE.get(wanted.model))
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    "hostile",
    [
        None,
        [],
        {},
        {"model_list": None},
        {"model_list": "x"},
        {"model_list": [None, 5, {"model_req_key": 7}]},
    ],
)
def test_a_table_that_is_none_tells_nothing(hostile: object) -> None:
    assert read(hostile) == {}


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"resolution_map": None, "generate_count_options": "x", "input_image_limit": 5, "feats": None},
        {"resolution_map": {"2k": None, "9k": {"image_ratio_sizes": [None, {"ratio_type": "1"}]}}},
        {"resolution_map": {"2k": {"image_ratio_sizes": [{"ratio_type": 77, "width": 5, "height": 5}]}}},
        {"generate_count_options": [None, -1, True, 10**9], "input_image_limit": [{}, None]},
    ],
)
def test_what_a_row_does_not_tell_is_assumed(row: dict[str, object]) -> None:
    key = KEYS["jimeng-4.5"]
    assert read({"model_list": [{"model_req_key": key, **row}]}) == {"jimeng-4.5": ASSUMED["jimeng-4.5"]}


def test_the_table_is_believed_where_it_tells() -> None:
    sizes = [{"ratio_type": 101, "width": 4000, "height": 4000}]
    row = {
        "model_req_key": KEYS["jimeng-4.0"],
        "resolution_map": {"4k": {"image_ratio_sizes": sizes}},
        "generate_count_options": [1, 2],
        "feats": ["t2i"],
    }
    model = read({"model_list": [row]})["jimeng-4.0"]
    (offer,) = model.offers()
    assert (offer.ratios, offer.sizes, offer.max_count, offer.per_order) == (("1:1",), ("4K",), 2, 2)
    assert wish(order("jimeng-4.0"), model).shape.number == 101


def test_what_is_assumed_is_what_the_site_was_seen_to_have() -> None:
    assert ASSUMED["jimeng-4.5"] == LIVE["jimeng-4.5"]
    assert ASSUMED["jimeng-3.1"].shapes == LIVE["jimeng-3.1"].shapes


@st.composite
def wishes(draw: st.DrawFn) -> tuple[Order, int]:
    model = draw(st.sampled_from(sorted(LIVE)))
    offer = draw(st.sampled_from(list(LIVE[model].offers())))
    inputs = draw(st.integers(bool(offer.max_inputs), offer.max_inputs))
    request = Request(
        task=offer.task,
        prompt=draw(st.text(min_size=1, max_size=20)),
        ratio=draw(st.sampled_from(("", *offer.ratios))),
        size=draw(st.sampled_from(("", *offer.sizes))),
        count=draw(st.integers(0, offer.max_count)),
        negative=draw(st.sampled_from(("", "dogs"))),
        strength=draw(st.sampled_from((None, 0.0, 1.0))),
        auto_ratio=draw(st.booleans()),
        inputs=(Media(Path("a.png"), "image/png", 1),) * inputs,
    )
    return Order(draw(st.uuids()).hex, model, request), inputs


@settings(max_examples=100)
@given(wishes())
def test_whatever_is_offered_is_taken_as_it_was_asked(told: tuple[Order, int]) -> None:
    wanted, inputs = told
    request = wanted.request
    uploads = tuple(Upload(f"tos/{n}", 10, 10, "png") for n in range(inputs))
    made = json.loads(json.dumps(body(wish(wanted, LIVE[wanted.model]), uploads, NOW)))
    taken = check_order(made, {"babi_param": feature(KEYS[wanted.model])})
    assert taken.submit_id == wanted.reference
    assert taken.prompt == "##" * inputs + request.prompt
    assert taken.count == (request.count or LIVE[wanted.model].usual)
    assert taken.negative == request.negative
    assert taken.images == tuple(upload.uri for upload in uploads)
    assert taken.ratio is None or not request.ratio or RATIOS[taken.ratio] == request.ratio
