"""Whatever stands in the list, what can be ordered is found and nothing breaks."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.backends.ima.backend import offer
from adapters.backends.ima.catalogue import Product, decode
from bot.message import Task
from tests.simulators.ima.catalogue import catalogue, choice, leaf, rule

TASK: Task = "text_to_image"


def product(model: str, task: Any = TASK) -> Product:
    products, skipped = decode(catalogue(task), task)
    assert not skipped
    return products[model]


def only(node: dict[str, Any]) -> tuple[dict[str, Product], list[str]]:
    return decode([node], TASK)


def usable(**more: Any) -> dict[str, Any]:
    return leaf("m", "v", TASK, **{"credit_rules": [rule(3, 1)], **more})


def test_leaves_are_found_at_any_depth_and_the_last_of_one_model_is_taken() -> None:
    assert product("gemini-3.1-flash-image").version == "flash-2"
    deep: Any = usable()
    for _ in range(50):
        deep = {"type": "2", "children": [deep]}
    assert "m" in decode(deep, TASK)[0]


def test_a_broken_newer_leaf_leaves_the_older_one_on_offer() -> None:
    products, skipped = decode([usable(), leaf("m", "v2", TASK)], TASK)
    assert products["m"].version == "v"
    assert skipped == ["m: no rule that says what it costs"]


@pytest.mark.parametrize(
    ("tag", "seconds"),
    [
        ("20~35s", (20, 35)),
        ("20～35s", (20, 35)),
        ("35-20s", (20, 35)),
        ("45s", (45, 45)),
        ("1~2min", (60, 120)),
        ("soon", None),
        ("0s", None),
        ("", None),
    ],
)
def test_the_time_tag_is_read(tag: str, seconds: tuple[int, int] | None) -> None:
    tags = [{"tag_type": "point", "tag_value": "9~9s"}, {"tag_type": "EET", "tag_value": tag}]
    assert only(usable(tags=tags))[0]["m"].seconds == seconds


@pytest.mark.parametrize(
    "broken",
    [
        {"credit_rules": []},
        {"credit_rules": None},
        {"credit_rules": [{"points": "5", "attribute_id": 1}]},
        {"credit_rules": [{"points": 5, "attribute_id": 0}]},
        {"credit_rules": [{"points": True, "attribute_id": 1}]},
        {"credit_rules": [{"points": -5, "attribute_id": 1}]},
        {"credit_rules": [{"points": 5, "attribute_id": 1, "attributes": {"size": ["1K"]}}]},
        {"credit_rules": [{"points": 5, "attribute_id": 1, "attributes": "1K"}]},
        {"model_id": None},
        {"model_id": ""},
        {"model_id": "x" * 10_000},
        {"model_id": "../../etc/passwd\n"},
        {"id": 12},
    ],
)
def test_a_leaf_that_cannot_be_ordered_is_left_out_with_a_word_on_why(broken: dict[str, Any]) -> None:
    products, skipped = only(usable(**broken))
    assert products == {}
    assert len(skipped) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"form_config": None},
        {"form_config": "size"},
        {"form_config": [None, 3, {"field": 4}, {"field": "size", "options": "1K"}, {"options": []}]},
        {"form_config": [{"field": "size", "is_ui_virtual": True, "value_mapping": [], "ui_params": 3}]},
        {"form_config": [{"field": "size", "is_ui_virtual": True, "value_mapping": {"mapping_rules": [1]}}]},
        {"form_config": [{"field": "n", "label": None, "value": {"a": 1}, "options": [{"value": {}}]}]},
        {"form_config": [choice("hologram", "on", "on", "off", type="hologram")]},
        {"tags": "EET", "name": None, "files": [1]},
        {"tags": [None, {"tag_type": "EET"}], "files": {"maxLimit": "14", "acceptType": [None]}},
    ],
)
def test_what_is_odd_beside_the_price_does_not_keep_a_model_from_being_offered(odd: dict[str, Any]) -> None:
    products, skipped = only(usable(**odd))
    assert not skipped
    assert offer(products["m"]).price() is not None


def test_an_offer_says_what_the_list_says() -> None:
    made = offer(product("gemini-3.1-flash-image"))
    assert dict(made.prices)["4K"].amount == 13
    assert made.price() == dict(made.prices)["1K"]
    assert made.seconds == (18, 33)
    assert "4:5" in made.ratios
    assert made.sizes == ("512px", "1K", "2K", "4K")
    assert (made.max_inputs, made.per_order) == (0, 1)


def test_pictures_per_order_stand_beside_the_parameter_for_their_number() -> None:
    made = offer(product("midjourney"))
    assert (made.per_order, made.max_count, made.ratios) == (4, 4, ("1:1",))


def test_a_size_that_no_rule_has_a_price_for_is_not_offered() -> None:
    node = usable(
        form_config=[choice("size", "1K", "1K", "9K")],
        credit_rules=[rule(3, 1, size="1K")],
    )
    assert offer(only(node)[0]["m"]).sizes == ("1K",)


def test_pictures_for_pictures_are_limited_as_the_list_says() -> None:
    assert product("gemini-3-pro-image", "image_to_image").max_inputs == 14
    assert product("midjourney", "image_to_image").max_inputs == 1, "where it says nothing, one"
    node = usable(files={"maxLimit": 3, "acceptType": ["image/png"]})
    made = decode([node], "image_to_image")[0]["m"]
    assert made.max_inputs == 3
    assert made.accepts == {"image/png"}


KEYS = """type children model_id id credit_rules points attribute_id attributes form_config field options
value value_mapping mapping_rules is_ui_virtual source_values target_value ui_params files tags tag_type
tag_value"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS.split()),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@settings(max_examples=100)
@given(JSON, st.sampled_from(["credit_rules", "form_config", "tags", "files", "children", "name", "type"]))
def test_no_json_at_all_breaks_it(anything: Any, key: str) -> None:
    decode(anything, "image_to_image")
    for made in decode([{**usable(), key: anything}], "image_to_image")[0].values():
        offer(made)
