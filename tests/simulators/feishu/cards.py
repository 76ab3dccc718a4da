"""Cards, JSON 2.0: what is accepted, and what a person sees of it.

The rules follow the structure and component pages of Feishu's card documentation. Unlike 1.0, an unknown
property is an error. `reading` draws what is accepted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

BAD_CARD, DUPLICATE_ID = 230099, 300301

COLOURS = {
    "blue", "wathet", "turquoise", "green", "yellow", "orange", "red", "carmine", "violet", "purple",
    "indigo", "grey", "default",
}  # fmt: skip
BUTTON_TYPES = {
    "default", "primary", "danger", "text", "primary_text", "danger_text", "primary_filled", "danger_filled",
    "laser",
}  # fmt: skip
TEXT_SIZES = {
    "heading-0", "heading-1", "heading-2", "heading-3", "heading-4", "heading", "normal", "notation",
    "xxxx-large", "xxx-large", "xx-large", "x-large", "large", "medium", "small", "x-small",
}  # fmt: skip
#: How many pictures each mode shows; more are dropped without a word.
COMBINATIONS = {"double": 2, "triple": 3, "bisect": 6, "trisect": 9}
COMMON = {"tag", "element_id", "margin"}
LAYOUT = {
    "direction", "padding", "horizontal_spacing", "horizontal_align", "vertical_spacing", "vertical_align",
}  # fmt: skip
#: tag → (properties beside the common ones, which of them are required)
COMPONENTS: dict[str, tuple[set[str], set[str]]] = {
    "markdown": ({"content", "text_size", "text_align", "icon", "href"}, {"content"}),
    "plain_text": ({"content", "text_size", "text_align", "text_color", "lines"}, {"content"}),
    "div": ({"text", "width", "icon"}, set()),
    "hr": (set(), set()),
    "img": (
        {"img_key", "alt", "title", "corner_radius", "scale_type", "size", "transparent", "preview"},
        {"img_key", "alt"},
    ),
    "img_combination": (
        {"combination_mode", "combination_transparent", "corner_radius", "img_list"},
        {"combination_mode", "img_list"},
    ),
    "button": (
        {
            "type", "size", "width", "text", "icon", "hover_tips", "disabled", "disabled_tips", "confirm",
            "behaviors", "name", "required", "form_action_type",
        },
        {"text"},
    ),
    "input": (
        {
            "name", "required", "placeholder", "default_value", "disabled", "disabled_tips", "width",
            "max_length", "input_type", "show_icon", "rows", "auto_resize", "max_rows", "label",
            "label_position", "value", "behaviors", "confirm", "fallback",
        },
        set(),
    ),
    "select_static": (
        {
            "type", "name", "required", "disabled", "placeholder", "initial_option", "initial_index", "width",
            "options", "behaviors", "confirm",
        },
        {"options"},
    ),
    "form": ({"name", "elements", "confirm"} | LAYOUT, {"name", "elements"}),
    "column_set": (
        {"flex_mode", "background_style", "horizontal_spacing", "horizontal_align", "columns", "action"},
        {"columns"},
    ),
    "column": ({"width", "weight", "background_style", "elements", "action"} | LAYOUT, set()),
    "collapsible_panel": (
        {"expanded", "background_color", "header", "border", "elements"} | LAYOUT,
        {"header", "elements"},
    ),
}  # fmt: skip


#: What some properties may be.
VALUES: dict[str, dict[str, set[str]]] = {
    "img": {"scale_type": {"crop_center", "crop_top", "fit_horizontal"}},
    "column_set": {"flex_mode": {"none", "stretch", "flow", "bisect", "trisect"}},
    "markdown": {"text_align": {"left", "center", "right"}, "text_size": TEXT_SIZES},
    "select_static": {"type": {"default", "text"}},
}


class CardError(Exception):
    """The card is refused."""

    def __init__(self, what: str, code: int = BAD_CARD) -> None:
        super().__init__(what)
        self.code = code


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press."""

    label: str
    value: dict[str, Any]
    kind: str = "default"
    name: str = ""
    #: Sends the form that it stands in.
    form: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """Something to write in."""

    name: str
    value: str
    label: str
    max_length: int
    required: bool
    form: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees of one message."""

    kind: str
    text: str
    title: str = ""
    colour: str = ""
    images: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    #: What can be chosen from lists, the value of each in `name`.
    choices: tuple[Button, ...] = ()
    fields: tuple[Field, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    #: Who is notified by it: open ids, or "all".
    mentions: tuple[str, ...] = ()
    #: What the list of chats shows of it.
    preview: str = ""


# What is accepted ---------------------------------------------------------------------------------------


def check(card: Any, images: dict[str, bytes]) -> None:
    """Refuse what Feishu refuses. Raises CardError."""
    top = _object(card, "card")
    if top.get("schema") != "2.0":
        raise CardError('schema must be "2.0"')
    _only(top, {"schema", "config", "card_link", "header", "body"}, "card")
    _check_config(_object(top.get("config", {}), "config"))
    if "header" in top:
        _check_header(_object(top["header"], "header"))
    body = _object(top.get("body"), "body")
    _only(body, LAYOUT | {"elements"}, "body")
    elements = list(walk(body))
    top_level = body.get("elements", [])
    if any(element.get("tag") == "form" and element not in top_level for element, _ in elements):
        raise CardError("a form stands at the top level and nowhere else")
    if len(elements) > 200:
        raise CardError("more than 200 elements")
    for element, form in elements:
        _check_element(element, form, images)
    _check_unique(elements)


def check_answer(card: Any, images: dict[str, bytes]) -> None:
    """The same for a card that answers a press. Raises CardError."""
    answer = _object(card, "card")
    if answer.get("type") != "raw":
        raise CardError('card.type must be "raw"')
    check(answer.get("data"), images)


def _check_config(config: dict[str, Any]) -> None:
    _only(
        config,
        {
            "streaming_mode", "streaming_config", "summary", "locales", "enable_forward", "update_multi",
            "width_mode", "use_custom_translation", "enable_forward_interaction", "style",
        },
        "config",
    )  # fmt: skip
    if config.get("update_multi", True) is not True:
        raise CardError("config.update_multi can only be true")
    if config.get("width_mode", "default") not in {"default", "compact", "fill"}:
        raise CardError("config.width_mode")
    if "summary" in config:
        _only(_object(config["summary"], "summary"), {"content", "i18n_content"}, "summary")


def _check_header(header: dict[str, Any]) -> None:
    _only(
        header,
        {"title", "subtitle", "text_tag_list", "i18n_text_tag_list", "template", "icon", "padding"},
        "header",
    )
    _check_text(header.get("title"), "header.title")
    if "subtitle" in header:
        _check_text(header["subtitle"], "header.subtitle")
    if header.get("template", "default") not in COLOURS:
        raise CardError(f"header.template {header.get('template')}")


def _check_element(element: dict[str, Any], form: str, images: dict[str, bytes]) -> None:
    tag = element.get("tag")
    if tag in {"action", "note"}:
        raise CardError(f"not support tag: {tag}; cards of schema V2 no longer support this capability")
    if not isinstance(tag, str) or tag not in COMPONENTS or tag == "plain_text":
        raise CardError(f"not support tag: {tag}")
    allowed, required = COMPONENTS[tag]
    _only(element, COMMON | allowed, tag)
    missing = required - element.keys()
    if missing:
        raise CardError(f"{tag}: missing {sorted(missing)}")
    for name, values in VALUES.get(tag, {}).items():
        if element.get(name, min(values)) not in values:
            raise CardError(f"{tag}.{name} {element[name]!r}")
    element_id = element.get("element_id")
    if element_id is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,19}", str(element_id)):
        raise CardError(f"element_id {element_id!r} is illegal")
    if tag == "markdown":
        _string(element["content"], "markdown.content")
    elif tag == "div" and "text" in element:
        _check_text(element["text"], "div.text")
    elif tag == "img":
        _check_image(element["img_key"], images)
        _check_text(element["alt"], "img.alt")
    elif tag == "img_combination":
        _check_combination(element, images)
    elif tag == "button":
        _check_button(element, form)
    elif tag == "input":
        _check_input(element, form)
    elif tag == "select_static":
        _check_select(element)
    elif tag == "form":
        _check_form(element, form)


def _check_combination(element: dict[str, Any], images: dict[str, bytes]) -> None:
    if element["combination_mode"] not in COMBINATIONS:
        raise CardError(f"combination_mode {element['combination_mode']}")
    if not isinstance(element["img_list"], list) or not element["img_list"]:
        raise CardError("img_list is empty")
    for image in element["img_list"]:
        _only(_object(image, "img_list"), {"img_key", "transparent"}, "img_list")
        _check_image(image.get("img_key"), images)


def _check_button(element: dict[str, Any], form: str) -> None:
    _check_text(element["text"], "button.text")
    if element.get("type", "default") not in BUTTON_TYPES:
        raise CardError(f"button.type {element.get('type')}")
    if element.get("size", "medium") not in {"tiny", "small", "medium", "large"}:
        raise CardError(f"button.size {element.get('size')}")
    if element.get("form_action_type", "submit") not in {"submit", "reset"}:
        raise CardError("button.form_action_type")
    if "form_action_type" in element and not form:
        raise CardError("form_action_type outside a form")
    if form and not element.get("name"):
        raise CardError("a button in a form needs a name")
    if "confirm" in element:
        confirm = _object(element["confirm"], "confirm")
        _only(confirm, {"title", "text"}, "confirm")
        _check_text(confirm.get("title"), "confirm.title")
        _check_text(confirm.get("text"), "confirm.text")
    for behavior in element.get("behaviors", []):
        _check_behavior(_object(behavior, "behavior"))


def _check_behavior(behavior: dict[str, Any]) -> None:
    if behavior.get("type") == "callback":
        _only(behavior, {"type", "value"}, "behavior")
        _object(behavior.get("value"), "behavior.value")
    elif behavior.get("type") == "open_url":
        _only(behavior, {"type", "default_url", "android_url", "ios_url", "pc_url"}, "behavior")
        _string(behavior.get("default_url"), "behavior.default_url")
    else:
        raise CardError(f"behavior {behavior.get('type')}")


def _check_input(element: dict[str, Any], form: str) -> None:
    if form and not element.get("name"):
        raise CardError("an input in a form needs a name")
    if element.get("input_type", "text") not in {"text", "multiline_text", "password"}:
        raise CardError("input.input_type")
    length = element.get("max_length", 1000)
    if not isinstance(length, int) or not 1 <= length <= 1000:
        raise CardError("input.max_length must be in [1, 1000]")
    if len(_string(element.get("default_value", ""), "input.default_value")) > length:
        raise CardError("input.default_value is longer than max_length")
    for name in ("placeholder", "label"):
        if name in element:
            _check_plain(element[name], f"input.{name}", longest=100 if name == "placeholder" else 0)


def _check_select(element: dict[str, Any]) -> None:
    if "placeholder" in element:
        _check_plain(element["placeholder"], "select_static.placeholder")
    if not isinstance(element["options"], list) or not element["options"]:
        raise CardError("select_static.options is empty")
    values = []
    for option in element["options"]:
        _only(_object(option, "option"), {"text", "icon", "value"}, "option")
        _check_plain(option.get("text"), "option.text")
        values.append(_string(option.get("value"), "option.value"))
    if len(set(values)) < len(values) or "" in values:
        raise CardError(f"select_static.options: values {values}")
    for behavior in element.get("behaviors", []):
        _check_behavior(_object(behavior, "behavior"))


def _check_form(element: dict[str, Any], form: str) -> None:
    if form:
        raise CardError("a form in a form")
    inside = [child for child, _ in walk(element)]
    if not any(child.get("form_action_type") == "submit" for child in inside):
        raise CardError("a form needs a submit button")


def _check_image(key: Any, images: dict[str, bytes]) -> None:
    if key not in images:
        raise CardError(f"img_key {key} is not valid")


def _check_text(text: Any, where: str, longest: int = 0) -> None:
    value = _object(text, where)
    if value.get("tag") not in {"plain_text", "lark_md"}:
        raise CardError(f"{where}: tag {value.get('tag')}")
    _only(value, {"tag", "content", "i18n_content", "text_size", "text_align", "text_color", "lines"}, where)
    content = _string(value.get("content"), f"{where}.content")
    if longest and len(content) > longest:
        raise CardError(f"{where} is longer than {longest}")


def _check_plain(text: Any, where: str, longest: int = 0) -> None:
    _check_text(text, where, longest)
    if text["tag"] != "plain_text":
        raise CardError(f"{where}: only plain_text")


def _check_unique(elements: list[tuple[dict[str, Any], str]]) -> None:
    for key in ("element_id", "name"):
        seen: set[str] = set()
        for element, _ in elements:
            if key in element:
                if element[key] in seen:
                    raise CardError(f"duplicate {key} {element[key]}", DUPLICATE_ID)
                seen.add(element[key])


def walk(parent: dict[str, Any], form: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """All elements under `parent`, each with the name of the form that it stands in."""
    for name in ("elements", "columns"):
        children = parent.get(name, [])
        if not isinstance(children, list):
            raise CardError(f"{name} must be an array")
        for child in children:
            element = _object(child, "element")
            yield element, form
            yield from walk(element, element.get("name", "") if element.get("tag") == "form" else form)


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise CardError(f"{where} must be an object")
    return value


def _string(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise CardError(f"{where} must be a string")
    return value


def _only(value: dict[str, Any], allowed: set[str], where: str) -> None:
    unknown = value.keys() - allowed
    if unknown:
        raise CardError(f"{where}: unknown property {sorted(unknown)}")
