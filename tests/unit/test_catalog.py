"""Models are data, and wrong data is told plainly."""

import pytest

from bot import catalog
from bot.catalog import CatalogError
from bot.message import Price

FAMILY = """
[defaults.one]
tasks = ["text_to_image"]
backends = ["ima"]
ratios = ["1:1"]
sizes = ["1K"]
expect = [30, 60]
poll = 5
progress = 20
inputs = 0
pictures = 1
unit = "points"
good_at = []
character = { zh = "好", en = "good" }
"""
MODEL = '[[models]]\nid = "a"\nfamily = "one"\nname = { zh = "甲", en = "A" }\naliases = ["first"]\n'


def test_the_catalogue_of_the_house_holds_what_the_protocol_promises() -> None:
    seedream = catalog.load().get("doubao-seedream-4.5")
    assert seedream is not None
    assert (seedream.expect, seedream.poll, seedream.progress) == ((30, 60), 5, 20)
    assert seedream.price() == Price(5, "points")
    assert seedream.character["zh"] == "性价比最佳"
    midjourney = catalog.load().get("midjourney")
    assert midjourney is not None
    assert (midjourney.expect, midjourney.poll, midjourney.progress) == ((40, 90), 8, 25)
    assert (midjourney.price("480p"), midjourney.price("720p")) == (Price(8, "points"), Price(10, "points"))


def test_a_price_follows_the_size() -> None:
    banana = catalog.load().get("gemini-3.1-flash-image")
    assert banana is not None
    assert [banana.price(size) for size in ("512px", "1K", "2K", "4K")] == [
        Price(amount, "points") for amount in (4, 6, 10, 13)
    ]


def test_a_model_without_a_table_has_no_price() -> None:
    jimeng = catalog.load().get("jimeng-4.5")
    assert jimeng is not None
    assert jimeng.price("2K") is None


@pytest.mark.parametrize(
    ("words", "model"),
    [
        ("香蕉 Pro", "gemini-3-pro-image"),
        ("NB2", "gemini-3.1-flash-image"),
        ("nano-banana-pro", "gemini-3-pro-image"),
        ("MIDJOURNEY", "midjourney"),
        ("see dream", "doubao-seedream-4.5"),
        ("即梦4.5", "jimeng-4.5"),
        ("sora2", "jimeng-video-sora2"),
    ],
)
def test_a_model_is_found_by_what_people_call_it(words: str, model: str) -> None:
    found = catalog.load().named(words)
    assert found is not None
    assert found.id == model


def test_alternatives_are_models() -> None:
    for model in catalog.load():
        assert all(other in catalog.load() for other in model.alternatives)


def test_a_small_catalogue_is_read() -> None:
    [model] = catalog.parse(FAMILY + MODEL)
    assert model.id == "a"
    assert model.can("text_to_image")
    assert not model.can("text_to_video")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[models", "cannot be read"),
        (FAMILY + MODEL.replace('"one"', '"two"'), "a: family 'two'"),
        (FAMILY.replace("poll = 5\n", "") + MODEL, "a: poll missing"),
        (FAMILY + MODEL + "colour = 3\n", "a: colour not known"),
        (FAMILY.replace("[30, 60]", "[60, 30]") + MODEL, "a: expect"),
        (FAMILY.replace('"ima"', '"imma"') + MODEL, "a: backends"),
        (FAMILY.replace('"text_to_image"', '"text_to_song"') + MODEL, "a: tasks"),
        (FAMILY.replace("good_at = []", 'good_at = ["dogs"]') + MODEL, "a: good_at"),
        (FAMILY.replace('unit = "points"', 'unit = "shells"') + MODEL, "a: unit"),
        (FAMILY.replace('zh = "好", ', "") + MODEL, "a: character"),
        (FAMILY.replace('"1:1"', '"square"') + MODEL, "a: ratios"),
        (FAMILY.replace("pictures = 1", "pictures = 0") + MODEL, "a: pictures"),
        (FAMILY.replace("poll = 5", "poll = 0") + MODEL, "a: poll and progress"),
        (FAMILY + MODEL + "points = { 1K = 3 }\n", "a: points need a default"),
        (FAMILY + MODEL + "points = { default = 0 }\n", "a: points must be positive"),
        (FAMILY + MODEL + 'alternatives = ["b"]\n', "alternative 'b'"),
        (FAMILY + MODEL + MODEL, "an id appears twice"),
        (FAMILY + MODEL + MODEL.replace('"a"', '"b"'), "names both a and b"),
    ],
)
def test_wrong_data_is_named(text: str, told: str) -> None:
    with pytest.raises(CatalogError, match=told):
        catalog.parse(text)


def test_one_name_for_many_models_means_any_of_them() -> None:
    models = catalog.load()
    assert [models.id_of(words) for words in ("即梦", "JiMeng", "dreamina", "即梦 4.5", "mj", "nobody")] == [
        "jimeng", "jimeng", "jimeng", "jimeng-4.5", "midjourney", None,
    ]  # fmt: skip
    assert [models.name(id_, "zh") for id_ in ("jimeng", "jimeng-4.5", "x-1")] == ["即梦", "即梦 4.5", "X 1"]
    assert models.means("jimeng", "jimeng-4.5")
    assert models.means("jimeng-4.5", "jimeng-4.5")
    assert not models.means("jimeng", "midjourney")
    assert not models.means("jimeng-4", "jimeng-4.5")


@pytest.mark.parametrize("family", ['name = { zh = "甲" }\naliases = ["a"]', 'aliases = ["a"]', 'name = "a"'])
def test_a_family_without_names_is_told(family: str) -> None:
    with pytest.raises(CatalogError, match="family f"):
        catalog.parse(f"[families.f]\n{family}\n{FAMILY}{MODEL}")


def test_a_family_and_a_model_share_no_name() -> None:
    family = '[families.f]\nname = { zh = "甲", en = "A" }\naliases = ["first"]\n'
    with pytest.raises(CatalogError, match="names both"):
        catalog.parse(family + FAMILY + MODEL)
