"""Every rule of cards, broken on purpose; and what people see of those that are accepted."""

from typing import Any

import pytest

from tests.simulators.feishu import Chat
from tests.simulators.feishu.api import CARD, Api, picture

OPTION = {"text": {"tag": "plain_text", "content": "One"}, "value": "1"}


def bent(change: dict[str, Any]) -> dict[str, Any]:
    return CARD | {"body": {"elements": [change]}}


SUBMIT = {
    "tag": "button",
    "name": "s",
    "text": {"tag": "plain_text", "content": "x"},
    "form_action_type": "submit",
}
FORM = {"tag": "form", "name": "f", "elements": [{"tag": "input", "name": "i"}, SUBMIT]}


@pytest.mark.parametrize(
    "card",
    [
        {"config": {}, "elements": []},
        CARD | {"elements": []},
        CARD | {"config": {"update_multi": False}},
        CARD | {"config": {"wide_screen_mode": True}},
        CARD | {"header": {"title": {"tag": "plain_text", "content": "x"}, "template": "pink"}},
        bent({"tag": "action", "actions": []}),
        bent({"tag": "note", "elements": []}),
        bent({"tag": "marquee"}),
        bent({"tag": "markdown", "content": "x", "colour": "red"}),
        bent({"tag": "markdown"}),
        bent({"tag": "markdown", "content": "x", "text_size": "huge"}),
        bent({"tag": "column_set", "columns": [], "flex_mode": "grid"}),
        bent({"tag": "hr", "element_id": "1st"}),
        bent({"tag": "hr", "element_id": "a" * 21}),
        bent({"tag": "img", "img_key": "img_of_nobody", "alt": {"tag": "plain_text", "content": ""}}),
        bent({"tag": "img_combination", "combination_mode": "octuple", "img_list": []}),
        bent({"tag": "button", "text": {"tag": "plain_text", "content": "x"}, "value": {}}),
        bent({"tag": "button", "text": {"tag": "plain_text", "content": "x"}, "form_action_type": "submit"}),
        bent(
            {
                "tag": "button",
                "text": {"tag": "plain_text", "content": "x"},
                "behaviors": [{"type": "callback", "value": "x"}],
            }
        ),
        bent({"tag": "form", "name": "f", "elements": [{"tag": "input", "name": "i"}]}),
        bent({"tag": "column_set", "columns": [{"tag": "column", "elements": [FORM]}]}),
        bent({"tag": "input", "default_value": "xx", "max_length": 1}),
        bent({"tag": "input", "placeholder": {"tag": "lark_md", "content": "x"}}),
        bent({"tag": "input", "max_length": 1001}),
        bent({"tag": "select_static"}),
        bent({"tag": "select_static", "options": []}),
        bent({"tag": "select_static", "options": [OPTION, OPTION]}),
        bent({"tag": "select_static", "options": [OPTION | {"label": "x"}]}),
        bent({"tag": "select_static", "options": [OPTION], "multiple": True}),
    ],
)
async def test_cards_that_are_refused(api: Api, group: Chat, card: dict[str, Any]) -> None:
    assert (await api.send(group, "interactive", card))["code"] == 230099


async def test_what_can_be_chosen_from_a_list_is_seen(api: Api, group: Chat) -> None:
    behaviors = [{"type": "callback", "value": {"a": 1}}]
    await api.send(
        group, "interactive", bent({"tag": "select_static", "options": [OPTION], "behaviors": behaviors})
    )
    (choice,) = api.simulator.said(group)[0].shown.choices
    assert (choice.label, choice.name, choice.value) == ("One", "1", {"a": 1})


async def test_two_elements_of_one_name_are_refused(api: Api, group: Chat) -> None:
    rule = {"tag": "hr", "element_id": "a"}
    card = CARD | {"body": {"elements": [rule, rule]}}
    assert (await api.send(group, "interactive", card))["code"] == 300301


async def test_the_transcript_reads_as_people_see_it(api: Api, group: Chat) -> None:
    person = api.simulator.world.add_user("Ada")
    api.simulator.people.say(group, person, "draw", at_bot=True)
    key = (await api.upload(picture()))["data"]["image_key"]
    images = [{"img_key": key}] * 4
    elements = [
        *CARD["body"]["elements"],
        {"tag": "markdown", "content": "&lt;at id=all&gt;&lt;/at&gt; &#42;inert&#42; <at id=all></at>"},
        {"tag": "img_combination", "combination_mode": "double", "img_list": images},
        {
            "tag": "button",
            "text": {"tag": "plain_text", "content": "Again"},
            "behaviors": [{"type": "callback", "value": {"a": 1}}],
        },
    ]
    await api.send(group, "interactive", CARD | {"body": {"elements": elements}})
    shown = api.simulator.said(group)[0].shown
    assert shown.text == "bold and a link\n<at id=all></at> *inert* @all"
    assert shown.links[0] == ("a link", "https://example.com")
    assert shown.mentions == ("all",)
    assert len(shown.images) == 2
    text = api.simulator.transcript(group)
    assert "Ada: @_user_1 draw" in text
    assert "Inkling: Hello" in text
    assert "<Again>" in text


async def test_a_form_at_the_top_level_is_taken(api: Api, group: Chat) -> None:
    assert (await api.send(group, "interactive", bent(FORM)))["code"] == 0
