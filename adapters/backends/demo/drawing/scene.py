"""A picture being painted, its sky and its weather. The land is in `lands`."""

import random
from dataclasses import dataclass
from math import pi, sin

from PIL import Image

from adapters.backends.demo.drawing.brush import (
    Colour,
    Marks,
    Point,
    disc,
    glow,
    gradient,
    leaf,
    mix,
)
from adapters.backends.demo.drawing.palettes import Palette
from adapters.backends.demo.drawing.words import Motifs

WHITE: Colour = (252, 253, 255)


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture being painted, and what it is painted with."""

    image: Image.Image
    palette: Palette
    motifs: Motifs
    rng: random.Random

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.image.width

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.image.height

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side."""
        return min(self.image.size) / 100

    @property
    def snowy(self) -> bool:
        """Whether snow lies."""
        return "snow" in self.motifs.moods

    def at(self, x: float, y: float) -> Point:
        """A point by its share of width and height."""
        return (x * self.width, y * self.height)


def begin(size: tuple[int, int], palette: Palette, motifs: Motifs, rng: random.Random) -> Scene:
    """An empty sky."""
    return Scene(gradient(size, palette.sky), palette, motifs, rng)


# Sky --------------------------------------------------------------------------------------------------


def sky(scene: Scene) -> Point:
    """Stars, sun or moon and clouds; where the sun stands."""
    rng, palette = scene.rng, scene.palette
    if palette.dark:
        stars(scene)
    place = scene.at(rng.choice((0.26, 0.33, 0.67, 0.74)), rng.uniform(0.2, 0.32))
    radius = scene.unit * rng.uniform(7, 11)
    glow(scene.image, place, radius * 5, palette.sun, 0.42)
    glow(scene.image, place, radius * 2.2, palette.sun, 0.55)
    disc(scene.image, place, radius, palette.sun)
    if palette.dark and "cyber" not in scene.motifs.moods:
        for x, y, r in ((-0.3, -0.2, 0.22), (0.25, 0.3, 0.3), (0.35, -0.35, 0.14), (-0.15, 0.5, 0.12)):
            spot = mix(palette.sun, palette.sky[1], 0.14)
            disc(scene.image, (place[0] + x * radius, place[1] + y * radius), r * radius, spot)
    clouds(scene)
    return place


def stars(scene: Scene) -> None:
    """Many small ones, a few that sparkle, and a pale band across."""
    rng = scene.rng
    for _ in range(7):
        x = rng.uniform(0, 1)
        glow(
            scene.image,
            scene.at(x, 0.1 + 0.3 * x),
            scene.unit * 26,
            mix(scene.palette.sky[2], WHITE, 0.1),
            0.1,
        )
    marks = Marks(scene.image)
    for _ in range(240):
        place = scene.at(rng.random(), rng.random() ** 1.5 * 0.75)
        marks.dot(place, scene.unit * rng.choice((0.09, 0.12, 0.16, 0.22)), rng.uniform(0.3, 0.95))
    for _ in range(7):
        x, y = scene.at(rng.random(), rng.uniform(0.03, 0.45))
        arm = scene.unit * rng.uniform(0.7, 1.3)
        marks.shape(((x, y - arm), (x + arm / 6, y), (x, y + arm), (x - arm / 6, y)), 0.9)
        marks.shape(((x - arm, y), (x, y - arm / 6), (x + arm, y), (x, y + arm / 6)), 0.9)
    marks.paint(WHITE)


def clouds(scene: Scene) -> None:
    """Long soft bands."""
    rng = scene.rng
    marks = Marks(scene.image)
    for _ in range(rng.randint(2, 4)):
        x, y = scene.at(rng.uniform(-0.1, 0.9), rng.uniform(0.08, 0.4))
        length = scene.width * rng.uniform(0.18, 0.42)
        for band in range(rng.randint(2, 4)):
            shift, thick = rng.uniform(-0.2, 0.2) * length, scene.unit * rng.uniform(0.5, 1.3)
            row = y + band * scene.unit * 1.7
            marks.line(
                ((x + shift, row), (x + shift + length * rng.uniform(0.5, 1), row)),
                thick,
                rng.uniform(0.25, 0.6),
            )
    cloud = mix(scene.palette.sky[-1], WHITE, 0.05 if scene.palette.dark else 0.5)
    marks.paint(cloud, blur=scene.unit * 0.45)


def birds(scene: Scene) -> None:
    """A few, far away."""
    rng = scene.rng
    x, y = scene.at(rng.uniform(0.2, 0.75), rng.uniform(0.14, 0.34))
    marks = Marks(scene.image)
    for _ in range(rng.randint(3, 6)):
        wing = scene.unit * rng.uniform(0.9, 1.7)
        bx, by = x + rng.uniform(-9, 9) * scene.unit, y + rng.uniform(-5, 5) * scene.unit
        lift = wing * rng.uniform(0.35, 0.6)
        path = (
            (bx - wing, by - lift),
            (bx - wing * 0.4, by - lift * 0.8),
            (bx, by),
            (bx + wing * 0.4, by - lift * 0.8),
            (bx + wing, by - lift),
        )
        marks.line(path, scene.unit * 0.22)
    marks.paint(mix(scene.palette.near, scene.palette.sky[0], 0.2))


# Weather ----------------------------------------------------------------------------------------------


def weather(scene: Scene) -> None:
    """What falls from the sky or glows in the air."""
    moods = scene.motifs.moods
    if "snow" in moods:
        _flakes(scene)
    elif "rain" in moods:
        _drops(scene)
    elif "autumn" in moods:
        _leaves(scene, ((200, 53, 43), (228, 120, 40), (233, 168, 60)))
    elif "spring" in moods:
        _leaves(scene, ((247, 183, 197), (252, 215, 222), (240, 143, 165)))
    elif scene.palette.dark and not {"space", "city"} & set(scene.motifs.lands):
        for _ in range(12):
            place = scene.at(scene.rng.random(), scene.rng.uniform(0.6, 0.97))
            glow(scene.image, place, scene.unit * scene.rng.uniform(0.8, 1.8), scene.palette.accent, 0.9)


def _flakes(scene: Scene) -> None:
    rng = scene.rng
    for blur, count, size in ((0.0, 150, 0.28), (0.35, 60, 0.6), (0.9, 14, 1.3)):
        marks = Marks(scene.image)
        for _ in range(count):
            marks.dot(
                scene.at(rng.random(), rng.random()),
                scene.unit * size * rng.uniform(0.6, 1.3),
                rng.uniform(0.5, 0.95),
            )
        marks.paint(WHITE, blur=scene.unit * blur)


def _drops(scene: Scene) -> None:
    marks = Marks(scene.image)
    for _ in range(220):
        x, y = scene.at(scene.rng.uniform(-0.05, 1.05), scene.rng.random())
        length = scene.unit * scene.rng.uniform(2, 5)
        marks.line(((x, y), (x - length * 0.22, y + length)), scene.unit * 0.13, scene.rng.uniform(0.2, 0.6))
    marks.paint(WHITE)


def _leaves(scene: Scene, colours: tuple[Colour, ...]) -> None:
    rng = scene.rng
    for colour in colours:
        marks = Marks(scene.image)
        for _ in range(12):
            x, y = scene.at(rng.random(), rng.random())
            length = scene.unit * rng.uniform(1.2, 2.6)
            turn = rng.uniform(0, 2 * pi)
            marks.shape(
                leaf((x, y), (x + length * sin(turn), y + length * sin(turn + pi / 2)), length * 0.3),
                rng.uniform(0.7, 1),
            )
        marks.paint(colour)
