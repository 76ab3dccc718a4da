import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from adapters.server import BODY_LIMIT, Server
from bot.errors import SettingsError
from bot.metrics import Metrics

ELSEWHERE = "https://elsewhere.example"


class Well:
    """Health that a test can change."""

    def __init__(self) -> None:
        self.ok = True

    async def __call__(self) -> tuple[bool, dict[str, object]]:
        return self.ok, {"status": "ok" if self.ok else "down"}


async def echo(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


async def stream(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for _ in socket:
        pass
    return socket


async def slow(_: web.Request) -> web.Response:
    await asyncio.sleep(0.1)
    return web.Response(text="done")


def make(host: str = "127.0.0.1", port: int = 0, metrics: Metrics | None = None) -> Server:
    server = Server(host, port, Well(), (metrics or Metrics()).registry)
    server.add([web.get("/", echo), web.post("/", echo), web.get("/stream", stream), web.get("/slow", slow)])
    server.add([web.post("/hook/{name}", echo)], public=True)
    return server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = make()
    await made.start()
    yield made
    await made.close()


@pytest.fixture
async def http(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url) as session:
        yield session


async def test_port_0_becomes_a_real_one(server: Server) -> None:
    assert server.port > 0
    assert server.url == f"http://127.0.0.1:{server.port}"


async def test_a_taken_port_is_a_plain_sentence(server: Server) -> None:
    with pytest.raises(SettingsError, match=r"taken by another program.*WEB_PORT"):
        await make(port=server.port).start()


async def test_an_address_of_another_machine_is_a_plain_sentence() -> None:
    with pytest.raises(SettingsError, match="WEB_HOST"):
        await make("203.0.113.1").start()


async def test_a_name_that_does_not_exist_is_a_plain_sentence() -> None:
    with pytest.raises(SettingsError, match="WEB_HOST"):
        await make("no-such-host.invalid").start()


async def test_health_is_200_or_503_with_its_body(server: Server, http: aiohttp.ClientSession) -> None:
    well = server._health
    assert isinstance(well, Well)
    async with http.get("/healthz") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})
    well.ok = False
    async with http.get("/healthz") as answer:
        assert (answer.status, await answer.json()) == (503, {"status": "down"})


async def test_metrics_are_those_of_the_registry_that_was_handed_over() -> None:
    metrics = Metrics()
    metrics.outbox.set(7)
    server = make(metrics=metrics)
    await server.start()
    async with aiohttp.ClientSession(server.url) as http, http.get("/metrics") as answer:
        assert answer.content_type == "text/plain"
        assert "inkling_outbox_messages 7.0" in await answer.text()
    await server.close()


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere"])
async def test_every_answer_is_hardened_and_tells_no_version(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Server" not in answer.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8787", "127.0.0.1.evil.example", "[", "localhost@evil.example"]
)
async def test_a_loopback_server_answers_to_loopback_names_only(
    http: aiohttp.ClientSession, host: str
) -> None:
    for path in ("/", "/healthz", "/metrics", "/nowhere"):
        async with http.get(path, headers={"Host": host}) as answer:
            assert answer.status in {400, 403}


async def test_a_body_that_is_not_packed_as_it_says_is_a_bad_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def read(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    server = make()
    server.add([web.post("/read", read)])
    await server.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST /read HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Encoding: gzip\r\n")
        writer.write(b"Content-Length: 2\r\n\r\n{}")
        assert b" 400 " in await reader.readline()
        writer.close()
    finally:
        await server.close()
    assert not caplog.records


async def test_who_does_not_say_whom_he_calls_is_refused() -> None:
    server = make()
    await server.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert b" 403 " in await reader.readline()
        writer.close()
    finally:
        await server.close()


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1", "[::1]:80", "127.8.8.8"])
async def test_loopback_by_any_name_and_port_is_served(http: aiohttp.ClientSession, host: str) -> None:
    async with http.get("/", headers={"Host": host}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://127.0.0.1", "http://[", "http://localhost:1"])
async def test_a_post_from_another_page_is_refused(http: aiohttp.ClientSession, origin: str) -> None:
    async with http.post("/", data=b"x", headers={"Origin": origin}) as answer:
        assert answer.status == 403


async def test_a_post_that_the_browser_calls_cross_site_is_refused(http: aiohttp.ClientSession) -> None:
    async with http.post("/", data=b"x", headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        assert answer.status == 403


async def test_a_post_from_our_own_page_is_taken(server: Server, http: aiohttp.ClientSession) -> None:
    headers = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
    async with http.post("/", data=b"xyz", headers=headers) as answer:
        assert await answer.text() == "3"


async def test_a_stream_from_another_page_is_refused(http: aiohttp.ClientSession) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await http.ws_connect("/stream", origin=ELSEWHERE)
    assert caught.value.status == 403


async def test_a_public_route_is_for_other_servers_whatever_they_call_us(http: aiohttp.ClientSession) -> None:
    headers = {"Host": "bot.example.com", "Origin": ELSEWHERE}
    async with http.post("/hook/events", data=b"xyz", headers=headers) as answer:
        assert await answer.text() == "3"


async def test_a_server_on_every_address_is_called_by_any_name_but_posted_to_from_its_own_page() -> None:
    server = make("0.0.0.0")
    await server.start()
    async with aiohttp.ClientSession(server.url) as http:
        async with http.get("/", headers={"Host": "pictures.example"}) as answer:
            assert answer.status == 200
        headers = {"Host": "pictures.example", "Origin": "https://pictures.example"}
        async with http.post("/", data=b"x", headers=headers) as answer:
            assert answer.status == 200
        async with http.post("/", data=b"x", headers=headers | {"Origin": ELSEWHERE}) as answer:
            assert answer.status == 403
    await server.close()


async def test_a_locked_server_behind_a_proxy_is_called_by_any_name_but_posted_to_from_its_own_page() -> None:
    server = Server("127.0.0.1", 0, Well(), Metrics().registry, locked=True)
    server.add([web.post("/", echo)])
    await server.start()
    headers = {"Host": "pictures.example", "Origin": "https://pictures.example"}
    async with aiohttp.ClientSession(server.url) as http:
        async with http.post("/", data=b"x", headers=headers) as answer:
            assert answer.status == 200
        async with http.post("/", data=b"x", headers=headers | {"Origin": ELSEWHERE}) as answer:
            assert answer.status == 403
    await server.close()


async def test_a_body_over_the_limit_is_refused(http: aiohttp.ClientSession) -> None:
    async with http.post("/", data=b"x" * (BODY_LIMIT + 1)) as answer:
        assert answer.status == 413


async def test_closing_does_not_wait_for_open_streams() -> None:
    server = make()
    await server.start()
    async with aiohttp.ClientSession(server.url) as http:
        sockets = [await http.ws_connect("/stream") for _ in range(5)]
        began = time.monotonic()
        await server.close()
        assert time.monotonic() - began < 1.0
        for socket in sockets:
            assert (await socket.receive(timeout=1)).type in {
                aiohttp.WSMsgType.CLOSE,
                aiohttp.WSMsgType.CLOSED,
            }


async def test_a_request_under_way_gets_its_answer_before_the_end() -> None:
    server = make()
    await server.start()
    async with aiohttp.ClientSession(server.url) as http:
        asking = asyncio.create_task(http.get("/slow"))
        await asyncio.sleep(0.03)
        await server.close()
        answer = await asking
        assert await answer.text() == "done"


async def test_closing_twice_or_before_the_start_is_nothing_special() -> None:
    server = make()
    await server.close()
    await server.start()
    await server.close()
    await server.close()
