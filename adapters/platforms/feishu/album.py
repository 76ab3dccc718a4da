"""In a private chat a picture and the sentence after it belong together."""

from collections import OrderedDict
from dataclasses import replace

from bot.message import Attachment, Incoming, Person
from bot.ports import Clock

#: Seconds within which the sentence must follow.
TOGETHER = 60.0
#: Sentences that are remembered with their pictures: an event that comes again must say the same.
REMEMBERED = 500

Place = tuple[str, Person]


class Album:
    """Remembers the pictures that were sent without words."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pages: dict[Place, list[tuple[float, Attachment]]] = {}
        self._joined: OrderedDict[tuple[Place, float, str], tuple[Attachment, ...]] = OrderedDict()

    def join(self, message: Incoming) -> Incoming:
        """The message with the pictures sent just before it; a picture without words is remembered."""
        now = self._clock.monotonic()
        self._tear_out(now)
        place = (message.address.chat, message.person)
        if message.attachments and not message.text:
            self._pages.setdefault(place, []).extend((now, picture) for picture in message.attachments)
            return message
        if message.attachments or message.text.startswith("/"):
            return message
        sentence = (place, message.sent_at, message.text)
        if sentence not in self._joined:
            self._joined[sentence] = tuple(picture for _, picture in self._pages.pop(place, []))
            while len(self._joined) > REMEMBERED:
                self._joined.popitem(last=False)
        return replace(message, attachments=self._joined[sentence])

    def forget(self, person: Person) -> None:
        """Let go of everything of a person."""
        for place in [place for place in self._pages if place[1] == person]:
            del self._pages[place]
        for sentence in [sentence for sentence in self._joined if sentence[0][1] == person]:
            del self._joined[sentence]

    def _tear_out(self, now: float) -> None:
        for place, page in list(self._pages.items()):
            page[:] = [entry for entry in page if now - entry[0] <= TOGETHER]
            if not page:
                del self._pages[place]
