"""Ends are shown once, also when the answer to their request was lost and a restart lies in between.

The platform recognises a key for an hour. Past that, whether the message is there already is looked up in the
chat before it is sent again.
"""

import json

from adapters.platforms.feishu import wire
from adapters.platforms.feishu.codes import Refusal
from adapters.platforms.feishu.receive import NAME
from adapters.platforms.feishu.transport import Call, Rest
from adapters.platforms.feishu.wire import Json
from bot.message import Address, MessageRef
from bot.ports import Clock, Database

#: Seconds for which the platform recognises a key, less a margin.
WINDOW = 3300.0
#: Pages of fifty messages that are looked through for it.
PAGES = 4
_FIRST = "INSERT INTO feishu_sends (key, tried_at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
_DONE = "UPDATE feishu_sends SET chat = ?, message = ? WHERE key = ?"
_KNOWN = "SELECT tried_at, chat, message FROM feishu_sends WHERE key = ?"


class Sends:
    """What was tried under which key. Raises DatabaseError where the database does."""

    def __init__(self, database: Database, clock: Clock, rest: Rest) -> None:
        self._database = database
        self._clock = clock
        self._rest = rest

    async def earlier(self, key: str, to: Address, headline: str) -> MessageRef | None:
        """The message that was sent under this key, if it was; notes the try if it was not."""
        rows = await self._database.rows(_KNOWN, (key,))
        if not rows:
            await self._database.commit([(_FIRST, (key, self._clock.now()))])
            return None
        tried_at, chat, message = float(rows[0][0]), str(rows[0][1]), str(rows[0][2])
        if message:
            return MessageRef(NAME, chat, message)
        if self._clock.now() - tried_at < WINDOW:
            return None
        return await self._look(to, headline, tried_at)

    async def done(self, key: str, ref: MessageRef) -> None:
        """It was sent."""
        await self._database.commit([(_DONE, (ref.chat, ref.id, key))])

    async def prune(self, before: float) -> None:
        """Forget what was tried before a time (Unix seconds)."""
        await self._database.commit([("DELETE FROM feishu_sends WHERE tried_at < ?", (before,))])

    async def _look(self, to: Address, headline: str, since: float) -> MessageRef | None:
        """An own message from then that answers the same message and says the same. Raises Passing."""
        query = {
            "container_id_type": "chat",
            "container_id": to.chat,
            "start_time": str(int(since) - 5),
            "sort_type": "ByCreateTimeAsc",
            "page_size": "50",
        }
        for _ in range(PAGES):
            try:
                answer = await self._rest.call(Call("GET", "/open-apis/im/v1/messages", query=query))
            except Refusal:
                break  # without that scope nobody can look; better twice than never
            for item in wire.objects(answer, "items"):
                if _is_it(item, to, headline):
                    chat, id_ = wire.text(item, "chat_id"), wire.text(item, "message_id")
                    return MessageRef(NAME, chat or to.chat, id_)
            if not (token := wire.text(answer, "page_token")):
                break
            query = query | {"page_token": token}
        return None


def _is_it(item: Json, to: Address, headline: str) -> bool:
    """Whether a message is ours, answers the same message and says the same."""
    ours = wire.text(item, "sender", "sender_type") == "app" and item.get("deleted") is not True
    answers = wire.text(item, "parent_id") == to.reply_to
    return ours and answers and _says(wire.text(item, "body", "content"), headline)


def _says(content: str, headline: str) -> bool:
    """Whether a message's content, whatever its kind and however its JSON is written, holds these words."""
    return _dumps(headline)[1:-1] in _dumps(wire.load(content))


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
