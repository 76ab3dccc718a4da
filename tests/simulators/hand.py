"""A simulated backend by hand: from the command line, and over HTTP while it runs."""

import argparse
import asyncio
import signal
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from tests.simulators.service import Service

USAGE = """While it runs:
  curl URL/_sim/book                                         what it has charged
  curl URL/_sim/advance -d '{"seconds": 60}'                 let time pass
  curl URL/_sim/fail -d '{"route": "*", "kind": "status"}'   the next request fails

A fault's kind is one of status, garbage, delay, late, drop_before, drop_after, slow, truncated, expired; with
it may come count, skip, status, seconds, and after (true: it has happened all the same).
"""


def routes(service: "Service") -> list[web.RouteDef]:
    """The book, the faults and the time of a service."""

    async def book(_: web.Request) -> web.Response:
        return web.json_response([asdict(charge) for charge in service.book.charges])

    async def fail(request: web.Request) -> web.Response:
        try:
            asked = await request.json()
            service.fail(asked.pop("route"), asked.pop("kind"), **asked)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return web.Response(status=400, text=f"{type(error).__name__}: {error}\n\n{USAGE}")
        return web.json_response({"ok": True})

    async def advance(request: web.Request) -> web.Response:
        service.advance(float((await request.json())["seconds"]))
        return web.json_response({"now": service.now()})

    return [web.get("/_sim/book", book), web.post("/_sim/fail", fail), web.post("/_sim/advance", advance)]


def main(make: "Callable[[], Service]", what: str) -> None:
    """Run a simulator by hand: `python -m tests.simulators.X --port N`, until a signal."""
    parser = argparse.ArgumentParser(
        description=what, epilog=USAGE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=0)
    port = parser.parse_args().port

    async def serve() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        service = await make().start(port)
        print(f"{what}: {service.url}", flush=True)
        try:
            await stopped.wait()
        finally:
            await service.close()

    asyncio.run(serve())
