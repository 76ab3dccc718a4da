"""Every dialogue in `dialogues/` goes as it is written."""

from pathlib import Path

import pytest

from tests.fakes import run
from tests.scenario.dialogue import play, read

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
def test_the_dialogue_goes_as_written(path: Path) -> None:
    written = read(path)
    assert run(play(written)) == written
