"""`inkling doctor` and `inkling models`: for the operator, in a terminal, in English."""

import asyncio

from bot import catalog, texts
from bot.app.parts import Parts, open_parts
from bot.errors import DatabaseError
from bot.notifier import Words
from bot.offers import Offers
from bot.ports import Backend, Check, Database, Platform
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
    """The models on offer now, with aliases, price, time and limits."""
    words = Words(texts.load(), catalog.load())
    async with open_parts(settings) as parts:
        offers = Offers(parts.backends, settings.backend_order, parts.clock, parts.metrics)
        await offers.refresh()
        on_offer = offers.on_offer()
    if not on_offer:
        print("No model is on offer now; `inkling doctor` says why.")
        return 1
    for offer in on_offer:
        known = words.catalog.get(offer.model)
        prices = ", ".join(f"{size or 'usual'} {words.price(price, 'en')}" for size, price in offer.prices)
        low, high = offer.seconds or words.expected(offer.model)
        facts = (
            ("aliases", ", ".join(known.aliases[:6]) if known else ""),
            ("price", prices),
            ("time", f"{low}–{high} s"),
            ("ratios", " ".join(offer.ratios)),
            ("sizes", " ".join(offer.sizes)),
            ("pictures in", str(offer.max_inputs) if offer.max_inputs else ""),
            ("pictures out", str(max(offer.per_order, offer.max_count))),
        )
        print(f"{words.model(offer.model, 'en')} ({offer.model}), {offer.task.replace('_', ' ')}")
        for name, value in facts:
            if value:
                print(f"    {name + ':':14}{value}")
    return 0
