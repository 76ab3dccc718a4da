from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import pytest

from adapters.database.sqlite import Sqlite
from bot.ports import Database
from prefs.rules import Clear, Save
from prefs.store import Preferences

ANN, BEN = "web:local:ann", "discord:guild:ben"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    sql = files("adapters.database.migrations").joinpath("002_prefs.sql").read_text()
    (tmp_path / "001_prefs.sql").write_text(sql)
    opened = await Sqlite.open(tmp_path / "prefs.db", tmp_path)
    yield opened
    await opened.close()


async def test_nobody_has_preferences_at_first(database: Database) -> None:
    assert await Preferences(database).of(ANN) == {}


async def test_what_is_saved_is_found_again_per_person_and_kind(database: Database) -> None:
    prefs = Preferences(database)
    await database.commit(
        [
            *prefs.saving(ANN, "image", "midjourney", 1.0),
            *prefs.saving(ANN, "video", "jimeng-video-veo3", 2.0),
            *prefs.saving(BEN, "image", "jimeng-4.5", 3.0),
        ]
    )
    assert await prefs.of(ANN) == {"image": "midjourney", "video": "jimeng-video-veo3"}
    assert await prefs.of(BEN) == {"image": "jimeng-4.5"}


async def test_saving_again_replaces(database: Database) -> None:
    prefs = Preferences(database)
    assert await database.commit(prefs.saving(ANN, "image", "midjourney", 1.0))
    assert await database.commit(prefs.saving(ANN, "image", "jimeng-4.5", 2.0))
    assert await prefs.of(ANN) == {"image": "jimeng-4.5"}
    assert await database.rows("SELECT saved_at FROM preferences") == [(2.0,)]


async def test_clearing_one_kind_leaves_the_other(database: Database) -> None:
    prefs = Preferences(database)
    await database.commit([*prefs.saving(ANN, "image", "a", 1), *prefs.saving(ANN, "video", "b", 1)])
    await database.commit(prefs.clearing(ANN, "image"))
    assert await prefs.of(ANN) == {"video": "b"}
    await database.commit(prefs.clearing(ANN))
    assert await prefs.of(ANN) == {}


async def test_forgetting_a_person_leaves_everybody_else(database: Database) -> None:
    prefs = Preferences(database)
    await database.commit([*prefs.saving(ANN, "image", "a", 1), *prefs.saving(BEN, "image", "b", 1)])
    await database.commit(prefs.forgetting(ANN))
    assert await database.rows("SELECT person FROM preferences") == [(BEN,)]


async def test_a_change_becomes_its_statements(database: Database) -> None:
    prefs = Preferences(database)
    assert prefs.changing(ANN, None, 1.0) == ()
    assert prefs.changing(ANN, Save("image", "a"), 1.0) == prefs.saving(ANN, "image", "a", 1.0)
    assert prefs.changing(ANN, Clear("image"), 1.0) == prefs.clearing(ANN, "image")
    assert prefs.changing(ANN, Clear(None), 1.0) == prefs.forgetting(ANN)


async def test_a_kind_of_a_later_version_is_passed_over(database: Database) -> None:
    await database.commit([("INSERT INTO preferences VALUES (?, 'music', 'm', 1)", (ANN,))])
    assert await Preferences(database).of(ANN) == {}


async def test_preferences_survive_a_restart(tmp_path: Path, database: Database) -> None:
    await database.commit(Preferences(database).saving(ANN, "image", "midjourney", 1.0))
    again = await Sqlite.open(tmp_path / "prefs.db", tmp_path)
    assert await Preferences(again).of(ANN) == {"image": "midjourney"}
    await again.close()
