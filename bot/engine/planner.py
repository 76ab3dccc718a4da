"""From an intent and its context to a plan: a new job, an answer, or what can be done instead. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.choose import Cannot, Choice, Way, Wish, alternatives, choose
from bot.engine.context import Context
from bot.engine.plan import Answer, Draw, Plan
from bot.errors import Reason
from bot.job import Job, Outcome, Request, State, new_id
from bot.language import Intent
from bot.ledger import Times
from bot.message import Attachment, Language, Media, Pick
from bot.notifier import Words
from bot.ports import Offer
from prefs import Change, change, kind_of

#: What a person is told to be the reason where something cannot be done.
_REASONS = {
    "dearer": Reason.PRICE_ROSE,
    "ratio": Reason.RATIO_UNSUPPORTED,
    "model_gone": Reason.UNAVAILABLE,
    "nothing": Reason.UNAVAILABLE,
}
_SIZES = frozenset({"ratio_odd", "size", "size_max", "pixels"})
#: How many are shown to who asks for another model.
_OTHERS = 3
#: A picture by its number, where it is no "third poster" of a series.
_NUMBER = re.compile(r"#\d+|第.{1,2}张(?=[，,、\s要加换改变做去]|$)")
#: Where there is nothing yet to go on from, these words begin a series.
_SERIES = re.compile("系列|同一|series", re.IGNORECASE)


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
        intent = _by_number(_by_name(intent, context), context)
        if intent.picture and _NUMBER.fullmatch(intent.prompt):
            return self._say(intent.language, "cannot.how", n=intent.picture)
        task = intent.task or "text_to_image"
        if task == "text_to_image" and not intent.prompt.strip():
            return self._say(intent.language, "chat.other")
        attachments, inputs = self._sources(intent, context)
        if task.startswith("image_to") and not attachments and not inputs:
            if not _begins_series(intent, context):
                return self._no_picture(intent, context)
            task = "text_to_image"
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
        if task.startswith("text_to"):
            return self._plan(wish, intent, context, "draw")
        by = {"last": "same", "named": "named"}.get(intent.reference or "", "edit")
        return self._plan(wish, intent, context, "edit" if attachments else by)

    def _no_picture(self, intent: Intent, context: Context) -> Answer:
        """Which picture is meant cannot be told: why, and what to do."""
        language, several = intent.language, len(context.pictures)
        if intent.picture and several:
            return self._say(language, "cannot.picture", n=several)
        drawing = context.base is not None and context.base.cancellable
        return self._say(language, "cannot.not_yet" if drawing else "cannot.no_picture")

    def edit(self, intent: Intent, context: Context) -> Plan:
        """What was typed into the form under a result is about that picture, whatever else it could mean."""
        return self.draw(
            replace(intent, intent="generate", task="image_to_image", reference="reply"), context
        )

    def _sources(self, intent: Intent, context: Context) -> tuple[tuple[Attachment, ...], tuple[Media, ...]]:
        """The pictures an edit works on: sent, linked, chosen in the message answered, or drawn before."""
        if not (intent.task or "").startswith("image_to"):
            return (), ()
        if intent.reference == "named":
            return (), tuple(job.results[0] for job in context.named)
        linked = tuple(Attachment(url, url=url) for url in intent.urls)
        sent = (*context.attachments, *linked)
        if sent and intent.reference != "reply":
            return sent, ()
        if context.reply_attachments:
            return (*sent, *context.reply_attachments), ()
        if context.shown and intent.reference == "last":
            return context.shown, ()
        place = intent.picture or 1
        return sent, context.pictures[place - 1 : place]

    def _wish(self, intent: Intent, context: Context, request: Request) -> Wish:
        given_back = intent.preference == "clear"
        return Wish(
            request,
            model=intent.model or "",
            preferred="" if given_back else context.preferences.get(kind_of(request.task), ""),
            budget=intent.budget or "",
            # Exact pixels are judged as such, whatever ratio they are.
            ratio_asked=(intent.ratio_asked or "") if not (intent.ratio or intent.pixels) else "",
            size_asked=(intent.size_asked or "") if not intent.size else "",
            suits=("edit",) if request.task.startswith("image_to") else intent.suits,
        )

    # The last picture once more ------------------------------------------------------------------------

    def again(self, intent: Intent, context: Context) -> Plan:
        """The base job with nothing but parameters changed."""
        base = context.base
        if base is None:
            return self._say(intent.language, "again.none")
        if base.lacks_picture and not intent.model:
            return self._say(intent.language, "cannot.same_picture")
        # The same model, unless the words leave it open: "again, with the cheapest", "again, you choose".
        is_open = intent.budget or intent.preference == "clear"
        model = intent.model or ("" if is_open else base.model)
        wish = replace(self._wish(intent, context, _changed(base.request, intent)), model=model)
        return self._plan(wish, intent, context, "again", base)

    def retry(self, intent: Intent, context: Context) -> Plan:
        """Yes to the offer that the last job has left open."""
        base = context.offered
        if base is None or not context.offer_open:
            return self.again(intent, context)  # /retry after a picture that came out
        another = intent.preference == "clear"
        if base.lacks_picture and not intent.model and not another:
            return self._say(intent.language, "cannot.same_picture")
        pick = Pick(intent.model) if intent.model else self._suggestion(base, another=another)
        request = _changed(base.request, intent)
        if intent.budget and not intent.model:
            wish = self._wish(intent, context, request)
        else:
            told = pick.price if request == base.request else None
            wish = Wish(request, model=pick.model, told=told, bends=bool(base.suggested))
        return self._plan(wish, intent, context, _first_try(base) or "retry", base)

    def with_picture(self, intent: Intent, context: Context) -> Plan:
        """The offered job with the picture that was sent in place of the one that would not do."""
        base = context.offered
        if base is None:
            return self._say(intent.language, "again.none")
        request = replace(base.request, attachments=context.attachments, inputs=())
        wish = Wish(request, model=base.model, told=base.price, bends=bool(base.suggested))
        return self._plan(wish, intent, context, "edit", base)

    def another(self, intent: Intent, context: Context, base: Job) -> Answer:
        """Another model for what was drawn, and nobody has said which: the choice, with prices."""
        preference = self._preference(intent, context)
        notes = self._words.preference(intent.language, preference) if preference else ()
        ways = alternatives(base.model, base.request, self._offers, self._catalog, _OTHERS)
        cannot = Cannot("another" if ways else "alone", base.model, ways=ways)
        job = replace(self._job(base.request, intent, context, base), notes=notes)
        asked = self._refused(job, cannot, context)
        return Answer(self._words.cannot(asked, cannot), preference, refused=asked)

    def _suggestion(self, base: Job, *, another: bool = False) -> Pick:
        """What a plain yes to a job's end takes; `another`: yes, but not the same model."""
        asked = base.model or base.suggested
        if base.suggested and not (another and base.suggested == asked):
            return Pick(base.suggested, base.price)
        told = Pick.read(base.proposal)
        if told.model and not (another and told.model == asked):
            return told
        ways = alternatives(asked, base.request, self._offers, self._catalog)
        return Pick(ways[0].offer.model if ways else asked)

    def pressed(self, base: Job, pick: Pick, context: Context, acknowledge: str) -> Plan:
        """A job once more, with what was picked on a button. `acknowledge`: "retry" or "again"."""
        wish = Wish(base.request, model=pick.model, told=pick.price, bends=bool(base.suggested))
        return self._plan(wish, None, context, _first_try(base) or acknowledge, base)

    def price_of(self, base: Job, model: str) -> Pick:
        """What a job would cost with a model now."""
        model = model or base.suggested or base.model
        wish = Wish(base.request, model=model, bends=bool(base.suggested))
        chosen = choose(wish, self._offers, self._catalog)
        return Pick(model, chosen.way.price if isinstance(chosen, Choice) else None)

    # Common to all -------------------------------------------------------------------------------------

    def _plan(
        self, wish: Wish, intent: Intent | None, context: Context, acknowledge: str, base: Job | None = None
    ) -> Plan:
        preference = self._preference(intent, context)
        chosen = choose(wish, self._offers, self._catalog)
        job = self._job(wish.request, intent, context, base)
        changed = self._words.preference(job.language, preference) if preference else ()
        job = replace(job, notes=(*changed, *self._words.notes(job.language, chosen)))
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
        if base is not None and acknowledge in ("again", "retry"):
            acknowledge = _by_model(acknowledge, base.model, job.model)
        names = tuple(one.called for one in context.named)
        return Draw(job, self._words.acknowledgement(job, acknowledge, names), preference)

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
            called=(intent.called if intent else "") or (base.called if base else ""),
            parent=base.id if base else "",
        )

    def _refused(self, job: Job, cannot: Cannot, context: Context) -> Job:
        first = cannot.ways[0] if cannot.ways else None
        reason = Reason.BAD_SIZE if cannot.key in _SIZES else _REASONS.get(cannot.key, Reason.MODEL_MISMATCH)
        return replace(
            job,
            model=cannot.model,
            request=cannot.request or job.request,
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

    def _say(self, language: Language, key: str, **values: object) -> Answer:
        return Answer(self._words.text(language, key, **values))


def _by_name(intent: Intent, context: Context) -> Intent:
    """Somebody who was drawn before is called by name: their picture is what to go on from.

    A new look ("dye Max blue") is what the name means from now on. A scene ("Max is swimming") is not: the
    tenth scene is drawn after the first picture, not after the ninth.
    """
    if not context.named or intent.called:
        return intent
    if intent.task == "text_to_image":
        return replace(intent, task="image_to_image", reference="named")
    if intent.task == "image_to_image" and intent.reference == "last":
        [*others, one] = context.named
        return replace(intent, reference="named", called=None if others else one.called)
    return intent


def _by_number(intent: Intent, context: Context) -> Intent:
    """ "#1 in black and white" after four pictures is about the first of them."""
    several = 1 < len(context.pictures) >= (intent.picture or 0) > 0
    if intent.task == "text_to_image" and several and _NUMBER.match(intent.prompt):
        return replace(intent, task="image_to_image", reference="last")
    return intent


def _by_model(acknowledge: str, before: str, now: str) -> str:
    """The acknowledgement that names the model where it is another one, and only there."""
    another = before not in ("", now)
    if acknowledge == "again":
        return "again_with" if another else "again"
    return "retry" if another else "retry_same"


def _first_try(base: Job) -> str:
    """The acknowledgement of what was refused before it began, which is no second try; else ""."""
    if not base.suggested:
        return ""
    return "edit" if base.request.task.startswith("image_to") else "draw"


def _begins_series(intent: Intent, context: Context) -> bool:
    """Whether words such as "a series of" come before there is anything to go on from."""
    waits = context.replied is not None or (context.base is not None and context.base.cancellable)
    return not waits and not intent.picture and _SERIES.search(intent.prompt) is not None


def _changed(request: Request, intent: Intent) -> Request:
    """The same request with what was said to be different."""
    said = {"ratio": intent.ratio, "size": intent.size, "count": intent.count, "pixels": intent.pixels}
    changes: dict[str, Any] = {name: value for name, value in said.items() if value}
    return replace(request, **changes)
