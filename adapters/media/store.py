"""The folder of pictures and films: put in, fetched into, made to fit, swept."""

import asyncio
import errno
import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import httpx

from adapters.clock import SystemClock
from adapters.media.fetch import Fetcher, Wanted
from adapters.media.guard import Guard
from adapters.media.pictures import EXTENSIONS, Fit, fits, recognise, refit
from bot.errors import MediaError, Reason
from bot.message import Media
from bot.ports import Clock

T = TypeVar("T")
#: Most bytes of a result, and of a picture that a person shows.
RESULT_BYTES, PERSON_BYTES = 64_000_000, 15_000_000
_PART = ".part-"
#: Seconds after which a half-written file belongs to nobody any more.
_ABANDONED = 3600.0
#: How a failure with a person's picture is called when it is a result.
_OF_RESULTS = {
    Reason.INPUT_GONE: Reason.RESULT_GONE,
    Reason.BAD_INPUT: Reason.GENERATION_FAILED,
    Reason.INPUT_TOO_LARGE: Reason.GENERATION_FAILED,
}


class MediaStore:
    """Pictures and films in one folder, by names that are the same after a restart."""

    def __init__(
        self,
        folder: Path,
        client: httpx.AsyncClient | None = None,
        own_hosts: frozenset[str] = frozenset(),
        *,
        guard: Guard | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Use `folder`, which is made when something is put in.

        `client`: shared, not closed here; None: one of its own. `own_hosts`: `host[:port]` that the operator
        configured, which may be fetched from wherever they are; `guard` replaces the usual one.
        """
        self.folder = folder
        self._clock = clock or SystemClock()
        self._guard = guard or Guard(own_hosts)
        self._shared = client
        self._own: httpx.AsyncClient | None = None
        # One thread decodes: a decoded picture is large, and several at once are many times that.
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="pictures")

    def find(self, name: str) -> Media | None:
        """What was kept under this name, if it is still there and whole."""
        for extension in EXTENSIONS.values():
            path = self.folder / f"{_safe(name)}.{extension}"
            if path.is_file():
                return recognise(path)
        return None

    async def keep(self, name: str, content: bytes | Path) -> Media:
        """Put a file in, whole or not at all. `name` is its name without extension, e.g. `<reference>-<n>`.

        A file given by its path is copied. Raises MediaError: BAD_INPUT, INPUT_TOO_LARGE, DISK_FULL.
        """
        part = self._part(name)

        def write() -> Media:
            self.folder.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                shutil.copyfile(content, part)
            else:
                part.write_bytes(content)
            return self._settle(part, name)

        return await asyncio.to_thread(_on_disk, write, part)

    async def download(  # noqa: PLR0913  # all but the first two are optional and named
        self,
        url: str,
        name: str,
        *,
        link: str = "",
        expires: float = 0.0,
        headers: Mapping[str, str] | None = None,
        limit: int | None = None,
        deadline: float = 120.0,
        result: bool = True,
    ) -> Media:
        """Fetch a file and keep it under `name`; never whole in memory.

        `link`, `expires` become the Media's own. `limit`: bytes, where not the usual; `deadline`: seconds for
        all attempts. `result`: False for a person's picture: less is taken, and failures have other words.
        Raises MediaError: RESULT_GONE or INPUT_GONE, GENERATION_FAILED or BAD_INPUT and INPUT_TOO_LARGE,
        NETWORK, DISK_FULL.
        """
        part = self._part(name)
        fetcher = Fetcher(self._client(), self._guard, self._clock)
        most = limit or (RESULT_BYTES if result else PERSON_BYTES)
        try:
            try:
                await fetcher.fetch(Wanted(url, headers or {}, most, deadline), part)
                media = await asyncio.to_thread(_on_disk, lambda: self._settle(part, name), part)
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise _refused_by_disk(error) from error
        except MediaError as error:
            if result and error.reason in _OF_RESULTS:
                raise MediaError(_OF_RESULTS[error.reason], error.detail) from error
            raise
        return replace(media, link=link, link_expires=expires)

    async def fit(
        self,
        media: Media,
        *,
        max_bytes: int,
        types: Collection[str] = ("image/png", "image/jpeg"),
        max_side: int | None = None,
    ) -> Media:
        """The same picture within these limits: itself if it fits, else a smaller copy kept beside it.

        A copy stands upright and carries no metadata. Raises MediaError: INPUT_TOO_LARGE when it cannot be
        done (a film is never re-encoded), BAD_INPUT when it cannot be read, DISK_FULL.
        """
        wanted = Fit(max_bytes, tuple(sorted(types)), max_side)
        mark = hashlib.sha256(repr(wanted).encode()).hexdigest()[:8]
        name = f"{media.path.stem}.fit-{mark}"

        def work() -> Media:
            if fits(media, wanted):
                return media
            if (done := self.find(name)) and done.path.stat().st_mtime >= media.path.stat().st_mtime:
                return replace(done, link=media.link, link_expires=media.link_expires)
            self.folder.mkdir(parents=True, exist_ok=True)
            made = refit(media, wanted, self._part(name))
            settled = self._settle(made.path, name)
            return replace(settled, link=media.link, link_expires=media.link_expires)

        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._decoder, lambda: _on_disk(work, None))

    async def sweep(self, keep: Collection[Path], max_age_days: float, max_bytes: int) -> int:
        """Remove what is too old, then the oldest until the rest is small enough; how many went.

        Never those in `keep`, nor copies made of them.
        """
        kept = {path.name.split(".")[0] for path in keep}
        return await asyncio.to_thread(self._sweep, kept, self._clock.now(), max_age_days * 86400, max_bytes)

    def _sweep(self, kept: set[str], now: float, max_age: float, max_bytes: int) -> int:
        if not self.folder.is_dir():
            return 0
        files = [(path, path.stat()) for path in self.folder.iterdir() if path.is_file()]
        total, removed = sum(stat.st_size for _, stat in files), 0
        for path, stat in sorted(files, key=lambda entry: entry[1].st_mtime):
            age = now - stat.st_mtime
            if path.name.startswith(_PART):
                going = age > _ABANDONED
            else:
                going = (age > max_age or total > max_bytes) and path.name.split(".")[0] not in kept
            if going:
                path.unlink(missing_ok=True)
                total -= stat.st_size
                removed += 1
        return removed

    async def close(self) -> None:
        """Let go of the connections and the thread that are its own."""
        self._decoder.shutdown(wait=False)
        if self._own is not None:
            await self._own.aclose()

    def _client(self) -> httpx.AsyncClient:
        if self._shared is not None:
            return self._shared
        if self._own is None:
            self._own = httpx.AsyncClient()
        return self._own

    def _part(self, name: str) -> Path:
        return self.folder / f"{_PART}{uuid.uuid4().hex[:8]}-{_safe(name)}"

    def _settle(self, part: Path, name: str) -> Media:
        """Give a whole file on disk its name."""
        media = recognise(part)
        path = self.folder / f"{_safe(name)}.{EXTENSIONS[media.type]}"
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return replace(media, path=path)


def _safe(name: str) -> str:
    """A file's name out of any string: an unusual one gets a hash, so that two never meet."""
    if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,149}", name):
        return name
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:100]}-{hashlib.sha256(name.encode()).hexdigest()[:10]}"


def _on_disk(work: Callable[[], T], part: Path | None) -> T:
    """Do it; what the disk refuses becomes a MediaError, and nothing half-done stays."""
    try:
        return work()
    except OSError as error:
        raise _refused_by_disk(error) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _refused_by_disk(error: OSError) -> MediaError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    reason = Reason.DISK_FULL if full else Reason.OTHER
    if isinstance(error, FileNotFoundError):
        reason = Reason.INPUT_GONE
    return MediaError(reason, f"disk: {error.strerror}")
