"""ImageX as far as the site uses it: apply, upload, commit, each with its own proof."""

import hashlib
import hmac
import json
import re
import zlib
from urllib.parse import quote

from aiohttp import web

from tests.simulators.service import picture

SECRET = "simulated-secret"
ACCESS = "AKTPsimulated"
TOKEN = "STS2simulated"
SERVICE = "tb4s082cfz"


class ImageX:
    """The picture store; `pictures` holds what was committed, by name."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        self._applied: dict[str, int] = {}
        self._sent: dict[str, bytes] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._apply),
            web.post("/", self._commit),
            web.post("/upload/v1/{uri:.+}", self._upload),
        ]

    async def _apply(self, request: web.Request) -> web.Response:
        if wrong := await _unsigned(request, "ApplyImageUpload"):
            return wrong
        uri = f"tos-cn-i-{SERVICE}/{len(self._applied):032x}"
        self._applied[uri] = int(request.query["FileSize"])
        return web.json_response(
            {
                "ResponseMetadata": {"Action": "ApplyImageUpload"},
                "Result": {
                    "UploadAddress": {
                        "StoreInfos": [{"StoreUri": uri, "Auth": f"SpaceKey/{uri}"}],
                        "UploadHosts": [request.host],
                        "SessionKey": f"session:{uri}",
                    }
                },
            }
        )

    async def _upload(self, request: web.Request) -> web.Response:
        uri, body = request.match_info["uri"], await request.read()
        if request.headers.get("Authorization") != f"SpaceKey/{uri}":
            return web.json_response({"code": 4010, "message": "auth"}, status=403)
        if request.headers.get("Content-CRC32") != f"{zlib.crc32(body):08x}":
            return web.json_response({"code": 4011, "message": "MismatchChecksum"}, status=400)
        if len(body) != self._applied.get(uri):
            return web.json_response({"code": 4012, "message": "size"}, status=400)
        self._sent[uri] = body
        return web.json_response(
            {"code": 2000, "message": "Success", "data": {"crc32": f"{zlib.crc32(body):08x}"}}
        )

    async def _commit(self, request: web.Request) -> web.Response:
        if wrong := await _unsigned(request, "CommitImageUpload"):
            return wrong
        uri = json.loads(await request.read())["SessionKey"].removeprefix("session:")
        if uri not in self._sent:
            return _error("InvalidSessionKey")
        self.pictures[uri] = self._sent[uri]
        return web.json_response(
            {"ResponseMetadata": {}, "Result": {"Results": [{"Uri": uri, "UriStatus": 2000}]}}
        )

    def keep(self, uri: str) -> None:
        """Have a picture there without an upload."""
        self.pictures[uri] = picture()


def _error(code: str) -> web.Response:
    return web.json_response({"ResponseMetadata": {"Error": {"Code": code, "Message": code}}})


async def _unsigned(request: web.Request, action: str) -> web.Response | None:
    """What is wrong with a request's signature; None for nothing."""
    query = request.query
    if (
        query.get("Action") != action
        or query.get("Version") != "2018-08-01"
        or query.get("ServiceId") != SERVICE
    ):
        return _error("InvalidParameter")
    if request.headers.get("x-amz-security-token") != TOKEN:
        return _error("InvalidClientTokenId")
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/cn-north-1/imagex/aws4_request, "
        r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
        request.headers.get("Authorization", ""),
    )
    if not found or found[1] != ACCESS or "host" not in found[3].split(";"):
        return _error("MissingAuthenticationToken")
    body_hash = hashlib.sha256(await request.read()).hexdigest()
    if request.headers.get("x-amz-content-sha256", body_hash) != body_hash:
        return _error("SignatureDoesNotMatch")
    return (
        None
        if _signature(request, found[2], found[3], body_hash) == found[4]
        else _error("SignatureDoesNotMatch")
    )


def _signature(request: web.Request, date: str, names: str, body_hash: str) -> str:
    pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in request.query.items())
    lines = [request.method, request.path, "&".join(f"{k}={v}" for k, v in pairs)]
    lines += [f"{name}:{request.headers[name]}" for name in names.split(";")]
    canonical = "\n".join([*lines, "", names, body_hash])
    scope = f"{date}/cn-north-1/imagex/aws4_request"
    moment = request.headers["x-amz-date"]
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = ("AWS4" + SECRET).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(
        key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}".encode(), hashlib.sha256
    ).hexdigest()
