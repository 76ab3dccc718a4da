"""Messages as Discord shows them, within its limits."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.platforms.discord import words
from adapters.platforms.discord.buttons import Choice
from adapters.platforms.discord.layout import (
    COMPONENTS_V2,
    NO_PREVIEWS,
    Body,
    Layout,
    Look,
    Rights,
    bar,
    told,
)
from bot.message import Action, Kind, Line, Media, Outgoing, Press
from tests.simulators.discord import checks

LAYOUT = Layout(words.load())
URL = "https://images.example.com/very/long/path.png?signature=(abc)"
AGAIN = Action(Press.AGAIN, "Once more", "job1", "42", "en", primary=True)
SUCCESS = Outgoing(
    Kind.SUCCESS,
    "en",
    "✅ Your picture is ready!",
    "job1",
    (Line("SeeDream 4.5", "Model"), Line(f"{URL} (good until 11-22)", "🔗 Original link", URL)),
    actions=(AGAIN,),
)


def media(number: int = 1, kind: str = "image/png") -> tuple[Media, ...]:
    return tuple(Media(Path(f"/nowhere/{n}.png"), kind, 1000, 10, 10) for n in range(number))


def laid(message: Outgoing, look: Look | None = None) -> Body:
    """The body, which Discord must take as a new message and as an edit."""
    body = LAYOUT.body(message, look or Look())
    names = [upload.name for upload in body.uploads]
    assert checks.message(body.payload(), names) == []
    assert checks.unknown_fields(body.payload(), checks.MESSAGE_FIELDS) == []
    assert checks.message({k: v for k, v in body.edit().items() if k != "attachments"}, names) == []
    return body


def test_an_acknowledgement_is_plain_words() -> None:
    body = laid(Outgoing(Kind.ACK, "en", "OK! Drawing a *fox* for you 🦊"))
    assert body.content == r"OK! Drawing a \*fox\* for you 🦊"
    assert body.embeds == ()


def test_nobody_is_pinged_but_who_is_named() -> None:
    body = laid(Outgoing(Kind.ACK, "en", "@everyone <@1>"))
    assert body.payload()["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert told(body, 42).payload()["allowed_mentions"]["users"] == ["42"]


def test_the_start_counts_down_beside_the_range() -> None:
    start = Outgoing(
        Kind.START,
        "zh",
        "🎨 开始生成图片，请稍候…",
        "job1",
        (Line("30 ~ 60 秒", "预计"),),
        due=1_800_000_000.4,
    )
    (embed,) = laid(start).embeds
    assert embed["title"] == "🎨 开始生成图片，请稍候…"
    assert embed["description"] == "**预计**：30 ~ 60 秒\n⏱️ 预计完成：<t:1800000000:R>"


def test_progress_has_a_bar_and_becomes_one_quiet_line() -> None:
    progress = Outgoing(Kind.PROGRESS, "en", "⏳ Drawing… 66%", "job1", percent=66)
    assert "▰▰▰▰▰▰▰▱▱▱" in laid(progress).embeds[0]["description"]
    body = laid(Outgoing(Kind.PROGRESS, "en", "✓ Done in 42 s", "job1", settled=True))
    assert body.edit()["content"] == "-# ✓ Done in 42 s"
    assert body.edit()["embeds"] == []
    assert body.edit()["components"] == []


def test_a_start_that_came_to_nothing_is_one_quiet_line() -> None:
    body = laid(Outgoing(Kind.START, "en", "🚫 Cancelled", "job1", settled=True))
    assert (body.content, body.embeds) == ("-# 🚫 Cancelled", ())


def test_the_bar_is_never_longer_than_ten() -> None:
    assert [bar(n) for n in (-5, 0, 100, 300)] == ["▱" * 10, "▱" * 10, "▰" * 10, "▰" * 10]


def test_one_picture_is_an_embed_with_its_caption() -> None:
    body = laid(SUCCESS, Look(media=media(), stem="job1"))
    (embed,) = body.embeds
    assert embed["image"] == {"url": "attachment://job1-1.png"}
    assert (
        "[images.example.com](https://images.example.com/very/long/path.png?signature=%28abc%29)"
        in embed["description"]
    )
    assert body.payload()["attachments"][0]["description"] == "✅ Your picture is ready!"


def test_several_pictures_are_a_gallery() -> None:
    body = laid(SUCCESS, Look(media=media(4), stem="job1"))
    assert body.flags & COMPONENTS_V2
    assert body.content == ""
    (gallery,) = [item for item in checks.walk(list(body.components)) if item["type"] == 12]
    assert len(gallery["items"]) == 4
    assert "<@42>" in str(told(body, 42).components)


def test_a_film_is_a_file_beside_its_caption() -> None:
    body = laid(SUCCESS, Look(media=media(1, "video/mp4")))
    assert body.uploads[0].name.endswith(".mp4")
    assert "image" not in body.embeds[0]


def test_a_result_can_be_drawn_with_another_model_and_deleted() -> None:
    body = laid(SUCCESS, Look(media=media(), models=(Choice("mj", "Midjourney · 10 points"),)))
    items = list(checks.walk(list(body.components)))
    assert [o["label"] for i in items if i["type"] == 3 for o in i["options"]] == ["Midjourney · 10 points"]
    assert [i["label"] for i in items if i["type"] == 2] == ["Once more", "🗑️ Delete"]


def test_without_the_right_to_embed_everything_is_plain_words() -> None:
    body = laid(SUCCESS, Look(Rights(embeds=False, files=False), media()))
    assert body.embeds == ()
    assert body.uploads == ()
    assert body.content.startswith("**✅ Your picture is ready!**\n**Model**: SeeDream 4.5")


def test_a_note_stands_in_small_print() -> None:
    assert laid(Outgoing(Kind.ACK, "en", "OK!"), Look(note="a note")).content == "OK!\n-# a note"


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("rights", [Rights(), Rights(embeds=False, files=False)])
def test_nothing_is_too_long_for_discord(kind: Kind, rights: Rights) -> None:
    actions = tuple(replace(AGAIN, label="l" * 200, value=str(n)) for n in range(12))
    lines = tuple(Line("*" * 900, "L" * 300, URL) for _ in range(12))
    huge = Outgoing(kind, "zh", "*" * 5000, "job1", lines, 50, actions=actions, due=1.0)
    for number in (0, 1, 12):
        laid(huge, Look(rights, media(number), note="n" * 100, stem="a b/c"))


def test_nothing_is_put_on_show_because_somebody_names_its_address() -> None:
    ack = Outgoing(Kind.ACK, "en", "OK! Drawing https://evil.example/x for you")
    assert laid(ack).payload()["flags"] == laid(ack).edit()["flags"] == NO_PREVIEWS
    assert laid(SUCCESS).edit()["flags"] == 0


def test_a_file_name_is_safe_whatever_the_job_is_called() -> None:
    body = laid(SUCCESS, Look(media=media(1, "image/jpeg"), stem="猫 ../x"))
    assert body.uploads[0].name == "x-1.jpg"
