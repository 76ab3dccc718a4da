"""Files that Discord takes: made smaller step by step, and in the end left out.

Limits: a file 10 MiB, more in servers with boosts (Discord's answer to too much is 40005), a request 25 MiB.
"""

import logging
from collections.abc import Sequence
from typing import Protocol

from bot.errors import MediaError
from bot.message import Media

log = logging.getLogger(__name__)

#: What is used of a limit.
MARGIN = 0.98
PER_FILE = int(10 * 1024 * 1024 * MARGIN)
PER_REQUEST = 24 * 1024 * 1024
TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")


class Fitter(Protocol):
    """Makes a copy of a picture that fits; `adapters.media.MediaStore` does."""

    async def fit(
        self, media: Media, *, max_bytes: int, types: Sequence[str] = TYPES, max_side: int | None = None
    ) -> Media:
        """The picture itself, or a smaller copy. Raises MediaError."""


#: Bytes and longest side of each try: as it is, smaller, a preview. After that none.
STEPS: tuple[tuple[int, int | None], ...] = ((PER_REQUEST, None), (4_000_000, None), (400_000, 1024))
PREVIEW = 2


async def fitted(
    media: Sequence[Media], fitter: Fitter, step: int, per_file: int = PER_FILE
) -> tuple[Media, ...]:
    """The files as they are sent in this try, those that cannot be made to fit left out."""
    if step >= len(STEPS):
        return ()
    limit, side = STEPS[step]
    limit = min(limit, per_file, PER_REQUEST // max(1, len(media)))
    found: list[Media] = []
    for one in media:
        if one.size <= limit and side is None and step == 0:
            found.append(one)
            continue
        try:
            found.append(await fitter.fit(one, max_bytes=limit, types=TYPES, max_side=side))
        except MediaError as error:
            log.warning("a file is left out: %s", error)
    return tuple(found)
