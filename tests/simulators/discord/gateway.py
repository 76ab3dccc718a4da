"""The simulated gateway: sessions, compression, resume, heartbeats, and the ways in which it fails."""

import asyncio
import json
import zlib
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import zstandard
from aiohttp import WSCloseCode, WSMsgType, web

from tests.simulators.discord.state import Json, World
from tests.simulators.discord.wire import Wire

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME = 0, 1, 2, 3, 6
RECONNECT, REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 8, 9, 10, 11

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15

#: Frames that a client may send in a minute, and their greatest size.
FRAMES_PER_MINUTE = 120
FRAME_BYTES = 4096


class Compressor(Protocol):
    def pack(self, text: str) -> bytes | str: ...


class Plain:
    def pack(self, text: str) -> bytes | str:
        return text


class ZlibStream:
    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def pack(self, text: str) -> bytes | str:
        return self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor().compressobj()

    def pack(self, text: str) -> bytes | str:
        return self._stream.compress(text.encode()) + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def compressor(name: str) -> Compressor:
    if name == "zlib-stream":
        return ZlibStream()
    return ZstdStream() if name == "zstd-stream" else Plain()


@dataclass
class Session:
    """What survives a broken connection."""

    id: str
    intents: int
    shard: tuple[int, int]
    sequence: int = 0
    log: list[Json] = field(default_factory=list)
    connection: "Connection | None" = None
    presence: Json | None = None


class Connection:
    """One WebSocket."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.session: Session | None = None
        #: Says nothing any more, and does not close either.
        self.mute = False
        self.last_heartbeat = 0.0
        self.frames: deque[float] = deque()
        self.encoding = request.query.get("compress", "")
        self._compressor = compressor(self.encoding)
        self._transport = request.transport
        self._lock = asyncio.Lock()

    async def send(self, payload: Json) -> None:
        """Send one payload; a connection that is gone swallows it."""
        if self.mute:
            return
        async with self._lock:
            packed = self._compressor.pack(json.dumps(payload, ensure_ascii=False))
            with suppress(ConnectionError, RuntimeError):
                if isinstance(packed, str):
                    await self.socket.send_str(packed)
                else:
                    await self.socket.send_bytes(packed)

    def cut(self) -> None:
        """Break the TCP connection without a word."""
        if self._transport is not None:
            self._transport.abort()


class Gateway:
    """All sessions and connections."""

    def __init__(self, world: World, wire: Wire) -> None:
        self._world = world
        self._wire = wire
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.heartbeat_interval = 41.25
        #: Among how many connections the bot is told to share its servers; seconds between two identifies.
        self.shards = 1
        self.identify_every = 0.0
        self.identifies: list[float] = []
        self.resumes = 0
        self.encodings: list[str] = []
        #: Faults.
        self.refuse_connections = 0
        self.refuse_resumes = 0
        self.duplicate = False
        self.cut_after: int | None = None
        self.close_next_identify_with: int | None = None
        self._changed = asyncio.Condition()

    # For tests --------------------------------------------------------------------------------------

    async def ready(self, timeout: float = 10.0) -> None:
        """Wait until a session is connected and has been told READY or RESUMED."""
        await self.wait_for(lambda: any(s.connection and s.sequence for s in self.sessions.values()), timeout)

    async def wait_for(self, condition: Callable[[], bool], timeout: float = 10.0) -> None:
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(condition)

    def cut(self) -> None:
        for connection in list(self.connections):
            connection.cut()

    def fall_silent(self) -> None:
        """The connections that stand say nothing any more; new ones are served."""
        for connection in self.connections:
            connection.mute = True

    async def close(self, code: int) -> None:
        for connection in list(self.connections):
            await connection.socket.close(code=code)

    async def reconnect(self) -> None:
        for connection in list(self.connections):
            await connection.send({"op": RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        for connection in list(self.connections):
            if not resumable and connection.session:
                self.sessions.pop(connection.session.id, None)
            await connection.send({"op": INVALID_SESSION, "d": resumable})

    # Events -----------------------------------------------------------------------------------------

    async def dispatch(self, event: str, data: Json, intent: int = 0) -> None:
        """Send an event to every session that may have it."""
        guild = int(data.get("guild_id") or (data["id"] if event.startswith("GUILD_") else 0))
        for session in list(self.sessions.values()):
            shard, shards = session.shard
            if (guild >> 22) % shards != shard or (intent and not session.intents & intent):
                continue
            seen = self._as_seen(session, event, data)
            for _ in range(2 if self.duplicate and event.endswith("_CREATE") else 1):
                await self._deliver(session, event, seen)

    async def _deliver(self, session: Session, event: str, data: Json) -> None:
        session.sequence += 1
        payload = {"op": DISPATCH, "t": event, "s": session.sequence, "d": data}
        session.log.append(payload)
        if session.connection is None:
            return
        if self.cut_after is not None:
            self.cut_after -= 1
            if self.cut_after < 0:
                self.cut_after = None
                session.connection.cut()
                return
        await session.connection.send(payload)

    def _as_seen(self, session: Session, event: str, data: Json) -> Json:
        """Without the Message Content intent most of a stranger's message is empty."""
        if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or session.intents & MESSAGE_CONTENT:
            return data
        bot = str(self._world.bot.id)
        mentioned = any(user["id"] == bot for user in data["mentions"])
        if mentioned or data["author"]["id"] == bot or "guild_id" not in data:
            return data
        return {**data, "content": "", "embeds": [], "attachments": [], "components": []}

    # One connection ---------------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_connections:
            self.refuse_connections -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(socket, request)
        self.encodings.append(connection.encoding)
        self.connections.add(connection)
        connection.last_heartbeat = asyncio.get_running_loop().time()
        hello = {"heartbeat_interval": int(self.heartbeat_interval * 1000)}
        await connection.send({"op": HELLO, "d": hello})
        watch = asyncio.create_task(self._watch_heart(connection))
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT or not await self._frame(connection, frame.data):
                    break
        finally:
            watch.cancel()
            self.connections.discard(connection)
            if connection.session and connection.session.connection is connection:
                connection.session.connection = None
            await self._notify()
        return socket

    async def _watch_heart(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.heartbeat_interval / 4)
            if loop.time() - connection.last_heartbeat > self.heartbeat_interval * 1.5:
                self._world.violate("heartbeat", "none came in time")
                await connection.socket.close(code=4009)
                return

    async def _frame(self, connection: Connection, text: str) -> bool:
        now = asyncio.get_running_loop().time()
        connection.frames.append(now)
        while connection.frames and connection.frames[0] < now - 60:
            connection.frames.popleft()
        if len(connection.frames) > FRAMES_PER_MINUTE:
            return await self._refuse(connection, 4008, "too many frames")
        if len(text.encode()) > FRAME_BYTES:
            return await self._refuse(connection, 4002, "frame too long")
        try:
            payload = json.loads(text)
            op, data = payload["op"], payload.get("d")
        except (ValueError, TypeError, KeyError):
            return await self._refuse(connection, 4002, "no payload")
        if op == HEARTBEAT:
            connection.last_heartbeat = now
            await connection.send({"op": HEARTBEAT_ACK})
            return True
        if op == IDENTIFY:
            return await self._identify(connection, data)
        if op == RESUME:
            return await self._resume(connection, data)
        if connection.session is None:
            return await self._refuse(connection, 4003, f"op {op} before identify")
        if op == PRESENCE:
            connection.session.presence = data
            return True
        return await self._refuse(connection, 4001, f"op {op}")

    async def _refuse(self, connection: Connection, code: int, detail: str) -> bool:
        self._world.violate("gateway", f"{code} {detail}")
        await connection.socket.close(code=code)
        return False

    async def _identify(self, connection: Connection, data: Json) -> bool:
        loop = asyncio.get_running_loop()
        if connection.session is not None:
            return await self._refuse(connection, 4005, "identified twice")
        if self.close_next_identify_with is not None:
            code, self.close_next_identify_with = self.close_next_identify_with, None
            await connection.socket.close(code=code)
            return False
        early = bool(self.identifies) and loop.time() - self.identifies[-1] < self.identify_every
        self.identifies.append(loop.time())
        if early:
            self._world.violate("identify", f"twice within {self.identify_every} s")
            await connection.send({"op": INVALID_SESSION, "d": False})
            return True
        if data.get("token") != self._world.token:
            await connection.socket.close(code=4004)
            return False
        if data["intents"] & MESSAGE_CONTENT and not self._world.message_content_allowed:
            await connection.socket.close(code=4014)
            return False
        if len(self.identifies) > 1000:
            return await self._refuse(connection, 4004, "session start limit")
        shard = tuple(data.get("shard", (0, 1)))
        session = Session(f"session-{self._world.snowflake():x}", data["intents"], (shard[0], shard[1]))
        self.sessions[session.id] = session
        connection.session, session.connection = session, connection
        session.presence = data.get("presence")
        await self._welcome(session)
        await self._notify()
        return True

    async def _welcome(self, session: Session) -> None:
        world = self._world
        shard, shards = session.shard
        guilds = [g for g in world.guilds.values() if g.joined and (g.id >> 22) % shards == shard]
        ready: Json = {
            "v": 10,
            "user": {**self._wire.user(world.bot), "verified": True, "mfa_enabled": True, "email": None},
            "guilds": [{"id": str(g.id), "unavailable": True} for g in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self._wire.base.replace("http", "ws", 1) + "/resume",
            "private_channels": [],
            "relationships": [],
            "shard": list(session.shard),
            "application": {"id": str(world.bot.id), "flags": 0},
        }
        await self._deliver(session, "READY", ready)
        for guild in guilds:
            await self._deliver(session, "GUILD_CREATE", self._wire.guild(guild))

    async def _resume(self, connection: Connection, data: Json) -> bool:
        session = self.sessions.get(str(data.get("session_id")))
        if self.refuse_resumes:
            self.refuse_resumes -= 1
            session = None
        if data.get("token") != self._world.token:
            await connection.socket.close(code=4004)
            return False
        if session is None:
            await connection.send({"op": INVALID_SESSION, "d": False})
            return True
        seen = data.get("seq") or 0
        if seen > session.sequence:
            await connection.socket.close(code=4007)
            return False
        self.resumes += 1
        connection.session, session.connection = session, connection
        for payload in [entry for entry in session.log if entry["s"] > seen]:
            await connection.send(payload)
        session.sequence += 1
        await connection.send({"op": DISPATCH, "t": "RESUMED", "s": session.sequence, "d": {"_trace": []}})
        await self._notify()
        return True

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def stop(self) -> None:
        for connection in list(self.connections):
            await connection.socket.close(code=WSCloseCode.GOING_AWAY)
