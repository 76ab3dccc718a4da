"""The three places where people talk, each with the same few things to do and to see.

A window is one chat of one dialogue: people write, answer, press; and the bot's new messages are read off as
one line each, in the same form whatever the platform makes of them.
"""

import re
import secrets
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Protocol

import aiohttp

from bot.ledger import Ledger
from tests.simulators.discord import Discord, Participant
from tests.simulators.discord.checks import walk
from tests.simulators.discord.transcript import component, shown
from tests.simulators.feishu import FeishuSimulator, User
from tests.simulators.feishu.cards import Button

#: What only one platform adds, or what takes its own time.
_OWN = re.compile(r"^(?:-# .*|⏱️.*|\[gallery of \d+\]|\[image\].*|@\w+)$")
_OWN_BUTTONS = frozenset({"删除", "Delete", "🗑️ 删除", "🗑️ Delete"})
_TIMES = (
    (re.compile(r"\d+ ~ \d+(?= 秒| s)"), "… ~ …"),
    (re.compile(r"实际 \d+ 秒"), "实际 … 秒"),
    (re.compile(r"took \d+ s"), "took … s"),
)
_PERCENT = re.compile(r"\d+%[，,] ?(?:已等待 )?\d+ (?:秒|s)")


def told(text: str, buttons: list[str], pictures: int) -> str:
    """A message on one line, without what differs between platforms."""
    text = re.sub(r"\*\*|^#+ ", "", text, flags=re.MULTILINE)
    for pattern, words in _TIMES:
        text = pattern.sub(words, text)
    text = _PERCENT.sub("…", text)
    rows = [row.strip() for row in re.split(r"\n| \| ", text)]
    rows = [row for row in rows if row and not _OWN.match(row)]
    shown = [label for label in buttons if label not in _OWN_BUTTONS]
    rows += [" ".join(f"[{label}]" for label in shown)] if shown else []
    rows += [f"({pictures})"] if pictures else []
    return " / ".join(rows)


class Window(Protocol):
    """One chat."""

    async def enter(self, url: str) -> None:
        """Be there when a house has opened; `url` is that of its web chat."""

    async def leave(self) -> None:
        """Go away for good."""

    async def chat(self, ledger: Ledger) -> str:
        """The chat's id in the ledger."""

    async def say(self, who: str, text: str, answering: str = "", *, picture: bytes = b"") -> None:
        """Somebody writes; `answering`: the id of a message of the bot."""

    async def press(self, who: str, message: str, label: str) -> None:
        """Somebody presses a button."""

    async def seen(self) -> list[tuple[str, str]]:
        """The bot's messages as they stand, oldest first: id, and what it says."""


class WebWindow:
    """A room of the web chat; everybody there is the same person."""

    def __init__(self) -> None:
        self._base = ""
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def chat(self, ledger: Ledger) -> str:
        jobs = [str(one["job"]) for one in await self._history() if one.get("job")]
        job = await ledger.get(jobs[0]) if jobs else None
        return job.address.chat if job else ""

    async def enter(self, url: str) -> None:
        self._base = url.rstrip("/")
        async with self._http.get(f"{self._base}/") as answer:
            assert answer.status == 200

    async def leave(self) -> None:
        await self._http.close()

    async def _post(self, path: str, body: object) -> None:
        async with self._http.post(f"{self._base}{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()

    def _id(self) -> str:
        return secrets.token_hex(8)

    async def say(self, who: str, text: str, answering: str = "", *, picture: bytes = b"") -> None:
        body: dict[str, Any] = {"id": self._id(), "text": text, "reply_to": answering}
        if picture:
            headers = {"X-File-Name": "mine.png"}
            url = f"{self._base}/chat/uploads"
            async with self._http.post(url, data=BytesIO(picture), headers=headers) as answer:
                body["uploads"] = [(await answer.json())["id"]]
        await self._post("/chat/messages", body)

    async def press(self, who: str, message: str, label: str) -> None:
        standing = {one["id"]: one for one in await self._history()}[message]
        action = next(one for one in standing["actions"] if one["label"] == label)
        press = {name: action[name] for name in ("press", "job", "value")}
        await self._post("/chat/press", {"id": self._id(), "message": message, **press})

    async def _history(self) -> list[dict[str, Any]]:
        async with self._http.ws_connect(f"{self._base}/chat/stream") as stream:
            while (frame := await stream.receive_json(timeout=5))["type"] != "history":
                pass
        messages: list[dict[str, Any]] = frame["messages"]
        return messages

    async def seen(self) -> list[tuple[str, str]]:
        found = []
        for one in await self._history():
            if one["kind"] == "user":
                continue
            colon = "：" if one["language"] == "zh" else ": "
            rows = [str(one["headline"])]
            rows += [f"{x['label']}{colon}{x['text']}" if x["label"] else x["text"] for x in one["lines"]]
            labels = [action["label"] for action in one["actions"]]
            found.append((str(one["id"]), told("\n".join(rows), labels, len(one["media"]))))
        return found


class DiscordWindow:
    """A channel of a server, or somebody's direct chat."""

    def __init__(self, discord: Discord, *, alone: bool) -> None:
        self._discord = discord
        self._people: dict[str, Participant] = {}
        self._alone = alone
        self._channel = (
            self._who("ann").direct() if alone else discord.world.new_channel("room", discord.guild)
        )

    async def enter(self, url: str) -> None:
        pass

    async def leave(self) -> None:
        pass

    async def chat(self, ledger: Ledger) -> str:
        return str(self._channel.id)

    def _who(self, name: str) -> Participant:
        if name not in self._people:
            self._people[name] = self._discord.person(name)
        return self._people[name]

    async def say(self, who: str, text: str, answering: str = "", *, picture: bytes = b"") -> None:
        answered = self._discord.world.messages[int(answering)] if answering else None
        files = (("mine.png", picture),) if picture else ()
        words = text if self._alone else f"@Inkling {text}"
        await self._who(who).says(words, self._channel, files=files, reply_to=answered)

    async def press(self, who: str, message: str, label: str) -> None:
        await self._who(who).presses(self._discord.world.messages[int(message)], label)

    async def seen(self) -> list[tuple[str, str]]:
        found = []
        for message in self._discord.said(self._channel):
            controls = [item for item in walk(message.components) if item.get("type") in (2, 3)]
            labels = [str(item.get("label")) for item in controls if item["type"] == 2]
            text = shown(self._discord.world, message)
            for item in controls:
                text = text.replace(component(item), "")
            for file in message.files:
                text = text.replace(f"[{file.type} {file.name}]", "")
            found.append((str(message.id), told(text, labels, len(message.files))))
        return found


def _few(choices: Sequence[Button]) -> Sequence[Button]:
    """A list that stands for the message's own buttons; the list of all models is Feishu's own."""
    return [] if any(" · " in choice.label for choice in choices) else choices


class FeishuWindow:
    """A group, or somebody's private chat."""

    def __init__(self, feishu: FeishuSimulator, *, alone: bool) -> None:
        self._feishu = feishu
        self._people: dict[str, User] = {}
        self._alone = alone
        self._chat = (
            feishu.world.private_chat(self._who("ann").open_id) if alone else feishu.world.add_chat("group")
        )

    async def enter(self, url: str) -> None:
        pass

    async def leave(self) -> None:
        pass

    async def chat(self, ledger: Ledger) -> str:
        return self._chat.id

    def _who(self, name: str) -> User:
        if name not in self._people:
            self._people[name] = self._feishu.world.add_user(name)
        return self._people[name]

    async def say(self, who: str, text: str, answering: str = "", *, picture: bytes = b"") -> None:
        answered = self._feishu.world.messages[answering] if answering else None
        people = self._feishu.people
        if picture:
            people.post(self._chat, self._who(who), text, (picture,), at_bot=not self._alone)
        else:
            people.say(self._chat, self._who(who), text, at_bot=not self._alone, answer_to=answered)

    async def press(self, who: str, message: str, label: str) -> None:
        await self._feishu.people.press(self._feishu.world.messages[message], label, self._who(who))

    async def seen(self) -> list[tuple[str, str]]:
        return [
            (
                message.id,
                told(
                    "\n".join(part for part in (message.shown.title, message.shown.text) if part),
                    [button.label for button in (*message.shown.buttons, *_few(message.shown.choices))],
                    len(message.shown.images),
                ),
            )
            for message in self._feishu.said(self._chat)
        ]
