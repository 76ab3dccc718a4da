"""Reads single names from an environment and remembers everything that is wrong with them."""

import difflib
import ipaddress
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

#: Names that belong together: the first ones switch the group on and must all be set.
GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Discord": (
        ("DISCORD_TOKEN",),
        ("DISCORD_API_BASE", "DISCORD_PROXY", "DISCORD_LISTEN", "DISCORD_SHARDS"),
    ),
    "Feishu": (
        ("FEISHU_APP_ID", "FEISHU_APP_SECRET"),
        (
            "FEISHU_DOMAIN",
            "FEISHU_EVENTS",
            "FEISHU_ENCRYPT_KEY",
            "FEISHU_VERIFICATION_TOKEN",
            "FEISHU_CHATS",
            "FEISHU_PEOPLE",
        ),
    ),
    "IMA Studio": (("IMA_API_KEY",), ("IMA_API_URL", "IMA_UPLOAD_URL", "IMA_APP_KEY")),
    "jimeng-api": (("JIMENG_API_URL", "JIMENG_SESSION_ID"), ()),
    "Volcengine": (("VOLC_ACCESSKEY", "VOLC_SECRETKEY"), ("VOLC_API_URL", "VOLC_CONCURRENCY")),
    "Jimeng web": (("JIMENG_WEB_SESSION_ID",), ("JIMENG_WEB_URL", "JIMENG_MCP_URL", "JIMENG_MCP_COOKIE")),
}


class Reader:
    """One pass over an environment. Every method returns a usable value; trouble goes to `wrong`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.wrong: list[str] = []
        self.known: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        """The value without its edges, or the default."""
        self.known.add(name)
        return self.environment.get(name, "").strip() or default

    def number(self, name: str, default: float, *, low: float, high: float) -> float:
        """A number within limits."""
        text = self.text(name)
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            self.wrong.append(f"{name} must be a number from {low:g} to {high:g}, not {text!r}")
            return default
        return value

    def whole(self, name: str, default: int, *, low: int, high: int) -> int:
        """A whole number within limits."""
        value = self.number(name, default, low=low, high=high)
        if value != int(value):
            self.wrong.append(f"{name} must be a whole number, not {self.text(name)!r}")
        return int(value)

    def flag(self, name: str) -> bool:
        """1 or 0."""
        text = self.text(name).lower()
        if text not in ("", "0", "1", "true", "false", "yes", "no"):
            self.wrong.append(f"{name} must be 1 or 0, not {text!r}")
        return text in ("1", "true", "yes")

    def word(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of a few words."""
        text = self.text(name, default).lower()
        if text not in allowed:
            self.wrong.append(f"{name} must be one of {', '.join(allowed)}, not {text!r}")
            return default
        return text

    def words(self, name: str) -> tuple[str, ...]:
        """A list with commas."""
        return tuple(word.strip() for word in self.text(name).split(",") if word.strip())

    def ids(self, name: str, looks: str, example: str) -> tuple[str, ...]:
        """A list with commas of ids that look so: a name in their place would lock everybody out."""
        found = self.words(name)
        odd = [word for word in found if not re.fullmatch(looks, word)]
        if odd:
            self.wrong.append(f"{name} must be ids ({example}), with commas, not {', '.join(odd)}")
        return found

    def url(self, name: str, default: str = "", *, loopback_http: bool = False) -> str:
        """An address, without its last slash."""
        text = self.text(name, default).rstrip("/")
        if not text:
            return ""
        try:
            parts = urlsplit(text)
            parts.port  # noqa: B018 - read for its ValueError
        except ValueError:
            parts = urlsplit("")
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not _is_host(host):
            self.wrong.append(f"{name} must be an address that begins with https:// or http://")
        elif parts.username or parts.password:
            self.wrong.append(f"{name} must not carry a user name or password")
        elif loopback_http and parts.scheme == "http" and not is_loopback(host):
            self.wrong.append(f"{name} must begin with https:// (plain http only for this machine)")
        return text

    def misspelt(self, names: Iterable[str]) -> None:
        """Note names that nothing has asked for and that look like one that could have been meant."""
        for name in sorted(set(names) - self.known):
            if meant := difflib.get_close_matches(name.upper(), self.known, 1, 0.85):
                self.wrong.append(f"{name} is no name of ours; is {meant[0]} meant?")

    def group(self, title: str) -> bool:
        """Whether a group is switched on; half-set groups are noted as wrong."""
        needed, further = GROUPS[title]
        missing = [name for name in needed if not self.text(name)]
        named = [name for name in (*needed, *further) if self.text(name)]
        if missing and named:
            self.wrong.append(f"{title}: {' and '.join(named)} set, but {' and '.join(missing)} missing")
        return not missing


def _is_host(host: str) -> bool:
    """Whether it can be a host's name or address: what can be none makes every client stumble later."""
    if ":" in host:
        return _is_address(host)
    try:
        name = host.encode("idna").decode("idna")
    except UnicodeError:
        return False
    return bool(name) and all(character.isalnum() or character in "-._" for character in name)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
