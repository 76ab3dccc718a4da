"""The protocol's messages in words: a job in, an `Outgoing` out. Pure.

The sentences themselves stand in `locales/`; when which message is due is not known here.
"""

from dataclasses import replace
from datetime import datetime

from bot.choose import Cannot, Choice, Way, alternatives
from bot.errors import Reason
from bot.job import Job, Outcome
from bot.message import Action, Kind, Language, Line, Media, Outgoing, Person, Pick, Press
from bot.notifier.names import Names
from bot.ports import Offer
from bot.progress import is_overtime
from prefs import Change, Save


class Words(Names):
    """Finds the words for every message of a job."""

    # The protocol --------------------------------------------------------------------------------------

    def acknowledgement(self, job: Job, key: str, names: tuple[str, ...] = ()) -> Outgoing:
        """Step 1: the first answer, naming the subject. `key`: one of "ack"; `names`: who is in it."""
        if not job.subject and key not in ("retry", "retry_same"):
            key = "plain"
        name = ("和" if job.language == "zh" else " and ").join(names)
        values = {"subject": job.subject, "emoji": job.emoji, "name": name}
        values["model"] = self.model(job.model, job.language)
        headline = self.texts.say(job.language, f"ack.{key}", **values)
        return Outgoing(Kind.ACK, job.language, headline, job.id)

    def start(self, job: Job, ahead: int | None, now: float, *, paused: bool = False) -> Outgoing:
        """Step 2: model, time and price; where the job waits, how many are before it."""
        language, say = job.language, self.texts.say
        lines = [
            self.line(language, "model", self.model(job.model, language)),
            self.line(language, "expected", self.seconds(job.expected, language)),
        ]
        if job.price:
            lines.append(self.line(language, "cost", self.cost(job.model, job.price, language)))
        if paused:
            lines.append(self.line(language, "queue", say(language, "start.paused")))
        elif ahead is not None:
            place = say(language, "start.ahead", n=ahead) if ahead else say(language, "start.next")
            lines.append(self.line(language, "queue", place))
        lines += [Line(note) for note in job.notes]
        waits = paused or ahead is not None
        return Outgoing(
            Kind.START,
            language,
            say(language, "start.queued" if waits else "start.headline"),
            job.id,
            lines=tuple(lines),
            actions=(self.action(job, Press.CANCEL, say(language, "button.cancel")),),
            due=0.0 if waits else now + job.expected[1],
        )

    def preference(self, language: Language, change: Change) -> tuple[str, ...]:
        """What a message has changed in what is remembered."""
        if not isinstance(change, Save):
            return (self.texts.say(language, "preference.cleared"),)
        known = self.catalog.get(change.model)
        key = "preference.saved_video" if known and known.films else "preference.saved"
        return (self.texts.say(language, key, model=self.model(change.model, language)),)

    def notes(self, language: Language, choice: Choice | Cannot) -> tuple[str, ...]:
        """What is said besides: why this model, a preference missed, options that the model does not know."""
        if isinstance(choice, Cannot):
            return ()
        say, notes = self.texts.say, []
        model = self.model(choice.way.offer.model, language)
        if self.texts.has(language, f"hint.{choice.why}"):
            why = say(language, f"hint.{choice.why}")
            size = choice.way.request.size if choice.why == "cheap" else ""
            notes.append(say(language, "start.why", model=f"{model} · {size}" if size else model, why=why))
        if choice.missed:
            known = self.catalog.get(choice.missed)
            unable = known is not None and not known.can(choice.way.offer.task)
            key = "preference.unable" if unable else "preference.off_now"
            missed = self.model(choice.missed, language)
            notes.append(say(language, key, model=missed, fallback=model))
        options = [say(language, f"option.{what}") for what in choice.dropped]
        return (*notes, *(say(language, "cannot.options", model=model, what=what) for what in options))

    def progress(self, job: Job, percent: int, elapsed: float) -> Outgoing:
        """Step 3: how far it is, by time."""
        language, longest = job.language, job.expected[1]
        waited = self.texts.say(language, "progress.waited", waited=round(elapsed), longest=longest)
        lines = [self.line(language, "waited", waited)]
        if is_overtime(elapsed, longest):
            lines.append(Line(self.texts.say(language, "progress.almost")))
        return Outgoing(
            Kind.PROGRESS,
            language,
            self.texts.say(language, "progress.headline", percent=percent),
            job.id,
            lines=tuple(lines),
            percent=percent,
        )

    def settled(self, job: Job) -> Outgoing:
        """What a progress message becomes when the job is over: one quiet line."""
        key = "progress.done" if job.outcome is Outcome.SUCCEEDED else "progress.stopped"
        line = self.texts.say(job.language, key, seconds=_actual(job))
        return Outgoing(Kind.PROGRESS, job.language, line, job.id, settled=True)

    def begun(self, job: Job, now: float) -> Outgoing:
        """What a start message becomes when the job is over: itself without a button.

        One quiet line where the start came to nothing: it was called off, or never began.
        """
        language = job.language
        if job.outcome is Outcome.CANCELLED or not job.submitted_at:
            key = "start.cancelled" if job.outcome is Outcome.CANCELLED else "start.never"
            return Outgoing(Kind.START, language, self.texts.say(language, key), job.id, settled=True)
        return replace(self.start(job, None, now), actions=(), due=0.0, settled=True)

    def success(self, job: Job, better: Way | None) -> Outgoing:
        """Step 4: the pictures, what they took and cost, and where they came from; who is better at it."""
        language, say = job.language, self.texts.say
        count = len(job.results)
        headline = (
            say(language, "success.several", n=count) if count > 1 else say(language, "success.headline")
        )
        low, high = job.expected
        lines = [
            self.line(language, "model", self.model(job.model, language)),
            self.line(language, "time", say(language, "value.took", low=low, high=high, actual=_actual(job))),
        ]
        if job.price:
            lines.append(self.line(language, "cost", self.price(job.price, language)))
        lines += self._links(job)
        lines += [Line(self._hint(job, better))] if better else []
        others = (self._with(job, better),) if better else ()
        return Outgoing(
            Kind.SUCCESS,
            language,
            headline,
            job.id,
            lines=tuple(lines),
            media=job.results,
            actions=(
                self.action(job, Press.AGAIN, say(language, "button.again"), primary=True),
                self.action(job, Press.EDIT, say(language, "button.edit")),
                *others,
            ),
        )

    def _links(self, job: Job) -> list[Line]:
        linked = [media for media in job.results if media.link]
        return [
            Line(
                self._good_until(media, job.language),
                self._link_label(job.language, n, len(linked)),
                media.link,
            )
            for n, media in enumerate(linked, 1)
        ]

    def _link_label(self, language: Language, n: int, of: int) -> str:
        return self.texts.say(language, "label.link_numbered" if of > 1 else "label.link", n=n)

    def _good_until(self, media: Media, language: Language) -> str:
        if not media.link_expires:
            return self.texts.say(language, "value.link_kept", url=media.link)
        until = datetime.fromtimestamp(media.link_expires).astimezone()
        return self.texts.say(language, "value.link_until", url=media.link, until=f"{until:%m-%d %H:%M}")

    def _with(self, job: Job, better: Way) -> Action:
        """The same once more by who is better at it. No switch: this is not one of a list of models."""
        pick = Pick(better.offer.model, better.price)
        return self.action(job, Press.RETRY, self.switch(better, job.language), str(pick))

    def _hint(self, job: Job, better: Way) -> str:
        language = job.language
        why = self.texts.say(language, f"hint.{job.hint}")
        model = self.model(job.hint_model, language)
        key = "hint.better" if better.price else "hint.better_free"
        cost = self.price(better.price, language) if better.price else ""
        return self.texts.say(language, key, model=model, why=why, price=cost)

    def failure(self, job: Job, offers: tuple[Offer, ...]) -> Outgoing:
        """Step 5: the reason in plain words, two alternatives, and an offer to press or answer."""
        language, say, reason = job.language, self.texts.say, _reason(job)
        if job.lacks_picture:
            lines = [Line(say(language, f"reason.{reason}")), Line(say(language, "failure.offer_picture"))]
            return Outgoing(Kind.FAILURE, language, say(language, "failure.headline"), job.id, tuple(lines))
        ways, risen = alternatives(job.model, job.request, offers, self.catalog), self._risen(job, offers)
        lines = [Line(say(language, f"reason.{reason}"))]
        if risen:
            lines.append(self._new_price(job, risen, language))
        if url := self._reason_link(job):
            key = f"reason_link_label.{reason}"
            label = say(language, key if self.texts.has(language, key) else "reason_link_label.other")
            lines.append(Line(url, label, url))
        if ways:
            lines.append(Line(say(language, "failure.try_label") + self._colon(language)))
        lines += [Line("• " + self.way(way, language)) for way in ways]
        usual = "failure.offer" if ways else "failure.offer_same"
        lines.append(Line(say(language, "failure.offer_risen" if risen else usual)))
        switches = tuple(
            self.taking(job, way, self.switch(way, language), primary=n == 0 and not risen)
            for n, way in enumerate(ways)
        )
        same = (
            self.taking(job, risen, self.accept(risen, language), primary=True)
            if risen
            else self.action(job, Press.RETRY, say(language, "button.retry"), primary=not ways)
        )
        decline = self.action(job, Press.DECLINE, say(language, "button.decline"))
        return Outgoing(
            Kind.FAILURE,
            language,
            say(language, "failure.headline"),
            job.id,
            lines=tuple(lines),
            actions=(same, *switches, decline) if risen else (*switches, same, decline),
        )

    def _risen(self, job: Job, offers: tuple[Offer, ...]) -> Way | None:
        """The same once more at its new price, where that is why it was not drawn."""
        if job.reason is not Reason.PRICE_ROSE:
            return None
        ways = (Way(offer, job.request) for offer in offers if offer.model == job.model)
        return next((way for way in ways if way.price and way.price.exceeds(job.price)), None)

    def _new_price(self, job: Job, risen: Way, language: Language) -> Line:
        told, now = (self.price(price, language) for price in (job.price, risen.price) if price)
        return Line(
            self.texts.say(
                language, "failure.risen", model=self.model(job.model, language), told=told, now=now
            )
        )

    def _colon(self, language: Language) -> str:
        return "：" if language == "zh" else ":"

    def _reason_link(self, job: Job) -> str:
        key = f"reason_link.{job.reason}"
        known = self.texts.say(job.language, key) if self.texts.has(job.language, key) else ""
        return job.reason_link or known

    def cannot(self, job: Job, cannot: Cannot) -> Outgoing:
        """It cannot be done as asked; what can, as buttons."""
        language, say = job.language, self.texts.say
        values = {name: self.value(value, language) for name, value in cannot.values.items()}
        values["model"] = self.model(cannot.model, language)
        lines = tuple(Line("• " + self.way(way, language, job.request)) for way in cannot.ways)
        if lines:
            lines = (Line(say(language, "cannot.instead")), *lines)
        lines += tuple(Line(note) for note in job.notes)
        buttons = tuple(
            self.taking(job, way, self.accept(way, language, job.request), primary=n == 0)
            for n, way in enumerate(cannot.ways)
        )
        headline = say(language, f"cannot.{cannot.key}", **values)
        return Outgoing(Kind.TEXT, language, headline, job.id, lines=lines, actions=buttons)

    def somebody_elses(self, job: Job, presser: Person, language: Language, pick: Pick) -> Outgoing:
        """Another person's idea: what it costs, and a button that draws it for the one who pressed."""
        key = "press.confirm_other" if pick.price else "press.confirm_other_free"
        cost = self.price(pick.price, language) if pick.price else ""
        label = self.texts.say(language, "press.draw_too")
        button = self.action(job, Press.DRAW, label, str(pick), primary=True)
        return Outgoing(
            Kind.TEXT,
            language,
            self.texts.say(language, key, price=cost),
            job.id,
            actions=(replace(button, owner=presser.id, language=language),),
        )

    def cancelled(self, job: Job) -> Outgoing:
        """The person has called it off."""
        language, say = job.language, self.texts.say
        spent = "cancelled.charged" if job.submitted_at else "cancelled.free"
        return Outgoing(
            Kind.CANCELLED,
            language,
            say(language, "cancelled.headline", subject=job.subject or self.model(job.model, language)),
            job.id,
            lines=(Line(say(language, spent)),),
        )

    def end(self, job: Job, offers: tuple[Offer, ...]) -> Outgoing:
        """The one end message of a job."""
        if job.outcome is Outcome.SUCCEEDED:
            ways = (Way(offer, job.request) for offer in offers if offer.model == job.hint_model)
            known = self.texts.has(job.language, f"hint.{job.hint}")
            return self.success(job, next(ways, None) if known else None)
        if job.outcome is Outcome.CANCELLED:
            return self.cancelled(job)
        return self.failure(job, offers)


#: What is said where a vendor blames a picture and there was none.
_NO_PICTURE = {
    Reason.CONTENT_INPUT: Reason.CONTENT_TEXT,
    **dict.fromkeys((Reason.BAD_INPUT, Reason.INPUT_TOO_LARGE, Reason.INPUT_GONE), Reason.MODEL_MISMATCH),
}


def _reason(job: Job) -> Reason:
    """Why there is no picture."""
    reason = job.reason or Reason.OTHER
    return reason if job.lacks_picture else _NO_PICTURE.get(reason, reason)


def _actual(job: Job) -> int:
    began = job.submitted_at or job.created_at
    return max(0, round(job.finished_at - began))
