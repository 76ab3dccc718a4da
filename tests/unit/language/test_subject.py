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
    "text",
    [
        "画一个很久很久以前住在森林深处的小木屋里每天都在等待远方归人的白发老人",
        "draw an incredibly detailed portrait of the very last lighthouse keeper at the end of the world",
    ],
)
def test_a_long_subject_is_cut_at_a_word(text: str) -> None:
    subject = understand(text).subject
    assert 0 < len(subject) <= 14 or len(subject.split()) <= 6
    assert subject.split()[-1] not in {"of", "the", "in", "at", "a"}


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
