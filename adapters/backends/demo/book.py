"""What the demo backend took on and charged: one line per order, on disk before the order is confirmed.

No prompt stands in it. An order that is taken on twice stands in it twice, as it would on a bill.
"""

import asyncio
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One order, one charge."""

    reference: str
    model: str
    #: Unix seconds at which it was taken on, and seconds that the work takes at speed 1.
    at: float
    seconds: float
    charge: float = 0.0
    unit: str = ""


class Book:
    """An append-only file of entries."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: list[Entry] | None = None
        self._first: dict[str, Entry] = {}
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    async def entries(self) -> list[Entry]:
        """All orders, the oldest first."""
        async with self._opening:
            if self._entries is None:
                self._entries = await asyncio.to_thread(self._read)
                for entry in self._entries:
                    self._first.setdefault(entry.reference, entry)
        return self._entries

    async def find(self, reference: str) -> Entry | None:
        """The order with this reference, the first of several."""
        await self.entries()
        return self._first.get(reference)

    async def add(self, entry: Entry) -> None:
        """Write it down; on disk when this returns. Raises OSError, and then it was not taken on."""
        await self.entries()
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all(), name="demo book")
        await asyncio.shield(written)

    async def close(self) -> None:
        """Write what waits."""
        if self._writer is not None:
            await asyncio.wait({self._writer})

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            lines = "".join(json.dumps(asdict(entry)) + "\n" for entry, _ in group)
            failure: OSError | None = None
            try:
                await asyncio.to_thread(self._append, lines)
            except OSError as error:
                failure = error
            for entry, written in group:
                self._settle(entry, written, failure)

    def _settle(self, entry: Entry, written: asyncio.Future[None], failure: OSError | None) -> None:
        if failure is None and self._entries is not None:
            self._entries.append(entry)
            self._first.setdefault(entry.reference, entry)
        if written.cancelled():
            return
        if failure is None:
            written.set_result(None)
        else:
            written.set_exception(failure)

    def _read(self) -> list[Entry]:
        """The entries that are whole: a kill may have cut off the last line, which was never confirmed."""
        if not self._path.is_file():
            return []
        found = []
        for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                found.append(Entry(**json.loads(line)))
            except (ValueError, TypeError):
                continue
        return found

    def _append(self, lines: str) -> None:
        fresh = not self._path.is_file()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab+") as file:
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
                if file.read(1) != b"\n":  # cut off by a kill
                    file.write(b"\n")
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
