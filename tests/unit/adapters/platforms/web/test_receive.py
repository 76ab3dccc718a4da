import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.web.receive import (
    PICTURE_LIMIT,
    TEXT_LIMIT,
    MalformedError,
    posted_message,
    posted_press,
    preferred_language,
)
from bot.message import Press

ID = "0123456789abcdef"
MESSAGE = {"id": ID, "text": "画一只猫"}
PRESS = {"id": ID, "message": ID, "press": "cancel", "job": "j", "value": ""}


def test_a_message_is_read_field_by_field() -> None:
    body = MESSAGE | {
        "text": "  画一只猫\n",
        "uploads": ["a" * 32 + ".png"],
        "reply_to": ID,
        "picture": "b" * 16,
    }
    message = posted_message(orjson.dumps(body))
    assert message.text == "画一只猫"
    assert message.uploads == ("a" * 32 + ".png",)
    assert (message.reply_to, message.picture) == (ID, "b" * 16)


def test_pictures_need_no_words() -> None:
    assert posted_message(orjson.dumps({"id": ID, "uploads": ["a" * 32 + ".png"]})).text == ""


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"id": None},
        {"id": 12345678},
        {"id": "short"},
        {"id": "x" * 65},
        {"id": "../../etc/passwd"},
        {"id": "nul\0nul\0nul"},
        {"text": ""},
        {"text": "   \n "},
        {"text": None},
        {"text": 5},
        {"text": ["a"]},
        {"text": {"a": 1}},
        {"text": "x" * (TEXT_LIMIT + 1)},
        {"uploads": "abcdefgh.png"},
        {"uploads": {"0": ID}},
        {"uploads": None},
        {"uploads": [None]},
        {"uploads": [5]},
        {"uploads": ["../inkling.db"]},
        {"uploads": ["/etc/passwd"]},
        {"uploads": ["abcdefgh.png/../../x"]},
        {"uploads": ["abcdefgh.png"] * (PICTURE_LIMIT + 1)},
        {"reply_to": ["a"]},
        {"reply_to": {"$ne": ""}},
        {"reply_to": "a b"},
        {"picture": "../x"},
        {"picture": 7},
    ],
)
def test_a_message_that_the_page_would_never_send_is_malformed(change: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        posted_message(orjson.dumps(MESSAGE | change))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"5",
        b'"x"',
        b"\xff\xfe",
        b'{"id": NaN}',
        b'{"text": "\\ud800"}',
        b"[" * 5000,
    ],
)
def test_what_is_no_object_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        posted_message(raw)
    with pytest.raises(MalformedError):
        posted_press(raw)


def test_a_press_is_read_field_by_field() -> None:
    press = posted_press(orjson.dumps(PRESS | {"text": " softer "}))
    assert (press.press, press.job, press.text) == (Press.CANCEL, "j", "softer")


@pytest.mark.parametrize(
    "change",
    [
        {"press": "explode"},
        {"press": None},
        {"press": 1},
        {"message": ""},
        {"job": 1},
        {"value": []},
        {"text": {}},
    ],
)
def test_a_press_that_no_button_makes_is_malformed(change: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        posted_press(orjson.dumps(PRESS | change))


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_names = st.sampled_from(["id", "text", "uploads", "reply_to", "picture", "message", "press", "job", "value"])


@given(st.dictionaries(_names, _json, max_size=9))
def test_any_json_is_read_or_malformed_and_nothing_else(body: dict[str, object]) -> None:
    for read in (posted_message, posted_press):
        try:
            read(orjson.dumps(body))
        except MalformedError:
            continue


def test_nul_characters_are_dropped_from_what_people_write() -> None:
    assert posted_message(orjson.dumps(MESSAGE | {"text": "a\0b"})).text == "ab"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9", "en"),
        ("fr,zh;q=0.5,en;q=0.7", "en"),
        ("de-DE, zh-TW;q=0.3", "zh"),
        ("fr", None),
        ("", None),
        ("zh;q=0, en", "en"),
        ("zh;q=lots, en;q=0.1", "en"),
        (",,;q=;,", None),
        ("zh," * 100_000, "zh"),
    ],
)
def test_the_language_is_the_first_of_ours_that_the_browser_asks_for(
    header: str, language: str | None
) -> None:
    assert preferred_language(header) == language
