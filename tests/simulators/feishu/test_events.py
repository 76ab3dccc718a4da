"""The simulated long connection and webhooks: receipts, repetition, faults."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.simulators.feishu import FeishuSimulator
from tests.simulators.feishu.frames import DATA, Frame, FrameError, decode, encode


class Listener:
    """A client of the long connection that answers as it is told."""

    def __init__(self, simulator: FeishuSimulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.session = session
        self.events: list[dict[str, Any]] = []
        self.answer: dict[str, Any] | None = {"code": 200}
        self.parts: dict[str, list[bytes]] = {}

    async def discover(self, **changes: str) -> dict[str, Any]:
        body = {"AppID": self.simulator.world.app_id, "AppSecret": self.simulator.world.app_secret} | changes
        async with self.session.post(self.simulator.domain + "/callback/ws/endpoint", json=body) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def run(self) -> None:
        url = (await self.discover())["data"]["URL"]
        async with self.session.ws_connect(url) as socket:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    await self.hear(socket, decode(message.data))

    async def hear(self, socket: aiohttp.ClientWebSocketResponse, frame: Frame) -> None:
        parts = self.parts.setdefault(frame.header("message_id"), [])
        parts.append(frame.payload)
        if frame.method != DATA or len(parts) < int(frame.header("sum")):
            return
        self.events.append(json.loads(b"".join(parts)))
        if self.answer is not None:
            receipt = Frame(DATA, frame.headers, json.dumps(self.answer).encode(), frame.service)
            await socket.send_bytes(encode(receipt))


@pytest.fixture
async def simulator() -> AsyncIterator[FeishuSimulator]:
    async with FeishuSimulator() as simulator:
        simulator.events.handle_seconds = 0.1
        yield simulator


@pytest.fixture
async def listener(simulator: FeishuSimulator) -> AsyncIterator[Listener]:
    async with aiohttp.ClientSession() as session:
        listener = Listener(simulator, session)
        task = asyncio.create_task(listener.run())
        await simulator.connected()
        yield listener
        task.cancel()


async def said(simulator: FeishuSimulator, text: str) -> dict[str, Any]:
    person = simulator.world.add_user("Ada")
    chat = simulator.world.private_chat(person.open_id)
    message = simulator.people.say(chat, person, text)
    await simulator.settle(0.15)
    return simulator.events.message(message)


def test_a_frame_survives_writing_and_reading() -> None:
    frame = Frame(DATA, (("type", "event"), ("sum", "1")), "你好".encode(), 33_554_678, 1 << 40, 3, "trace")
    assert decode(encode(frame)) == frame


@pytest.mark.parametrize("data", [b"\x08", b"\x2a\x7f", b"\x0d", b"\x08\x01"])
def test_bytes_that_are_no_frame_are_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        decode(data)


async def test_discovery_refuses_wrong_credentials_and_the_wrong_domain(
    simulator: FeishuSimulator, listener: Listener
) -> None:
    assert (await listener.discover(AppID="x"))["code"] == 10003
    assert (await listener.discover(AppSecret="x"))["code"] == 10014
    simulator.link.wrong_domain = True
    assert (await listener.discover())["code"] == 1000040351


async def test_a_ticket_opens_one_connection(simulator: FeishuSimulator, listener: Listener) -> None:
    url = (await listener.discover())["data"]["URL"]
    async with listener.session.ws_connect(url):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await listener.session.ws_connect(url)
    simulator.link.refusals.append((403, "forbidden"))
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await listener.session.ws_connect((await listener.discover())["data"]["URL"])


async def test_an_event_with_a_receipt_is_not_sent_again(
    simulator: FeishuSimulator, listener: Listener
) -> None:
    await said(simulator, "draw")
    assert await simulator.advance(30_000) == 0
    assert len(listener.events) == 1


@pytest.mark.parametrize("answer", [None, {"code": 500}])
async def test_an_event_without_a_receipt_comes_after_15_s_5_min_1_h_and_6_h(
    simulator: FeishuSimulator, listener: Listener, answer: dict[str, Any] | None
) -> None:
    listener.answer = answer
    await said(simulator, "draw")
    counts = [await simulator.advance(seconds) for seconds in (14, 2, 290, 3300, 18_000, 90_000)]
    assert counts == [0, 1, 1, 1, 1, 0]
    assert len({event["header"]["event_id"] for event in listener.events}) == 1


async def test_an_event_can_come_again_under_new_ids(simulator: FeishuSimulator, listener: Listener) -> None:
    await said(simulator, "draw")
    simulator.events.again_with = "message"
    await simulator.events.repeat(listener.events[0])
    first, second = listener.events
    assert first["header"]["event_id"] != second["header"]["event_id"]
    assert first["event"]["message"]["message_id"] != second["event"]["message"]["message_id"]
    assert first["event"]["message"]["create_time"] == second["event"]["message"]["create_time"]


async def test_a_long_event_comes_in_pieces(simulator: FeishuSimulator, listener: Listener) -> None:
    simulator.link.split_at = 100
    await said(simulator, "draw " * 50)
    assert "draw draw" in listener.events[0]["event"]["message"]["content"]


async def test_a_cut_connection_is_gone_and_a_mute_one_looks_open(
    simulator: FeishuSimulator, listener: Listener
) -> None:
    simulator.link.mute()
    await said(simulator, "draw")
    assert not listener.events
    assert len(simulator.link.connections) == 1
    simulator.link.cut()
    await simulator.world.until(lambda: not simulator.link.connections)
    assert len(simulator.events.owed) == 1


async def test_groups_are_heard_only_where_the_bot_is_named_and_the_scope_is_there(
    simulator: FeishuSimulator, listener: Listener
) -> None:
    world, people = simulator.world, simulator.people
    person, group = world.add_user("Ada"), world.add_chat("group")
    people.say(group, person, "draw")
    people.say(group, person, "draw", at_bot=True)
    await simulator.settle()
    assert len(listener.events) == 1
    world.scopes.clear()
    people.say(group, person, "draw", at_bot=True)
    people.say(world.private_chat(person.open_id), person, "draw")
    await simulator.settle()
    assert len(listener.events) == 1


async def test_a_press_shows_the_toast_or_the_client_s_error(
    simulator: FeishuSimulator, listener: Listener
) -> None:
    world = simulator.world
    person, group = world.add_user("Ada"), world.add_chat("group")
    message = simulator.people.say(group, person, "a card stands for it")
    button = {
        "tag": "button",
        "text": {"tag": "plain_text", "content": "Again"},
        "behaviors": [{"type": "callback", "value": {"press": "again"}}],
    }
    card = {"schema": "2.0", "body": {"elements": [button]}}
    message.versions.append(_read(card))

    listener.answer = {"code": 200, "data": _data({"toast": {"type": "info", "content": "On it"}})}
    pressed = await simulator.people.press(message, "Again", person)
    assert (pressed.toast, pressed.error) == ("On it", 0)
    assert listener.events[-1]["event"]["action"]["value"] == {"press": "again"}

    listener.answer = {"code": 200, "data": _data({"card": {"type": "raw", "data": card}})}
    assert (await simulator.people.press(message, "Again", person)).replaced

    for bad, error in (
        ({"toast": {"type": "loud"}}, 200672),
        ({"card": {"type": "raw", "data": {}}}, 200673),
    ):
        listener.answer = {"code": 200, "data": _data(bad)}
        assert (await simulator.people.press(message, "Again", person)).error == error
    listener.answer = {"code": 500}
    assert (await simulator.people.press(message, "Again", person)).error == 200671
    listener.answer = None
    assert (await simulator.people.press(message, "Again", person)).error == 200341
    await simulator.advance(15 * 86_400)
    assert (await simulator.people.press(message, "Again", person)).error == 200673


async def test_a_webhook_is_challenged_encrypted_signed_and_sent_again(simulator: FeishuSimulator) -> None:
    seen: list[tuple[bytes, dict[str, str]]] = []
    status = 200

    async def serve(request: web.Request) -> web.Response:
        seen.append((await request.read(), dict(request.headers)))
        return web.json_response({"challenge": "wrong"}, status=status)

    application = web.Application()
    application.router.add_post("/events", serve)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    simulator.webhook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/events"
    simulator.events.way = "webhook"

    await simulator.webhook.challenge()
    assert simulator.violations
    simulator.webhook.encrypt_key = "secret"
    status = 500
    await said(simulator, "draw")
    body, headers = seen[-1]
    assert b"draw" not in body
    signed = (
        headers["X-Lark-Request-Timestamp"] + headers["X-Lark-Request-Nonce"] + "secret"
    ).encode() + body
    assert headers["X-Lark-Signature"] == hashlib.sha256(signed).hexdigest()
    assert await simulator.advance(16) == 1
    await runner.cleanup()


def _data(answer: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(answer).encode()).decode()


def _read(card: dict[str, Any]) -> Any:
    from tests.simulators.feishu.reading import read

    return read("interactive", json.dumps(card))
