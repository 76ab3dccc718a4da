"""One process per data directory and per database: a lock on each is held for life."""

import fcntl
import os
from pathlib import Path

from bot.errors import AlreadyRunning, InklingError, SettingsError


class DataLock:
    """Held from `take` until `release` or the end of the process, however it ends."""

    def __init__(self, folder: Path, database: Path) -> None:
        self._wanted = (
            (folder, folder / "inkling.lock", "DATA_DIR"),
            # Two bots on one database would take up each other's orders, wherever each keeps its pictures.
            (database, database.resolve().with_name(f"{database.name}.lock"), "DATABASE_URL"),
        )
        self._held: list[int] = []

    def take(self) -> None:
        """Raises AlreadyRunning where another process holds it, SettingsError for an unusable folder."""
        try:
            for what, file, variable in self._wanted:
                self._held.append(_opened(file, variable))
                _lock(self._held[-1], what, variable)
        except InklingError:
            self.release()
            raise

    def release(self) -> None:
        """Let go."""
        while self._held:
            os.close(self._held.pop())


def _opened(file: Path, variable: str) -> int:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        a_file = isinstance(error, FileExistsError | NotADirectoryError)
        why = "there is a file in the way" if a_file else error.strerror
        raise SettingsError(
            f"{variable}: {file.parent} cannot be used ({why}). "
            "Let this user write there, or name another folder."
        ) from error


def _lock(file: int, what: Path, variable: str) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise AlreadyRunning(
            f"Inkling is already running with the data in {what}. "
            f"Stop that one first, or give this one a {variable} of its own."
        ) from error
