"""Which backend takes a job: at its price or less, with room; after a try in vain, the next one first.

Whose turn it is stands in `queue`; the order itself is sent in `line`.
"""

from collections import Counter
from dataclasses import dataclass

from bot.errors import Reason, Refused
from bot.job import Job
from bot.offers import Offers, Serving


@dataclass(frozen=True, slots=True)
class Tries:
    """To whom an order was offered in vain, since when, and when it may be offered again (monotonic)."""

    asked: tuple[str, ...]
    since: float
    again_at: float


class Takers:
    """The backends, as a job sees them."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        #: By job, for those alone that were offered in vain.
        self.tries: dict[str, Tries] = {}

    def able(self, job: Job) -> list[Serving]:
        """Who may draw it at the price that was said; at a higher one the person is asked."""
        serving = self._offers.serving(job.model, job.request.task)
        return [one for one in serving if one.costs_no_more(job.price, job.request.size)]

    def room(self, job: Job, running: Counter[str]) -> Serving | None:
        """A backend that has room for a job: who was asked least comes first, then who is preferred."""
        able, tries = self.able(job), self.tries.get(job.id)
        if tries is not None:
            able.sort(key=lambda one: tries.asked.count(one.backend.name))
        for serving in able:
            if running[serving.backend.name] < serving.backend.limit:
                return serving
        return None

    def refuse_hopeless(self, job: Job) -> None:
        """Raises Refused where no backend will take a job as things stand."""
        if not self._offers.serving(job.model, job.request.task):
            raise Refused(Reason.UNAVAILABLE, f"nobody offers {job.model} any more")
        if not self.able(job):
            raise Refused(Reason.PRICE_ROSE, f"{job.model} costs more than was said")
