"""Which model draws it: named → preferred → recommended → default. Pure.

Only among what is on offer and able to do what was asked; what cannot be done is said, with what can,
before anything is spent. What a person asked for is a `Wish`; where models come from is in `offers`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.catalog import Catalog
from bot.job import Request
from bot.message import Price
from bot.ports import Offer

#: Who draws when nobody has said anything: the first of these on offer, else the catalogue's first.
DEFAULTS = ("doubao-seedream-4.5", "jimeng-4.5")
#: What a bare "jimeng" means: the newest on offer of this family.
FAMILIES = {"jimeng": "jimeng-"}
#: How many ways out are shown at most.
WAYS = 2
#: No model draws a picture whose longer side is more than so many times the shorter one.
LONGEST_SHAPE = 3
#: Sizes from small to large.
SIZES = ("512px", "1K", "2K", "4K")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for."""

    #: Ratio, size and count as far as they are among what is common.
    request: Request
    #: Named for this time.
    model: str = ""
    preferred: str = ""
    #: "cheapest", "best", "artistic" or "".
    budget: str = ""
    #: Asked for and not among what is common: "7:3", "8K".
    ratio_asked: str = ""
    size_asked: str = ""
    #: What it is good to be good at, most telling first ("poster", "photo", …).
    suits: tuple[str, ...] = ()
    #: What the person was told it costs: what has become dearer since is asked first.
    told: Price | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """Something that can be done."""

    offer: Offer
    request: Request

    @property
    def price(self) -> Price | None:
        """What it costs."""
        return self.offer.price(self.request.size)


@dataclass(frozen=True, slots=True)
class Choice:
    """A model for a request."""

    way: Way
    why: str
    #: What would have suited better than a preference, and why: a model and a key of `texts`.
    hint_model: str = ""
    hint: str = ""
    #: The person's preference, if it is off offer.
    missed: str = ""
    #: Options that the model does not know.
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cannot:
    """It cannot be done as asked: a key of `texts` under "cannot", its values, and ways out."""

    key: str
    model: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    ways: tuple[Way, ...] = ()


def choose(wish: Wish, offers: Sequence[Offer], catalog: Catalog) -> Choice | Cannot:
    """The model for a wish, or why there is none."""
    able = [offer for offer in offers if offer.task == wish.request.task]
    if not able:
        return _nobody(wish, offers, catalog)
    wish, odd = _usual(wish, able)
    chosen = _at_its_price(_choose(wish, able, offers, catalog), wish, able, catalog)
    if odd is None:
        return chosen
    ways = (chosen.way,) if isinstance(chosen, Choice) else chosen.ways
    if ways:
        ways += alternatives(ways[0].offer.model, ways[0].request, able, catalog)
    return replace(odd, ways=ways[:WAYS])


def _at_its_price(
    chosen: Choice | Cannot, wish: Wish, able: Sequence[Offer], catalog: Catalog
) -> Choice | Cannot:
    """What was chosen, or a question where it has become dearer than the person was told."""
    if isinstance(chosen, Cannot) or not (now := chosen.way.price) or not now.exceeds(wish.told):
        return chosen
    model = chosen.way.offer.model
    ways = (chosen.way, *alternatives(model, chosen.way.request, able, catalog))
    return Cannot("dearer", model, {"told": wish.told, "now": now}, ways[:WAYS])


def _nobody(wish: Wish, offers: Sequence[Offer], catalog: Catalog) -> Cannot:
    """Nobody does this kind of work. A picture may do where a film was asked for."""
    if not wish.request.task.endswith("video"):
        return Cannot("nothing")
    inputs = wish.request.attachments or wish.request.inputs
    still = replace(wish.request, task="image_to_image" if inputs else "text_to_image", duration=0)
    return Cannot("video", ways=alternatives("", still, offers, catalog))


def _usual(wish: Wish, able: Sequence[Offer]) -> tuple[Wish, Cannot | None]:
    """The wish with an odd ratio or size replaced by the closest on offer, and what is to be said of it."""
    request, odd = wish.request, None
    ratios = list(dict.fromkeys(ratio for offer in able if len(offer.ratios) > 1 for ratio in offer.ratios))
    if wish.ratio_asked and ratios:
        close = nearest(wish.ratio_asked, ratios)
        request = replace(request, ratio=close)
        if close != wish.ratio_asked:
            odd = Cannot("ratio_odd", values={"ratio": wish.ratio_asked, "nearest": close})
    sizes = {size for offer in able for size in offer.sizes}
    if wish.size_asked and sizes:
        best = wish.size_asked if wish.size_asked in sizes else max(sizes, key=_size_rank)
        request = replace(request, size=best)
        if best != wish.size_asked:
            odd = Cannot("size_max", values={"size": wish.size_asked, "best": best})
    return replace(wish, request=request), odd


def _choose(wish: Wish, able: Sequence[Offer], offers: Sequence[Offer], catalog: Catalog) -> Choice | Cannot:
    named = _resolve(wish.model, able, catalog)
    if wish.model and named is None:
        return _gone(wish, able, offers, catalog)
    if named is not None:
        return _take(named, "named", wish, able, catalog)
    preferred = _resolve(wish.preferred, able, catalog) if not wish.budget else None
    recommended, why = recommend(wish, able, catalog)
    if preferred is None:
        taken = _take(recommended, why or "default", wish, able, catalog)
        missed = wish.preferred if wish.preferred and not wish.budget else ""
        return replace(taken, missed=missed) if isinstance(taken, Choice) else taken
    taken = _take(preferred, "preferred", wish, able, catalog)
    if isinstance(taken, Choice) and why and recommended.model != preferred.model:
        return replace(taken, hint_model=recommended.model, hint=why)
    return taken


def recommend(wish: Wish, able: Sequence[Offer], catalog: Catalog) -> tuple[Offer, str]:
    """The model that suits a wish, and why as a key of `texts` under "hint"; "" where it is the default."""
    fitting = [offer for offer in able if _obstacle(wish, offer) is None] or list(able)
    ranked = sorted(fitting, key=_rank(catalog))
    usual = next((offer for model in DEFAULTS for offer in ranked if offer.model == model), ranked[0])
    if wish.budget == "cheapest":
        return _cheapest(fitting, wish, usual), "cheap"
    wanted = ("art", *wish.suits) if wish.budget == "artistic" else wish.suits
    if wish.budget == "best":
        wanted = ("best",)
    for tag in wanted:
        for offer in ranked:
            model = catalog.get(offer.model)
            if model and tag in model.good_at:
                return offer, tag
    return usual, ""


def alternatives(model: str, request: Request, offers: Sequence[Offer], catalog: Catalog) -> tuple[Way, ...]:
    """What to try instead of a model that has failed: the catalogue's two, filled up from the offers."""
    able = {offer.model: offer for offer in offers if offer.task == request.task and offer.model != model}
    known = catalog.get(model)
    first = known.alternatives if known and known.alternatives else tuple(DEFAULTS)
    rest = sorted(able.values(), key=_rank(catalog))
    order = dict.fromkeys([*(one for one in first if one in able), *(offer.model for offer in rest)])
    wish = Wish(request)
    ways = [
        Way(able[one], _within(able[one], request)) for one in order if _obstacle(wish, able[one]) is None
    ]
    return tuple(ways[:WAYS])


def nearest(ratio: str, ratios: Sequence[str]) -> str:
    """The ratio among `ratios` whose shape is closest to `ratio`."""
    return min(ratios, key=lambda one: abs(_shape(one) - _shape(ratio)) / max(_shape(one), _shape(ratio)))


def _shape(ratio: str) -> float:
    width, height = ratio.split(":")
    return float(width) / float(height) if float(height) else 1e9


def _rank(catalog: Catalog) -> Callable[[Offer], int]:
    order = {model.id: place for place, model in enumerate(catalog)}
    return lambda offer: order.get(offer.model, len(order))


def _resolve(model: str, able: Sequence[Offer], catalog: Catalog) -> Offer | None:
    """The offer of a model; of a family, its newest."""
    if prefix := FAMILIES.get(model):
        family = [offer for offer in able if offer.model.startswith(prefix)]
        return min(family, key=_rank(catalog), default=None)
    return next((offer for offer in able if offer.model == model), None)


def _gone(wish: Wish, able: Sequence[Offer], offers: Sequence[Offer], catalog: Catalog) -> Cannot:
    ways = alternatives(wish.model, wish.request, able, catalog)
    elsewhere = any(offer.model == wish.model for offer in offers)
    edits = wish.request.task == "image_to_image" and elsewhere
    return Cannot("edit" if edits else "model_gone", wish.model, ways=ways)


def _take(offer: Offer, why: str, wish: Wish, able: Sequence[Offer], catalog: Catalog) -> Choice | Cannot:
    obstacle = _obstacle(wish, offer)
    if obstacle is None:
        dropped = tuple(what for what in _options(wish.request) if what not in offer.options)
        return Choice(Way(offer, _within(offer, wish.request)), why, dropped=dropped)
    key, values, _ = obstacle
    request = _possible(wish.request, offer)
    ways = [Way(offer, request)] if request is not None else []
    ways += alternatives(offer.model, request or replace(wish.request, pixels=None), able, catalog)
    return Cannot(key, offer.model, values, tuple(ways[:WAYS]))


def _possible(request: Request, offer: Offer) -> Request | None:
    """The request as close as an offer can do it, or None where nothing close will do."""
    while (obstacle := _obstacle(Wish(request), offer)) is not None:
        if obstacle[2] is None or obstacle[2] == request:
            return None
        request = obstacle[2]
    return _within(offer, request)


def _obstacle(wish: Wish, offer: Offer) -> tuple[str, dict[str, Any], Request | None] | None:
    """Why an offer cannot do a wish: a key, its values, and the same request as it could do it."""
    request = wish.request
    inputs = len(request.attachments) + len(request.inputs)
    if inputs > offer.max_inputs:
        return "inputs", {"n": offer.max_inputs}, None
    if (
        request.ratio
        and request.ratio not in offer.ratios
        and not (request.ratio == "1:1" and not offer.ratios)
    ):
        return "ratio", {"ratio": request.ratio}, None
    if request.size and request.size not in offer.sizes:
        possible = replace(request, size=offer.sizes[-1]) if offer.sizes else None
        sizes = ", ".join(offer.sizes) or "—"
        return "size", {"size": request.size, "sizes": sizes}, possible
    if request.pixels and not request.ratio and not _fits(request.pixels, offer):
        width, height = request.pixels
        return "pixels", {"width": width, "height": height}, _closest_pixels(request, offer)
    if request.count > max(offer.max_count, offer.per_order):
        most = max(offer.max_count, offer.per_order)
        return "count", {"n": most}, replace(request, count=most)
    return None


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


def _within(offer: Offer, request: Request) -> Request:
    """The request without what the offer cannot choose: exact sizes it would refuse, options it lacks."""
    changes: dict[str, Any] = {name: empty for name, empty in _EMPTY.items() if name not in offer.options}
    if request.pixels and not _fits(request.pixels, offer):
        changes["pixels"] = None
    if request.ratio and not offer.ratios:
        changes["ratio"] = ""
    return replace(request, **changes)


_EMPTY: dict[str, Any] = {"negative": "", "strength": None, "watermark": None, "auto_ratio": False}


def _options(request: Request) -> tuple[str, ...]:
    return tuple(name for name, empty in _EMPTY.items() if getattr(request, name) != empty)


def _size_rank(size: str) -> int:
    return SIZES.index(size) if size in SIZES else -1


def _cheapest(offers: Sequence[Offer], wish: Wish, usual: Offer) -> Offer:
    """The cheapest in the unit of the usual one: prices compare within one unit only."""
    price = usual.price(wish.request.size)
    if price is None:
        return usual
    priced = [(offer.price(wish.request.size), offer) for offer in offers]
    same = [(cost.amount, offer) for cost, offer in priced if cost and cost.unit == price.unit]
    return min(same, key=lambda pair: pair[0])[1]
