"""Discord's REST with the bot's own token: messages, files, history; what an error means for a message.

Requests go through discord.py's client, which keeps the rate limits and repeats what it may repeat. What it
does not repeat (503, a broken connection) is `Passing` here: the caller sends again with the same nonce.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
import discord
from discord.http import Route

from adapters.platforms.discord.layout import Body, Upload
from bot.errors import Gone, Passing, PlatformError, Unshowable

Json = dict[str, Any]

#: Discord may turn away who does not introduce itself so, with or without a token:
#: https://discord.com/developers/docs/reference#user-agent
HEADERS = {"User-Agent": f"DiscordBot (https://github.com/Rapptz/discord.py, {discord.__version__}) Inkling"}
#: Codes after which the place is gone for us.
_GONE = frozenset(
    {10003, 10004, 10008, 10013, 50001, 50007, 50008, 50013, 50083, 50033, 160002, 20026, 340013}
)
_TOO_LARGE = 40005
_WAIT = 5.0
#: Seconds that discord.py may wait for a rate limit by itself.
LONG_WAIT = 30.0


class Lacking(Gone):
    """A right is missing: less may still be shown there."""


class NoHistory(Gone):
    """It may be written there, but not as an answer."""


class TooLarge(Unshowable):
    """The files are too large for this place."""


class Rest:
    """Requests of one client that has logged in."""

    def __init__(self, client: discord.Client) -> None:
        self._http = client.http

    async def create(self, channel: int, body: Body, nonce: str, reply_to: int = 0) -> Json:
        """Send a message. The same nonce shows once while Discord remembers it (some minutes)."""
        payload = {**body.payload(), "nonce": nonce, "enforce_nonce": True}
        if reply_to:
            reference = {"message_id": str(reply_to), "fail_if_not_exists": False}
            payload["message_reference"] = reference
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
        return await self._send(route, payload, body.uploads)

    async def edit(self, channel: int, message: int, body: Body) -> Json:
        """Make a message show something else."""
        try:
            return await self._send(_of_message("PATCH", channel, message), body.edit(), body.uploads)
        except Passing as error:
            if error.retry_after > LONG_WAIT:
                # Messages older than an hour may be edited only now and then: not worth a waiting chat.
                raise Unshowable(str(error)) from error
            raise

    async def delete(self, channel: int, message: int) -> None:
        """Remove one of our messages."""
        await self._request(_of_message("DELETE", channel, message))

    async def get(self, channel: int, message: int) -> Json:
        """A message as it stands now."""
        return as_object(await self._request(_of_message("GET", channel, message)))

    async def after(self, channel: int, message: int) -> list[Json]:
        """Up to 100 messages that came after this id, oldest first."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
        found = await self._request(route, params={"after": str(message), "limit": "100"})
        rows = [as_object(one) for one in found] if isinstance(found, list) else []
        return sorted(rows, key=lambda one: int(one["id"]))

    async def channel(self, channel: int) -> Json:
        """What a channel is."""
        return as_object(await self._request(Route("GET", "/channels/{channel_id}", channel_id=channel)))

    async def direct(self, user: int) -> int:
        """The direct chat with a person."""
        route = Route("POST", "/users/@me/channels")
        return int(as_object(await self._request(route, json={"recipient_id": str(user)}))["id"])

    async def commands(self, application: int) -> list[Json]:
        """The commands that are registered, with their translations."""
        route = Route("GET", "/applications/{application_id}/commands", application_id=application)
        found = await self._request(route, params={"with_localizations": "true"})
        return [as_object(one) for one in found] if isinstance(found, list) else []

    async def register(self, application: int, commands: Sequence[Json]) -> None:
        """Replace all commands."""
        route = Route("PUT", "/applications/{application_id}/commands", application_id=application)
        await self._request(route, json=list(commands))

    async def guilds(self) -> list[Json]:
        """The servers that the bot is in, with its rights there."""
        found = await self._request(Route("GET", "/users/@me/guilds"))
        return [as_object(one) for one in found] if isinstance(found, list) else []

    async def _send(self, route: Route, payload: Json, uploads: Sequence[Upload]) -> Json:
        if not uploads:
            return as_object(await self._request(route, json=payload))
        files = await asyncio.to_thread(opened, uploads)
        try:
            form: list[dict[str, Any]] = [{"name": "payload_json", "value": json.dumps(payload)}]
            form += [
                {
                    "name": f"files[{n}]",
                    "value": file.fp,
                    "filename": file.filename,
                    "content_type": "application/octet-stream",
                }
                for n, file in enumerate(files)
            ]
            return as_object(await self._request(route, form=form, files=files))
        finally:
            for file in files:
                file.close()

    async def _request(self, route: Route, **kwargs: Any) -> Any:
        try:
            return await self._http.request(route, **kwargs)
        except discord.RateLimited as error:
            raise Passing("rate limited", retry_after=error.retry_after) from error
        except discord.HTTPException as error:
            raise meaning(error.status, error.code, str(error), asked(error.response.headers)) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Passing(f"{type(error).__name__}: {error}") from error
        except RuntimeError as error:
            # aiohttp's word for a session that was closed: a new client is on its way.
            raise Passing(str(error)) from error


def _of_message(method: str, channel: int, message: int) -> Route:
    return Route(
        method, "/channels/{channel_id}/messages/{message_id}", channel_id=channel, message_id=message
    )


def meaning(status: int, code: int, detail: str, wait: float = 0.0) -> PlatformError:
    """What an error answer means for the message that was to be shown. `wait`: seconds it asks for."""
    if status == 413 or code == _TOO_LARGE:
        return TooLarge(detail)
    if status == 429:
        return Passing(detail, retry_after=wait or _WAIT)
    if status >= 500:
        return Passing(detail)
    if code == 50013:
        return Lacking(detail)
    if code == 160002:
        return NoHistory(detail)
    if code in _GONE or status in (403, 404):
        return Gone(detail)
    if status == 401:
        return Passing(detail, retry_after=60.0)
    return Unshowable(detail)


def asked(headers: Mapping[str, str]) -> float:
    """Seconds to wait, by an answer's own word; 0 where it says nothing that is a number."""
    try:
        return max(0.0, float(headers.get("Retry-After", 0)))
    except ValueError:
        return 0.0


def opened(uploads: Sequence[Upload]) -> list[discord.File]:
    """The files, open for reading. Raises Unshowable when one is not on disk any more."""
    files: list[discord.File] = []
    try:
        files.extend(discord.File(upload.media.path, filename=upload.name) for upload in uploads)
    except OSError as error:
        for file in files:
            file.close()
        raise Unshowable(f"a file is not there any more: {error.strerror}") from error
    return files


def as_object(value: object) -> Json:
    """An answer that has to be an object. Raises Passing where it is none: something else answered."""
    if isinstance(value, dict):
        return value
    raise Passing("the answer is no object")
