"""Buttons, selects and forms hold all that they need in their ids."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.discord.buttons import ButtonId, Choice, modal, rows, typed
from bot.job import new_id
from bot.message import Action, Form, Press
from tests.simulators.discord import checks

JOB = new_id(1_800_000_000.0)
OWNER = "1234567890123456789"
LONGEST_MODEL = "doubao-seedream-4.5-preview-20261121"


def action(press: Press = Press.AGAIN, label: str = "Again", value: str = "") -> Action:
    return Action(press, label, JOB, OWNER, "en", value)


@given(st.sampled_from(Press), st.sampled_from(["zh", "en"]), st.text("abc-.|_", max_size=20))
def test_an_id_reads_back_as_it_was_written(press: Press, language: str, value: str) -> None:
    button = ButtonId(press, "zh" if language == "zh" else "en", JOB, OWNER, value)
    assert ButtonId.read(str(button)) == button


def test_an_id_fits_with_the_longest_names_there_are() -> None:
    assert len(str(ButtonId(Press.SWITCH, "zh", JOB, OWNER, LONGEST_MODEL))) <= 100


def test_what_is_no_id_of_ours_is_none() -> None:
    for text in ("", "x", "ink|", "ink|zz|a|b|c", "other|ae|a|b|c", "ink|ae|a|b"):
        assert ButtonId.read(text) is None


def test_an_id_that_does_not_fit_leaves_its_button_out() -> None:
    assert rows([action(value="v" * 80)]) == []


def test_buttons_stand_in_rows_of_five() -> None:
    found = rows([action(value=str(n)) for n in range(7)])
    assert [len(row["components"]) for row in found] == [5, 2]
    assert checks.rows(found, "") == []


def test_few_models_are_buttons_and_many_a_select() -> None:
    few = rows([action(Press.SWITCH, f"Try {n}", f"m{n}") for n in range(3)])
    many = rows([action(Press.SWITCH, f"Try {n}", f"m{n}") for n in range(30)], placeholder="Another model")
    assert [item["type"] for item in few[0]["components"]] == [2, 2, 2]
    (select,) = many[0]["components"]
    assert (select["type"], len(select["options"])) == (3, 25)
    assert checks.rows(many, "") == []


def test_a_select_of_models_stands_above_the_buttons() -> None:
    found = rows([action()], [Choice("m1", "SeeDream · 5 points"), Choice("m1", "twice")], "Another model")
    assert [item["label"] for item in found[0]["components"][0]["options"]] == ["twice"]
    chosen = ButtonId.read(found[0]["components"][0]["custom_id"])
    assert chosen is not None
    assert (chosen.press, chosen.job) == (Press.SWITCH, JOB)


def test_a_form_fits_into_discords_limits() -> None:
    form = Form("t" * 60, "A label that is longer than the forty-five characters there are", "OK", "x" * 3000)
    made = modal(form, "id")
    assert checks.modal(made) == []
    assert made["components"][0]["components"][0]["placeholder"].startswith("A label that is longer")


def test_what_was_typed_is_found_in_both_shapes() -> None:
    field = {"custom_id": "text", "value": " oil painting "}
    assert typed({"components": [{"components": [field]}]}) == "oil painting"
    assert typed({"components": [{"component": field}]}) == "oil painting"
    assert typed({}) == ""
