"""What a person sees: messages of every kind, read as the client draws them."""

import html
import json
import re
from typing import Any

from tests.simulators.feishu.cards import COMBINATIONS, Button, Field, Shown, walk

AT = re.compile(
    r"<at\s+(?:id|ids|user_id|email)=[\"']?([^\"'>\s]*)[\"']?\s*/?>(?:[^<]*</at>)?", re.IGNORECASE
)
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)]*)\)")
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]*)\)")
TAG = re.compile(r"</?[a-z_]+[^>]*>", re.IGNORECASE)
#: A line that is a rule, or makes a heading of the one before; one that is code, in which nothing is escaped.
RULE = re.compile(r"(?m)^ {0,3}(?:-+|=+)[ \t]*$")
CODE = re.compile(r"(?m)(?:\A|(?<=\n\n))(?: {4}| {0,3}\t)\s*\S.*$")
EMOJI = re.compile(r":([A-Za-z_]+):")
BARE_URL = re.compile(r"https?://[^\s)\]]+")


class Page:
    """Collects what is drawn from top to bottom."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.images: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.mentions: list[str] = []
        self.buttons: list[Button] = []
        self.choices: list[Button] = []
        self.fields: list[Field] = []

    def markdown(self, source: str) -> str:
        """The text that markdown becomes; links, pictures and mentions are collected."""
        self.mentions += AT.findall(source)
        text = AT.sub(lambda at: f"@{at[1]}", source)
        self.images += IMAGE.findall(text)
        text = IMAGE.sub("", text)
        self.links += [(html.unescape(label), html.unescape(url)) for label, url in LINK.findall(text)]
        text = LINK.sub(lambda link: link[1], text)
        self.links += [(url, html.unescape(url)) for url in BARE_URL.findall(text)]
        for mark in (r"\*\*(.+?)\*\*", r"~~(.+?)~~", r"(?<!\w)\*(.+?)\*(?!\w)", r"`([^`]+)`"):
            text = re.sub(mark, r"\1", text)
        text = CODE.sub(lambda code: code[0].replace("&", "\0"), text)
        text = EMOJI.sub(r"[emoji \1]", RULE.sub("", text))
        text = re.sub(r"(?m)^(#{1,6} |> |[-*+] |\d+[.)] )", "", text)
        return html.unescape(TAG.sub("", text)).replace("\0", "&")

    def text(self, value: dict[str, Any]) -> str:
        """The text of a text object."""
        content = str(value.get("content", ""))
        return self.markdown(content) if value.get("tag") == "lark_md" else content


def read(kind: str, content: str) -> Shown:
    """What a message of this kind shows."""
    body = json.loads(content)
    page = Page()
    if kind == "text":
        source = str(body["text"])
        page.mentions += AT.findall(source)
        text = AT.sub(lambda at: f"@{at[1]}", source)
        page.links += LINK.findall(text)
        text = LINK.sub(lambda link: str(link[1]), text)
        text = re.sub(r"\*\*(.+?)\*\*", r"\1", re.sub(r"</?[bius]>", "", text))
        page.links += [(url, url) for url in BARE_URL.findall(text)]
        return Shown(kind, text, links=tuple(page.links), mentions=tuple(page.mentions), preview=text)
    if kind == "image":
        return Shown(kind, "", images=(body["image_key"],))
    if kind in {"file", "media"}:
        return Shown(kind, str(body.get("file_name", "")), files=(body["file_key"],))
    if kind == "post":
        return _read_post(body)
    return _read_card(body)


def _read_post(body: dict[str, Any]) -> Shown:
    page = Page()
    post = body if "content" in body else next(iter(body.values()))
    for paragraph in post["content"]:
        line = ""
        for part in paragraph:
            if part["tag"] == "img":
                page.images.append(part["image_key"])
            elif part["tag"] == "at":
                page.mentions.append(part["user_id"])
                line += f"@{part['user_id']}"
            elif part["tag"] == "a":
                page.links.append((part["text"], part["href"]))
                line += part["text"]
            elif part["tag"] == "md":
                line += page.markdown(part["text"])
            else:
                line += part.get("text", "")
        page.texts.append(line)
    return Shown(
        "post",
        "\n".join(page.texts),
        title=str(post.get("title", "")),
        images=tuple(page.images),
        links=tuple(page.links),
        mentions=tuple(page.mentions),
    )


def _read_card(card: dict[str, Any]) -> Shown:
    page = Page()
    header = card.get("header", {})
    title = page.text(header.get("title", {}))
    for element, form in walk(card["body"]):
        _draw(page, element, form)
    return Shown(
        "interactive",
        "\n".join(text for text in page.texts if text),
        title=title,
        colour=str(header.get("template", "")),
        images=tuple(page.images),
        buttons=tuple(page.buttons),
        choices=tuple(page.choices),
        fields=tuple(page.fields),
        links=tuple(page.links),
        mentions=tuple(page.mentions),
        preview=str(card.get("config", {}).get("summary", {}).get("content", title)),
    )


def _draw(page: Page, element: dict[str, Any], form: str) -> None:
    tag = element["tag"]
    if tag == "markdown":
        page.texts.append(page.markdown(element["content"]))
    elif tag == "div":
        page.texts.append(page.text(element.get("text", {})))
    elif tag == "img":
        page.images.append(element["img_key"])
    elif tag == "img_combination":
        keys = [image["img_key"] for image in element["img_list"]]
        page.images += keys[: COMBINATIONS[element["combination_mode"]]]
    elif tag == "button" and not element.get("disabled"):
        page.buttons.append(_button(page, element, form))
    elif tag == "select_static" and not element.get("disabled"):
        page.choices += _choices(page, element)
    elif tag == "input":
        page.fields.append(
            Field(
                name=str(element.get("name", "")),
                value=str(element.get("default_value", "")),
                label=page.text(element.get("label", {})),
                max_length=int(element.get("max_length", 1000)),
                required=bool(element.get("required", False)),
                form=form,
            )
        )


def _choices(page: Page, element: dict[str, Any]) -> list[Button]:
    behaviors = element.get("behaviors", [])
    value = behaviors[0]["value"] if behaviors else {}
    return [
        Button(page.text(option["text"]), value, "select_static", name=option["value"])
        for option in element["options"]
    ]


def _button(page: Page, element: dict[str, Any], form: str) -> Button:
    value: dict[str, Any] = {}
    url = ""
    for behavior in element.get("behaviors", []):
        if behavior["type"] == "callback":
            value = behavior["value"]
        else:
            url = behavior["default_url"]
    return Button(
        label=page.text(element["text"]),
        value=value,
        kind=str(element.get("type", "default")),
        name=str(element.get("name", "")),
        form=form if element.get("form_action_type") == "submit" else "",
        url=url,
    )
