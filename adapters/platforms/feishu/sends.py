"""Ends are shown once, also when the answer to their request was lost and a restart lies in between.

The platform recognises a key for an hour. Past that, whether the message is there already is looked up in the
chat or topic before it is sent again. In groups that takes the permission to hear everything said there
(`im:message.group_msg`); where it is missing, nobody can know.
Source: https://open.feishu.cn/document/server-docs/im-v1/message/list
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from adapters.platforms.feishu import codes, wire
from adapters.platforms.feishu.codes import Refusal
from adapters.platforms.feishu.receive import NAME, seconds
from adapters.platforms.feishu.transport import Call, Rest
from adapters.platforms.feishu.wire import Json
from bot.errors import Passing
from bot.message import Address, MessageRef, Outgoing
from bot.ports import Database

MESSAGES = "/open-apis/im/v1/messages"
#: Seconds for which the platform recognises a key, less a margin.
WINDOW = 3300.0
#: Seconds by which the two clocks may differ without being told apart.
MARGIN = 90.0
#: Pages of fifty messages that are looked through for it.
PAGES = 4
#: Else a card comes back as a line that asks for a newer client.
_WHOLE_CARDS = {"card_msg_content_type": "user_card_content"}
_FIRST = "INSERT INTO feishu_sends (key, tried_at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
_DONE = "UPDATE feishu_sends SET chat = ?, message = ? WHERE key = ?"
_KNOWN = "SELECT tried_at, chat, message FROM feishu_sends WHERE key = ?"
_TAKEN = "SELECT key FROM feishu_sends WHERE message = ?"


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of earlier tries to show a message."""

    #: Where it stands.
    shown: MessageRef | None = None
    #: It was tried, and nobody can tell whether it stands.
    doubtful: bool = False


class Sends:
    """What was tried under which key. Raises DatabaseError where the database does."""

    def __init__(self, database: Database, rest: Rest) -> None:
        self._database = database
        self._rest = rest

    async def past(self, key: str, to: Address, message: Outgoing) -> Past:
        """What became of this message so far; notes the try if there was none. Raises Passing, Refusal."""
        rows = await self._database.rows(_KNOWN, (key,))
        if not rows:
            await self._database.commit([(_FIRST, (key, self._rest.skew.now()))])
            return Past()
        tried_at, chat, id_ = float(rows[0][0]), str(rows[0][1]), str(rows[0][2])
        if id_:
            return Past(MessageRef(NAME, chat, id_))
        if self._rest.skew.now() - tried_at < WINDOW:
            return Past()
        try:
            found = await self._look(to, message, tried_at)
        except Refusal as refusal:
            if isinstance(codes.told(refusal), Passing):
                raise
            return Past(doubtful=True)
        if found is not None:
            await self.done(key, found)
        return Past(found)

    async def done(self, key: str, ref: MessageRef) -> None:
        """It was sent."""
        await self._database.commit([(_DONE, (ref.chat, ref.id, key))])

    async def refused(self, key: str) -> None:
        """It was refused in so many words, so it stands nowhere and the next try is the first one."""
        await self._database.commit([("DELETE FROM feishu_sends WHERE key = ?", (key,))])

    async def prune(self, before: float) -> None:
        """Forget what was tried before a time (Unix seconds)."""
        await self._database.commit([("DELETE FROM feishu_sends WHERE tried_at < ?", (before,))])

    async def _look(self, to: Address, message: Outgoing, since: float) -> MessageRef | None:
        """An own message from then that stands there and says the same, and is no other end."""
        async for item in self._said(to, since - MARGIN):
            id_ = wire.text(item, "message_id")
            if self._is_it(item, to, message) and not await self._database.rows(_TAKEN, (id_,)):
                return MessageRef(NAME, wire.text(item, "chat_id") or to.chat, id_)
        return None

    async def _said(self, to: Address, since: float) -> AsyncIterator[Json]:
        """What was said since a time: in a topic from the newest on, for there no time can be asked for."""
        query = {"page_size": "50", **_WHOLE_CARDS}
        if to.topic:
            query |= {"container_id_type": "thread", "container_id": await self._thread(to.topic)}
            query |= {"sort_type": "ByCreateTimeDesc"}
        else:
            query |= {"container_id_type": "chat", "container_id": to.chat, "start_time": str(int(since))}
            query |= {"sort_type": "ByCreateTimeAsc"}
        for _ in range(PAGES):
            answer = await self._rest.call(Call("GET", MESSAGES, query=query))
            for item in wire.objects(answer, "items"):
                if seconds(wire.number(item, "create_time")) < since:
                    return
                yield item
            if not (token := wire.text(answer, "page_token")):
                return
            query = query | {"page_token": token}

    async def _thread(self, opening: str) -> str:
        """The topic's own id, by the message that opened it."""
        answer = await self._rest.call(Call("GET", f"{MESSAGES}/{opening}"))
        return next((wire.text(item, "thread_id") for item in wire.objects(answer, "items")), "")

    def _is_it(self, item: Json, to: Address, message: Outgoing) -> bool:
        """Whether a message is ours, stands where this one belongs, and says the same of the same job."""
        if wire.text(item, "sender", "id") != self._rest.app or item.get("deleted") is True:
            return False
        # In a topic everything answers its opening; what could answer nothing any more stands by itself.
        if wire.text(item, "parent_id") not in {to.topic or to.reply_to, ""}:
            return False
        content = _dumps(_content(item))
        of_this_job = '"job"' not in content or _dumps(message.job) in content
        return of_this_job and _dumps(message.headline)[1:-1] in content


def _content(item: Json) -> Json:
    """What a message says: a card is wrapped once more."""
    content = wire.load(wire.text(item, "body", "content"))
    return wire.load(wire.text(content, "user_dsl")) or content


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
