"""Commands are registered in two languages and say what the conversation understands."""

from typing import Any

import pytest

from adapters.platforms.discord import commands, words
from adapters.platforms.discord.commands import Used
from bot.language import understand
from bot.message import Language
from tests.contract.platforms.discord import models
from tests.simulators.discord import command_checks

WORDS = words.load()


def test_discord_takes_the_definitions() -> None:
    assert command_checks.commands(commands.definitions(WORDS)) == []


def test_both_languages_have_every_sentence() -> None:
    def keys(table: dict[str, Any], at: str = "") -> set[str]:
        return {
            key
            for name, value in table.items()
            for key in (keys(value, f"{at}{name}.") if isinstance(value, dict) else {at + name})
        }

    loaded = words.load()
    english = keys(loaded._tables["en"])
    assert english == keys(loaded._tables["zh"])
    assert all(loaded.has("zh", key) and loaded.say("zh", key, **VALUES) for key in english)


VALUES = {"when": "", "place": "", "rights": "", "model": ""}


def test_registered_commands_are_the_same_however_discord_dresses_them() -> None:
    wanted = commands.definitions(WORDS)
    dressed = [{**one, "id": "1", "version": "2", "nsfw": False, "dm_permission": True} for one in wanted]
    for one in dressed:
        if one["type"] == commands.CHAT and not one["options"]:
            del one["options"]
    assert commands.same(dressed, wanted)
    assert commands.same(list(reversed(dressed)), wanted)


@pytest.mark.parametrize("change", [{"description": "other"}, {"name": "other"}, {"contexts": [0]}])
def test_a_change_is_noticed(change: dict[str, Any]) -> None:
    wanted = commands.definitions(WORDS)
    assert not commands.same([{**wanted[0], **change}, *wanted[1:]], wanted)
    assert not commands.same(wanted[1:], wanted)


def test_a_subcommand_is_read_with_its_options() -> None:
    data = {
        "name": "model",
        "options": [{"type": 1, "name": "set", "options": [{"type": 3, "name": "model", "value": "MJ"}]}],
    }
    used = commands.used(data)
    assert (used.name, used.options, used.quiet) == ("model set", {"model": "MJ"}, True)


def test_everything_asked_for_is_understood() -> None:
    options = {
        "prompt": "a fox in the\nsnow",
        "model": "SeeDream 4.5",
        "ratio": "16:9",
        "size": "2K",
        "count": 2,
        "strength": 0.6,
        "negative": "people, cars",
    }
    intent = understand(commands.said(Used("imagine", options), "en", WORDS))
    assert intent.intent == "generate"
    assert (intent.model, intent.ratio, intent.size, intent.count) == ("doubao-seedream-4.5", "16:9", "2K", 2)
    assert intent.strength == pytest.approx(0.6)
    assert intent.negative == "people, cars"
    assert "fox in the snow" in intent.prompt
    assert "16:9" not in intent.prompt
    assert intent.preference == "none"


def test_a_chinese_prompt_is_understood_as_chinese() -> None:
    intent = understand(
        commands.said(Used("imagine", {"prompt": "雪地里的狐狸", "ratio": "9:16"}), "en", WORDS)
    )
    assert (intent.intent, intent.language, intent.ratio) == ("generate", "zh", "9:16")
    assert intent.prompt == "雪地里的狐狸"


def test_an_edit_is_about_the_picture() -> None:
    intent = understand(
        commands.said(Used("edit", {"prompt": "make it an oil painting"}), "en", WORDS), images=1
    )
    assert (intent.intent, intent.task) == ("generate", "image_to_image")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("name", "intent"),
    [
        ("model show", "show_preference"),
        ("model clear", "clear_preference"),
        ("models", "list_models"),
        ("jobs", "status"),
        ("credits", "credits"),
        ("help", "help"),
        ("privacy forget", "forget_me"),
    ],
)
def test_every_command_is_understood(name: str, intent: str, language: Language) -> None:
    found = understand(commands.said(Used(name, {}), language, WORDS))
    assert (found.intent, found.language) == (intent, language)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("model", [one.name for one in models("en")])
def test_a_model_chosen_for_good_is_understood(model: str, language: Language) -> None:
    found = understand(commands.said(Used("model set", {"model": model}), language, WORDS))
    assert (found.intent, found.preference) == ("set_preference", "save")
    assert found.model in {one.id for one in models("en")}


def test_models_are_offered_with_price_and_filtered_by_what_is_typed() -> None:
    offered = commands.completions(Used("imagine", {"model": "mid"}, "model"), models("en"))
    assert offered == [{"name": "Midjourney · 10 points", "value": "Midjourney"}]
    assert len(commands.completions(Used("imagine", {"model": ""}, "model"), models("en"))) == 3
    assert commands.completions(Used("imagine", {"model": "mj"}, "model"), models("en")) == offered


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SeeDream 4.5", "SeeDream 4.5"),
        ("seedream", "SeeDream 4.5"),
        ("SeeDream 4.5 · 5 points", "SeeDream 4.5"),
        ("doubao-seedream-4.5", "SeeDream 4.5"),
        ("MJ", "Midjourney"),
        ("mid-journey", "Midjourney"),
        ("points", None),
        ("draw a cat", None),
        (" . ", None),
    ],
)
def test_a_model_is_known_by_any_of_its_names(typed: str, meant: str | None) -> None:
    command = commands.with_model(Used("model set", {"model": typed}), models("en"))
    assert (command.options["model"] if command else None) == meant


def test_a_model_is_taken_as_it_was_typed_where_nothing_is_known() -> None:
    assert commands.with_model(Used("model set", {"model": "x"}), ()) == Used("model set", {"model": "x"})


def test_ratios_and_sizes_are_those_of_the_chosen_model() -> None:
    def offered(option: str, **chosen: str) -> list[str]:
        used = Used("imagine", chosen, option)
        return [one["value"] for one in commands.completions(used, models("en"))]

    assert offered("ratio", model="Midjourney") == ["1:1"]
    assert offered("ratio", model="seedream 4.5", ratio="16") == ["16:9"]
    assert offered("ratio", model="Jimeng 3.0") == ["1:1"]
    assert offered("size", model="jimeng-3.0") == []
    assert offered("ratio") == offered("ratio", model="no such model") == ["1:1", "16:9"]
    assert offered("size") == ["1K", "2K", "4K"]
    assert offered("size", model="Midjourney") == ["1K"]
