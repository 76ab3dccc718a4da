"""Every dialogue goes as it is written on the web, on Discord and in Feishu, with a restart in the middle."""

import asyncio
from pathlib import Path

import pytest

from tests.scenario.everywhere.town import PLACES, Scene, built, margin

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))


def written(path: Path) -> str:
    """A dialogue's file, without its remarks."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return "\n".join(line.rstrip() for line in lines if line.strip() and not line.startswith("#"))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    """All of them, once."""

    async def played() -> list[Scene]:
        async with built(tmp_path_factory.mktemp("town")) as town:
            for path in DIALOGUES:
                town.cast(path)
            await town.play()
            assert not town.discord.violations
            assert not town.feishu.violations
            return town.scenes

    return asyncio.run(played())


def test_every_dialogue_goes_as_written_everywhere(played: list[Scene]) -> None:
    scripts = {path.stem: written(path) for path in DIALOGUES}
    other = {
        scene.key: "\n".join(scene.told) for scene in played if "\n".join(scene.told) != scripts[scene.name]
    }
    assert not other, "\n\n".join(f"# {key}\n{told}" for key, told in other.items())
    assert {place for scene in played for place in PLACES if place in scene.key} == set(PLACES)


def test_every_dialogue_is_played_in_both_languages_and_has_a_restart() -> None:
    names = [path.stem for path in DIALOGUES]
    assert sum(name.startswith("zh_") for name in names) == sum(name.startswith("en_") for name in names)
    assert all(list(margin(path)).count("restart") == 1 for path in DIALOGUES)
