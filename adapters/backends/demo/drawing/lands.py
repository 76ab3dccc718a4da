"""What lies on the ground: mountains, hills, woods, water, sand; which of them a prompt gets."""

import random
from math import pi, sin

from adapters.backends.demo.drawing.brush import Colour, Marks, Point, glow, leaf, light, mix, wash
from adapters.backends.demo.drawing.places import abstract, city, outer_space, table
from adapters.backends.demo.drawing.scene import WHITE, Scene, birds, sky


def ridge(scene: Scene, level: float, height: float, rough: float) -> list[Point]:
    """The outline of a range: its foot is the lower edge of the picture."""
    rng = scene.rng
    waves = [(rng.uniform(0.6, 1.4) * 2.1**n, rng.uniform(0, 2 * pi), rough**n) for n in range(7)]
    total = sum(weight for _, _, weight in waves)
    points = []
    for step in range(161):
        x = step / 160
        rise = sum(
            w * (1 - abs(sin(x * pi * f + p))) if rough > 0.45 else w * sin(x * pi * f + p)
            for f, p, w in waves
        )
        points.append(scene.at(x, level - height * rise / total))
    return [*points, scene.at(1, 1.01), scene.at(0, 1.01)]


def ranges(scene: Scene, count: int, rough: float, level: float = 0.55) -> None:
    """One behind the other, each paler and with mist at its foot."""
    haze = mix(scene.palette.sky[-1], WHITE, 0.0 if scene.palette.dark else 0.25)
    for number in range(count):
        depth = number / max(1, count - 1)
        colour = mix(mix(scene.palette.far, haze, 0.45), scene.palette.near, depth**1.15)
        if scene.snowy:
            colour = mix(colour, WHITE, 0.6 if not scene.palette.dark else 0.3)
        outline = ridge(
            scene, level + 0.36 * depth, (0.34 if rough > 0.45 else 0.1) * (1 - 0.45 * depth), rough
        )
        foot = mix(colour, haze, 0.62 * (1 - depth))
        wash(scene.image, outline, (mix(colour, scene.palette.sun, 0.06), colour, foot, foot))


def hills(scene: Scene) -> None:
    """Soft hills with firs or round trees on them."""
    for number, level in enumerate((0.6, 0.69, 0.8)):
        depth = number / 2
        colour = mix(mix(scene.palette.far, scene.palette.sky[-1], 0.35), scene.palette.near, depth * 0.8)
        top = mix(
            colour, WHITE, 0.75 if scene.snowy and not scene.palette.dark else 0.35 if scene.snowy else 0.08
        )
        outline = ridge(scene, level, 0.055 + 0.02 * number, 0.3)
        if number:
            trees(
                scene,
                [outline[i] for i in range(4, 158)],
                mix(colour, scene.palette.near, 0.45),
                4 + 4 * number,
            )
        wash(scene.image, outline, (top, mix(top, colour, 0.55), colour))


def trees(scene: Scene, places: list[Point], colour: Colour, size: float) -> None:
    """A scatter of them along a line, in groups."""
    rng = scene.rng
    marks = Marks(scene.image)
    middle = rng.randrange(len(places))
    for _ in range(16):
        index = min(len(places) - 1, max(0, round(rng.gauss(middle, 22))))
        x, y = places[index]
        fir(marks, (x, y + scene.unit), scene.unit * size * rng.uniform(0.6, 1.2), rng)
    marks.paint(colour)


def fir(marks: Marks, foot: Point, height: float, rng: random.Random) -> None:
    """One fir tree, its foot on the ground."""
    x, y = foot
    marks.line(((x, y), (x, y - height * 0.3)), height * 0.05)
    tiers = 5
    for tier in range(tiers):
        share = tier / tiers
        half = height * 0.24 * (1 - share) * rng.uniform(0.85, 1.1)
        base = y - height * (0.12 + 0.78 * share)
        marks.shape(
            ((x - half, base), (x, base - height * 0.34), (x + half, base), (x, base - height * 0.06))
        )


def forest(scene: Scene) -> None:
    """Rows of firs, the nearest dark, light between them."""
    ground = scene.palette.near
    for row in range(5):
        depth = row / 4
        colour = mix(mix(scene.palette.far, scene.palette.sky[-1], 0.5), ground, depth**1.2)
        if scene.snowy:
            colour = mix(colour, WHITE, 0.35 * (1 - depth * 0.6))
        base = 0.6 + 0.1 * row
        marks = Marks(scene.image)
        for _ in range(26 - 4 * row):
            x = scene.rng.random()
            if row == 4 and 0.24 < x < 0.76:
                continue
            fir(
                marks,
                scene.at(x, base + 0.03),
                scene.unit * scene.rng.uniform(16, 30) * (0.7 + 0.75 * depth),
                scene.rng,
            )
        marks.paint(colour)
        soil = mix(colour, WHITE, 0.7) if scene.snowy else mix(colour, scene.palette.sky[-1], 0.12)
        wash(scene.image, ridge(scene, base + 0.035, 0.012, 0.3), (soil, mix(soil, colour, 0.5)))
        glow(scene.image, scene.at(0.5, base), scene.unit * 55, scene.palette.sun, 0.07)


def sea(scene: Scene, sun: Point) -> None:
    """Water to the horizon, light on it, waves that come nearer."""
    rng, palette = scene.rng, scene.palette
    horizon = 0.56
    top, deep = mix(palette.sky[-2], palette.near, 0.25), mix(palette.near, palette.sky[0], 0.3)
    box = [scene.at(0, horizon), scene.at(1, horizon), scene.at(1, 1.01), scene.at(0, 1.01)]
    if rng.random() < 0.6:
        far = mix(palette.far, palette.sky[-1], 0.35)
        wash(scene.image, ridge(scene, horizon + 0.02, 0.1, 0.5), (far, mix(far, palette.sky[-1], 0.5)))
    wash(scene.image, box, (top, mix(top, deep, 0.6), deep))
    glitter = Marks(scene.image)
    for _ in range(170):
        share = rng.random() ** 1.4
        spread = scene.unit * (3 + 26 * share)
        x, y = sun[0] + rng.gauss(0, 0.5) * spread, scene.height * (horizon + 0.006 + 0.42 * share)
        half = scene.unit * rng.uniform(0.5, 2.4) * (0.4 + share)
        glitter.line(
            ((x - half, y), (x + half, y)), scene.unit * (0.14 + 0.3 * share), rng.uniform(0.25, 0.85)
        )
    glitter.paint(palette.sun)
    for number in range(4):
        wave(scene, 0.68 + 0.095 * number, number, mix(top, deep, 0.35 + 0.2 * number))


def lake(scene: Scene, sun: Point) -> None:
    """Still water in front of the land."""
    rng, palette = scene.rng, scene.palette
    top, deep = mix(palette.sky[-1], palette.far, 0.45), mix(palette.near, palette.sky[-2], 0.45)
    wash(
        scene.image,
        [*shore(scene, 0.77), scene.at(1, 1.01), scene.at(0, 1.01)],
        (top, mix(top, deep, 0.5), deep),
    )
    ripples = Marks(scene.image)
    for _ in range(90):
        share = rng.random()
        x = rng.choice((sun[0], scene.width * rng.random())) + rng.gauss(0, 5) * scene.unit
        y = scene.height * (0.785 + 0.2 * share)
        half = scene.unit * rng.uniform(1, 5) * (0.4 + share)
        ripples.line(((x - half, y), (x + half, y)), scene.unit * (0.1 + 0.15 * share), rng.uniform(0.2, 0.6))
    ripples.paint(mix(palette.sky[-1], WHITE, 0.4))


def shore(scene: Scene, level: float) -> list[Point]:
    """An almost straight line across the picture."""
    phase = scene.rng.uniform(0, 6)
    return [scene.at(step / 40, level + 0.004 * sin(step / 5 + phase)) for step in range(41)]


def bamboo(scene: Scene) -> None:
    """Stalks behind stalks, with leaves, and light between them."""
    rng = scene.rng
    for row in range(4):
        colour = mix(
            mix(scene.palette.far, scene.palette.sky[-1], 0.55), scene.palette.near, (row / 3) ** 1.2
        )
        marks = Marks(scene.image)
        for _ in range(13 - 2 * row):
            x = rng.random()
            if row == 3 and 0.22 < x < 0.78:
                continue
            _stalk(marks, scene, x, scene.unit * (0.7 + 0.55 * row))
        marks.paint(colour)
        glow(scene.image, scene.at(0.5, 0.6), scene.unit * 60, scene.palette.sun, 0.16)
    soil = mix(scene.palette.near, scene.palette.sky[-1], 0.25)
    wash(scene.image, ridge(scene, 0.9, 0.02, 0.3), (mix(soil, scene.palette.sun, 0.2), soil))


def _stalk(marks: Marks, scene: Scene, x: float, width: float) -> None:
    rng, lean = scene.rng, scene.rng.uniform(-0.05, 0.05)
    y, step = 1.0, 0.09 + width / scene.unit * 0.02
    while y > -0.1:
        foot, top = scene.at(x + lean * (1 - y), y), scene.at(x + lean * (1 - y + step), y - step + 0.006)
        marks.line((foot, top), width)
        marks.line(((top[0] - width * 0.7, top[1]), (top[0] + width * 0.7, top[1])), width * 0.35)
        for _ in range(rng.choice((0, 0, 2, 3))):
            reach, fall = rng.choice((-1, 1)) * width * rng.uniform(3, 7), width * rng.uniform(0.5, 4)
            marks.shape(leaf(top, (top[0] + reach, top[1] + fall), width * 0.42))
        y -= step


def wave(scene: Scene, level: float, number: int, colour: Colour) -> None:
    """One band of waves with its crest."""
    rng = scene.rng
    phase, length = rng.uniform(0, 2 * pi), 2.2 - 0.3 * number
    swell = 0.011 + 0.007 * number

    def row(x: float) -> float:
        swing = float(abs(sin(x * pi * length * 1.6 + phase)) ** 0.7)
        return level - swell * swing - 0.006 * sin(x * 21 + phase)

    crest = [scene.at(step / 120, row(step / 120)) for step in range(121)]
    wash(
        scene.image,
        [*crest, scene.at(1, level + 0.2), scene.at(0, level + 0.2)],
        (mix(colour, WHITE, 0.16), colour, colour),
    )
    foam = Marks(scene.image)
    foam.line(crest, scene.unit * (0.2 + 0.12 * number), 0.75)
    for line in range(2):
        drop = scene.unit * (1.3 + 1.1 * line)
        foam.line([(x, y + drop) for x, y in crest], scene.unit * 0.14, 0.3 - 0.1 * line)
    foam.paint(mix(WHITE, scene.palette.sky[-1], 0.3))


def desert(scene: Scene) -> None:
    """Dunes with a bright and a shady side."""
    for number, level in enumerate((0.6, 0.7, 0.83)):
        colour = mix(scene.palette.far, scene.palette.near, number / 2.6)
        outline = ridge(scene, level, 0.09, 0.28)
        wash(
            scene.image,
            outline,
            (mix(colour, scene.palette.sun, 0.45), colour, mix(colour, scene.palette.near, 0.35)),
        )


def meadow(scene: Scene) -> None:
    """Grass and flowers in front."""
    rng = scene.rng
    grass, petals, hearts = Marks(scene.image), Marks(scene.image), Marks(scene.image)
    for _ in range(170):
        x, y = scene.at(rng.random(), rng.uniform(0.9, 1.03))
        lean, tall = rng.uniform(-2.5, 2.5) * scene.unit, scene.unit * rng.uniform(4, 11)
        grass.shape(leaf((x, y), (x + lean, y - tall), scene.unit * 0.3), rng.uniform(0.5, 1))
        if rng.random() < 0.2:
            size = scene.unit * rng.uniform(0.7, 1.3)
            for dx, dy in ((0, -1), (0.95, -0.3), (0.6, 0.8), (-0.6, 0.8), (-0.95, -0.3)):
                petals.dot((x + lean + dx * size, y - tall + dy * size), size * 0.8)
            hearts.dot((x + lean, y - tall), size * 0.55)
    grass.paint(mix(scene.palette.near, scene.palette.sun, 0.12))
    petals.paint(mix(scene.palette.accent, WHITE, 0.25))
    hearts.paint(mix(scene.palette.sun, (240, 190, 60), 0.5))


def paint(scene: Scene) -> None:
    """Sky and land, the land that the prompt names or one that suits."""
    lands = tuple(land for land in scene.motifs.lands if land != "logo")
    if lands[:1] == ("abstract",):
        abstract(scene)
        return
    if lands[:1] == ("space",) or (not lands and scene.motifs.subjects[:1] == ("rocket",)):
        outer_space(scene)
        return
    sun = sky(scene)
    land = lands[0] if lands else _usual(scene)
    if light(scene.palette.sky[-1]) > 0.35 and land in ("mountain", "sea", "hills", "field"):
        birds(scene)
    if land == "sea":
        sea(scene, sun)
    elif land == "city":
        city(scene)
    elif land == "bamboo":
        bamboo(scene)
    elif land == "forest":
        forest(scene)
    elif land == "desert":
        desert(scene)
    elif land == "mountain":
        ranges(scene, 5, 0.58)
    else:
        if "mountain" in lands or scene.rng.random() < 0.5:
            ranges(scene, 2, 0.55, level=0.52)
        hills(scene)
    if {"cup", "bowl", "cake"} & set(scene.motifs.subjects):
        table(scene)
    elif {"boat", "fish"} & set(scene.motifs.subjects) and land != "sea":
        lake(scene, sun)
    elif land in ("hills", "field") and not scene.snowy:
        meadow(scene)


def _usual(scene: Scene) -> str:
    """The land for a prompt that names none."""
    front = scene.motifs.subjects[:1]
    if front in (("boat",), ("fish",), ("lighthouse",)):
        return "sea"
    if front in (("lantern",), ("robot",)):
        return "city"
    return scene.rng.choice(("hills", "hills", "mountain"))
