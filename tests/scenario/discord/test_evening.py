"""An evening in one server: every way in and every button, by people who read Chinese or English.

Each has a room of their own, so that all that the bot says there must be in their language.
"""

import re
from typing import Any

from tests.contract.platforms.stage import png
from tests.scenario.discord.process import Bot, until
from tests.simulators.discord import Discord
from tests.simulators.discord.people import Participant
from tests.simulators.discord.state import THREAD, Channel, Interaction, Message

CHINESE = ("Ada", "Cy", "Fay", "Hal", "Jan")
ENGLISH = ("Bob", "Dee", "Eve", "Gil", "Ivy", "Kim", "Lee")
PHOTO = ("photo.png", png())
_HAN = re.compile(r"[\u4e00-\u9fff]")


class Evening:
    """The people, their rooms, and what stands there."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.discord = bot.discord
        self.rooms: dict[str, Channel] = {}
        self.people: dict[str, Participant] = {}

    async def begin(self) -> None:
        names = (*CHINESE, *ENGLISH)
        self.rooms = dict(zip(names, await self.discord.open_rooms(len(names)), strict=True))
        for name in names:
            self.people[name] = self.discord.person(name, locale="zh-CN" if name in CHINESE else "en-US")
        (self.rooms["Ivy"],) = await self.discord.open_rooms(1, kind=THREAD, parent=self.discord.channel.id)
        self.rooms["Cy"] = self.people["Cy"].direct()
        group = (self.people[name].user for name in ("Lee", "Kim", "Ivy"))
        self.rooms["Lee"] = self.discord.world.private_channel(*group)

    async def says(self, name: str, text: str, reply_to: Message | None = None) -> Message:
        return await self.people[name].says(f"@Inkling {text}", self.rooms[name], reply_to=reply_to)

    async def uses(self, name: str, command: str, **options: Any) -> Interaction:
        return await self.people[name].slash(command, self.rooms[name], **options)

    async def shows(self, name: str, *words: str, times: int = 1) -> Message:
        """The newest message in somebody's room that holds these words, once there are so many."""
        person = self.people[name]
        return await self.bot.shows(*words, channel=self.rooms[name], times=times, viewer=person)

    async def fills(self, name: str, opened: Interaction, text: str) -> None:
        """Type into the form that something has opened."""
        await until(lambda: opened.modal is not None, self.bot)
        await self.people[name].submits(opened, text)

    def read(self, name: str) -> None:
        """Read somebody's room as they do."""
        for line in self.discord.transcript(self.rooms[name], viewer=self.people[name]):
            who, _, text = line.partition(": ")
            if who.startswith("Inkling"):
                assert (_HAN.search(text) is not None) == (name in CHINESE), line
                assert not re.search(r"None|\{\w*\}|\|\s*\||\*\*\*\*|\b(\w+) \1\b", text), line


async def ways_in(evening: Evening) -> None:
    """Everybody asks for something, each in another way, and gets it."""
    says, uses, shows = evening.says, evening.uses, evening.shows
    hal = evening.people["Hal"]
    sent = await hal.says("看这张", evening.rooms["Hal"], files=(PHOTO,))
    link = evening.discord.wire.file(sent.files[0], sent.channel)["url"]
    await says("Ada", "画一只可爱的猫咪，16:9")
    await uses("Bob", "imagine", prompt="a fox in the snow", count=2)
    await uses("Cy", "imagine", prompt="月亮上的兔子", model="Nano Banana 2", ratio="1:1")
    await evening.people["Dee"].says("@Inkling make it night", evening.rooms["Dee"], files=(PHOTO,))
    await says("Eve", "demo:points a castle")
    await says("Fay", "demo:points 一座城堡")
    await uses("Gil", "edit", image=PHOTO, prompt="make it an oil painting")
    await says("Hal", f"把这张变成油画 {link}")
    await says("Ivy", "a small boat")
    await uses("Lee", "imagine", prompt="a red kite", guest=True)
    await shows("Ada", "↩ Ada", "✅", "[image]", "(再来一张)")
    await shows("Bob", "@Bob", "2 pictures are ready", "[gallery of 2]")
    await shows("Cy", "✅", "Nano Banana 2")
    await shows("Dee", "↩ Dee", "Your picture is ready")
    await shows("Eve", "↩ Eve", "❌", "(Try Nano Banana 2 (6 points))")
    await shows("Fay", "↩ Fay", "❌", "(不用了)")
    await shows("Gil", "@Gil", "Your picture is ready")
    await shows("Hal", "↩ Hal", "✅")
    await shows("Ivy", "↩ Ivy", "Your picture is ready")
    await shows("Lee", "OK! Drawing a red kite for you", "I can't write here by myself")
    await shows("Lee", "Your picture is ready", "[image]")


async def buttons(evening: Evening) -> None:
    """Everybody goes on with what they have got."""
    people, shows, fills = evening.people, evening.shows, evening.fills
    cat, gallery = await shows("Ada", "✅"), await shows("Bob", "[gallery of 2]")
    boat, sent = await shows("Ivy", "is ready"), await shows("Hal", "✅")
    await people["Ada"].presses(cat, "再来一张")
    await people["Bob"].chooses(gallery, "Midjourney · 8 points")
    await fills("Cy", await people["Cy"].presses(await shows("Cy", "✅"), "改图"), "变成水彩画")
    await fills("Dee", await people["Dee"].presses(await shows("Dee", "is ready"), "Edit"), "make it red")
    await people["Eve"].presses(await shows("Eve", "❌"), "Try Nano Banana 2")
    await people["Fay"].presses(await shows("Fay", "❌"), "不用了")
    await evening.says("Gil", "make it blue", reply_to=await shows("Gil", "is ready"))
    await fills("Hal", await people["Hal"].menu("Use this picture", sent), "变成夜晚")
    await people["Ivy"].presses(boat, "Delete")
    await people["Lee"].presses(await shows("Lee", "is ready"), "Once more", guest=True)
    await evening.uses("Jan", "imagine", prompt="一条很长的龙")
    await people["Jan"].presses(await shows("Jan", "(取消)"), "取消")
    await evening.uses("Kim", "imagine", prompt="a slow whale")
    await shows("Kim", "(Cancel)")
    await evening.uses("Kim", "jobs")
    await people["Kim"].presses(await shows("Kim", "only you", "(Cancel · "), "Cancel · ")
    await shows("Ada", "✅", times=2)
    await shows("Bob", "@Bob", "Your 2 pictures are ready", "**Model**: Midjourney")
    await shows("Cy", "✅", times=2)
    await shows("Dee", "is ready", times=2)
    await shows("Eve", "❌", times=2)
    await shows("Fay", "好的，需要时再叫我")
    await shows("Gil", "is ready", times=2)
    await shows("Hal", "✅", times=2)
    await shows("Jan", "🚫 已取消：一条很长的龙")
    await shows("Kim", "🚫 Cancelled: a slow whale")
    await shows("Lee", "is ready", times=2)
    await until(lambda: boat.deleted, evening.bot)


async def test_an_evening_in_two_languages(bot: Bot, discord: Discord) -> None:
    evening = Evening(bot)
    await evening.begin()
    await ways_in(evening)
    await buttons(evening)
    await evening.uses("Ivy", "jobs")
    await evening.shows(
        "Ivy", "only you", "Your latest pictures", "a small boat", "[image/png picture-1.png]"
    )
    for name in evening.rooms:
        evening.read(name)
    assert not discord.interactions.failed()


async def test_a_stranger_gets_a_picture_of_their_own(bot: Bot, discord: Discord) -> None:
    ada, bob = discord.person("Ada", locale="zh-CN"), discord.person("Bob")
    await ada.says("@Inkling 画一只猫")
    cat = await bot.shows("✅")
    await bob.presses(cat, "再来一张")
    offer = await bot.shows("only you", "costs 5 points", "(Draw this too)", viewer=bob)
    await bob.presses(cat, "删除")
    await bot.shows("Only the person whose picture it is can delete it", viewer=bob)
    await bob.presses(offer, "Draw this too")
    await bot.shows("@Bob", "Your picture is ready")
    assert not cat.deleted
    assert [line for line in discord.transcript(viewer=ada) if "only you" in line] == []
