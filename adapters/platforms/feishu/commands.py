"""The app's slash commands, registered where the tenant allows; its scopes, as far as it tells.

https://open.feishu.cn/document/ — app_slash_command (clients from 7.70); a used command arrives as text.
"""

import logging
import tomllib
from dataclasses import dataclass
from pathlib import Path

from adapters.platforms.feishu import codes, wire
from adapters.platforms.feishu.codes import Refusal
from adapters.platforms.feishu.transport import Call, Rest

log = logging.getLogger(__name__)

PATH = "/open-apis/application/v7/app_slash_commands"
DUPLICATE = 40000000
GRANTED = 1


@dataclass(frozen=True, slots=True)
class Scope:
    """What the bot needs, what for, and what holds it as well."""

    name: str
    purpose: str
    within: frozenset[str] = frozenset()


SCOPES = (
    Scope("im:message", "to send messages", frozenset({"im:message:send_as_bot"})),
    Scope("im:message:update", "to change its cards", frozenset({"im:message", "im:message:send_as_bot"})),
    Scope("im:resource", "to send and read pictures"),
    Scope(
        "im:message.p2p_msg:readonly", "to hear people in private chats", frozenset({"im:message.p2p_msg"})
    ),
    Scope(
        "im:message.group_at_msg:readonly",
        "to hear people who mention it in groups",
        frozenset({"im:message.group_at_msg", "im:message.group_msg"}),
    ),
)


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as people see it in their client's list."""

    name: str
    zh: str
    en: str


def load() -> tuple[Command, ...]:
    """The commands that stand in the file beside this module."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return tuple(Command(name, words["zh"], words["en"]) for name, words in table.items())


def is_used(text: str, names: frozenset[str]) -> bool:
    """Whether a text uses one of these commands."""
    return text.startswith("/") and (text[1:].split(maxsplit=1) or [""])[0].lower() in names


async def register(rest: Rest, commands: tuple[Command, ...]) -> None:
    """Register what is not registered yet; best effort. Raises Passing."""
    try:
        answer = await rest.call(Call("GET", PATH))
    except Refusal as refusal:
        if refusal.code != codes.SCOPE:
            log.info("slash commands cannot be registered here: %s", refusal)
            return
        answer = {}  # to read them is a permission of its own
    known = {wire.text(item, "command") for name in answer for item in wire.objects(answer, name)}
    for command in [one for one in commands if one.name not in known]:
        description = {"default_value": command.en, "i18n": {"zh_cn": command.zh, "en_us": command.en}}
        try:
            await rest.call(Call("POST", PATH, {"command": command.name, "description": description}))
        except Refusal as refusal:
            if refusal.code != DUPLICATE:
                log.info("the slash command /%s cannot be registered: %s", command.name, refusal)
                if refusal.code == codes.SCOPE:
                    return


async def missing_scopes(rest: Rest) -> tuple[str, ...]:
    """The scopes that are not granted, each with what it is for; nothing where the tenant does not tell.

    Raises Passing.
    """
    try:
        answer = await rest.call(Call("GET", "/open-apis/application/v6/scopes"))
    except Refusal:
        return ()
    scopes = wire.objects(answer, "scopes")
    granted = {
        wire.text(scope, "scope_name") for scope in scopes if wire.number(scope, "grant_status") == GRANTED
    }
    if not scopes:
        return ()
    return tuple(f"{one.name} ({one.purpose})" for one in SCOPES if not {one.name, *one.within} & granted)
