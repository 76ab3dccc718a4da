"""`inkling doctor` and `inkling models`: for the operator, in a terminal, in English."""

import asyncio
from collections.abc import Iterator, Sequence

from bot import catalog, texts
from bot.app.parts import Parts, open_parts
from bot.choose import rank
from bot.errors import DatabaseError
from bot.notifier import Words
from bot.offers import Offers
from bot.ports import Backend, Check, Database, Offer, Platform
from bot.settings import Settings

#: Seconds that one part gets to prove itself.
CHECK_WITHIN = 30.0


async def doctor(settings: Settings) -> int:
    """Check each configured part for real, a line each; 1 if anything configured does not work."""
    try:
        async with open_parts(settings) as parts:
            checks = await asyncio.gather(
                *(_check(name, part) for name, part in _named(parts)),
            )
    except DatabaseError as error:
        checks = [(Check(False, "database", str(error)),)]
    found = [check for group in checks for check in group]
    for check in found:
        print(_line(check))
    return 0 if all(check.ok for check in found) else 1


def _named(parts: Parts) -> list[tuple[str, Platform | Backend | Database]]:
    return [
        ("database", parts.database),
        *((platform.name, platform) for platform in parts.platforms),
        *((backend.name, backend) for backend in parts.backends),
    ]


async def _check(name: str, part: Platform | Backend | Database) -> tuple[Check, ...]:
    try:
        async with asyncio.timeout(CHECK_WITHIN):
            return await part.check()
    except TimeoutError:
        return (Check(False, name, f"no answer within {CHECK_WITHIN:.0f} s; is the network all right?"),)


def _line(check: Check) -> str:
    mark = "✓" if check.ok else "✗"
    return f"{mark} {check.what}" + (f" — {check.advice}" if check.advice else "")


async def models(settings: Settings) -> int:
    """The models on offer now, with aliases, price, time and limits, a block each."""
    async with open_parts(settings) as parts:
        offers = Offers(parts.backends, settings.backend_order, parts.clock, parts.metrics)
        words = Words(texts.load(), catalog.load(), offers.name)
        await offers.refresh()
        by_model: dict[str, list[Offer]] = {}
        for offer in offers.on_offer():
            by_model.setdefault(offer.model, []).append(offer)
    if not by_model:
        print("No model is on offer now; `inkling doctor` says why.")
        return 1
    place = rank(words.catalog)
    for same in sorted(by_model.values(), key=lambda same: place(same[0])):
        print(_headline(same[0], words))
        for name, value in _facts(same, offers, words):
            if value:
                print(f"    {name:<9}{value}")
    return 0


def _headline(offer: Offer, words: Words) -> str:
    character = words.character(offer.model, "en")
    return f"{words.model(offer.model, 'en')} ({offer.model})" + (f": {character}" if character else "")


def _facts(same: Sequence[Offer], offers: Offers, words: Words) -> Iterator[tuple[str, str]]:
    """What there is to say of one model's offers, one per task."""
    first, known = same[0], words.catalog.get(same[0].model)
    low, high = first.seconds or words.expected(first.model)
    prices = {_prices(offer, words): offer.task.replace("_", " ") for offer in same}
    most = max(max(offer.per_order, offer.max_count) for offer in same)
    serving = (one.backend.name for offer in same for one in offers.serving(offer.model, offer.task))
    yield "aliases", ", ".join(known.aliases[:6]) if known else ""
    yield "does", "; ".join(_task(offer) for offer in same)
    yield (
        "price",
        "; ".join(f"{task} {price}" if len(prices) > 1 else price for price, task in prices.items()),
    )
    yield "time", f"{low}–{high} s"
    yield "ratios", " ".join(first.ratios)
    yield "sizes", " ".join(first.sizes)
    yield "gives", f"{first.per_order} at a time" + (f", up to {most}" if most > first.per_order else "")
    yield "from", ", ".join(dict.fromkeys(serving))


def _task(offer: Offer) -> str:
    pictures = f" ({offer.max_inputs} at most)" if offer.max_inputs else ""
    return offer.task.replace("_", " ") + pictures


def _prices(offer: Offer, words: Words) -> str:
    """The usual price, and those of sizes that cost something else."""
    usual = offer.price()
    others = (f"{size} {words.price(price, 'en')}" for size, price in offer.prices if size and price != usual)
    return ", ".join(([words.price(usual, "en")] if usual else []) + list(others))
