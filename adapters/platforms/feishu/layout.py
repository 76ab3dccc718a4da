"""`Outgoing` as a card (JSON 2.0), and as plain text where a card is refused or too much.

What a person wrote is never markup here: it is escaped in cards and defused in texts. Nothing is sent here.
Structure: https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/card-json-v2-structure
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from adapters.platforms.feishu.wire import Json
from bot.message import Action, Form, Kind, Line, Outgoing

#: Filled and empty parts of a progress bar, and how many there are.
FULL, EMPTY, PARTS = "▓", "░", 10
#: What an input takes at most.
INPUT_LENGTH = 1000
#: More models than this are a list to choose from instead of buttons.
_BUTTONS_OF_MODELS = 2
_COLOURS = {Kind.START: "blue", Kind.SUCCESS: "green", Kind.FAILURE: "red", Kind.CANCELLED: "grey"}
#: How many pictures stand side by side in which way; more than nine are shown in several groups.
_MOST = 9
_SPECIAL = re.compile(r"[&<>*_~`\[\]#!|\\$]")
#: What makes a list at the beginning of a line, what makes a rule or a heading as a line of its own, and what
#: makes code of it. In code nothing else could be escaped.
_ITEM = re.compile(r"(?m)^([ \t]*\d*)([-+.)])(?=\s|$)")
_RULE = re.compile(r"(?m)^([ \t]*)([-=])(?=[-= \t]*$)")
_INDENT = re.compile(r"(?m)^(?: {4}| {0,3}\t)[ \t]*")
#: What becomes one of the platform's own emoji.
_EMOJI = re.compile(r":(?=\w+:)")
_TAG, _ENTITY = re.compile(r"<(?=[a-zA-Z/])"), re.compile(r"&(?=#?\w{1,8};)")
#: What a text message would not show as it is written.
_MARKUP = re.compile(r"<[a-zA-Z/]|\]\(|\*\*|~~|&#?\w{1,8};")


def is_card(message: Outgoing) -> bool:
    """Whether a message needs a card; the rest is said as plain text."""
    if message.kind in {Kind.ACK, Kind.TEXT}:
        structured = message.actions or message.media or any(line.url or line.label for line in message.lines)
        return bool(structured) or bool(_MARKUP.search(message.text))
    return True


@dataclass(frozen=True, slots=True)
class Others:
    """What a result can be drawn with besides, and what a list of that says before something is chosen."""

    actions: tuple[Action, ...] = ()
    choose: str = ""


def card(
    message: Outgoing, pictures: Sequence[str] = (), topic: str = "", others: Others | None = None
) -> Json:
    """The message as a card. `pictures`: the keys of its uploaded pictures."""
    elements = [*_images(pictures, message.headline)]
    quiet = message.settled and not message.lines
    if quiet:
        elements.append({"tag": "markdown", "content": escape(message.headline), "text_size": "notation"})
    else:
        elements += _words(message)
    elements += _controls(message.actions, topic, others or Others())
    made: Json = {
        "schema": "2.0",
        "config": {"update_multi": True, "summary": {"content": _preview(message)}},
        "body": {"elements": elements or [_plain(message.headline)]},
    }
    if message.kind in _COLOURS and not quiet:
        colour = "grey" if message.settled else _COLOURS[message.kind]
        made["header"] = {"title": _text(message.headline), "template": colour}
    return made


def bare(message: Outgoing) -> Json:
    """The simplest card there is: for changing one that is refused otherwise."""
    return {"schema": "2.0", "config": {"update_multi": True}, "body": {"elements": [_plain(message.text)]}}


def plain(message: Outgoing) -> str:
    """The message as text. Links stand behind it, as far as they are not in the words themselves."""
    links = [line.url for line in message.lines if line.url and line.url not in line.text]
    return "\n".join([defuse(message.text), *links])


def form(shown: Form, value: Json) -> Json:
    """A card with one field. `value` comes back with what was written as `form_value.text`."""
    field: Json = {
        "tag": "input",
        "name": "text",
        "input_type": "multiline_text",
        "rows": 3,
        "max_length": INPUT_LENGTH,
        "required": True,
        "width": "fill",
        "placeholder": _text(shown.label[:100]),
    }
    elements: list[Json] = []
    if 0 < len(shown.text) <= INPUT_LENGTH:
        field["default_value"] = shown.text
    elif shown.text:
        elements.append(_plain(shown.text))
    submit = {
        "tag": "button",
        "name": "submit",
        "type": "primary",
        "text": _text(shown.submit),
        "form_action_type": "submit",
        "behaviors": [{"type": "callback", "value": value}],
    }
    elements.append({"tag": "form", "name": "form", "elements": [field, submit]})
    return {
        "schema": "2.0",
        "config": {"update_multi": True, "summary": {"content": shown.title}},
        "header": {"title": _text(shown.title), "template": "blue"},
        "body": {"elements": elements},
    }


def filled(title: str, text: str) -> Json:
    """What a form becomes when it was sent."""
    return {
        "schema": "2.0",
        "config": {"update_multi": True},
        "body": {"elements": [{"tag": "markdown", "content": f"✓ {escape(title)}\n{escape(text)}"}]},
    }


# Words ------------------------------------------------------------------------------------------------


def escape(text: str) -> str:
    """Text that markdown shows as it is written."""
    text = _EMOJI.sub("&#58;", _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text))
    for line in (_ITEM, _RULE):
        text = line.sub(lambda found: f"{found[1]}&#{ord(found[2])};", text)
    return _INDENT.sub(lambda found: "&#160;" * len(found[0].expandtabs(4)), text)


def defuse(text: str) -> str:
    """Text in which a text message finds no tags (`<at …>`), however written, and no hidden links."""
    return _ENTITY.sub("＆", _TAG.sub("＜", text)).replace("](", "] (")


def _words(message: Outgoing) -> Iterator[Json]:
    lines = [_line(line, message.language) for line in message.lines]
    if message.percent is not None:
        full = message.percent * PARTS // 100
        lines.insert(0, FULL * full + EMPTY * (PARTS - full))
    if message.kind not in _COLOURS:
        lines.insert(0, escape(message.headline))
    if lines:
        yield {"tag": "markdown", "content": "\n".join(lines)}


def _line(line: Line, language: str) -> str:
    text = _linked(line)
    if not line.label:
        return text
    return f"**{escape(line.label)}**{': ' if language == 'en' else '：'}{text}"


def _linked(line: Line) -> str:
    """The words of a line, with its link where there is a good one."""
    if not _is_web(line.url):
        return escape(line.text)
    target = quote(line.url, safe="/:?&=%#+,;@~!$'-._")
    if line.url in line.text:
        before, _, after = line.text.partition(line.url)
        return f"{escape(before)}[{escape(_short(line.url))}]({target}){escape(after)}"
    return f"[{escape(line.text or _short(line.url))}]({target})"


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an unclosed bracket
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _short(url: str) -> str:
    parts = urlsplit(url)
    name = parts.path.rsplit("/", 1)[-1]
    return f"{parts.netloc}/…{name[-24:]}" if len(url) > 48 else url


def _preview(message: Outgoing) -> str:
    return message.headline[:100]


def _text(words: str) -> Json:
    return {"tag": "plain_text", "content": words}


def _plain(words: str) -> Json:
    return {"tag": "div", "text": _text(words)}


# Pictures and buttons -----------------------------------------------------------------------------------


def _images(keys: Sequence[str], alt: str) -> Iterator[Json]:
    if len(keys) == 1:
        yield {"tag": "img", "img_key": keys[0], "alt": _text(alt), "scale_type": "fit_horizontal"}
        return
    for at in range(0, len(keys), _MOST):
        group = keys[at : at + _MOST]
        if len(group) == 1:
            yield from _images(group, alt)
            return
        yield {
            "tag": "img_combination",
            "combination_mode": _mode(len(group)),
            "img_list": [{"img_key": key} for key in group],
        }


def _mode(count: int) -> str:
    """Each mode shows so many and drops the rest without a word."""
    if count <= 3:
        return "double" if count == 2 else "triple"
    return "bisect" if count <= 6 else "trisect"


def _controls(actions: Sequence[Action], topic: str, others: Others) -> Iterator[Json]:
    """Buttons side by side; under them, where there are many other models, the list of these."""
    listed = others.actions if len(others.actions) > _BUTTONS_OF_MODELS else ()
    if buttons := [*actions, *(() if listed else others.actions)]:
        yield _buttons(buttons, topic)
    if listed:
        yield _list(listed, topic, others.choose)


def _buttons(actions: Sequence[Action], topic: str) -> Json:
    return {
        "tag": "column_set",
        "flex_mode": "flow",
        "horizontal_spacing": "8px",
        "columns": [{"tag": "column", "width": "auto", "elements": [_button(one, topic)]} for one in actions],
    }


def _button(action: Action, topic: str) -> Json:
    return {
        "tag": "button",
        "text": _text(action.label),
        "type": "primary" if action.primary else "default",
        "behaviors": [{"type": "callback", "value": value(action, topic)}],
    }


def _list(actions: Sequence[Action], topic: str, choose: str) -> Json:
    """What is chosen comes back as `action.option`."""
    return {
        "tag": "select_static",
        "placeholder": _text(choose),
        "width": "fill",
        "options": [{"text": _text(action.label), "value": action.value} for action in actions],
        "behaviors": [{"type": "callback", "value": value(replace(actions[0], value=""), topic)}],
    }


def value(action: Action, topic: str = "") -> dict[str, Any]:
    """What a press brings back: enough to answer it from memory after any restart."""
    made = {
        "press": str(action.press),
        "job": action.job,
        "owner": action.owner,
        "language": action.language,
        "value": action.value,
        "topic": topic,
    }
    return {name: text for name, text in made.items() if text}
