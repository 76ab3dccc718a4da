"""Whatever goes wrong in whatever order, the channel shows each message of a job once."""

import asyncio
import random

import pytest

from bot.errors import Passing
from bot.message import Action, Address, Kind, MessageRef, Outgoing, Press
from tests.contract.platforms.stage import result, until
from tests.simulators.discord.faults import What
from tests.unit.adapters.platforms.discord.conftest import Stage

ROUTES = (
    "message.create",
    "message.edit",
    "message.list",
    "callback",
    "answer.get",
    "answer.edit",
    "dm.open",
)
TROUBLE: tuple[What, ...] = ("lose", "drop", "status", "limit", "ban")
CANCEL = Action(Press.CANCEL, "Cancel", "job1", "0", "en")
AGAIN = Action(Press.AGAIN, "Once more", "job1", "0", "en")


class Chaos:
    """Breaks things between any two messages, and persists as the outbox does."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.dice = random.Random(seed)
        self.story: list[str] = []

    async def strike(self) -> None:
        """Break something, or nothing."""
        stage, dice = self.stage, self.dice
        for _ in range(dice.randrange(3)):
            route, what = dice.choice(ROUTES), dice.choice(TROUBLE)
            self.story.append(f"{what} {route}")
            stage.discord.fail(route, what, times=dice.randint(1, 2), seconds=0.02)
        match dice.randrange(6):
            case 0:
                self.story.append("cut")
                stage.discord.gateway.cut()
            case 1:
                self.story.append("restart")
                await stage.restart()
            case 2:
                seconds = dice.choice([2.0, 90.0, 400.0])
                self.story.append(f"{seconds:.0f} s pass")
                stage.later(seconds)

    async def send(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        """Send until it is there, with trouble before each try, and perhaps once more than needed."""
        for _ in range(20):
            await self.strike()
            try:
                ref = await self.stage.platform.send(to, message, key)
            except Passing as error:
                self.story.append(f"{key}: {error}")
                await asyncio.sleep(0.005)
                continue
            if self.dice.random() < 0.3:
                self.story.append(f"{key} again")
                self.stage.discord.faults.waiting.clear()
                assert await self.stage.platform.send(to, message, key) == ref, self.story
            return ref
        raise AssertionError(self.story)

    async def edit(self, ref: MessageRef, message: Outgoing) -> None:
        for _ in range(20):
            await self.strike()
            try:
                return await self.stage.platform.edit(ref, message)
            except Passing:
                await asyncio.sleep(0.005)
        raise AssertionError(self.story)


@pytest.mark.parametrize("seed", range(16))
async def test_each_message_shows_once(stage: Stage, seed: int) -> None:
    chaos = Chaos(stage, seed)
    if seed % 2:
        await stage.ada.slash("imagine", prompt="a fox")
    else:
        await stage.ada.says("@Inkling draw a fox")
    await until(lambda: len(stage.listener.messages) == 1)
    to = stage.listener.messages[0].address
    media = (result(stage.media("job1-1.png")),)
    await chaos.send(to, Outgoing(Kind.ACK, "en", "OK! A fox", "job1"), "ack")
    await chaos.send(to, Outgoing(Kind.START, "en", "Starting", "job1", actions=(CANCEL,)), "start")
    progress = await chaos.send(to, Outgoing(Kind.PROGRESS, "en", "Drawing… 20%", "job1", percent=20), "p")
    await chaos.edit(progress, Outgoing(Kind.PROGRESS, "en", "Drawing… 50%", "job1", percent=50))
    await chaos.send(to, Outgoing(Kind.SUCCESS, "en", "Ready!", "job1", media=media, actions=(AGAIN,)), "end")
    await chaos.edit(progress, Outgoing(Kind.PROGRESS, "en", "✓ Done", "job1", settled=True))

    lines = [line for line in stage.discord.transcript() if line.startswith("Inkling")]
    shown = [sum(words in line for line in lines) for words in ("OK! A fox", "Starting", "✓ Done", "Ready!")]
    assert shown == [1, 1, 1, 1], (chaos.story, lines)
    assert len(lines) == 4, (chaos.story, lines)
    assert [v for v in stage.discord.violations if v.rule != "answered late"] == [], chaos.story
    assert stage.discord.pings == []
