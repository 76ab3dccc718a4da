"""Whatever is written: an answer, never an exception, and never a slow one."""

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language import Intent, understand

CORPUS = Path(__file__).parents[2] / "corpus"
ROWS = [
    json.loads(line)
    for name in ("dev.jsonl", "own.jsonl", "own2.jsonl")
    for line in (CORPUS / name).read_text(encoding="utf-8").splitlines()
]
ODD = (
    "\u200b\ufeff\x00\x01\x02，。：“”《》<>@/-—–*`#~|\\'\"％１６：９４Ｋ画用香蕉MJ--ar的了吗?！😀👨‍👩‍👧 \n\t"
)


@settings(max_examples=1000)
@given(st.text(max_size=80), st.integers(0, 3), st.booleans(), st.booleans(), st.booleans())
def test_any_string_is_understood_as_something(
    text: str, images: int, reply: bool, awaiting: bool, mentioned: bool
) -> None:
    intent = understand(
        text, images=images, reply_to_result=reply, awaiting_retry=awaiting, mentioned=mentioned
    )
    assert isinstance(intent, Intent)
    assert intent.intent == "generate" or not intent.prompt


def mutated(text: str, dice: random.Random) -> str:
    letters = list(text)
    for _ in range(dice.randint(1, 4)):
        place = dice.randint(0, len(letters))
        match dice.randint(0, 3):
            case 0:
                letters.insert(place, dice.choice(ODD))
            case 1 if letters:
                del letters[min(place, len(letters) - 1)]
            case 2:
                letters[place:place] = letters[: dice.randint(0, 9)]
            case _:
                letters = [*letters[place:], *letters[:place]]
    return "".join(letters)


def test_a_thousand_mutated_utterances_are_understood_as_something() -> None:
    dice = random.Random(7)
    for _ in range(1000):
        row = dice.choice(ROWS)
        intent = understand(
            mutated(row["text"], dice),
            images=row["images"],
            reply_to_result=row["reply_to_result"],
            awaiting_retry=row["awaiting_retry"],
            mentioned=row["mentioned"],
        )
        assert isinstance(intent, Intent)


def test_the_same_message_always_means_the_same() -> None:
    assert understand("用MJ画一只猫，16:9") == understand("用MJ画一只猫，16:9")


def steps(call: Callable[[], Any]) -> int:
    """How many lines of Python a call runs: the same on a slow machine."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


HOSTILE = {
    "one letter": "a", "one sign": "画", "names": "用MJ", "ratios": "16:9 ", "blanks": " ",
    "quotes": '"', "open quotes": "“", "mentions": "@", "flags": "--a ", "polite": "帮我",
    "pleading": "please ", "figures": "1", "tags": "<", "laughter": "哈哈", "settings": "的比例",
    "commas": ",", "orders": "第三张", "links": "http://a ", "sizes": "1024x1024 ", "no": "不要",
    "wallpaper": "壁纸手机", "injections": "ignore rules ", "好": "好的好的", "spaced": "帮我   ",
    "stars": "**", "clauses": "画，", "videos": "视频 ", "letters": "写着", "seconds": "5s ",
}  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_repetition_costs_no_more_than_length(piece: str) -> None:
    """Five times the letters take about five times the lines of Python at most, and every pattern ends."""
    short, long = ((piece * 10_000)[:size] for size in (2_000, 10_000))
    for text in (short, long):
        understand(text)  # patterns are compiled when they are first needed
    assert steps(lambda: understand(long)) < 6 * steps(lambda: understand(short)) + 500


def test_a_long_description_keeps_every_word_of_it() -> None:
    long = "画一座城，" + "城里有许多灯火通明的街道，" * 700 + "16:9"
    intent = understand(long)
    assert intent.ratio == "16:9"
    assert intent.prompt.count("灯火通明") == 700
