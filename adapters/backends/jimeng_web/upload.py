"""People's pictures into the site: a short-lived key, then ImageX's apply, upload and commit.

ImageX is Volcengine's public picture store; its requests are signed as Amazon's are (Signature
Version 4, service "imagex", region cn-north-1). All of it is free and may be repeated.
"""

import asyncio
import datetime as dt
import hashlib
import hmac
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from adapters import http
from adapters.backends.jimeng_web.drafts import Upload
from adapters.backends.jimeng_web.site import SAFE, WHOLE, Site
from adapters.jimeng import patiently
from bot.errors import NotSent, Reason
from bot.message import Media
from bot.ports import Clock

_VERSION = "2018-08-01"
_SCENE_OF_DRAWING = 2
_SAVED = 2000
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?")
_STORE_URI = re.compile(r"[\w./~-]+")


@dataclass(frozen=True, slots=True)
class Key:
    """A key that lives for minutes."""

    access: str = field(repr=False)
    secret: str = field(repr=False)
    session: str = field(repr=False)
    service: str


class Uploader:
    """Brings pictures to where the site can draw on them."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock, site: Site, imagex_url: str) -> None:
        """`imagex_url`: the picture store; the scheme of the host that it names is taken from here too."""
        self._client = client
        self._clock = clock
        self._site = site
        self._url = imagex_url.rstrip("/")

    async def bring(self, media: Media) -> Upload:
        """One picture. Raises NotSent or Busy: nothing was ordered."""
        key = _key(
            (await self._site.ask("/mweb/v1/get_upload_token", {"scene": _SCENE_OF_DRAWING})).get("data")
        )
        content = await asyncio.to_thread(media.path.read_bytes)
        host, uri, permit, session = await self._apply(key, len(content))
        await self._send(f"{host}/upload/v1/{uri}", permit, content)
        saved = await self._commit(key, session)
        return Upload(saved, media.width, media.height, media.type.rsplit("/", 1)[-1])

    async def _apply(self, key: Key, size: int) -> tuple[str, str, str, str]:
        """Where the picture may go: (address, name there, permit, session of the upload)."""
        query = {"Action": "ApplyImageUpload", "ServiceId": key.service, "FileSize": str(size)}
        address = _inside(await self._signed("GET", key, query), "Result", "UploadAddress")
        stores, hosts = address.get("StoreInfos"), address.get("UploadHosts")
        store = stores[0] if isinstance(stores, list) and stores else None
        host = hosts[0] if isinstance(hosts, list) and hosts else None
        uri, permit = (
            (store.get("StoreUri"), store.get("Auth")) if isinstance(store, Mapping) else (None, None)
        )
        session = address.get("SessionKey")
        if not (_matches(_HOST, host) and _matches(_STORE_URI, uri) and permit and session):
            raise NotSent(Reason.UNAVAILABLE, "the picture store names no place")
        scheme = self._url.partition("://")[0]
        return f"{scheme}://{host}", str(uri), str(permit), str(session)

    async def _send(self, url: str, permit: str, content: bytes) -> None:
        headers = {
            "Authorization": permit,
            "Content-CRC32": f"{zlib.crc32(content):08x}",
            "Content-Disposition": 'attachment; filename="undefined"',
            "Content-Type": "application/octet-stream",
        }

        async def send() -> http.Answer:
            request = self._client.build_request("POST", url, headers=headers, content=content, timeout=SAFE)
            return await http.send(self._client, request, seconds=WHOLE)

        answer = await patiently(send, self._clock)
        if not 200 <= answer.status < 300:
            raise NotSent(Reason.UNAVAILABLE, f"upload: HTTP {answer.status}")

    async def _commit(self, key: Key, session: str) -> str:
        """The name by which a draft may call the picture."""
        query = {"Action": "CommitImageUpload", "ServiceId": key.service}
        payload = json.dumps({"SessionKey": session}).encode()
        results = _inside(await self._signed("POST", key, query, payload), "Result").get("Results")
        first = results[0] if isinstance(results, list) and results else None
        if not isinstance(first, Mapping) or first.get("UriStatus") != _SAVED or not first.get("Uri"):
            raise NotSent(Reason.UNAVAILABLE, "the picture store did not keep it")
        return str(first["Uri"])

    async def _signed(self, method: str, key: Key, query: Mapping[str, str], payload: bytes = b"") -> Any:
        url = httpx.URL(f"{self._url}/", params={**query, "Version": _VERSION})

        async def send() -> http.Answer:
            at = dt.datetime.fromtimestamp(self._clock.now(), dt.UTC)
            headers = {
                "host": url.netloc.decode(),
                "x-amz-content-sha256": hashlib.sha256(payload).hexdigest(),
                "x-amz-date": f"{at:%Y%m%dT%H%M%SZ}",
                "x-amz-security-token": key.session,
            }
            headers["authorization"] = authorization(method, url, headers, key)
            if payload:
                headers["content-type"] = "application/json"
            request = self._client.build_request(method, url, headers=headers, content=payload, timeout=SAFE)
            return await http.send(self._client, request, seconds=WHOLE)

        answer = await patiently(send, self._clock)
        told = await answer.json()
        if not 200 <= answer.status < 300 or not isinstance(told, Mapping):
            raise NotSent(Reason.UNAVAILABLE, f"{query['Action']}: HTTP {answer.status}")
        return told


def authorization(
    method: str,
    url: httpx.URL,
    headers: Mapping[str, str],
    key: Key,
    scope: tuple[str, str] = ("cn-north-1", "imagex"),
) -> str:
    """The Authorization header of Amazon's Signature Version 4, with all `headers` signed.

    The payload's hash is that of x-amz-content-sha256, else that of nothing. `scope`: region, service.
    """
    names = ";".join(sorted(headers))
    query = "&".join(
        sorted(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in url.params.multi_items())
    )
    canonical = "\n".join(
        [
            method,
            quote(url.path, safe="/-_.~"),
            query,
            *(f"{name}:{headers[name].strip()}" for name in sorted(headers)),
            "",
            names,
            headers.get("x-amz-content-sha256", hashlib.sha256(b"").hexdigest()),
        ]
    )
    moment = headers["x-amz-date"]
    parts = (moment[:8], *scope, "aws4_request")
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(("AWS4-HMAC-SHA256", moment, "/".join(parts), hashed))
    secret = f"AWS4{key.secret}".encode()
    for part in parts:
        secret = hmac.digest(secret, part.encode(), "sha256")
    signature = hmac.digest(secret, to_sign.encode(), "sha256").hex()
    return (
        f"AWS4-HMAC-SHA256 Credential={key.access}/{'/'.join(parts)}, "
        f"SignedHeaders={names}, Signature={signature}"
    )


def _key(told: Any) -> Key:
    def text(name: str) -> str:
        value = told.get(name) if isinstance(told, Mapping) else None
        if not isinstance(value, str) or not value:
            raise NotSent(Reason.UNAVAILABLE, f"uploads: no {name}")
        return value

    return Key(text("access_key_id"), text("secret_access_key"), text("session_token"), text("service_id"))


def _inside(answer: Any, *names: str) -> Mapping[str, Any]:
    for name in names:
        answer = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(answer, Mapping):
        raise NotSent(Reason.UNAVAILABLE, f"the picture store tells no {names[-1]}")
    return answer


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None and ".." not in value
