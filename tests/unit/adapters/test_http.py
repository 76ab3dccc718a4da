"""Answers that come to an end, whatever a service sends."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web

from adapters import http
from tests.simulators.service import Service


class Hostile(Service):
    """Answers with anything at all."""

    def __init__(self) -> None:
        super().__init__()
        self.body = b"{}"
        self.headers: dict[str, str] = {}
        self.status = 200
        self.cookies: list[str] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/", self._answer), web.get("/endless", self._endless)]

    async def _answer(self, request: web.Request) -> web.Response:
        self.cookies.append(request.headers.get("Cookie", ""))
        return web.Response(status=self.status, body=self.body, headers=self.headers)

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse()
        await stream.prepare(request)
        while True:
            await stream.write(b"[" * 65_536)


@pytest.fixture
async def service() -> AsyncIterator[Hostile]:
    async with Hostile() as service:
        yield service


async def asked(service: Hostile, path: str = "/", **more: Any) -> http.Answer:
    async with http.client() as client:
        return await http.send(
            client, client.build_request("GET", service.url + path), **{"seconds": 5, **more}
        )


async def test_an_answer_is_read_to_its_end(service: Hostile) -> None:
    service.body, service.status, service.headers = b'{"a": [1, "x"]}', 418, {"Retry-After": "7"}
    answer = await asked(service)
    assert (answer.status, answer.retry_after, await answer.json()) == (418, 7.0, {"a": [1, "x"]})


async def test_an_answer_without_end_is_given_up(service: Hostile) -> None:
    with pytest.raises(http.TooLongError):
        await asked(service, "/endless")


async def test_an_answer_that_trickles_is_given_up(service: Hostile) -> None:
    service.body = b"x" * 100
    service.fail("/", "slow", seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        await asked(service, seconds=0.1)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("0", 0), ("120", 120), ("1000000000", 0), ("-5", 0), ("soon", 0), ("1e9", 0), ("", 0)],
)
async def test_a_time_to_wait_is_believed_while_it_makes_sense(
    service: Hostile, told: str, seconds: float
) -> None:
    service.headers = {"Retry-After": told}
    assert (await asked(service)).retry_after == seconds


async def test_a_redirect_is_an_answer_and_not_followed(service: Hostile) -> None:
    service.status, service.headers = 302, {"Location": "/endless"}
    assert (await asked(service)).status == 302


@pytest.mark.parametrize("where", ["http://xn--/", "http://[::1"])
async def test_a_redirect_to_what_is_no_address_is_no_answer(service: Hostile, where: str) -> None:
    service.status, service.headers = 302, {"Location": where}
    with pytest.raises(httpx.RequestError):
        await asked(service)


@pytest.mark.parametrize("url", ["http://xn--/", "http://☃.example/", "http://[::1", "http://\x00/"])
async def test_what_is_no_address_is_said_to_be_unsent(url: str) -> None:
    async with http.client() as client:
        with pytest.raises(http.UNSENT):
            client.build_request("GET", url)


async def test_nobody_s_cookies_are_kept(service: Hostile) -> None:
    service.headers = {"Set-Cookie": "sessionid=somebody; Path=/"}
    async with http.client() as client:
        for _ in range(2):
            await http.send(client, client.build_request("GET", service.url), seconds=5)
    assert service.cookies == ["", ""]


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        (b'{"a": "\\ud83d"}', {"a": "�"}),
        (b'{"a": "\\ude0a\\ud83d\\ude0a\\\\ud83d"}', {"a": "�😊\\ud83d"}),
        (b'{"a": 123456789012345678901234567890}', {"a": 1.2345678901234568e29}),
        (b'{"a": NaN}', None),
        (b'{"a": Infinity}', None),
        (b"[" * 200_000, None),
        (b"[" * 1000 + b"]" * 1000 + b"x", None),
        ('{"a": "画"}'.encode("gbk"), None),
        ('{"a": "猫"}'.encode("utf-16"), None),
        (b"\xef\xbb\xbf{}", None),
        (b"<html>", None),
        (b"", None),
    ],
)
async def test_json_is_read_or_is_none(service: Hostile, body: bytes, meaning: object) -> None:
    service.body = body
    assert await (await asked(service)).json() == meaning
