"""What an offer can do: whether a wish fits it, how close it can come, and who else could. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.catalog import Catalog
from bot.choose.wish import Way
from bot.job import Request
from bot.ports import Offer

#: Who draws when nobody has said anything: the first of these on offer, else the catalogue's first.
DEFAULTS = ("doubao-seedream-4.5", "jimeng-4.5")
#: How many ways out are shown at most.
WAYS = 2
#: No model draws a picture whose longer side is more than so many times the shorter one.
LONGEST_SHAPE = 3
#: Sizes from small to large.
SIZES = ("480p", "512px", "720p", "1K", "2K", "4K")


def alternatives(
    model: str, request: Request, offers: Sequence[Offer], catalog: Catalog, most: int = WAYS
) -> tuple[Way, ...]:
    """What to try instead of a model that has failed: the catalogue's two, filled up from the offers."""
    able = {offer.model: offer for offer in offers if offer.task == request.task and offer.model != model}
    known = catalog.get(model)
    first = known.alternatives if known and known.alternatives else DEFAULTS
    rest = sorted(able.values(), key=rank(catalog))
    order = dict.fromkeys([*(one for one in first if one in able), *(offer.model for offer in rest)])
    ways = [Way(able[one], within(able[one], request)) for one in order if not obstacle(request, able[one])]
    return tuple(ways[:most])


def nearest(ratio: str, ratios: Sequence[str]) -> str:
    """The ratio among `ratios` whose shape is closest to `ratio`."""
    return min(ratios, key=lambda one: abs(_shape(one) - _shape(ratio)) / max(_shape(one), _shape(ratio)))


def _shape(ratio: str) -> float:
    width, height = ratio.split(":")
    return float(width) / float(height) if float(height) else 1e9


def rank(catalog: Catalog) -> Callable[[Offer], int]:
    """A key to sort offers as the catalogue has their models; those it does not know come last."""
    order = {model.id: place for place, model in enumerate(catalog)}
    return lambda offer: order.get(offer.model, len(order))


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an offer cannot do a request: a key of `texts` under "cannot", and its values."""

    key: str
    values: dict[str, Any]
    #: The same request without the obstacle; None where there is nothing like it.
    instead: Request | None = None


def possible(request: Request, offer: Offer) -> Request | None:
    """The request as close as an offer can do it, or None where nothing close will do."""
    while (found := obstacle(request, offer)) is not None:
        if found.instead is None:
            return None
        request = found.instead
    return within(offer, request)


def obstacle(request: Request, offer: Offer) -> Obstacle | None:
    """The first thing that an offer cannot do."""
    if len(request.attachments) + len(request.inputs) > offer.max_inputs:
        return Obstacle("inputs", {"n": offer.max_inputs})
    if request.ratio and request.ratio not in (offer.ratios or ("1:1",)):
        return Obstacle("ratio", {"ratio": request.ratio})
    if request.size and request.size not in offer.sizes:
        instead = replace(request, size=_closest_size(request.size, offer.sizes)) if offer.sizes else None
        values = {"size": request.size, "sizes": tuple(sorted(offer.sizes, key=size_rank)) or ("—",)}
        return Obstacle("size", values, instead)
    if request.pixels and not request.ratio and not _fits(request.pixels, offer):
        width, height = request.pixels
        return Obstacle("pixels", {"width": width, "height": height}, _closest_pixels(request, offer))
    if request.count > (most := max(offer.max_count, offer.per_order)):
        return Obstacle("count", {"n": most}, replace(request, count=most))
    return None


def size_rank(size: str) -> int:
    """A key to sort sizes from small to large."""
    return SIZES.index(size) if size in SIZES else -1


def _closest_size(size: str, sizes: Sequence[str]) -> str:
    return min(sizes, key=lambda one: (abs(size_rank(one) - size_rank(size)), -size_rank(one)))


def _fits(pixels: tuple[int, int], offer: Offer) -> bool:
    width, height = pixels
    if offer.pixels is None or max(width, height) > LONGEST_SHAPE * min(width, height):
        return False
    return offer.pixels[0] <= width * height <= offer.pixels[1]


def _closest_pixels(request: Request, offer: Offer) -> Request | None:
    if not request.pixels or not offer.ratios:
        return None
    width, height = request.pixels
    return replace(request, pixels=None, ratio=nearest(f"{width}:{height}", offer.ratios))


def within(offer: Offer, request: Request) -> Request:
    """The request without what the offer cannot choose: exact sizes it would refuse, options it lacks."""
    changes: dict[str, Any] = {name: empty for name, empty in _EMPTY.items() if name not in offer.options}
    if request.pixels and not _fits(request.pixels, offer):
        changes["pixels"] = None
    if request.ratio and not offer.ratios:
        changes["ratio"] = ""
    return replace(request, **changes)


_EMPTY: dict[str, Any] = {"negative": "", "strength": None, "watermark": None, "auto_ratio": False}


def options(request: Request) -> tuple[str, ...]:
    """The options that a request makes use of."""
    return tuple(name for name, empty in _EMPTY.items() if getattr(request, name) != empty)
