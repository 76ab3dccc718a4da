"""IMA Studio: the backend, and the simulator of its two hosts."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from adapters.backends.ima import Ima
from bot.job import Request
from bot.ports import Order
from bot.settings import Ima as Settings
from tests.contract.backends.bench import Bench, Fault, Wired, wired
from tests.simulators.ima import ImaService

CREATE = "/open/v1/tasks/create"
WORDS = {Fault.REFUSED: "[sensitive]", Fault.FAILS: "[fail]"}


class ImaBench(Wired[ImaService]):
    """The backend beside its service."""

    model = "doubao-seedream-4.5"

    def made(self) -> Ima:
        url, keys = self.service.url, (self.service.api_key, self.service.app_key)
        self.secrets: tuple[str, ...] = keys
        return Ima(self.client, self.media, self.clock, Settings(keys[0], url, url, keys[1]))

    def order(self, reference: str, fault: Fault | None = None) -> Order:
        if fault is Fault.UNREACHABLE:
            self.cable.cut = CREATE
        elif fault is Fault.BUSY:
            self.service.fail(CREATE, "status", status=429)
        elif fault is Fault.LOST:
            self.service.fail(CREATE, "drop_after")
        prompt = f"a fox in the snow {WORDS.get(fault, '') if fault else ''}".strip()
        return Order(reference, self.model, Request("text_to_image", prompt))


def bench(folder: Path) -> AbstractAsyncContextManager[Bench]:
    service = ImaService()
    service.seconds, service.stagger = 12, 1
    return wired(service, ImaBench, folder)
