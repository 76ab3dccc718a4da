"""The choice itself, and what is said where there is none. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from bot.catalog import Catalog
from bot.choose.possible import (
    WAYS,
    alternatives,
    nearest,
    obstacle,
    options,
    possible,
    rank,
    size_rank,
    within,
)
from bot.choose.recommend import Advice, default_of, is_good_at, recommend
from bot.choose.wish import Cannot, Choice, Way, Wish
from bot.ports import Offer

#: Budget words that speak of this time, whatever is preferred.
BUDGETS = frozenset({"best", "cheapest"})


def choose(wish: Wish, offers: Sequence[Offer], catalog: Catalog) -> Choice | Cannot:
    """The model for a wish, or why there is none."""
    able = [offer for offer in offers if offer.task == wish.request.task]
    if not able:
        return _nobody(wish, offers, catalog)
    wish, odd = _usual(wish, able)
    chosen = _at_its_price(_choose(wish, able, offers, catalog), wish, able, catalog)
    if odd is not None:
        ways = (chosen.way,) if isinstance(chosen, Choice) else chosen.ways
        if ways:
            ways += alternatives(ways[0].offer.model, ways[0].request, able, catalog)
        chosen = replace(odd, ways=ways[:WAYS])
    return replace(chosen, request=wish.request) if isinstance(chosen, Cannot) else chosen


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
    return Cannot("video", ways=alternatives("", still, offers, catalog), request=still)


def _usual(wish: Wish, able: Sequence[Offer]) -> tuple[Wish, Cannot | None]:
    """The wish with an odd ratio or size replaced by the closest on offer, and what is to be said of it."""
    request, odd = wish.request, None
    if wish.ratio_asked:
        ratios = dict.fromkeys(ratio for offer in able for ratio in offer.ratios or ("1:1",))
        close = nearest(wish.ratio_asked, list(ratios))
        request = replace(request, ratio=close)
        if close != wish.ratio_asked:
            odd = Cannot("ratio_odd", values={"ratio": wish.ratio_asked, "nearest": close})
    sizes = {size for offer in able for size in offer.sizes}
    if wish.size_asked and sizes:
        best = wish.size_asked if wish.size_asked in sizes else max(sizes, key=size_rank)
        request = replace(request, size=best)
        if best != wish.size_asked:
            odd = Cannot("size_max", values={"size": wish.size_asked, "best": best})
    return replace(wish, request=request), odd


def _choose(wish: Wish, able: Sequence[Offer], offers: Sequence[Offer], catalog: Catalog) -> Choice | Cannot:
    if wish.model:
        named = _resolve(wish.model, able, catalog)
        return _take(named, "named", wish, able, catalog) if named else _gone(wish, able, offers, catalog)
    preference = "" if wish.budget in BUDGETS else wish.preferred
    preferred = _resolve(preference, able, catalog)
    advice = recommend(wish, able, catalog)
    if preferred is not None:
        chosen = _take(preferred, "preferred", wish, able, catalog)
    else:
        taken = advice.offer if advice.is_taken else advice.usual
        stands_in = advice.usual is not default_of(sorted(able, key=rank(catalog)))
        usual = "able" if stands_in else "default"
        why = usual if taken is advice.usual else advice.strength
        chosen = _take(taken, why, replace(wish, request=advice.request), able, catalog)
    if isinstance(chosen, Cannot):
        return chosen
    missed = preference if preferred is None else ""
    return replace(_hinted(chosen, advice, catalog), missed=missed)


def _hinted(chosen: Choice, advice: Advice, catalog: Catalog) -> Choice:
    """The choice with a hint at who would have suited better; never at a price that nobody knows."""
    better, drawn = advice.offer, chosen.way.offer
    unpriced = chosen.way.price is not None and better.price(chosen.way.request.size) is None
    better_at = advice.strength if not is_good_at(drawn, advice.strength, catalog) else ""
    if not better_at or better.model == drawn.model or unpriced:
        return chosen
    return replace(chosen, hint_model=better.model, hint=better_at)


def _resolve(model: str, able: Sequence[Offer], catalog: Catalog) -> Offer | None:
    """The offer of a model; of a family, its newest."""
    return min(
        (offer for offer in able if catalog.means(model, offer.model)), key=rank(catalog), default=None
    )


def _gone(wish: Wish, able: Sequence[Offer], offers: Sequence[Offer], catalog: Catalog) -> Cannot:
    ways = alternatives(wish.model, wish.request, able, catalog)
    elsewhere = any(offer.model == wish.model for offer in offers)
    edits = wish.request.task == "image_to_image" and elsewhere
    return Cannot("edit" if edits else "model_gone", wish.model, ways=ways)


def _take(offer: Offer, why: str, wish: Wish, able: Sequence[Offer], catalog: Catalog) -> Choice | Cannot:
    found = obstacle(wish.request, offer)
    if found is None:
        dropped = tuple(what for what in options(wish.request) if what not in offer.options)
        return Choice(Way(offer, within(offer, wish.request)), why, dropped=dropped)
    request = possible(wish.request, offer)
    if request is not None and wish.bends:
        return Choice(Way(offer, request), why)
    ways: tuple[Way, ...] = (Way(offer, request),) if request is not None else ()
    # Others that can do all of it, else those that can do what this one can.
    ways += alternatives(offer.model, wish.request, able, catalog) or alternatives(
        offer.model, request or replace(wish.request, pixels=None), able, catalog
    )
    return Cannot(found.key, offer.model, found.values, ways[:WAYS])
