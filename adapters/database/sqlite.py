"""The database as one SQLite file: one connection, one thread, many commits per fsync.

Commits that arrive in one turn of the loop, or while another commit is under way, become one
transaction, with those that linger; each of them stands or falls alone. Numbered migrations are
applied when it is opened. What the tables mean is not known here.
"""

import asyncio
import re
import shutil
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import aiosqlite

from bot.errors import DatabaseError
from bot.ports import Check, Row, Statement

_MIGRATION = re.compile(r"(\d{3})_\w+\.sql")
#: What binding a parameter or running a statement can raise.
_REFUSALS = (sqlite3.Error, OverflowError, ValueError, TypeError)
#: Below this much free space `check` speaks up.
_ROOM = 200_000_000


@dataclass(slots=True, eq=False)
class _Unit:
    """What one caller wants written together."""

    statements: tuple[Statement, ...]
    written: asyncio.Future[bool]
    #: True, False by its guard, or why not; None until it was tried.
    outcome: bool | Exception | None = None
    #: Goes off where it has lingered for long enough.
    alarm: asyncio.TimerHandle | None = None

    def settle(self, path: Path) -> None:
        """Tell the caller, unless it has gone."""
        if self.alarm is not None:
            self.alarm.cancel()
        if self.written.done():
            return
        if isinstance(self.outcome, bool):
            self.written.set_result(self.outcome)
        else:
            self.written.set_exception(plain(self.outcome, path))


class _Grouped(sqlite3.Connection):
    """A connection whose `commit` writes a whole group: one visit to the thread for many statements."""

    def __init__(self, groups: "SimpleQueue[list[_Unit]]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups

    def commit(self) -> None:
        """Write the next group in one transaction, and each unit's outcome into it."""
        group = self._groups.get_nowait()
        try:
            self.execute("BEGIN IMMEDIATE")
            for unit in group:
                unit.outcome = self._stand_or_fall(unit.statements)
            self.execute("COMMIT")
        except sqlite3.Error as error:
            for unit in group:
                unit.outcome = error
        finally:
            if self.in_transaction:
                self.execute("ROLLBACK")

    def _stand_or_fall(self, statements: tuple[Statement, ...]) -> bool | Exception:
        if len(statements) == 1:  # one statement is all or nothing by itself
            return self._guarded(statements)
        self.execute("SAVEPOINT unit")
        outcome = self._guarded(statements)
        if outcome is not True:
            self.execute("ROLLBACK TO unit")
        self.execute("RELEASE unit")
        return outcome

    def _guarded(self, statements: tuple[Statement, ...]) -> bool | Exception:
        before = self.total_changes
        try:
            for number, (sql, parameters) in enumerate(statements):
                self.execute(sql, parameters).fetchall()
                if number == 0 and self.total_changes == before:
                    return False
        except _REFUSALS as error:
            if not self.in_transaction:  # a full disk ends the whole transaction, not only this statement
                raise
            return error
        return True


class Sqlite:
    """`bot.ports.Database` in one file. Open it with `await Sqlite.open(path)`."""

    def __init__(
        self, path: Path, connection: aiosqlite.Connection, groups: "SimpleQueue[list[_Unit]]"
    ) -> None:
        self._path = path
        self._connection = connection
        self._groups = groups
        self._waiting: list[_Unit] = []
        self._writer: asyncio.Task[None] | None = None
        self._closed = False
        self._failed = False

    @classmethod
    async def open(
        cls, path: Path, migrations: Traversable | None = None, *, patience: float = 5.0
    ) -> "Sqlite":
        """Open or make the file, and bring its tables up to date.

        `patience`: seconds to wait for another process that is writing. Raises DatabaseError.
        """
        steps = migration_files(migrations or files("adapters.database.migrations"))
        groups: SimpleQueue[list[_Unit]] = SimpleQueue()
        try:
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
            connection = await aiosqlite.connect(
                path,
                timeout=patience,
                isolation_level=None,
                cached_statements=256,
                factory=partial(_Grouped, groups),
            )
        except (OSError, sqlite3.Error) as error:
            raise plain(error, path) from error
        try:
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                await connection.execute_fetchall(f"PRAGMA {pragma}")
            await _migrate(connection, steps, path)
        except sqlite3.Error as error:
            await connection.close()
            raise plain(error, path) from error
        except DatabaseError:
            await connection.close()
            raise
        return cls(path, connection, groups)

    async def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Row]:
        """All rows of a query. Sees every commit that has returned. Raises DatabaseError."""
        self._must_be_open()
        try:
            return [tuple(row) for row in await self._connection.execute_fetchall(sql, parameters)]
        except _REFUSALS as error:
            raise plain(error, self._path) from error

    async def commit(self, statements: Sequence[Statement], linger: float = 0.0) -> bool:
        """Write all statements or none; on disk when it returns. The first one is the guard.

        `linger`: seconds for which it may wait for others, to be written with them. A caller that is
        cancelled while it waits does not take its statements back. Raises DatabaseError.
        """
        self._must_be_open()
        if not statements:
            raise ValueError("a commit needs at least its guard")
        unit = _Unit(tuple(statements), asyncio.get_running_loop().create_future())
        self._waiting.append(unit)
        if linger:
            unit.alarm = asyncio.get_running_loop().call_later(linger, self._write)
        else:
            self._write()
        return await unit.written

    def _write(self) -> None:
        """See to it that what waits is written."""
        if self._waiting and (self._writer is None or self._writer.done()):
            self._writer = asyncio.create_task(self._write_all(), name="database writer")

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            self._groups.put(group)
            try:
                await self._connection.commit()
            finally:
                self._failed = any(not isinstance(unit.outcome, bool) for unit in group)
                for unit in group:
                    unit.settle(self._path)

    async def writable(self) -> bool:
        """Whether it takes what is committed; where the last commit failed, it is tried anew."""
        return not self._failed or (await self._check_writable()).ok

    def _must_be_open(self) -> None:
        if self._closed:
            raise DatabaseError(f"The database {self._path} is closed.")

    async def check(self) -> tuple[Check, ...]:
        """Read it through, write to it for real, look at the space left."""
        return (await self._check_sound(), await self._check_writable(), self._check_room())

    async def _check_sound(self) -> Check:
        try:
            found = [row[0] for row in await self.rows("PRAGMA quick_check(1)")]
        except DatabaseError as error:
            return Check(False, f"database {self._path}", str(error))
        sound = found == ["ok"]
        advice = "" if sound else "The file is damaged. Stop the bot and put a backup in its place."
        return Check(sound, f"database {self._path} is sound", advice)

    async def _check_writable(self) -> Check:
        what = f"database {self._path} can be written"
        try:
            await self.commit([("UPDATE schema_migrations SET applied_at = applied_at", ())])
        except DatabaseError as error:
            return Check(False, what, str(error))
        return Check(True, what)

    def _check_room(self) -> Check:
        free = shutil.disk_usage(self._path.parent).free
        advice = "" if free >= _ROOM else "Free some space: the bot keeps its pictures there too."
        return Check(not advice, f"{free // 1_000_000:,} MB free in {self._path.parent}", advice)

    async def close(self) -> None:
        """Write what waits, then let go of the file. Doing it twice changes nothing."""
        if self._closed:
            return
        self._closed = True
        self._write()
        if self._writer is not None:
            await asyncio.wait({self._writer})
        await self._connection.close()


# Migrations -------------------------------------------------------------------------------------------


def migration_files(folder: Traversable) -> tuple[tuple[int, str, str], ...]:
    """(number, name, SQL) of every migration, in order. DatabaseError on a gap or a repeated number."""
    found = sorted(entry.name for entry in folder.iterdir() if _MIGRATION.fullmatch(entry.name))
    numbers = [int(name[:3]) for name in found]
    if numbers != list(range(1, len(found) + 1)):
        raise DatabaseError(
            f"The program is incomplete: its migrations are numbered {numbers}, which has a gap or a number "
            "twice. Install it again."
        )
    return tuple((int(n[:3]), n, folder.joinpath(n).read_text(encoding="utf-8")) for n in found)


async def _migrate(
    connection: aiosqlite.Connection, steps: tuple[tuple[int, str, str], ...], path: Path
) -> None:
    await connection.execute_fetchall("BEGIN IMMEDIATE")  # says at once whether the file can be written
    await connection.execute_fetchall(
        "CREATE TABLE IF NOT EXISTS schema_migrations "
        "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at REAL NOT NULL)"
    )
    await connection.execute_fetchall("COMMIT")
    done = _first(await connection.execute_fetchall("SELECT coalesce(max(number), 0) FROM schema_migrations"))
    if done > len(steps):
        raise DatabaseError(
            f"The database {path} was made by a newer version of the program (its tables are at {done}, "
            f"this version knows {len(steps)}). Start the newer version, or give DATABASE_URL another file."
        )
    for number, name, sql in steps[done:]:
        try:
            await connection.executescript("BEGIN IMMEDIATE;\n" + sql)
            await connection.execute_fetchall(
                "INSERT INTO schema_migrations VALUES (?, ?, ?)", (number, name, time.time())
            )
            await connection.execute_fetchall("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                await connection.rollback()
            if _code(error) != sqlite3.SQLITE_ERROR:
                raise
            raise DatabaseError(f"The migration {name} failed on {path}: {error}.") from error


def _first(rows: Iterable[Any]) -> int:
    return int(next(iter(rows))[0])


# Words for what SQLite says ---------------------------------------------------------------------------

_ADVICE = {
    sqlite3.SQLITE_BUSY: "is locked by another process. Stop the other program that has it open.",
    sqlite3.SQLITE_LOCKED: "is locked by another process. Stop the other program that has it open.",
    sqlite3.SQLITE_READONLY: "is read-only. Let this user write to the file and to its folder.",
    sqlite3.SQLITE_PERM: "may not be opened by this user. Let it read and write the file and its folder.",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened. Is the path right, and may this user write to the folder?",
    sqlite3.SQLITE_NOTADB: "is not a database. Move the file away, or give DATABASE_URL another path.",
    sqlite3.SQLITE_CORRUPT: "is damaged. Stop the bot and put a backup in its place.",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full. Free some space.",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error.",
}


def plain(error: Exception | None, path: Path) -> DatabaseError:
    """What went wrong as a sentence that says what to do."""
    if isinstance(error, OSError):
        what = f"cannot be kept there: {error.strerror}. Give DATA_DIR or DATABASE_URL a path that works."
    elif isinstance(error, sqlite3.Error) and (advice := _ADVICE.get(_code(error))):
        what = advice
    else:
        what = f"refused a statement: {error}." if error else "was let go of before the write was done."
    wrapped = DatabaseError(f"The database {path} {what}")
    wrapped.__cause__ = error
    return wrapped


def _code(error: sqlite3.Error) -> int:
    """The primary result code; the extended ones carry more in the upper bits."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
