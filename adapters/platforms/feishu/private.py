"""Private chats: a picture and the sentence after it belong together, and the bot's menu leads there.

Both are on disk: a restart may come between any two messages, and what comes again must say the same.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakValueDictionary

from bot.message import Attachment, Incoming, Person
from bot.ports import Database
from bot.recent import Recent

#: Whether words that follow a picture are about it.
AboutPicture = Callable[[str], bool]
#: Seconds within which the sentence must follow the picture.
TOGETHER = 60.0
#: Pictures that one sentence can be about; the newest.
MOST = 9
#: People whose private chat is known without looking it up.
REMEMBERED = 5000
_KEEP = """
INSERT INTO feishu_pictures (chat, person, picture, url, name, sent_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (chat, person, picture, sent_at) DO NOTHING
"""
_OURS = "chat = ? AND person = ? AND sentence IN (0, ?) AND sent_at BETWEEN ? AND ?"
_FIND = f"SELECT picture, url, name FROM feishu_pictures WHERE {_OURS} ORDER BY sent_at DESC LIMIT ?"  # noqa: S608 - ours
_WAITING = """
SELECT picture, sent_at FROM feishu_pictures
WHERE chat = ? AND person = ? AND sentence = 0 AND sent_at BETWEEN ? AND ?
"""
_TAKE = f"UPDATE feishu_pictures SET sentence = ? WHERE {_OURS}"  # noqa: S608 - ours
_CHAT = """
INSERT INTO feishu_chats (open_id, person, chat) VALUES (?, ?, ?)
ON CONFLICT (open_id) DO UPDATE SET person = excluded.person, chat = excluded.chat
"""


def any_words(_text: str) -> bool:
    """Whatever is said."""
    return True


class PrivateChats:
    """Remembers pictures sent without words, and which chat is whose. Raises DatabaseError."""

    def __init__(self, database: Database, about_picture: AboutPicture = any_words) -> None:
        self._database = database
        self._about_picture = about_picture
        self._chats: Recent[str, str] = Recent(REMEMBERED)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        #: Chats in which there are or were pictures; None until that has been read.
        self._with_pictures: set[str] | None = None

    async def join(self, message: Incoming) -> Incoming | None:
        """The message with the pictures sent just before it; a picture without words is remembered.

        None for one more of several pictures: what is to be done with them has been asked under the first.
        """
        async with self._turns.setdefault(message.address.chat, asyncio.Lock()):
            if message.attachments and not message.text:
                await self._keep(message)
                return None if await self._follows(message) else message
            if message.text and not (message.attachments or message.reply_to or message.text.startswith("/")):
                return replace(message, attachments=await self._pictures(message))
        return message

    async def _keep(self, message: Incoming) -> None:
        place = (message.address.chat, message.person.key)
        for one in message.attachments[:MOST]:
            await self._database.commit([(_KEEP, (*place, one.id, one.url, one.name, message.sent_at))])
        (await self._chats_with_pictures()).add(message.address.chat)

    async def _follows(self, message: Incoming) -> bool:
        """Whether another picture, sent before this one, waits for a sentence."""
        place, sent_at = (message.address.chat, message.person.key), message.sent_at
        rows = await self._database.rows(_WAITING, (*place, sent_at - TOGETHER, sent_at))
        ours = {one.id for one in message.attachments}
        first = min((sent_at, id_) for id_ in ours)
        return any(id_ not in ours and (float(sent), str(id_)) < first for id_, sent in rows)

    async def _pictures(self, message: Incoming) -> tuple[Attachment, ...]:
        """Those that belong to this sentence, which is known by when it was sent."""
        if message.address.chat not in await self._chats_with_pictures():
            return ()
        sent_at = message.sent_at
        ours = (message.address.chat, message.person.key, sent_at, sent_at - TOGETHER, sent_at)
        rows = await self._database.rows(_FIND, (*ours, MOST))
        if not rows or not self._about_picture(message.text):
            return ()
        await self._database.commit([(_TAKE, (sent_at, *ours))])
        return tuple(Attachment(id_, url, name) for id_, url, name in reversed(rows))

    async def _chats_with_pictures(self) -> set[str]:
        if self._with_pictures is None:
            rows = await self._database.rows("SELECT DISTINCT chat FROM feishu_pictures")
            if self._with_pictures is None:  # nobody was quicker
                self._with_pictures = {str(chat) for (chat,) in rows}
        return self._with_pictures

    async def remember(self, open_id: str, person: Person, chat: str) -> None:
        """Somebody has written in their private chat."""
        if await self.chat_of(open_id) == chat:
            return
        await self._database.commit([(_CHAT, (open_id, person.key, chat))])
        self._chats[open_id] = chat

    async def chat_of(self, open_id: str) -> str:
        """A person's private chat; empty where they have never written there."""
        if open_id not in self._chats:
            rows = await self._database.rows("SELECT chat FROM feishu_chats WHERE open_id = ?", (open_id,))
            if not rows:
                return ""
            self._chats[open_id] = str(rows[0][0])
        return self._chats[open_id]

    async def forget(self, person: Person) -> None:
        """Let go of everything of a person."""
        self._chats.clear()
        await self._database.commit([("DELETE FROM feishu_pictures WHERE person = ?", (person.key,))])
        await self._database.commit([("DELETE FROM feishu_chats WHERE person = ?", (person.key,))])

    async def prune(self, before: float) -> None:
        """Forget pictures that were sent before a time (Unix seconds)."""
        await self._database.commit([("DELETE FROM feishu_pictures WHERE sent_at < ?", (before,))])
