"""The one HTTP server: health, metrics, and whatever routes it is handed.

It guards what it serves: who may call (Host and Origin), how much may be sent, what a browser may do with
an answer. What the routes mean is not known here.
"""

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import SplitResult, urlsplit

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bot.errors import SettingsError
from bot.settings.reader import is_loopback

#: Whether all is well, and what to show about it as JSON.
Health = Callable[[], Awaitable[tuple[bool, dict[str, object]]]]

#: Largest body that is read at once, in bytes; a route that takes more reads it in pieces with its own limit.
BODY_LIMIT = 256 * 1024
#: Seconds that requests under way get to finish at the end.
PATIENCE = 5.0

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": forms would then post with the origin "null", like those of strangers.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_TAKEN = {
    errno.EADDRINUSE: "is taken by another program. Stop that one, or give WEB_PORT another number.",
    errno.EACCES: "may not be opened by this user. Give WEB_PORT a number above 1023.",
    errno.EADDRNOTAVAIL: "is no address of this machine. Give WEB_HOST one that is, such as 127.0.0.1.",
}


class Server:
    """Serves on one host and port. Add routes, then `start`.

    `locked`: whoever gets in has shown a token, so that it may go by any name, as behind a reverse proxy.
    """

    def __init__(
        self, host: str, port: int, health: Health, metrics: CollectorRegistry, *, locked: bool = False
    ) -> None:
        self._host = host
        self._port = port
        self._health = health
        self._metrics = metrics
        self._local = is_loopback(host) and not locked
        self._app = web.Application(middlewares=[self._guard], client_max_size=BODY_LIMIT)
        self._app.on_response_prepare.append(_harden)
        self._app.on_shutdown.append(self._hang_up)
        self._open_to_all: set[str] = set()
        self._streams: set[asyncio.Task[object]] = set()
        self._runner: web.AppRunner | None = None
        logging.getLogger("aiohttp.server").addFilter(_worth_a_line)
        self.add([web.get("/healthz", self._get_health), web.get("/metrics", self._get_metrics)])

    @property
    def port(self) -> int:
        """The real port, also where 0 was asked for."""
        return self._port

    @property
    def url(self) -> str:
        """Where a person on this machine finds it."""
        host = "127.0.0.1" if self._host in {"0.0.0.0", "::", ""} else self._host  # noqa: S104  # no bind
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    def add(self, routes: Iterable[web.RouteDef], *, public: bool = False) -> None:
        """Serve these too. `public`: called by other servers and proves its callers itself (webhooks)."""
        for route in routes:
            self._app.router.add_routes([route])
            if public:
                self._open_to_all.add(route.path)

    async def start(self) -> None:
        """Listen. Raises SettingsError, saying what to change, where that cannot be."""
        runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=PATIENCE)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except (OSError, UnicodeError) as error:  # UnicodeError: a host that can be no name
            await runner.cleanup()
            number = error.errno if isinstance(error, OSError) else None
            why = _TAKEN.get(number or 0, "cannot be opened. Look at WEB_HOST and WEB_PORT.")
            raise SettingsError(f"{self._host}:{self._port} {why}") from error
        self._runner = runner
        self._port = runner.addresses[0][1]

    async def close(self) -> None:
        """Stop listening; open streams end at once, requests under way get PATIENCE seconds."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _hang_up(self, _: web.Application) -> None:
        for stream in self._streams:
            stream.cancel()

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        resource = request.match_info.route.resource
        if resource is None or resource.canonical not in self._open_to_all:
            self._refuse_strangers(request)
        if not _upgrades(request):
            return await _answered(request, handler)
        stream = asyncio.current_task()
        if stream is None:
            return await handler(request)
        self._streams.add(stream)
        try:
            return await handler(request)
        finally:
            self._streams.discard(stream)

    def _refuse_strangers(self, request: web.Request) -> None:
        """A page from elsewhere must not use us through the browser of somebody who may.

        An open loopback server answers to loopback names only (DNS rebinding); whatever changes something
        must come from our own page. https://owasp.org/www-community/attacks/csrf
        """
        # Not `request.host`: where there is no such header, it asks the network for this machine's name.
        host = request.headers.get("Host", "")
        if self._local and not is_loopback(_split(f"//{host}").hostname or ""):
            raise web.HTTPForbidden(text="This address is not served here.")
        if request.method in {"GET", "HEAD"} and not _upgrades(request):
            return
        origin = request.headers.get("Origin")
        foreign = origin is not None and _split(origin).netloc != host
        if foreign or request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise web.HTTPForbidden(text="Requests from other pages are not taken.")

    async def _get_health(self, _: web.Request) -> web.Response:
        ok, body = await self._health()
        return web.json_response(body, status=200 if ok else 503, headers={"Cache-Control": "no-store"})

    async def _get_metrics(self, _: web.Request) -> web.Response:
        text = generate_latest(self._metrics)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _answered(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.RequestPayloadError as error:  # a body that is not packed as it says
        raise web.HTTPBadRequest(text="This cannot be read.") from error


def _worth_a_line(record: logging.LogRecord) -> bool:
    """Malformed requests and callers who hang up are no news, and their bytes belong in no log."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, BadHttpMessage | ConnectionResetError | web.RequestPayloadError)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # such as an unclosed bracket
        return urlsplit("")


def _upgrades(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.popall("Server", None)
