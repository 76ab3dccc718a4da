"""People, each in 100 × 100 units."""

from adapters.backends.demo.drawing.brush import Colour, Pen, curve, mix, rgb
from adapters.backends.demo.drawing.scene import Scene

BLACK, WHITE, WOOD = rgb("#2a2528"), rgb("#fffaf2"), rgb("#7a5140")


def wanderer(pen: Pen, scene: Scene) -> None:
    """Somebody in a cloak who looks into the distance."""
    cloak = mix(scene.palette.accent, BLACK, scene.rng.choice((0.12, 0.45)))
    pen.line([(70, 30), (66, 99)], 1.5, WOOD)
    pen.shape(curve([(43, 42), (34, 62), (29, 97), (50, 99), (70, 97), (65, 62), (57, 42), (43, 42)]), cloak)
    pen.shape(curve([(57, 42), (68, 56), (69, 64), (61, 66), (57, 42)]), mix(cloak, BLACK, 0.2))
    for x in (42, 50, 57):
        pen.line(curve([(50, 48), (x, 70), (x + (x - 50) * 0.4, 95)]), 0.7, mix(cloak, BLACK, 0.3))
    pen.line(curve([(57, 44), (78, 47), (88, 41), (95, 45)]), 3.4, mix(scene.palette.accent, WHITE, 0.35))
    pen.oval((50, 33), (7.5, 8.5), rgb("#3a2f2c")).oval(
        (50, 43), (8.5, 3.6), mix(scene.palette.accent, WHITE, 0.3)
    )
    pen.shape(curve([(30, 33), (42, 25), (50, 17), (58, 25), (70, 33), (50, 36.5), (30, 33)]), rgb("#c9a468"))
    for x in (40, 50, 60):
        pen.line([(50, 18), (x, 34)], 0.5, rgb("#96753f"))


def portrait(pen: Pen, scene: Scene) -> None:
    """Somebody from the shoulders up, eyes closed, a flower behind the ear."""
    rng = scene.rng
    skin = rgb(rng.choice(("#f2cfb0", "#dca77f", "#a56f4a")))
    hair: Colour = rgb(rng.choice(("#2f2a30", "#5a3a2c", "#8a4b2f")))
    cloth = mix(scene.palette.accent, BLACK, rng.choice((0.1, 0.4)))
    pen.shape(curve([(30, 40), (24, 66), (30, 88), (70, 88), (76, 66), (70, 40), (50, 14), (30, 40)]), hair)
    pen.shape(curve([(42, 60), (42, 78), (34, 86), (66, 86), (58, 78), (58, 60)]), mix(skin, BLACK, 0.14))
    pen.shape(curve([(2, 102), (12, 88), (36, 80), (50, 90), (64, 80), (88, 88), (98, 102), (2, 102)]), cloth)
    pen.line(curve([(36, 80), (50, 91), (64, 80)]), 2.2, mix(cloth, WHITE, 0.6))
    pen.shape(
        curve([(33, 38), (34, 56), (42, 68), (50, 71), (58, 68), (66, 56), (67, 38), (50, 26), (33, 38)]),
        skin,
    )
    pen.shape(
        curve([(32, 46), (35, 34), (50, 30), (60, 24), (67, 34), (68, 46), (72, 30), (50, 12), (28, 30)]),
        hair,
    )
    for side in (-1, 1):
        x = 50 + side * 9
        pen.line(curve([(x - 4.5, 48), (x, 50), (x + 4.5, 48)]), 1.1, BLACK)
        pen.line(curve([(x - 5, 42.5), (x, 40.5), (x + 5, 42.5)]), 1, mix(hair, BLACK, 0.2))
        pen.oval((50 + side * 11, 56), (4.2, 2.8), mix(skin, rgb("#e2574c"), 0.35))
    pen.line(curve([(50, 47), (48.6, 54.5), (51.4, 55)]), 0.9, mix(skin, BLACK, 0.35))
    pen.line(curve([(46.5, 61.5), (50, 63), (53.5, 61.5)]), 1.5, rgb("#b5473f"))
    for dx, dy in ((0, -4), (3.8, -1.2), (2.4, 3.2), (-2.4, 3.2), (-3.8, -1.2)):
        pen.oval((70 + dx, 38 + dy), (3, 3), mix(scene.palette.accent, WHITE, 0.35))
    pen.oval((70, 38), (2, 2), rgb("#f4c95d"))
