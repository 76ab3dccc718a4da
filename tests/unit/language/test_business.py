"""Talk that asks for no picture is never drawn, since a drawing costs money."""

import pytest

from bot.language import understand


@pytest.mark.parametrize(
    "text",
    [
        "不要再用 MJ 了", "别再用香蕉了", "以后别用香蕉", "以后都别用MJ了", "don't use banana any more",
        "never use midjourney again", "no longer use seedream", "remember not to use MJ",
    ],
)  # fmt: skip
def test_a_refused_model_is_forgotten_and_nothing_is_drawn(text: str) -> None:
    intent = understand(text)
    assert (intent.intent, intent.preference, intent.model) == ("clear_preference", "clear", None)


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("画只蜗牛，别用MJ", "蜗牛"),
        ("draw a snail and never use midjourney", "a snail"),
        ("不用MJ画猫", "猫"),
    ],
)
def test_a_refusal_beside_content_leaves_the_content(text: str, prompt: str) -> None:
    intent = understand(text)
    assert (intent.intent, intent.preference, intent.model) == ("generate", "none", None)
    assert intent.prompt == prompt


def test_a_refusal_leaves_another_model_chosen() -> None:
    assert understand("用可梦画猫，别用MJ").model == "doubao-seedream-4.5"


def test_a_refusal_for_this_time_forgets_nothing() -> None:
    assert understand("这次别用MJ").preference == "none"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("即梦", "list_models"), ("以后都用 doubao", "list_models"), ("always use foobar", "chat"),
        ("我的默认模型", "show_preference"), ("删除我的图片", "forget_me"),
        ("delete my pictures", "forget_me"),
        ("这张多少钱", "credits"), ("stop drawing cats", "cancel"), ("别画猫了", "cancel"),
        ("换个模型再试一次", "again"), ("use another model and try again", "again"),
    ],
)  # fmt: skip
def test_settings_and_commands_are_no_pictures(text: str, kind: str) -> None:
    assert understand(text).intent == kind


@pytest.mark.parametrize(
    "text",
    [
        "退款", "I want a refund", "我要投诉", "退订", "fuck you", "不是这样的", "too dark", "画错了",
        "为什么失败了", "asdfghjkl", "x", "edit", "删掉刚才那张", "delete that picture", "delete", "reset",
        "清空", "password: hunter2", "sk-proj-AbCdEf1234567890",
    ],
)  # fmt: skip
def test_complaints_handling_and_struck_keys_are_talk(text: str) -> None:
    assert understand(text).intent == "chat"


@pytest.mark.parametrize(
    "text",
    ["cat", "tv", "狐狸", "stop sign", "reset button", "edit the sky", "delete scene", "save the whales"],
)
def test_bare_noun_phrases_are_still_drawn(text: str) -> None:
    assert understand(text).intent == "generate"


@pytest.mark.parametrize(
    ("text", "prompt"),
    [("画一张狐狸的横图", "狐狸"), ("狐狸的横图，蓝色", "狐狸，蓝色"), ("画个红色的 16:9", "红色的")],
)
def test_only_what_cutting_left_hanging_goes(text: str, prompt: str) -> None:
    assert understand(text).prompt == prompt


def test_figures_beyond_reason_are_nothing() -> None:
    for figure in ("99999999999999999999999", "9" * 5000):
        intent = understand(f"video of a cat --seconds {figure} --n {figure} --strength {figure}")
        assert (intent.duration, intent.count, intent.strength) == (None, None, None)


def test_half_a_pair_is_no_letter() -> None:
    intent = understand("画一只\ud83d猫")
    assert (intent.intent, intent.text) == ("generate", "画一只猫")
