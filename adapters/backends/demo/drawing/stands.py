"""What stands in front, how large and where."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from adapters.backends.demo.drawing import creatures, food, people, things
from adapters.backends.demo.drawing.brush import Colour, Pen, glow, mix, rgb, shadow
from adapters.backends.demo.drawing.scene import Scene

_BLACK = rgb("#2a2528")
_Draw = Callable[[Pen, Scene], None]


@dataclass(frozen=True, slots=True)
class _Stand:
    """How large a thing is, in hundredths of the shorter side, and where its foot is."""

    draw: _Draw
    size: float
    down: float = 0.955
    floats: bool = False
    glows: bool = False


def _animal(kind: str) -> _Draw:
    return lambda pen, scene: creatures.creature(pen, kind, scene.rng.randrange(4))


_STANDS: dict[str, _Stand] = {
    **{kind: _Stand(_animal(kind), 52) for kind in creatures.COATS},
    "owl": _Stand(lambda pen, scene: creatures.owl(pen, scene.rng.randrange(3)), 48),
    "bird": _Stand(
        lambda pen, scene: creatures.bird(
            pen, mix(scene.palette.accent, rgb("#4f86b3"), scene.rng.choice((0.1, 0.9)))
        ),
        70,
        0.98,
        floats=True,
    ),
    "fish": _Stand(lambda pen, scene: creatures.fish(pen, scene.rng.randrange(3)), 50, 0.97, floats=True),
    "boat": _Stand(things.boat, 40, 0.84, floats=True),
    "house": _Stand(things.house, 44, 0.93, glows=True),
    "lighthouse": _Stand(things.lighthouse, 66, 0.97, floats=True, glows=True),
    "temple": _Stand(things.temple, 58, 0.93, glows=True),
    "flower": _Stand(things.flower, 72, 1.0),
    "tree": _Stand(things.tree, 74, 0.97),
    "cup": _Stand(food.cup, 50, 0.95),
    "bowl": _Stand(food.bowl, 60, 0.96),
    "cake": _Stand(food.cake, 64, 0.96),
    "dragon": _Stand(lambda pen, scene: creatures.dragon(pen, scene.rng.randrange(3)), 84, 0.9, floats=True),
    "rocket": _Stand(things.rocket, 56, 0.82, floats=True, glows=True),
    "lantern": _Stand(things.lanterns, 84, 0.86, floats=True, glows=True),
    "balloon": _Stand(things.balloons, 56, 0.66, floats=True),
    "umbrella": _Stand(things.umbrella, 50, 0.95),
    "robot": _Stand(things.robot, 52),
    "portrait": _Stand(people.portrait, 80, 1.0, floats=True),
    "person": _Stand(people.wanderer, 48),
}


def stand(scene: Scene, subjects: tuple[str, ...]) -> None:
    """Put up to three things in front, the first of them largest."""
    if not subjects:
        return
    rng = random.Random(scene.rng.random())
    side = rng.choice((-1, 1))
    animal = next((name for name in subjects[:2] if name in creatures.COATS), "")
    if animal and "cup" in subjects[:2]:  # in it rather than beside it
        _put(scene, replace(_STANDS[animal], down=0.82, floats=True), 0.5, 0.86)
        _put(scene, replace(_STANDS["cup"], draw=food.cup_in_front), 0.5, 1.3)
        return
    places: tuple[tuple[float, float], ...] = ((0.5 + side * rng.uniform(0, 0.1), 1.0),)
    if len(subjects) > 1:
        places = ((0.5 - side * 0.17, 0.82), (0.5 + side * 0.2, 0.7), (0.5 + side * 0.36, 0.45))
    for name, (x, scale) in reversed(list(zip(subjects[:3], places, strict=False))):
        _put(scene, _STANDS[name], x, scale)


def _put(scene: Scene, what: _Stand, x: float, scale: float) -> None:
    size = what.size * scale * scene.unit
    foot = scene.at(x, what.down)
    air: Colour = scene.palette.sky[-2 if len(scene.palette.sky) > 1 else 0]
    if not what.floats:
        shadow(
            scene.image,
            (foot[0], foot[1] - size * 0.015),
            (size * 0.48, size * 0.1),
            scene.palette.sky[0] if scene.palette.dark else _BLACK,
            0.45,
        )
    if what.glows and scene.palette.dark:
        glow(scene.image, (foot[0], foot[1] - size * 0.45), size * 0.75, rgb("#ffc56b"), 0.4)
    pen = Pen(size)
    what.draw(pen, scene)
    pen.stamp(scene.image, foot, air, 0.24 if scene.palette.dark else 0.04)


#: Words that ask for something more in a picture.
_MORE = re.compile(r"加|添|放|\b(?:add|with|put|place)\b", re.IGNORECASE)


def add(scene: Scene, prompt: str) -> None:
    """Put what is named into the lower corner of a picture, if the words ask for more in it."""
    if scene.motifs.subjects and _MORE.search(prompt):
        _put(scene, _STANDS[scene.motifs.subjects[0]], scene.rng.choice((0.24, 0.76)), 0.7)
