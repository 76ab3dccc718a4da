"""Animals that sit and look at you: one drawing, many coats."""

from dataclasses import dataclass
from typing import Literal

from adapters.backends.demo.drawing.brush import Colour, Pen, curve, mix, rgb

BLACK, WHITE = rgb("#2a2528"), rgb("#fffaf2")
PINK = rgb("#f08a8f")


@dataclass(frozen=True, slots=True)
class Coat:
    """What makes an animal out of a body."""

    fur: tuple[str, ...]
    belly: str
    ears: Literal["pointed", "long", "round", "hanging", "small"]
    inner: str
    tail: Literal["thin", "bushy", "puff", "curled", "none"]
    face: Literal["plain", "mask", "patches", "snout", "muzzle"] = "plain"
    whiskers: bool = False
    stripes: bool = False


COATS = {
    "cat": Coat(
        ("#e79b4f", "#8b8f9c", "#f3e7d6", "#4a4548"),
        "#fff3e2",
        "pointed",
        "#f3a6a0",
        "thin",
        whiskers=True,
        stripes=True,
    ),
    "fox": Coat(("#d96b2b", "#e07b39"), "#fff3e2", "pointed", "#4a302a", "bushy", "mask"),
    "rabbit": Coat(("#f4ece4", "#cbb8a9", "#b9bcc6"), "#ffffff", "long", "#f5b5b5", "puff", whiskers=True),
    "panda": Coat(("#fbf8f2",), "#ffffff", "round", "#2a2528", "none", "patches"),
    "bear": Coat(("#9a6a45", "#7c5238", "#f1ece2"), "#d9b48c", "round", "#d9b48c", "none", "muzzle"),
    "dog": Coat(("#d9a05b", "#c98945", "#a9744a"), "#fff3e2", "hanging", "#8a5a36", "curled", "muzzle"),
    "pig": Coat(("#f5b7b4",), "#fbd3cf", "small", "#ea8f93", "curled", "snout"),
    "tiger": Coat(("#ee9a3a",), "#fff3e2", "round", "#f6c9a0", "thin", "muzzle", whiskers=True, stripes=True),
    "mouse": Coat(("#b6b1b5", "#d8b98f"), "#fbf2e8", "round", "#f3a6a0", "thin", whiskers=True),
}


def creature(pen: Pen, kind: str, choice: int) -> None:
    """Draw the animal, sitting on the lower edge."""
    coat = COATS[kind]
    fur = rgb(coat.fur[choice % len(coat.fur)])
    dark = rgb("#2a2528") if kind == "panda" else mix(fur, BLACK, 0.3)
    _tail(pen, coat, fur)
    _body(pen, coat, fur, dark)
    _ears(pen, coat, dark if kind == "panda" else fur)
    pen.oval((50, 42), (26, 21), fur)
    _face(pen, coat, fur)
    if coat.stripes:
        _stripes(pen, mix(fur, BLACK, 0.45 if kind == "tiger" else 0.22), full=kind == "tiger")


def _tail(pen: Pen, coat: Coat, fur: Colour) -> None:
    if coat.tail == "thin":
        pen.line(curve([(62, 92), (82, 93), (89, 80), (83, 68), (88, 60)]), 5, mix(fur, BLACK, 0.1))
    elif coat.tail == "bushy":
        pen.shape(
            curve([(58, 94), (80, 98), (95, 82), (92, 58), (82, 50), (79, 66), (70, 80), (58, 94)]),
            mix(fur, BLACK, 0.08),
        )
        pen.shape(curve([(93, 66), (92, 56), (82, 49), (79, 60), (86, 64), (93, 66)]), WHITE)
    elif coat.tail == "puff":
        pen.oval((73, 88), (7, 7), WHITE)
    elif coat.tail == "curled":
        pen.line(curve([(68, 84), (80, 80), (84, 70), (76, 66), (74, 74)]), 5, mix(fur, BLACK, 0.12))


def _body(pen: Pen, coat: Coat, fur: Colour, dark: Colour) -> None:
    pen.shape(
        curve([(33, 97), (29, 82), (35, 62), (50, 56), (65, 62), (71, 82), (67, 97), (50, 99), (33, 97)]), fur
    )
    pen.oval((50, 82), (13, 16), rgb(coat.belly))
    limbs = dark if coat.face == "patches" else mix(fur, WHITE, 0.12)
    for side in (-1, 1):
        if coat.face == "patches":
            pen.oval((50 + side * 17, 74), (6, 13), dark, turn=side * 18)
        pen.oval((50 + side * 11, 95), (8.5, 4.8), limbs)
        for toe in (-3, 0, 3):
            pen.line([(50 + side * 11 + toe, 95), (50 + side * 11 + toe, 97.5)], 0.6, mix(limbs, BLACK, 0.35))


def _ears(pen: Pen, coat: Coat, fur: Colour) -> None:
    inner = rgb(coat.inner)
    for side in (-1, 1):
        x = 50 + side * 17
        if coat.ears == "pointed":
            pen.shape([(x - side * 9, 30), (x + side * 5, 9), (x + side * 9, 38)], fur)
            pen.shape([(x - side * 4, 29), (x + side * 4, 15), (x + side * 6, 34)], inner)
        elif coat.ears == "long":
            pen.oval((50 + side * 11, 15), (6, 18), fur, turn=side * 12)
            pen.oval((50 + side * 11, 16), (3, 13), inner, turn=side * 12)
        elif coat.ears == "round":
            pen.oval((x + side * 3, 24), (9.5, 9.5), fur)
            pen.oval((x + side * 3, 25), (5.2, 5.2), inner)
        elif coat.ears == "hanging":
            pen.oval((x + side * 9, 42), (7, 16), inner, turn=-side * 14)
        else:
            pen.shape([(x - side * 5, 27), (x + side * 7, 17), (x + side * 8, 34)], inner)


def _face(pen: Pen, coat: Coat, fur: Colour) -> None:
    if coat.face == "mask":
        for side in (-1, 1):
            pen.shape(
                curve(
                    [
                        (50, 47),
                        (50 + side * 12, 42),
                        (50 + side * 25, 46),
                        (50 + side * 16, 58),
                        (50, 62),
                        (50, 47),
                    ]
                ),
                WHITE,
            )
    elif coat.face == "muzzle":
        pen.oval((50, 52), (11.5, 8.5), rgb(coat.belly))
    for side in (-1, 1):
        if coat.face == "patches":
            pen.oval((50 + side * 11.5, 42.5), (6.5, 8), BLACK, turn=side * 28)
        pen.oval((50 + side * 17, 51), (4.4, 2.6), mix(fur if coat.face != "mask" else WHITE, PINK, 0.45))
        pen.oval((50 + side * 11, 43), (3.3, 4.2), BLACK)
        pen.oval((50 + side * 11 + 1.1, 41.3), (1.2, 1.5), WHITE)
    if coat.face == "snout":
        pen.oval((50, 51), (8, 6), rgb(coat.inner)).oval((47, 51), (1.3, 2), BLACK).oval(
            (53, 51), (1.3, 2), BLACK
        )
    else:
        pen.shape(
            curve([(46.8, 48.5), (50, 47.6), (53.2, 48.5), (50, 51.6), (46.8, 48.5)]),
            PINK if coat.whiskers else BLACK,
        )
        pen.line(curve([(45, 53.8), (47.6, 55.2), (50, 52), (52.4, 55.2), (55, 53.8)]), 0.9, BLACK)
    if coat.whiskers:
        for side in (-1, 1):
            for drop in (-2.5, 0.5, 3.5):
                pen.line(
                    [(50 + side * 20, 51 + drop * 0.6), (50 + side * 33, 50 + drop * 1.6)],
                    0.5,
                    mix(fur, BLACK, 0.5),
                )


def _stripes(pen: Pen, colour: Colour, *, full: bool) -> None:
    for shift, length in ((-5, 6), (0, 8), (5, 6)):
        pen.line([(50 + shift, 22.5), (50 + shift * 0.8, 22.5 + length)], 2, colour)
    for side in (-1, 1):
        for rise in (70, 76, 82):
            pen.line(
                curve([(50 + side * 20, rise), (50 + side * 16, rise + 1.5), (50 + side * 14, rise)]),
                1.8,
                colour,
            )
        if full:
            for rise in (37, 44):
                pen.line([(50 + side * 25, rise), (50 + side * 20, rise + 1)], 1.8, colour)


def owl(pen: Pen, choice: int) -> None:
    """An owl on the lower edge."""
    fur = rgb(("#8a6243", "#6f6a7d", "#b98a58")[choice % 3])
    pen.shape(
        curve(
            [
                (28, 34),
                (30, 14),
                (42, 22),
                (58, 22),
                (70, 14),
                (72, 34),
                (75, 66),
                (62, 95),
                (38, 95),
                (25, 66),
                (28, 34),
            ]
        ),
        fur,
    )
    pen.oval((50, 72), (17, 22), mix(fur, WHITE, 0.55))
    for row in range(4):
        for column in range(-2 + row // 2, 3 - row // 2):
            pen.line(
                curve(
                    [
                        (46.5 + column * 7, 60 + row * 8),
                        (50 + column * 7, 63 + row * 8),
                        (53.5 + column * 7, 60 + row * 8),
                    ]
                ),
                1.3,
                fur,
            )
    for side in (-1, 1):
        pen.leaf((50 + side * 22, 44), (50 + side * 20, 86), 7, mix(fur, BLACK, 0.25))
        pen.oval((50 + side * 11, 38), (12, 12), mix(fur, WHITE, 0.7))
        pen.oval((50 + side * 11, 38), (8, 8), rgb("#f6c453")).oval((50 + side * 11, 38), (5, 5.4), BLACK)
        pen.oval((50 + side * 11 + 1.8, 36), (1.7, 1.9), WHITE)
        pen.line([(50 + side * 8, 95), (50 + side * 8, 98)], 3, rgb("#e0a13b"))
    pen.shape([(46, 44), (54, 44), (50, 52)], rgb("#e0a13b"))


def bird(pen: Pen, colour: Colour) -> None:
    """A small bird on a branch in blossom."""
    pen.line(curve([(0, 84), (28, 78), (56, 83), (100, 70)]), 2.6, rgb("#4f3b33"))
    pen.line(curve([(60, 82), (72, 68), (84, 60)]), 1.6, rgb("#4f3b33"))
    pen.leaf((30, 64), (6, 82), 4.5, mix(colour, BLACK, 0.45))
    pen.shape(curve([(26, 62), (38, 46), (56, 38), (66, 52), (62, 70), (46, 77), (30, 72), (26, 62)]), colour)
    pen.oval((59, 41), (12, 11.5), colour).oval((55, 64), (12, 10), mix(colour, WHITE, 0.75), turn=-30)
    pen.leaf((54, 54), (20, 70), 7.5, mix(colour, BLACK, 0.3))
    pen.shape([(70, 39), (79, 42.5), (70, 45)], rgb("#e0a13b"))
    pen.oval((63, 39), (2.3, 2.7), BLACK).oval((63.8, 38), (0.8, 0.9), WHITE)
    for x in (46, 53):
        pen.line([(x, 76), (x + 1, 82)], 1.2, rgb("#7a5140"))
    for x, y, size in ((76, 64, 4), (86, 58, 5), (92, 71, 4), (14, 80, 4), (22, 74, 3)):
        _blossom(pen, x, y, size)


def _blossom(pen: Pen, x: float, y: float, size: float) -> None:
    for dx, dy in ((0, -1), (0.95, -0.3), (0.6, 0.8), (-0.6, 0.8), (-0.95, -0.3)):
        pen.oval((x + dx * size * 0.7, y + dy * size * 0.7), (size * 0.55, size * 0.55), rgb("#f7c2cd"))
    pen.oval((x, y), (size * 0.35, size * 0.35), rgb("#d9566f"))


def fish(pen: Pen, choice: int) -> None:
    """A carp that turns, seen from above."""
    body, patch = ((WHITE, rgb("#e4572e")), (rgb("#f4a259"), WHITE), (WHITE, rgb("#2f3b52")))[choice % 3]
    pen.shape(curve([(20, 92), (6, 84), (12, 97), (24, 99), (20, 92)]), mix(patch, WHITE, 0.4))
    for fin in (((38, 52), (16, 46)), ((62, 58), (84, 66)), ((34, 70), (20, 70))):
        pen.leaf(*fin, 5.5, mix(patch, WHITE, 0.5))
    pen.shape(
        curve(
            [
                (20, 92),
                (30, 76),
                (34, 56),
                (44, 34),
                (58, 24),
                (70, 28),
                (70, 44),
                (60, 62),
                (44, 78),
                (20, 92),
            ]
        ),
        body,
    )
    pen.shape(curve([(48, 34), (60, 27), (66, 36), (56, 46), (48, 34)]), patch)
    pen.shape(curve([(40, 58), (50, 52), (54, 62), (42, 68), (40, 58)]), patch)
    for x, y in ((59, 27), (69, 36)):
        pen.oval((x, y), (1.7, 1.7), BLACK)
    pen.line(curve([(68, 26), (76, 20), (80, 22)]), 0.7, body).line(
        curve([(72, 31), (80, 30), (83, 34)]), 0.7, body
    )


def dragon(pen: Pen, choice: int) -> None:
    """A long dragon of the clouds, drawn along its spine from the tail to the head."""
    scale = rgb(("#3f8f6b", "#c8433a", "#d6a13c")[choice % 3])
    belly, mane = mix(scale, WHITE, 0.7), mix(scale, rgb("#f2b84b"), 0.75)
    spine = curve(
        [(4, 60), (14, 84), (34, 88), (46, 66), (58, 46), (78, 52), (84, 70), (70, 80), (58, 70)], 9
    )
    spine = spine[: len(spine) * 5 // 8 + 1] + curve([(80, 55), (88, 40), (80, 24), (62, 20), (44, 26)], 9)
    last = len(spine) - 1
    for share, tone, part in ((1.0, mix(scale, BLACK, 0.35), 1.25), (1.0, scale, 1.0), (0.55, belly, 0.5)):
        for number, (x, y) in enumerate(spine):
            size = (1.2 + 6.3 * min(1.0, number / last * 1.5)) * part
            pen.oval((x, y + (1 - share) * 6), (size, size), tone)
    for number in range(3, last - 3, 3):
        x, y = spine[number]
        pen.leaf((x, y - 2), (x - 2, y - 11), 1.6, mane)
    for x, y, side in ((38, 80, -1), (74, 60, 1)):
        pen.line(curve([(x, y), (x + side * 7, y + 9), (x + side * 13, y + 10)]), 3, scale)
    for angle in ((60, 8), (66, 3), (70, 12)):
        pen.leaf((52, 22), angle, 2.6, mane)
    pen.line(curve([(44, 19), (52, 8), (60, 5)]), 2, WHITE).line(
        curve([(40, 18), (44, 7), (50, 2)]), 2, WHITE
    )
    pen.shape(
        curve([(54, 17), (42, 14), (30, 20), (20, 22), (18, 29), (30, 32), (46, 36), (56, 29), (54, 17)]),
        scale,
    )
    pen.shape(curve([(20, 30), (30, 31), (42, 34), (34, 38), (24, 36), (20, 30)]), belly)
    pen.line(curve([(20, 29.5), (32, 31.5), (44, 31)]), 0.9, mix(scale, BLACK, 0.5)).oval(
        (23, 25), (1.1, 1), BLACK
    )
    pen.oval((40, 23), (4, 4), WHITE).oval((39, 23.4), (2.2, 2.6), BLACK).oval(
        (38.4, 22.4), (0.8, 0.9), WHITE
    )
    for end in ((4, 18), (2, 38)):
        pen.line(curve([(21, 27), (12, 26 + (end[1] - 27) * 0.2), end]), 0.9, mane)
