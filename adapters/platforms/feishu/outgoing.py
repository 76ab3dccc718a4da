"""Showing and changing messages: as a card, else as text and pictures; in the right place; once per key.

What a message looks like is in `layout`; when it is shown is decided in the outbox.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.platforms.feishu import codes, layout, wire
from adapters.platforms.feishu.codes import Refusal
from adapters.platforms.feishu.pictures import Pictures, is_film
from adapters.platforms.feishu.receive import NAME
from adapters.platforms.feishu.results import Results
from adapters.platforms.feishu.sends import MESSAGES, Past, Sends
from adapters.platforms.feishu.transport import Call, Rest
from adapters.platforms.feishu.wire import Json
from bot.errors import Passing
from bot.message import Address, Kind, Media, MessageRef, Outgoing
from bot.ports import Clock
from bot.recent import Recent

log = logging.getLogger(__name__)

ENDS = frozenset({Kind.SUCCESS, Kind.FAILURE, Kind.CANCELLED})
#: Messages of our own that are remembered.
REMEMBERED = 5000
#: Seconds between several messages that make one: a chat takes five a second.
APART = 0.25


@dataclass(frozen=True, slots=True)
class Body:
    """A message as the wire takes it."""

    kind: str
    content: Json


class Sender:
    """Sends and changes messages. Raises Refusal, Passing and DatabaseError."""

    def __init__(self, rest: Rest, pictures: Pictures, sends: Sends, results: Results, clock: Clock) -> None:
        self._rest = rest
        self._pictures = pictures
        self._sends = sends
        self._results = results
        self._clock = clock
        #: What stands under which key since the start.
        self._standing: Recent[str, MessageRef] = Recent(REMEMBERED)
        self._topics: Recent[str, str] = Recent(REMEMBERED)

    def is_own(self, message: str) -> bool:
        """Whether it was sent by us since the start."""
        return message in self._topics

    def topic(self, message: str) -> str:
        """The topic in which a message of ours stands, as far as it is remembered."""
        return self._topics.get(message, "")

    async def send(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        """Show a message; the same key never shows twice."""
        lasting = message.kind in ENDS
        past = await self._sends.past(key, to, message) if lasting else Past()
        if past.shown:
            return past.shown
        try:
            ref = await self._show(to, self._results.repeated(message) if past.doubtful else message, key)
        except Refusal:
            if lasting and key not in self._standing:
                await self._sends.refused(key)
            raise
        if lasting:
            await self._sends.done(key, ref)
        return ref

    async def change(self, ref: MessageRef, message: Outgoing) -> None:
        """Replace what a card shows. What must not stay as it is becomes the simplest card at worst."""
        keys = [key for media in message.media if (key := await self._pictures.picture(media))]
        try:
            await self._patch(ref, self._card(message, keys, self.topic(ref.id)))
        except Refusal as refusal:
            if not codes.is_unshowable(refusal) or not (message.settled or message.kind in ENDS):
                raise
            log.warning("a card was refused and is shown bare: %s", refusal)
            await self._patch(ref, layout.bare(message))

    async def card(self, to: Address, card: Json, key: str) -> MessageRef:
        """Show a card that is no `Outgoing`, such as a form."""
        return await self._deliver(to, Body("interactive", card), key)

    def _card(self, message: Outgoing, pictures: Sequence[str], topic: str) -> Json:
        shown, others = self._results.completed(message), self._results.others(message)
        return layout.card(shown, pictures, topic, others)

    async def _patch(self, ref: MessageRef, card: Json) -> None:
        await self._rest.call(Call("PATCH", f"{MESSAGES}/{ref.id}", {"content": _dumps(card)}))

    async def _show(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        if not layout.is_card(message):
            return await self._say(to, message, key)
        keys, others = await self._uploaded(message.media)
        try:
            card = self._card(message, keys, to.topic)
            ref = await self._deliver(to, Body("interactive", card), key)
        except Refusal as refusal:
            # A text cannot be changed any more: progress would stand at that percent for good.
            if not codes.is_unshowable(refusal) or message.kind is Kind.PROGRESS:
                raise
            log.warning("a %s card was refused and is shown as text: %s", message.kind, refusal)
            ref = await self._say(to, message, key)
            for number, picture in enumerate(keys):
                await self._clock.sleep(APART)
                await self._deliver(to, Body("image", {"image_key": picture}), f"{key}-p{number}")
        await self._send_files(to, others, key)
        return ref

    async def _say(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        """As text; where its words are not let through, with a sentence that says so."""
        try:
            return await self._deliver(to, Body("text", {"text": layout.plain(message)}), key)
        except Refusal as refusal:
            if not codes.is_unshowable(refusal):
                raise
            log.warning("the words of a %s message were refused: %s", message.kind, refusal)
        withheld = self._results.withheld(message.language)
        return await self._deliver(to, Body("text", {"text": withheld}), key)

    async def _uploaded(self, media: Sequence[Media]) -> tuple[list[str], list[Media]]:
        """The keys of what can be shown as a picture, and what cannot."""
        keys: list[str] = []
        others: list[Media] = []
        for one in media:
            if key := await self._pictures.picture(one):
                keys.append(key)
            else:
                others.append(one)
        return keys, others

    async def _send_files(self, to: Address, media: Sequence[Media], key: str) -> None:
        for number, one in enumerate(media):
            if file := await self._pictures.file(one):
                kind = "media" if is_film(one) else "file"
                await self._clock.sleep(APART)
                await self._deliver(to, Body(kind, {"file_key": file}), f"{key}-f{number}")
            else:
                log.warning("a result of %d bytes can be shown by its link alone", one.size)

    async def _deliver(self, to: Address, body: Body, uuid: str) -> MessageRef:
        """Show one message, unless it stands already."""
        if standing := self._standing.get(uuid):
            return standing
        wired: Json = {"msg_type": body.kind, "content": _dumps(body.content), "uuid": uuid}
        answer = await self._placed(to, wired)
        id_ = wire.text(answer, "message_id")
        if not id_:
            raise Passing("a message without an id")
        self._topics[id_] = to.topic
        ref = MessageRef(NAME, wire.text(answer, "chat_id") or to.chat, id_)
        self._standing[uuid] = ref
        return ref

    async def _placed(self, to: Address, wired: Json) -> Json:
        """Answer the message, else into its topic, else into the chat: people withdraw what they wrote."""
        for anchor in dict.fromkeys(one for one in (to.reply_to, to.topic) if one):
            try:
                return await self._answer(anchor, wired, in_topic=bool(to.topic))
            except Refusal as refusal:
                if not codes.is_withdrawn(refusal):
                    raise
                log.info("the message to answer is gone: %s", refusal)
        query = {"receive_id_type": _kind_of_id(to.chat)}
        return await self._rest.call(Call("POST", MESSAGES, wired | {"receive_id": to.chat}, query))

    async def _answer(self, anchor: str, wired: Json, *, in_topic: bool) -> Json:
        path = f"{MESSAGES}/{anchor}/reply"
        if in_topic:
            try:
                return await self._rest.call(Call("POST", path, wired | {"reply_in_thread": True}))
            except Refusal as refusal:
                if refusal.code not in codes.NO_TOPICS:
                    raise
        return await self._rest.call(Call("POST", path, wired))


def _kind_of_id(id_: str) -> str:
    return {"ou_": "open_id", "on_": "union_id"}.get(id_[:3], "chat_id")


def _dumps(content: Json) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
