"""Buttons, selects and forms: what their ids hold, so that they work for ever without any memory. Pure.

An id is at most 100 characters: a mark, the press and the language as one letter each, job, owner, value.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.platforms.discord.markdown import cut
from bot.message import Action, Form, Language, Press

log = logging.getLogger(__name__)

Json = dict[str, Any]

_MARK = "ink"
_SEPARATOR = "|"
_ID_LENGTH, _LABEL_LENGTH, _OPTION_LENGTH, _TITLE_LENGTH = 100, 80, 100, 45
#: Characters that a form's field takes.
_FIELD_LENGTH = 2000
_LETTERS = {
    Press.CANCEL: "c",
    Press.RETRY: "r",
    Press.AGAIN: "a",
    Press.SWITCH: "s",
    Press.EDIT: "e",
    Press.DELETE: "d",
    Press.DECLINE: "n",
    Press.DRAW: "w",
}
_PRESSES = {letter: press for press, letter in _LETTERS.items()}
_ROW, _BUTTON, _SELECT, _FIELD = 1, 2, 3, 4
_PRIMARY, _SECONDARY = 1, 2
#: More models than this are offered as a select.
_SELECT_FROM = 3


@dataclass(frozen=True, slots=True)
class ButtonId:
    """What the id of a button, select or form says."""

    press: Press
    language: Language
    job: str
    owner: str
    value: str = ""

    def __str__(self) -> str:
        language = "z" if self.language == "zh" else "e"
        return _SEPARATOR.join((_MARK, _LETTERS[self.press] + language, self.job, self.owner, self.value))

    @classmethod
    def read(cls, text: str) -> "ButtonId | None":
        """The id's meaning; None where it is none of ours."""
        parts = text.split(_SEPARATOR, 4)
        if len(parts) != 5 or parts[0] != _MARK or len(parts[1]) != 2 or parts[1][0] not in _PRESSES:
            return None
        language: Language = "zh" if parts[1][1] == "z" else "en"
        return cls(_PRESSES[parts[1][0]], language, *parts[2:])


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of the select of models."""

    value: str
    label: str
    description: str = ""


def id_of(action: Action) -> str:
    """The id of an action's button."""
    return str(ButtonId(action.press, action.language, action.job, action.owner, action.value))


def rows(actions: Sequence[Action], models: Sequence[Choice] = (), placeholder: str = "") -> list[Json]:
    """Rows of buttons; many models, or those given in `models`, become one select above them."""
    switches = [action for action in actions if action.press is Press.SWITCH]
    found: list[Json] = []
    if len(switches) > _SELECT_FROM:
        options = [Choice(action.value, action.label) for action in switches]
        found.append(_select(switches[0], options, placeholder or switches[0].label))
        actions = [action for action in actions if action.press is not Press.SWITCH]
    elif models and actions:
        found.append(_select(actions[0], models, placeholder))
    buttons = [_button(action) for action in actions if _fits(action)]
    groups = [buttons[start : start + 5] for start in range(0, len(buttons), 5)]
    found += [{"type": _ROW, "components": group} for group in groups]
    return found[:5]


def _fits(action: Action) -> bool:
    if len(id_of(action)) <= _ID_LENGTH and action.label:
        return True
    log.warning("a button for %s is left out: its id is too long", action.press)
    return False


def _button(action: Action) -> Json:
    style = _PRIMARY if action.primary else _SECONDARY
    return {
        "type": _BUTTON,
        "style": style,
        "label": cut(action.label, _LABEL_LENGTH),
        "custom_id": id_of(action),
    }


def _select(action: Action, choices: Sequence[Choice], placeholder: str) -> Json:
    chosen = {choice.value: choice for choice in choices if 0 < len(choice.value) <= _OPTION_LENGTH}
    options = [
        {
            "label": cut(choice.label, _OPTION_LENGTH),
            "value": choice.value,
            **({"description": cut(choice.description, _OPTION_LENGTH)} if choice.description else {}),
        }
        for choice in list(chosen.values())[:25]
    ]
    select = {
        "type": _SELECT,
        "custom_id": str(ButtonId(Press.SWITCH, action.language, action.job, action.owner, "*")),
        "placeholder": cut(placeholder, 150),
        "options": options,
    }
    return {"type": _ROW, "components": [select]}


def modal(form: Form, custom_id: str) -> Json:
    """A form as Discord opens it. Its title and label are short there; what is longer goes into the field."""
    field: Json = {
        "type": _FIELD,
        "custom_id": "text",
        "style": 2,
        "label": cut(form.label, _TITLE_LENGTH),
        "required": True,
        "max_length": _FIELD_LENGTH,
    }
    if len(form.label) > _TITLE_LENGTH:
        field["placeholder"] = cut(form.label, 100)
    if form.text:
        field["value"] = form.text[:_FIELD_LENGTH]
    row = {"type": _ROW, "components": [field]}
    return {"custom_id": custom_id, "title": cut(form.title, _TITLE_LENGTH), "components": [row]}


def typed(data: Json) -> str:
    """What the person typed into a form."""
    for part in data.get("components", []):
        fields = part.get("components") or [part.get("component") or {}]
        for field in fields:
            if field.get("custom_id") == "text":
                return str(field.get("value", "")).strip()
    return ""
