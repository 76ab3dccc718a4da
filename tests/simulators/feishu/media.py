"""Pictures and files: up, with the rules of size and format, and down."""

import io
from typing import Any

from aiohttp import BodyPartReader, web
from PIL import Image, UnidentifiedImageError

from tests.simulators.feishu.rules import (
    FILE_BYTES,
    GIF_SIDE,
    IMAGE_BYTES,
    IMAGE_SIDE,
    ApiError,
)
from tests.simulators.feishu.world import World

FORMATS = {"JPEG", "PNG", "WEBP", "GIF", "BMP", "ICO", "TIFF", "HEIF"}
FILE_TYPES = {"opus", "mp4", "pdf", "doc", "xls", "ppt", "stream"}


class MediaStore:
    """The interfaces `im/v1/images`, `im/v1/files` and message resources."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def upload_image(self, request: web.Request, _: dict[str, Any]) -> dict[str, Any]:
        """POST /images."""
        fields, data = await _form(request, "image", IMAGE_BYTES)
        if fields.get("image_type") not in {"message", "avatar"}:
            raise ApiError(234001, "Invalid request param: image_type")
        _check_picture(data)
        key = self.world.new_id("img")
        self.world.images[key] = data
        return {"data": {"image_key": key}}

    async def upload_file(self, request: web.Request, _: dict[str, Any]) -> dict[str, Any]:
        """POST /files."""
        fields, data = await _form(request, "file", FILE_BYTES)
        if fields.get("file_type") not in FILE_TYPES or not fields.get("file_name"):
            raise ApiError(234001, "Invalid request param: file_type, file_name")
        key = self.world.new_id("file")
        self.world.files[key] = (fields["file_name"], data)
        return {"data": {"file_key": key}}

    async def resource(self, request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
        """GET /messages/{message}/resources/{key}?type=image|file."""
        key = request.match_info["key"]
        message = self.world.messages.get(request.match_info["message"])
        if request.query.get("type") not in {"image", "file"}:
            raise ApiError(234001, "Invalid request param: type")
        if message is None or message.withdrawn:
            raise ApiError(234003, "File not in msg.")
        shown = message.shown
        if key not in shown.images + shown.files or message.sender == self.world.bot.open_id:
            raise ApiError(234003, "File not in msg.")
        data = self.world.images.get(key) or self.world.files.get(key, ("", b""))[1]
        return web.Response(body=data, content_type="application/octet-stream")


async def _form(request: web.Request, name: str, longest: int) -> tuple[dict[str, str], bytes]:
    if not request.content_type.startswith("multipart/"):
        raise ApiError(234001, "Invalid request param: no form")
    fields: dict[str, str] = {}
    data: bytes | None = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise ApiError(234001, "Invalid request param: nested form")
        if part.name == name:
            data = bytes(await part.read())
        else:
            fields[str(part.name)] = await part.text()
    if data is None:
        raise ApiError(234001, f"Invalid request param: {name}")
    if not data:
        raise ApiError(234010, "File's size can't be 0.")
    if len(data) > longest:
        raise ApiError(234006, "The file size exceed the max value.")
    return fields, data


def _check_picture(data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            kind, (width, height) = picture.format, picture.size
    except (UnidentifiedImageError, OSError) as error:
        raise ApiError(234011, "Can't recognize the image format.") from error
    if kind not in FORMATS:
        raise ApiError(234011, f"Can't recognize the image format: {kind}")
    side = GIF_SIDE if kind == "GIF" else IMAGE_SIDE
    if max(width, height) > side:
        raise ApiError(234039, "Image resolution exceeds limit.")
