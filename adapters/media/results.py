"""A job's results to disk, whether a service hands out links or the pictures themselves.

Named `<reference>-<n>`: what is there already is not fetched again. One that is lost for good is left out as
long as another came: it is paid for. Where a picture is fetched from and how is `store`.
"""

import asyncio
import base64
import binascii
import logging
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from adapters.media.store import MediaStore
from bot.errors import GenerationFailed, MediaError, NotSent, Reason
from bot.message import Media

log = logging.getLogger(__name__)

#: Failures that asking for the same picture again does not mend.
_FOR_GOOD = (Reason.RESULT_GONE, Reason.GENERATION_FAILED)


async def bring(
    store: MediaStore, links: Sequence[str], reference: str, expires: float = 0.0
) -> tuple[Media, ...]:
    """The pictures behind links; `expires`: until when they are good, where they do not tell themselves.

    Raises GenerationFailed when none can be had, NotSent when it may work next time.
    """
    return await _all(_fetched(store, link, f"{reference}-{n}", expires) for n, link in enumerate(links, 1))


async def unpack(store: MediaStore, texts: Sequence[str], reference: str) -> tuple[Media, ...]:
    """The pictures in base64 texts. Raises as `bring` does."""
    return await _all(_unpacked(store, text, f"{reference}-{n}") for n, text in enumerate(texts, 1))


async def _all(work: Iterable[Coroutine[Any, Any, Media]]) -> tuple[Media, ...]:
    found = await asyncio.gather(*work, return_exceptions=True)
    errors = [one for one in found if isinstance(one, BaseException)]
    for error in errors:
        if not isinstance(error, MediaError):
            raise error
        if error.reason not in _FOR_GOOD:
            raise NotSent(error.reason, error.detail) from error
    media = tuple(one for one in found if isinstance(one, Media))
    if not media:
        first = next((one for one in errors if isinstance(one, MediaError)), MediaError(Reason.NO_DETAILS))
        raise GenerationFailed(first.reason, first.detail or "no picture in the result")
    if errors:
        log.warning("%d of %d pictures are lost: %s", len(errors), len(found), errors[0])
    return media


async def _fetched(store: MediaStore, link: str, name: str, expires: float) -> Media:
    until = expires_at(link) or expires
    if kept := await asyncio.to_thread(_kept, store, name):
        return replace(kept, link=link, link_expires=until)
    return await store.download(link, name, link=link, expires=until)


def _kept(store: MediaStore, name: str) -> Media | None:
    try:
        return store.find(name)
    except MediaError:
        return None  # whatever lies there, it is no picture: it is fetched again


async def _unpacked(store: MediaStore, text: str, name: str) -> Media:
    try:
        content = await asyncio.to_thread(base64.b64decode, text.rpartition(",")[2], validate=True)
        return await store.keep(name, content)
    except binascii.Error:
        raise MediaError(Reason.GENERATION_FAILED, "the result is no base64") from None
    except MediaError as error:
        if error.reason in (Reason.BAD_INPUT, Reason.INPUT_TOO_LARGE):
            raise MediaError(Reason.GENERATION_FAILED, error.detail) from error
        raise


def expires_at(link: str) -> float:
    """Until when a signed link is good, in Unix seconds; 0 where it does not tell."""
    try:
        told = parse_qs(urlsplit(link).query).get("x-expires", [""])[0]
    except ValueError:
        return 0.0
    return float(told) if told.isascii() and told.isdigit() and len(told) < 12 else 0.0
