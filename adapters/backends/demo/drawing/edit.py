"""A picture that a person sent, painted over in the manner that the words ask for."""

import random
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from adapters.backends.demo.drawing.brush import Colour, mix, rgb
from adapters.backends.demo.drawing.words import Motifs

_PAPER = rgb("#f6f0e2")
_Style = Callable[[Image.Image], Image.Image]


def gather(paths: tuple[Path, ...], size: tuple[int, int]) -> Image.Image:
    """All pictures in one: the first fills it, the others come in from the side with soft edges."""
    opened = [_opened(path, size) for path in paths]
    whole = opened[0]
    for number, other in enumerate(opened[1:], 1):
        start = size[0] * number // len(opened)
        soft = max(2, size[0] // (6 * len(opened)))
        mask = Image.new("L", size, 0)
        mask.paste(255, (start, 0, size[0], size[1]))
        whole = Image.composite(other, whole, mask.filter(ImageFilter.GaussianBlur(soft)))
    return whole


def _opened(path: Path, size: tuple[int, int]) -> Image.Image:
    with Image.open(path) as image:
        image.draft("RGB", size)
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    ground = Image.new("RGBA", upright.size, "white")
    return ImageOps.fit(Image.alpha_composite(ground, upright).convert("RGB"), size, Image.Resampling.LANCZOS)


def restyle(image: Image.Image, motifs: Motifs, rng: random.Random) -> Image.Image:
    """In the manner that is named first; if none is, in one of the quiet ones."""
    name = motifs.styles[0] if motifs.styles else rng.choice(("watercolor", "oil", "warm"))
    painted = ImageEnhance.Color(_STYLES[name](image)).enhance(rng.uniform(0.8, 1.3))
    return ImageEnhance.Brightness(painted).enhance(rng.uniform(0.94, 1.08))


def _small(image: Image.Image, side: int) -> Image.Image:
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.BICUBIC)
    return small


def _oil(image: Image.Image) -> Image.Image:
    small = _small(image, 560)
    strokes = small.filter(ImageFilter.ModeFilter(7)).filter(ImageFilter.ModeFilter(5))
    relief = strokes.convert("L").filter(ImageFilter.EMBOSS).point(lambda v: v * 0.55 + 58)
    strokes = ImageChops.overlay(strokes, Image.merge("RGB", (relief, relief, relief)))
    large = strokes.resize(image.size, Image.Resampling.BICUBIC)
    return ImageEnhance.Color(ImageEnhance.Contrast(large).enhance(1.12)).enhance(1.45)


def _edges(image: Image.Image, width: float = 1.2) -> Image.Image:
    """Dark lines on white where the picture changes."""
    grey = image.convert("L").filter(ImageFilter.GaussianBlur(width))
    wide = grey.filter(ImageFilter.GaussianBlur(width * 2.5))
    return ImageChops.subtract(grey, wide, scale=0.09, offset=255).point(lambda v: min(255, max(0, v)))


def _tones(image: Image.Image, dark: Colour, middle: Colour, pale: Colour) -> Image.Image:
    return ImageOps.colorize(ImageOps.autocontrast(image.convert("L"), 1), dark, pale, mid=middle)


def _ink(image: Image.Image) -> Image.Image:
    soft = ImageOps.autocontrast(image.convert("L").filter(ImageFilter.MedianFilter(5)), 2)
    soft = soft.filter(ImageFilter.GaussianBlur(1.6)).point(lambda v: min(255, v * 0.62 + 105))
    ink = ImageOps.colorize(ImageChops.multiply(soft, _edges(image, 1.5)), rgb("#1d1f21"), _PAPER)
    return ink.filter(ImageFilter.GaussianBlur(0.5))


def _sketch(image: Image.Image) -> Image.Image:
    grey = image.convert("L")
    blurred = ImageOps.invert(grey).filter(ImageFilter.GaussianBlur(9))
    dodged = ImageChops.add(grey, blurred).point(lambda v: max(0, 255 - (255 - v) * 3.6))
    return ImageOps.colorize(dodged, rgb("#35332f"), _PAPER)


def _watercolour(image: Image.Image) -> Image.Image:
    small = _small(image, 640).filter(ImageFilter.MedianFilter(7)).filter(ImageFilter.MedianFilter(5))
    small = small.filter(ImageFilter.ModeFilter(5)).point(lambda v: 255 * (v / 255) ** 0.68)
    flat = small.filter(ImageFilter.GaussianBlur(1.2)).resize(image.size, Image.Resampling.BICUBIC)
    pale = Image.blend(flat, Image.new("RGB", image.size, _PAPER), 0.22)
    lines = _edges(image, 1.1).point(lambda v: v * 0.5 + 128)
    return ImageChops.multiply(
        ImageEnhance.Color(pale).enhance(1.35), Image.merge("RGB", (lines, lines, lines))
    )


def _pixel(image: Image.Image) -> Image.Image:
    small = _small(image, 96).quantize(28).convert("RGB")
    return small.resize(image.size, Image.Resampling.NEAREST)


def _poster(image: Image.Image) -> Image.Image:
    flat = (
        _small(image, 640)
        .filter(ImageFilter.MedianFilter(5))
        .quantize(12)
        .convert("RGB")
        .resize(image.size, Image.Resampling.BICUBIC)
    )
    lines = _edges(image, 1.8).point(lambda v: 0 if v < 150 else 255).filter(ImageFilter.GaussianBlur(0.8))
    return ImageChops.multiply(
        ImageEnhance.Color(flat).enhance(1.6), Image.merge("RGB", (lines, lines, lines))
    )


def _duotone(dark: str, middle: str, pale: str, share: float) -> _Style:
    def style(image: Image.Image) -> Image.Image:
        return Image.blend(image, _tones(image, rgb(dark), rgb(middle), rgb(pale)), share)

    return style


def _snow(image: Image.Image) -> Image.Image:
    cold = Image.blend(image, _tones(image, rgb("#3d556e"), rgb("#9fb7c9"), rgb("#ffffff")), 0.7)
    rng, white = random.Random(image.width), mix(_PAPER, (255, 255, 255), 0.9)
    flakes = Image.new("L", image.size)
    for _ in range(300):
        side = rng.choice((2, 3, 4, 6)) * max(1, image.width // 700)
        x, y = rng.randrange(image.width), rng.randrange(image.height)
        flakes.paste(230, (x, y, x + side, y + side))
    cold.paste(white, (0, 0), flakes.filter(ImageFilter.GaussianBlur(1.4)))
    return cold


_STYLES: dict[str, _Style] = {
    "ink": _ink,
    "oil": _oil,
    "sketch": _sketch,
    "watercolor": _watercolour,
    "mono": _duotone("#101114", "#808080", "#f7f5f0", 1.0),
    "pixel": _pixel,
    "cyber": _duotone("#12002e", "#d81e8c", "#5ff2ff", 0.85),
    "poster": _poster,
    "night": _duotone("#050a1c", "#25417a", "#c9d6ff", 0.8),
    "snow": _snow,
    "warm": _duotone("#2b1638", "#d5703f", "#fff0c4", 0.72),
}
