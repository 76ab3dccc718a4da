"""A whole house with one real backend in it, its service beside it, and people who write: in virtual time.

Everything is real but the platform, the clock and the service: adapters as `bot.app` wires them, SQLite with
the real migrations, pictures on disk, HTTP over loopback. `kill` ends the house as kill -9 would and leaves
the service, the database, the disk and what people see as they are; `open` starts the next house over them.
"""

import asyncio
import contextvars
import json
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import httpx

from adapters.backends.demo import Demo
from adapters.http import TIMEOUT
from adapters.media import MediaStore
from bot import texts
from bot.app import House, Parts
from bot.app.parts import _backends
from bot.job import Job, State
from bot.message import Kind, Outgoing
from bot.metrics import Metrics
from bot.runner import Limits
from bot.settings import read
from tests.fakes import FakePlatform, MemoryDatabase, VirtualClock, VirtualLoop
from tests.fakes.time import _JumpingSelector
from tests.scenario.backends.gate import Gate
from tests.scenario.backends.kinds import DEMO, KINDS
from tests.scenario.backends.kinds import Kind as BackendKind
from tests.simulators.service import Charge, Service

P = ParamSpec("P")

#: Real seconds for what is on its way through the loopback before time may jump.
LOOPBACK = 0.001
ENDS = (Kind.SUCCESS, Kind.FAILURE, Kind.CANCELLED)
TEXTS = texts.load()

_ours: contextvars.ContextVar[bool] = contextvars.ContextVar("ours", default=True)


class _PatientSelector(_JumpingSelector):
    """Gives what is on the wire a moment before time jumps over it."""

    def __init__(self) -> None:
        super().__init__()
        #: Requests whose answers are not read to the end.
        self.flights = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout and self.flights and (found := self._real.select(min(timeout, LOOPBACK))):
            return found
        return super().select(timeout)


class WorldLoop(VirtualLoop):
    """Virtual time for both sides of the wire; knows which tasks are the house's."""

    def __init__(self) -> None:
        self.wire = self._jumping = _PatientSelector()
        asyncio.SelectorEventLoop.__init__(self, self._jumping)
        self.unhandled: list[dict[str, Any]] = []
        self.services: set[asyncio.Task[Any]] = set()
        self.set_exception_handler(lambda _, context: self.unhandled.append(context))
        self.set_task_factory(self._task)

    def _task(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Any,
        context: contextvars.Context | None = None,
        **more: Any,
    ) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, context=context, **more)
        if not (context.get(_ours, True) if context else _ours.get()):
            self.services.add(task)
            task.add_done_callback(self.services.discard)
        return task


class WorldClock(VirtualClock):
    """Time on the loop. A sleep always takes some: who sleeps until a moment may round to just before it."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0) + 1e-6)


class Cable(httpx.AsyncHTTPTransport):
    """The way to the service. While it is cut, nobody listens at its end."""

    def __init__(self) -> None:
        super().__init__(verify=False)
        self.cut = False

    def be_cut(self) -> None:
        """Nobody listens any more."""
        self.cut = True

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            request.url = request.url.copy_with(port=1)
        flight = _Flight()
        try:
            response = await super().handle_async_request(request)
            assert isinstance(response.stream, httpx.AsyncByteStream)
            flight.answer = response.stream
        finally:
            if flight.answer is None:
                flight.land()
        response.stream = flight
        return response


class _Flight(httpx.AsyncByteStream):
    """A request from its start to the end of its answer."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, WorldLoop)
        self._wire = loop.wire
        self._wire.flights += 1
        self._landed = False
        self.answer: httpx.AsyncByteStream | None = None

    def land(self) -> None:
        """Nothing of it is on the wire any more."""
        self._wire.flights -= not self._landed
        self._landed = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self.answer is not None:
            async for piece in self.answer:
                yield piece

    async def aclose(self) -> None:
        self.land()
        if self.answer is not None:
            await self.answer.aclose()


def in_world(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Make an async test a plain one on a WorldLoop; fixtures are handed on."""

    @wraps(test)
    def plain(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=WorldLoop) as runner:
            runner.run(test(*args, **kwargs))

    return plain


@dataclass(frozen=True, slots=True)
class Life:
    """One house, and what dies with it."""

    house: House
    gate: Gate
    client: httpx.AsyncClient
    cable: Cable


@dataclass(frozen=True, slots=True)
class Side:
    """A kind of backend and the service that it talks to."""

    kind: BackendKind
    service: Service


@dataclass(slots=True)
class World:
    """One service, one disk, one platform; houses come and go."""

    kind: BackendKind
    folder: Path
    service: Service
    platform: FakePlatform
    database: MemoryDatabase
    life: Life
    #: A second backend with its service, less preferred, where there is one.
    other: Side | None = None

    @property
    def house(self) -> House:
        """The house of this life."""
        return self.life.house

    # Life ---------------------------------------------------------------------------------------------

    async def open(self, limits: Limits | None = None) -> None:
        """The next house over the same disk."""
        sides = (Side(self.kind, self.service), *((self.other,) if self.other else ()))
        self.life = await _started(sides, self.folder, (self.platform, self.database), limits)

    async def kill(self) -> None:
        """The house is gone, at whatever it waits for; its connections are cut."""
        loop, me = asyncio.get_running_loop(), asyncio.current_task()
        assert isinstance(loop, WorldLoop)
        while others := [one for one in asyncio.all_tasks() if one is not me and one not in loop.services]:
            for task in others:
                task.cancel()
            await asyncio.wait(others)
        await self.life.client.aclose()

    async def end(self) -> None:
        """Stop both sides."""
        await self.house.stop(0)
        await self.life.client.aclose()
        await _as_service(self.service.close())
        if self.other:
            await _as_service(self.other.service.close())
        self.database.close()

    # People -------------------------------------------------------------------------------------------

    async def reply(self, text: str, to: Job, who: str = "ada") -> None:
        """Somebody answers a job's end message."""
        end = self.end_of(to.id, with_ref=True)
        message = self.platform.incoming(text, who=who)
        await self.platform.deliver(replace(message, reply_to=end))

    def end_of(self, job: str, *, with_ref: bool = False) -> Any:
        """The one message that ended a job: exactly one there must be."""
        ends = [entry for entry in self.platform.sent(job) if entry.message.kind in ENDS]
        assert len(ends) == 1, [entry.message.kind for entry in ends]
        return ends[0].ref if with_ref else ends[0].message

    # What happened ------------------------------------------------------------------------------------

    async def jobs(self) -> list[Job]:
        """The ledger, oldest first."""
        rows = await self.database.rows("SELECT id FROM jobs ORDER BY created_at, id")
        found = [await self.house.ledger.get(row[0]) for row in rows]
        return [job for job in found if job is not None]

    async def until(self, what: Callable[[], bool], within: float = 600.0) -> None:
        """Return as soon as something is so."""
        end = asyncio.get_running_loop().time() + within
        while not what():
            assert asyncio.get_running_loop().time() < end, "it never came to that"
            await asyncio.sleep(0.05)

    async def settled(self, within: float = 7200.0) -> list[Job]:
        """The ledger once every job has ended and every answer was shown."""
        end = asyncio.get_running_loop().time() + within
        while True:
            jobs = await self.jobs()
            living = [job for job in jobs if job.state is not State.ENDED]
            if not living and not self.house.outbox.depth:
                return jobs
            states = [(job.id, job.state.value, job.outcome) for job in living]
            assert asyncio.get_running_loop().time() < end, f"still open after {within:.0f} s: {states}"
            await asyncio.sleep(5.0)

    async def settled_after(self, count: int) -> list[Job]:
        """The same once there are more than `count` jobs: a press takes effect on its own."""
        while len(await self.jobs()) <= count:
            await asyncio.sleep(0.1)
        return await self.settled()

    def slowly(self, seconds: float) -> None:
        """From now on a picture takes so long."""
        self.service.seconds = seconds

    def bill(self, job: Job) -> list[Charge]:
        """What the service has charged for a job, by its own book."""
        return [
            charge
            for charge in (_demo_book(self.folder) if self.kind is DEMO else self.service.book.charges)
            if charge.reference == job.reference or charge.reference.startswith(job.request.prompt)
        ]


@asynccontextmanager
async def begun(
    name: str, folder: Path, limits: Limits | None = None, *, beside: str = ""
) -> AsyncIterator[World]:
    """A world with the backend of this name, and one `beside` it that is asked second."""
    first = await _side(name)
    other = await _side(beside) if beside else None
    platform, database = FakePlatform(), MemoryDatabase()
    sides = (first, other) if other else (first,)
    life = await _started(sides, folder, (platform, database), limits)
    world = World(first.kind, folder, first.service, platform, database, life, other)
    try:
        yield world
    finally:
        await world.end()


def said(message: Outgoing, key: str) -> bool:
    """Whether a sentence stands in a message, in the message's language."""
    return TEXTS.say(message.language, key) in message.text


async def _side(name: str) -> Side:
    kind = {**KINDS, DEMO.name: DEMO}[name]
    service = kind.make()
    service.wall = VirtualClock().now
    await _as_service(service.start())
    return Side(kind, service)


async def _started(
    sides: Sequence[Side],
    folder: Path,
    outside: tuple[FakePlatform, MemoryDatabase],
    limits: Limits | None,
) -> Life:
    cable = Cable()
    named = {"BACKEND_ORDER": ",".join(side.kind.name for side in sides)}
    for side in sides:
        named |= side.kind.environment(side.service.url)
    settings = read({"DATA_DIR": str(folder), "WEB_PORT": "0", **named})
    clock = WorldClock()
    client = httpx.AsyncClient(timeout=TIMEOUT, transport=cable)
    media = MediaStore(folder / "media", client, settings.own_hosts, clock=clock)
    made = (Demo(folder / "demo", media, clock, draw=False),) if sides[0].kind is DEMO else None
    backends = tuple(Gate(one) for one in made or _backends(settings, client, media, clock))
    gate = next(one for one in backends if one.name == sides[0].kind.name)
    platform, database = outside
    parts = Parts(settings, clock, Metrics(), database, backends, (platform,), media)
    house = House(parts, limits)
    await house.start()
    await asyncio.sleep(0)
    return Life(house, gate, client, cable)


async def _as_service(work: Coroutine[Any, Any, Any]) -> None:
    context = contextvars.copy_context()
    context.run(_ours.set, False)
    await asyncio.get_running_loop().create_task(work, context=context)


def _demo_book(folder: Path) -> list[Charge]:
    book = folder / "demo" / "book.jsonl"
    lines = [json.loads(line) for line in book.read_text().splitlines()] if book.is_file() else []
    return [Charge(line["reference"], line["charge"]) for line in lines]


def files(folder: Path) -> set[str]:
    """The pictures on disk."""
    return {path.name for path in (folder / "media").glob("*")}
