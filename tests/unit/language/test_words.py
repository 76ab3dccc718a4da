"""Every word of the lexicon earns its place: without it, an utterance means something else.

`words.json` has, for each list of the lexicon, utterances with a gap and the words that are tried in the
gap. A new word needs an utterance there in which it makes a difference. Marks before an utterance say what
came with it: R a reply to a result, W an open offer, I a number of pictures, U not addressed. Where a word
leaves something open (…), nothing is said there.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.language import lexicon as words
from bot.language.tasks import Given
from bot.language.understanding import read

LEXICON = words.load()
TRIED: dict[str, dict[str, list[str]]] = json.loads(
    (Path(__file__).parent / "words.json").read_text(encoding="utf-8")
)
LISTS = sorted(set(LEXICON.names()) - {"folding.pairs"})
MARKS = re.compile(r"\{([RWUI\d]+)\}")


def utterance(template: str, word: str) -> tuple[str, Given]:
    marks = MARKS.match(template)
    said = marks[1] if marks else ""
    number = re.search(r"\d", said)
    given = Given(
        images=int(number[0]) if number else 0,
        reply="R" in said,
        awaiting="W" in said,
        mentioned="U" not in said,
    )
    said = word.replace("…", " " if word[0].isascii() else "")
    return template[marks.end() if marks else 0 :].replace("{}", said), given


def tries(name: str) -> list[tuple[str, str, Given]]:
    return [
        (word, *utterance(template, word))
        for template, tried in TRIED.get(name, {}).items()
        for word in tried
    ]


def batches(cases: list[tuple[str, str, Given]]) -> Iterator[list[tuple[str, str, Given]]]:
    """Words that can be taken away together, since none of them is in another's utterance."""
    open_batches: list[list[tuple[str, str, str, Given]]] = []
    for word, text, given in cases:
        folded = LEXICON.fold(text)
        for batch in open_batches:
            if len(batch) < 200 and not any(word in other[2] or other[0] in folded for other in batch):
                batch.append((word, text, folded, given))
                break
        else:
            open_batches.append([(word, text, folded, given)])
    for batch in open_batches:
        yield [(word, text, given) for word, text, _, given in batch]


@pytest.mark.parametrize("name", LISTS)
def test_every_word_is_tried(name: str) -> None:
    assert sorted(LEXICON.words(name)) == sorted({word for word, _, _ in tries(name)})


@pytest.mark.parametrize("name", LISTS)
def test_without_a_word_an_utterance_means_something_else(name: str) -> None:
    idle = [
        word
        for batch in batches(tries(name))
        for fewer in [LEXICON.without(name, *(word for word, _, _ in batch))]
        for word, text, given in batch
        if read(text, given, fewer) == read(text, given, LEXICON)
    ]
    assert not idle


def test_every_pair_of_letters_is_compared_as_one() -> None:
    pairs = LEXICON.words("folding.pairs")
    assert len(pairs) > 400
    for pair in pairs:
        assert LEXICON.fold(pair[0]) == pair[1]
        assert LEXICON.without("folding.pairs", pair).fold(pair[0]) != pair[1]
