"""What Discord refuses in slash commands: names, descriptions, options, translations. Pure.

Limits after https://discord.com/developers/docs/interactions/application-commands.
"""

import re

from tests.simulators.discord.checks import Problem, unknown_fields
from tests.simulators.discord.state import Json

LOCALES = {
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl",
    "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja",
    "zh-TW", "ko",
}  # fmt: skip

NAME = re.compile(r"[-_'\w]{1,32}")
COMMAND_FIELDS = {
    "name", "name_localizations", "description", "description_localizations", "options", "type", "nsfw",
    "default_member_permissions", "integration_types", "contexts", "dm_permission",
}  # fmt: skip
OPTION_FIELDS = {
    "type", "name", "name_localizations", "description", "description_localizations", "required", "choices",
    "options", "channel_types", "min_value", "max_value", "min_length", "max_length", "autocomplete",
}  # fmt: skip


def commands(value: object) -> list[Problem]:
    """All that is wrong with a bulk overwrite of the global commands."""
    if not isinstance(value, list):
        return [("", "not a list")]
    problems: list[Problem] = []
    slash = [c for c in value if c.get("type", 1) == 1]
    if len(slash) > 100 or len(value) - len(slash) > 15:
        problems.append(("", "too many commands"))
    if len({(c.get("type", 1), c.get("name")) for c in value}) != len(value):
        problems.append(("name", "Application command names must be unique"))
    for command in value:
        problems += unknown_fields(command, COMMAND_FIELDS)
        chat_input = command.get("type", 1) == 1
        problems += named(command, command.get("name", "?"), slash=chat_input)
        problems += options(command.get("options") or [], command.get("name", "?"))
        if longest(command) > 8000:
            problems.append((command.get("name", "?"), "8000 characters at most"))
    return problems


def longest(value: Json) -> int:
    """Characters of names, descriptions and choices, the longest translation counting."""
    own = sum(
        max(
            len(value.get(key) or ""),
            *(len(t) for t in (value.get(f"{key}_localizations") or {"": ""}).values()),
        )
        for key in ("name", "description")
    )
    choices = sum(len(c["name"]) + len(str(c["value"])) for c in value.get("choices") or [])
    return own + choices + sum(longest(option) for option in value.get("options") or [])


def named(item: Json, at: str, *, slash: bool) -> list[Problem]:
    problems: list[Problem] = []
    names = [item.get("name", ""), *(item.get("name_localizations") or {}).values()]
    for name in names:
        if slash and (not NAME.fullmatch(name) or name != name.lower()):
            problems.append((f"{at}.name", f"{name!r} is no command name"))
        if not slash and not 1 <= len(name) <= 32:
            problems.append((f"{at}.name", "Must be between 1 and 32 in length."))
    texts = [item.get("description", ""), *(item.get("description_localizations") or {}).values()]
    limit = range(1, 101) if slash else range(1)
    problems += [(f"{at}.description", f"length {len(text)}") for text in texts if len(text) not in limit]
    for key in ("name_localizations", "description_localizations"):
        problems += [(f"{at}.{key}", locale) for locale in item.get(key) or {} if locale not in LOCALES]
    return problems


def options(value: list[Json], at: str) -> list[Problem]:
    problems: list[Problem] = [(at, "25 options at most")] if len(value) > 25 else []
    required = [bool(o.get("required")) for o in value]
    if required != sorted(required, reverse=True):
        problems.append((at, "Required options must be placed before non-required options"))
    if len({o.get("name") for o in value}) != len(value):
        problems.append((at, "option names must be unique"))
    for option in value:
        where = f"{at}.{option.get('name')}"
        problems += [(f"{where}.{k}", "unknown field") for k in option if k not in OPTION_FIELDS]
        problems += named(option, where, slash=True)
        if option.get("type") not in range(1, 12):
            problems.append((f"{where}.type", "out of range"))
        if option.get("autocomplete") and (option.get("choices") or option.get("type") not in (3, 4, 10)):
            problems.append((f"{where}.autocomplete", "not with choices, and for texts and numbers alone"))
        problems += check_choices(option.get("choices") or [], where)
        problems += options(option.get("options") or [], where)
    return problems


def check_choices(value: list[Json], at: str) -> list[Problem]:
    problems: list[Problem] = [(f"{at}.choices", "25 at most")] if len(value) > 25 else []
    problems += [
        (f"{at}.choices", "name and value of 1 to 100 characters")
        for choice in value
        if not 1 <= len(choice.get("name", "")) <= 100 or len(str(choice.get("value", ""))) > 100
    ]
    return problems
