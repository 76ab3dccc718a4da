"""How much is understood exactly, by stratum, and how long one message takes.

    python -m benchmarks.understanding

A stratum is what an utterance is about (gen, param, model, trap, pref, follow, img, vid, unsup, odd, chat,
meta), all languages together. Times are processor time, the best of five, patterns compiled before; what
compiling them costs is told apart.

Long messages are of two kinds: briefs, which are made of the sentences in `briefs.toml` and read as people
write, and dense ones, utterances of the corpora one after another, with more wishes than anybody has.
"""

import importlib.util
import json
import random
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from bot.language import Intent, understand
from bot.language.predict import FIELDS

CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
NAMES = ("dev", "own", "own2", "own3", "own4", "own5", "own6")
BRIEFS = Path(__file__).with_name("briefs.toml")
#: Characters of briefs, and of the dense messages.
BRIEF = range(300, 501)
DENSE = (500, 2_000, 10_000)


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


def briefs(language: str, dice: random.Random, lengths: range, count: int) -> list[str]:
    """Requests in detail, each of some length in the range."""
    parts = tomllib.loads(BRIEFS.read_text(encoding="utf-8"))[language]
    stop, comma = (". ", ", ") if language == "en" else ("。", "，")
    found = []
    for _ in range(count):
        closing = dice.choice(parts["closings"])
        text, room = dice.choice(parts["openings"]), dice.choice(lengths) - len(closing)
        for sentence in dice.sample(parts["sentences"], len(parts["sentences"])):
            text += dice.choice((stop, comma)) + sentence
        found.append(text[: max(room, 4)] + closing)
    return found


def dense(texts: list[str], dice: random.Random, length: int) -> list[str]:
    """Utterances one after another, cut at a length."""
    return ["，".join(dice.choices(texts, k=length // 4))[:length] for _ in range(100)]


def milliseconds(text: str) -> float:
    """Processor time that one message takes, the best of five."""
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        understand(text)
        best = min(best, time.process_time() - began)
    return best * 1000


def times(name: str, texts: list[str]) -> dict[str, float]:
    """Median and 99th percentile."""
    spent = sorted(map(milliseconds, texts))
    return {
        f"{name} p50 ms": round(spent[len(spent) // 2], 2),
        f"{name} p99 ms": round(spent[len(spent) * 99 // 100], 2),
    }


def compiling(texts: list[str]) -> float:
    """Processor time of the first reading of many texts beyond that of the second, in milliseconds."""
    spent = []
    for _ in range(2):
        began = time.process_time()
        for text in texts:
            understand(text)
        spent.append(time.process_time() - began)
    return (spent[0] - spent[1]) * 1000


def main() -> None:
    corpora = {name: rows(name) for name in NAMES}
    texts = [row["text"] for utterances in corpora.values() for row in utterances]
    found: dict[str, Any] = {"compiling ms": round(compiling(texts))}
    found |= exact(corpora) | times("a message", texts)
    dice = random.Random(3)
    kinds = ("zh", "en", "mixed")
    any_length = [text for kind in kinds for text in briefs(kind, dice, range(10, 501), 200)]
    found |= times("a brief of any length", any_length)
    for kind in kinds:
        found |= times(f"a long brief ({kind})", briefs(kind, dice, BRIEF, 100))
    for length in DENSE:
        found |= times(f"{length} characters", dense(texts, dice, length))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
