"""The gateway before every REST interface: token, scopes, rates, quota, faults; and the small interfaces.

Messages and pictures have modules of their own.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.simulators.feishu import media, messages
from tests.simulators.feishu.rules import BROKEN, TOKEN_SECONDS, ApiError, Fault, Faults, Limits, Windows
from tests.simulators.feishu.world import ALL_SCOPES, TENANT, Call, World

Handler = Callable[[web.Request, dict[str, Any]], Awaitable[dict[str, Any] | web.StreamResponse]]


class Rest:
    """All REST interfaces of one tenant."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.limits = Limits()
        self.faults = Faults()
        self.windows = Windows(world.now)
        #: Tokens given out and until when they are good; a revoked one answers with its own code.
        self.tokens: dict[str, float] = {}
        self.revoked: dict[str, int] = {}
        self.token_requests = 0
        self._messages = messages.Messages(world, self.limits, self.windows)
        self._media = media.MediaStore(world)

    def routes(self) -> list[web.RouteDef]:
        """What an aiohttp application serves."""
        return [
            web.post("/open-apis/auth/v3/tenant_access_token/internal", self._token),
            self._route("GET", "/open-apis/bot/v3/info", self._bot_info),
            self._route("GET", "/open-apis/im/v1/chats", self._chats, "im:message"),
            self._route("GET", "/open-apis/im/v1/chats/{chat}", self._chat, "im:message"),
            self._route("POST", "/open-apis/im/v1/messages", self._messages.send, "im:message"),
            self._route("GET", "/open-apis/im/v1/messages", self._messages.history, "im:message"),
            self._route("GET", "/open-apis/application/v6/scopes", self._scopes),
            self._route("GET", "/open-apis/im/v1/messages/{message}", self._messages.get, "im:message"),
            self._route(
                "PATCH", "/open-apis/im/v1/messages/{message}", self._messages.patch, "im:message:update"
            ),
            self._route("DELETE", "/open-apis/im/v1/messages/{message}", self._messages.delete, "im:message"),
            self._route(
                "POST", "/open-apis/im/v1/messages/{message}/reply", self._messages.reply, "im:message"
            ),
            self._route(
                "GET",
                "/open-apis/im/v1/messages/{message}/resources/{key}",
                self._media.resource,
                "im:resource",
            ),
            self._route("POST", "/open-apis/im/v1/images", self._media.upload_image, "im:resource"),
            self._route("POST", "/open-apis/im/v1/files", self._media.upload_file, "im:resource"),
            self._route(
                "POST",
                "/open-apis/application/v7/app_slash_commands",
                self._command,
                "application:app_slash_command:write",
            ),
            self._route(
                "GET",
                "/open-apis/application/v7/app_slash_commands",
                self._commands,
                "application:app_slash_command:read",
            ),
        ]

    def revoke(self, code: int = 99991663) -> None:
        """Every token given out so far is answered with `code` from now on."""
        for token in self.tokens:
            self.revoked[token] = code

    # The gateway --------------------------------------------------------------------------------------

    def _route(self, method: str, path: str, handler: Handler, scope: str = "") -> web.RouteDef:
        name = f"{method} {path}"

        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(request, name, handler, scope)

        return web.route(method, path, serve)

    async def _serve(
        self, request: web.Request, name: str, handler: Handler, scope: str
    ) -> web.StreamResponse:
        code, uuid = 0, ""
        try:
            body = await self._body(request)
            uuid = str(body.get("uuid", ""))
            fault = self.faults.take(name, body, self._where(request, body))
            if fault is not None and fault.kind != "lost":
                code = fault.code
                return await self._fail(request, fault)
            self._admit(request, name, scope)
            answer = await handler(request, body)
            if fault is not None:
                return _cut(request)
            if isinstance(answer, web.StreamResponse):
                return answer
            return web.json_response({"code": 0, "msg": "success", **answer})
        except ApiError as error:
            code = error.code
            if code in BROKEN:
                self.world.violate(code, f"{name}: {error.message}")
            return web.json_response(
                {"code": code, "msg": error.message, "error": {"log_id": secrets.token_hex(8)}},
                status=error.status,
                headers=error.headers,
            )
        finally:
            self.world.calls.append(Call(self.world.now(), name, code, uuid))
            await self.world.tell()

    def _where(self, request: web.Request, body: dict[str, Any]) -> str:
        message = self.world.messages.get(request.match_info.get("message", ""))
        return message.chat if message else str(body.get("receive_id", ""))

    async def _body(self, request: web.Request) -> dict[str, Any]:
        if request.method not in {"POST", "PATCH", "PUT"} or request.content_type.startswith("multipart/"):
            return {}
        if request.content_type != "application/json":
            raise ApiError(9499, f"Bad Request: content type {request.content_type}")
        try:
            body = json.loads(await request.read())
        except ValueError as error:
            raise ApiError(9499, "Bad Request: no JSON") from error
        if not isinstance(body, dict):
            raise ApiError(9499, "Bad Request: no object")
        return body

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
            return _cut(request)
        if fault.kind == "reset":
            return _cut(request)
        if fault.kind == "html":
            return web.Response(
                status=fault.status, text="<html>bad gateway</html>", content_type="text/html"
            )
        raise ApiError(fault.code, f"fault {fault.code}", fault.status, fault.headers)

    def _admit(self, request: web.Request, name: str, scope: str) -> None:
        self._check_token(request.headers.get("Authorization", ""))
        limits = self.limits
        if limits.quota is not None:
            if limits.quota <= 0:
                raise ApiError(99991403, "This month's API call quota has been exceeded.", 429)
            limits.quota -= 1
        for limit, seconds in ((limits.app_second, 1.0), (limits.app_minute, 60.0)):
            wait = self.windows.admit(f"app {name}", limit, seconds)
            if wait:
                reset = {"x-ogw-ratelimit-limit": str(limit), "x-ogw-ratelimit-reset": str(int(wait) + 1)}
                raise ApiError(99991400, "request trigger frequency limit", 429, reset)
        if scope and scope not in self.world.scopes:
            raise ApiError(
                99991672,
                f"Access denied. One of the following scopes is required: [{scope}].",
            )

    def _check_token(self, header: str) -> None:
        token = header.removeprefix("Bearer ")
        if not header.startswith("Bearer ") or not token:
            raise ApiError(99991661, "Missing access token for authorization.")
        if token in self.revoked:
            raise ApiError(self.revoked[token], "Invalid access token for authorization.")
        if token not in self.tokens:
            raise ApiError(99991663, "Invalid access token for authorization.")
        if self.tokens[token] < self.world.now():
            raise ApiError(99991663, "Invalid access token for authorization: expired.")

    # The small interfaces -----------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self.token_requests += 1
        body = await request.json()
        fault = self.faults.take("tenant_access_token", body)
        if fault is not None:
            if fault.kind == "code":
                return web.json_response({"code": fault.code, "msg": f"fault {fault.code}"})
            return await self._fail(request, fault)
        if body.get("app_id") != self.world.app_id:
            return web.json_response({"code": 10003, "msg": "invalid param"})
        if body.get("app_secret") != self.world.app_secret:
            return web.json_response({"code": 10014, "msg": "app secret invalid"})
        token = f"t-{secrets.token_hex(12)}"
        self.tokens[token] = self.world.now() + TOKEN_SECONDS
        answer = {"code": 0, "msg": "ok", "tenant_access_token": token, "expire": TOKEN_SECONDS}
        return web.json_response(answer, headers={"Date": self.world.date})

    async def _bot_info(self, _: web.Request, __: dict[str, Any]) -> dict[str, Any]:
        bot = self.world.bot
        return {
            "bot": {"activate_status": 2, "app_name": bot.name, "open_id": bot.open_id, "ip_white_list": []}
        }

    async def _chats(self, _: web.Request, __: dict[str, Any]) -> dict[str, Any]:
        items = [
            {"chat_id": chat.id, "name": chat.name}
            for chat in self.world.chats.values()
            if chat.kind != "p2p" and chat.joined
        ]
        return {"data": {"items": items, "has_more": False, "page_token": ""}}

    async def _chat(self, request: web.Request, _: dict[str, Any]) -> dict[str, Any]:
        chat = self.world.chats.get(request.match_info["chat"])
        if chat is None:
            raise ApiError(232006, "invalid chat_id")
        return {"data": {"name": chat.name, "chat_mode": chat.kind, "tenant_key": TENANT}}

    async def _scopes(self, _: web.Request, __: dict[str, Any]) -> dict[str, Any]:
        names = sorted(self.world.scopes | ALL_SCOPES)
        scopes = [
            {
                "scope_name": name,
                "grant_status": 1 if name in self.world.scopes else 2,
                "scope_type": "tenant",
            }
            for name in names
        ]
        return {"data": {"scopes": scopes}}

    async def _command(self, _: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        name = body.get("command")
        description = body.get("description")
        if not isinstance(name, str) or not name or name.startswith("/") or not isinstance(description, dict):
            raise ApiError(99992402, "field validation failed")
        if not isinstance(description.get("default_value"), str):
            raise ApiError(99992402, "field validation failed: description.default_value")
        if name in self.world.commands:
            raise ApiError(40000000, "duplicate command")
        command = {"command_id": self.world.new_id("cmd"), **body}
        self.world.commands[name] = command
        return {"data": {"command_id": command["command_id"]}}

    async def _commands(self, _: web.Request, __: dict[str, Any]) -> dict[str, Any]:
        return {"data": {"items": list(self.world.commands.values())}}


def _cut(request: web.Request) -> web.StreamResponse:
    """The answer is lost on its way: the connection breaks off."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
