"""Ordering through the vendor's intranet, where somebody has it: the order alone; results come by the site.

What it answers is told nowhere: only its HTTP status and a `ret`, if there is one, are looked at.
"""

from collections.abc import Mapping
from typing import Any

import httpx

from adapters import http
from adapters.backends.jimeng_web.drafts import Upload, Wish
from adapters.backends.jimeng_web.site import PAID, WHOLE

_HEADERS = {
    "x-tt-env": "ppe_resource_query",
    "x-use-ppe": "1",
    "x-schedule-vdc": "sinfonline",
    "get-svc": "1",
    "pf": "3",
}


class Intranet:
    """The intranet's door for orders."""

    def __init__(self, client: httpx.AsyncClient, url: str, cookie: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._cookie = cookie

    async def order(self, wanted: Wish, uploads: tuple[Upload, ...]) -> http.Answer:
        """Order it, once. Raises what httpx raises."""
        request = self._client.build_request(
            "POST",
            f"{self._url}/image_generate",
            headers={**_HEADERS, "Cookie": self._cookie},
            json=intranet_body(wanted, uploads),
            timeout=PAID,
        )
        return await http.send(self._client, request, seconds=WHOLE)


def intranet_body(wanted: Wish, uploads: tuple[Upload, ...]) -> Mapping[str, Any]:
    """The order as the intranet wants it: no size, no number of pictures."""
    body: dict[str, Any] = {
        "generate_type": "seedEdit40" if uploads else "text2imageV2",
        "agent_scene": "creation_agent_v40",
        "creation_agent_version": "3.0.0",
        "prompt": wanted.order.request.prompt,
        "model_key": wanted.model.key,
        "submit_id": wanted.order.reference,
    }
    if wanted.order.request.ratio:
        body["ratio"] = wanted.order.request.ratio
    if uploads:
        body["resource_uri_list"] = [upload.uri for upload in uploads]
    return body
