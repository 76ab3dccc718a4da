"""`bot.ports.Platform` in the web chat: what the bot says is stored, and pages that are open are woken.

How it gets to the page is in `transport`; how it looks is the page's.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from adapters.media import MediaStore
from adapters.platforms.web import layout, receive, uploads
from adapters.platforms.web.session import Sessions, is_room
from adapters.platforms.web.store import Store, Stored
from adapters.platforms.web.transport import Transport
from bot.errors import DatabaseError, Gone, MediaError, Passing, Reason
from bot.job import idempotency_key
from bot.message import Address, Attachment, Media, MessageRef, Outgoing, Person
from bot.ports import Check, Clock, Database, Inbox, Traits

log = logging.getLogger(__name__)

_PAGE = Path(__file__).with_name("page")


class WebPlatform:
    """The web chat. Hand `routes()` to the server, then `run` it."""

    name = "web"
    traits = Traits(redelivers=True, text_length=20_000)

    def __init__(self, database: Database, uploads: Path, media: Path, clock: Clock, token: str = "") -> None:
        self._clock = clock
        self._folders = layout.Folders(uploads, media)
        self._store = Store(database, clock)
        self._media: MediaStore | None = None
        self._transport = Transport(self._store, self._folders, clock, Sessions(token), _PAGE)

    def equip(self, cut: Callable[[str], str], media: MediaStore | None, most_bytes: int) -> None:
        """Give it what it cannot have by itself.

        `cut` takes pasted keys out of what is kept; `media` fetches pictures that are only linked; of
        people's pictures `most_bytes` are kept.
        """
        self._transport.cut = cut
        self._transport.most_bytes = most_bytes
        self._media = media

    def routes(self) -> list[web.RouteDef]:
        """What the server serves for it."""
        return self._transport.routes()

    @property
    def connected(self) -> bool:
        """True while messages are taken."""
        return self._transport.inbox is not None

    async def run(self, inbox: Inbox) -> None:
        """Take messages until cancelled, first those that a stop left behind."""
        try:
            for message in await self._store.owed():
                await inbox.message(receive.incoming(message, redelivered=True))
                await self._store.handed_over(message.id)
        except DatabaseError as error:
            log.warning("messages left from before cannot be read: %s", error)
        self._transport.inbox = inbox
        try:
            await asyncio.Event().wait()
        finally:
            self._transport.inbox = None

    async def close(self) -> None:
        """End what is open."""
        await self._transport.close()

    async def send(self, to: Address, message: Outgoing, key: str) -> MessageRef:
        """Show a message in a person's room. Raises Gone, Unshowable or Passing."""
        if not is_room(to.chat):
            raise Gone("no such room")
        id_ = idempotency_key("web", key)
        body = layout.stored(message, self._folders)
        try:
            if await self._store.add(Stored(id_, to.chat, body, self._clock.now())):
                return MessageRef("web", to.chat, id_)
            first = await self._store.find(id_)
        except DatabaseError as error:
            raise Passing(str(error)) from error
        return MessageRef("web", first.room if first else to.chat, id_)

    async def edit(self, ref: MessageRef, message: Outgoing) -> None:
        """Replace what a message shows. Raises Gone, Unshowable or Passing."""
        body = layout.stored(message, self._folders)
        try:
            changed = await self._store.change(ref.chat, ref.id, body)
            if not changed and await self._store.find(ref.id) is None:
                raise Gone("no such message")
        except DatabaseError as error:
            raise Passing(str(error)) from error

    async def fetch(self, attachment: Attachment) -> Media:
        """A person's upload, or the picture of an earlier message that they chose. Raises MediaError."""
        folder, _, name = attachment.id.partition("/")
        if attachment.url and self._media is not None:
            name = f"web-{idempotency_key(attachment.url)}"
            return await self._media.download(attachment.url, name, result=False)
        try:
            media = await (self._upload(name) if folder == "upload" else self._shown(folder, name))
        except DatabaseError as error:
            raise MediaError(Reason.OTHER, str(error)) from error
        if media is None or not await asyncio.to_thread(media.path.is_file):
            raise MediaError(Reason.INPUT_GONE, attachment.id[:100])
        return media

    async def _upload(self, id_: str) -> Media | None:
        found = await self._store.upload(id_)
        if found is None:
            return None
        return Media(self._folders.uploads / found.id, found.type, found.size, found.width, found.height)

    async def _shown(self, message: str, name: str) -> Media | None:
        found = await self._store.find(message)
        picture = layout.picture_named(found.body, name) if found else None
        return layout.picture_file(picture, self._folders) if picture else None

    async def check(self) -> tuple[Check, ...]:
        """Whether the page is there and uploads can be kept."""
        page = await asyncio.to_thread((_PAGE / "index.html").is_file)
        folder = self._folders.uploads
        with contextlib.suppress(OSError):
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        writable = await asyncio.to_thread(os.access, folder, os.W_OK)
        return (
            Check(page, "web chat: its page is there", "" if page else "Install the program again."),
            Check(
                writable,
                f"web chat: pictures can be kept in {folder}",
                "" if writable else "Let this user write there, or give DATA_DIR another folder.",
            ),
        )

    async def forget(self, person: Person) -> None:
        """Delete a person's room: messages, uploads, what open pages show. Raises DatabaseError."""
        await asyncio.to_thread(uploads.drop, await self._store.forget(person.id), self._folders.uploads)

    async def prune(self, before: float) -> None:
        """Delete messages and uploads from before a time (Unix seconds). Raises DatabaseError."""
        await asyncio.to_thread(uploads.drop, await self._store.prune(before), self._folders.uploads)
        await asyncio.to_thread(uploads.sweep, self._folders.uploads, before)
