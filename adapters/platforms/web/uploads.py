"""Pictures that people send: which are taken, and under which names they are kept."""

import asyncio
import secrets
from collections.abc import AsyncIterable
from pathlib import Path
from typing import BinaryIO

from adapters.media import MediaStore
from adapters.media.pictures import HEAD, sniff
from adapters.platforms.web.store import Upload
from bot.errors import MediaError, Reason

#: Bytes that one picture may have, and that are gathered before they are written.
SIZE_LIMIT = 15 * 1024 * 1024
_BLOCK = 1 << 18
#: What every browser shows.
TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
#: What a file is called while it comes; the store's own name for what is half written.
_PART = ".part-"


async def keep(pieces: AsyncIterable[bytes], name: str, room: str, folder: Path) -> Upload:
    """Write a picture to the folder under a random name, never whole in memory.

    Raises MediaError where it is none or too large, as soon as that can be told.
    """
    part = folder / f"{_PART}{secrets.token_hex(16)}"
    try:
        with await asyncio.to_thread(_opened, part) as file:
            await _write(pieces, file)
        media = await MediaStore(folder).keep(secrets.token_hex(16), part)
    except ConnectionError:  # the one who sends it has gone
        raise
    except OSError as error:
        raise MediaError(Reason.DISK_FULL, f"disk: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return Upload(media.path.name, room, name[:200], media.type, media.size, media.width, media.height)


def _opened(part: Path) -> BinaryIO:
    part.parent.mkdir(parents=True, exist_ok=True)
    return part.open("wb")


async def _write(pieces: AsyncIterable[bytes], file: BinaryIO) -> None:
    held, total, known = bytearray(), 0, False
    async for piece in pieces:
        held += piece
        total += len(piece)
        if total > SIZE_LIMIT:
            raise MediaError(Reason.INPUT_TOO_LARGE, f"more than {SIZE_LIMIT} bytes")
        if not known and total >= HEAD:
            known = _must_be_taken(held)
        if len(held) >= _BLOCK:
            await asyncio.to_thread(file.write, bytes(held))
            held.clear()
    if not known:
        _must_be_taken(held)
    await asyncio.to_thread(file.write, bytes(held))


def _must_be_taken(head: bytearray) -> bool:
    if sniff(bytes(head[:HEAD])) not in TYPES:
        raise MediaError(Reason.BAD_INPUT, "not a type of picture that is taken")
    return True


def drop(ids: tuple[str, ...], folder: Path) -> None:
    """Delete uploads that nothing shows any more."""
    for id_ in ids:
        (folder / id_).unlink(missing_ok=True)


def sweep(folder: Path, before: float) -> None:
    """Delete what a power cut left half written before a time (Unix seconds)."""
    for part in folder.glob(f"{_PART}*"):
        if part.stat().st_mtime < before:
            part.unlink(missing_ok=True)
