"""What is SQLite's own: the file, its migrations, its errors."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.database.sqlite import Sqlite, migration_files, plain
from bot.errors import DatabaseError

NOBODY = 65534


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "001_first.sql").write_text("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT);\n-- the end")
    return folder


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of somebody who is not root, as whom the test goes on."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        root = os.geteuid() == 0
        yield folder
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


def become_nobody() -> None:
    if os.geteuid() == 0:
        os.seteuid(NOBODY)


async def made(path: Path, steps: Path) -> None:
    await (await Sqlite.open(path, steps)).close()


async def test_a_missing_folder_is_made(tmp_path: Path, steps: Path) -> None:
    await made(tmp_path / "a" / "b" / "x.db", steps)
    assert (tmp_path / "a" / "b" / "x.db").is_file()


async def test_what_was_written_is_there_after_opening_again(tmp_path: Path, steps: Path) -> None:
    first = await Sqlite.open(tmp_path / "x.db", steps)
    await first.commit([("INSERT INTO t VALUES (1, 'stays')", ())])
    await first.close()
    second = await Sqlite.open(tmp_path / "x.db", steps)
    assert await second.rows("SELECT s FROM t") == [("stays",)]
    await second.close()


async def test_the_file_is_durable_at_every_commit(tmp_path: Path, steps: Path) -> None:
    database = await Sqlite.open(tmp_path / "x.db", steps)
    assert await database.rows("PRAGMA journal_mode") == [("wal",)]
    assert await database.rows("PRAGMA synchronous") == [(2,)]
    assert await database.rows("PRAGMA foreign_keys") == [(1,)]
    await database.close()


async def test_the_writes_of_one_turn_share_a_transaction(tmp_path: Path, steps: Path) -> None:
    """Every transaction that changes something adds at least one frame per page to the log."""
    database = await Sqlite.open(tmp_path / "x.db", steps)
    log = tmp_path / "x.db-wal"

    async def grown(*units: int) -> int:
        before = log.stat().st_size
        await asyncio.gather(*(database.commit([("INSERT INTO t VALUES (?, '')", (n,))]) for n in units))
        return log.stat().st_size - before

    alone = await grown(1)
    together = await grown(*range(2, 52))
    assert together <= 2 * alone
    await database.close()


async def test_what_may_linger_is_written_with_the_next_commit_or_else_by_itself(
    tmp_path: Path, steps: Path
) -> None:
    database = await Sqlite.open(tmp_path / "x.db", steps)
    lingering = asyncio.ensure_future(database.commit([("INSERT INTO t VALUES (1, '')", ())], linger=1e6))
    await asyncio.sleep(0)
    assert await database.rows("SELECT id FROM t") == []
    assert await database.commit([("INSERT INTO t VALUES (2, '')", ())])
    assert await lingering
    assert await database.commit([("INSERT INTO t VALUES (3, '')", ())], linger=0.01)
    assert await database.rows("SELECT id FROM t") == [(1,), (2,), (3,)]
    short = asyncio.ensure_future(database.commit([("INSERT INTO t VALUES (5, '')", ())], linger=0.01))
    await asyncio.sleep(0)
    assert await database.commit([("INSERT INTO t VALUES (6, '')", ())])
    assert await short
    last = asyncio.ensure_future(database.commit([("INSERT INTO t VALUES (4, '')", ())], linger=1e6))
    await asyncio.sleep(0.05)
    assert not last.done(), "nobody's time is up but that of what was written long ago"
    await database.close()
    assert await last


async def test_closing_writes_what_waits(tmp_path: Path, steps: Path) -> None:
    database = await Sqlite.open(tmp_path / "x.db", steps)
    waiting = [
        asyncio.ensure_future(database.commit([("INSERT INTO t VALUES (?, '')", (n,))])) for n in range(9)
    ]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*waiting) == [True] * 9
    await database.close()
    with pytest.raises(DatabaseError, match="closed"):
        await database.rows("SELECT 1")
    with pytest.raises(DatabaseError, match="closed"):
        await database.commit([("DELETE FROM t", ())])


# Migrations


async def test_new_migrations_are_applied_to_an_old_file(tmp_path: Path, steps: Path) -> None:
    await made(tmp_path / "x.db", steps)
    (steps / "002_second.sql").write_text("ALTER TABLE t ADD COLUMN n INTEGER DEFAULT 7;")
    database = await Sqlite.open(tmp_path / "x.db", steps)
    await database.commit([("INSERT INTO t (id) VALUES (1)", ())])
    assert await database.rows("SELECT n FROM t") == [(7,)]
    assert await database.rows("SELECT number, name FROM schema_migrations ORDER BY 1") == [
        (1, "001_first.sql"),
        (2, "002_second.sql"),
    ]
    await database.close()


async def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, steps: Path) -> None:
    (steps / "002_second.sql").write_text("CREATE TABLE u (id);\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(DatabaseError, match=r"002_second\.sql failed"):
        await Sqlite.open(tmp_path / "x.db", steps)
    (steps / "002_second.sql").write_text("CREATE TABLE u (id);")
    database = await Sqlite.open(tmp_path / "x.db", steps)
    assert await database.rows("SELECT * FROM u") == []
    await database.close()


@pytest.mark.parametrize("names", [["002_b.sql"], ["001_a.sql", "003_c.sql"], ["001_a.sql", "001_b.sql"]])
def test_a_gap_in_the_numbers_is_an_error(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("")
    with pytest.raises(DatabaseError, match="gap"):
        migration_files(tmp_path)


def test_other_files_among_the_migrations_do_not_matter(tmp_path: Path) -> None:
    for name in ("__init__.py", "001_a.sql", "notes.md", "001_a.sql~"):
        (tmp_path / name).write_text("")
    assert [number for number, _, _ in migration_files(tmp_path)] == [1]


async def test_a_file_newer_than_the_program_is_left_alone(tmp_path: Path, steps: Path) -> None:
    (steps / "002_second.sql").write_text("CREATE TABLE u (id);")
    await made(tmp_path / "x.db", steps)
    (steps / "002_second.sql").unlink()
    with pytest.raises(DatabaseError, match="newer version"):
        await Sqlite.open(tmp_path / "x.db", steps)


# Errors in plain words


async def test_a_file_that_is_no_database_is_said(tmp_path: Path, steps: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"holiday pictures" * 200)
    with pytest.raises(DatabaseError, match="is not a database"):
        await Sqlite.open(tmp_path / "x.db", steps)
    assert (tmp_path / "x.db").read_bytes().startswith(b"holiday")


async def test_a_lock_by_another_process_is_said_at_the_start(tmp_path: Path, steps: Path) -> None:
    await made(tmp_path / "x.db", steps)
    other = sqlite3.connect(tmp_path / "x.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="locked by another process"):
        await Sqlite.open(tmp_path / "x.db", steps, patience=0.02)
    other.close()


async def test_a_lock_in_the_middle_fails_the_commit_and_passes(tmp_path: Path, steps: Path) -> None:
    database = await Sqlite.open(tmp_path / "x.db", steps, patience=0.02)
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="locked by another process"):
        await database.commit([("INSERT INTO t VALUES (1, '')", ())])
    other.execute("ROLLBACK")
    assert await database.commit([("INSERT INTO t VALUES (1, '')", ())])
    other.close()
    await database.close()


async def test_a_read_only_file_is_said(unprivileged: Path, steps: Path) -> None:
    path = unprivileged / "x.db"
    copied = unprivileged / "migrations"
    copied.mkdir()
    (copied / "001_first.sql").write_text((steps / "001_first.sql").read_text())
    await made(path, copied)
    path.chmod(0o444)
    become_nobody()
    with pytest.raises(DatabaseError, match="read-only"):
        await Sqlite.open(path, copied)


async def test_a_folder_where_nothing_may_be_made_is_said(unprivileged: Path) -> None:
    steps = unprivileged / "migrations"
    steps.mkdir()
    unprivileged.chmod(0o555)
    become_nobody()
    with pytest.raises(DatabaseError, match="DATA_DIR or DATABASE_URL"):
        await Sqlite.open(unprivileged / "empty" / "deep" / "x.db", steps)


async def test_a_folder_instead_of_a_file_is_said(tmp_path: Path, steps: Path) -> None:
    with pytest.raises(DatabaseError, match="cannot be opened"):
        await Sqlite.open(tmp_path, steps)


async def test_a_full_disk_fails_the_whole_group_and_keeps_what_was_there(
    tmp_path: Path, steps: Path
) -> None:
    database = await Sqlite.open(tmp_path / "x.db", steps)
    await database.commit([("INSERT INTO t VALUES (1, 'old')", ())])
    pages = (await database.rows("PRAGMA page_count"))[0][0]
    await database.rows(f"PRAGMA max_page_count = {pages + 1}")
    outcomes = await asyncio.gather(
        database.commit([("INSERT INTO t VALUES (2, 'small')", ())]),
        database.commit([("INSERT INTO t VALUES (3, ?)", ("x" * 50_000,)), ("DELETE FROM t", ())]),
        return_exceptions=True,
    )
    assert all(isinstance(o, DatabaseError) and "disk is full" in str(o) for o in outcomes if o is not True)
    assert isinstance(outcomes[1], DatabaseError)
    kept = {row[0] for row in await database.rows("SELECT id FROM t")}
    assert kept == ({1, 2} if outcomes[0] is True else {1})
    await database.rows("PRAGMA max_page_count = 1000000")
    assert await database.commit([("INSERT INTO t VALUES (4, 'again')", ())])
    await database.close()


def test_every_error_ends_in_a_sentence_that_says_what_to_do() -> None:
    broken = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.Error) as caught:
        broken.execute("SELECT wrong")
    assert "refused a statement" in str(plain(caught.value, Path("x.db")))
    assert "DATA_DIR" in str(plain(PermissionError(13, "Permission denied"), Path("x.db")))
    assert "let go" in str(plain(None, Path("x.db")))


async def test_the_check_reports_a_file_that_cannot_be_written(tmp_path: Path, steps: Path) -> None:
    database = await Sqlite.open(tmp_path / "x.db", steps, patience=0.02)
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    sound, writable, _room = await database.check()
    assert sound.ok
    assert not writable.ok
    assert "Stop the other program" in writable.advice
    assert not await database.writable()
    other.close()
    assert await database.writable()
    await database.close()


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from adapters.database.sqlite import Sqlite

async def main():
    database = await Sqlite.open(Path(sys.argv[1]), Path(sys.argv[2]))
    async def write(n):
        insert = "INSERT INTO t VALUES (?, '')"
        if await database.commit([(insert, (n,)), (insert, (n + 500,))]):
            os.write(1, b"%d\\n" % n)
    tasks = [asyncio.create_task(write(n)) for n in range(1, 400)]
    done = 0
    for task in asyncio.as_completed(tasks):
        await task
        done += 1
        if done == 40:
            asyncio.create_task(database.commit([("INSERT INTO t VALUES (5000, '')", ())]))
            os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_what_was_told_as_written_survives_a_kill(tmp_path: Path, steps: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path / "x.db", steps], capture_output=True, timeout=30, check=False
    )
    assert run.returncode == -signal.SIGKILL
    told = {int(line) for line in run.stdout.split()}
    assert len(told) >= 40
    database = await Sqlite.open(tmp_path / "x.db", steps)
    kept = {row[0] for row in await database.rows("SELECT id FROM t")}
    assert told <= kept
    assert {n + 500 for n in told} <= kept
    await database.close()
