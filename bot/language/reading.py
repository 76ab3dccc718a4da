"""A message half understood, and what rules about the intent ask of it: which lists its words are from."""

import re
from dataclasses import dataclass

from bot.language import business, talk
from bot.language.asking import asks_to_draw
from bot.language.choices import Choices
from bot.language.lexicon import Lexicon
from bot.language.normalise import CUT, Sheet
from bot.language.tasks import Given

#: A clause beside a plain command speaks for talk by so much.
BESIDE = 2
#: What tied a clause to something that was taken out: (use MJ) to draw …
_JOINT = re.compile(r"^(?:(?:to|and|then|for|of)\s)+")
#: So much of a text may be unknown: three letters of Chinese, or a word of English and a letter.
_STRAY = 3


def lists_of(kind: str) -> tuple[str, ...]:
    """The lists that what is said to an intent is made of."""
    more = {
        "show_preference": ("ask", "mine"),
        "clear_preference": ("what",),
        "forget_me": ("what",),
        "help": ("can", "do", "what", "does", "things"),
    }.get(kind, ())
    return tuple(f"meta.{kind}.{part}" for part in ("core", "words", *more))


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

    def only_or_talk(self, *lists: str, text: str | None = None, hint: int = 0) -> bool:
        """Whether every clause of what is left is made of these lists, or is talk."""
        text = self.sheet.folded if text is None else text
        if self.only(text, *lists):
            return True
        return len(text) <= talk.SHORT and all(
            self.only(part, *lists) or self.is_aside(part, hint=hint) or self.compares(part, *lists)
            for part in talk.clauses(text)
        )

    def nearly(self, text: str, *lists: str) -> bool:
        """Whether a text is made of these lists, but for a word or two that nobody could draw."""
        if len(text) > talk.SHORT or self.lexicon.pattern(r"«draw.verbs»\s*«draw.objects»").search(text):
            return False
        known = self.lexicon.pattern(f"«{'|'.join((*lists, 'meta.filler', 'talk.anywhere'))}»")
        return talk.weight(known.sub(" ", text)) <= _STRAY

    def pictures(self, part: str) -> bool:
        """Whether a clause asks for a picture or begins as the description of one does."""
        opening = self.lexicon.pattern(
            r"[\s\x00]*(?:(?:of|for|to)\s)*(?:«talk.soft»[\s,]*)*«signs.thing»"
        ).match(part)
        asked = Sheet(_JOINT.sub("", part), _JOINT.sub("", part))
        edits = (
            self.editing
            and asked.opens(self.lexicon.pattern(r"(?:«talk.soft»\s*)*«edit.bare»"), self.lexicon) is not None
        )
        return opening is not None or edits or asks_to_draw(asked, self.lexicon)

    def compares(self, part: str, *lists: str) -> bool:
        """还是可梦好用: an opinion of a model that is named besides."""
        bare = self.lexicon.pattern("«models.aliases»").sub(" ", part)
        return bare != part and bool(bare.strip()) and self.only(bare, *lists, "chat.judged", "chat.degree")

    def says(self, text: str, core: str, *lists: str, hint: int = 0) -> bool:
        """Whether a clause is made of these lists with a core word in it, and every other is talk."""
        if not self.has(core, text=text):
            return False
        if self.only(text, *lists):
            return True
        parts = talk.clauses(text)
        if len(parts) < 2:
            return False
        known = [part for part in parts if self.only(part, *lists)]
        return any(self.has(core, text=part) for part in known) and all(
            part in known or self.is_aside(part, hint=hint) for part in parts
        )

    def is_aside(self, part: str, *, hint: int = 0) -> bool:
        """Whether a clause is talk beside something else that is said, which may speak for talk."""
        if self.pictures(part):
            return False
        sheet = Sheet(part, part)
        return business.is_verdict(part, self.lexicon) or talk.is_talk(sheet, self.lexicon, hint=hint)

    def after_greeting(self) -> str:
        """What is said after 你好 and the like, which holds a yes only by its letters."""
        return self.after("talk.greet", "talk.hesitate")

    def after(self, *lists: str) -> str:
        """What is said after words of these lists."""
        opening = self.lexicon.pattern(rf"(?>(?:«{'|'.join(lists)}»[\s,!~。]*)*)").match(self.said)
        return self.said[opening.end() if opening else 0 :]
