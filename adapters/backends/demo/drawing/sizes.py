"""How many pixels a picture gets."""

from math import sqrt

from adapters.backends.demo.drawing.words import motifs
from bot.job import Request

#: The side of a square picture of each tier; of the last two it is the shorter side of any picture.
_TIERS = {"512px": 512, "1K": 1024, "2K": 2048, "4K": 4096}
_SHORT_SIDES = {"480p": 480, "720p": 720}
#: What is drawn where no size is asked for.
_USUAL = 1024


def pixel_size(request: Request) -> tuple[int, int]:
    """Width and height: as named, else by ratio and tier, else by the picture sent, else square."""
    if request.pixels:
        return request.pixels
    ratio = _ratio(request)
    if short := _SHORT_SIDES.get(request.size):
        return (_even(short * max(1.0, ratio)), _even(short * max(1.0, 1 / ratio)))
    side = _TIERS.get(request.size, _USUAL)
    return (_even(side * sqrt(ratio)), _even(side / sqrt(ratio)))


def _ratio(request: Request) -> float:
    width, _, height = request.ratio.partition(":")
    if width.isdigit() and height.isdigit() and int(width) and int(height):
        return int(width) / int(height)
    first = request.inputs[0] if request.inputs else None
    if first and first.width and first.height:
        return min(3.0, max(1 / 3, first.width / first.height))
    if request.auto_ratio:
        return 16 / 9 if motifs(request.prompt).wide else 3 / 4
    return 1.0


def _even(side: float) -> int:
    return max(64, round(side / 8) * 8)
