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
    if "cyber" in scene.motifs.moods:
        _signs(scene)


def _signs(scene: Scene) -> None:
    """Neon signs on the nearest houses, each with its light around it."""
    rng = scene.rng
    for colour in ((255, 46, 136), (34, 224, 255), (255, 214, 64), (255, 46, 136), (150, 92, 255)):
        (x, y), tall = (
            scene.at(rng.uniform(0.06, 0.86), rng.uniform(0.62, 0.8)),
            scene.unit * rng.uniform(10, 20),
        )
        wide = scene.unit * 3.4
        glow(scene.image, (x + wide / 2, y + tall / 2), tall * 1.1, colour, 0.6)
        board, strokes = Marks(scene.image), Marks(scene.image)
        board.shape(((x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)))
        for row in range(int(tall // (wide * 0.95))):
            left, top = x + wide * 0.2, y + wide * (0.22 + row * 0.95)
            for bar in rng.sample((0.0, 0.16, 0.32, 0.48), 3):
                strokes.line(((left, top + bar * wide), (left + wide * 0.6, top + bar * wide)), wide * 0.07)
            strokes.line(((left + wide * 0.3, top), (left + wide * 0.3, top + wide * 0.55)), wide * 0.07)
        board.paint(mix(colour, (16, 4, 30), 0.82))
        strokes.paint(mix(colour, WHITE, 0.35))


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


def abstract(scene: Scene) -> None:
    """Discs, arcs and beams that lean on each other, as on a print of the fifties."""
    rng, palette = scene.rng, scene.palette
    colours = (
        palette.near,
        palette.far,
        palette.accent,
        mix(palette.sun, palette.accent, 0.35),
        palette.sky[0],
    )
    wash(scene.image, [scene.at(*p) for p in ((0, 0), (1, 0), (1, 1), (0, 1))], (WHITE, palette.sky[-1]), 0.6)
    for _ in range(9):
        centre, radius = (
            scene.at(rng.uniform(0.15, 0.85), rng.uniform(0.15, 0.85)),
            scene.unit * rng.uniform(9, 32),
        )
        colour, strength = rng.choice(colours), rng.uniform(0.7, 0.95)
        turn = rng.uniform(0, 2 * pi)
        span = rng.choice((pi, pi, 2 * pi, pi / 2))
        arc = [
            (
                centre[0] + radius * sin(turn + span * step / 40),
                centre[1] + radius * sin(turn + span * step / 40 + pi / 2),
            )
            for step in range(41)
        ]
        marks = Marks(scene.image)
        marks.shape([centre, *arc] if span < pi else arc, strength)
        marks.paint(colour)
    beams = Marks(scene.image)
    for _ in range(6):
        x, y = scene.at(rng.uniform(0, 1), rng.uniform(0.1, 0.9))
        dx, dy = rng.uniform(-40, 40) * scene.unit, rng.uniform(-40, 40) * scene.unit
        beams.line(((x - dx, y - dy), (x + dx, y + dy)), scene.unit * rng.choice((0.25, 0.4, 1.4)), 0.85)
    beams.paint(mix(palette.near, (20, 18, 24), 0.5))
