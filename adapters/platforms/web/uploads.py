"""Pictures that people send: which are taken, and under which names they are kept."""

import secrets
from pathlib import Path

from adapters.media import MediaStore
from adapters.media.pictures import HEAD, sniff
from adapters.platforms.web.store import Upload
from bot.errors import MediaError, Reason

#: Bytes that one picture may have.
SIZE_LIMIT = 15 * 1024 * 1024
#: What every browser shows.
TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


async def keep(data: bytes, name: str, room: str, folder: Path) -> Upload:
    """Write a picture to the folder under a random name. Raises MediaError where it is none, or too large."""
    if len(data) > SIZE_LIMIT:
        raise MediaError(Reason.INPUT_TOO_LARGE, f"{len(data)} bytes")
    if sniff(data[:HEAD]) not in TYPES:
        raise MediaError(Reason.BAD_INPUT, "not a type of picture that is taken")
    media = await MediaStore(folder).keep(secrets.token_hex(16), data)
    return Upload(media.path.name, room, name[:200], media.type, media.size, media.width, media.height)


def drop(ids: tuple[str, ...], folder: Path) -> None:
    """Delete uploads that nothing shows any more."""
    for id_ in ids:
        (folder / id_).unlink(missing_ok=True)
