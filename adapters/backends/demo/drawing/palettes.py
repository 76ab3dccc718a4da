"""The colours of a scene, by what its prompt says of light and land."""

import random
from dataclasses import dataclass

from adapters.backends.demo.drawing.brush import Colour, rgb
from adapters.backends.demo.drawing.words import Motifs


@dataclass(frozen=True, slots=True)
class Palette:
    """What everything in one scene is painted with."""

    #: From the top of the sky to the horizon.
    sky: tuple[Colour, ...]
    #: Sun or moon.
    sun: Colour
    #: The land: far away and near by.
    far: Colour
    near: Colour
    #: What catches the eye.
    accent: Colour
    #: The lamps are on and the stars are out.
    dark: bool = False


def _palette(sky: str, sun: str, land: str, accent: str, *, dark: bool = False) -> Palette:
    far, near = land.split()
    return Palette(tuple(rgb(code) for code in sky.split()), rgb(sun), rgb(far), rgb(near), rgb(accent), dark)


PALETTES = {
    "day": _palette("#6faed2 #b4d8e2 #f5ecd8", "#fff6d8", "#94b9b5 #2d6150", "#e07a5f"),
    "sunset": _palette("#352f5b #a84d78 #f08f5a #fcd98c", "#fff1bd", "#a7617f #2b1b3e", "#ffd166"),
    "dawn": _palette("#5a7ca6 #c5a3b8 #f7ccb0 #fdefd5", "#fffaea", "#ab9fb9 #3c4768", "#f28482"),
    "night": _palette("#0a0f24 #182850 #364b80 #7480ab", "#fcf5d9", "#3a4c80 #0c1430", "#f4d58d", dark=True),
    "snow": _palette("#94adc3 #c4d3de #eff2f2", "#fffdf6", "#bccbd6 #6b8496", "#c8553d"),
    "autumn": _palette("#e3b778 #f2d7a6 #faf0d9", "#e4572e", "#cf9a63 #743f27", "#c8352b"),
    "spring": _palette("#b3d4df #dfe6e4 #fce6e6", "#fff7ef", "#afcab9 #4f7f65", "#ef8fa5"),
    "ink": _palette("#e9e1d0 #f1ebdd #f8f4ea", "#c63d2f", "#c3c1b7 #2f3234", "#c63d2f"),
    "sea": _palette("#4fa3c7 #a2d3da #f8eed4", "#fff8dd", "#6aa5b0 #12506a", "#f4a259"),
    "cyber": _palette("#0d0221 #350d59 #9c1a5c #ff7a66", "#ffd7e6", "#5a2a9a #0c0018", "#22e0ff", dark=True),
    "space": _palette("#04030d #100a28 #241349 #3f2469", "#ffe8c7", "#4b2f7d #0b0720", "#ffb86b", dark=True),
    "rain": _palette("#66747e #97a3a8 #c6cbc8", "#e6e8e2", "#98a3a6 #364149", "#d1495b"),
    "desert": _palette("#5f9fc4 #f0d6a4 #fae9c6", "#fffbe8", "#e5b27a #a85e3c", "#7a2e1d"),
    "forest": _palette("#9cc3b4 #cfe0c8 #f4f1d8", "#fffbe0", "#9cbfa2 #1f4a3a", "#e9a23b"),
}
_BY_WORD = {
    "cyber": "cyber",
    "night": "night",
    "sunset": "sunset",
    "dawn": "dawn",
    "autumn": "autumn",
    "spring": "spring",
    "rain": "rain",
    "fog": "ink",
    "snow": "snow",
    "space": "space",
    "desert": "desert",
    "sea": "sea",
    "forest": "forest",
    "bamboo": "forest",
}
_USUAL = ("day", "sunset", "dawn", "spring", "autumn", "sea")


def palette_for(motifs: Motifs, rng: random.Random) -> Palette:
    """By the first word that says anything, the stronger ones first; else by chance."""
    said = {*motifs.moods, *motifs.lands}
    for word, name in _BY_WORD.items():
        if word in said:
            return PALETTES[name]
    if motifs.lands[:1] == ("mountain",):
        return PALETTES[rng.choice(("ink", "dawn", "day", "sunset"))]
    if motifs.lands[:1] == ("city",):
        return PALETTES[rng.choice(("night", "sunset", "dawn"))]
    return PALETTES[rng.choice(_USUAL)]
