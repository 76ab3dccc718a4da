"""A message half understood, and what rules about the intent ask of it: which lists its words are from."""

from dataclasses import dataclass

from bot.language import business, talk
from bot.language.asking import asks_to_draw
from bot.language.choices import Choices
from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, Sheet
from bot.language.tasks import Given


@dataclass(slots=True)
class Reading:
    """What was found so far. Long texts are made of no lists: they are descriptions."""

    sheet: Sheet
    lexicon: Lexicon
    given: Given
    choices: Choices
    #: The text to compare before settings and models were taken out.
    said: str
    #: Whether any ratio, size, number or duration was said.
    settings: bool
    #: Whether the text points at a picture that is there.
    editing: bool
    film: bool

    def has(self, *lists: str, text: str | None = None) -> bool:
        """Whether a word of these lists is in what is said, or in another text."""
        where = self.said if text is None else text
        return (
            len(where) <= talk.SHORT
            and self.lexicon.pattern(f"«{'|'.join(lists)}»").search(where) is not None
        )

    def only(self, text: str, *lists: str) -> bool:
        """Whether a text is made of these lists, fillers and thanks, after any greeting."""
        opening = self.lexicon.pattern(rf"[\s{CUT}]*(?:«talk.call|talk.greet»[\s,.!:~。]+)*").match(text)
        rest = text[opening.end() if opening else 0 :]
        return talk.made_of(rest, self.lexicon, *lists, "meta.filler", "talk.anywhere")

    def only_or_talk(self, *lists: str, text: str | None = None) -> bool:
        """Whether every clause of what is left is made of these lists, or is talk."""
        text = self.sheet.folded if text is None else text
        if self.only(text, *lists):
            return True
        return len(text) <= talk.SHORT and all(
            self.only(part, *lists) or self.is_aside(part) for part in talk.clauses(text)
        )

    def says(self, text: str, core: str, *lists: str) -> bool:
        """Whether a clause is made of these lists with a core word in it, and every other is talk."""
        if self.has(core, text=text) and self.only(text, *lists):
            return True
        parts = talk.clauses(text) if len(text) <= talk.SHORT else []
        if len(parts) < 2:
            return False
        known = [part for part in parts if self.only(part, *lists)]
        return any(self.has(core, text=part) for part in known) and all(
            part in known or self.is_aside(part) for part in parts
        )

    def is_aside(self, part: str) -> bool:
        """Whether a clause is talk beside something else that is said."""
        sheet = Sheet(part, part)
        if asks_to_draw(sheet, self.lexicon):
            return False
        return business.is_verdict(part, self.lexicon) or talk.is_talk(sheet, self.lexicon)

    def after_greeting(self) -> str:
        """What is said after 你好 and the like, which holds a yes only by its letters."""
        greeting = self.lexicon.pattern(r"(?>(?:«talk.greet|talk.hesitate»[\s,!~。]*)*)").match(self.said)
        return self.said[greeting.end() if greeting else 0 :]
