"""What a file really is, and the same picture again so that it fits. All of it blocks: call it in a thread.

Types come from the content, never from names or headers. Pictures with more pixels than `MAX_PIXELS`
are refused before they are decoded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from adapters.media.films import mp4_size, webm_size
from bot.errors import MediaError, Reason
from bot.message import Media

#: 8192 × 8192: the largest that any model makes, and 200 MB once decoded.
MAX_PIXELS = 1 << 26
EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/tiff": "tiff",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
#: The readers that may be used, and no others of Pillow's.
_FORMATS = (
    PngImagePlugin.PngImageFile.format,
    JpegImagePlugin.JpegImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
    GifImagePlugin.GifImageFile.format,
    BmpImagePlugin.BmpImageFile.format,
    TiffImagePlugin.TiffImageFile.format,
)
_ORIENTATION, _PLACE = 0x0112, 0x8825
#: Bytes of a file's beginning that `sniff` wants to see.
HEAD = 32
#: What stands at the end of a picture, and in how many last bytes: notes of others may stand behind it.
_ENDS = {"image/png": b"IEND", "image/jpeg": b"\xff\xd9"}
_TAIL = 1 << 16
#: What Pillow raises on files that are broken or hostile.
_BROKEN = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    TypeError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    MemoryError,
    Image.DecompressionBombError,
    Warning,  # where warnings are errors
)


def sniff(head: bytes) -> str:
    """The type that a file's first bytes tell; "" for none that is known."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "image/tiff"
    if head[4:8] == b"ftyp":
        still = head[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")
        return "" if still else "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm"
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    return ""


def has_end(file: BinaryIO) -> bool:
    """Whether a picture's end is there, where its type marks one: half may come without a fault."""
    file.seek(0)
    head = file.read(HEAD)
    size = file.seek(0, 2)
    if (kind := sniff(head)) == "image/webp":
        return size >= 8 + int.from_bytes(head[4:8], "little")
    mark = _ENDS.get(kind, b"")
    file.seek(max(0, size - _TAIL))
    return mark in file.read()


def recognise(path: Path) -> Media:
    """The file as Media: real type, bytes, width and height as they are shown. Reads the header alone.

    Raises MediaError: BAD_INPUT when it is nothing we know, INPUT_TOO_LARGE when it has too many pixels,
    INPUT_GONE when there is no such file.
    """
    try:
        with path.open("rb") as file:
            kind = sniff(file.read(HEAD))
            if not kind:
                raise MediaError(Reason.BAD_INPUT, "neither a picture nor a film that is known")
            width, height = _size(file, kind)
    except FileNotFoundError as error:
        raise MediaError(Reason.INPUT_GONE, f"{path.name} is not there any more") from error
    except _BROKEN as error:
        raise MediaError(Reason.BAD_INPUT, f"unreadable: {type(error).__name__}") from error
    if width * height > MAX_PIXELS:
        raise MediaError(Reason.INPUT_TOO_LARGE, f"{width} × {height} pixels")
    return Media(path, kind, path.stat().st_size, width, height)


def _size(file: BinaryIO, kind: str) -> tuple[int, int]:
    if kind == "video/webm":
        return webm_size(file)
    if kind.startswith("video/"):
        return mp4_size(file)
    file.seek(0)
    with Image.open(file, formats=_FORMATS) as image:
        # Image's own: PNG's would decode the whole picture to look for what may stand behind the pixels.
        sideways = Image.Image.getexif(image).get(_ORIENTATION, 1) in (5, 6, 7, 8)
        return (image.height, image.width) if sideways else image.size


# Making it fit ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fit:
    """What a picture has to be."""

    max_bytes: int
    types: tuple[str, ...]
    #: Most pixels on the longer side; None: any.
    max_side: int | None = None


def fits(media: Media, fit: Fit) -> bool:
    """Whether the file can be handed on as it is: it fits, stands upright and tells no place."""
    small = media.size <= fit.max_bytes and max(media.width, media.height) <= (fit.max_side or MAX_PIXELS)
    return media.type in fit.types and small and not (media.type == "image/jpeg" and _tells(media.path))


def _tells(path: Path) -> bool:
    try:
        with Image.open(path, formats=_FORMATS) as image:
            exif = image.getexif()
            return exif.get(_ORIENTATION, 1) != 1 or _PLACE in exif
    except _BROKEN as error:
        raise MediaError(Reason.BAD_INPUT, f"unreadable: {type(error).__name__}") from error


def refit(media: Media, fit: Fit, target: Path) -> Media:
    """Write the picture to `target` (with the right extension) so that it fits; the first frame of several.

    Turned upright, without metadata but its colours' profile. Raises MediaError: INPUT_TOO_LARGE when it
    can't be made small enough, BAD_INPUT when it can't be read.
    """
    if not media.type.startswith("image/"):
        raise MediaError(Reason.INPUT_TOO_LARGE, f"a film of {media.size} bytes, {media.type}")
    try:
        image = _upright(media, fit)
    except FileNotFoundError as error:
        raise MediaError(Reason.INPUT_GONE, f"{media.path.name} is not there any more") from error
    except _BROKEN as error:
        raise MediaError(Reason.BAD_INPUT, f"unreadable: {type(error).__name__}") from error
    for kind, quality, scaled in _attempts(image, media, fit):
        path = target.with_name(f"{target.name}.{EXTENSIONS[kind]}")
        try:
            _save(scaled, path, kind, quality)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        if path.stat().st_size <= fit.max_bytes:
            return replace(
                media,
                path=path,
                type=kind,
                size=path.stat().st_size,
                width=scaled.width,
                height=scaled.height,
            )
        path.unlink()
    raise MediaError(Reason.INPUT_TOO_LARGE, f"cannot be brought under {fit.max_bytes} bytes")


def _upright(media: Media, fit: Fit) -> Image.Image:
    with Image.open(media.path, formats=_FORMATS) as image:
        profile = image.info.get("icc_profile")
        if fit.max_side:  # lets a JPEG be decoded at half, a quarter or an eighth of its size
            image.draft(None, (fit.max_side, fit.max_side))
        upright = ImageOps.exif_transpose(image)
        if fit.max_side:
            upright.thumbnail((fit.max_side, fit.max_side), Image.Resampling.LANCZOS)
        colours = _plain_colours(upright)
    colours.info = {"icc_profile": profile} if profile and upright.mode in ("RGB", "RGBA") else {}
    return colours


def _plain_colours(image: Image.Image) -> Image.Image:
    """As RGB, or RGBA where anything is transparent."""
    if image.mode.startswith("I") or image.mode == "F":
        scale = 1 / 257 if image.mode.startswith("I") else 1.0
        grey = image.convert("F").point(lambda value: value * scale + 0)
        return grey.convert("L").convert("RGB")
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        lowest, _ = clear.getchannel("A").getextrema()
        if isinstance(lowest, int) and lowest < 255:
            return clear
    return image.convert("RGB")


def _attempts(image: Image.Image, media: Media, fit: Fit) -> Iterator[tuple[str, int, Image.Image]]:
    """(type, quality, picture) to try, the best first."""
    lossy = "image/jpeg" if "image/jpeg" in fit.types else "image/webp" if "image/webp" in fit.types else ""
    clear = image.mode == "RGBA"
    lossless = "image/png" in fit.types and (clear or media.type != "image/jpeg" or not lossy)
    if lossless and (media.size <= fit.max_bytes or not lossy):
        yield "image/png", 0, image
    flat = image if not clear or lossy != "image/jpeg" else _on_white(image)
    scaled = flat
    while min(scaled.size) >= 64 or scaled is flat:
        if lossy:
            yield from ((lossy, quality, scaled) for quality in (92, 84, 74))
        elif lossless:
            yield "image/png", 0, scaled
        else:
            return
        size = (max(1, scaled.width * 3 // 4), max(1, scaled.height * 3 // 4))
        scaled = scaled.resize(size, Image.Resampling.LANCZOS)


def _on_white(image: Image.Image) -> Image.Image:
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    ground.info = dict(image.info)
    return ground


def _save(image: Image.Image, path: Path, kind: str, quality: int) -> None:
    profile = image.info.get("icc_profile")
    if kind == "image/png":
        image.save(path, "PNG", compress_level=6, icc_profile=profile)
    elif kind == "image/jpeg":
        image.save(path, "JPEG", quality=quality, subsampling=0 if quality > 90 else 2, icc_profile=profile)
    else:
        image.save(path, "WEBP", quality=quality, icc_profile=profile)
