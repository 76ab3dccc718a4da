"""The slash commands: how they are registered, and what a person who uses one says. Pure.

A command becomes the words that the conversation understands anyway ("/imagine a fox --ar 16:9"), so that
there is one understanding for all ways in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.platforms.discord.markdown import cut
from adapters.platforms.discord.words import Words
from bot.message import Language
from bot.ports import ModelChoice

Json = dict[str, Any]

SUBCOMMAND, STRING, INTEGER, ATTACHMENT, NUMBER = 1, 3, 4, 11, 10
CHAT, MENU = 1, 3
#: The order in which shapes are offered.
RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9")
MOST_PICTURES = 10
#: What a choice may hold.
_CHOICES, _CHOICE_LENGTH = 25, 100
#: Commands whose answer only the person sees.
QUIET = frozenset({"model", "jobs", "credits", "help", "privacy"})
_EVERYWHERE: Json = {"integration_types": [0, 1], "contexts": [0, 1, 2]}


@dataclass(frozen=True, slots=True)
class Used:
    """A slash command as a person used it."""

    #: "imagine", "model set", …
    name: str
    options: Mapping[str, Any]
    #: The option that is being typed, in an autocompletion.
    typing: str = ""
    attachments: Mapping[str, Json] = field(default_factory=dict)

    @property
    def quiet(self) -> bool:
        """Whether the answer is for this person alone."""
        return self.name.split(" ", 1)[0] in QUIET


def used(data: Json) -> Used:
    """Read an interaction's data."""
    name, options = str(data["name"]), data.get("options") or []
    while options and options[0].get("type") == SUBCOMMAND:
        name, options = f"{name} {options[0]['name']}", options[0].get("options") or []
    typing = next((str(one["name"]) for one in options if one.get("focused")), "")
    files = (data.get("resolved") or {}).get("attachments") or {}
    return Used(name, {str(one["name"]): one.get("value") for one in options}, typing, files)


def with_model(command: Used, models: Sequence[ModelChoice]) -> Used | None:
    """The same with its model by name; None where it names none that is on offer."""
    typed = str(command.options.get("model") or "").strip()
    if not typed or not models:
        return command
    chosen = named(typed, models)
    return replace(command, options={**command.options, "model": chosen.name}) if chosen else None


def said(command: Used, language: Language, words: Words) -> str:
    """What the person says by using the command."""
    if command.name in ("imagine", "edit"):
        return _drawn(command.options)
    key = f"said.{command.name.replace(' ', '_')}"
    return words.say(language, key, model=str(command.options.get("model", "")))


def _drawn(options: Mapping[str, Any]) -> str:
    flags = (("model", "--model"), ("ratio", "--ar"), ("size", "--size"), ("count", "-n"))
    later = (("strength", "--strength"), ("negative", "--no"))
    prompt = " ".join(str(options.get("prompt", "")).split())
    named = [f"{flag} {options[key]}" for key, flag in (*flags, *later) if options.get(key) not in (None, "")]
    return " ".join(("/imagine", prompt, *named))


def completions(command: Used, models: Sequence[ModelChoice]) -> list[Json]:
    """What is offered for the option that is being typed."""
    typed = str(command.options.get(command.typing) or "")
    if command.typing == "model":
        found = [(one.label, one.name) for one in matching(typed, models)]
    else:
        chosen = named(str(command.options.get("model") or ""), models)
        able = able_ratios if command.typing == "ratio" else able_sizes
        able_values = able((chosen,) if chosen else models)
        found = [(value, value) for value in able_values if typed.strip().lower() in value.lower()]
    return [
        {"name": cut(label, _CHOICE_LENGTH), "value": value[:_CHOICE_LENGTH]}
        for label, value in found[:_CHOICES]
    ]


def named(text: str, models: Sequence[ModelChoice]) -> ModelChoice | None:
    """The one model that a person means, by any of its names or by a part that no other one has."""
    plain = _plain(text)
    exact = [one for one in models if plain in (_plain(name) for name in _names(one))]
    found = exact or (matching(text, models) if plain else [])
    return found[0] if len(found) == 1 else None


def matching(text: str, models: Sequence[ModelChoice]) -> list[ModelChoice]:
    """The models in one of whose names this stands."""
    plain = _plain(text)
    return [one for one in models if any(plain in _plain(name) for name in _names(one))]


def _names(model: ModelChoice) -> tuple[str, ...]:
    return (model.name, model.label, model.id, *model.aliases)


def _plain(text: str) -> str:
    """Without case, blanks and the like, which people write as they please."""
    return re.sub(r"[\s._-]+", "", text.casefold())


def able_ratios(models: Sequence[ModelChoice]) -> Iterable[str]:
    """Shapes that any of these can draw, common ones first. Where none can be chosen, it is a square."""
    able = {ratio: None for one in models for ratio in one.ratios} or {"1:1": None}
    return sorted(able, key=lambda ratio: RATIOS.index(ratio) if ratio in RATIOS else len(RATIOS))


def able_sizes(models: Sequence[ModelChoice]) -> Iterable[str]:
    """Sizes that any of these can draw, as the models list them."""
    return {size: None for one in models for size in one.sizes}


# Registration -------------------------------------------------------------------------------------------


def definitions(words: Words) -> list[Json]:
    """All commands, as they are registered."""
    make = _Maker(words)
    prompt = make.option("imagine", "prompt", STRING, required=True, max_length=2000)
    drawing = [
        prompt,
        make.option("imagine", "model", STRING, autocomplete=True),
        make.option("imagine", "ratio", STRING, autocomplete=True),
        make.option("imagine", "size", STRING, autocomplete=True),
        make.option("imagine", "count", INTEGER, min_value=1, max_value=MOST_PICTURES),
        make.option("imagine", "image", ATTACHMENT),
        make.option("imagine", "negative", STRING, max_length=500),
        make.option("imagine", "strength", NUMBER, min_value=0, max_value=1),
    ]
    editing = [
        make.option("edit", "image", ATTACHMENT, required=True),
        make.option("edit", "prompt", STRING, required=True, max_length=2000),
    ]
    model = [
        make.option("model", "show", SUBCOMMAND),
        make.option(
            "model", "set", SUBCOMMAND,
            options=[make.option("model", "model", STRING, required=True, autocomplete=True)],
        ),
        make.option("model", "clear", SUBCOMMAND),
    ]  # fmt: skip
    return [
        make.command("imagine", drawing),
        make.command("edit", editing),
        make.command("model", model),
        *(make.command(name) for name in ("models", "jobs", "credits", "help")),
        make.command("privacy", [make.option("privacy", "forget", SUBCOMMAND)]),
        {**make.localised("name", "command.use.name"), "type": MENU, **_EVERYWHERE},
    ]


class _Maker:
    """Writes definitions in English with their Chinese beside them."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def localised(self, key: str, text: str, chinese: str = "") -> Json:
        zh = self._words.say("zh", chinese or text)
        return {
            key: self._words.say("en", text),
            f"{key}_localizations": {"zh-CN": zh, "zh-TW": zh},
        }

    def command(self, name: str, options: Sequence[Json] = ()) -> Json:
        return {
            **self.localised("name", f"command.{name}.name"),
            **self.localised("description", f"command.{name}.description"),
            "type": CHAT,
            "options": list(options),
            **_EVERYWHERE,
        }

    def option(self, command: str, name: str, kind: int, **more: Any) -> Json:
        return {
            **self.localised("name", f"option.{name}"),
            **self.localised("description", f"command.{command}.{name}"),
            "type": kind,
            **more,
        }


def same(registered: Sequence[Json], wanted: Sequence[Json]) -> bool:
    """Whether Discord already has these commands, whatever it adds to them by itself."""
    known = {(one.get("type", CHAT), one.get("name")): one for one in registered}
    if len(known) != len(wanted):
        return False
    return all(_holds(known.get((one["type"], one["name"])), one) for one in wanted)


def _holds(known: object, wanted: object) -> bool:
    """Whether `known` says at least all that `wanted` says; what is empty need not be there."""
    if isinstance(wanted, dict):
        return isinstance(known, dict) and all(
            _holds(known.get(key), value)
            for key, value in wanted.items()
            if value not in ([], {}, None, False)
        )
    if isinstance(wanted, list):
        return (
            isinstance(known, list)
            and len(known) == len(wanted)
            and all(_holds(one, other) for one, other in zip(known, wanted, strict=True))
        )
    return known == wanted
