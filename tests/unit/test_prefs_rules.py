import pytest

from prefs.rules import Clear, Kind, Save, Word, change, kind_of


def test_a_choosing_word_with_a_name_is_remembered() -> None:
    assert change("save", "midjourney", "image", {}) == Save("image", "midjourney")


def test_the_latest_choice_replaces_the_earlier_one() -> None:
    assert change("save", "midjourney", "image", {"image": "jimeng-4.5"}) == Save("image", "midjourney")


def test_choosing_what_is_chosen_already_changes_nothing() -> None:
    assert change("save", "midjourney", "image", {"image": "midjourney"}) is None


def test_kinds_do_not_know_of_each_other() -> None:
    current: dict[Kind, str] = {"image": "midjourney"}
    assert change("save", "jimeng-video-veo3", "video", current) == Save("video", "jimeng-video-veo3")
    assert change("clear", None, "video", current) is None


@pytest.mark.parametrize("kind", ["image", "video", None])
def test_a_name_without_a_choosing_word_is_not_remembered(kind: Kind | None) -> None:
    assert change("none", "midjourney", kind, {}) is None
    assert change("none", "midjourney", kind, {"image": "jimeng-4.5"}) is None


@pytest.mark.parametrize("model", [None, ""])
def test_an_automatic_choice_is_never_remembered(model: str | None) -> None:
    assert change("save", model, "image", {}) is None


def test_without_a_kind_nothing_is_saved() -> None:
    assert change("save", "midjourney", None, {}) is None


@pytest.mark.parametrize("model", [None, "midjourney"])
def test_leaving_the_choice_to_us_clears(model: str | None) -> None:
    assert change("clear", model, "image", {"image": "midjourney"}) == Clear("image")


def test_clearing_with_no_kind_clears_all() -> None:
    assert change("clear", None, None, {"image": "a", "video": "b"}) == Clear(None)


@pytest.mark.parametrize("word", ["save", "clear", "none"])
def test_with_nothing_remembered_and_nothing_named_nothing_changes(word: Word) -> None:
    assert change(word, None, "image", {}) is None
    assert change(word, None, None, {}) is None


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("text_to_image", "image"),
        ("image_to_image", "image"),
        ("text_to_video", "video"),
        ("image_to_video", "video"),
    ],
)
def test_the_kind_of_a_task_is_what_comes_out(task: str, kind: str) -> None:
    assert kind_of(task) == kind
