"""What a message leads to: an intent and its context in, a plan out. Pure.

A plan is a value: the engine commits it together with the claim of the message, then acts on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.choose import Cannot, Choice, Way, Wish, alternatives, choose
from bot.engine.context import Context
from bot.errors import Reason
from bot.job import Job, Outcome, Request, State, new_id
from bot.language import Intent
from bot.ledger import Times
from bot.message import Attachment, Language, Media, Outgoing, Pick
from bot.notifier import Words
from bot.ports import Offer
from prefs import Change, Kind, Save, change, kind_of


@dataclass(frozen=True, slots=True)
class Draw:
    """A new job, and its acknowledgement."""

    job: Job
    acknowledgement: Outgoing
    preference: Change | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A plain answer, and what it records."""

    message: Outgoing
    preference: Change | None = None
    #: A job that cannot be done as asked, ended already: its ways out can be pressed or answered.
    refused: Job | None = None
    #: The job whose offer to retry is declined.
    declined: Job | None = None
    #: Everything that is kept of the person goes.
    forgets: bool = False


@dataclass(frozen=True, slots=True)
class CallOff:
    """A job is called off; its own end message is the answer."""

    job: Job


Plan = Draw | Answer | CallOff

#: What a person is told to be the reason where something cannot be done.
_REASONS = {
    "dearer": Reason.PRICE_ROSE,
    "ratio": Reason.RATIO_UNSUPPORTED,
    "model_gone": Reason.UNAVAILABLE,
    "nothing": Reason.UNAVAILABLE,
}
_SIZES = frozenset({"ratio_odd", "size", "size_max", "pixels"})


class Planner:
    """Plans among what is on offer now."""

    def __init__(self, words: Words, offers: Sequence[Offer], times: Times) -> None:
        self._words = words
        self._times = times
        self._catalog = words.catalog
        self._offers = offers

    # New pictures --------------------------------------------------------------------------------------

    def draw(self, intent: Intent, context: Context) -> Plan:
        """Something new, or an edit of a picture."""
        if context.named is not None and intent.task == "text_to_image" and not intent.called:
            intent = replace(intent, task="image_to_image", reference="named")
        task = intent.task or "text_to_image"
        if task == "text_to_image" and not intent.prompt.strip():
            return self._say(intent.language, "chat.other")
        attachments, inputs = self._sources(intent, context)
        if task.startswith("image_to") and not attachments and not inputs:
            return self._say(intent.language, "cannot.no_picture")
        request = Request(
            task=task,
            prompt=intent.prompt,
            ratio=intent.ratio or "",
            size=intent.size or "",
            pixels=intent.pixels,
            count=intent.count or 0,
            duration=min(intent.duration or 0, 3600),
            negative=intent.negative or "",
            strength=intent.strength,
            watermark=intent.watermark or None,
            auto_ratio=intent.auto_ratio,
            attachments=attachments,
            inputs=inputs,
        )
        wish = self._wish(intent, context, request)
        acknowledge = "edit" if task.startswith("image_to") else "draw"
        if intent.reference in ("last", "named"):
            acknowledge = "same" if intent.reference == "last" else "named"
        return self._plan(wish, intent, context, acknowledge)

    def edit(self, intent: Intent, context: Context) -> Plan:
        """What was typed into the form under a result is about that picture, whatever else it could mean."""
        return self.draw(
            replace(intent, intent="generate", task="image_to_image", reference="reply"), context
        )

    def _sources(self, intent: Intent, context: Context) -> tuple[tuple[Attachment, ...], tuple[Media, ...]]:
        """The pictures an edit works on: sent, linked, chosen in the message answered, or drawn before."""
        if not (intent.task or "").startswith("image_to"):
            return (), ()
        if intent.reference == "named" and context.named is not None:
            return (), context.named.results[:1]
        linked = tuple(Attachment(url, url=url) for url in intent.urls)
        sent = (*context.attachments, *linked)
        if sent and intent.reference != "reply":
            return sent, ()
        if context.reply_attachments:
            return (*sent, *context.reply_attachments), ()
        return sent, context.pictures(intent.picture)

    def _wish(self, intent: Intent, context: Context, request: Request) -> Wish:
        return Wish(
            request,
            model=intent.model or "",
            preferred=context.preferences.get(kind_of(request.task), ""),
            budget=intent.budget or "",
            ratio_asked=(intent.ratio_asked or "") if not intent.ratio else "",
            size_asked=(intent.size_asked or "") if not intent.size else "",
            suits=intent.suits,
        )

    # The last picture once more ------------------------------------------------------------------------

    def again(self, intent: Intent, context: Context) -> Plan:
        """The base job with nothing but parameters changed."""
        base = context.base
        if base is None:
            return self._say(intent.language, "again.none")
        said = {"ratio": intent.ratio, "size": intent.size, "count": intent.count, "pixels": intent.pixels}
        changes: dict[str, Any] = {name: value for name, value in said.items() if value}
        wish = replace(
            self._wish(intent, context, replace(base.request, **changes)), model=intent.model or base.model
        )
        return self._plan(wish, intent, context, "again", base)

    def retry(self, intent: Intent, context: Context) -> Plan:
        """Yes to the offer that the last job has left open."""
        base = context.offered
        if base is None:
            return self._say(intent.language, "again.none")
        return self.retry_with(base, Pick(intent.model or ""), context, intent)

    def retry_with(self, base: Job, pick: Pick, context: Context, intent: Intent | None = None) -> Plan:
        """A job that did not come out: with the model picked, the one suggested, or the first alternative."""
        pick = pick if pick.model else self._suggestion(base)
        wish = Wish(base.request, model=pick.model, told=pick.price)
        # What was refused before it began is no second try.
        return self._plan(wish, intent, context, "draw" if base.suggested else "retry", base)

    def _suggestion(self, base: Job) -> Pick:
        """What a plain yes to a job's end takes."""
        if base.suggested:
            return Pick(base.suggested, base.price)
        if base.reason is Reason.PRICE_ROSE:
            return Pick(base.model)  # the new price stood in the question
        ways = alternatives(base.model, base.request, self._offers, self._catalog)
        return Pick(ways[0].offer.model if ways else base.model)

    def repeat(self, base: Job, pick: Pick, context: Context) -> Plan:
        """The same again, on a press."""
        wish = Wish(base.request, model=pick.model or base.model, told=pick.price)
        return self._plan(wish, None, context, "again", base)

    def price_of(self, base: Job, model: str) -> Pick:
        """What a job would cost with a model now."""
        model = model or base.suggested or base.model
        chosen = choose(Wish(base.request, model=model), self._offers, self._catalog)
        return Pick(model, chosen.way.price if isinstance(chosen, Choice) else None)

    # Common to all -------------------------------------------------------------------------------------

    def _plan(
        self, wish: Wish, intent: Intent | None, context: Context, acknowledge: str, base: Job | None = None
    ) -> Plan:
        preference = self._preference(intent, context)
        chosen = choose(wish, self._offers, self._catalog)
        saved = preference.model if isinstance(preference, Save) else ""
        job = self._job(wish.request, intent, context, base)
        job = replace(job, notes=self._words.notes(job.language, chosen, saved))
        if isinstance(chosen, Cannot):
            refused = self._refused(job, chosen, context)
            return Answer(self._words.cannot(refused, chosen), preference, refused=refused)
        job = replace(
            job,
            request=chosen.way.request,
            model=chosen.way.offer.model,
            price=chosen.way.price,
            expected=self._expected(chosen.way),
            hint=chosen.hint,
            hint_model=chosen.hint_model,
        )
        return Draw(job, self._words.acknowledgement(job, acknowledge), preference)

    def _expected(self, way: Way) -> tuple[int, int]:
        """Learned from history, else as the live offer says, else by the catalogue."""
        offer, request = way.offer, way.request
        learned = self._times.expected(offer.model, request.task, request.size)
        return learned or offer.seconds or self._words.expected(offer.model)

    def _job(self, request: Request, intent: Intent | None, context: Context, base: Job | None) -> Job:
        language = intent.language if intent else context.language
        subject, emoji = (intent.subject, intent.emoji) if intent else ("", "🎨")
        if base is not None:
            subject, emoji = base.subject, base.emoji
        return Job(
            id=new_id(context.now),
            person=context.person,
            address=context.address,
            language=language,
            request=request,
            model="",
            created_at=context.now,
            subject=subject,
            emoji=emoji,
            called=self._called(intent, context, base),
            parent=base.id if base else "",
        )

    def _called(self, intent: Intent | None, context: Context, base: Job | None) -> str:
        if intent is not None and intent.called:
            return intent.called
        known = context.named or base
        return known.called if known else ""

    def _refused(self, job: Job, cannot: Cannot, context: Context) -> Job:
        first = cannot.ways[0] if cannot.ways else None
        reason = Reason.BAD_SIZE if cannot.key in _SIZES else _REASONS.get(cannot.key, Reason.MODEL_MISMATCH)
        return replace(
            job,
            model=cannot.model,
            request=first.request if first else job.request,
            suggested=first.offer.model if first else "",
            price=first.price if first else None,
            state=State.ENDED,
            outcome=Outcome.FAILED,
            reason=reason,
            finished_at=context.now,
            declined=first is None,
        )

    def _preference(self, intent: Intent | None, context: Context) -> Change | None:
        if intent is None:
            return None
        kind = kind_of(intent.task or (context.base.request.task if context.base else "text_to_image"))
        word = intent.preference
        return change(word, intent.model, kind, context.preferences)

    def remember(self, intent: Intent, context: Context) -> Answer:
        """A model chosen for good."""
        model = self._catalog.get(intent.model or "")
        films = model is not None and not (model.can("text_to_image") or model.can("image_to_image"))
        kind: Kind = "video" if films else "image"
        saved = change("save", intent.model, kind, context.preferences)
        language = intent.language
        name = self._words.model(intent.model or "", language)
        if films:
            return self._say(language, "preference.saved_video", saved, model=name)
        if self._on_offer(intent.model or ""):
            return self._say(language, "preference.saved", saved, model=name)
        return self._say(
            language, "preference.saved_off", saved, model=name, fallback=self._fallback(language)
        )

    def unremember(self, intent: Intent, context: Context) -> Answer:
        """No model of choice any more."""
        cleared = change("clear", None, None, context.preferences)
        return self._say(
            intent.language, "preference.cleared" if cleared else "preference.none_to_clear", cleared
        )

    def show_preference(self, intent: Intent, context: Context) -> Answer:
        """What is remembered."""
        language = intent.language
        model = context.preferences.get("image") or context.preferences.get("video")
        if model is None:
            return self._say(language, "preference.show_none")
        name = self._words.model(model, language)
        if self._on_offer(model):
            return self._say(language, "preference.show", model=name)
        return self._say(language, "preference.show_off", model=name, fallback=self._fallback(language))

    def _say(
        self, language: Language, key: str, preference: Change | None = None, **values: object
    ) -> Answer:
        return Answer(self._words.text(language, key, **values), preference)

    def _on_offer(self, model: str) -> bool:
        return any(offer.model == model for offer in self._offers)

    def _fallback(self, language: Language) -> str:
        chosen = choose(Wish(Request("text_to_image", "")), self._offers, self._catalog)
        return self._words.model(chosen.way.offer.model, language) if isinstance(chosen, Choice) else "—"
