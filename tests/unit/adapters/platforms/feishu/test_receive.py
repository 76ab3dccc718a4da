"""What events mean."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.feishu import receive, wire
from bot.message import Address, MessageRef, Person, Press

BOT = "ou_bot"


def event(kind: str = "text", content: Any = None, **message: Any) -> dict[str, Any]:
    body = {
        "message_id": "om_1",
        "create_time": "1795000000123",
        "chat_id": "oc_1",
        "chat_type": "group",
        "message_type": kind,
        "content": json.dumps({"text": "画一只猫"} if content is None else content),
    }
    ids = {"open_id": "ou_ada", "union_id": "on_ada", "user_id": "ada"}
    return {
        "header": {"event_id": "ev_1", "event_type": receive.MESSAGE, "tenant_key": "t"},
        "event": {
            "sender": {"sender_id": ids, "sender_type": "user", "tenant_key": "t"},
            "message": body | message,
        },
    }


def mention(number: int, open_id: str, name: str) -> dict[str, Any]:
    return {"key": f"@_user_{number}", "id": {"open_id": open_id}, "name": name}


def heard(envelope: dict[str, Any]) -> Any:
    message = receive.incoming(envelope, BOT, frozenset({"draw", "画"}))
    assert message is not None
    return message


def test_a_mention_in_a_group_is_taken_out_and_noticed() -> None:
    text = {"text": "@_user_1 画一只猫"}
    message = heard(event(content=text, mentions=[mention(1, BOT, "Inkling")]))
    assert (message.text, message.mentioned) == ("画一只猫", True)
    assert message.person == Person("feishu", "t", "on_ada")
    assert message.address == Address("feishu", "oc_1", "", "om_1")
    assert message.sent_at == pytest.approx(1795000000.123)
    assert message.id == "om_1"


def test_others_keep_their_names_and_the_twelfth_is_not_the_first() -> None:
    mentions = [mention(1, BOT, "Inkling"), mention(12, "ou_bob", "Bob")]
    message = heard(event(content={"text": "@_user_1 draw @_user_12 as a cat"}, mentions=mentions))
    assert message.text == "draw @Bob as a cat"


def test_a_name_brings_no_address_into_the_words() -> None:
    mentions = [mention(1, BOT, "Inkling"), mention(2, "ou_eve", "Eve https://evil.example/a.png")]
    message = heard(event(content={"text": "@_user_1 draw @_user_2 as a cat"}, mentions=mentions))
    assert message.text == "draw @Eve as a cat"


def test_everybody_is_not_the_bot() -> None:
    message = heard(
        event(content={"text": "@_all 开会"}, mentions=[{"key": "@_all", "id": {}, "name": "所有人"}])
    )
    assert (message.text, message.mentioned) == ("开会", False)


def test_a_private_chat_and_a_known_command_need_no_mention() -> None:
    assert heard(event(chat_type="p2p")).mentioned
    assert heard(event(content={"text": "/draw a fox"})).mentioned
    assert heard(event(content={"text": "/画 狐狸"})).mentioned
    assert not heard(event(content={"text": "/drawer of mine"})).mentioned
    assert not heard(event(content={"text": "/deploy"})).mentioned


@pytest.mark.parametrize("kind", ["app", "anonymous", "unknown", ""])
def test_other_bots_are_not_heard(kind: str) -> None:
    envelope = event(chat_type="p2p")
    envelope["event"]["sender"]["sender_type"] = kind
    assert receive.incoming(envelope, BOT) is None


def test_a_picture_has_one_id_however_often_it_comes() -> None:
    one = heard(event("image", {"image_key": "img_1"}))
    two = heard(event("image", {"image_key": "img_1"}, message_id="om_2"))
    assert one.attachments[0].id == two.attachments[0].id == "image/img_1"
    assert one.attachments[0].url == "feishu:om_1"
    assert one.text == ""


def test_a_picture_sent_as_a_file_is_a_picture_and_other_files_are_not() -> None:
    picture = heard(event("file", {"file_key": "file_1", "file_name": "Cat.JPG"}))
    assert picture.attachments[0].id == "file/file_1"
    assert receive.incoming(event("file", {"file_key": "file_1", "file_name": "a.pdf"}), BOT) is None


def test_in_private_what_cannot_be_read_is_handed_over_empty_so_that_somebody_answers() -> None:
    message = heard(event("audio", {"file_key": "f"}, chat_type="p2p"))
    assert (message.text, message.attachments) == ("", ())
    assert receive.incoming(event("audio", {"file_key": "f"}), BOT) is None


POST = [
    [
        {"tag": "at", "user_id": "@_user_1"},
        {"tag": "text", "text": " make it "},
        {"tag": "a", "text": "blue"},
    ],
    [{"tag": "img", "image_key": "img_1"}, {"tag": "emotion", "emoji_type": "SMILE"}],
    [{"tag": "img", "image_key": "img_2"}],
]


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (("https://x.example/a.png",) * 2, "https://x.example/a.png"),
        (("this", "https://x.example/a.png?sign=1"), "this https://x.example/a.png?sign=1"),
        (("our site", "https://x.example/"), "our site"),
    ],
)
def test_a_link_is_its_words_and_a_picture_s_address_stays(link: tuple[str, str], said: str) -> None:
    text = heard(event(content={"text": f"make [{link[0]}]({link[1]}) blue"}))
    words, href = link
    line = [{"tag": "text", "text": "make "}, {"tag": "a", "text": words, "href": href}]
    post = heard(event("post", {"title": "", "content": [[*line, {"tag": "text", "text": " blue"}]]}))
    assert text.text == post.text == f"make {said} blue"


@pytest.mark.parametrize(
    "content",
    [{"title": "", "content": POST}, {"zh_cn": {"title": "", "content": POST}}],
    ids=["bare", "wrapped"],
)
def test_rich_text_gives_its_words_and_pictures(content: Any) -> None:
    message = heard(event("post", content, mentions=[mention(1, BOT, "Inkling")]))
    assert (message.text, message.mentioned) == ("make it blue", True)
    assert [picture.id for picture in message.attachments] == ["image/img_1", "image/img_2"]


def test_a_topic_is_known_by_the_message_that_opened_it() -> None:
    first = heard(event(thread_id="omt_1"))
    later = heard(event(thread_id="omt_1", root_id="om_1", parent_id="om_1", message_id="om_7"))
    assert first.address.topic == later.address.topic == "om_1"
    assert later.reply_to == MessageRef("feishu", "oc_1", "om_1")
    quoting = heard(event(root_id="om_1", parent_id="om_1", message_id="om_7"))
    assert quoting.address.topic == ""


def test_the_menu_is_a_command_in_the_private_chat() -> None:
    envelope = {
        "header": {"event_id": "ev_1", "tenant_key": "t"},
        "event": {
            "operator": {"operator_id": {"open_id": "ou_ada", "union_id": "on_ada"}},
            "event_key": "help",
            "timestamp": 1795000000,
        },
    }
    message = receive.menu(envelope, "zh")
    assert message is not None
    assert (message.id, message.text, message.sent_at) == ("ev_1", "/help", 1795000000)
    assert message.locale == "zh"
    assert message.address == Address("feishu", "ou_ada")
    assert message.person == Person("feishu", "t", "on_ada")


def press(value: Any, **action: Any) -> dict[str, Any]:
    return {
        "header": {"event_id": "ev_1", "create_time": "1795000000123456", "tenant_key": "t"},
        "event": {
            "operator": {"open_id": "ou_ada", "union_id": "on_ada", "tenant_key": "t"},
            "action": {"value": value, "tag": "button", **action},
            "context": {"open_message_id": "om_9", "open_chat_id": "oc_1"},
        },
    }


def test_a_press_says_what_its_button_knows() -> None:
    value = {
        "press": "switch",
        "job": "j",
        "owner": "on_ada",
        "language": "en",
        "value": "mj",
        "topic": "om_1",
    }
    pressed = receive.pressed(press(value))
    assert pressed is not None
    assert (pressed.press, pressed.job, pressed.owner, pressed.value) == (Press.SWITCH, "j", "on_ada", "mj")
    assert (pressed.language, pressed.text, pressed.id) == ("en", "", "ev_1")
    assert pressed.address == Address("feishu", "oc_1", "om_1", "om_9")
    assert pressed.sent_at == pytest.approx(1795000000.123456)


def test_what_is_chosen_from_a_list_is_what_the_press_chooses() -> None:
    value = {"press": "switch", "job": "j", "owner": "on_ada"}
    pressed = receive.pressed(press(value, tag="select_static", option="midjourney"))
    assert pressed is not None
    assert (pressed.press, pressed.value) == (Press.SWITCH, "midjourney")


def test_a_form_is_one_press_of_each_person_however_often_it_is_sent() -> None:
    def sent(union_id: str, event_id: str) -> Any:
        envelope = press({"press": "edit", "job": "j", "owner": "on_ada"}, form_value={"text": " blue "})
        envelope["header"]["event_id"] = event_id
        envelope["event"]["operator"]["union_id"] = union_id
        return receive.pressed(envelope)

    assert sent("on_ada", "ev_1").text == "blue"
    assert sent("on_ada", "ev_1").id == sent("on_ada", "ev_2").id != sent("on_bob", "ev_3").id


@pytest.mark.parametrize("value", [None, "again", {}, {"press": "explode", "owner": "x"}, {"press": "again"}])
def test_a_press_on_a_button_that_is_not_ours_is_none(value: Any) -> None:
    assert receive.pressed(press(value)) is None


def test_what_we_or_nobody_show_any_more_has_no_pictures() -> None:
    item = {
        "message_id": "om_1",
        "msg_type": "image",
        "sender": {"id": "ou_ada", "sender_type": "user"},
        "body": {"content": '{"image_key": "img_1"}'},
    }
    other, ours = ({"sender": {"id": app, "sender_type": "app"}} for app in ("cli_other", "cli_ours"))
    for theirs in (item, item | other):
        assert receive.shown(theirs, "cli_ours").attachments[0].id == "image/img_1"
    assert not receive.shown(item | ours, "cli_ours").attachments
    assert not receive.shown(item | {"deleted": True}, "cli_ours").attachments


NAMES = st.sampled_from(
    ["event", "message", "sender", "sender_id", "open_id", "content", "mentions", "operator", "action"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(JSON, JSON)
def test_no_shape_of_an_event_is_trusted(one: Any, two: Any) -> None:
    whole = event(content=one, mentions=two, create_time=one)
    for envelope in ({"event": one, "header": two}, whole, event("post", one)):
        receive.incoming(envelope, BOT)
        receive.menu(envelope, "en")
        receive.pressed(envelope)
        receive.ids(envelope)


@pytest.mark.parametrize("stamp", ["1e400", "inf", "nan", float("inf"), -1, None, "soon"])
def test_a_time_that_is_none_is_no_time(stamp: Any) -> None:
    assert heard(event(create_time=stamp)).sent_at <= 0


@given(st.binary(max_size=30))
def test_what_is_no_json_object_is_empty(raw: bytes) -> None:
    assert isinstance(wire.load(raw), dict)
