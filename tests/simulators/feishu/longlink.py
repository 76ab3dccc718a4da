"""The long connection: discovery, the websocket, pings, and one try to hand an event over.

When an event is sent again is not decided here but in `events`.
"""

import asyncio
import base64
import binascii
import json
import random
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.simulators.feishu.frames import CONTROL, DATA, Frame, FrameError, decode, encode
from tests.simulators.feishu.rules import Faults
from tests.simulators.feishu.world import World

SERVICE = 33_554_678
MOST_CONNECTIONS = 50
WRONG_DOMAIN, TOO_MANY = 1000040351, 1000040350


@dataclass(slots=True, eq=False)
class Connection:
    """One client."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    #: Open, but nothing is heard or said any more.
    muted: bool = False
    pings: int = 0
    waiting: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ack:
    """A client's receipt for one event."""

    event_id: str
    code: int
    seconds: float
    #: What the handler answered, decoded.
    data: Any = None


class LongLink:
    """The server's end of the long connection."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.world = world
        self.faults = faults
        self.connections: list[Connection] = []
        self.acks: list[Ack] = []
        self.handshakes = 0
        #: What the client is told; the vendor's own defaults are 30 s of jitter and 120 s.
        self.config = {"ReconnectCount": -1, "ReconnectInterval": 1, "ReconnectNonce": 0, "PingInterval": 120}
        #: This host does not serve the app: a Lark app at Feishu or the other way round.
        self.wrong_domain = False
        #: Answers the next handshakes with these (status, message); 403 is final for the client.
        self.refusals: list[tuple[int, str]] = []
        #: New connections are mute from the start.
        self.mute_new = False
        #: Payloads longer than this are cut into several frames.
        self.split_at = 1 << 20
        self._tickets: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        """What an aiohttp application serves."""
        return [web.post("/callback/ws/endpoint", self._discover), web.get("/ws", self._accept)]

    async def _discover(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        fault = self.faults.take("POST /callback/ws/endpoint", body)
        if fault is not None:
            if fault.kind == "hang":
                await asyncio.sleep(fault.seconds)
            if fault.kind == "code":
                return web.json_response({"code": fault.code, "msg": f"fault {fault.code}"})
            return web.Response(status=fault.status, text="<html>bad gateway</html>")
        code, message = self._judge(body)
        if code:
            return web.json_response({"code": code, "msg": message})
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        query = f"device_id={secrets.token_hex(8)}&service_id={SERVICE}&access_key={secrets.token_hex(8)}"
        url = f"ws://{request.host}/ws?{query}&ticket={ticket}"
        data = {"URL": url, "ClientConfig": self.config}
        return web.json_response({"code": 0, "msg": "ok", "data": data}, headers={"Date": self.world.date})

    def _judge(self, body: dict[str, Any]) -> tuple[int, str]:
        if self.wrong_domain:
            return WRONG_DOMAIN, "Incorrect domain name"
        if body.get("AppID") != self.world.app_id:
            return 10003, "invalid param"
        if body.get("AppSecret") != self.world.app_secret:
            return 10014, "app secret invalid"
        if len(self.connections) >= MOST_CONNECTIONS:
            return TOO_MANY, "the number of connections exceeded the limit"
        return 0, ""

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        self.handshakes += 1
        if self.refusals:
            status, message = self.refusals.pop(0)
            headers = {
                "handshake-status": str(status),
                "handshake-msg": message,
                "handshake-autherrcode": "1",
            }
            return web.Response(status=403, headers=headers)
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            headers = {"handshake-status": "403", "handshake-msg": "ticket is invalid"}
            return web.Response(status=403, headers=headers)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if request.transport is None:
            return socket
        connection = Connection(socket, request.transport, muted=self.mute_new)
        self.connections.append(connection)
        await self.world.tell()
        try:
            await self._listen(connection)
        finally:
            self.connections.remove(connection)
            await self.world.tell()
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            if connection.muted:
                continue
            if message.type is WSMsgType.PING:
                await connection.socket.pong(message.data)
            elif message.type is WSMsgType.BINARY:
                try:
                    await self._hear(connection, decode(message.data))
                except FrameError as error:
                    self.world.violate(0, f"frame: {error}")
            elif message.type is WSMsgType.TEXT:
                self.world.violate(0, "a text frame on the long connection")

    async def _hear(self, connection: Connection, frame: Frame) -> None:
        if frame.service != SERVICE:
            self.world.violate(0, f"frame for service {frame.service}")
        if frame.method == CONTROL:
            if frame.header("type") != "ping":
                self.world.violate(0, f"control frame {frame.header('type')}")
            connection.pings += 1
            pong = Frame(CONTROL, (("type", "pong"),), json.dumps(self.config).encode(), frame.service)
            await connection.socket.send_bytes(encode(pong))
            return
        waiting = connection.waiting.get(frame.header("message_id"))
        if waiting is None or waiting.done():
            return
        try:
            waiting.set_result(json.loads(frame.payload))
        except ValueError:
            self.world.violate(0, "an acknowledgement that is no JSON")

    async def hand_over(self, payload: dict[str, Any], seconds: float) -> Ack | None:
        """Send an event to one client, chosen at random; its receipt, or None where none came in time."""
        if not self.connections:
            return None
        connection = random.choice(self.connections)
        event_id = payload["header"]["event_id"]
        key = secrets.token_hex(8)
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        connection.waiting[key] = waiting
        began = time.monotonic()
        try:
            if not connection.muted:
                for frame in self._frames(key, json.dumps(payload, ensure_ascii=False).encode()):
                    await connection.socket.send_bytes(encode(frame))
            answer = await asyncio.wait_for(waiting, seconds)
        except (TimeoutError, ConnectionError):
            return None
        finally:
            del connection.waiting[key]
        ack = self._read_ack(event_id, answer, time.monotonic() - began)
        self.acks.append(ack)
        return ack

    def _frames(self, key: str, payload: bytes) -> list[Frame]:
        parts = [payload[at : at + self.split_at] for at in range(0, len(payload), self.split_at)]
        trace = secrets.token_hex(8)
        return [
            Frame(
                DATA,
                (
                    ("type", "event"),
                    ("message_id", key),
                    ("trace_id", trace),
                    ("sum", str(len(parts))),
                    ("seq", str(number)),
                ),
                part,
                SERVICE,
                seq_id=number,
                log_id=7,
                log_id_new=trace,
            )
            for number, part in enumerate(parts)
        ]

    def _read_ack(self, event_id: str, answer: dict[str, Any], seconds: float) -> Ack:
        code = answer.get("code")
        if not isinstance(code, int):
            self.world.violate(0, f"an acknowledgement without a code: {answer}")
            code = 500
        data = answer.get("data")
        if data:
            try:
                data = json.loads(base64.b64decode(data, validate=True))
            except (binascii.Error, ValueError, TypeError):
                self.world.violate(0, "an acknowledgement whose data is not base64 of JSON")
                data = None
        return Ack(event_id, code, seconds, data)

    # Faults -------------------------------------------------------------------------------------------

    def cut(self) -> None:
        """Every connection breaks off."""
        for connection in self.connections:
            connection.transport.abort()

    def mute(self) -> None:
        """Every open connection stays open and falls silent; even pings get no answer."""
        for connection in self.connections:
            connection.muted = True

    async def close(self) -> None:
        """End all connections."""
        for connection in list(self.connections):
            connection.transport.abort()
