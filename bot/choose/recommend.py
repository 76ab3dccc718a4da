"""Who is good at what is drawn, and when that is reason enough to let them draw it. Pure.

Recommended is who is good at what is drawn (`Wish.suits`, `good_at` in `models.toml`). It must not surprise
with its price:

- "a cat" is nothing in particular, so the default draws it; and wherever the default is good at the thing
  itself, it stays with the default.
- Somebody else draws unasked only for at most twice what the default costs (a logo, an illustration), and
  for thrift only where it is really no dearer. What is dearer than that is a hint, with its price.
- Words that ask for it ("the best", "artistic", "the cheapest") are a choice, whatever it costs.
- A preference is always kept; who would have suited better is a hint, with its price.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.catalog import Catalog
from bot.choose.possible import DEFAULTS, obstacle, rank
from bot.choose.wish import Wish
from bot.job import Request
from bot.message import Price
from bot.ports import Offer

#: Who draws unasked costs at most so many times what the default costs.
DEAREST = 2.0
#: Strengths that are about the price.
THRIFT = frozenset({"thumbnail", "cheap"})
#: What is asked for by a budget word, at any price.
ASKED = {"best": "best", "artistic": "art"}


@dataclass(frozen=True, slots=True)
class Advice:
    """Who would draw a wish best, for what strength ("": nothing in particular), and who usually draws."""

    offer: Offer
    strength: str
    usual: Offer
    request: Request
    #: Whether it is taken where nobody has a preference.
    is_taken: bool = True


def recommend(wish: Wish, able: Sequence[Offer], catalog: Catalog) -> Advice:
    """Who suits a wish, among those that can do it."""
    request = wish.request
    fitting = [offer for offer in able if obstacle(request, offer) is None] or list(able)
    ranked = sorted(fitting, key=rank(catalog))
    usual = default_of(ranked)
    if wish.budget == "cheapest":
        offer, size = _cheapest(ranked, request, usual)
        return Advice(offer, "cheap", usual, replace(request, size=size))
    for strength in _wanted(wish):
        for offer in (usual, *ranked):
            if not is_good_at(offer, strength, catalog):
                continue
            now, most = offer.price(request.size), usual.price(request.size)
            if strength in THRIFT and not _within_means(now, most, 1.0):
                continue
            taken = strength == ASKED.get(wish.budget) or _within_means(now, most, DEAREST)
            return Advice(offer, strength, usual, request, taken)
    return Advice(usual, "", usual, request)


def default_of(ranked: Sequence[Offer]) -> Offer:
    """Who draws among these, in the catalogue's order, where nothing speaks for another."""
    return next((offer for model in DEFAULTS for offer in ranked if offer.model == model), ranked[0])


def _wanted(wish: Wish) -> tuple[str, ...]:
    """The strengths that a wish asks for, most telling first."""
    if wish.budget == "best":
        return ("best",)
    # A picture that is there keeps its looks best with who is good at editing, whatever it is to become.
    return ("art", *wish.suits) if wish.budget == "artistic" and "edit" not in wish.suits else wish.suits


def is_good_at(offer: Offer, strength: str, catalog: Catalog) -> bool:
    """Whether the catalogue says so."""
    model = catalog.get(offer.model)
    return model is not None and strength in model.good_at


def _within_means(price: Price | None, usual: Price | None, times: float) -> bool:
    """Whether a price is at most so many times the usual one; what does not compare is not."""
    if price is None or usual is None:
        return price is usual
    return price.unit == usual.unit and price.amount <= usual.amount * times


def _cheapest(offers: Sequence[Offer], request: Request, usual: Offer) -> tuple[Offer, str]:
    """The cheapest and at which size, in the unit of the usual one: prices compare within one unit only.

    Where no size was asked for, a smaller one may be what makes it cheap.
    """
    least, size = usual, request.size
    open_size = not request.size and not request.pixels
    for offer in offers:
        for tier in ("", *offer.sizes) if open_size else (request.size,):
            price, lowest = offer.price(tier), least.price(size)
            if price and lowest and price.unit == lowest.unit and price.amount < lowest.amount:
                least, size = offer, tier
    return least, size
