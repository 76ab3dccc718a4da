"""How messages look, judged by the simulator's rules and eyes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.feishu import layout
from bot.message import Action, Form, Kind, Line, Outgoing, Press
from tests.simulators.feishu import Shown, cards
from tests.simulators.feishu.reading import read

KEYS = [f"img_{number}" for number in range(20)]
WORDS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60
)
NASTY = [
    "<at id=all></at>",
    "[free](https://evil.example)",
    "**bold**",
    "# big",
    "- item",
    "1. one",
    "&lt;b&gt;",
    "`x`",
    "1) one",
    "a title\n---",
    "a title\n===",
    "-",
    "a\n\n    int *main",
    "    *code*",
    "I am :OK: with :THUMBSUP:",
    "9:30:15",
]


def look(card: Any) -> Shown:
    cards.check(card, dict.fromkeys(KEYS, b""))
    return read("interactive", json.dumps(card))


def action(press: Press = Press.AGAIN, value: str = "") -> Action:
    return Action(press, "再来一张", "job-1", "on_ada", "zh", value, primary=True)


def message(kind: Kind = Kind.SUCCESS, **changes: Any) -> Outgoing:
    return Outgoing(kind, "zh", "✅ 图片生成好了！", "job-1", **changes)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("settled", [False, True])
def test_every_kind_is_a_card_that_is_accepted(kind: Kind, settled: bool) -> None:
    lines = (Line("SeeDream 4.5", "模型"), Line("一句话"), Line("这里", "链接", "https://example.com/a.png"))
    percent = 40 if kind is Kind.PROGRESS else None
    made = Outgoing(kind, "zh", "标题", "job-1", lines, percent, actions=(action(),), settled=settled)
    shown = look(layout.card(made))
    assert "标题" in shown.title + shown.text
    assert shown.buttons[0].label == "再来一张"


def test_progress_has_a_bar_and_becomes_one_quiet_line() -> None:
    progress = Outgoing(Kind.PROGRESS, "zh", "⏳ 正在生成中… 66%", "j", (Line("33 秒", "已等待"),), 66)
    assert look(layout.card(progress)).text == "⏳ 正在生成中… 66%\n▓▓▓▓▓▓░░░░\n已等待：33 秒"
    settled = Outgoing(Kind.PROGRESS, "zh", "✓ 已完成，用时 42 秒", "j", settled=True)
    assert look(layout.card(settled)).text == "✓ 已完成，用时 42 秒"


def test_a_start_that_came_to_nothing_is_one_quiet_line() -> None:
    shown = look(layout.card(Outgoing(Kind.START, "zh", "🚫 已取消", "j", settled=True)))
    assert (shown.title, shown.text) == ("", "🚫 已取消")


@pytest.mark.parametrize("count", range(1, 20))
def test_no_picture_is_left_out(count: int) -> None:
    assert list(look(layout.card(message(), KEYS[:count])).images) == KEYS[:count]


@pytest.mark.parametrize("words", NASTY)
def test_what_a_person_wrote_is_never_markup(words: str) -> None:
    made = message(lines=(Line(words, words), Line(words)), actions=(action(),))
    for shown in (look(layout.card(made)), look(layout.bare(made)), look(layout.filled(words, words))):
        assert words in shown.text.replace("\xa0", " ")
        assert not shown.mentions
        assert not any("evil" in url for label, url in shown.links if label == "free")
    title = Outgoing(Kind.START, "zh", words)
    assert look(layout.card(title)).title == words


@given(WORDS)
def test_any_words_are_shown_as_they_are(words: str) -> None:
    shown = look(layout.card(Outgoing(Kind.PROGRESS, "en", words, percent=None)))
    assert shown.text.replace("\xa0", " ") == words.replace("\xa0", " ")
    assert not shown.mentions


@given(WORDS)
def test_a_text_message_mentions_nobody_and_hides_no_link(words: str) -> None:
    for text in (words, f"<at user_id='all'>{words}</at>", f"[x](https://{words})"):
        plain = layout.plain(Outgoing(Kind.ACK, "zh", text))
        shown = read("text", json.dumps({"text": plain}))
        assert not shown.mentions
        assert not any(label == "x" for label, _ in shown.links)


def test_plain_words_are_a_text_and_what_looks_like_markup_is_a_card() -> None:
    assert not layout.is_card(Outgoing(Kind.ACK, "zh", "好的！来帮你画一只猫 🐱"))
    assert layout.is_card(Outgoing(Kind.ACK, "zh", "好的！来帮你画 <at user_id='all'></at>"))
    assert layout.is_card(Outgoing(Kind.TEXT, "zh", "要重试吗？", actions=(action(),)))
    assert layout.is_card(Outgoing(Kind.START, "zh", "开始"))


def test_a_link_keeps_its_words_and_is_good_to_press() -> None:
    url = "https://cdn.example.com/path/very-long-name-of-a-picture.png?sign=a(b)&x=[1]"
    shown = look(layout.card(message(lines=(Line(f"{url}（11 月 22 日前有效）", "🔗 原始链接", url),))))
    assert shown.text.startswith("🔗 原始链接：cdn.example.com/…")
    assert shown.text.endswith("（11 月 22 日前有效）")
    _, target = shown.links[0]
    assert target == url.replace("(", "%28").replace(")", "%29").replace("[", "%5B").replace("]", "%5D")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "nowhere", "https://[nowhere"])
def test_other_addresses_are_no_links(url: str) -> None:
    assert not look(layout.card(message(lines=(Line("look", "", url),)))).links


def test_as_plain_text_a_link_stays_whole_and_a_tag_in_disguise_does_not() -> None:
    url = "https://cdn.example.com/a.png?sign=b&x=1"
    assert url in layout.plain(message(lines=(Line(f"{url}（有效）", "链接", url),)))
    assert "&lt;" not in layout.plain(message(lines=(Line("&lt;at user_id='all'&gt;"),)))


def test_as_plain_text_nothing_is_lost() -> None:
    made = message(lines=(Line("SeeDream", "模型"), Line("点这里", "链接", "https://example.com/a.png")))
    assert layout.plain(made) == "✅ 图片生成好了！\n模型：SeeDream\n链接：点这里\nhttps://example.com/a.png"


def test_a_press_brings_back_all_that_is_needed() -> None:
    shown = look(layout.card(message(actions=(action(Press.SWITCH, "mj"),)), topic="om_1"))
    said = {"press": "switch", "job": "job-1", "owner": "on_ada", "language": "zh"}
    assert shown.buttons[0].value == said | {"value": "mj", "topic": "om_1"}
    assert shown.buttons[0].kind == "primary"


@pytest.mark.parametrize(("text", "value"), [("a cat", "a cat"), ("x" * 1000, "x" * 1000), ("x" * 1001, "")])
def test_a_form_is_filled_with_what_was_said_as_far_as_it_holds_it(text: str, value: str) -> None:
    shown = look(layout.form(Form("想怎么改？", "例如：变成油画", "画", text), {"press": "edit"}))
    assert shown.fields[0].value == value
    assert shown.buttons[0].form == "form"
    assert value or text in shown.text


def test_the_longest_message_stays_far_below_thirty_kilobytes() -> None:
    lines = tuple(Line("墨" * 400, "标签", f"https://example.com/{'a' * 900}") for _ in range(9))
    card = layout.card(message(lines=lines, actions=(action(),) * 5), KEYS[:9])
    assert len(json.dumps(card, ensure_ascii=False).encode()) < 30 * 1024
