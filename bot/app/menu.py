"""The models on offer in words, for platforms that let people pick from a list. From memory."""

from collections.abc import Iterable, Sequence

from bot.message import Language
from bot.notifier import Words
from bot.offers import Offers
from bot.ports import ModelChoice, Offer


class Menu:
    """`bot.ports.Models`: empty until the house has opened."""

    def __init__(self) -> None:
        self._open: tuple[Offers, Words] | None = None

    def open(self, offers: Offers, words: Words) -> None:
        """From now on these are shown."""
        self._open = offers, words

    def __call__(self, language: Language) -> Sequence[ModelChoice]:
        """Every model that draws, once, with price and time."""
        if self._open is None:
            return ()
        offers, words = self._open
        choices = []
        for offer in _once_each((*offers.on_offer("text_to_image"), *offers.on_offer("image_to_image"))):
            known = words.catalog.get(offer.model)
            aliases = known.aliases if known else ()
            name = words.model(offer.model, language)
            price = offer.price()
            facts = [words.price(price, language)] if price else []
            facts.append(words.seconds(offer.seconds or words.expected(offer.model), language))
            label = f"{name} · {' · '.join(facts)}"
            choices.append(ModelChoice(offer.model, name, label, offer.ratios, offer.sizes, price, aliases))
        return choices


def _once_each(offers: Iterable[Offer]) -> list[Offer]:
    found: dict[str, Offer] = {}
    for offer in offers:
        found.setdefault(offer.model, offer)
    return list(found.values())
