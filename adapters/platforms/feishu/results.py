"""What is added to ends: the other models with their prices, removal, doubt whether it was said before."""

from dataclasses import replace

from adapters.platforms.feishu.layout import Others
from adapters.platforms.feishu.words import Words
from bot.message import Kind, Language, Line, Outgoing, Pick, Press
from bot.ports import Models


class Results:
    """Adds to results what they can be gone on with."""

    def __init__(self, words: Words, models: Models) -> None:
        self._words = words
        self._models = models

    def completed(self, message: Outgoing) -> Outgoing:
        """The message, with a way to delete it where it is a result."""
        if not _can_go_on(message):
            return message
        label = self._words.say(message.language, "delete")
        delete = replace(message.actions[0], press=Press.DELETE, label=label, value="", primary=False)
        return replace(message, actions=(*message.actions, delete))

    def others(self, message: Outgoing) -> Others:
        """A switch to each model on offer, save the one that drew it and those that have a button already."""
        if not _can_go_on(message):
            return Others()
        drawn_by = {line.text for line in message.lines}
        offered = {Pick.read(action.value).model for action in message.actions if action.value}
        first = replace(message.actions[0], press=Press.SWITCH, primary=False)
        actions = tuple(
            replace(first, label=one.label, value=str(Pick(one.id, one.price)))
            for one in self._models(message.language)
            if one.name not in drawn_by and one.id not in offered
        )
        return Others(actions, self._words.say(message.language, "models"))

    def repeated(self, message: Outgoing) -> Outgoing:
        """The message, where it may stand in the chat already."""
        doubt = Line(self._words.say(message.language, "repeated"))
        return replace(message, lines=(*message.lines, doubt))

    def withheld(self, language: Language) -> str:
        """What is said where the platform refuses the words themselves."""
        return self._words.say(language, "withheld")


def _can_go_on(message: Outgoing) -> bool:
    return message.kind is Kind.SUCCESS and bool(message.actions)
