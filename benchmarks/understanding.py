"""How much is understood exactly, by stratum, and how long one message takes.

    python -m benchmarks.understanding

A stratum is what an utterance is about (gen, param, model, trap, pref, follow, img, vid, unsup, odd, chat,
meta), all languages together. Times are processor time, the best of three, patterns compiled before.
"""

import importlib.util
import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bot.language import Intent, understand
from bot.language.predict import FIELDS

CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
NAMES = ("dev", "own", "own2", "own3", "own4")
#: Characters of the longer texts, which are utterances one after another: denser than anybody writes.
LENGTHS = (500, 2_000, 10_000)


def rows(name: str) -> list[dict[str, Any]]:
    """The labelled utterances of a corpus."""
    return [json.loads(line) for line in (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def read(row: dict[str, Any]) -> Intent:
    """What a labelled utterance is understood as."""
    return understand(
        row["text"],
        images=row["images"],
        reply_to_result=row["reply_to_result"],
        awaiting_retry=row["awaiting_retry"],
        mentioned=row["mentioned"],
    )


def score() -> Any:
    """The judge that comes with the corpus."""
    spec = importlib.util.spec_from_file_location("score", CORPUS / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exact(corpora: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Exact and all, for each corpus and for each stratum of all of them."""
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    judge = score().judge
    for name, utterances in corpora.items():
        for row in utterances:
            intent = read(row)
            good = all(judge(row, {field: getattr(intent, field) for field in FIELDS}).values())
            for key in (f"{name}.jsonl", row["id"].split("-")[1]):
                of[key] += 1
                right[key] += good
    return {key: f"{right[key]}/{of[key]}" for key in of}


def milliseconds(text: str) -> float:
    """Processor time that one message takes, the best of three."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        understand(text)
        best = min(best, time.process_time() - began)
    return best * 1000


def times(texts: list[str], name: str) -> dict[str, float]:
    """Median and 99th percentile."""
    spent = sorted(map(milliseconds, texts))
    return {
        f"{name} p50 ms": round(spent[len(spent) // 2], 2),
        f"{name} p99 ms": round(spent[len(spent) * 99 // 100], 2),
    }


def main() -> None:
    corpora = {name: rows(name) for name in NAMES}
    texts = [row["text"] for utterances in corpora.values() for row in utterances]
    found: dict[str, Any] = exact(corpora) | times(texts, "a message")
    dice = random.Random(3)
    for length in LENGTHS:
        long = ["，".join(dice.choices(texts, k=length // 4))[:length] for _ in range(60)]
        found |= times(long, f"{length} characters")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
