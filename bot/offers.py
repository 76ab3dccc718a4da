"""What is on offer now, over all backends, and which backend serves a model.

Kept in memory and refreshed from time to time, so that nobody waits for a catalogue; the last good list of
a backend is kept while its catalogue fails. A backend that keeps failing is rested while another is there
to be asked. Which model suits a request is decided in `choose`.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import ACCOUNT_AT_FAULT, BackendError, Reason
from bot.message import Price, Task
from bot.metrics import Metrics
from bot.ports import Backend, Clock, Offer

log = logging.getLogger(__name__)

#: Seconds between two looks at the catalogues, and how long one look may take.
REFRESH_EVERY = 600.0
REFRESH_LIMIT = 60.0
#: Failures in a row after which a backend is rested; seconds of the first rest, doubled up to the longest.
STRIKES = 3
FIRST_REST = 30.0
LONGEST_REST = 600.0
#: Seconds for which a backend is asked last after its account was refused.
REFUSED_FOR = 1800.0


@dataclass(frozen=True, slots=True)
class Serving:
    """A backend and its offer of one model for one task."""

    backend: Backend
    offer: Offer

    def costs_no_more(self, said: Price | None, size: str) -> bool:
        """Whether its price at `size` is what was said or less; prices of two units do not compare."""
        price = self.offer.price(size)
        if said is None or price is None:
            return said is price
        return not price.exceeds(said)


@dataclass(slots=True)
class _Stand:
    """What is known of one backend."""

    backend: Backend
    offers: tuple[Offer, ...] = ()
    strikes: int = 0
    rests_until: float = 0.0
    #: Its account was refused, and until then others are asked first.
    last_until: float = 0.0


class Offers:
    """The market: every backend with what it offers."""

    def __init__(
        self, backends: Sequence[Backend], order: Sequence[str], clock: Clock, metrics: Metrics
    ) -> None:
        def rank(backend: Backend) -> tuple[int, bool]:
            place = order.index(backend.name) if backend.name in order else len(order)
            return place, not backend.resumable

        self._stands = [_Stand(backend) for backend in sorted(backends, key=rank)]
        #: What backends have ever called their models: also of one that is not on offer any more.
        self._names: dict[str, str] = {}
        self._clock = clock
        self._metrics = metrics

    @property
    def backends(self) -> tuple[Backend, ...]:
        """All backends, preferred ones first."""
        return tuple(stand.backend for stand in self._stands)

    def backend(self, name: str) -> Backend | None:
        """The backend with this name."""
        return next((stand.backend for stand in self._stands if stand.backend.name == name), None)

    async def refresh(self) -> None:
        """Ask every backend what it offers. Never raises: a failing one keeps its last good list."""
        await asyncio.gather(*(self._refresh(stand) for stand in self._stands))

    async def reread(self, backend: Backend) -> None:
        """Ask one backend anew: it has said itself that its prices have changed. Never raises."""
        for stand in self._stands:
            if stand.backend is backend:
                await self._refresh(stand)

    async def wait_and_refresh(self) -> None:
        """Let the usual time pass, then refresh; sooner while there is nothing at all on offer."""
        await self._clock.sleep(REFRESH_EVERY if self.on_offer() else FIRST_REST)
        await self.refresh()

    async def _refresh(self, stand: _Stand) -> None:
        name = stand.backend.name
        try:
            async with asyncio.timeout(REFRESH_LIMIT):
                stand.offers = await stand.backend.offers()
        except (BackendError, TimeoutError) as error:
            self._metrics.backend_calls.labels(name, "offers", "failed").inc()
            log.warning("%s: its list of models is not to be had (%s); the last one is kept", name, error)
        else:
            self._metrics.backend_calls.labels(name, "offers", "ok").inc()
            self._names.update({offer.model: offer.name for offer in stand.offers if offer.name})

    def on_offer(self, task: Task | None = None) -> tuple[Offer, ...]:
        """Every model on offer, once per task, as its preferred backend offers it; resting ones left out."""
        return self._offered([one for one in self._stands if not self._rests(one)], task)

    def instead(self, task: Task) -> tuple[Offer, ...]:
        """What to try after a failure: of backends whose account was refused only where there is no other."""
        awake = [one for one in self._stands if not self._rests(one)]
        return self._offered([one for one in awake if not self._is_refused(one)], task) or self.on_offer(task)

    def _offered(self, stands: Sequence[_Stand], task: Task | None) -> tuple[Offer, ...]:
        found: dict[tuple[str, Task], Offer] = {}
        for stand in sorted(stands, key=self._is_refused):
            for offer in stand.offers:
                if task is None or offer.task == task:
                    found.setdefault((offer.model, offer.task), offer)
        return tuple(found.values())

    def name(self, model: str) -> str:
        """What its backend calls a model; empty where it calls it nothing."""
        return self._names.get(model, "")

    def resting(self) -> frozenset[str]:
        """Models that only resting backends offer."""
        awake = {offer.model for offer in self.on_offer()}
        return frozenset(offer.model for stand in self._stands for offer in stand.offers) - awake

    def serving(self, model: str, task: Task) -> tuple[Serving, ...]:
        """Backends that serve a model: preferred ones first, then those refused, resting ones last."""
        able = [
            ((self._rests(stand), self._is_refused(stand)), Serving(stand.backend, offer))
            for stand in self._stands
            for offer in stand.offers
            if offer.model == model and offer.task == task
        ]
        return tuple(serving for _, serving in sorted(able, key=lambda pair: pair[0]))

    def worked(self, backend: Backend) -> None:
        """A backend took an order on: its strikes are forgotten, and its rest is over."""
        for stand in self._stands:
            if stand.backend is backend:
                stand.strikes, stand.rests_until, stand.last_until = 0, 0.0, 0.0

    def refused(self, backend: str, reason: Reason) -> None:
        """An order came to nothing; where the account is at fault, whoever tries again is sent elsewhere."""
        for stand in self._stands:
            if stand.backend.name == backend and reason in ACCOUNT_AT_FAULT:
                stand.last_until = self._clock.monotonic() + REFUSED_FOR

    def failed(self, backend: Backend) -> None:
        """A backend could not be reached or had no room; too often in a row, and it is rested.

        What fails while it rests says nothing new: many orders that were under way do not prolong the rest.
        """
        for stand in self._stands:
            if stand.backend is backend and not self._tired(stand):
                stand.strikes += 1
                if stand.strikes >= STRIKES:
                    rest = min(LONGEST_REST, FIRST_REST * 2 ** (stand.strikes - STRIKES))
                    stand.rests_until = self._clock.monotonic() + rest
                    log.warning("%s keeps failing; it is rested for %.0f s", backend.name, rest)

    def _rests(self, stand: _Stand) -> bool:
        """Whether it is left alone; where all are tired, trying one is better than turning people away."""
        return self._tired(stand) and not all(self._tired(one) for one in self._stands)

    def _is_refused(self, stand: _Stand) -> bool:
        return self._clock.monotonic() < stand.last_until

    def _tired(self, stand: _Stand) -> bool:
        return self._clock.monotonic() < stand.rests_until
