"""Things to stand in front: a boat, a house, flowers and so on, each in 100 × 100 units."""

from math import cos, pi, sin

from adapters.backends.demo.drawing.brush import Pen, curve, mix, rgb
from adapters.backends.demo.drawing.scene import Scene

BLACK, WHITE, WOOD = rgb("#2a2528"), rgb("#fffaf2"), rgb("#7a5140")


def boat(pen: Pen, scene: Scene) -> None:
    """A sailing boat."""
    sail = mix(WHITE, scene.palette.accent, scene.rng.choice((0.0, 0.75)))
    pen.line([(49, 18), (49, 84)], 1.4, WOOD)
    pen.shape(curve([(51, 18), (66, 40), (80, 74), (64, 77), (51, 76), (52, 48), (51, 18)]), sail)
    pen.shape(
        curve([(46.5, 26), (38, 50), (22, 74), (35, 77), (46.5, 76), (46.5, 26)]), mix(sail, BLACK, 0.14)
    )
    pen.shape(
        curve([(14, 82), (34, 84), (62, 84), (88, 80), (80, 94), (60, 98), (36, 98), (22, 94), (14, 82)]),
        WOOD,
    )
    pen.line(curve([(15, 84), (36, 86.5), (62, 86.5), (86, 83)]), 1.6, mix(WOOD, WHITE, 0.6))


def house(pen: Pen, scene: Scene) -> None:
    """A cabin with the lamp on."""
    wall, lamp = mix(WOOD, WHITE, 0.18), rgb("#ffd98a")
    roof = WHITE if scene.snowy else mix(scene.palette.accent, BLACK, 0.25)
    for number, (x, y) in enumerate(((71, 22), (75, 12), (72, 3))):
        pen.oval((x, y), (4 + number * 1.6, 3.2 + number), mix(WHITE, scene.palette.sky[-1], 0.5))
    pen.shape([(66, 26), (74, 26), (74, 48), (66, 48)], mix(WOOD, BLACK, 0.2))
    pen.shape([(20, 56), (80, 56), (80, 98), (20, 98)], wall)
    for row in range(60, 98, 6):
        pen.line([(20, row), (80, row)], 0.5, mix(wall, BLACK, 0.3))
    pen.shape([(8, 62), (50, 24), (92, 62), (85, 64), (50, 34), (15, 64)], mix(roof, BLACK, 0.2))
    pen.shape([(10, 60), (50, 22), (90, 60), (83, 60), (50, 31), (17, 60)], roof)
    pen.shape([(20, 58), (50, 31), (80, 58)], mix(wall, BLACK, 0.12))
    pen.shape([(44, 72), (57, 72), (57, 98), (44, 98)], mix(WOOD, BLACK, 0.35)).oval((54.5, 86), (1, 1), lamp)
    for x in (26, 64):
        pen.shape([(x, 70), (x + 11, 70), (x + 11, 83), (x, 83)], lamp)
        pen.line([(x + 5.5, 70), (x + 5.5, 83)], 0.9, WOOD).line([(x, 76.5), (x + 11, 76.5)], 0.9, WOOD)
    pen.oval((50, 47), (5, 5), lamp)


def lighthouse(pen: Pen, scene: Scene) -> None:
    """A lighthouse on its rock, the lamp lit."""
    rock, red = mix(scene.palette.near, BLACK, 0.25), rgb("#c8433a")
    pen.shape(curve([(14, 100), (24, 88), (40, 83), (60, 84), (76, 88), (88, 100), (14, 100)]), rock)
    for band in range(5):
        top, low = 30 + band * 11.2, 30 + (band + 1) * 11.2
        corners = [(50 - 7 - (top - 30) * 0.09, top), (50 + 7 + (top - 30) * 0.09, top)]
        corners += [(50 + 7 + (low - 30) * 0.09, low), (50 - 7 - (low - 30) * 0.09, low)]
        pen.shape(corners, WHITE if band % 2 else red)
    pen.shape([(39, 27), (61, 27), (61, 30), (39, 30)], BLACK).shape(
        [(44, 17), (56, 17), (56, 27), (44, 27)], rgb("#ffe08a")
    )
    for x in (44, 50, 56):
        pen.line([(x, 17), (x, 27)], 0.8, BLACK)
    pen.shape(curve([(41, 18), (46, 11), (50, 8), (54, 11), (59, 18), (41, 18)]), red).line(
        [(50, 8), (50, 4)], 1, BLACK
    )
    pen.shape([(47, 76), (53, 76), (53, 86), (47, 86)], BLACK)


def temple(pen: Pen, scene: Scene) -> None:
    """A pagoda."""
    red, roof = rgb("#a8322a"), mix(rgb("#2f4a4f"), WHITE, 0.65 if scene.snowy else 0.0)
    pen.line([(50, 2), (50, 20)], 1.6, rgb("#d9a441")).oval((50, 6), (2, 2), rgb("#d9a441"))
    for tier in range(5):
        y, half = 18 + tier * 16, 13 + tier * 4.4
        pen.shape(
            [
                (50 - half * 0.72, y + 5),
                (50 + half * 0.72, y + 5),
                (50 + half * 0.76, y + 18),
                (50 - half * 0.76, y + 18),
            ],
            red,
        )
        for step in (-0.45, 0, 0.45):
            x = 50 + step * half
            pen.shape([(x - 2, y + 9), (x + 2, y + 9), (x + 2, y + 15), (x - 2, y + 15)], rgb("#ffd98a"))
        edge = [
            (50 - half * 1.25, y + 5),
            (50 - half * 0.8, y + 3),
            (50 - half * 0.35, y - 4),
            (50 + half * 0.35, y - 4),
            (50 + half * 0.8, y + 3),
            (50 + half * 1.25, y + 5),
            (50, y + 8.5),
        ]
        pen.shape(edge, roof)
    pen.shape([(22, 96), (78, 96), (82, 100), (18, 100)], mix(rgb("#b9b0a2"), BLACK, 0.1))


def flower(pen: Pen, scene: Scene) -> None:
    """Three large flowers on their stems."""
    rng, green = scene.rng, mix(rgb("#4f8a4c"), scene.palette.near, 0.3)
    base = mix(scene.palette.accent, rgb("#f2788f"), 0.4)
    for x, y, size in ((30, 42, 13), (70, 36, 14), (50, 24, 17)):
        pen.line(curve([(50, 100), (50 + (x - 50) * 0.5, 76), (x, y)]), 1.6, green)
        turn = rng.uniform(0, 1)
        for ring, petals in ((1.0, 12), (0.68, 9)):
            tone = mix(base, WHITE, 0.25 if ring == 1.0 else 0.5)
            for petal in range(petals):
                angle = (petal + turn + ring) * 2 * pi / petals
                tip = (x + cos(angle) * size * ring, y + sin(angle) * size * ring * 0.92)
                pen.leaf((x, y), tip, size * ring * 0.24, mix(tone, base, 0.5 * (petal % 2)))
        pen.oval((x, y), (size * 0.25, size * 0.24), rgb("#f4c95d")).oval(
            (x, y), (size * 0.14, size * 0.13), rgb("#c98a2e")
        )
    for start, end in (((50, 92), (28, 74)), ((50, 88), (74, 72)), ((50, 98), (30, 92))):
        pen.leaf(start, end, 4.2, mix(green, WHITE, 0.12))


def tree(pen: Pen, scene: Scene) -> None:
    """A broad tree with its crown in the colour of the season."""
    rng = scene.rng
    crown = rgb("#5d8f57")
    for mood, code in (("autumn", "#d9682b"), ("spring", "#f2a7b9"), ("snow", "#eef3f6")):
        crown = rgb(code) if mood in scene.motifs.moods else crown
    tips: list[tuple[float, float]] = []

    def branch(x: float, y: float, angle: float, length: float, width: float) -> None:
        ex, ey = x + length * sin(angle), y - length * cos(angle)
        pen.line([(x, y), (ex, ey)], width, rgb("#5a4034"))
        if length < 12:
            tips.append((ex, ey))
        if length < 6:
            return
        for turn in (-rng.uniform(0.3, 0.55), rng.uniform(0.3, 0.55)):
            branch(ex, ey, angle * 0.9 + turn, length * rng.uniform(0.64, 0.74), width * 0.66)

    branch(50, 100, rng.uniform(-0.06, 0.06), 26, 6)
    for shade, spread in ((0.25, 7.0), (0.0, 5.5), (-0.3, 3.4)):
        colour = mix(crown, BLACK if shade > 0 else WHITE, abs(shade))
        for x, y in tips:
            lift = 2.5 * shade - 1.5
            pen.oval(
                (x + rng.uniform(-3, 3), y + lift * 2 + rng.uniform(-3, 3)),
                (spread * rng.uniform(0.5, 0.9), spread * rng.uniform(0.4, 0.75)),
                colour,
            )


def rocket(pen: Pen, scene: Scene) -> None:
    """A rocket on its way."""
    red = scene.palette.accent
    for width, length, code in ((9, 100, "#ff9f43"), (5.5, 94, "#ffe29a")):
        pen.shape(curve([(50 - width, 76), (50, length), (50 + width, 76)]), rgb(code))
    for side in (-1, 1):
        pen.shape(
            curve(
                [
                    (50 + side * 12, 56),
                    (50 + side * 25, 74),
                    (50 + side * 24, 82),
                    (50 + side * 11, 74),
                    (50 + side * 12, 56),
                ]
            ),
            red,
        )
    pen.shape(curve([(50, 4), (60, 18), (65, 42), (60, 78), (40, 78), (35, 42), (40, 18), (50, 4)]), WHITE)
    pen.shape(curve([(50, 4), (56, 11), (60, 20), (40, 20), (44, 11), (50, 4)]), red)
    pen.oval((50, 38), (8, 8), mix(BLACK, WHITE, 0.3)).oval((50, 38), (6, 6), rgb("#7fd1e8")).oval(
        (48, 36), (2, 2), WHITE
    )
    pen.shape([(48, 60), (52, 60), (52, 84), (48, 84)], red)


def lanterns(pen: Pen, scene: Scene) -> None:
    """Three red lanterns on a line."""
    pen.line(curve([(0, 8), (50, 16), (100, 6)]), 0.8, BLACK)
    for x, y, size in ((20, 36, 12), (52, 46, 16), (83, 34, 11)):
        pen.line([(x, 12), (x, y)], 0.6, BLACK)
        pen.oval((x, y + size * 0.3), (size, size * 0.86), rgb("#c8352b"))
        for share in (0.72, 0.36):
            pen.oval(
                (x, y + size * 0.3),
                (size * share, size * 0.86),
                mix(rgb("#c8352b"), rgb("#ffb347"), 0.75 - share),
            )
        for edge in (-0.86, 0.86):
            row = y + size * (0.3 + edge)
            pen.shape(
                [
                    (x - size * 0.42, row - 1.3),
                    (x + size * 0.42, row - 1.3),
                    (x + size * 0.42, row + 1.3),
                    (x - size * 0.42, row + 1.3),
                ],
                rgb("#d9a441"),
            )
        for thread in (-2, 0, 2):
            pen.line([(x + thread, y + size * 1.2), (x + thread * 1.3, y + size * 1.9)], 0.7, rgb("#d9a441"))


def balloons(pen: Pen, scene: Scene) -> None:
    """A hot-air balloon and a smaller one behind."""
    colours = (scene.palette.accent, rgb("#f4d58d"), mix(scene.palette.near, WHITE, 0.35))
    for x, y, size in ((80, 58, 0.42), (42, 40, 1.0)):
        pen.line([(x - 11 * size, y + 22 * size), (x - 5 * size, y + 46 * size)], 0.6, WOOD)
        pen.line([(x + 11 * size, y + 22 * size), (x + 5 * size, y + 46 * size)], 0.6, WOOD)
        outline = curve(
            [
                (x, y - 33 * size),
                (x + 26 * size, y - 20 * size),
                (x + 27 * size, y + 4 * size),
                (x + 9 * size, y + 32 * size),
                (x - 9 * size, y + 32 * size),
                (x - 27 * size, y + 4 * size),
                (x - 26 * size, y - 20 * size),
                (x, y - 33 * size),
            ]
        )
        for number, share in enumerate((1.0, 0.66, 0.3)):
            pen.shape([(x + (px - x) * share, py) for px, py in outline], colours[number])
        pen.shape(
            [
                (x - 6 * size, y + 45 * size),
                (x + 6 * size, y + 45 * size),
                (x + 5 * size, y + 55 * size),
                (x - 5 * size, y + 55 * size),
            ],
            WOOD,
        )


def umbrella(pen: Pen, scene: Scene) -> None:
    """An oil-paper umbrella, open on the ground."""
    red = scene.palette.accent
    pen.line([(50, 40), (63, 97)], 2, WOOD)
    pen.shape(
        curve(
            [(6, 56), (16, 30), (40, 12), (66, 16), (88, 34), (95, 50), (70, 52), (48, 58), (26, 60), (6, 56)]
        ),
        red,
    )
    for end in ((6, 56), (26, 60), (48, 58), (70, 52), (95, 50)):
        pen.line([(46, 13), end], 0.7, mix(red, BLACK, 0.35))
    pen.line(curve([(13, 44), (36, 46), (60, 43), (90, 40)]), 1.2, mix(red, WHITE, 0.7)).oval(
        (46, 12), (2.4, 2.4), WOOD
    )


def robot(pen: Pen, scene: Scene) -> None:
    """A friendly one."""
    steel, lamp = mix(rgb("#b9c6d2"), scene.palette.accent, 0.12), rgb("#7fe7ff")
    pen.line([(50, 20), (50, 8)], 1.4, mix(steel, BLACK, 0.4)).oval((50, 7), (3, 3), scene.palette.accent)
    for side in (-1, 1):
        pen.line(
            curve([(50 + side * 22, 66), (50 + side * 33, 74), (50 + side * 30, 86)]),
            5,
            mix(steel, BLACK, 0.25),
        )
        pen.oval((50 + side * 30, 88), (4.4, 4.4), steel)
        pen.shape(
            [
                (50 + side * 11 - 5, 90),
                (50 + side * 11 + 5, 90),
                (50 + side * 11 + 7, 99),
                (50 + side * 11 - 7, 99),
            ],
            mix(steel, BLACK, 0.3),
        )
        pen.oval((50 + side * 29, 37), (4, 6), mix(steel, BLACK, 0.3))
    pen.shape(
        curve([(28, 62), (50, 59), (72, 62), (74, 78), (70, 93), (50, 95), (30, 93), (26, 78), (28, 62)]),
        steel,
    )
    pen.shape(
        curve([(22, 36), (26, 22), (50, 18), (74, 22), (78, 36), (74, 53), (50, 57), (26, 53), (22, 36)]),
        steel,
    )
    pen.shape(
        curve([(28, 37), (32, 28), (50, 26), (68, 28), (72, 37), (68, 48), (50, 50), (32, 48), (28, 37)]),
        BLACK,
    )
    for side in (-1, 1):
        pen.oval((50 + side * 10, 37), (4.4, 5), lamp).oval((50 + side * 10 + 1.2, 35), (1.3, 1.5), WHITE)
    pen.line(curve([(46, 44), (50, 45.6), (54, 44)]), 1, lamp)
    pen.oval((50, 76), (8, 8), mix(steel, BLACK, 0.2)).oval((50, 76), (5, 5), scene.palette.accent)
