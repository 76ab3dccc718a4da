"""Commits a plan together with the claim of what caused it, and then acts on it.

The order is the whole point: nothing is done or answered that was not claimed, and nothing that was claimed
is forgotten, whatever crashes in between.
"""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.background import Background
from bot.engine.context import Context
from bot.engine.plan import Answer, CallOff, Draw, Plan
from bot.job import idempotency_key
from bot.ledger import Ledger, Times
from bot.message import Incoming, Language, Outgoing
from bot.notifier import Notifier
from bot.offers import Offers
from bot.ports import Platform, Statement
from bot.runner import Runner
from prefs import Preferences

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """What caused a plan: (platform, id), and the second key that is the same if it comes under a new id."""

    platform: str
    id: str
    content: str
    #: When it arrived, by the monotonic clock.
    arrived: float

    @classmethod
    def of(cls, incoming: Incoming, arrived: float) -> "Claim":
        """That of a message: under a new id it has the same chat, sender, sent time and content."""
        platform, identity = incoming.person.platform, incoming.id
        if not incoming.sent_at:
            return cls(platform, identity, f"{platform}:{identity}", arrived)
        parts = (incoming.address.chat, incoming.person.id, repr(incoming.sent_at), incoming.text)
        pictures = (attachment.id for attachment in incoming.attachments)
        content = hashlib.sha256("\0".join((*parts, *pictures)).encode(errors="replace")).hexdigest()
        return cls(platform, identity, content, arrived)


@dataclass(frozen=True, slots=True)
class Office:
    """Who there is to work with."""

    ledger: Ledger
    preferences: Preferences
    offers: Offers
    notifier: Notifier
    runner: Runner
    platforms: Mapping[str, Platform]
    times: Times
    #: The language where nothing tells.
    language: Language = "zh"


class Desk:
    """Where plans become deeds."""

    def __init__(self, office: Office) -> None:
        self._office = office
        #: What the engine does while nobody waits.
        self.background = Background("engine")

    async def carry_out(
        self, plan: Plan, context: Context, claim: Claim, also: tuple[Outgoing, ...] = ()
    ) -> bool:
        """Claim, record and act; False if it was claimed before and nothing was done.

        `also`: answers besides the plan's own, such as a warning.
        """
        answers = (*((plan.message,) if isinstance(plan, Answer) else ()), *also)
        owed = {idempotency_key(claim.platform, claim.id, str(n)): answer for n, answer in enumerate(answers)}
        ledger = self._office.ledger
        effects = self._effects(plan, context)
        effects += [ledger.owing(key, context.now, context.address, answer) for key, answer in owed.items()]
        forgets = isinstance(plan, Answer) and plan.forgets
        files = await ledger.files_of(context.person) if forgets else set()
        if forgets:
            # The platform forgets first: where that fails, nothing is claimed and the wish comes again.
            if await ledger.is_claimed(claim.platform, claim.id):
                return False
            await self._office.platforms[context.person.platform].forget(context.person)
        if not await ledger.claim((claim.platform, claim.id), claim.content, context.now, effects):
            return False
        if files:
            await asyncio.to_thread(_unlink, files)
        for key, answer in owed.items():
            self.background.spawn(self._office.notifier.answer(context.address, answer, key))
        self._act(plan, claim)
        return True

    def _effects(self, plan: Plan, context: Context) -> list[Statement]:
        ledger, preferences, person = self._office.ledger, self._office.preferences, context.person
        effects: list[Statement] = []
        if isinstance(plan, Draw):
            effects.append(ledger.inserting(plan.job))
        if isinstance(plan, Answer) and plan.refused:
            effects.append(ledger.inserting(plan.refused))
        if isinstance(plan, Answer) and plan.declined:
            effects.append(ledger.declining(plan.declined))
        if isinstance(plan, CallOff):
            effects += [ledger.calling_off(job, context.now) for job in plan.jobs]
        if isinstance(plan, Answer) and plan.forgets:
            effects += [*preferences.forgetting(person.key), *ledger.forgetting(person)]
        if not isinstance(plan, CallOff):
            effects += preferences.changing(person.key, plan.preference, context.now)
        return effects

    def _act(self, plan: Plan, claim: Claim) -> None:
        match plan:
            case Draw(job, acknowledgement):
                shown = self._office.notifier.acknowledge(job, acknowledgement, claim.arrived)
                self._office.runner.add(job, shown)
            case CallOff(jobs):
                for job in jobs:
                    self._office.runner.called_off(job.id)

    async def close(self) -> None:
        """Stop what is in the background; what was owed stays owed."""
        await self.background.close()


def _unlink(files: set[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
