"""People who try what the bot can be made to do: nothing pings, formats or hides, nothing goes unanswered."""

import re
from pathlib import Path

from tests.contract.platforms.stage import png
from tests.scenario.discord.theatre import Theatre, until
from tests.simulators.discord import Discord
from tests.simulators.discord.state import FORUM, THREAD, VOICE, Channel

#: What would do something in Discord if it stood in a message of the bot as it was written.
ACTIVE = re.compile(
    r"<@|<#|<t:|</|@everyone|@here|\|\||```|~~|\]\(|^ *(?:#{1,3}|>{1,3}|-#) |[\u202a-\u202e\u2066-\u2069]",
    re.MULTILINE,
)


def words(prompt: str) -> str:
    return f"@Inkling draw {prompt}"


HOSTILE = {
    "pings": words("a cat @everyone @here <@&1> <@2> <@!2> <#3>"),
    "commands": words("a cat </imagine:4> <t:5:R> <id:browse> <:party:6>"),
    "headings": words("a cat\n# LOUD\n> quote\n-# small\n1. list\n* list"),
    "code": words("a cat ```rm -rf``` `x` **bold** __under__ ~~gone~~ ||hidden||"),
    "masked": words("a cat [free nitro](https://evil.example/a_b_) [a[b]](https://evil.example)"),
    "bare link": words("https://evil.example/free-nitro"),
    "turned": words("a \u202ecat\u202c \u2067dog\u2069"),
    "invisible": "@Inkling dr\u200baw a \u200dc\u2060at",
    "backslashes": words(r"a cat \\\* \` \<@2> \\<@2>"),
    "long": words("a very " * 560 + "long cat"),
    "braces": words("a {subject} {0} {model.__class__} %s cat"),
    "flags": words("a cat --ar 99999999999999:1 -n 999999 --model <@2> --size 9e99"),
    "name": "@Inkling 画一只叫@everyone的猫",
}


def unescaped(content: str) -> str:
    """What of a text still acts: all that is escaped taken out."""
    return re.sub(r"\\[^0-9A-Za-z\s]", "", content)


async def answered(discord: Discord, room: Channel) -> list[str]:
    """What the bot says in a room, once it has said something."""
    await until(lambda: any(not message.loading for message in discord.said(room)))
    return [message.content for message in discord.said(room) if message.content]


async def test_nothing_that_is_written_does_anything(tmp_path: Path) -> None:
    async with Discord() as discord:
        discord.rest.limits = False
        async with Theatre(tmp_path, discord).open():
            rooms = dict(zip(HOSTILE, await discord.open_rooms(len(HOSTILE)), strict=True))
            for name, text in HOSTILE.items():
                await discord.person(f"@everyone {name}").says(text, rooms[name])
            for name, room in rooms.items():
                for content in await answered(discord, room):
                    assert not ACTIVE.search(unescaped(content)), (name, content)
                    assert "Traceback" not in content
                    assert "{" not in content or name == "braces"
        assert discord.pings == []
        assert discord.violations == []


async def test_in_every_kind_of_place_the_answer_stands_where_the_question_does(tmp_path: Path) -> None:
    async with Discord() as discord:
        discord.rest.limits = False
        async with Theatre(tmp_path, discord).open():
            (voice,) = await discord.open_rooms(1, kind=VOICE)
            (forum,) = await discord.open_rooms(1, kind=FORUM)
            places = [
                voice,
                *await discord.open_rooms(1, kind=THREAD, parent=forum.id),
                *await discord.open_rooms(1, kind=THREAD, parent=discord.channel.id),
            ]
            for place in places:
                await discord.person("Ada").says(words("a cat"), place)
            for place in places:
                assert (await answered(discord, place))[0].startswith("OK! Drawing a cat for you")
        assert discord.violations == []


async def test_what_is_no_wish_of_a_person_is_left_alone(tmp_path: Path) -> None:
    async with Discord() as discord:
        discord.rest.limits = False
        async with Theatre(tmp_path, discord).open():
            robot, ada = discord.person("Robot"), discord.person("Ada")
            robot.user.bot = True
            await robot.says(words("a cat"))
            await ada.says(words("a webhook"), webhook=True)
            await ada.says(words("a pin"), kind=6)
            edited = await ada.says("never mind")
            await ada.edits(edited, words("a dog"))
            (room,) = await discord.open_rooms(1)
            await ada.says(words("a fox"), room)
            await answered(discord, room)
            assert discord.said() == []


async def test_odd_files_and_lost_messages_are_answered_kindly(tmp_path: Path) -> None:
    async with Discord() as discord:
        discord.rest.limits = False
        async with Theatre(tmp_path, discord).open():
            ada = discord.person("Ada")
            text, fake, huge, lost = rooms = await discord.open_rooms(4)
            await ada.says("@Inkling make it an oil painting", text, files=(("notes.txt", b"words"),))
            await ada.slash("edit", fake, image=("cat.png", b"no picture at all"), prompt="make it night")
            big = png() + bytes(26_000_000)
            await discord.person("Bob").says("@Inkling make it night", huge, files=(("big.png", big),))
            gone = await discord.person("Cy").says("look", lost, files=(("photo.png", png()),))
            gone.deleted = True
            await discord.person("Dee").says("@Inkling make it night", lost, reply_to=gone)
            await until(lambda: any("❌" in line for line in discord.transcript(fake)))
            await until(lambda: any("❌" in line or "✅" in line for line in discord.transcript(huge)))
            for room in rooms:
                await answered(discord, room)
            assert "Which picture?" in discord.transcript(text)[-1]
            assert "please send it again as PNG or JPG" in "".join(discord.transcript(fake))
            assert "Which picture?" in discord.transcript(lost)[-1]
        assert discord.violations == []
