"""500 pictures at a backend over HTTP: what asking costs.

    python -m benchmarks.polling 500 40

starts the server as a second process, 500 jobs, and asks for 40 seconds.
"""

import asyncio
import json
import subprocess
import sys
import time
from typing import Any

import httpx

from benchmarks.stage import PLENTY, figures, opened
from bot.errors import BackendError, NotSent, Reason
from bot.message import Price
from bot.ports import Check, Finished, Offer, Order, Pending, Ticket

MODEL = "doubao-seedream-4.5"
#: With fewer kept alive than are open, httpx spends its time on connecting and on its own queue.
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=100)


class HttpBackend:
    """`bot.ports.Backend` over one shared httpx client, as the real ones do it."""

    name = "http"
    limit = PLENTY
    resumable = True

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, limits=LIMITS)
        #: Seconds from a question to its answer.
        self.asked: list[float] = []

    async def offers(self) -> tuple[Offer, ...]:
        price = (("", Price(5, "points")),)
        return (
            Offer(
                MODEL, "text_to_image", prices=price, seconds=(60, 120), ratios=("1:1", "16:9"), sizes=("2K",)
            ),
        )

    async def submit(self, order: Order) -> Ticket:
        answer = await self._call("POST", "/orders", {"reference": order.reference})
        return Ticket(str(answer["ticket"]))

    async def poll(self, ticket: Ticket) -> Pending | Finished:
        began = time.perf_counter()
        answer = await self._call("GET", f"/orders/{ticket.data}", None)
        self.asked.append(time.perf_counter() - began)
        return Finished(()) if answer["done"] else Pending()

    async def _call(self, method: str, path: str, body: dict[str, str] | None) -> dict[str, Any]:
        try:
            response = await self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise NotSent(Reason.NETWORK, type(error).__name__) from error
        if response.status_code != 200:
            raise BackendError(Reason.UNAVAILABLE, str(response.status_code))
        answer: dict[str, Any] = response.json()
        return answer

    async def find(self, order: Order) -> Ticket | None:
        return Ticket(order.reference)

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        return ()

    async def check(self) -> tuple[Check, ...]:
        return ()

    async def close(self) -> None:
        await self._client.aclose()


async def measure(url: str, jobs: int, watch: float) -> dict[str, Any]:
    """Start the jobs over five seconds, then watch."""
    backend = HttpBackend(url)
    async with opened(backend) as bench:
        await bench.ramp(jobs, jobs / 5)
        backend.asked.clear()
        bench.late.values.clear()
        cpu, began = time.process_time(), time.perf_counter()
        await asyncio.sleep(watch)
        used, passed = time.process_time() - cpu, time.perf_counter() - began
        return {
            "running": bench.house.runner.living,
            "polls a second": round(len(backend.asked) / passed),
            "CPU share": f"{used / passed:.0%}",
            "CPU ms a poll": round(used / max(1, len(backend.asked)) * 1000, 2),
            **figures("poll", backend.asked),
            "progress shown": len(bench.late.values),
            **figures("progress late", bench.late.values),
        }


def main(jobs: int, watch: float) -> None:
    """The server in a process of its own, so that its work is not counted."""
    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            if server.stdout is None:
                raise RuntimeError("the server has no output")
            print(json.dumps(asyncio.run(measure(server.stdout.readline().strip(), jobs, watch))))
        finally:
            server.terminate()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
