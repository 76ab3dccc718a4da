"""From what a person asked for to the parameters and the rule of one order."""

from typing import Any

import pytest

from adapters.backends.ima.catalogue import Product, decode
from adapters.backends.ima.parameters import (
    Plan,
    Wish,
    completed,
    defaults,
    larger,
    plan,
    resolve,
    select,
    smaller,
    wish,
)
from bot.errors import Reason, Refused
from bot.job import Request
from bot.message import Task
from tests.simulators.ima.catalogue import RATIOS, catalogue, choice, leaf, rule

TASK: Task = "text_to_image"
SEEDREAM = "doubao-seedream-4.5"
BANANA = "gemini-3.1-flash-image"


def product(model: str) -> Product:
    return decode(catalogue(TASK), TASK)[0][model]


def made_up(*rules: dict[str, Any], fields: tuple[dict[str, Any], ...] = ()) -> Product:
    node = leaf("m", "v", TASK, credit_rules=list(rules), form_config=list(fields))
    return decode([node], TASK)[0]["m"]


def planned(model: str, **asked: Any) -> Plan:
    chosen = product(model)
    return plan(chosen, wish(chosen, Request(TASK, "a fox", **asked)))


# Virtual parameters


@pytest.mark.parametrize(("ratio", "size"), RATIOS.items())
def test_a_ratio_becomes_the_size_that_stands_for_it_and_is_not_sent_itself(ratio: str, size: str) -> None:
    assert planned(SEEDREAM, ratio=ratio).params == {"size": size}


def test_where_nobody_asks_the_default_of_the_shown_parameter_counts() -> None:
    assert defaults(product(SEEDREAM)) == {"size": "4k"}
    assert planned(SEEDREAM).params == {"size": "4k"}


def test_values_are_matched_without_regard_to_case_and_spaces() -> None:
    assert resolve(product(SEEDREAM), {"aspect_ratio": " 4K "}) == {"size": "4k"}


def test_a_value_without_a_mapping_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        resolve(product(SEEDREAM), {"aspect_ratio": "7:3"})
    assert refused.value.reason is Reason.RATIO_UNSUPPORTED


def test_a_target_that_says_otherwise_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        resolve(product(SEEDREAM), {"aspect_ratio": "16:9", "size": "4k"})
    assert refused.value.reason is Reason.BAD_SIZE
    assert resolve(product(SEEDREAM), {"aspect_ratio": "16:9", "size": "2560X1440"}) == {"size": "2560x1440"}


def test_a_ratio_and_the_size_it_stands_for_go_together() -> None:
    assert planned(SEEDREAM, ratio="16:9", size="2K").params == {"size": "2560x1440"}


def test_a_ratio_at_a_size_that_has_none_goes_into_the_prompt() -> None:
    made = planned(SEEDREAM, ratio="16:9", size="4K")
    assert made.params == {"size": "4k"}
    assert made.wish.prompt == "a fox, aspect ratio 16:9"
    chinese = wish(product(SEEDREAM), Request(TASK, "一只狐狸", ratio="16:9", size="4K"))
    assert chinese.prompt == "一只狐狸，画面比例 16:9"


def test_parameters_that_are_not_virtual_go_side_by_side() -> None:
    made = planned(BANANA, ratio="16:9", size="4K")
    assert made.params == {"aspect_ratio": "16:9", "size": "4K"}
    assert made.wish.prompt == "a fox"


def test_sizes_in_pixels_alone_are_chosen_by_their_ratio() -> None:
    assert planned("brushwork-2", ratio="3:2").params["size"] == "1536x1024"


def test_exact_pixels_are_taken_where_they_are_on_the_list() -> None:
    assert planned(SEEDREAM, pixels=(2560, 1440)).params == {"size": "2560x1440"}
    with pytest.raises(Refused) as refused:
        planned(SEEDREAM, pixels=(2561, 1440))
    assert refused.value.reason is Reason.BAD_SIZE


@pytest.mark.parametrize(
    ("model", "asked", "reason"),
    [
        (BANANA, {"ratio": "7:3"}, Reason.RATIO_UNSUPPORTED),
        (BANANA, {"size": "8K"}, Reason.BAD_SIZE),
        ("midjourney", {"ratio": "16:9"}, Reason.RATIO_UNSUPPORTED),
        ("midjourney", {"size": "2K"}, Reason.BAD_SIZE),
        ("midjourney", {"count": 5}, Reason.MODEL_MISMATCH),
        ("brushwork-2", {"size": "1K"}, Reason.BAD_SIZE),
    ],
)
def test_what_is_not_on_the_list_is_refused(model: str, asked: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        planned(model, **asked)
    assert refused.value.reason is reason


def test_a_square_may_be_asked_of_a_model_without_ratios() -> None:
    assert planned("midjourney", ratio="1:1").params == {"n": "1", "resolution": "480p"}


def test_what_is_not_wanted_is_sent_where_there_is_a_parameter_for_it() -> None:
    assert planned("brushwork-2", negative="text").params["negative_prompt"] == "text"
    assert "negative_prompt" not in planned(BANANA, negative="text").params


# The rule


def test_the_rule_follows_every_parameter_that_has_a_price() -> None:
    assert planned(BANANA, size="4K").rule.points == 13
    assert planned("midjourney", size="720p").rule.points == 10
    assert planned("midjourney").rule.points == 8
    assert planned("brushwork-2").rule.points == 7


def test_the_rule_that_is_met_in_full_goes_before_one_that_is_met_best_before_the_first() -> None:
    rules = made_up(rule(1, 1, a="x", b="y"), rule(2, 2, a="x", b="z"), rule(3, 3, b="y"), rule(4, 4)).rules
    assert select(rules, {"a": "x", "b": "Z "}).points == 2
    assert select(rules, {"a": "q", "b": "y"}).points == 3
    assert select(rules[:2], {"a": "x", "b": "w"}).points == 1
    assert select(rules[:2], {"c": "w"}).points == 1


def test_a_rule_that_asks_for_nothing_is_no_full_match() -> None:
    rules = made_up(rule(4, 4), rule(2, 2, size="2K")).rules
    assert select(rules, {"size": "2K"}).points == 2
    assert select(rules, {"size": "1K"}).points == 4


def test_the_rule_s_own_spelling_is_sent_and_the_marker_is_not() -> None:
    chosen = made_up(
        rule(3, 1, size="1K"), fields=(choice("size", "1k", "1k"), choice("tone", "a", "a", "b"))
    )
    made = plan(chosen, Wish({"size": "1k", "tone": "b"}, "a fox"))
    assert made.params == {"size": "1K", "tone": "b"}
    plain = made_up(rule(3, 1))
    assert plan(plain, Wish({}, "a fox")).params == {}


def test_a_rule_never_overrules_what_a_person_asked_for() -> None:
    chosen = made_up(rule(3, 1, size="1K"), fields=(choice("size", "1K", "1K", "2K"),))
    with pytest.raises(Refused):
        plan(chosen, Wish({"size": "2K"}, "a fox"))


def test_what_goes_inside_an_order() -> None:
    made = planned("midjourney", size="720p")
    assert made.inner(["https://a", "https://b"]) == {
        "n": 1,
        "resolution": "720p",
        "prompt": "a fox",
        "input_images": ["https://a", "https://b"],
        "cast": {"points": 10, "attribute_id": made.rule.attribute_id},
    }
    assert planned(BANANA).inner([])["n"] == 1


# Another order after a refusal


def test_the_next_smaller_size_is_taken_down_to_the_smallest() -> None:
    made: Plan | None = planned(BANANA, size="4K", ratio="16:9")
    seen = []
    while made:
        seen.append((made.size, made.rule.points, made.params["aspect_ratio"]))
        made = smaller(made)
    assert seen == [("4K", 13, "16:9"), ("2K", 10, "16:9"), ("1K", 6, "16:9"), ("512px", 4, "16:9")]


def test_sizes_below_those_on_the_list_are_never_made_up() -> None:
    first = smaller(planned(SEEDREAM))
    assert first is not None
    assert first.params == {"size": "2k"}
    assert smaller(first) is None


def test_without_sizes_the_quality_goes_down() -> None:
    first = smaller(planned("brushwork-2"))
    assert first is not None
    assert (first.params["quality"], first.rule.points) == ("low", 3)
    assert smaller(first) is None


def test_the_smallest_size_with_enough_pixels_is_taken() -> None:
    made = larger(planned(BANANA), 3_686_400)
    assert made is not None
    assert (made.size, made.rule.points) == ("2K", 10)
    assert larger(planned(BANANA, size="4K"), 3_686_400) is None


def test_missing_attributes_come_from_the_cheapest_rule() -> None:
    chosen = made_up(rule(9, 1, size="1K", style="bold"), rule(5, 2, size="2K", style="plain", mood="calm"))
    old = plan(chosen, Wish({"size": "1K"}, "a fox"))
    assert completed(old).params == {"size": "1K", "style": "bold", "mood": "calm"}
    assert completed(old).rule.points == 9


def test_a_rule_that_was_refused_is_not_taken_again() -> None:
    chosen = made_up(rule(9, 1, style="bold"), rule(5, 2, style="plain"))
    first = plan(chosen, Wish({}, "a fox"))
    second = plan(chosen, first.wish, frozenset({first.rule.attribute_id}))
    assert (first.rule.points, second.rule.points) == (9, 5)
    with pytest.raises(Refused):
        plan(chosen, Wish({}, "a fox"), frozenset({1, 2}))
