"""Volcengine's signature, version 4: what makes a request the key's owner's own. Pure.

Like Amazon's, with other names: no prefix before the secret key, and "request" at the end of the scope.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

ALGORITHM = "HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Keys:
    """Who signs, and for which service."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    region: str = "cn-north-1"
    service: str = "cv"


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A request as it will be sent. `host` with its port, unless that is 80 or 443."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    body: bytes
    content_type: str = ""


def signed(keys: Keys, request: Unsigned, date: str) -> dict[str, str]:
    """The headers to send. `date` is the time in UTC as 20261121T090000Z."""
    digest = hashlib.sha256(request.body).hexdigest()
    headers = {"Host": request.host, "X-Content-Sha256": digest, "X-Date": date}
    if request.content_type:
        headers["Content-Type"] = request.content_type
    if keys.session_token:
        headers["X-Security-Token"] = keys.session_token
    names = ";".join(sorted(name.lower() for name in headers))
    scope = f"{date[:8]}/{keys.region}/{keys.service}/request"
    summary = hashlib.sha256(canonical(request, headers).encode()).hexdigest()
    text = f"{ALGORITHM}\n{date}\n{scope}\n{summary}"
    signature = hmac.new(_key(keys, date[:8]), text.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={keys.access_key}/{scope}"
    headers["Authorization"] = f"{ALGORITHM} {credential}, SignedHeaders={names}, Signature={signature}"
    return headers


def canonical(request: Unsigned, headers: Mapping[str, str]) -> str:
    """The request in the one form that both sides sign."""
    lowered = sorted((name.lower(), value.strip()) for name, value in headers.items())
    return "\n".join(
        (
            request.method,
            request.path,
            query_string(request.query),
            *(f"{name}:{value}" for name, value in lowered),
            "",
            ";".join(name for name, _ in lowered),
            headers["X-Content-Sha256"],
        )
    )


def query_string(query: Mapping[str, str]) -> str:
    """A query as it is signed, and as it has to be sent."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def _key(keys: Keys, day: str) -> bytes:
    key = keys.secret_key.encode()
    for part in (day, keys.region, keys.service, "request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
