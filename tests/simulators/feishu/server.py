"""The whole simulator behind one port on loopback, and its transcript."""

import asyncio
from collections.abc import Callable
from typing import Literal

from aiohttp import web

from tests.simulators.feishu.cards import Shown
from tests.simulators.feishu.events import Events
from tests.simulators.feishu.longlink import LongLink
from tests.simulators.feishu.people import People
from tests.simulators.feishu.rest import Rest
from tests.simulators.feishu.rules import Fault
from tests.simulators.feishu.webhook import WebhookSender
from tests.simulators.feishu.world import Chat, Message, User, Violation, World


class FeishuSimulator:
    """A tenant with one app. `async with` starts and stops it."""

    def __init__(self, port: int = 0, *, speed: float = 1.0) -> None:
        self.world = World(speed)
        self.rest = Rest(self.world)
        self.link = LongLink(self.world, self.rest.faults)
        self.webhook = WebhookSender(self.world)
        self.events = Events(self.world, self.link, self.webhook)
        self.people = People(self.world, self.events)
        self._port = port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "FeishuSimulator":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen."""
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.add_routes(self.rest.routes() + self.link.routes())
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close everything."""
        await self.events.close()
        await self.link.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def domain(self) -> str:
        """What the bot takes for open.feishu.cn."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def violations(self) -> list[Violation]:
        """The rules that the bot broke."""
        return self.world.violations

    async def connected(self, count: int = 1, timeout: float = 5.0) -> None:
        """Wait until so many clients are connected."""
        await self.world.until(lambda: len(self.link.connections) >= count, timeout)

    async def advance(self, seconds: float) -> int:
        """Let the platform's clock run; what is due is sent again. How many events were."""
        self.world.skew += seconds
        return await self.events.redeliver()

    def fail(
        self, route: str, kind: Literal["code", "lost", "hang", "html", "reset"] = "code", **more: object
    ) -> None:
        """Let the next request to `route` go wrong; see `rules.Fault`."""
        fault = Fault(route, kind)
        for name, value in more.items():
            setattr(fault, name, value)
        self.rest.faults.add(fault)

    # The transcript -----------------------------------------------------------------------------------

    def said(self, chat: Chat | None = None, by: User | None = None) -> list[Message]:
        """What the bot (or `by`) has in a chat (or everywhere), oldest first, as people can see it."""
        sender = by or self.world.bot
        found = {
            message.id: message
            for message in self.world.messages.values()
            if message.sender == sender.open_id
            and not message.withdrawn
            and (chat is None or message.chat == chat.id)
        }
        return list(found.values())

    async def reads(
        self, look: Callable[[Shown], bool], *, chat: Chat | None = None, timeout: float = 5.0
    ) -> Message:
        """Wait for a message of the bot that shows what `look` is after."""

        def search() -> Message | None:
            return next((message for message in self.said(chat) if look(message.shown)), None)

        return await self.world.until(search, timeout)

    def transcript(self, chat: Chat) -> str:
        """The chat as one would copy it: who, what, pictures and buttons."""
        lines = []
        seen = {message.id: message for message in self.world.messages.values() if message.chat == chat.id}
        for message in sorted(seen.values(), key=lambda message: message.created):
            shown = message.shown
            name = self.world.users[message.sender].name
            parts = [part for part in (shown.title, shown.text) if part]
            parts += [f"[picture {len(self.world.images.get(key, b''))} bytes]" for key in shown.images]
            parts += [f"[file {self.world.files[key][0]}]" for key in shown.files]
            parts += [f"<{button.label}>" for button in shown.buttons]
            parts += [f"( {choice.label} )" for choice in shown.choices]
            edited = f" (changed {len(message.versions) - 1}×)" if len(message.versions) > 1 else ""
            gone = " (withdrawn)" if message.withdrawn else ""
            lines.append(f"{name}{edited}{gone}: " + "\n  ".join("\n".join(parts).splitlines()))
        return "\n".join(lines)

    async def settle(self, seconds: float = 0.05) -> None:
        """Let what is on its way arrive."""
        await asyncio.sleep(seconds)
