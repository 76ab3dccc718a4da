"""How a person's pictures get to IMA: a signed token per picture, then the bytes to the place it names.

The key travels in the form, never in a URL. Uploading costs nothing and may be repeated.
"""

import asyncio
import hashlib
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import BinaryIO

import httpx

from adapters import http
from adapters.backends.ima.wire import TIMEOUT, TRIES, WHOLE, Answer, asked, read
from bot.errors import BackendError, NotSent, Reason, Refused
from bot.message import Media
from bot.ports import Clock

APP_ID = "webAgent"
#: As many at once as IMA's own clients send.
AT_ONCE = 3
SUFFIXES = {"image/jpeg": "jpeg", "image/png": "png", "image/webp": "webp"}
PUT_WHOLE = 180.0
PUT_TIMEOUT = httpx.Timeout(connect=10, read=60, write=60, pool=10)
CHUNK = 256 * 1024


def sign(app_key: str, timestamp: str, nonce: str) -> str:
    """The token request's signature."""
    text = f"{APP_ID}|{app_key}|{timestamp}|{nonce}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper()


class Upload:
    """IMA's upload host, behind the operator's key and the clients' public app key."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock, url: str, keys: tuple[str, str]) -> None:
        self._client = client
        self._clock = clock
        self._url = url.rstrip("/")
        self._key, self._app_key = keys

    async def all(self, pictures: Sequence[Media]) -> tuple[str, ...]:
        """Bring pictures to IMA; their links there, in the same order. Raises NotSent, Busy or Refused."""
        if not self._app_key:
            raise Refused(Reason.CONFIGURATION, "IMA_APP_KEY is not set: pictures cannot be uploaded")
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(picture: Media) -> str:
            async with turns:
                return await self._one(picture)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(picture)) for picture in pictures]
        except* BackendError as failures:
            error = failures.exceptions[0]
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            raise error from None
        return tuple(task.result() for task in tasks)

    async def _one(self, picture: Media) -> str:
        error: BackendError = NotSent(Reason.NETWORK)
        for attempt in range(TRIES):
            if attempt:
                await self._clock.sleep(0.5 * 2**attempt * (0.5 + random.random()))
            place, link = await self.place(picture.type)
            try:
                status = await self._put(place, picture)
            except httpx.RequestError as failure:
                error = NotSent(Reason.NETWORK, f"upload: {type(failure).__name__}")
                continue
            if 200 <= status < 300:
                return link
            # 403 is a token that has run out: the next try brings a fresh one.
            if status < 500 and status != 403:
                raise Refused(
                    Reason.INPUT_TOO_LARGE if status == 413 else Reason.BAD_INPUT, f"upload: HTTP {status}"
                )
            error = NotSent(Reason.UNAVAILABLE, f"upload: HTTP {status}")
        raise error

    async def place(self, content_type: str) -> tuple[str, str]:
        """Where one picture may be put, and its link afterwards. Raises NotSent, Busy or Refused."""
        answer = await asked(lambda: self._ask(content_type), self._clock)
        data = answer.data if isinstance(answer.data, dict) else {}
        place, link = data.get("ful"), data.get("fdl")
        if not isinstance(place, str) or not isinstance(link, str) or not (_is_web(place) and _is_web(link)):
            raise NotSent(Reason.UNAVAILABLE, "the upload token names no place")
        return place, link

    async def _ask(self, content_type: str) -> Answer:
        timestamp = str(int(self._clock.now()))
        nonce = secrets.token_hex(11)[:21]
        form = {
            "appUid": self._key,
            "appId": APP_ID,
            "appKey": self._app_key,
            "cmimToken": self._key,
            "sign": sign(self._app_key, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "fService": "privite",
            "fType": "picture",
            "fSuffix": SUFFIXES.get(content_type, "jpeg"),
            "fContentType": content_type,
        }
        url = f"{self._url}/api/rest/oss/getuploadtoken"
        request = self._client.build_request("POST", url, data=form, timeout=TIMEOUT)
        return await read(await http.send(self._client, request, seconds=WHOLE), self._key, self._app_key)

    async def _put(self, place: str, picture: Media) -> int:
        headers = {"Content-Type": picture.type, "Content-Length": str(picture.size)}
        with _opened(picture.path) as file:
            request = self._client.build_request(
                "PUT", place, content=_chunks(file), headers=headers, timeout=PUT_TIMEOUT
            )
            return (await http.send(self._client, request, seconds=PUT_WHOLE)).status


def _opened(path: Path) -> BinaryIO:
    # Not in a thread: whoever is called off while one opens a file leaves it open.
    try:
        return path.open("rb")
    except OSError as error:
        raise Refused(Reason.INPUT_GONE, type(error).__name__) from None


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, CHUNK):
        yield chunk


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))
