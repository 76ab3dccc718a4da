"""People's words in Discord's markdown: nothing in them formats, links, pings or hides. Pure."""

import re

#: Left as they are: Discord makes links of them by itself.
_LINK = re.compile(r"https?://[^\s<>()\[\]（）「」，。；！？]+")
_SPECIAL = re.compile(
    r"[\\*_`]|~(?=~)|\|(?=\|)"  # emphasis, code, strikes, spoilers
    r"|<(?=[@#:/atid])"  # mentions, emoji, timestamps, commands
    r"|@(?=everyone|here)"
)
#: Quotes, headings, small print and lists, where a line begins.
_LEADING = re.compile(r"^( *)(?=(?:>{1,3}|#{1,3}|-#|[-+])\s)", re.MULTILINE)
#: Characters that turn the direction of what stands after them, the bot's own words included.
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def escaped(text: str) -> str:
    """`text` so that Discord shows it letter by letter; addresses stay links."""
    text = _TURNING.sub("", text)
    masks = "](" in text
    parts: list[str] = []
    end = 0
    for link in _LINK.finditer(text):
        parts += [_escape(text[end : link.start()], masks=masks), link[0]]
        end = link.end()
    return "".join((*parts, _escape(text[end:], masks=masks)))


def _escape(text: str, *, masks: bool = False) -> str:
    """`masks`: somewhere the text goes on like a masked link, so that no bracket may open one."""
    text = _LEADING.sub(r"\1\\", _SPECIAL.sub(lambda match: "\\" + match[0], text))
    return text.replace("[", "\\[") if masks else text


def link(text: str, url: str) -> str:
    """A masked link. What would end it early is encoded."""
    safe = url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{_escape(text)}]({safe})"


def cut(text: str, length: int) -> str:
    """At most `length` characters, with an ellipsis where something is missing."""
    return text if len(text) <= length else text[: length - 1].rstrip("\\") + "…"
