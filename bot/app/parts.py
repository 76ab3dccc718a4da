"""Makes what the settings switch on: database, media store, backends, platforms, server.

Adapters are imported only when configured. What the parts do together is in `house`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx

from adapters import http
from adapters.clock import SystemClock
from adapters.database.sqlite import Sqlite
from adapters.media import Guard, MediaStore
from adapters.platforms.web.platform import WebPlatform
from adapters.server import Health, Server
from bot.app.menu import Menu
from bot.language import about_picture, cleaned
from bot.metrics import Metrics
from bot.ports import Backend, Clock, Database, Platform
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything concrete, behind the seams. Tests and benchmarks put their own in."""

    settings: Settings
    clock: Clock
    metrics: Metrics
    database: Database
    backends: tuple[Backend, ...]
    platforms: tuple[Platform, ...]
    media: MediaStore | None = None
    #: What each platform adds to the HTTP server; none: there is no server.
    doors: tuple[Callable[[Server], None], ...] = ()
    menu: Menu = field(default_factory=Menu)

    def server(self, health: Health) -> Server | None:
        """The HTTP server with everybody's routes."""
        if not self.doors:
            return None
        where, locked = (self.settings.web_host, self.settings.web_port), bool(self.settings.web_token)
        server = Server(*where, health, self.metrics.registry, locked=locked)
        for add in self.doors:
            add(server)
        return server


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Everything that the settings switch on, closed again at the end.

    Raises DatabaseError where the database cannot be used.
    """
    clock, metrics = SystemClock(), Metrics()
    async with AsyncExitStack() as stack:
        # The client reads all certificates there are, which needs a processor but not this thread.
        database, client = await asyncio.gather(
            Sqlite.open(settings.database), asyncio.to_thread(http.client)
        )
        stack.push_async_callback(database.close)
        stack.push_async_callback(client.aclose)
        media = MediaStore(settings.data_dir / "media", client, settings.own_hosts, clock=clock)
        stack.push_async_callback(media.close)
        backends = tuple(_backends(settings, client, media, clock))
        parts = await _with_platforms(Parts(settings, clock, metrics, database, backends, (), media), stack)
        for backend in backends:
            stack.push_async_callback(backend.close)
        for platform in parts.platforms:
            stack.push_async_callback(platform.close)
        yield parts


async def _with_platforms(parts: Parts, stack: AsyncExitStack) -> Parts:
    """The same with the platforms that are configured; the web chat always is."""
    settings, clock, media = parts.settings, parts.clock, parts.media
    folders = settings.data_dir / "uploads", settings.data_dir / "media"
    web = WebPlatform(parts.database, *folders, clock, settings.web_token)
    web.equip(lambda text: cleaned(text)[0], media, int(settings.keep_gb * 1e9))
    platforms: list[Platform] = [web]
    doors: list[Callable[[Server], None]] = [lambda server: server.add(web.routes())]
    if settings.discord and media:
        from adapters.platforms.discord.platform import DiscordPlatform

        pictures = await _behind(settings.discord.proxy, parts, stack) or media
        platforms.append(DiscordPlatform(settings.discord, pictures, clock, parts.menu))
    if settings.feishu and media:
        from adapters.platforms.feishu.platform import FeishuPlatform, Means

        means = Means(
            parts.database, media, parts.metrics, clock, parts.menu, settings.language, about_picture
        )
        feishu = FeishuPlatform(settings.feishu, means)
        platforms.append(feishu)
        doors.append(lambda server: server.add(feishu.routes(), public=True))
    return replace(parts, platforms=tuple(platforms), doors=tuple(doors))


async def _behind(proxy: str, parts: Parts, stack: AsyncExitStack) -> MediaStore | None:
    """The same folder of pictures, fetched through a proxy; None where there is none."""
    if not proxy:
        return None
    settings = parts.settings
    client = await stack.enter_async_context(http.client(proxy))
    guard = Guard(settings.own_hosts, proxied=True)
    return MediaStore(settings.data_dir / "media", client, guard=guard, clock=parts.clock)


def _backends(
    settings: Settings, client: httpx.AsyncClient, media: MediaStore, clock: Clock
) -> Iterator[Backend]:
    """Those that are configured."""
    if settings.jimeng_web:
        from adapters.backends.jimeng_web import JimengWeb, JimengWebSettings

        web = settings.jimeng_web
        login = JimengWebSettings(web.session_id, web.url, web.mcp_url, web.mcp_cookie)
        yield JimengWeb(client, media, clock, login)
    if settings.volcengine:
        from adapters.backends.volcengine import Volcengine

        yield Volcengine(client, media, clock, settings.volcengine)
    if settings.ima:
        from adapters.backends.ima import Ima

        yield Ima(client, media, clock, settings.ima)
    if settings.jimeng_api:
        from adapters.backends.jimeng_api import JimengApi, JimengApiSettings

        service = JimengApiSettings(settings.jimeng_api.api_url, settings.jimeng_api.session_ids)
        yield JimengApi(client, media, clock, service)
    if settings.demo:
        from adapters.backends.demo import Demo

        yield Demo(settings.data_dir / "demo", media, clock, settings.demo_speed)
