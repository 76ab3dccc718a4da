"""What every simulator of a backend is built on: a loopback server with faults, time, a book and pictures.

A simulator subclasses `Service`, gives its `routes`, writes a charge into `book` wherever the real
service would take money, and hands out results with `publish`. Nothing here knows any one service.

Faults are switched on per route: `service.fail("POST /v1/x", "drop_after", count=2)`. A route's name is
its path with or without the method; a service whose routes hide elsewhere overrides `route_name`.
"""

import asyncio
import functools
import io
import os
import time
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

from aiohttp import web
from PIL import Image

from tests.simulators import hand

Kind = Literal[
    "status",  # `status` and `body` instead of the answer
    "garbage",  # 200 with a body that is no answer
    "delay",  # the handler begins `seconds` late
    "late",  # the handler is done, its answer comes `seconds` late
    "drop_before",  # the connection dies, nothing has happened
    "drop_after",  # the connection dies, it has happened
    "slow",  # the body trickles for `seconds`
    "truncated",  # half of the announced body, then the connection dies
    "expired",  # 403, as of a link whose time is over
]
GARBAGE = b"\xff\xfe<html>not what you asked for"
FOREVER = 1_000_000


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong, `count` times. `after`: a status or garbage comes after the effect."""

    kind: Kind
    count: int = 1
    status: int = 503
    body: bytes = b""
    seconds: float = 0.05
    after: bool = False
    #: Requests that are let through unharmed first.
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """Money taken for one order, named as the test can name it, and as the service does."""

    reference: str
    amount: float
    task: str = ""
    at: float = 0.0


@dataclass(slots=True)
class Book:
    """Everything that was charged."""

    charges: list[Charge] = field(default_factory=list)

    def charge(self, reference: str, amount: float, task: str = "", at: float = 0.0) -> None:
        self.charges.append(Charge(reference, amount, task, at))

    def of(self, reference: str) -> list[Charge]:
        return [charge for charge in self.charges if charge.reference == reference]

    @property
    def total(self) -> float:
        return sum(charge.amount for charge in self.charges)

    @property
    def twice(self) -> list[str]:
        """References charged more than once: must stay empty."""
        references = [charge.reference for charge in self.charges]
        return sorted({reference for reference in references if references.count(reference) > 1})


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    route: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Published:
    """A file behind a link, and the simulator's time at which the link dies (0: never)."""

    body: bytes
    type: str
    expires: float


def picture(width: int = 64, height: int = 64, seed: str = "", *, noise: bool = False) -> bytes:
    """A real PNG, its colour told by `seed`. With `noise` it weighs about width × height × 3 bytes."""
    if noise:
        return _noise(width, height)
    shade = zlib.crc32(seed.encode())
    image = Image.new("RGB", (width, height), (shade & 255, shade >> 8 & 255, shade >> 16 & 255))
    return _png(image, 6)


@functools.cache
def _noise(width: int, height: int) -> bytes:
    """One picture for all who want it of this size: a service that paints must not be what is measured."""
    return _png(Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)), 0)


def _png(image: Image.Image, level: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=level)
    return buffer.getvalue()


class Service:
    """A server on loopback. `async with Service() as service:` or start/close."""

    def __init__(self) -> None:
        self.book = Book()
        self.requests: list[Seen] = []
        self.faults: dict[str, list[Fault]] = {}
        #: Seconds that the making of a picture takes.
        self.seconds = 0.0
        #: Seconds for which a published link lives; 0: for ever.
        self.link_seconds = 3600.0
        #: What the wall shows; a test in virtual time brings its own.
        self.wall: Callable[[], float] = time.time
        self._files: dict[str, Published] = {}
        self._skew = 0.0
        self._moved = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0

    def routes(self) -> Sequence[web.RouteDef]:
        """The service's own routes."""
        raise NotImplementedError

    def route_name(self, request: web.Request) -> str:
        """What `fail` calls the route of this request, without the method."""
        resource = request.match_info.route.resource
        return resource.canonical if resource is not None else request.path

    # Life ---------------------------------------------------------------------------------------------

    async def start(self, port: int = 0) -> Self:
        app = web.Application(middlewares=[self._middleware], client_max_size=2**28)
        app.add_routes([web.get("/files/{name}", self._file), *self.routes()])
        app.add_routes(hand.routes(self))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        return await self.start(self._port)

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    # Time ---------------------------------------------------------------------------------------------

    def now(self) -> float:
        """The simulator's Unix time: the wall's, plus what `advance` has added."""
        return self.wall() + self._skew

    def advance(self, seconds: float) -> None:
        """Let time pass: sleepers wake, links die."""
        self._skew += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def until(self, moment: float) -> None:
        """Return when the simulator's time has reached `moment`."""
        while (left := moment - self.now()) > 0:
            try:
                await asyncio.wait_for(self._moved.wait(), left)
            except TimeoutError:
                return

    # Faults -------------------------------------------------------------------------------------------

    def fail(self, route: str, kind: Kind, count: int = 1, **more: Any) -> Fault:
        """Switch a fault on for the next `count` requests to `route` ("POST /x", "/x" or "*")."""
        if kind not in get_args(Kind):
            raise ValueError(f"no such fault: {kind}")
        fault = Fault(kind, count, **more)
        self.faults.setdefault(route, []).append(fault)
        return fault

    def heal(self) -> None:
        """Switch all faults off."""
        self.faults.clear()

    def _take_fault(self, method: str, route: str) -> Fault | None:
        for name in (f"{method} {route}", route, "*"):
            for fault in self.faults.get(name, []):
                if fault.skip > 0:
                    fault.skip -= 1
                elif fault.count > 0:
                    fault.count -= 1
                    return fault
        return None

    @property
    def _middleware(self) -> Any:
        @web.middleware
        async def middleware(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            if request.path.startswith("/_sim/"):
                return await handler(request)
            return await self._served(request, handler)

        return middleware

    async def _served(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        route = self.route_name(request)
        # A form is read by its handler alone, part by part: its body is not logged.
        body = b"" if request.content_type.startswith("multipart/") else await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(Seen(request.method, request.path, route, dict(request.query), headers, body))
        fault = self._take_fault(request.method, route)
        if fault is None:
            return await handler(request)
        if fault.kind == "drop_before":
            return self._drop(request)
        if fault.kind == "delay":
            await self.until(self.now() + fault.seconds)
            return await handler(request)
        if fault.kind in ("status", "garbage", "expired"):
            if fault.after:
                await handler(request)
            return self._instead(fault)
        return await self._spoilt(request, await handler(request), fault)

    def _instead(self, fault: Fault) -> web.Response:
        if fault.kind == "garbage":
            return web.Response(body=fault.body or GARBAGE, content_type="application/json")
        return web.Response(status=403 if fault.kind == "expired" else fault.status, body=fault.body)

    async def _spoilt(
        self, request: web.Request, response: web.StreamResponse, fault: Fault
    ) -> web.StreamResponse:
        if fault.kind == "drop_after":
            return self._drop(request)
        if fault.kind == "late":
            await self.until(self.now() + fault.seconds)
            return response
        body = response.body if isinstance(response, web.Response) else b""
        data = bytes(body) if isinstance(body, bytes | bytearray) else b""
        stream = web.StreamResponse(status=response.status)
        stream.content_type = response.content_type
        stream.content_length = len(data)
        await stream.prepare(request)
        if fault.kind == "truncated":
            await stream.write(data[: len(data) // 2])
            return self._drop(request)
        step = max(1, len(data) // 20)
        for start in range(0, len(data), step):
            await stream.write(data[start : start + step])
            await asyncio.sleep(fault.seconds / 20)
        return stream

    def _drop(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    # Results ------------------------------------------------------------------------------------------

    def publish(self, body: bytes, type: str = "image/png", seconds: float | None = None) -> str:  # noqa: A002 – the field's own name
        """A link to `body` that lives `seconds` (else `link_seconds`) of the simulator's time."""
        name = f"{len(self._files):04d}.{type.rsplit('/', 1)[-1]}"
        life = self.link_seconds if seconds is None else seconds
        self._files[name] = Published(body, type, self.now() + life if life else 0.0)
        return f"{self.url}/files/{name}"

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file = self._files.get(request.match_info["name"])
        if file is None:
            return web.Response(status=404)
        if file.expires and self.now() >= file.expires:
            return web.Response(status=403, text="Request has expired")
        return web.Response(body=file.body, content_type=file.type)


class ServiceClock:
    """`bot.ports.Clock` that shows a simulator's time; sleeping makes it pass, and is remembered."""

    def __init__(self, service: Service) -> None:
        self._service = service
        #: Seconds by which the wall is wrong.
        self.wrong = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self._service.now() + self.wrong

    def monotonic(self) -> float:
        return self._service.now()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._service.advance(seconds)
