"""Pictures up and down: made to fit what the platform takes, uploaded once, fetched through their message."""

import asyncio
import hashlib
import logging
import re
import tempfile
from contextlib import ExitStack
from pathlib import Path

import aiohttp

from adapters.media import PERSON_BYTES, MediaStore
from adapters.platforms.feishu import codes, wire
from adapters.platforms.feishu.codes import Refusal
from adapters.platforms.feishu.receive import SCHEME
from adapters.platforms.feishu.transport import FILE_PATIENCE, Call, Rest
from bot.errors import MediaError, Passing, Reason
from bot.message import Attachment, Media
from bot.recent import Recent

log = logging.getLogger(__name__)

#: https://open.feishu.cn/document/server-docs/im-v1/image/create: 10 MB, 12 000 pixels, GIF 2 000.
IMAGE_BYTES, IMAGE_SIDE, GIF_SIDE = 10_000_000, 12_000, 2_000
#: https://open.feishu.cn/document/server-docs/im-v1/file/create
FILE_BYTES = 30_000_000
TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
#: Uploads that are remembered, so that a second try does not upload again.
REMEMBERED = 200
_BLOCK = 1 << 16
#: Ids go into the path of a request, so nothing else may stand in them.
_PLACE = re.compile(rf"{SCHEME}(?P<message>[\w-]+) (?P<kind>image|file)/(?P<key>[\w-]+)")


class Pictures:
    """Uploads and downloads."""

    def __init__(self, rest: Rest, store: MediaStore) -> None:
        self._rest = rest
        self._store = store
        self._keys: Recent[tuple[str, Path], str] = Recent(REMEMBERED)

    async def picture(self, media: Media) -> str:
        """The key of an uploaded picture; empty where it cannot be one. Raises Refusal or Passing."""
        if known := self._known("image", media):
            return known
        if not media.type.startswith("image/"):
            return ""
        still = media.type != "image/gif" or max(media.width, media.height) <= GIF_SIDE
        types = TYPES if still else TYPES[:2]
        try:
            fit = await self._store.fit(media, max_bytes=IMAGE_BYTES, types=types, max_side=IMAGE_SIDE)
            return await self._upload("image", media, fit.path, {"image_type": "message"})
        except MediaError as error:
            log.warning("a picture cannot be made to fit: %s", error)
        except Refusal as refusal:
            if not codes.is_unshowable(refusal):
                raise
            log.warning("a picture was refused: %s", refusal)
        return ""

    async def file(self, media: Media) -> str:
        """The key of an uploaded file; empty where it is too large or gone. Raises Refusal or Passing."""
        if known := self._known("file", media):
            return known
        if media.size > FILE_BYTES:
            return ""
        kind = "mp4" if is_film(media) else "stream"
        try:
            return await self._upload(
                "file", media, media.path, {"file_type": kind, "file_name": media.path.name}
            )
        except MediaError as error:
            log.warning("a file cannot be sent: %s", error)
        except Refusal as refusal:
            if not codes.is_unshowable(refusal):
                raise
            log.warning("a file was refused: %s", refusal)
        return ""

    async def fetch(self, attachment: Attachment) -> Media:
        """A person's picture, on disk; one with nothing but a link comes from there. Raises MediaError."""
        name = f"feishu-{hashlib.sha256(f'{attachment.id} {attachment.url}'.encode()).hexdigest()[:32]}"
        if kept := await asyncio.to_thread(self._store.find, name):
            return kept
        if attachment.url.startswith(("http://", "https://")):
            return await self._store.download(attachment.url, name, limit=PERSON_BYTES, result=False)
        place = _PLACE.fullmatch(f"{attachment.url} {attachment.id}")
        if place is None:
            raise MediaError(Reason.INPUT_GONE, "an unknown attachment")
        with tempfile.TemporaryDirectory(prefix="inkling-") as folder:
            target = Path(folder) / "picture"
            await self._download(place, target)
            return await self._store.keep(name, target)

    async def _download(self, place: re.Match[str], target: Path) -> None:
        path = f"/open-apis/im/v1/messages/{place['message']}/resources/{place['key']}"
        try:
            async with self._rest.download(path, {"type": place["kind"]}) as response:
                await _save(response, target)
        except Refusal as refusal:
            passing = isinstance(codes.told(refusal), Passing)
            raise MediaError(Reason.NETWORK if passing else Reason.INPUT_GONE, str(refusal)) from refusal
        except Passing as error:
            raise MediaError(Reason.NETWORK, str(error)) from error

    async def _upload(self, kind: str, media: Media, path: Path, fields: dict[str, str]) -> str:
        with ExitStack() as opened:

            def form() -> aiohttp.FormData:
                made = aiohttp.FormData(fields)
                made.add_field(kind, opened.enter_context(path.open("rb")), filename=path.name)
                return made

            try:
                answer = await self._rest.call(
                    Call("POST", f"/open-apis/im/v1/{kind}s", form=form, patience=FILE_PATIENCE)
                )
            except FileNotFoundError as error:
                raise MediaError(Reason.RESULT_GONE, path.name) from error
        key = wire.text(answer, f"{kind}_key")
        if not key:
            raise Passing("an upload without a key")
        self._keys[kind, media.path] = key
        return key

    def _known(self, kind: str, media: Media) -> str:
        return self._keys.get((kind, media.path), "")


def is_film(media: Media) -> bool:
    """Whether it is sent as a film: mp4 only, the rest goes as a plain file."""
    return media.type == "video/mp4"


async def _save(response: aiohttp.ClientResponse, target: Path) -> None:
    size = 0
    with target.open("wb", buffering=0) as file:
        async for block in response.content.iter_chunked(_BLOCK):
            size += len(block)
            if size > PERSON_BYTES:
                raise MediaError(Reason.INPUT_TOO_LARGE, f"more than {PERSON_BYTES} bytes")
            try:
                file.write(block)
            except OSError as error:
                raise MediaError(Reason.DISK_FULL, str(error)) from error
    if not size:
        raise MediaError(Reason.BAD_INPUT, "empty")
