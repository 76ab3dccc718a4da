"""What is added to ends: the other models with their prices, removal, doubt whether it was said before."""

from dataclasses import replace

from adapters.platforms.feishu.words import Words
from bot.message import Action, Kind, Line, Outgoing, Pick, Press
from bot.ports import Models


class Results:
    """Adds to results what they can be gone on with."""

    def __init__(self, words: Words, models: Models) -> None:
        self._words = words
        self._models = models

    def completed(self, message: Outgoing) -> Outgoing:
        """The message, with a switch to each model on offer and a way to delete it where it is a result."""
        if message.kind is not Kind.SUCCESS or not message.actions:
            return message
        first = replace(message.actions[0], value="", primary=False)
        delete = replace(first, press=Press.DELETE, label=self._words.say(message.language, "delete"))
        return replace(message, actions=(*message.actions, delete, *self._switches(message, first)))

    def repeated(self, message: Outgoing) -> Outgoing:
        """The message, where it may stand in the chat already."""
        doubt = Line(self._words.say(message.language, "repeated"))
        return replace(message, lines=(*message.lines, doubt))

    def _switches(self, message: Outgoing, first: Action) -> tuple[Action, ...]:
        models = self._models(message.language)
        if len(models) < 2:
            return ()
        return tuple(
            replace(first, press=Press.SWITCH, label=one.label, value=str(Pick(one.id, one.price)))
            for one in models
        )

    def choose(self, message: Outgoing) -> str:
        """What stands in the list of models before one is chosen."""
        return self._words.say(message.language, "models")
