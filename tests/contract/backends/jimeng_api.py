"""jimeng-api against its simulator."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from adapters.backends.jimeng_api import JimengApi, JimengApiSettings
from bot.job import Request
from bot.ports import Order
from tests.contract.backends.bench import Bench, Fault, Wired, wired
from tests.simulators import jimeng_api as simulator

SESSION = "session-of-nobody"
GENERATIONS = "POST /v1/images/generations"


class JimengApiBench(Wired[simulator.JimengApi]):
    """The backend, and the service with a Jimeng behind it."""

    model = "jimeng-4.5"
    secrets: tuple[str, ...] = (SESSION,)

    def made(self) -> JimengApi:
        settings = JimengApiSettings(self.service.url, (SESSION,), deadline=5)
        return JimengApi(self.client, self.media, self.clock, settings)

    def order(self, reference: str, fault: Fault | None = None) -> Order:
        match fault:
            case Fault.UNREACHABLE:
                self.service.fail("GET /ping", "drop_before", count=3)
            case Fault.BUSY:
                self.service.plan(ret=1310, message="busy")
            case Fault.REFUSED:
                self.service.plan(ret=2038, message="sensitive")
            case Fault.LOST:
                # The first request of that route asks for the release and costs nothing.
                asked = any(seen.path == "/v1/images/generations" for seen in self.service.requests)
                self.service.fail(GENERATIONS, "drop_after", skip=0 if asked else 1)
            case Fault.FAILS:
                self.service.plan(pictures=0, fail_code=7)
        return Order(reference, self.model, Request("text_to_image", "a fox in the snow"))


def bench(folder: Path) -> AbstractAsyncContextManager[Bench]:
    return wired(simulator.JimengApi(), JimengApiBench, folder)
