"""Answers to what is no request for a picture: help, models, balance, how far it is. Words only."""

import asyncio
from collections.abc import Sequence

from bot.engine.desk import Office
from bot.errors import BackendError
from bot.job import Job, State
from bot.message import Address, Kind, Language, Line, Outgoing, Person, Press, Price
from bot.ports import Backend, Offer
from bot.progress import is_overtime, percent

#: Seconds that backends get to tell what is left.
CREDITS_WITHIN = 4.0
#: How many of a person's pictures are listed.
RECENT = 5


class Answers:
    """Says what there is to say."""

    def __init__(self, office: Office) -> None:
        self._words = office.notifier.words
        self._offers = office.offers
        self._ledger = office.ledger
        self._runner = office.runner
        self._times = office.times
        self._clock = office.notifier.clock

    def help(self, language: Language, platform: str) -> Outgoing:
        """What the bot can do, with three examples as one would write them there."""
        say, has = self._words.texts.say, self._words.texts.has
        own = f"help.{platform}" if has(language, f"help.{platform}.first") else "help"
        examples = tuple(Line(f"• {say(language, f'{own}.{key}')}") for key in ("first", "second", "third"))
        more = Line(say(language, "help.more"))
        return Outgoing(Kind.TEXT, language, say(language, "help.headline"), lines=(*examples, more))

    def models(self, language: Language, mine: str) -> Outgoing:
        """The models on offer, with character, price and time."""
        say = self._words.texts.say
        lines = []
        for offer in _once_per_model(self._offers.on_offer()):
            name = self._words.model(offer.model, language)
            if offer.model == mine:
                name += say(language, "models.mine")
            lines.append(Line(self._model(offer, language), name))
        resting = say(language, "models.resting")
        lines += [
            Line(resting, self._words.model(model, language)) for model in sorted(self._offers.resting())
        ]
        lines.append(Line(say(language, "models.how")))
        return Outgoing(Kind.TEXT, language, say(language, "models.headline"), lines=tuple(lines))

    def _model(self, offer: Offer, language: Language) -> str:
        words, price = self._words, offer.price()
        learned = self._times.expected(offer.model, offer.task, "")
        facts = (
            words.character(offer.model, language),
            words.price(price, language) if price else "",
            words.seconds(learned or offer.seconds or words.expected(offer.model), language),
        )
        return " · ".join(fact for fact in facts if fact)

    async def credits(self, language: Language) -> Outgoing:
        """What is left in the operator's accounts, where that can be asked."""
        say = self._words.texts.say
        found = await asyncio.gather(*(_left(backend) for backend in self._offers.backends))
        known = [(name, price) for left in found for name, price in left if price is not None]
        if not known:
            return self._words.text(language, "credits.none")
        lines = [Line(self._words.price(price, language), name) for name, price in known]
        lines.append(Line(say(language, "credits.prices")))
        return Outgoing(Kind.TEXT, language, say(language, "credits.headline"), lines=tuple(lines))

    async def status(self, person: Person, place: Address, language: Language) -> Outgoing:
        """How far the person's pictures are; with none under way, the latest ones."""
        jobs = await self._ledger.jobs_of(person, place, 20)
        living = [job for job in reversed(jobs) if job.state is not State.ENDED]
        if living:
            first, *rest = [self._state(job, language) for job in living]
            label = self._words.texts.say(language, "button.cancel")
            offs = tuple(
                self._words.action(job, Press.CANCEL, f"{label} · {job.subject}"[:40])
                for job in living
                if job.cancellable
            )
            return Outgoing(
                Kind.TEXT, language, first, lines=tuple(Line(line) for line in rest), actions=offs[:5]
            )
        done = [job for job in jobs if job.results][:RECENT]
        if not done:
            return self._words.text(language, "status.none")
        say = self._words.texts.say
        lines = tuple(line for job in done for line in _listed(job))
        media = tuple(media for job in done for media in job.results)
        return Outgoing(
            Kind.TEXT, language, say(language, "status.mine"), lines=lines[:RECENT], media=media[:RECENT]
        )

    def _state(self, job: Job, language: Language) -> str:
        subject = job.subject or self._words.model(job.model, language)
        say = self._words.texts.say
        if job.state is State.DELIVERING:
            return say(language, "status.delivering", subject=subject)
        if job.state in (State.ACCEPTED, State.QUEUED):
            ahead = self._runner.ahead(job.id)
            return say(language, "status.queued" if ahead else "status.next", subject=subject, n=ahead)
        elapsed, longest = max(0.0, self._clock.now() - job.submitted_at), job.expected[1]
        if is_overtime(elapsed, longest):
            return say(language, "status.almost", subject=subject)
        return say(
            language,
            "status.running",
            subject=subject,
            percent=percent(elapsed, longest),
            waited=round(elapsed),
            longest=longest,
        )


def _listed(job: Job) -> list[Line]:
    """A line for each of a job's links; without any one line for all of its pictures."""
    linked = [Line(media.link, job.subject, media.link) for media in job.results if media.link]
    return linked or [Line(job.subject)]


async def _left(backend: Backend) -> tuple[tuple[str, Price | None], ...]:
    """What a backend says is left; nothing where it does not tell in time."""
    try:
        async with asyncio.timeout(CREDITS_WITHIN):
            return await backend.credits()
    except (BackendError, TimeoutError):
        return ()


def _once_per_model(offers: Sequence[Offer]) -> list[Offer]:
    return list({offer.model: offer for offer in reversed(offers)}.values())[::-1]
