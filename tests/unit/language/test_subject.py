"""What the acknowledgement names: short, readable, with a fitting pictogram."""

import pytest

from bot.language import understand


@pytest.mark.parametrize(
    ("text", "subject", "emoji"),
    [
        ("画一只可爱的猫咪", "一只可爱的猫咪", "🐱"),
        ("a fox in the snow, 16:9", "a fox in the snow", "🦊"),
        ("draw me a sleepy dragon", "a sleepy dragon", "🐲"),
        ("画一张极光下的帐篷", "极光下的帐篷", "⛺"),
        ("生成4K分辨率的21：9超宽屏壮丽山水风景", "壮丽山水风景", "🏔️"),
        ("DRAW A GIANT SQUID!!!!!", "giant squid", "🐙"),
        ("帮我画个抽象的东西", "抽象的东西", "🎨"),
    ],
)
def test_the_subject_is_a_short_phrase(text: str, subject: str, emoji: str) -> None:
    intent = understand(text)
    assert intent.subject.removeprefix("a ") == subject.removeprefix("a ")
    assert intent.emoji == emoji


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("a kitten curled up in a teacup", "a kitten curled up in a teacup"),
        (
            "a cozy cabin in the snowy mountains at night, 16:9",
            "a cozy cabin in the snowy mountains at night",
        ),
        (
            "draw an incredibly detailed portrait of the very last lighthouse keeper at the end of the world",
            "an incredibly detailed portrait of the very last lighthouse keeper",
        ),
        ("一只小猫蜷缩在茶杯里睡觉", "一只小猫蜷缩在茶杯里睡觉"),
        (
            "画一位穿着红色汉服的年轻女子站在开满樱花的古老石桥上望着远处的雪山",
            "一位穿着红色汉服的年轻女子",
        ),
        ("画一个很久很久以前住在森林深处的小木屋里每天都在等待远方归人的白发老人", "白发老人"),
    ],
)
def test_a_long_subject_ends_with_a_whole_phrase(text: str, subject: str) -> None:
    assert understand(text).subject == subject


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("draw a very very very very very very very very very very cute cat", "a very cute cat"),
        ("画一只非常非常非常非常非常非常可爱的猫", "一只非常可爱的猫"),
        ("draw " + "a kitten " * 30, "a kitten"),
    ],
)
def test_what_is_said_again_and_again_is_named_once(text: str, subject: str) -> None:
    assert understand(text).subject == subject


def test_a_subject_is_never_long() -> None:
    for text in (
        "draw " + "of the and a " * 60,
        "画" + "月光森林小溪" * 90,
        "draw " + "pine oak elm fir " * 40,
    ):
        assert len(understand(text).subject.split()) < 15
        assert len(understand(text).subject) <= 100


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("生成一只小狗，叫旺财", "旺财"),
        ("画一只猫，名字叫煤球，坐在窗边", "煤球"),
        ("draw a dog named Max", "Max"),
        ('a cat called "Mr. Whiskers" on a sofa', "Mr. Whiskers"),
        ("画一只猫", None),
    ],
)
def test_a_name_that_is_given_is_noted(text: str, name: str | None) -> None:
    assert understand(text).called == name


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("我妈下周六六十大寿，家里想挂一张大海报，你帮我画一幅热热闹闹的寿宴", "热热闹闹的寿宴"),
        ("女儿明天开学，特别紧张。给她画一张恐龙背书包上学的图", "恐龙背书包上学"),
        ("Our cat passed away last week. Please draw a grey tabby in the sun", "a grey tabby in the sun"),
        ("今天心情不好，想请你画长颈鹿吃火锅", "长颈鹿吃火锅"),
        ("画一只猫，画一只狗", "一只猫"),
        ("draw a dog called Mr. Whiskers in the snow", "a dog called Mr. Whiskers in the snow"),
        ("一只猫，画可爱的那种", "一只猫"),
        ("四只小猫挤在纸箱里，画一下", "四只小猫挤在纸箱里"),
    ],
)
def test_a_story_before_the_request_is_not_what_is_drawn(text: str, subject: str) -> None:
    assert understand(text).subject == subject
