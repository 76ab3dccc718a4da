"""Places without hills: a city, outer space, a table."""

from math import pi, sin

from adapters.backends.demo.drawing.brush import Marks, disc, glow, mix, wash
from adapters.backends.demo.drawing.scene import WHITE, Scene, stars


def city(scene: Scene) -> None:
    """Houses row behind row; the windows are lit when it is dark."""
    rng, palette = scene.rng, scene.palette
    for row in range(3):
        colour = mix(mix(palette.far, palette.sky[-1], 0.35), palette.near, row / 2)
        houses, windows = Marks(scene.image), Marks(scene.image)
        x = -scene.unit * 4
        while x < scene.width:
            wide = scene.unit * rng.uniform(5, 11) * (0.7 + 0.3 * row)
            top = scene.height * (0.62 + 0.08 * row) - scene.unit * rng.uniform(4, 34 - 6 * row)
            houses.shape(((x, top), (x + wide, top), (x + wide, scene.height), (x, scene.height)))
            if rng.random() < 0.3:
                houses.line(
                    ((x + wide / 2, top), (x + wide / 2, top - scene.unit * rng.uniform(3, 9))),
                    scene.unit * 0.3,
                )
            if row:
                _windows(windows, (x, top, wide), scene)
            x += wide + scene.unit * rng.uniform(0, 1.2)
        houses.paint(colour)
        windows.paint(mix(palette.accent, WHITE, 0.25) if palette.dark else mix(colour, palette.sun, 0.55))
        glow(scene.image, scene.at(0.5, 0.85), scene.width * 0.6, palette.sky[-1], 0.16)


def _windows(marks: Marks, house: tuple[float, float, float], scene: Scene) -> None:
    x, top, wide = house
    step = scene.unit * 1.9
    y = top + step
    while y < scene.height * 0.98:
        column = x + step * 0.7
        while column < x + wide - step * 0.8:
            if scene.rng.random() < (0.5 if scene.palette.dark else 0.3):
                side = scene.unit * 0.75
                corners = (
                    (column, y),
                    (column + side, y),
                    (column + side, y + side * 1.2),
                    (column, y + side * 1.2),
                )
                marks.shape(corners, scene.rng.uniform(0.35, 1))
            column += step
        y += step * 1.15


def outer_space(scene: Scene) -> None:
    """Clouds of light and a planet with a ring."""
    rng, palette = scene.rng, scene.palette
    for _ in range(6):
        colour = rng.choice((palette.far, palette.accent, (90, 60, 170), (40, 110, 170)))
        glow(
            scene.image, scene.at(rng.random(), rng.random()), scene.unit * rng.uniform(30, 60), colour, 0.22
        )
    stars(scene)
    place, radius = scene.at(rng.choice((0.24, 0.76)), 0.3), scene.unit * rng.uniform(12, 16)
    glow(scene.image, place, radius * 2.2, palette.accent, 0.35)
    disc(scene.image, place, radius, mix(palette.accent, palette.near, 0.15))
    disc(scene.image, (place[0] - radius * 0.12, place[1] - radius * 0.12), radius * 0.86, palette.accent)
    disc(
        scene.image,
        (place[0] - radius * 0.25, place[1] - radius * 0.25),
        radius * 0.6,
        mix(palette.accent, WHITE, 0.3),
        0.6,
    )
    ring = Marks(scene.image)
    ring.line(
        [
            (place[0] + radius * 1.9 * sin(a / 40 * pi), place[1] + radius * 0.45 * sin(a / 40 * pi + 1.9))
            for a in range(81)
        ],
        scene.unit * 0.7,
        0.8,
    )
    ring.paint(mix(palette.sun, WHITE, 0.3))


def table(scene: Scene) -> None:
    """A wooden table in front of the view."""
    wood = mix((122, 81, 64), scene.palette.near, 0.25)
    wash(
        scene.image,
        [scene.at(x, y) for x, y in ((0, 0.82), (1, 0.82), (1, 1.01), (0, 1.01))],
        (mix(wood, scene.palette.sun, 0.4), wood),
    )
    veins = Marks(scene.image)
    for _ in range(26):
        x, y = scene.at(scene.rng.uniform(-0.2, 1), scene.rng.uniform(0.83, 1))
        veins.line(((x, y), (x + scene.width * scene.rng.uniform(0.1, 0.5), y)), scene.unit * 0.16, 0.4)
    veins.paint(mix(wood, (20, 12, 10), 0.4))
