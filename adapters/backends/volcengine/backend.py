"""The Volcengine backend: Jimeng 4.0 and 4.6, orders and results.

What can be asked for stands in `models`, how Volcengine is spoken to in `wire` and `signing`.
"""

import asyncio
import base64
import logging
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import orjson

from adapters import http
from adapters.backends.volcengine import models
from adapters.backends.volcengine.signing import Keys
from adapters.backends.volcengine.wire import INTERNAL, RESULT, SUBMIT, Answer, Wire, refusal
from adapters.media import MediaStore
from adapters.media.results import bring, unpack
from bot.errors import (
    BackendError,
    Busy,
    GenerationFailed,
    MediaError,
    NotSent,
    OutcomeUnknown,
    Reason,
    Refused,
)
from bot.message import Media, Price
from bot.ports import Check, Clock, Finished, Offer, Order, Pending, Ticket
from bot.settings import Volcengine as Settings

log = logging.getLogger(__name__)

#: Limits of one picture, and of all in one order: more than 20 MB of base64 is refused.
MAX_INPUT_BYTES = 15_000_000
MAX_INPUT_SIDE = 4096
MAX_INPUTS_BYTES = 14_000_000
#: Seconds for which links are good, and in which a task that is not found may only be new.
LINK_SECONDS = 86_400.0
NEW_SECONDS = 60.0
#: Refusals that are about who asks and when, not about the task that is asked for.
ABOUT_ASKING = frozenset(
    {
        Reason.KEY_INVALID,
        Reason.CLOCK_WRONG,
        Reason.CONFIGURATION,
        Reason.ACCOUNT_BLOCKED,
        Reason.SUBSCRIPTION_REQUIRED,
    }
)


class Volcengine:
    """Fulfils `bot.ports.Backend` with Volcengine's visual API."""

    name = "volcengine"
    resumable = True

    def __init__(
        self, client: httpx.AsyncClient, media: MediaStore, clock: Clock, settings: Settings
    ) -> None:
        self.limit = settings.concurrency
        self._media = media
        self._clock = clock
        keys = Keys(http.for_header(settings.access_key), settings.secret_key)
        self._wire = Wire(client, clock, settings.api_url, keys)

    async def offers(self) -> tuple[Offer, ...]:
        """What Volcengine's pages say; there is no list to ask for."""
        return models.offers()

    async def submit(self, order: Order) -> Ticket:
        """Order it: once, and once more only where Volcengine itself failed without a task."""
        request = order.request
        body = models.body(order.model, request)
        given = models.pictures(request)
        if given:
            body["binary_data_base64"] = await self._encoded(given)
        answer = await self._submit(body)
        if answer.code in INTERNAL and not _task_id(answer):
            await self._pause()
            answer = await self._submit(body)
        if task := _task_id(answer):
            data: dict[str, Any] = {
                "task": task,
                "req_key": body["req_key"],
                "reference": order.reference,
                "at": self._clock.now(),
                "logo": models.logo(request),
            }
            return Ticket(orjson.dumps(data).decode())
        error = refusal(answer)
        if error is None or answer.ok:
            raise OutcomeUnknown(Reason.UNKNOWN_OUTCOME, answer.detail)
        if given and error.reason is Reason.BAD_SIZE:
            error = Refused(Reason.BAD_INPUT, error.detail)
        raise error

    async def poll(self, ticket: Ticket) -> Pending | Finished:
        """Ask for the task; its pictures are brought to disk when it is done."""
        kept = _read(ticket)
        try:
            return await self._asked(kept)
        except GenerationFailed as error:
            if error.reason is not Reason.RESULT_GONE:
                raise
            # It is paid for: links are taken from a fresh answer once more before it is given up.
            return await self._asked(kept)

    async def _asked(self, kept: dict[str, Any]) -> Pending | Finished:
        answer = await self._result(kept)
        if answer.code in INTERNAL:
            await self._pause()
            answer = await self._result(kept)
        if not answer.ok:
            raise _not_done(answer)
        data = answer.data if isinstance(answer.data, dict) else {}
        status, at = data.get("status"), kept["at"]
        if status in ("not_found", "expired"):
            if status == "not_found" and self._clock.now() - at < NEW_SECONDS:
                return Pending()
            raise GenerationFailed(Reason.RESULT_GONE, f"the task is {status}")
        if status != "done":
            return Pending()
        links = [link for link in _texts(data.get("image_urls")) if link.startswith(("https://", "http://"))]
        if links:
            return Finished(await bring(self._media, links, kept["reference"], at + LINK_SECONDS))
        texts = _texts(data.get("binary_data_base64"))
        return Finished(await unpack(self._media, texts, kept["reference"]))

    async def find(self, order: Order) -> Ticket | None:
        """None: Volcengine does not know our reference."""
        return None

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        """Nothing: the visual API tells no balance."""
        return ()

    async def check(self) -> tuple[Check, ...]:
        """Ask for a task that nobody has ordered: free, and it takes keys, clock and service."""
        model = next(iter(models.MODELS.values()))
        try:
            answer = await self._result({"task": "1", "req_key": model.req_key, "logo": {}})
        except BackendError as error:
            return (_broken(error),)
        if answer.ok or answer.code == 50215:
            return (Check(True, f"Volcengine: the keys work for {', '.join(models.MODELS)}"),)
        if answer.code is None and answer.gateway is None and answer.status < 500:
            return (_broken(NotSent(Reason.CONFIGURATION, answer.detail)),)
        return (_broken(_not_done(answer)),)

    async def close(self) -> None:
        """Nothing of its own to let go of."""

    # Asking -------------------------------------------------------------------------------------------

    async def _submit(self, body: dict[str, Any]) -> Answer:
        try:
            return await self._wire.call(SUBMIT, body)
        except http.UNSENT as error:
            raise NotSent(Reason.NETWORK, type(error).__name__) from None
        except httpx.RequestError as error:
            raise OutcomeUnknown(Reason.UNKNOWN_OUTCOME, type(error).__name__) from None

    async def _result(self, kept: dict[str, Any]) -> Answer:
        asked = orjson.dumps({"return_url": True, "logo_info": kept["logo"]}).decode()
        body = {"req_key": kept["req_key"], "task_id": kept["task"], "req_json": asked}
        for last in (False, True):
            try:
                answer = await self._wire.call(RESULT, body)
            except httpx.RequestError as error:
                if last:
                    raise NotSent(Reason.NETWORK, type(error).__name__) from None
            else:
                if last or answer.code is not None or answer.status < 500:
                    return answer
            await self._pause()
        raise NotSent(Reason.NETWORK)

    async def _pause(self) -> None:
        await self._clock.sleep(1 + random.random())

    # Pictures -----------------------------------------------------------------------------------------

    async def _encoded(self, pictures: Sequence[Media]) -> list[str]:
        """People's pictures as base64: a link would have to be one that Volcengine can open."""
        most = min(MAX_INPUT_BYTES, MAX_INPUTS_BYTES // len(pictures))
        try:
            fitted = [
                await self._media.fit(picture, max_bytes=most, max_side=MAX_INPUT_SIDE)
                for picture in pictures
            ]
        except MediaError as error:
            raise Refused(error.reason, error.detail) from error
        try:
            return [await asyncio.to_thread(_base64, picture.path) for picture in fitted]
        except OSError as error:
            raise Refused(Reason.INPUT_GONE, type(error).__name__) from None


def _not_done(answer: Answer) -> BackendError:
    """What an answer to the question for a result means, if it is not the result."""
    error = refusal(answer)
    if error is None or isinstance(error, Busy):
        return error or NotSent(Reason.UNAVAILABLE, answer.detail)
    if error.reason in ABOUT_ASKING or answer.code is None:
        return NotSent(error.reason, error.detail, link=error.link)
    reason = Reason.GENERATION_FAILED if answer.code in INTERNAL else error.reason
    return GenerationFailed(reason, error.detail)


def _task_id(answer: Answer) -> str:
    found = answer.data.get("task_id") if isinstance(answer.data, dict) else None
    return str(found) if found and isinstance(found, str | int) and not isinstance(found, bool) else ""


def _read(ticket: Ticket) -> dict[str, Any]:
    try:
        data = orjson.loads(ticket.data)
        return {
            "task": str(data["task"]),
            "req_key": str(data["req_key"]),
            "reference": str(data["reference"]),
            "at": float(data["at"]),
            "logo": dict(data["logo"]),
        }
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise GenerationFailed(
            Reason.RESULT_GONE, f"the ticket is unreadable: {type(error).__name__}"
        ) from None


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str) and text] if isinstance(value, list) else []


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


_TROUBLE = {
    Reason.NETWORK: "no answer",
    Reason.UNAVAILABLE: "out of order",
    Reason.KEY_INVALID: "the key is refused",
    Reason.CLOCK_WRONG: "the clock is wrong",
    Reason.SUBSCRIPTION_REQUIRED: "the service is not switched on",
    Reason.ACCOUNT_BLOCKED: "the key may not do this",
    Reason.CONFIGURATION: "not Volcengine's API",
}


def _broken(error: BackendError) -> Check:
    what = f"Volcengine: {_TROUBLE.get(error.reason, error.reason)} ({error.detail or error.reason})"
    return Check(False, what, _advice(error.reason))


def _advice(reason: Reason) -> str:
    if reason is Reason.KEY_INVALID:
        return "check VOLC_ACCESSKEY and VOLC_SECRETKEY at https://console.volcengine.com/iam/keymanage/"
    if reason is Reason.CLOCK_WRONG:
        return "set this machine's clock right (NTP): Volcengine refuses what is signed minutes early or late"
    if reason is Reason.SUBSCRIPTION_REQUIRED:
        return "switch the Jimeng service on in the console: https://console.volcengine.com/"
    if reason is Reason.ACCOUNT_BLOCKED:
        return "the key's user may not call the visual API: give it the policy in the console"
    if reason is Reason.CONFIGURATION:
        return "check VOLC_API_URL: what answers there is not Volcengine's API"
    return "check the network, a proxy (HTTPS_PROXY) and VOLC_API_URL"
