"""Discord under test: the real client, a simulated Discord, somebody who talks in a channel."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.clock import SystemClock
from adapters.media import MediaStore
from adapters.platforms.discord.platform import DiscordPlatform
from bot.message import Action, Address, Language, MessageRef
from bot.ports import Clock, ModelChoice
from bot.settings import Discord as Settings
from tests.contract.platforms.stage import Listener, Seen, until
from tests.simulators.discord import Discord
from tests.simulators.discord.checks import walk
from tests.simulators.discord.state import EPHEMERAL, Channel, Interaction, Message
from tests.simulators.discord.transcript import shown, unescaped


def models(language: Language) -> Sequence[ModelChoice]:
    """Three models on offer."""
    points = "积分" if language == "zh" else "points"
    return (
        ModelChoice(
            "doubao-seedream-4.5",
            "SeeDream 4.5",
            f"SeeDream 4.5 · 5 {points}",
            ("1:1", "16:9"),
            ("1K", "2K", "4K"),
        ),
        ModelChoice(
            "midjourney",
            "Midjourney",
            f"Midjourney · 10 {points}",
            ("1:1",),
            ("1K",),
            aliases=("mj", "mid journey"),
        ),
        ModelChoice("jimeng-3.0", "Jimeng 3.0", f"Jimeng 3.0 · 1 {points}"),
    )


class DiscordStage:
    """Fulfils Stage. Also what Discord's own tests stand on."""

    def __init__(self, folder: Path, discord: Discord) -> None:
        self.folder = folder
        self.discord = discord
        self.ada = discord.person("Ada")
        self.listener = Listener()
        self.clock: Clock = SystemClock()
        self.listen: tuple[str, ...] = ()
        self.shards = False
        self.heartbeat_timeout = 60.0

    async def open(self, *, connected: bool = True) -> None:
        host = self.discord.wire.base.removeprefix("http://")
        self.store = MediaStore(self.folder / "media", own_hosts=frozenset({host}))
        settings = Settings(
            token=self.discord.token,
            api_base=self.discord.api_base,
            proxy="",
            listen=self.listen,
            shards=self.shards,
        )
        self.platform = DiscordPlatform(settings, self.store, self.clock, models, self.heartbeat_timeout)
        self.task = asyncio.create_task(self.platform.run(self.listener))
        if connected:
            await self.ready()

    async def ready(self) -> None:
        await until(lambda: self.platform.connected and bool(self.discord.world.commands))

    async def shut(self) -> None:
        await self.platform.close()
        self.task.cancel()
        await asyncio.wait({self.task})
        await self.store.close()

    async def restart(self) -> None:
        await self.shut()
        await self.open()

    @property
    def channel(self) -> Channel:
        return self.discord.channel

    @property
    def address(self) -> Address:
        return Address("discord", str(self.channel.id))

    def media(self, name: str) -> Path:
        return self.folder / "media" / name

    async def say(self, text: str, *, picture: bytes = b"", answering: MessageRef | None = None) -> None:
        before = len(self.listener.messages)
        answered = self.discord.world.messages[int(answering.id)] if answering else None
        files = (("cat.png", picture),) if picture else ()
        await self.ada.says(f"@Inkling {text}", files=files, reply_to=answered)
        await until(lambda: len(self.listener.messages) > before)

    async def press(self, ref: MessageRef, action: Action) -> str:
        message = self.discord.world.messages[int(ref.id)]
        interaction = await self.ada.presses(message, action.label)
        return await self.toast(interaction)

    async def toast(self, interaction: Interaction) -> str:
        """What the person alone is shown at once."""
        await until(lambda: interaction.answered is not None)
        told = self.discord.world.messages.get(interaction.original or 0)
        return unescaped(told.content) if told and told.flags & EPHEMERAL else ""

    async def seen(self) -> list[Seen]:
        world = self.discord.world
        return [
            Seen(
                str(message.id),
                shown(world, message),
                len(message.files),
                tuple(item["label"] for item in walk(message.components) if item.get("type") == 2),
            )
            for message in self.said()
        ]

    def said(self) -> list[Message]:
        """The bot's messages that everybody sees."""
        return [message for message in self.discord.said() if message.seen_by is None]


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[DiscordStage]:
    async with Discord() as discord:
        discord.rest.limits = False
        made = DiscordStage(folder, discord)
        await made.open()
        try:
            yield made
        finally:
            await made.shut()
        assert discord.violations == []
        assert discord.pings == []
