"""What is known when a message arrives: read from the ledger, so that follow-ups work after a restart."""

import re
from dataclasses import dataclass, replace

from bot.job import Job
from bot.ledger import Ledger
from bot.ledger.ledger import offer_is_open
from bot.message import Address, Attachment, Incoming, Language, Media, Person, Pressed
from prefs import Kind, Preferences


@dataclass(frozen=True, slots=True)
class Context:
    """A person, the place, and what was before."""

    person: Person
    address: Address
    #: Unix seconds.
    now: float
    #: The person's last job in this place, and the job whose message is answered.
    last: Job | None
    replied: Job | None
    #: The last job has left an offer to retry that still stands.
    offer_open: bool
    preferences: dict[Kind, str]
    #: The job in whose picture is somebody whom the message calls by name.
    named: Job | None = None
    #: The person's language, where no text of theirs tells it.
    language: Language = "zh"
    attachments: tuple[Attachment, ...] = ()
    #: Pictures in the message that is answered, where the platform knows which are meant.
    reply_attachments: tuple[Attachment, ...] = ()

    @property
    def base(self) -> Job | None:
        """The job that "again" and "it" speak of."""
        return self.replied or self.last

    @property
    def offered(self) -> Job | None:
        """The job whose offer is answered: that of the message answered if it is the person's own."""
        return self.replied if self.replied and self.replied.person == self.person else self.last

    def pictures(self, number: int | None = None) -> tuple[Media, ...]:
        """What "it" looks like: the base job's results, the n-th of them where a number was said."""
        results = self.base.results if self.base else ()
        if number is not None:
            return results[number - 1 : number]
        return results[:1]


async def gather(incoming: Incoming, ledger: Ledger, preferences: Preferences, now: float) -> Context:
    """Everything that understanding and deciding need to know about a message."""
    last = await ledger.last_of(incoming.person, incoming.address)
    replied = await ledger.by_message(incoming.reply_to) if incoming.reply_to else None
    mine = replied if replied and replied.person == incoming.person else last
    return Context(
        person=incoming.person,
        address=incoming.address,
        now=now,
        last=last,
        replied=replied,
        offer_open=offer_is_open(mine, now),
        preferences=await preferences.of(incoming.person.key),
        attachments=incoming.attachments,
        reply_attachments=incoming.reply_attachments,
    )


async def with_name(context: Context, prompt: str, ledger: Ledger) -> Context:
    """The same, with the job whose name the prompt mentions: "Max is swimming" after "a dog called Max"."""
    words = prompt.casefold()
    for job in await ledger.called(context.person, context.address):
        if job.results and _mentions(words, job.called.casefold()):
            return replace(context, named=job)
    return context


def _mentions(words: str, name: str) -> bool:
    """Latin names stand alone, Chinese ones stand anywhere."""
    if not name.isascii():
        return name in words
    return re.search(rf"\b{re.escape(name)}\b", words) is not None


async def gather_pressed(pressed: Pressed, job: Job | None, preferences: Preferences, now: float) -> Context:
    """The same for a press on a button of `job`."""
    return Context(
        person=pressed.person,
        address=pressed.address,
        now=now,
        last=job,
        replied=job,
        offer_open=False,
        preferences=await preferences.of(pressed.person.key),
        language=pressed.language,
    )
