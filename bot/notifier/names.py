"""What things are called, what they cost, and the buttons that take them: the words inside the messages.

The messages themselves are in `words`.
"""

from collections.abc import Callable

from bot.catalog import Catalog
from bot.choose import Way
from bot.job import Job, Request
from bot.message import Action, Kind, Language, Line, Outgoing, Pick, Press, Price
from bot.texts import Texts, amount

#: Most characters of a name that a vendor gave.
LONGEST_NAME = 40


class Names:
    """Finds the words for models, prices, times, ways out and buttons."""

    def __init__(self, texts: Texts, catalog: Catalog, live: Callable[[str], str] = lambda _: "") -> None:
        """`live`: what the backends call a model that the catalogue does not have; empty: nothing."""
        self.texts = texts
        self.catalog = catalog
        self._live = live

    # Names and figures ---------------------------------------------------------------------------------

    def model(self, model: str, language: Language) -> str:
        """What people call a model, or a family of models. Never a bare id."""
        live = "" if self.catalog.knows(model) else readable(self._live(model))
        return live if live and live != model else self.catalog.name(model, language)

    def character(self, model: str, language: Language) -> str:
        """What a model is good for, in a few words; empty where nobody has said."""
        known = self.catalog.get(model)
        return known.character[language] if known else ""

    def price(self, price: Price, language: Language) -> str:
        """A price with its unit."""
        return self.texts.say(language, f"price.{price.unit}", n=_figure(price.amount))

    def cost(self, model: str, price: Price, language: Language) -> str:
        """A price with the model's character."""
        words = self.price(price, language)
        character = self.character(model, language)
        return (
            self.texts.say(language, "value.cost", price=words, character=character) if character else words
        )

    def expected(self, model: str) -> tuple[int, int]:
        """The range of seconds by the catalogue, or a common one."""
        known = self.catalog.get(model)
        return known.expect if known else (30, 120)

    def seconds(self, expected: tuple[int, int], language: Language) -> str:
        """An expected range of time."""
        return self.texts.say(language, "value.seconds", low=expected[0], high=expected[1])

    def line(self, language: Language, label: str, text: str, url: str = "") -> Line:
        """A labelled line."""
        return Line(text, self.texts.say(language, f"label.{label}"), url)

    def action(self, job: Job, press: Press, label: str, value: str = "", *, primary: bool = False) -> Action:
        """A button of a job's owner."""
        return Action(press, label, job.id, job.person.id, job.language, value, primary)

    def text(self, language: Language, key: str, **values: object) -> Outgoing:
        """A message that is no part of a job's line."""
        return Outgoing(Kind.TEXT, language, self.texts.say(language, key, **values))

    # Ways out -------------------------------------------------------------------------------------------

    def value(self, value: object, language: Language) -> object:
        """A value of a sentence as it is written: a price with its unit, several things side by side."""
        if isinstance(value, Price):
            return self.price(value, language)
        return ("、" if language == "zh" else ", ").join(value) if isinstance(value, tuple) else value

    def _drawing(self, way: Way, language: Language, asked: Request | None) -> str:
        """The model, and in what its picture would differ from what was asked."""
        made = (way.request.ratio, way.request.size) if asked else ()
        other = [one for one in made if asked and one not in ("", asked.ratio, asked.size)]
        return " · ".join((self.model(way.offer.model, language), *other))

    def way(self, way: Way, language: Language, asked: Request | None = None) -> str:
        """An alternative: model, character, price; where `asked` is given, also what would be different."""
        model = self._drawing(way, language, asked)
        price = self.price(way.price, language) if way.price else ""
        facts = [fact for fact in (self.character(way.offer.model, language), price) if fact]
        if not facts:
            return model
        listed = ("，" if language == "zh" else ", ").join(facts)
        return self.texts.say(language, "failure.alternative", model=model, facts=listed)

    def switch(self, way: Way, language: Language) -> str:
        """The label of a button that takes an alternative."""
        model = self.model(way.offer.model, language)
        if way.price is None:
            return self.texts.say(language, "button.switch", model=model)
        return self.texts.say(
            language, "button.switch_price", model=model, price=self.price(way.price, language)
        )

    def accept(self, way: Way, language: Language, asked: Request | None = None) -> str:
        """The label of a button that takes what can be done instead."""
        model = self._drawing(way, language, asked)
        if way.price is None:
            return self.texts.say(language, "button.accept_free", model=model)
        return self.texts.say(language, "button.accept", model=model, price=self.price(way.price, language))

    def taking(self, job: Job, way: Way, label: str, *, primary: bool) -> Action:
        """A button that takes a way at the price that it costs now."""
        pick = Pick(way.offer.model, way.price)
        return self.action(job, Press.SWITCH, label, str(pick), primary=primary)


def readable(name: str) -> str:
    """A vendor's name for something as it can stand in a sentence: one short line, nothing unprintable."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:LONGEST_NAME].rstrip()


def _figure(number: float) -> int | str:
    """A whole number as such, so that one is one; other figures as people write them."""
    return int(number) if number == int(number) else amount(number)
