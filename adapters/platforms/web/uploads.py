"""Pictures that people send: recognised by their bytes, kept under random names.

Only the header is decoded here, in a thread; nobody's word is taken for type or size.
"""

import asyncio
import secrets
import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from adapters.platforms.web.store import Upload
from bot.errors import MediaError, Reason

#: Bytes that one picture may have, and pixels.
SIZE_LIMIT = 15 * 1024 * 1024
PIXEL_LIMIT = 80_000_000

_TYPES = {
    "PNG": ("image/png", ".png"),
    "JPEG": ("image/jpeg", ".jpg"),
    "WEBP": ("image/webp", ".webp"),
    "GIF": ("image/gif", ".gif"),
}


async def keep(data: bytes, name: str, room: str, folder: Path) -> Upload:
    """Write a picture to the folder. Raises MediaError where it is none, or too large."""
    return await asyncio.to_thread(_keep, data, name, room, folder)


def _keep(data: bytes, name: str, room: str, folder: Path) -> Upload:
    type_, ending, width, height = recognise(data)
    id_ = secrets.token_urlsafe(16) + ending
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / id_).write_bytes(data)
    except OSError as error:
        raise MediaError(Reason.DISK_FULL, str(error)) from error
    return Upload(id_, room, name[:200], type_, len(data), width, height)


def recognise(data: bytes) -> tuple[str, str, int, int]:
    """Type, ending, width and height of a picture. Raises MediaError."""
    if len(data) > SIZE_LIMIT:
        raise MediaError(Reason.INPUT_TOO_LARGE, f"{len(data)} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=tuple(_TYPES)) as image:
                width, height = image.size
                type_, ending = _TYPES[image.format or ""]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError) as error:
        raise MediaError(Reason.BAD_INPUT, str(error)) from error
    except Image.DecompressionBombError as error:
        raise MediaError(Reason.INPUT_TOO_LARGE, str(error)) from error
    if not 0 < width * height <= PIXEL_LIMIT:
        raise MediaError(Reason.INPUT_TOO_LARGE, f"{width} × {height}")
    return type_, ending, width, height


def drop(ids: tuple[str, ...], folder: Path) -> None:
    """Delete uploads that nothing shows any more."""
    for id_ in ids:
        (folder / id_).unlink(missing_ok=True)
