"""Volcengine: the backend, and the simulator of its visual API."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from adapters.backends.volcengine import Volcengine
from bot.job import Request
from bot.ports import Order
from bot.settings import Volcengine as Settings
from tests.contract.backends.bench import Bench, Fault, Wired, wired
from tests.simulators.volcengine import VolcengineService

SUBMIT = "CVSync2AsyncSubmitTask"
WORDS = {Fault.REFUSED: "[submit 50412]", Fault.FAILS: "[result 50500]"}
BUSY = b'{"code":50430,"data":null,"message":"Concurrent Limit"}'


class VolcengineBench(Wired[VolcengineService]):
    """The backend beside its service."""

    model = "jimeng-4.0"

    def made(self) -> Volcengine:
        service = self.service
        self.secrets: tuple[str, ...] = (service.access_key, service.secret_key)
        settings = Settings(*self.secrets, service.url, service.concurrent)
        return Volcengine(self.client, self.media, self.clock, settings)

    def order(self, reference: str, fault: Fault | None = None) -> Order:
        if fault is Fault.UNREACHABLE:
            self.cable.cut = "/"
        elif fault is Fault.BUSY:
            self.service.fail(SUBMIT, "status", status=429, body=BUSY)
        elif fault is Fault.LOST:
            self.service.fail(SUBMIT, "drop_after")
        prompt = f"a fox in the snow {WORDS.get(fault, '') if fault else ''}".strip()
        return Order(reference, self.model, Request("text_to_image", prompt))


def bench(folder: Path) -> AbstractAsyncContextManager[Bench]:
    service = VolcengineService()
    service.seconds, service.concurrent = 12, 3
    return wired(service, VolcengineBench, folder)
