"""The page's way in and out: its files, the stream of what happens in a room, what a person posts.

Posts are refused while nobody takes messages; the page keeps them and tries again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote
from weakref import WeakValueDictionary

from aiohttp import WSCloseCode, web

from adapters.platforms.web import layout, receive, uploads
from adapters.platforms.web.session import COOKIE, COOKIE_AGE, Sessions
from adapters.platforms.web.store import Store, Stored
from bot.errors import InklingError, MediaError, Reason
from bot.job import idempotency_key
from bot.message import Reply
from bot.ports import Clock, Inbox

log = logging.getLogger(__name__)

#: Messages that a page gets at first, and each time it asks for earlier ones.
HISTORY = 60
#: Seconds after which a silent connection is tried, after which a silent room says that it is there, and
#: which a wrong token costs.
HEARTBEAT = 20.0
ALIVE = 15.0
PENALTY = 0.3
#: The close code that tells the page that its cookie opens nothing.
NO_SESSION = 4401
#: Uploads that come at once: everybody's, and one person's, so that nobody is kept waiting by another.
UPLOADS_AT_ONCE, UPLOADS_EACH = 64, 4
#: Bytes of pictures from people that are kept, where nobody says how many.
MOST_BYTES = 5_000_000_000
#: Seconds that one upload may take.
UPLOAD_WITHIN = 60.0

_UPLOAD_STATUS = {Reason.INPUT_TOO_LARGE: 413, Reason.BAD_INPUT: 415}

Handler = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


class Transport:
    """The routes of the web chat."""

    def __init__(
        self, store: Store, folders: layout.Folders, clock: Clock, sessions: Sessions, page: Path
    ) -> None:
        self._store = store
        self._folders = folders
        self._clock = clock
        self._sessions = sessions
        self._page = page
        self._files = frozenset(file.name for file in page.iterdir() if file.is_file())
        self._upload_slots = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._slots_of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._sockets: set[web.WebSocketResponse] = set()
        #: Who tries tokens, by address: one try after the other.
        self._doors: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        #: Takes pasted keys out of what is kept.
        self.cut: Callable[[str], str] = str
        #: Bytes of pictures from people that are kept at most.
        self.most_bytes = MOST_BYTES
        #: Who takes messages; None while nobody does.
        self.inbox: Inbox | None = None

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/", self._index),
            web.get("/login", self._login_page),
            web.post("/login", self._login),
            web.get("/page/{name}", self._page_file),
            web.get("/chat/stream", self._stream),
            web.get("/chat/messages", self._in_room(self._earlier)),
            web.post("/chat/messages", self._in_room(self._post_message)),
            web.post("/chat/press", self._in_room(self._post_press)),
            web.post("/chat/uploads", self._in_room(self._post_upload)),
            web.get("/chat/uploads/{id}", self._in_room(self._upload)),
            web.get("/chat/media/{message}/{name}", self._in_room(self._media)),
        ]

    async def close(self) -> None:
        """Take nothing more and end the streams."""
        self.inbox = None
        await asyncio.gather(*(socket.close(code=WSCloseCode.GOING_AWAY) for socket in self._sockets))

    def _in_room(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            room = self._room(request)
            if room is None:
                return _refusal(401, "session")
            try:
                return await handler(request, room)
            except receive.MalformedError as error:
                return _refusal(400, "malformed", str(error))
            except InklingError as error:
                log.error("a request of the web chat failed: %s", error)  # noqa: TRY400 - a sentence says it all
                return _refusal(503, "unavailable")

        return handle

    def _room(self, request: web.Request) -> str | None:
        return self._sessions.room(request.cookies.get(COOKIE, ""))

    # The page -----------------------------------------------------------------------------------------

    async def _index(self, request: web.Request) -> web.StreamResponse:
        if (token := request.query.get("token")) is not None:
            return await self._enter(request, token)
        cookie = request.cookies.get(COOKIE, "")
        if not self._sessions.open and self._sessions.room(cookie) is None:
            raise web.HTTPSeeOther("/login")
        response = self._file("index.html")
        self._set_cookie(request, response)
        return response

    async def _login_page(self, _: web.Request) -> web.StreamResponse:
        return self._file("login.html")

    async def _login(self, request: web.Request) -> web.StreamResponse:
        # As our own page sends it; not `request.post`, which takes whole files and stumbles over odd ones.
        posted = dict(parse_qsl((await request.read()).decode(errors="replace")))
        return await self._enter(request, posted.get("token", ""))

    async def _enter(self, request: web.Request, token: str) -> web.StreamResponse:
        """Exchange the token for a cookie; it leaves the address at once."""
        door = self._doors.setdefault(request.remote or "", asyncio.Lock())
        async with door:
            if not (self._sessions.open or self._sessions.admits(token.strip())):
                await self._clock.sleep(PENALTY)
                raise web.HTTPSeeOther("/login?wrong")
        response = web.Response(status=303, headers={"Location": "/"})
        self._set_cookie(request, response)
        return response

    def _set_cookie(self, request: web.Request, response: web.StreamResponse) -> None:
        cookie = self._sessions.issue(request.cookies.get(COOKIE, ""))
        secure = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
        response.set_cookie(
            COOKIE, cookie, max_age=COOKIE_AGE, httponly=True, samesite="Strict", secure=secure
        )

    async def _page_file(self, request: web.Request) -> web.StreamResponse:
        return self._file(request.match_info["name"])

    def _file(self, name: str) -> web.FileResponse:
        if name not in self._files:
            raise web.HTTPNotFound
        return web.FileResponse(self._page / name, headers={"Cache-Control": "private, no-cache"})

    # The stream ---------------------------------------------------------------------------------------

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, timeout=1.0, max_msg_size=4096)
        await socket.prepare(request)
        room = self._room(request)
        if room is None:
            await socket.close(code=NO_SESSION)
            return socket
        feed = asyncio.create_task(self._feed(socket, room, _position(request)), name="web stream")
        self._sockets.add(socket)
        try:
            async for _ in socket:  # the page says nothing here; this notices when it goes
                pass
        finally:
            self._sockets.discard(socket)
            feed.cancel()
            await asyncio.wait({feed})
            await socket.close(code=WSCloseCode.GOING_AWAY)
        return socket

    async def _feed(self, socket: web.WebSocketResponse, room: str, seen: tuple[str, int]) -> None:
        """Everything that happens in the room, from what the page has seen on."""
        epoch, revision = seen
        try:
            with self._store.watch(room) as changed:
                await socket.send_json({"type": "alive"})
                while True:
                    changed.clear()
                    current = await self._store.epoch(room)
                    if current != epoch:
                        epoch, revision = current, await self._whole(socket, room, current)
                    while messages := await self._store.since(room, revision):
                        revision = messages[-1].revision
                        await socket.send_json(self._frame("messages", epoch, messages))
                    await self._wait(changed, socket)
        except (ConnectionError, InklingError) as error:
            log.debug("a stream of the web chat ended: %s", error)
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def _wait(self, changed: asyncio.Event, socket: web.WebSocketResponse) -> None:
        """Until something changes; meanwhile the page hears now and then that we are there."""
        while not changed.is_set():
            try:
                await asyncio.wait_for(changed.wait(), ALIVE)
            except TimeoutError:
                await socket.send_json({"type": "alive"})

    async def _whole(self, socket: web.WebSocketResponse, room: str, epoch: str) -> int:
        """The last part of the room's history, for a page that has nothing. The revision that it has then."""
        messages = await self._store.latest(room, None, HISTORY + 1)
        frame = self._frame("history", epoch, messages[-HISTORY:])
        await socket.send_json(frame | {"earlier": len(messages) > HISTORY})
        return max((message.revision for message in messages), default=0)

    def _frame(self, kind: str, epoch: str, messages: list[Stored]) -> dict[str, Any]:
        shown = [layout.shown(message) for message in messages]
        return {"type": kind, "epoch": epoch, "now": self._clock.now(), "messages": shown}

    async def _earlier(self, request: web.Request, room: str) -> web.StreamResponse:
        before = request.query.get("before", "")
        if not before.isdecimal() or len(before) > 15:
            raise receive.MalformedError("before")
        messages = await self._store.latest(room, int(before), HISTORY + 1)
        body = [layout.shown(message) for message in messages[-HISTORY:]]
        return web.json_response({"messages": body, "earlier": len(messages) > HISTORY})

    # What a person does -------------------------------------------------------------------------------

    async def _post_message(self, request: web.Request, room: str) -> web.StreamResponse:
        posted = receive.posted_message(await request.read())
        if (inbox := self.inbox) is None:
            return _refusal(503, "unavailable")
        id_ = idempotency_key("web", room, posted.id)
        body = await self._body(request, room, posted)
        message = Stored(id_, room, body, self._clock.now(), owed=True)
        if not await self._store.add(message, posted.uploads):
            message = await self._store.find(id_) or message
        if message.owed:
            # As it was typed: a pasted key is cut from what is kept, and warned about.
            await inbox.message(replace(receive.incoming(message), text=posted.text))
            await self._store.handed_over(id_)
        return web.json_response({"id": id_})

    async def _body(self, request: web.Request, room: str, posted: receive.PostedMessage) -> dict[str, Any]:
        pictures = []
        for id_ in posted.uploads:
            upload = await self._store.upload(id_)
            if upload is None or upload.room != room:
                raise receive.MalformedError("uploads")
            media = layout.upload_as_picture(upload)
            pictures.append(media)
        return {
            "kind": "user",
            "client": posted.id,
            "text": self.cut(posted.text),
            "media": pictures,
            "reply": await self._reply(room, posted),
            "locale": receive.preferred_language(request.headers.get("Accept-Language", "")),
        }

    async def _reply(self, room: str, posted: receive.PostedMessage) -> dict[str, str] | None:
        if not posted.reply_to:
            return None
        answered = await self._store.find(posted.reply_to)
        if answered is None or answered.room != room or answered.body["kind"] == "user":
            raise receive.MalformedError("reply_to")
        if posted.picture and layout.picture_named(answered.body, posted.picture) is None:
            raise receive.MalformedError("picture")
        return {"message": posted.reply_to, "picture": posted.picture}

    async def _post_press(self, request: web.Request, room: str) -> web.StreamResponse:
        posted = receive.posted_press(await request.read())
        if (inbox := self.inbox) is None:
            return _refusal(503, "unavailable")
        message = await self._store.find(posted.message)
        if message is None or message.room != room:
            return _refusal(404, "gone")
        action = layout.action_of(message.body, posted.press, posted.job, posted.value)
        if action is None:
            return _refusal(410, "gone")
        locale = receive.preferred_language(request.headers.get("Accept-Language", ""))
        press = receive.pressed(posted, action, message, self._clock.now(), locale)
        return web.json_response(_reply_json(inbox.press(press)))

    async def _post_upload(self, request: web.Request, room: str) -> web.StreamResponse:
        name = unquote(request.headers.get("X-File-Name", "")).encode(errors="replace").decode()
        try:
            mine = self._slots_of.setdefault(room, asyncio.Semaphore(UPLOADS_EACH))
            async with mine, self._upload_slots, asyncio.timeout(UPLOAD_WITHIN):
                pieces = request.content.iter_chunked(1 << 16)
                upload = await uploads.keep(pieces, name, room, self._folders.uploads)
        except TimeoutError:
            return _refusal(408, "timeout")
        except MediaError as error:
            log.info("an upload was refused: %s", error.reason)
            return _refusal(_UPLOAD_STATUS.get(error.reason, 507), error.reason)
        await self._store.add_upload(upload)
        going = await self._store.make_room(upload, self.most_bytes)
        await asyncio.to_thread(uploads.drop, going, self._folders.uploads)
        return web.json_response({"id": upload.id, "width": upload.width, "height": upload.height})

    async def _upload(self, request: web.Request, room: str) -> web.StreamResponse:
        """A picture that is not in a message yet."""
        upload = await self._store.upload(request.match_info["id"])
        mine = upload is not None and upload.room == room
        return await self._serve(request, layout.upload_as_picture(upload) if upload and mine else None)

    async def _media(self, request: web.Request, room: str) -> web.StreamResponse:
        message = await self._store.find(request.match_info["message"])
        mine = message is not None and message.room == room
        name = request.match_info["name"]
        picture = layout.picture_named(message.body, name) if message and mine else None
        return await self._serve(request, picture)

    async def _serve(self, request: web.Request, picture: dict[str, Any] | None) -> web.StreamResponse:
        """A file, if it is the person's to see and still there."""
        if picture is None or not await asyncio.to_thread(self._folders.path(picture).is_file):
            return _refusal(404, "gone")
        headers = {"Cache-Control": "private, max-age=31536000, immutable", "Content-Type": picture["type"]}
        if "download" in request.query:
            headers["Content-Disposition"] = f'attachment; filename="inkling-{picture["name"]}"'
        return web.FileResponse(self._folders.path(picture), headers=headers)


def _position(request: web.Request) -> tuple[str, int]:
    since = request.query.get("since", "")
    known = since.isdecimal() and len(since) <= 15
    return (request.query.get("epoch", ""), int(since)) if known else ("", 0)


def _reply_json(reply: Reply) -> dict[str, Any]:
    form = reply.form
    return {
        "toast": reply.toast,
        "form": form and {"title": form.title, "label": form.label, "submit": form.submit, "text": form.text},
    }


def _refusal(status: int, error: str, detail: str = "") -> web.Response:
    return web.json_response({"error": error, "detail": detail}, status=status)
