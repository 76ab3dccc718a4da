"""`inkling parse`: JSON Lines to JSON Lines."""

import json

from bot.language.predict import FIELDS, predict


def test_each_line_is_answered_with_every_field() -> None:
    [answer] = predict(['{"id": "a", "text": "画一只猫 16:9"}'])
    row = json.loads(answer)
    assert set(row) == {"id", *FIELDS}
    assert (row["id"], row["intent"], row["ratio"]) == ("a", "generate", "16:9")


def test_what_came_with_the_message_is_taken_into_account() -> None:
    rows = [{"id": 1, "text": "好", "awaiting_retry": True}, {"id": 2, "text": "一只猫", "mentioned": False}]
    answers = [json.loads(line) for line in predict(map(json.dumps, rows))]
    assert [answer["intent"] for answer in answers] == ["retry", "chat"]


def test_lines_that_are_no_row_are_passed_over() -> None:
    lines = [
        "",
        "nonsense",
        "[1]",
        '{"id": 1}',
        '{"id": 2, "text": 5}',
        '{"id": 3, "text": "hi", "images": "x"}',
    ]
    assert [json.loads(line)["id"] for line in predict(lines)] == [3]
