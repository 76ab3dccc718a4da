"""What the web chat remembers: rooms, messages, uploads. The SQL of `003_web.sql`.

Every change of a room raises its counter, so a page that was away asks for all that is newer than the
last number it saw. Whoever watches a room is woken by every change.
"""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from bot.ports import Clock, Database, Row, Statement

#: Uploads of a room that no message shows yet: enough for two messages being written.
UNSENT = 28

_COLUMNS = "id, room, position, revision, body, created_at, owed"
_NEXT = "(SELECT coalesce(max(revision), 0) + 1 FROM web_rooms WHERE id = ?)"


@dataclass(frozen=True, slots=True)
class Stored:
    """One message as it stands in the database."""

    id: str
    room: str
    body: dict[str, Any]
    created_at: float
    position: int = 0
    revision: int = 0
    owed: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that a person sent; its file is named `id`."""

    id: str
    room: str
    name: str
    type: str
    size: int
    width: int
    height: int


class Store:
    """Reads and writes rooms. Raises DatabaseError."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._watchers: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def watch(self, room: str) -> Iterator[asyncio.Event]:
        """An event that is set by every change of the room."""
        event = asyncio.Event()
        watchers = self._watchers.setdefault(room, set())
        watchers.add(event)
        try:
            yield event
        finally:
            watchers.discard(event)
            if not watchers:
                self._watchers.pop(room, None)

    def _changed(self, room: str) -> None:
        for event in self._watchers.get(room, ()):
            event.set()

    # Messages -----------------------------------------------------------------------------------------

    async def epoch(self, room: str) -> str:
        """The room's epoch; the room is made if need be."""
        find = "SELECT epoch FROM web_rooms WHERE id = ?"
        if not (rows := await self._database.rows(find, (room,))):
            make = "INSERT INTO web_rooms (id, epoch, revision) VALUES (?, ?, 0) ON CONFLICT (id) DO NOTHING"
            await self._database.commit([(make, (room, secrets.token_hex(8)))])
            rows = await self._database.rows(find, (room,))
        return str(rows[0][0])

    async def add(self, message: Stored, uploads: Sequence[str] = ()) -> bool:
        """Store a message that shows these uploads. False: it was there already, and nothing changed."""
        insert = (
            f"INSERT INTO web_messages ({_COLUMNS}) VALUES (?, ?, {_NEXT}, {_NEXT}, ?, ?, ?) "  # noqa: S608  # our own names
            "ON CONFLICT (id) DO NOTHING"
        )
        room = message.room
        body = _text(message.body)
        values = (message.id, room, room, room, body, message.created_at, int(message.owed))
        sent = [("UPDATE web_uploads SET sent = 1 WHERE id = ?", (upload,)) for upload in uploads]
        added = await self._database.commit([(insert, values), _count(room), *sent])
        if added:
            self._changed(room)
        return added

    async def change(self, room: str, id_: str, body: dict[str, Any]) -> bool:
        """Show this instead. False: no such message, or it shows this already."""
        text = _text(body)
        update = (
            f"UPDATE web_messages SET body = ?, revision = {_NEXT} "  # noqa: S608  # our own names
            "WHERE id = ? AND room = ? AND body <> ?"
        )
        changed = await self._database.commit([(update, (text, room, id_, room, text)), _count(room)])
        if changed:
            self._changed(room)
        return changed

    async def find(self, id_: str) -> Stored | None:
        """The message of this id."""
        rows = await self._select("WHERE id = ?", (id_,))
        return rows[0] if rows else None

    async def since(self, room: str, revision: int, limit: int = 200) -> list[Stored]:
        """What came or changed after `revision`, oldest change first."""
        where = "WHERE room = ? AND revision > ? ORDER BY revision LIMIT ?"
        return await self._select(where, (room, revision, limit))

    async def latest(self, room: str, before: int | None, limit: int) -> list[Stored]:
        """The last messages, or the last ones before a position; oldest first."""
        end = 2**53 if before is None else before
        where = "WHERE room = ? AND position < ? ORDER BY position DESC LIMIT ?"
        return (await self._select(where, (room, end, limit)))[::-1]

    async def owed(self) -> list[Stored]:
        """People's messages that were stored and never handed over, oldest first."""
        return await self._select("WHERE owed = 1 ORDER BY created_at", ())

    async def handed_over(self, id_: str) -> None:
        """The bot has this message."""
        await self._database.commit([("UPDATE web_messages SET owed = 0 WHERE id = ? AND owed = 1", (id_,))])

    async def _select(self, where: str, parameters: tuple[Any, ...]) -> list[Stored]:
        rows = await self._database.rows(f"SELECT {_COLUMNS} FROM web_messages {where}", parameters)  # noqa: S608  # our own names
        return [_stored(row) for row in rows]

    # Uploads ------------------------------------------------------------------------------------------

    async def add_upload(self, upload: Upload) -> None:
        """Remember whose picture it is."""
        insert = (
            "INSERT INTO web_uploads (id, room, name, type, size, width, height, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        values = (upload.id, upload.room, upload.name, upload.type, upload.size, upload.width, upload.height)
        await self._database.commit([(insert, (*values, self._clock.now()))])

    async def upload(self, id_: str) -> Upload | None:
        """The upload of this id."""
        find = "SELECT id, room, name, type, size, width, height FROM web_uploads WHERE id = ?"
        rows = await self._database.rows(find, (id_,))
        return Upload(*rows[0]) if rows else None

    async def make_room(self, newest: Upload, most: int) -> tuple[str, ...]:
        """Forget the oldest uploads until there are not too many. The ids of the uploads to delete.

        Of a room at most UNSENT are kept that no message shows; of everybody's together at most `most` bytes.
        """
        unsent = "SELECT id FROM web_uploads WHERE room = ? AND sent = 0 ORDER BY created_at DESC, id"
        going = {str(id_) for (id_,) in (await self._database.rows(unsent, (newest.room,)))[UNSENT:]}
        ((over,),) = await self._database.rows("SELECT coalesce(sum(size), 0) - ? FROM web_uploads", (most,))
        oldest = "SELECT id, size FROM web_uploads ORDER BY created_at LIMIT 100"
        for id_, size in await self._database.rows(oldest) if over > 0 else ():
            if over > 0 and id_ != newest.id:
                over -= size
                going.add(str(id_))
        for id_ in going:
            await self._database.commit([("DELETE FROM web_uploads WHERE id = ?", (id_,))])
        return tuple(going)

    # Forgetting ---------------------------------------------------------------------------------------

    async def forget(self, room: str) -> tuple[str, ...]:
        """Delete all that the room holds; open pages clear themselves. The ids of the uploads to delete."""
        rows = await self._database.rows("SELECT id FROM web_uploads WHERE room = ?", (room,))
        await self.epoch(room)
        renew = "UPDATE web_rooms SET epoch = ?, revision = revision + 1 WHERE id = ?"
        await self._database.commit(
            [
                (renew, (secrets.token_hex(8), room)),
                ("DELETE FROM web_messages WHERE room = ?", (room,)),
                ("DELETE FROM web_uploads WHERE room = ?", (room,)),
            ]
        )
        self._changed(room)
        return tuple(str(row[0]) for row in rows)

    async def prune(self, before: float) -> tuple[str, ...]:
        """Delete messages and uploads from before a time (Unix seconds). The ids of the uploads to delete."""
        rows = await self._database.rows("SELECT id FROM web_uploads WHERE created_at < ?", (before,))
        for table in ("web_messages", "web_uploads"):
            await self._database.commit([(f"DELETE FROM {table} WHERE created_at < ?", (before,))])  # noqa: S608  # two names
        return tuple(str(row[0]) for row in rows)


def _count(room: str) -> Statement:
    return (
        "INSERT INTO web_rooms (id, epoch, revision) VALUES (?, ?, 1) "
        "ON CONFLICT (id) DO UPDATE SET revision = web_rooms.revision + 1",
        (room, secrets.token_hex(8)),
    )


def _text(body: dict[str, Any]) -> str:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()


def _stored(row: Row) -> Stored:
    id_, room, position, revision, body, created_at, owed = row
    return Stored(id_, room, orjson.loads(body), created_at, position, revision, bool(owed))
