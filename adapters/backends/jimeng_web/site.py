"""Requests to the site as one who is logged in: headers, signature, cookie. What they mean is elsewhere."""

import json
import logging
import random
from collections.abc import Mapping
from typing import Any

import httpx

from adapters import http
from adapters.backends.jimeng_web.answers import not_told, ret_of
from adapters.backends.jimeng_web.drafts import APP_ID, APP_VERSION, DRAFT_VERSION, sign
from adapters.jimeng import patiently
from bot.ports import Clock

log = logging.getLogger(__name__)

_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
SAFE = httpx.Timeout(connect=10, read=30, write=30, pool=30)
#: Seconds for a request and its whole answer.
WHOLE = 120.0
PAID = httpx.Timeout(connect=10, read=60, write=30, pool=30)


class Site:
    """The site's interface for one login. The cookie is in its headers alone."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock, url: str, cookie: str) -> None:
        """`cookie`: the whole Cookie header."""
        self._client = client
        self._clock = clock
        self._url = url.rstrip("/")
        self._cookie = cookie
        # A visitor's number as the site's own pages make one; nothing hangs on it.
        self._visitor = str(random.randrange(10**18, 10**19))

    async def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a question that costs nothing and may be repeated.

        Raises NotSent or Busy when it cannot be had; never says more than that of the account's jobs.
        """
        answer = await (await patiently(lambda: self._post(path, body, {}, SAFE), self._clock)).json()
        if ret_of(answer) != 0:
            raise not_told(answer)
        return answer

    async def order(self, path: str, body: Mapping[str, Any], query: Mapping[str, str]) -> http.Answer:
        """The answer to a request that costs: sent once. Raises what httpx raises."""
        return await self._post(path, body, query, PAID)

    async def _post(
        self, path: str, body: Mapping[str, Any], query: Mapping[str, str], patience: httpx.Timeout
    ) -> http.Answer:
        parameters = {
            "aid": str(APP_ID),
            "device_platform": "web",
            "region": "cn",
            "webId": self._visitor,
            "da_version": DRAFT_VERSION,
            "os": "windows",
            **query,
        }
        request = self._client.build_request(
            "POST",
            self._url + path,
            params=parameters,
            headers=self._headers(path),
            content=json.dumps(body, ensure_ascii=False).encode(),
            timeout=patience,
        )
        return await http.send(self._client, request, seconds=WHOLE)

    def _headers(self, path: str) -> dict[str, str]:
        at = int(self._clock.now())
        site = httpx.URL(self._url)
        origin = f"{site.scheme}://{site.netloc.decode()}"
        return {
            "Accept": "application/json, text/plain, */*",
            "Appid": str(APP_ID),
            "Appvr": APP_VERSION,
            "Content-Type": "application/json",
            "Cookie": self._cookie,
            "Device-Time": str(at),
            "Origin": origin,
            "Pf": "7",
            "Referer": f"{origin}/ai-tool/generate",
            "Sign": sign(path, at),
            "Sign-Ver": "1",
            "User-Agent": _AGENT,
        }
