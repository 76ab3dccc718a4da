"""One process per data directory: a lock on it is held for life."""

import fcntl
import os
from pathlib import Path

from bot.errors import AlreadyRunning, SettingsError


class DataDirLock:
    """Held from `take` until `release` or the end of the process, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "inkling.lock"
        self._file: int | None = None

    def take(self) -> None:
        """Raises AlreadyRunning where another process holds it, SettingsError for an unusable folder."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            a_file = isinstance(error, FileExistsError | NotADirectoryError)
            why = "there is a file in the way" if a_file else error.strerror
            raise SettingsError(
                f"DATA_DIR: {self._path.parent} cannot be used ({why}). "
                "Let this user write there, or name another folder."
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.release()
            raise AlreadyRunning(
                f"Inkling is already running with the data in {self._path.parent}. "
                "Stop that one first, or give this one a DATA_DIR of its own."
            ) from error

    def release(self) -> None:
        """Let go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
