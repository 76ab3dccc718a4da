"""The corpora: how many utterances are understood exactly as labelled."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.language.predict import predict

CORPUS = Path(__file__).parents[2] / "corpus"


def score() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", CORPUS / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def misses(name: str) -> tuple[list[str], int]:
    lines = (CORPUS / name).read_text(encoding="utf-8").splitlines()
    answers: dict[str, Any] = {answer["id"]: answer for answer in map(json.loads, predict(lines))}
    judge = score().judge
    rows = [json.loads(line) for line in lines]
    wrong = [row["id"] for row in rows if not all(judge(row, answers.get(row["id"])).values())]
    return wrong, len(rows)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("dev.jsonl", 6),
        ("own.jsonl", 7),
        ("own2.jsonl", 7),
        ("own3.jsonl", 14),
        ("own4.jsonl", 8),
        ("own5.jsonl", 18),
        ("own6.jsonl", 24),
    ],
)
def test_the_corpus_is_understood(name: str, allowed: int) -> None:
    """98 of 100 at least. Ours were frozen before the first run, which gave 352 of 363 and 341 of 364.

    The third is five batches aimed at what had failed, each written before it was run: at first 76 of 129,
    120 of 139, 134 of 143, 141 of 156 and 140 of 144; one label of ours was put right.
    The fourth is two batches by a second author: at first 241 of 267 and 133 of 150.
    The fifth is by a third author: at first 260 of 272, 174 of 183 and, aimed at what those had
    little of, 171 of 184, then in other voices 152 of 160
    and, long and roundabout, 59 of 72, where one label of ours was put right; after these 47 of 50.
    The sixth is seven batches by a fourth, most of it preferences, follow-ups, questions and talk: at first
    259 of 283, 167 of 191, 179 of 206, 142 of 168, 121 of 138, 105 of 128 and, as plainly put as in dev,
    121 of 122; one label was put right.
    """
    wrong, count = misses(name)
    assert count > 200
    assert len(wrong) <= allowed, wrong
