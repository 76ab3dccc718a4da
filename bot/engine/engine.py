"""A message: understand → claim and record → answer → act, read from top to bottom. And a press.

Every decision is a call to a pure function (`language`, `planner`, `choose`); what is decided is committed
and done by `desk`.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable
from dataclasses import replace
from weakref import WeakValueDictionary

from bot.engine.answers import Answers
from bot.engine.context import Context, gather, gather_pressed, with_names
from bot.engine.desk import Claim, Desk, Office
from bot.engine.in_hand import InHand
from bot.engine.newcomers import newcomers, understood
from bot.engine.plan import Answer, CallOff, Draw, Plan
from bot.engine.planner import Planner
from bot.engine.preferring import Preferring
from bot.engine.shades import shade
from bot.engine.smalltalk import smalltalk
from bot.engine.warmup import WarmUp
from bot.engine.wordless import Wordless
from bot.errors import DatabaseError
from bot.job import Job
from bot.language import Intent, understand
from bot.message import Address, Form, Incoming, Language, Outgoing, Person, Pick, Press, Pressed, Reply
from bot.recent import Recent

log = logging.getLogger(__name__)

#: Seconds after which a message that nobody has claimed is too old to act on.
STALE = 300.0
#: Two presses on one button within so many seconds are one.
DOUBLE_PRESS = 2.0
#: Longest description, in characters.
LONGEST = 4000
#: A command without anything that a person has said.
_COMMAND = re.compile(r"\s*/[a-z_]+\s*", re.IGNORECASE)


class Engine:
    """What every platform's inbox leads to."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desk = Desk(office)
        self._words = office.notifier.words
        self._clock = office.notifier.clock
        self._answers = Answers(office)
        #: By person and by button, so that a press is answered from memory.
        self._languages: Recent[str, Language] = Recent()
        self._presses: Recent[str, float] = Recent()
        self._wordless = Wordless()
        #: Held while something that a person did is taken up.
        self._hands: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._in_hand = InHand()
        self._warm = WarmUp()
        self._draining = False

    async def warm_up(self) -> None:
        """Make understanding ready. What people say meanwhile waits for it, and for nothing else."""
        await self._warm.done()

    async def drain(self, seconds: float) -> None:
        """From now on everything new is asked to come back in a minute; what came before is recorded.

        Waits for that, so many seconds at most.
        """
        self._draining = True
        await self._in_hand.none(seconds)

    async def close(self) -> None:
        """Stop at once."""
        await self._desk.close()

    # Messages ------------------------------------------------------------------------------------------

    async def message(self, incoming: Incoming) -> None:
        """Handle a message. Returns when it is recorded and its answer is on the way.

        Raises DatabaseError where it could not be recorded and the platform delivers again.
        """
        known = self._languages.get(incoming.person.key) or incoming.locale or self._office.language
        again = self._office.platforms[incoming.person.platform].traits.redelivers
        place = incoming.address if incoming.mentioned else None
        await self._guard(self._message(incoming), place, known, again=again)

    async def _message(self, incoming: Incoming) -> None:
        claim = Claim.of(incoming, self._clock.monotonic())
        now, late = self._clock.now(), self._draining
        await self._warm.done()
        async with self._hand(incoming.person):
            context = await gather(incoming, self._office.ledger, self._office.preferences, now)
            context = replace(context, shown=self._wordless.before(incoming, now))
            intent = self._understand(incoming, context)
            if intent.intent == "chat" and not incoming.mentioned and not intent.secret:
                return  # people talk among themselves
            plan = await self._plan(intent, context, incoming, late)
            await self._desk.carry_out(plan, context, claim, self._warnings(intent))
            if isinstance(plan, Draw):
                self._wordless.drop(incoming)

    def _hand(self, person: Person) -> asyncio.Lock:
        """What one person does is taken up one after the other: the next decision must see the last one."""
        return self._hands.setdefault(person.key, asyncio.Lock())

    async def _guard(
        self, work: Awaitable[None], place: Address | None, language: Language, *, again: bool = False
    ) -> None:
        """One message's mishap stays one message's mishap, and nobody is left in silence over it.

        `again`: what could not be recorded is delivered again, so the platform is told instead of the person.
        """
        try:
            with self._in_hand.one():
                await work
        except Exception as error:
            log.exception("a message or press could not be handled")
            if again and isinstance(error, DatabaseError):
                raise
            if place is not None:
                self._office.notifier.mention(place, self._words.text(language, "limit.trouble"))

    def _understand(self, incoming: Incoming, context: Context) -> Intent:
        def read(text: str) -> Intent:
            return understand(
                text,
                images=len(incoming.attachments),
                reply_to_result=context.replied is not None or bool(context.reply_attachments),
                awaiting_retry=context.offer_open,
                mentioned=incoming.mentioned,
            )

        fresh = newcomers(self._office.offers.on_offer(), self._words)
        intent = understood(_readable(incoming.text), fresh, read)
        language = self._spoken(incoming, context, intent)
        self._languages[incoming.person.key] = language
        return replace(intent, language=language)

    def _spoken(self, incoming: Incoming, context: Context, intent: Intent) -> Language:
        """The message's language; where it does not tell, the person's: a command is picked from a list."""
        before = context.last.language if context.last else None
        known = self._languages.get(incoming.person.key) or before or incoming.locale
        if not any(character.isalpha() for character in incoming.text):
            return known or self._office.language
        return (known or intent.language) if _COMMAND.fullmatch(incoming.text) else intent.language

    def _warnings(self, intent: Intent) -> tuple[Outgoing, ...]:
        """A key that was pasted is warned about, whatever else is asked for; talk answers with it."""
        if not intent.secret or intent.intent == "chat":
            return ()
        return (self._words.text(intent.language, "secret.warned"),)

    async def _plan(self, intent: Intent, context: Context, incoming: Incoming, late: bool) -> Plan:
        language = intent.language
        if late:
            return self._say(language, "limit.draining")
        if not incoming.redelivered and incoming.sent_at and context.now - incoming.sent_at > STALE:
            age = context.now - incoming.sent_at
            log.warning("a message is %.0f s old: the bot was away, or this machine's clock is wrong", age)
            return self._say(language, "limit.stale")
        if len(incoming.text) > LONGEST:
            return self._say(language, "limit.too_long", n=LONGEST)
        match intent.intent:
            case "generate":
                context = await with_names(context, intent.prompt, self._office.ledger)
                return self._within_limits(self._planner().draw(intent, context))
            case "again" if intent.preference == "clear" and context.base is not None:
                return self._given_back(intent, context, context.base)
            case "again":
                return self._within_limits(self._planner().again(intent, context))
            case "chat" | "retry" if context.awaits_picture and context.attachments:
                return self._within_limits(self._planner().with_picture(intent, context))
            case "retry":
                return self._within_limits(self._planner().retry(intent, context))
            case "set_preference":
                return self._preferring().remember(intent, context)
            case "clear_preference":
                return self._given_back(intent, context, context.lately)
            case "show_preference":
                return self._preferring().show(intent, context)
            case "cancel":
                return await self._call_off(intent, context)
            case "forget_me":
                return await self._forget_plan(intent, context)
            case _:
                return Answer(await self._talk(intent, context, incoming))

    def _planner(self) -> Planner:
        return Planner(self._words, self._office.offers.on_offer(), self._office.times)

    def _given_back(self, intent: Intent, context: Context, base: Job | None) -> Plan:
        """The choice of model is left to us: for good, and perhaps for the last picture at once."""
        meant = shade(intent.text)
        if meant == "another" and context.base is not None and context.base.cancellable:
            return self._say(intent.language, "cannot.no_other_yet")
        if base is None or not meant:
            return self._preferring().unremember(intent, context)
        if meant == "another" and not intent.budget:
            return self._planner().another(intent, context, base)
        return self._within_limits(self._planner().again(intent, context))

    def _preferring(self) -> Preferring:
        return Preferring(self._words, self._office.offers.on_offer())

    def _say(self, language: Language, key: str, **values: object) -> Answer:
        return Answer(self._words.text(language, key, **values))

    def _within_limits(self, plan: Plan) -> Plan:
        if isinstance(plan, Draw) and not self._office.runner.has_room(plan.job.person.key):
            return self._say(plan.job.language, "limit.person", n=self._office.runner.queued_per_person)
        return plan

    async def _call_off(self, intent: Intent, context: Context) -> Plan:
        """Which jobs "cancel" means, or that it declines the offer that stands open."""
        say, replied = self._say, context.replied
        if context.offer_open and understand(intent.text).intent != "cancel":
            # A plain "no" answers the offer, whatever else is being drawn; "stop" is about the drawing.
            return replace(say(intent.language, "cancel.offer"), declined=context.offered)
        if replied is not None and not intent.everything:
            if replied.person != context.person:
                return say(intent.language, "cancel.other")
            if replied.cancellable:
                return CallOff((replied,))
            if context.offer_open:
                return replace(say(intent.language, "cancel.offer"), declined=replied)
            return say(intent.language, "cancel.late")
        jobs = await self._office.ledger.cancellable_of(context.person, context.address)
        if jobs:
            return CallOff(jobs if intent.everything else jobs[:1])
        if context.offer_open:
            return replace(say(intent.language, "cancel.offer"), declined=context.last)
        return say(intent.language, "cancel.none")

    async def _forget_plan(self, intent: Intent, context: Context) -> Plan:
        busy = bool(await self._office.ledger.cancellable_of(context.person))
        return replace(
            self._say(intent.language, "forget.done_busy" if busy else "forget.done"), forgets=True
        )

    async def _talk(self, intent: Intent, context: Context, incoming: Incoming) -> Outgoing:
        language = intent.language
        match intent.intent:
            case "help":
                return self._answers.help(language, context.address.platform)
            case "list_models":
                return self._answers.models(language, context.preferences.get("image", ""))
            case "credits":
                return await self._answers.credits(language)
            case "status":
                return await self._answers.status(context.person, context.address, language)
            case _:
                if incoming.attachments and not incoming.text.strip():
                    self._wordless.keep(incoming, context.now)
                    return self._words.text(language, "chat.picture")
                key = "secret.warned" if intent.secret else f"chat.{smalltalk(incoming.text)}"
                return self._words.text(language, key)

    # Presses -------------------------------------------------------------------------------------------

    def press(self, press: Pressed) -> Reply:
        """Answer a press at once, from memory; its effects follow on their own."""
        mine = press.owner == press.person.id
        language = press.language if mine else self._language_of(press)
        say = self._words.texts.say
        if self._draining:
            return Reply(say(language, "press.busy"), refused=True)
        if press.press is Press.EDIT and mine and not press.text.strip():
            return Reply(form=self._form(language))
        if press.press in (Press.CANCEL, Press.DECLINE) and not mine:
            return Reply(say(language, "cancel.other"))
        if not self._is_double(press):
            work = self._pressed(replace(press, language=language), mine)
            self._desk.background.spawn(self._guard(work, press.address, language))
        if not mine:
            return Reply(say(language, "press.not_yours"))
        return Reply(say(language, "press.cancelling") if press.press is Press.CANCEL else "")

    def _form(self, language: Language) -> Form:
        say = self._words.texts.say
        return Form(say(language, "form.title"), say(language, "form.label"), say(language, "form.submit"))

    def _language_of(self, press: Pressed) -> Language:
        return self._languages.get(press.person.key) or press.locale or self._office.language

    def _is_double(self, press: Pressed) -> bool:
        """A second press on the same button right after the first is a trembling finger."""
        # The ways out of one failure are one question: whichever is pressed first is the answer.
        same = (
            ""
            if press.press in (Press.SWITCH, Press.RETRY)
            else f"{press.press}/{press.value}/{hash(press.text)}"
        )
        key = f"{press.person.key}/{press.job}/{same}"
        now = self._clock.monotonic()
        before = self._presses.get(key)
        self._presses[key] = now
        return before is not None and now - before < DOUBLE_PRESS

    async def _pressed(self, press: Pressed, mine: bool) -> None:
        identity = f"press:{press.id}"
        claim = Claim(press.person.platform, identity, identity, self._clock.monotonic())
        await self._warm.done()
        async with self._hand(press.person):
            job = await self._office.ledger.get(press.job)
            context = await gather_pressed(press, job, self._office.preferences, self._clock.now())
            typed = understand(_readable(press.text), reply_to_result=True) if press.text else None
            plan = self._plan_press(press, context, mine, typed)
            await self._desk.carry_out(plan, context, claim, self._warnings(typed) if typed else ())

    def _plan_press(self, press: Pressed, context: Context, mine: bool, typed: Intent | None) -> Plan:
        job, language = context.base, context.language
        if job is None:
            return self._say(language, "press.gone")
        planner, pick = self._planner(), Pick.read(press.value)
        # A button tells whose it is, but only the ledger knows: a forged one would call off anybody's job.
        if press.press is not Press.DRAW and job.person != press.person:
            mine = False
        if not mine and press.press in (Press.CANCEL, Press.DECLINE):
            return self._say(language, "cancel.other")
        if not mine:
            now = planner.price_of(job, pick.model)
            return Answer(self._words.somebody_elses(job, context.person, language, now))
        pick = pick if pick.model else Pick(job.model, job.price)
        match press.press:
            case Press.CANCEL:
                return CallOff((job,)) if job.cancellable else self._say(language, "cancel.late")
            case Press.DECLINE:
                return replace(self._say(language, "cancel.offer"), declined=job)
            case Press.SWITCH | Press.RETRY:
                return self._within_limits(planner.pressed(job, pick, context, "retry"))
            case Press.EDIT:
                if typed is None or not typed.prompt:
                    return self._say(language, "form.title")
                return self._within_limits(planner.edit(typed, context))
            case Press.AGAIN | Press.DRAW:
                return self._within_limits(planner.pressed(job, pick, context, "again"))
            case _:
                return self._say(language, "press.gone")


def _readable(text: str) -> str:
    """What of a text is read: its beginning, without halves of characters."""
    return text[:LONGEST].encode(errors="replace").decode()
