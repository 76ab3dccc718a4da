"""The simulated Discord as a server on loopback: its routes, its CDN, and what a test may look at."""

from types import TracebackType
from typing import Self

from aiohttp import web

from tests.simulators.discord.account import Account
from tests.simulators.discord.faults import Fault, Faults, What
from tests.simulators.discord.gateway import Gateway
from tests.simulators.discord.interactions import Interactions
from tests.simulators.discord.messages import Messages
from tests.simulators.discord.people import Participant
from tests.simulators.discord.rest import Rest, Route
from tests.simulators.discord.state import TEXT, THREAD, Channel, Guild, Message, Violation, World
from tests.simulators.discord.transcript import transcript
from tests.simulators.discord.wire import Wire

PER_CHANNEL = (5, 5.0)
PER_TOKEN = (5, 2.0)


class Discord:
    """One simulated Discord. `async with Discord() as discord:` starts and stops it."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self.world = World()
        self.wire = Wire(self.world, "")
        self.faults = Faults()
        self.rest = Rest(self.world, self.faults)
        self.gateway = Gateway(self.world, self.wire)
        self.messages = Messages(self.world, self.wire, self.gateway)
        self.interactions = Interactions(self.world, self.wire, self.gateway, self.messages)
        self.account = Account(self.world, self.wire, self.gateway)
        self.guild: Guild = self.world.new_guild("The Studio")
        self.channel: Channel = self.world.new_channel("pictures", self.guild)
        self.downloads: list[int] = []
        self._runner: web.AppRunner | None = None

    @property
    def api_base(self) -> str:
        return f"{self.wire.base}/api/v10"

    @property
    def token(self) -> str:
        return self.world.token

    @property
    def violations(self) -> list[Violation]:
        return self.world.violations

    def person(self, name: str, *, locale: str = "en-US") -> Participant:
        """Somebody new in the server."""
        user = self.world.new_user(name, locale=locale)
        self.guild.members.append(user.id)
        return Participant(self, user)

    async def open_rooms(self, count: int, *, kind: int = TEXT, parent: int | None = None) -> list[Channel]:
        """New channels, of which the bot is told."""
        event = "THREAD_CREATE" if kind == THREAD else "CHANNEL_CREATE"
        rooms = [
            self.world.new_channel(f"room-{n}", self.guild, kind=kind, parent=parent) for n in range(count)
        ]
        for room in rooms:
            await self.gateway.dispatch(event, self.wire.channel(room))
        return rooms

    def fail(
        self,
        route: str,
        what: What,
        *,
        times: int = 1,
        status: int = 503,
        seconds: float = 0.05,
        after: int = 0,
    ) -> None:
        """Let the next requests to a route fail (its names are in `routes`; "*" is every one)."""
        self.faults.add(Fault(route, what, times, status, seconds, after))

    def said(self, channel: Channel | None = None) -> list[Message]:
        """The bot's own messages that stand in a channel, oldest first."""
        place = channel or self.channel
        return [m for m in self.world.history(place.id) if m.author.id == self.world.bot.id]

    def transcript(self, channel: Channel | None = None, *, viewer: Participant | None = None) -> list[str]:
        """The channel as a person reads it."""
        place = channel or self.channel
        return transcript(self.world, place, viewer.user.id if viewer else None)

    @property
    def pings(self) -> list[str]:
        """Everybody whose telephone rang although the bot's code named nobody."""
        return [ping.whom for ping in self.world.pings if not ping.expected]

    # What happens to the bot ------------------------------------------------------------------------

    async def kick(self) -> None:
        """The bot is thrown out of the server."""
        self.guild.joined = False
        await self.gateway.dispatch("GUILD_DELETE", {"id": str(self.guild.id)})

    async def delete_channel(self, channel: Channel) -> None:
        channel.deleted = True
        await self.gateway.dispatch("CHANNEL_DELETE", self.wire.channel(channel))

    async def set_rights(self, channel: Channel, *, deny: int = 0, allow: int = 0) -> None:
        """Change what the bot may do in a channel."""
        channel.overwrites[self.guild.bot_role] = (allow, deny)
        await self.gateway.dispatch("CHANNEL_UPDATE", self.wire.channel(channel))

    async def archive(self, thread: Channel, *, locked: bool = False) -> None:
        thread.archived, thread.locked = True, locked
        await self.gateway.dispatch("THREAD_UPDATE", self.wire.channel(thread))

    # Server -----------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        app = web.Application(client_max_size=100 * 1024 * 1024)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/resume", self.gateway.handle)
        app.router.add_get("/cdn/attachments/{channel}/{file}/{name}", self._download)
        for route in self.routes():
            app.router.add_route(route.method, f"/api/v10{route.path}", self.rest.handler(route))
        app.router.add_route("*", "/{anything:.*}", self.rest.unknown)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.wire.base = f"http://{host}:{port}"

    async def stop(self) -> None:
        await self.gateway.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    def routes(self) -> list[Route]:
        account, messages, interactions = self.account, self.messages, self.interactions
        channel, hook = "/channels/{channel}", "/webhooks/{application}/{token}"
        one = channel + "/messages/{message}"
        per_channel, per_token = ("channel",), ("application", "token")
        return [
            Route("me", "GET", "/users/@me", account.me),
            Route("guilds", "GET", "/users/@me/guilds", account.guilds),
            Route("guild.get", "GET", "/guilds/{guild}", account.guild),
            Route("member.get", "GET", "/guilds/{guild}/members/{user}", account.member),
            Route("application", "GET", "/oauth2/applications/@me", account.application),
            Route("gateway", "GET", "/gateway", account.gateway, token=False),
            Route("gateway.bot", "GET", "/gateway/bot", account.gateway_bot),
            Route("commands.list", "GET", "/applications/{application}/commands", account.list_commands),
            Route("commands.put", "PUT", "/applications/{application}/commands", account.put_commands),
            Route("dm.open", "POST", "/users/@me/channels", account.open_dm),
            Route("channel.get", "GET", channel, messages.get_channel),
            Route("typing", "POST", channel + "/typing", messages.typing, PER_CHANNEL, per_channel),
            Route("message.list", "GET", channel + "/messages", messages.history, PER_CHANNEL, per_channel),
            Route("message.create", "POST", channel + "/messages", messages.create, PER_CHANNEL, per_channel),
            Route("message.get", "GET", one, messages.get, PER_CHANNEL, per_channel),
            Route("message.edit", "PATCH", one, messages.edit, PER_CHANNEL, per_channel),
            Route("message.delete", "DELETE", one, messages.delete, (5, 1.0), per_channel),
            Route("callback", "POST", "/interactions/{interaction}/{token}/callback", interactions.callback,
                  token=False, exempt=True),
            Route("followup", "POST", hook, interactions.follow_up, PER_TOKEN, per_token, False, True),
            Route("answer.get", "GET", hook + "/messages/{message}", interactions.get, PER_TOKEN, per_token,
                  False, True),
            Route("answer.edit", "PATCH", hook + "/messages/{message}", interactions.edit, PER_TOKEN,
                  per_token, False, True),
            Route("answer.delete", "DELETE", hook + "/messages/{message}", interactions.delete, PER_TOKEN,
                  per_token, False, True),
        ]  # fmt: skip

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """The CDN: signed addresses that expire. A bot's token has no business here."""
        if "Authorization" in request.headers:
            self.world.violate("token to the CDN", request.path)
        file = self.world.files.get(int(request.match_info["file"]))
        if file is None or file.name != request.match_info["name"]:
            return web.Response(status=404, text="This content is no longer available.")
        expires = int(request.query.get("ex", "0"), 16)
        signature = self.wire.signature(file, int(request.match_info["channel"]), expires)
        if request.query.get("hm") != signature or expires < self.world.now():
            return web.Response(status=404, text="This content is no longer available.")
        self.downloads.append(file.id)
        return web.Response(body=file.data, content_type=file.type)
