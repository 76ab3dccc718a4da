"""What is known when a message arrives: read from the ledger, so that follow-ups work after a restart."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.job import Job
from bot.ledger import Ledger
from bot.ledger.ledger import OFFER_OPEN, offer_is_open
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
    #: The person's newest job in this place that has a picture.
    drawn: Job | None = None
    #: The jobs in whose pictures are those whom the message calls by name, in the order of the message.
    named: tuple[Job, ...] = ()
    #: The person's language, where no text of theirs tells it.
    language: Language = "zh"
    attachments: tuple[Attachment, ...] = ()
    #: Pictures that came without words a while ago; nothing was drawn since, so "it" is they.
    shown: tuple[Attachment, ...] = ()
    #: Pictures in the message that is answered, where the platform knows which are meant.
    reply_attachments: tuple[Attachment, ...] = ()

    @property
    def base(self) -> Job | None:
        """The job that "again" and "it" speak of."""
        return self.replied or self.last

    @property
    def lately(self) -> Job | None:
        """The base job, where it is answered or ended not long ago."""
        base = self.base
        fresh = base is not None and self.now - base.finished_at < OFFER_OPEN
        return base if base is not None and not base.cancellable and (self.replied or fresh) else None

    @property
    def offered(self) -> Job | None:
        """The job whose offer is answered: that of the message answered if it is the person's own."""
        return self.replied if self.replied and self.replied.person == self.person else self.last

    @property
    def awaits_picture(self) -> bool:
        """Whether the offer that stands open is to go on with another picture."""
        return self.offer_open and self.offered is not None and self.offered.lacks_picture

    @property
    def pictures(self) -> tuple[Media, ...]:
        """What "it" looks like: the base job's pictures.

        One that came to nothing leaves what it was to be made of, or else the last picture that there is.
        """
        base = self.base
        if base is None or base.cancellable:
            return ()
        if not base.results and not base.request.inputs and self.replied is None and self.drawn:
            base = self.drawn
        return base.results or base.request.inputs


async def gather(incoming: Incoming, ledger: Ledger, preferences: Preferences, now: float) -> Context:
    """Everything that understanding and deciding need to know about a message."""
    where = incoming.person, incoming.address
    # Both are asked for before either answers: waking the database's thread costs more than a query.
    last, liked = await asyncio.gather(ledger.last_of(*where), preferences.of(incoming.person.key))
    incoming = _in_topic(incoming, last)
    replied = await ledger.by_message(incoming.reply_to) if incoming.reply_to else None
    mine = replied if replied and replied.person == incoming.person else last
    return Context(
        person=incoming.person,
        address=incoming.address,
        now=now,
        last=last,
        replied=replied,
        offer_open=offer_is_open(mine, now),
        preferences=liked,
        attachments=incoming.attachments,
        reply_attachments=incoming.reply_attachments,
        drawn=last if last is None or last.results else await ledger.last_drawn(*where),
    )


def _in_topic(incoming: Incoming, last: Job | None) -> Incoming:
    """The message as it is meant.

    In a topic everything answers the message that opened it. What the person has drawn there since is nearer.
    """
    answered, topic = incoming.reply_to, incoming.address.topic
    if answered is None or answered.id != topic or last is None:
        return incoming
    if not (last.cancellable or last.results or last.request.inputs):
        return incoming
    return replace(incoming, reply_to=None, reply_attachments=())


async def with_names(context: Context, prompt: str, ledger: Ledger) -> Context:
    """The same, with the jobs whose names the prompt mentions: "Max is swimming" after "a dog called Max"."""
    newest: dict[str, Job] = {}
    for job in await ledger.called(context.person, context.address):
        if job.results:
            newest.setdefault(job.called.casefold(), job)
    return replace(context, named=tuple(newest[name] for name in mentioned(prompt.casefold(), newest)))


#: After a Chinese name these make another word of it: 小白 is not in 小白兔, nor 大黄 in 大黄蜂.
_GOES_ON = "兔狗猫鼠马牛羊鸡鸭鹅鱼鸟虫蜂熊猪虎龙豹狼象鹿猴菜草树豆瓜果糖糕饼"


def mentioned(words: str, names: Iterable[str]) -> list[str]:
    """Which of the names are in the words, as they come; the longer of two names in one place.

    Latin names stand alone, Chinese ones stand anywhere but in a longer word.
    """
    found: dict[int, str] = {}
    for name in sorted(names, key=len, reverse=True):
        here = re.escape(name)
        whole = rf"(?<![a-z0-9]){here}(?![a-z0-9])" if name.isascii() else rf"{here}(?![{_GOES_ON}])"
        if match := re.search(whole, words):
            found[match.start()] = name
            words = re.sub(whole, lambda one: "\0" * len(one[0]), words)
    return [found[place] for place in sorted(found)]


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
