"""People's words in Discord's markdown: nothing in them formats, links, pings or hides. Pure."""

import re

#: Left as they are: Discord makes links of them by itself.
_LINK = re.compile(r"https?://[^\s<>()\[\]（）「」，。；！？]+")
_SPECIAL = re.compile(
    r"[\\*_`]|~(?=~)|\|(?=\|)"  # emphasis, code, strikes, spoilers
    r"|^(?=(?:>{1,3}|\#{1,3}|-\#|[-+])\s)"  # quotes, headings, small print, lists
    r"|\[(?=[^\]\n]*\]\()"  # masked links
    r"|<(?=[@#:/atid])"  # mentions, emoji, timestamps, commands
    r"|@(?=everyone|here)",
    re.MULTILINE,
)


def escaped(text: str) -> str:
    """`text` so that Discord shows it letter by letter; addresses stay links."""
    parts: list[str] = []
    end = 0
    for link in _LINK.finditer(text):
        parts += [_escape(text[end : link.start()]), link[0]]
        end = link.end()
    return "".join((*parts, _escape(text[end:])))


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match[0], text)


def link(text: str, url: str) -> str:
    """A masked link. What would end it early is encoded."""
    safe = url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{_escape(text)}]({safe})"


def cut(text: str, length: int) -> str:
    """At most `length` characters, with an ellipsis where something is missing."""
    return text if len(text) <= length else text[: length - 1].rstrip("\\") + "…"
