"""What makes it look like a print: paper grain, a little shade in the corners, a red seal, a caption."""

import random
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

from adapters.backends.demo.drawing.brush import rgb

_RED, _PAPER, _INK = rgb("#b9322b"), rgb("#f8f2e4"), rgb("#2a2528")
#: Where fonts for Chinese lie on Linux, macOS and Windows; (pattern, number within a collection).
_FONTS = (
    ("/usr/share/fonts", "**/NotoSerifCJK-Regular.ttc", 2),
    ("/usr/share/fonts", "**/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts", "**/SourceHan*Regular*.otf", 0),
    ("/usr/share/fonts", "**/wqy-*.ttc", 0),
    ("/usr/share/fonts", "**/DroidSansFallback*.ttf", 0),
    ("/System/Library/Fonts", "Supplemental/Songti.ttc", 0),
    ("/System/Library/Fonts", "PingFang.ttc", 0),
    ("C:/Windows/Fonts", "simsun.ttc", 0),
    ("C:/Windows/Fonts", "msyh.ttc", 0),
)
#: Signs of a caption, in a column and in a row.
_COLUMN, _ROW = 13, 44

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=1)
def chinese_font() -> tuple[str, int] | None:
    """The file of a font that has Chinese, if this machine has one."""
    for folder, pattern, number in _FONTS:
        for path in sorted(Path(folder).glob(pattern)) if Path(folder).is_dir() else ():
            return (str(path), number)
    return None


def _font(size: int, *, chinese: bool) -> Font:
    found = chinese_font() if chinese else None
    return ImageFont.truetype(found[0], size, index=found[1]) if found else ImageFont.load_default(size)


def grain(image: Image.Image, rng: random.Random, strength: float = 0.1) -> Image.Image:
    """The tooth of paper, and corners that are a little darker."""
    width, height = image.size
    noise = Image.frombytes("L", (width, height), rng.randbytes(width * height))
    fibres = (
        noise.resize((max(1, width // 3), max(1, height // 2)))
        .filter(ImageFilter.BoxBlur(1))
        .resize(image.size)
    )
    paper = Image.blend(noise.filter(ImageFilter.BoxBlur(0.6)), fibres, 0.6)
    paper = paper.point(lambda v: v * strength + (128 - 128 * strength))
    corners = Image.radial_gradient("L").resize(image.size).point(lambda v: 255 - max(0, v - 120) * 0.3)
    toned = ImageChops.overlay(image, Image.merge("RGB", (paper, paper, paper)))
    return ImageChops.multiply(toned, Image.merge("RGB", (corners, corners, corners)))


def sign(image: Image.Image, caption: str, rng: random.Random) -> None:
    """A seal in the corner, and the caption above or beside it."""
    unit = min(image.size) / 100
    side = max(10, round(unit * 5.2))
    x, y = image.width - round(unit * 4.5) - side, image.height - round(unit * 4.5) - side
    image.paste(_RED, (x, y), _seal(side, rng))
    text = " ".join("".join(c for c in caption if c < "\u0250" or _is_chinese(c)).split())
    chinese = any("\u2e80" <= c <= "\u9fff" for c in text)
    if not text or (chinese and chinese_font() is None):
        return
    if chinese:
        _column(image, text, (x + side / 2, y - unit * 1.6))
    else:
        _row(image, text, (x - unit * 1.6, y + side))


def _is_chinese(sign: str) -> bool:
    """Whether it is a Chinese sign or mark; other scripts and emoji have no letters in these fonts."""
    return "\u2e80" <= sign <= "\u9fff" or "\uff00" <= sign <= "\uff5e"


def _seal(side: int, rng: random.Random) -> Image.Image:
    """A carved square with a drop of ink in it, worn at the edges."""
    large = side * 4
    mask = Image.new("L", (large, large))
    draw = ImageDraw.Draw(mask)
    draw.rounded_rectangle((2, 2, large - 3, large - 3), radius=large * 0.16, fill=255)
    edge = large * 0.1
    draw.rounded_rectangle(
        (edge, edge, large - edge, large - edge), radius=large * 0.1, outline=0, width=max(1, large // 30)
    )
    middle, top, base = large / 2, large * 0.2, large * 0.62
    draw.polygon([(middle, top), (middle - large * 0.17, base), (middle + large * 0.17, base)], fill=0)
    draw.ellipse(
        (middle - large * 0.19, base - large * 0.16, middle + large * 0.19, base + large * 0.2), fill=0
    )
    draw.ellipse(
        (middle - large * 0.09, base - large * 0.02, middle - large * 0.01, base + large * 0.1), fill=255
    )
    for _ in range(26):
        cx, cy, r = rng.random() * large, rng.random() * large, rng.uniform(0.004, 0.018) * large
        draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=70)
    return mask.resize((side, side), Image.Resampling.LANCZOS)


def _column(image: Image.Image, text: str, foot: tuple[float, float]) -> None:
    """From top to bottom, on a slip of paper that ends at `foot`."""
    size = max(9, round(min(image.size) * 0.026))
    signs = text.replace(" ", "")
    shown = signs[: _COLUMN - 1] + "︙" if len(signs) > _COLUMN else signs
    pitch, room = size * 1.16, size * 0.55
    top = foot[1] - len(shown) * pitch - room
    draw = _slip(image, (foot[0] - size * 0.9, top - room, foot[0] + size * 0.9, foot[1]))
    font = _font(size, chinese=True)
    for number, character in enumerate(shown):
        draw.text((foot[0], top + number * pitch), character, fill=_INK, font=font, anchor="mt")


def _row(image: Image.Image, text: str, end: tuple[float, float]) -> None:
    """In a line, on a slip of paper that ends at `end`, its lower right corner."""
    size = max(9, round(min(image.size) * 0.022))
    shown = text[: _ROW - 1].rstrip() + "…" if len(text) > _ROW else text
    font = _font(size, chinese=False)
    wide, tall = font.getlength(shown) + size * 1.4, size * 1.9
    draw = _slip(image, (max(0, end[0] - wide), end[1] - tall, end[0], end[1]))
    draw.text((end[0] - size * 0.7, end[1] - tall / 2), shown, fill=_INK, font=font, anchor="rm")


def _slip(image: Image.Image, box: tuple[float, float, float, float]) -> ImageDraw.ImageDraw:
    """A slip of paper on the picture, and what to write on it with."""
    left, top, right, low = (round(side) for side in box)
    mask = Image.new("L", (max(1, right - left), max(1, low - top)))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *mask.size), radius=min(mask.size) * 0.16, fill=226)
    image.paste(_PAPER, (left, top), mask)
    return ImageDraw.Draw(image)


def roundel(image: Image.Image) -> Image.Image:
    """The same as a round mark on plain paper."""
    side = min(image.size)
    inner = round(side * 0.66)
    mark = ImageOps.fit(image, (inner, inner), Image.Resampling.LANCZOS)
    mask = Image.new("L", (inner * 2, inner * 2))
    ImageDraw.Draw(mask).ellipse((0, 0, inner * 2 - 1, inner * 2 - 1), fill=255)
    paper = Image.new("RGB", image.size, _PAPER)
    paper.paste(mark, ((image.width - inner) // 2, round((image.height - inner) * 0.45)), mask.reduce(2))
    return paper


def watermark(image: Image.Image, text: str) -> None:
    """A pale mark in the lower left corner, as asked for."""
    size = max(10, round(min(image.size) * 0.03))
    mask = Image.new("L", image.size)
    font = _font(size, chinese=not text.isascii())
    ImageDraw.Draw(mask).text((size, image.height - size), text[:30], fill=130, font=font, anchor="lb")
    image.paste((255, 255, 255), (0, 0), mask)
