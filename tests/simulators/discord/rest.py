"""The ground of the simulated REST API: one request's life, refusals, buckets and faults.

A request passes, in this order: its fault, the User-Agent, the token, the global limit, its route's bucket,
its body; then its handler. Headers and bodies of refusals are Discord's.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from aiohttp import BodyPartReader, web

from tests.simulators.discord.checks import Problem
from tests.simulators.discord.faults import Fault, Faults
from tests.simulators.discord.state import Json, World

GLOBAL_PER_SECOND = 50
#: Answers 401, 403 and 429 within ten minutes after which Cloudflare shuts the address out.
INVALID_REQUESTS = 10_000


class Refusal(Exception):
    """An error answer."""

    def __init__(self, status: int, code: int, message: str, problems: list[Problem] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.problems = problems or []

    def body(self) -> Json:
        body: Json = {"message": str(self), "code": self.code}
        if self.problems:
            body["errors"] = {
                where: {"_errors": [{"code": "BASE_TYPE_BAD", "message": what}]}
                for where, what in self.problems
            }
        return body


class Limited(Exception):
    """Too many requests."""

    def __init__(self, seconds: float, *, shared: bool = False, code: int = 0) -> None:
        super().__init__()
        self.seconds = seconds
        self.shared = shared
        self.code = code


@dataclass(frozen=True)
class Upload:
    index: int
    name: str
    type: str
    data: bytes


@dataclass
class Call:
    """One request, as its handler sees it."""

    route: "Route"
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    uploads: list[Upload] = field(default_factory=list)


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True)
class Route:
    """One operation of the API."""

    name: str
    method: str
    path: str
    handler: Handler
    #: Requests per seconds, for each value of `major`; None: only the global limit.
    bucket: tuple[int, float] | None = None
    major: tuple[str, ...] = ()
    #: False where the token in the path is the proof.
    token: bool = True
    #: Interactions do not count for the global limit.
    exempt: bool = False


@dataclass
class Bucket:
    limit: int
    period: float
    used: int = 0
    resets_at: float = 0.0

    def take(self, now: float) -> bool:
        if now >= self.resets_at:
            self.used, self.resets_at = 0, now + self.period
        if self.used >= self.limit:
            return False
        self.used += 1
        return True

    def headers(self, now: float, name: str) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": f"{self.resets_at:.3f}",
            "X-RateLimit-Reset-After": f"{max(0.0, self.resets_at - now):.3f}",
            "X-RateLimit-Bucket": name,
        }


class Rest:
    """Runs requests. `limits` switches all rate limits on or off."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self.limits = True
        #: Every bucket's period is divided by this.
        self.haste = 1.0
        self.limited = 0
        self.requests: list[tuple[str, int]] = []
        self._buckets: dict[tuple[str, ...], Bucket] = {}
        self._global: deque[float] = deque()
        self._invalid: deque[float] = deque()

    def handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(route, request)

        return handle

    async def _handle(self, route: Route, request: web.Request) -> web.StreamResponse:
        fault = self._faults.take(route.name)
        if fault and fault.what != "lose":
            answer = await self._broken(fault, request)
            if answer is not None:
                self.requests.append((route.name, answer.status))
                return answer
        bucket = self._bucket(route, request)
        status, body, headers = await self._run(route, request, bucket)
        if bucket is not None and status != 429:
            headers |= bucket.headers(self._world.now(), route.name)
        self.requests.append((route.name, status))
        self._count_invalid(status)
        headers["Date"] = formatdate(self._world.now(), usegmt=True)
        if fault and fault.what == "lose":
            cut(request)
        return answer_of(status, body, headers)

    async def _run(
        self, route: Route, request: web.Request, bucket: Bucket | None
    ) -> tuple[int, Any, dict[str, str]]:
        try:
            self._admit(route, request, bucket)
            body, uploads = await read_body(request, self._world.request_limit)
            call = Call(route, request.match_info, request.query, body, uploads)
            result = await route.handler(call)
        except Refusal as refusal:
            if refusal.code == 50035:
                self._world.violate("invalid body", f"{route.name}: {refusal.problems}")
            return refusal.status, refusal.body(), {}
        except Limited as limited:
            self.limited += 1
            scope = "shared" if limited.shared else "user"
            return limited_answer(limited, scope, bucket, self._world.now(), route.name)
        return (204, None, {}) if result is None else (200, result, {})

    def _admit(self, route: Route, request: web.Request, bucket: Bucket | None) -> None:
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            self._world.violate("user agent", f"{route.name}: {request.headers.get('User-Agent')}")
        if route.token and request.headers.get("Authorization") != f"Bot {self._world.token}":
            raise Refusal(401, 0, "401: Unauthorized")
        now = self._world.now()
        if not self.limits:
            return
        if not route.exempt:
            while self._global and self._global[0] <= now - 1:
                self._global.popleft()
            if len(self._global) >= GLOBAL_PER_SECOND:
                raise Limited(1 - (now - self._global[0]), code=-1)
            self._global.append(now)
        if bucket is not None and not bucket.take(now):
            raise Limited(bucket.resets_at - now)

    def _bucket(self, route: Route, request: web.Request) -> Bucket | None:
        if route.bucket is None:
            return None
        key = (route.name, *(request.match_info[name] for name in route.major))
        if key not in self._buckets:
            limit, period = route.bucket
            self._buckets[key] = Bucket(limit, period / self.haste)
        return self._buckets[key]

    async def _broken(self, fault: Fault, request: web.Request) -> web.StreamResponse | None:
        """What a fault answers in place of the handler; None: go on."""
        if fault.what == "slow":
            await asyncio.sleep(fault.seconds)
            return None
        await request.read()
        if fault.what == "drop":
            cut(request)
            return web.Response(status=500)
        if fault.what == "status":
            return answer_of(fault.status, {"message": "upstream", "code": 0}, {})
        self.limited += 1
        if fault.what == "ban":
            text, headers = "<html>You are being rate limited</html>", {"Retry-After": "7"}
            return web.Response(status=429, text=text, content_type="text/html", headers=headers)
        status, body, headers = limited_answer(Limited(fault.seconds), "user", None, self._world.now(), "")
        return answer_of(status, body, headers)

    def _count_invalid(self, status: int) -> None:
        if status not in (401, 403, 429):
            return
        now = self._world.now()
        self._invalid.append(now)
        while self._invalid and self._invalid[0] < now - 600:
            self._invalid.popleft()
        if len(self._invalid) == INVALID_REQUESTS:
            self._world.violate("invalid requests", f"{INVALID_REQUESTS} within ten minutes")

    async def unknown(self, request: web.Request) -> web.StreamResponse:
        self._world.violate("unknown route", f"{request.method} {request.path}")
        return answer_of(404, {"message": "404: Not Found", "code": 0}, {})


def cut(request: web.Request) -> None:
    """Break the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()


def answer_of(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    # discord.py reads JSON only where the type stands alone, without a charset.
    if body is None:
        return web.Response(status=status, headers=headers)
    text = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(status=status, body=text, headers=headers | {"Content-Type": "application/json"})


def limited_answer(
    limited: Limited, scope: str, bucket: Bucket | None, now: float, name: str
) -> tuple[int, Json, dict[str, str]]:
    seconds = round(max(0.001, limited.seconds), 3)
    is_global = limited.code == -1
    headers = {"Via": "1.1 simulator", "Retry-After": str(max(1, round(seconds)))}
    headers["X-RateLimit-Scope"] = "global" if is_global else scope
    if is_global:
        headers["X-RateLimit-Global"] = "true"
    elif bucket is not None and limited.code == 0:
        headers |= bucket.headers(now, name)
    body: Json = {"message": "You are being rate limited.", "retry_after": seconds, "global": is_global}
    if limited.code > 0:
        body["code"] = limited.code
    return 429, body, headers


async def read_body(request: web.Request, limit: int) -> tuple[Any, list[Upload]]:
    """The JSON of a request and the files that came with it."""
    if request.content_type == "multipart/form-data":
        return await read_multipart(request, limit)
    raw = await request.read()
    if not raw:
        return None, []
    if request.content_type != "application/json":
        raise Refusal(400, 50035, "Invalid Form Body", [("Content-Type", request.content_type)])
    try:
        return json.loads(raw), []
    except ValueError:
        raise Refusal(400, 50109, "The request body contains invalid JSON.") from None


async def read_multipart(request: web.Request, limit: int) -> tuple[Any, list[Upload]]:
    body: Any = None
    uploads: list[Upload] = []
    total = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise Refusal(400, 50035, "Invalid Form Body", [("multipart", "nested")])
        data = bytes(await part.read(decode=False))
        total += len(data)
        if total > limit:
            raise Refusal(413, 40005, "Request entity too large")
        if part.name == "payload_json":
            body = json.loads(data)
        elif part.name and part.name.startswith("files["):
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads.append(Upload(int(part.name[6:-1]), part.filename or "unknown", kind, data))
        else:
            raise Refusal(400, 50035, "Invalid Form Body", [(str(part.name), "unknown part")])
    return body, uploads
