"""Jimeng's web site against its simulator."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from adapters.backends.jimeng_web import JimengWeb, JimengWebSettings
from bot.job import Request
from bot.ports import Order
from tests.contract.backends.bench import Bench, Fault, Wired, wired
from tests.simulators import jimeng_web as simulator

SESSION = "session-of-nobody"
GENERATE = "POST /mweb/v1/aigc_draft/generate"
HISTORY = "POST /mweb/v1/get_history_by_ids"


class JimengWebBench(Wired[simulator.JimengWeb]):
    """The backend, and the site."""

    model = "jimeng-4.5"
    findable = True
    secrets: tuple[str, ...] = (SESSION,)

    def made(self) -> JimengWeb:
        return JimengWeb(self.client, self.media, self.clock, JimengWebSettings(SESSION, self.service.url))

    def order(self, reference: str, fault: Fault | None = None) -> Order:
        match fault:
            case Fault.UNREACHABLE:
                self.service.fail(GENERATE, "drop_before")
            case Fault.BUSY:
                self.service.plan(ret=1010, message="too many")
            case Fault.REFUSED:
                self.service.plan(status=10, fail_code="2038")
            case Fault.LOST:
                # The way there breaks down: neither the answer comes nor can it be asked for at once.
                self.service.fail(GENERATE, "drop_after")
                self.service.fail(HISTORY, "drop_before", count=3)
            case Fault.FAILS:
                self.service.plan(status=30, fail_code=7)
        return Order(reference, self.model, Request("text_to_image", "a fox in the snow"))


def bench(folder: Path) -> AbstractAsyncContextManager[Bench]:
    return wired(simulator.JimengWeb(seconds=30), JimengWebBench, folder)
