"""A database in memory, with the same rules as the real one and the real migrations."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from adapters.database.sqlite import migration_files
from bot.errors import DatabaseError
from bot.ports import Check, Row, Statement


class MemoryDatabase:
    """`bot.ports.Database` without threads: everything happens on the loop. Outlives any house."""

    def __init__(self, path: str = ":memory:") -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for _, _, sql in migration_files(files("adapters.database.migrations")):
            self._connection.executescript(sql)
        #: Seconds that a commit takes.
        self.slowness = 0.0
        #: True: every commit fails.
        self.broken = False
        #: What the next commits do, one each: True fails before anything is written, False works.
        self.faults: deque[bool] = deque()
        #: The statements of every commit that was written.
        self.written: list[tuple[Statement, ...]] = []

    async def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Row]:
        await asyncio.sleep(0)
        try:
            return [tuple(row) for row in self._connection.execute(sql, parameters).fetchall()]
        except sqlite3.Error as error:
            raise DatabaseError(str(error)) from error

    async def commit(self, statements: Sequence[Statement], linger: float = 0.0) -> bool:
        if not statements:
            raise ValueError("a commit needs at least its guard")
        await asyncio.sleep(self.slowness)
        if (self.faults and self.faults.popleft()) or self.broken:
            raise DatabaseError("the disk is full, says the test")
        self._connection.execute("BEGIN")
        try:
            done = self._guarded(statements)
        except (sqlite3.Error, OverflowError, ValueError, TypeError) as error:
            self._connection.execute("ROLLBACK")
            raise DatabaseError(str(error)) from error
        self._connection.execute("COMMIT" if done else "ROLLBACK")
        if done:
            self.written.append(tuple(statements))
        # Written, but whoever waits hears of it a turn later: a kill may come in between.
        await asyncio.sleep(0)
        return done

    def _guarded(self, statements: Sequence[Statement]) -> bool:
        before = self._connection.total_changes
        for number, (sql, parameters) in enumerate(statements):
            self._connection.execute(sql, parameters).fetchall()
            if number == 0 and self._connection.total_changes == before:
                return False
        return True

    async def writable(self) -> bool:
        return not self.broken

    async def check(self) -> tuple[Check, ...]:
        return (Check(True, "database in memory"),)

    def close(self) -> None:
        self._connection.close()
