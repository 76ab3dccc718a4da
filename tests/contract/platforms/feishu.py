"""Feishu under test: the real SDK's long connection and REST, a simulated tenant, a private chat."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from adapters.clock import SystemClock
from adapters.database.sqlite import Sqlite
from adapters.media import MediaStore
from adapters.platforms.feishu.platform import FeishuPlatform, Means
from bot.language import about_picture
from bot.message import Action, Address, MessageRef
from bot.metrics import Metrics
from bot.ports import Clock, Models, no_models
from bot.settings import Feishu
from tests.contract.platforms.stage import Listener, Seen, until
from tests.simulators.feishu import FeishuSimulator


def settings(simulator: FeishuSimulator, events: Literal["ws", "webhook"] = "ws", **changes: Any) -> Feishu:
    """What an operator would set for this tenant."""
    values: dict[str, Any] = {
        "app_id": simulator.world.app_id,
        "app_secret": simulator.world.app_secret,
        "domain": simulator.domain,
        "events": events,
        "encrypt_key": "",
        "verification_token": simulator.webhook.verification_token,
        "chats": (),
        "people": (),
    }
    return Feishu(**(values | changes))


class FeishuStage:
    """Fulfils Stage. Also what Feishu's own tests stand on."""

    def __init__(self, folder: Path, simulator: FeishuSimulator, **changes: Any) -> None:
        self.folder = folder
        self.simulator = simulator
        self.changes = changes
        self.listener = Listener()
        self.person = simulator.world.add_user("Ada")
        self.chat = simulator.world.private_chat(self.person.open_id)
        self.address = Address("feishu", self.chat.id)
        self.metrics = Metrics()
        self.clock: Clock = SystemClock()
        self.models: Models = no_models
        #: Where pictures may be fetched from besides the net, as `host:port`.
        self.own_hosts: frozenset[str] = frozenset()

    async def open(self, *, running: bool = True) -> None:
        self.database = await Sqlite.open(self.folder / "inkling.db")
        self.store = MediaStore(self.folder / "media", own_hosts=self.own_hosts)
        means = Means(
            self.database,
            self.store,
            self.metrics,
            self.clock,
            self.models,
            about_picture=about_picture,
        )
        self.platform = FeishuPlatform(settings(self.simulator, **self.changes), means)
        self.task: asyncio.Task[None] | None = None
        if running:
            self.task = asyncio.create_task(self.platform.run(self.listener))
            await until(lambda: self.platform.connected)

    async def shut(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait({self.task})
        await self.platform.close()
        await self.store.close()
        await self.database.close()

    async def restart(self) -> None:
        await self.shut()
        await self.open()

    def media(self, name: str) -> Path:
        return self.folder / "media" / name

    async def say(self, text: str, *, picture: bytes = b"", answering: MessageRef | None = None) -> None:
        before = len(self.simulator.link.acks)
        people, world = self.simulator.people, self.simulator.world
        if picture:
            people.post(self.chat, self.person, text, (picture,))
        else:
            parent = world.messages[answering.id] if answering else None
            people.say(self.chat, self.person, text, answer_to=parent)
        await until(lambda: len(self.simulator.link.acks) > before)

    async def press(self, ref: MessageRef, action: Action) -> str:
        message = self.simulator.world.messages[ref.id]
        return (await self.simulator.people.press(message, action.label, self.person)).toast

    async def seen(self) -> list[Seen]:
        return [
            Seen(
                message.id,
                "\n".join(part for part in (message.shown.title, message.shown.text) if part),
                len(message.shown.images),
                tuple(button.label for button in message.shown.buttons),
            )
            for message in self.simulator.said(self.chat)
        ]

    def card(self, ref: MessageRef) -> Any:
        """The card as it was sent, for a look at its structure."""
        return json.loads(self.simulator.world.messages[ref.id].content)


@asynccontextmanager
async def stage(folder: Path, **changes: Any) -> AsyncIterator[FeishuStage]:
    async with FeishuSimulator() as simulator:
        simulator.rest.limits.chat_qps = simulator.rest.limits.message_qps = 1000
        made = FeishuStage(folder, simulator, **changes)
        await made.open()
        try:
            yield made
        finally:
            await made.shut()
