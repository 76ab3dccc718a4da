"""What every Database must do. A new one is one more fixture here."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.database.sqlite import Sqlite
from bot.errors import DatabaseError
from bot.ports import Database, Statement

TABLE = "CREATE TABLE things (id INTEGER PRIMARY KEY, word TEXT NOT NULL, number INTEGER);"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    (tmp_path / "001_things.sql").write_text(TABLE)
    opened = await Sqlite.open(tmp_path / "things.db", tmp_path)
    yield opened
    await opened.close()


def put(number: int, word: str = "a") -> Statement:
    return ("INSERT INTO things (id, word) VALUES (?, ?) ON CONFLICT DO NOTHING", (number, word))


def put_hard(number: int, word: str | None = "a") -> Statement:
    return ("INSERT INTO things (id, word) VALUES (?, ?)", (number, word))


async def words(database: Database) -> dict[int, str]:
    return {row[0]: row[1] for row in await database.rows("SELECT id, word FROM things ORDER BY id")}


async def test_what_was_committed_is_read(database: Database) -> None:
    assert await database.commit([put(1, "猫 🐱"), put(2)])
    assert await words(database) == {1: "猫 🐱", 2: "a"}


async def test_a_query_takes_parameters(database: Database) -> None:
    await database.commit([put(1, "x"), put(2, "y")])
    assert await database.rows("SELECT word FROM things WHERE id = ?", (2,)) == [("y",)]


async def test_a_claim_is_won_once(database: Database) -> None:
    assert await database.commit([put(1, "first"), put(2)])
    assert not await database.commit([put(1, "second"), put(3)])
    assert await words(database) == {1: "first", 2: "a"}


async def test_compare_and_set_changes_only_what_it_expects(database: Database) -> None:
    await database.commit([put(1, "old")])
    move: Statement = ("UPDATE things SET word = 'new' WHERE id = 1 AND word = 'old'", ())
    assert await database.commit([move])
    assert not await database.commit([move, put(2)])
    assert await words(database) == {1: "new"}


async def test_of_many_who_claim_at_once_one_wins(database: Database) -> None:
    won = await asyncio.gather(*(database.commit([put(1, str(n)), put(100 + n)]) for n in range(50)))
    assert sum(won) == 1
    winner = won.index(True)
    assert await words(database) == {1: str(winner), 100 + winner: "a"}


async def test_only_the_first_statement_guards(database: Database) -> None:
    await database.commit([put(1)])
    assert await database.commit([put(2), put(1, "again")])
    assert await words(database) == {1: "a", 2: "a"}


async def test_a_later_failure_takes_the_earlier_statements_back(database: Database) -> None:
    with pytest.raises(DatabaseError):
        await database.commit([put(1), put(2), put_hard(1)])
    assert await words(database) == {}


async def test_one_that_fails_does_not_harm_the_others_of_its_turn(database: Database) -> None:
    outcomes = await asyncio.gather(
        database.commit([put(1), put(2)]),
        database.commit([put(3), put_hard(4, None)]),
        database.commit([put(1), put(5)]),
        database.commit([put_hard(1)]),
        database.commit([put(6)]),
        return_exceptions=True,
    )
    assert [outcomes[0], outcomes[2], outcomes[4]] == [True, False, True]
    assert isinstance(outcomes[1], DatabaseError)
    assert isinstance(outcomes[3], DatabaseError)
    assert sorted(await words(database)) == [1, 2, 6]


@pytest.mark.parametrize("value", [object(), 1 << 70, "\ud800"], ids=["object", "huge", "surrogate"])
async def test_a_value_that_cannot_be_stored_is_the_callers_own_failure(
    database: Database, value: object
) -> None:
    bad: Statement = ("INSERT INTO things (id, word) VALUES (9, ?)", (value,))
    outcomes = await asyncio.gather(
        database.commit([put(1), bad]), database.commit([put(2)]), return_exceptions=True
    )
    assert isinstance(outcomes[0], DatabaseError)
    assert outcomes[1] is True
    assert await words(database) == {2: "a"}


async def test_wrong_sql_is_a_database_error(database: Database) -> None:
    with pytest.raises(DatabaseError):
        await database.rows("SELECT nothing FROM nowhere")
    with pytest.raises(DatabaseError):
        await database.commit([("UPDATE nowhere SET x = 1", ())])


async def test_a_commit_without_statements_is_a_mistake_of_the_program(database: Database) -> None:
    with pytest.raises(ValueError, match="guard"):
        await database.commit([])


async def test_a_caller_that_is_cancelled_does_not_break_the_others(database: Database) -> None:
    tasks = [asyncio.ensure_future(database.commit([put(n), put(100 + n)])) for n in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(outcome is True for outcome in outcomes[1::2])
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes[::2])
    for first in range(20):  # whole or not at all
        present = {first, 100 + first} & (await words(database)).keys()
        assert len(present) in (0, 2)


async def test_a_read_never_sees_half_a_commit(database: Database) -> None:
    seen: set[int] = set()

    async def watch() -> None:
        while not done.is_set():
            rows = await database.rows("SELECT count(*) FROM things WHERE id >= 1000")
            seen.add(rows[0][0] % 2)

    done = asyncio.Event()
    watcher = asyncio.ensure_future(watch())
    for n in range(1000, 1200, 20):
        await asyncio.gather(
            *(database.commit([put(m), ("DELETE FROM things WHERE id = -1", ()), put(m + 1)])
              for m in range(n, n + 20, 2))
        )  # fmt: skip
    done.set()
    await watcher
    assert seen == {0}


async def test_a_read_sees_every_commit_that_has_returned(database: Database) -> None:
    async def write_then_read(number: int) -> None:
        await database.commit([put(number)])
        assert await database.rows("SELECT id FROM things WHERE id = ?", (number,)) == [(number,)]

    await asyncio.gather(*(write_then_read(n) for n in range(50)))


async def test_the_check_says_that_all_is_well(database: Database) -> None:
    checks = await database.check()
    assert checks
    assert all(check.ok and not check.advice for check in checks[:2])


async def test_a_statement_that_is_refused_does_not_make_it_unwritable(database: Database) -> None:
    assert await database.writable()
    with pytest.raises(DatabaseError):
        await database.commit([put_hard(1, None)])
    assert await database.writable()
    assert await database.commit([put(1)])
