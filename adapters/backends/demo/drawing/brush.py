"""Tools that all drawing shares: colours, washes, glows, marks, and a pen for things of 100 × 100 units."""

from collections.abc import Iterable, Sequence
from math import cos, pi, sin
from typing import Self

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]

#: Shapes are drawn so much larger and reduced, for smooth edges.
FINE = 2


def rgb(code: str) -> Colour:
    """A colour from #rrggbb."""
    return (int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Between two colours; `share` 0 gives the first, 1 the other."""
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )


def light(colour: Colour) -> float:
    """How bright a colour looks, 0 to 1."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


def gradient(size: tuple[int, int], stops: Sequence[Colour]) -> Image.Image:
    """From top to bottom through all colours."""
    column = Image.new("RGB", (1, len(stops)))
    column.putdata(list(stops))
    if len(stops) == 1:
        return column.resize(size)
    return column.resize((1, 128), Image.Resampling.BICUBIC, (0, 0.5, 1, len(stops) - 0.5)).resize(
        size, Image.Resampling.BILINEAR
    )


def wash(image: Image.Image, outline: Sequence[Point], stops: Sequence[Colour], alpha: float = 1.0) -> None:
    """Fill an outline (pixels) with colours from its top to the bottom of its box."""
    width, height = image.size
    top = max(0, int(min(y for _, y in outline)))
    bottom = min(height, int(max(y for _, y in outline)) + 1)
    if bottom <= top:
        return
    mask = Image.new("L", (width * FINE, (bottom - top) * FINE))
    ImageDraw.Draw(mask).polygon([(x * FINE, (y - top) * FINE) for x, y in outline], fill=round(255 * alpha))
    image.paste(gradient((width, bottom - top), stops), (0, top), mask.reduce(FINE))


def glow(image: Image.Image, centre: Point, radius: float, colour: Colour, strength: float = 1.0) -> None:
    """A soft light."""
    side = max(2, round(radius * 2))
    mask = _fading((side, side), strength)
    image.paste(colour, (round(centre[0] - radius), round(centre[1] - radius)), mask)


def _fading(size: tuple[int, int], strength: float) -> Image.Image:
    """Full in the middle, nothing at the edges."""
    rising = Image.radial_gradient("L").resize(size, Image.Resampling.BILINEAR)
    return rising.point(lambda v: max(0.0, 1 - v / 178) ** 1.5 * 255 * strength)


def disc(image: Image.Image, centre: Point, radius: float, colour: Colour, alpha: float = 1.0) -> None:
    """A round spot with a clean edge."""
    side = max(2, round(radius * 2))
    mask = Image.new("L", (side * 3, side * 3))
    ImageDraw.Draw(mask).ellipse((0, 0, side * 3 - 1, side * 3 - 1), fill=round(255 * alpha))
    image.paste(colour, (round(centre[0] - radius), round(centre[1] - radius)), mask.reduce(3))


def shadow(image: Image.Image, centre: Point, radii: Point, colour: Colour, strength: float = 0.4) -> None:
    """A soft shadow on the ground."""
    across, down = max(2, round(radii[0] * 2)), max(2, round(radii[1] * 2))
    mask = _fading((across, down), strength)
    image.paste(colour, (round(centre[0] - radii[0]), round(centre[1] - radii[1])), mask)


class Marks:
    """Many small strokes and dots of one colour, drawn together."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image
        self._mask = Image.new("L", (image.width * FINE, image.height * FINE))
        self._draw = ImageDraw.Draw(self._mask)

    def line(self, points: Iterable[Point], width: float, strength: float = 1.0) -> None:
        """A stroke through the points; `width` in pixels."""
        path = [(x * FINE, y * FINE) for x, y in points]
        self._draw.line(path, fill=round(255 * strength), width=max(1, round(width * FINE)), joint="curve")

    def dot(self, centre: Point, radius: float, strength: float = 1.0) -> None:
        """A round dot."""
        x, y, r = centre[0] * FINE, centre[1] * FINE, radius * FINE
        self._draw.ellipse((x - r, y - r, x + r, y + r), fill=round(255 * strength))

    def shape(self, points: Iterable[Point], strength: float = 1.0) -> None:
        """A filled outline."""
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=round(255 * strength))

    def paint(self, colour: Colour, blur: float = 0.0) -> None:
        """Put all of it on the picture."""
        mask = self._mask.reduce(FINE)
        self._image.paste(colour, (0, 0), mask.filter(ImageFilter.GaussianBlur(blur)) if blur else mask)


class Pen:
    """Draws one thing in a square of 100 × 100 units, to be stamped on a picture."""

    def __init__(self, pixels: float) -> None:
        side = max(16, round(pixels))
        self._side = side
        self._unit = side * FINE / 100
        self.tile = Image.new("RGBA", (side * FINE, side * FINE))
        self._draw = ImageDraw.Draw(self.tile)

    def oval(self, centre: Point, radii: Point, colour: Colour, turn: float = 0.0) -> Self:
        """An ellipse; `turn` in degrees, clockwise."""
        angle = turn * pi / 180
        points = []
        for step in range(48):
            x, y = radii[0] * cos(step * pi / 24), radii[1] * sin(step * pi / 24)
            points.append(
                (centre[0] + x * cos(angle) - y * sin(angle), centre[1] + x * sin(angle) + y * cos(angle))
            )
        return self.shape(points, colour)

    def shape(self, points: Iterable[Point], colour: Colour) -> Self:
        """A filled outline."""
        self._draw.polygon([(x * self._unit, y * self._unit) for x, y in points], fill=colour)
        return self

    def leaf(self, start: Point, end: Point, width: float, colour: Colour) -> Self:
        """A pointed leaf or petal from start to end."""
        return self.shape(leaf(start, end, width), colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> Self:
        """A stroke with round ends."""
        path = [(x * self._unit, y * self._unit) for x, y in points]
        self._draw.line(path, fill=colour, width=max(1, round(width * self._unit)), joint="curve")
        radius = width * self._unit / 2
        for x, y in (path[0], path[-1]):
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        return self

    def stamp(self, image: Image.Image, foot: Point, tint: Colour, share: float = 0.0) -> None:
        """Put it on the picture with the middle of its lower edge at `foot`.

        Lit from above, and by `share` in the colour of the air around it.
        """
        tile = self.tile.reduce(FINE)
        alpha = tile.getchannel("A")
        colours = tile.convert("RGB")
        shade = gradient(colours.size, (mix((0, 0, 0), tint, 0.35),))
        shape = Image.linear_gradient("L").resize(colours.size).point(lambda v: v * 0.28 + 0)
        colours = Image.composite(shade, colours, shape)
        if share:
            colours = Image.blend(colours, Image.new("RGB", colours.size, tint), share)
        image.paste(colours, (round(foot[0] - self._side / 2), round(foot[1] - self._side)), alpha)


def leaf(start: Point, end: Point, width: float) -> list[Point]:
    """The outline of a pointed leaf from start to end."""
    across, down = end[0] - start[0], end[1] - start[1]
    one, other = [], []
    for step in range(13):
        share = step / 12
        bulge = width * sin(pi * share) ** 0.8
        x, y = start[0] + across * share, start[1] + down * share
        length = (across**2 + down**2) ** 0.5 or 1.0
        nx, ny = -down / length * bulge, across / length * bulge
        one.append((x + nx, y + ny))
        other.append((x - nx, y - ny))
    return one + other[::-1]


def curve(points: Sequence[Point], steps: int = 10) -> list[Point]:
    """A smooth line through the points (Catmull-Rom)."""
    ends = [points[0], *points, points[-1]]
    path = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(steps):
            t = step / steps
            path.append((_between((a[0], b[0], c[0], d[0]), t), _between((a[1], b[1], c[1], d[1]), t)))
    return [*path, points[-1]]


def _between(values: tuple[float, float, float, float], t: float) -> float:
    a, b, c, d = values
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
