"""What stands on a table and tastes good, each in 100 × 100 units."""

from math import cos, pi, sin

from adapters.backends.demo.drawing.brush import Colour, Pen, curve, mix, rgb
from adapters.backends.demo.drawing.scene import Scene

BLACK, WHITE = rgb("#2a2528"), rgb("#fffaf2")


def _steam(pen: Pen, scene: Scene, foot: float) -> None:
    """Three wisps that rise from here and grow thin."""
    colour = mix(WHITE, scene.palette.sky[-1], 0.25)
    for x, sway, rise in ((41, 4, 26), (51, -4, 34), (60, 4, 24)):
        up = [(x, foot), (x + sway, foot - rise * 0.4), (x - sway, foot - rise * 0.7), (x + 1, foot - rise)]
        down = [(px + 2.6 * (foot - py) * (rise - foot + py) / rise**2 * 2, py) for px, py in up[::-1]]
        pen.shape(curve(up) + curve(down), colour)


def cup(pen: Pen, scene: Scene) -> None:
    """A steaming cup on a saucer."""
    glaze = mix(WHITE, scene.palette.accent, scene.rng.choice((0.0, 0.35, 0.6)))
    _steam(pen, scene, 46)
    _vessel(pen, glaze)
    pen.oval((50, 52), (28, 6.5), mix(glaze, BLACK, 0.12)).oval((50, 52.8), (25.5, 5.2), rgb("#6b3f26"))
    pen.oval((46, 52), (10, 1.8), rgb("#9a6440"))


def cup_in_front(pen: Pen, scene: Scene) -> None:
    """The lower part of a cup alone: somebody sits in it."""
    glaze = mix(WHITE, scene.palette.accent, scene.rng.choice((0.1, 0.35)))
    _vessel(pen, glaze)
    pen.shape(
        curve([(22, 52), (30, 57), (50, 59), (70, 57), (78, 52), (76, 55), (50, 63), (24, 55), (22, 52)]),
        mix(glaze, WHITE, 0.6),
    )


def _vessel(pen: Pen, glaze: Colour) -> None:
    pen.oval((50, 91), (40, 7), mix(glaze, BLACK, 0.18)).oval((50, 89.5), (38, 6), glaze)
    pen.line(curve([(74, 58), (90, 58), (88, 74), (70, 78)]), 4.5, glaze)
    pen.shape(curve([(22, 52), (25, 74), (36, 89), (64, 89), (75, 74), (78, 52), (50, 58), (22, 52)]), glaze)
    pen.line(curve([(30, 64), (32, 73), (38, 81)]), 2, mix(glaze, WHITE, 0.7))


def bowl(pen: Pen, scene: Scene) -> None:
    """Noodles with an egg, spring onions and chopsticks."""
    glaze: Colour = scene.rng.choice((rgb("#b23a2e"), rgb("#2f4f6f"), rgb("#37474a")))
    _steam(pen, scene, 40)
    pen.oval((50, 46), (40, 9.5), mix(glaze, WHITE, 0.8)).oval((50, 46.4), (37, 7.8), rgb("#d98e3f"))
    for turn in range(5):
        x = 26 + turn * 7
        pen.line(curve([(x, 45), (x + 6, 41), (x + 14, 46), (x + 20, 43)]), 1.4, rgb("#f6dc9c"))
    pen.oval((37, 44), (9, 5), WHITE).oval((37, 44.2), (4.6, 2.7), rgb("#f2a33a"))
    for x, y in ((52, 41), (58, 47), (47, 49), (64, 43), (55, 50)):
        pen.oval((x, y), (1.7, 1.1), rgb("#5d9450"))
    for end in ((95, 22), (99, 28)):
        pen.line([(62, 47), end], 1.5, rgb("#7a4a30"))
    pen.shape(
        curve([(10, 47), (16, 70), (32, 89), (68, 89), (84, 70), (90, 47), (50, 56.5), (10, 47)]), glaze
    )
    pen.shape([(33, 88), (67, 88), (64, 96), (36, 96)], mix(glaze, BLACK, 0.3))
    pen.line(curve([(15, 58), (50, 67.5), (85, 58)]), 1.6, mix(glaze, WHITE, 0.75))
    pen.line(curve([(21, 66), (26, 76), (34, 84)]), 1.8, mix(glaze, WHITE, 0.35))


def cake(pen: Pen, scene: Scene) -> None:
    """Two tiers with icing, berries and lit candles."""
    cream, rose = rgb("#fff1e0"), mix(scene.palette.accent, rgb("#f3a0ad"), 0.6)
    pen.oval((50, 93), (44, 6), mix(cream, BLACK, 0.14)).oval((50, 91.5), (42, 5), WHITE)
    for left, right, top, low in ((16, 84, 62, 90), (28, 72, 38, 62)):
        middle, half = (left + right) / 2, (right - left) / 2
        pen.oval((middle, low), (half, 5), rose).shape(
            [(left, top), (right, top), (right, low), (left, low)], rose
        )
        pen.oval((middle, top), (half, 5.5), cream)
        for drip in range(7):
            x = left + half * 2 * (drip + 0.5) / 7
            pen.line([(x, top), (x, top + 5 + 3 * (drip * 5 % 3))], half * 0.27, cream)
        for berry in range(6):
            angle = pi * (0.12 + 0.15 * berry)
            place = (middle - cos(angle) * half * 0.86, top + sin(angle) * 4)
            pen.oval(place, (2.6, 2.6), rgb("#c8352b"))
    for x in (40, 50, 60):
        pen.line([(x, 37), (x, 23)], 1.8, mix(scene.palette.near, WHITE, 0.55))
        pen.leaf((x, 22.5), (x + 0.6, 12), 2, rgb("#ffb347")).leaf((x, 22), (x + 0.3, 16), 1, rgb("#fff1bd"))
