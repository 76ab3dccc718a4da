"""How the demo backend draws: a scene from the words of a prompt, or a picture painted over.

`words` finds what to draw, `palettes` the colours; `scene` and `lands` paint what lies behind, `stands`
puts `creatures`, `people`, `things` and `food` in front; `edit` paints over what a person sent; `finish`
adds paper, seal and caption. The same sketch gives the same picture.
"""

import io
import random
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

from PIL import Image

from adapters.backends.demo.drawing import edit, finish, lands, scene, stands
from adapters.backends.demo.drawing.palettes import palette_for
from adapters.backends.demo.drawing.sizes import pixel_size
from adapters.backends.demo.drawing.words import Motifs, motifs

__all__ = ["Sketch", "blank_png", "draw", "pixel_size", "writes_chinese"]

#: Pixels at which it is drawn; larger pictures are scaled up from it.
_DRAWN = 1100 * 1100


@dataclass(frozen=True, slots=True)
class Sketch:
    """What to draw."""

    prompt: str
    #: What makes this picture differ from others of the same prompt.
    seed: str
    size: tuple[int, int]
    negative: str = ""
    #: How strongly the pictures sent bind, 0 to 1.
    strength: float | None = None
    watermark: str = ""
    #: Pictures to paint over.
    inputs: tuple[Path, ...] = ()


def draw(sketch: Sketch, path: Path) -> None:
    """Draw it into a PNG file. Blocks: call it in a thread. Raises OSError."""
    rng = random.Random(f"{sketch.prompt}\n{sketch.seed}")
    found = motifs(sketch.prompt, sketch.negative)
    shrink = min(1.0, sqrt(_DRAWN / (sketch.size[0] * sketch.size[1])))
    size = (max(8, round(sketch.size[0] * shrink)), max(8, round(sketch.size[1] * shrink)))
    image = _painted_over(sketch, found, size, rng) if sketch.inputs else _scene(found, size, rng)
    image = finish.grain(image, rng)
    if image.size != sketch.size:
        image = image.resize(sketch.size, Image.Resampling.BICUBIC)
    finish.sign(image, "" if sketch.inputs else sketch.prompt, rng)
    if sketch.watermark:
        finish.watermark(image, sketch.watermark)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "PNG", compress_level=2)


def _scene(found: Motifs, size: tuple[int, int], rng: random.Random) -> Image.Image:
    canvas = scene.begin(size, palette_for(found, rng), found, rng)
    lands.paint(canvas)
    stands.stand(canvas, found.subjects)
    scene.weather(canvas)
    return finish.roundel(canvas.image) if "logo" in found.lands else canvas.image


def _painted_over(sketch: Sketch, found: Motifs, size: tuple[int, int], rng: random.Random) -> Image.Image:
    before = edit.gather(sketch.inputs, size)
    after = edit.restyle(before, found, rng)
    if sketch.strength is not None:
        after = Image.blend(after, before, 0.7 * min(1.0, max(0.0, sketch.strength)))
    canvas = scene.Scene(after, palette_for(found, rng), found, rng)
    stands.add(canvas, sketch.prompt)
    return canvas.image


def blank_png() -> bytes:
    """The smallest picture."""
    file = io.BytesIO()
    Image.new("RGB", (1, 1), "white").save(file, "PNG")
    return file.getvalue()


def writes_chinese() -> bool:
    """Whether this machine has a font for Chinese captions."""
    return finish.chinese_font() is not None
