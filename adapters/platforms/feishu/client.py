"""One long connection, on the SDK's client. Runs in the thread of `longlink`, which imports it.

The SDK opens the socket, reads frames and pings. What differs: the address is found beforehand (with a time
limit), the end of a connection is told instead of being mended out of sight, and the receipt for an event is
sent when the event has been taken over, not before.
"""

import asyncio
import base64
import contextlib
import json
import time
from typing import Any

from lark_oapi.core.enum import LogLevel
from lark_oapi.ws import client as sdk
from lark_oapi.ws.exception import ClientException, ServerException
from websockets.exceptions import WebSocketException

from adapters.platforms.feishu.longlink import Home
from adapters.platforms.feishu.receipt import taken_over
from adapters.platforms.feishu.transport import Endpoint
from adapters.platforms.feishu.wire import Json
from bot.errors import Passing

CONNECT_SECONDS = 15.0
CLOSE_SECONDS = 1.0
#: What the SDK lets out when it is refused; it reads numbers from headers without looking.
_NOT_TAKEN = (
    *(ClientException, ServerException, WebSocketException),
    *(OSError, TimeoutError, LookupError, ValueError, TypeError),
)


class Connection(sdk.Client):  # type: ignore[misc]  # the SDK has no types
    """Connects once; `reason` says why it ended."""

    def __init__(self, endpoint: Endpoint, home: Home, patience: float) -> None:
        # The SDK's own log goes to standard output, the address with its access key included.
        super().__init__("app", "secret", log_level=LogLevel.CRITICAL)
        sdk.loop = asyncio.get_running_loop()
        self._url = endpoint.url
        self._home = home
        self._patience = patience
        self._ping_interval = endpoint.ping_interval
        self._heard = time.monotonic()
        self._gone = asyncio.Event()
        self.reason = ""

    async def open(self) -> None:
        """Connect. Raises Passing."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._connect()
        except _NOT_TAKEN as error:
            raise Passing(
                f"the long connection is not taken: {type(error).__name__} {error}"[:200]
            ) from error

    async def keep(self) -> None:
        """Ping and watch until the connection has ended or fallen silent."""
        pings = asyncio.create_task(self._ping_loop())
        try:
            while not self._gone.is_set():
                limit = self._ping_interval + self._patience
                silent = time.monotonic() - self._heard
                if silent > limit:
                    self.reason = f"nothing was heard for {silent:.0f} s"
                    return
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(limit - silent + 0.01):
                        await self._gone.wait()
        finally:
            pings.cancel()

    async def shut(self) -> None:
        """Close the socket, without waiting long for the other side."""
        socket = self._conn
        self._gone.set()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._disconnect()
        except TimeoutError:
            socket.transport.abort()

    def _get_conn_url(self) -> str:
        return self._url

    async def _reconnect(self) -> None:
        """The SDK calls this when a connection has ended. A new one is not its business here."""
        self.reason = self.reason or "the connection ended"
        self._gone.set()

    async def _handle_message(self, msg: bytes) -> None:
        self._heard = time.monotonic()
        if not self._gone.is_set():
            await super()._handle_message(msg)

    async def _handle_data_frame(self, frame: Any) -> None:
        headers = {header.key: header.value for header in frame.headers}
        payload: bytes | None = frame.payload
        if int(headers["sum"]) > 1:
            payload = self._combine(headers["message_id"], int(headers["sum"]), int(headers["seq"]), payload)
        if payload is None or headers["type"] != "event":
            return
        began = time.monotonic()
        taking = asyncio.run_coroutine_threadsafe(self._home.take(payload), self._home.loop)
        answer = await taken_over(asyncio.wrap_future(taking))
        took = frame.headers.add()
        took.key, took.value = "biz_rt", str(int((time.monotonic() - began) * 1000))
        receipt: Json = {"code": 500 if answer is None else 200}
        if answer:
            receipt["data"] = base64.b64encode(json.dumps(answer).encode()).decode()
        frame.payload = json.dumps(receipt).encode()
        await self._write_message(frame.SerializeToString())
