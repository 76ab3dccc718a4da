"""Events by webhook: decrypted, proved, fresh, taken over. Whoever cannot prove itself learns a status only.

https://open.feishu.cn/document/server-docs/event-subscription-guide/event-subscription-configure-/encrypt-key-encryption-configuration-case
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import logging
from collections import OrderedDict

from aiohttp import web

from adapters.platforms.feishu import wire
from adapters.platforms.feishu.longlink import Take
from adapters.platforms.feishu.receipt import taken_over
from adapters.platforms.feishu.skew import Skew
from adapters.platforms.feishu.wire import Json
from bot.settings import Feishu

log = logging.getLogger(__name__)

PATH = "/feishu/events"
#: Seconds by which a signed request may be late or early, and for which its nonce is remembered.
FRESH = 300.0
BODY_BYTES = 1_000_000
#: Seconds between two lines in the log about requests that were refused.
QUIET = 60.0


class _Refused(Exception):
    """A request that is not the platform's; carries the status that it gets."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Webhook:
    """Answers the platform's requests."""

    def __init__(self, settings: Feishu, skew: Skew, take: Take) -> None:
        self._settings = settings
        self._skew = skew
        self._take = take
        self._nonces: OrderedDict[str, float] = OrderedDict()
        self._refused = 0
        self._told_at = 0.0

    def routes(self) -> list[web.RouteDef]:
        """What the server serves for it, open to the net."""
        return [web.post(PATH, self._serve)]

    async def _serve(self, request: web.Request) -> web.Response:
        raw = await _body(request)
        nonce = request.headers.get("X-Lark-Request-Nonce", "")
        try:
            plain = self._prove(request, raw)
            event = wire.load(plain)
            self._check_token(event)
            if event.get("type") == "url_verification":
                return web.json_response({"challenge": wire.text(event, "challenge")})
            self._check_signature(request, raw)
        except _Refused as refused:
            self._tell(refused)
            return web.Response(status=refused.status)
        taken = await taken_over(asyncio.get_running_loop().create_task(self._take(plain)))
        if taken is None:
            self._nonces.pop(nonce, None)
            return web.Response(status=500)
        return web.json_response(taken)

    def _tell(self, refused: _Refused) -> None:
        """In the log, but not once for each of a flood."""
        self._refused += 1
        now = self._skew.now()
        if abs(now - self._told_at) >= QUIET:
            log.warning("webhook requests were refused: %d, the last one: %s", self._refused, refused)
            self._refused, self._told_at = 0, now

    def _prove(self, request: web.Request, raw: bytes) -> bytes:
        """The plain body. With a key set, nothing unencrypted is taken."""
        if len(raw) > BODY_BYTES:
            raise _Refused(413, "too large")
        if request.content_type != "application/json":
            raise _Refused(415, "no JSON")
        body = wire.load(raw)
        if not self._settings.encrypt_key:
            if not body or "encrypt" in body:
                raise _Refused(400, "no event, or encrypted while FEISHU_ENCRYPT_KEY is not set")
            return raw
        try:
            return decrypt(self._settings.encrypt_key, wire.text(body, "encrypt"))
        except ValueError as error:
            raise _Refused(401, "cannot be decrypted") from error

    def _check_token(self, event: Json) -> None:
        token = wire.text(event, "header", "token") or wire.text(event, "token")
        if not hmac.compare_digest(token.encode(), self._settings.verification_token.encode()):
            raise _Refused(401, "wrong verification token")

    def _check_signature(self, request: web.Request, raw: bytes) -> None:
        """Signature, freshness and nonce; without a key the platform signs nothing."""
        key = self._settings.encrypt_key
        if not key:
            return
        stamp = request.headers.get("X-Lark-Request-Timestamp", "")
        nonce = request.headers.get("X-Lark-Request-Nonce", "")
        signature = request.headers.get("X-Lark-Signature", "")
        expected = hashlib.sha256((stamp + nonce + key).encode() + raw).hexdigest()
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise _Refused(401, "wrong signature")
        now = self._skew.now()
        if not stamp.isdecimal() or abs(now - int(stamp)) > FRESH:
            raise _Refused(401, "not fresh; is the clock of this machine right?")
        while self._nonces and next(iter(self._nonces.values())) < now - 2 * FRESH:
            self._nonces.popitem(last=False)
        if nonce in self._nonces:
            raise _Refused(401, "seen before")
        self._nonces[nonce] = now


async def _body(request: web.Request) -> bytes:
    """The body, as far as it may matter."""
    raw = b""
    async for piece in request.content.iter_any():
        raw += piece
        if len(raw) > BODY_BYTES:
            break
    return raw


def decrypt(key: str, text: str) -> bytes:
    """AES-256-CBC with sha256(key); the IV stands in front. Raises ValueError."""
    from Crypto.Cipher import AES
    from Crypto.Util.Padding import unpad

    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if len(raw) < 2 * AES.block_size or len(raw) % AES.block_size:
        raise ValueError("wrong length")
    cipher = AES.new(hashlib.sha256(key.encode()).digest(), AES.MODE_CBC, raw[: AES.block_size])
    return unpad(cipher.decrypt(raw[AES.block_size :]), AES.block_size)
