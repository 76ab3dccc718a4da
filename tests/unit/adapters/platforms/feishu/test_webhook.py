"""Events by webhook, through the real server: proved, fresh, once; everybody else learns a status only."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.feishu.webhook import PATH, decrypt
from adapters.server import Server
from bot.message import Action, Kind, Outgoing, Press
from bot.metrics import Metrics
from tests.contract.platforms import feishu
from tests.contract.platforms.feishu import FeishuStage
from tests.contract.platforms.stage import until
from tests.simulators.feishu.webhook import Answer, Delivery, encrypt

KEY = "an encrypt key"
SUCCESS = Outgoing(
    Kind.SUCCESS, "zh", "好了", "job-1", actions=(Action(Press.AGAIN, "再来一张", "job-1", "somebody", "zh"),)
)


class Hook:
    """A bot behind a webhook."""

    def __init__(self, stage: FeishuStage) -> None:
        self.stage = stage
        self.simulator = stage.simulator
        self.sender = stage.simulator.webhook

    async def send(self, delivery: Delivery) -> Answer:
        return await self.sender.request(delivery)

    def event(self, at: float | None = None, token: str = "") -> Delivery:
        message = self.simulator.people.say(
            self.simulator.world.add_chat("group"), self.stage.person, "unheard"
        )
        payload = self.simulator.events.payload(
            "im.message.receive_v1", self.simulator.events.message(message)
        )
        if token:
            payload["header"]["token"] = token
        return self.sender.wrap(payload, at)


async def healthy() -> tuple[bool, dict[str, object]]:
    return True, {}


@asynccontextmanager
async def served(folder: Path, key: str) -> AsyncIterator[Hook]:
    async with feishu.stage(folder, events="webhook", encrypt_key=key) as stage:
        server = Server("127.0.0.1", 0, healthy, Metrics().registry)
        server.add(stage.platform.routes(), public=True)
        await server.start()
        stage.simulator.events.way = "webhook"
        stage.simulator.webhook.url = server.url + PATH
        stage.simulator.webhook.encrypt_key = key
        yield Hook(stage)
        await server.close()


@pytest.fixture(params=[KEY, ""], ids=["encrypted", "plain"])
async def hook(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hook]:
    async with served(tmp_path, request.param) as made:
        yield made


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[Hook]:
    """With a key: nothing is signed without one."""
    async with served(tmp_path, KEY) as made:
        yield made


async def test_the_challenge_is_answered(hook: Hook) -> None:
    assert (await hook.sender.challenge()).status == 200
    assert not hook.simulator.violations


async def test_a_message_is_heard_and_a_press_is_answered(hook: Hook) -> None:
    ref = await hook.stage.platform.send(hook.stage.address, SUCCESS, "k")
    message = hook.simulator.people.say(hook.stage.chat, hook.stage.person, "draw")
    await until(lambda: bool(hook.stage.listener.messages))
    assert [heard.id for heard in hook.stage.listener.messages] == [message.id]
    pressed = await hook.simulator.people.press(
        hook.simulator.world.messages[ref.id], "再来一张", hook.stage.person
    )
    assert (pressed.toast, pressed.error) == ("noted", 0)


async def refused(hook: Hook, delivery: Delivery, status: int = 401) -> None:
    answer = await hook.send(delivery)
    assert (answer.status, answer.body) == (status, b"")
    assert not hook.stage.listener.messages


async def test_a_wrong_token_is_refused(hook: Hook) -> None:
    await refused(hook, hook.event(token="guessed"))


async def test_a_wrong_challenge_is_refused(hook: Hook) -> None:
    hook.sender.verification_token = "guessed"
    answer = await hook.sender.challenge()
    assert (answer.status, answer.body) == (401, b"")


async def test_a_changed_body_is_refused(locked: Hook) -> None:
    delivery = locked.event()
    body = json.loads(delivery.body)
    body["more"] = "spaces"
    await refused(locked, replace(delivery, body=json.dumps(body).encode()))


@pytest.mark.parametrize("name", ["X-Lark-Signature", "X-Lark-Request-Timestamp", "X-Lark-Request-Nonce"])
async def test_a_missing_or_changed_header_is_refused(locked: Hook, name: str) -> None:
    delivery = locked.event()
    without = {key: value for key, value in delivery.headers.items() if key != name}
    await refused(locked, replace(delivery, headers=without))
    await refused(locked, replace(delivery, headers=delivery.headers | {name: "1795000000"}))


@pytest.mark.parametrize("late", [-400, 400])
async def test_what_is_not_fresh_is_refused(locked: Hook, late: float) -> None:
    await refused(locked, locked.event(at=locked.simulator.world.now() + late))


async def test_a_replay_is_refused(locked: Hook) -> None:
    delivery = locked.event()
    assert (await locked.send(delivery)).status == 200
    assert len(locked.stage.listener.messages) == 1
    assert (await locked.send(delivery)).status == 401
    assert len(locked.stage.listener.messages) == 1


async def test_what_could_not_be_recorded_may_be_sent_again_as_it_is(locked: Hook) -> None:
    heard, people = locked.stage.listener.messages, locked.simulator.people
    picture = people.picture(locked.stage.chat, locked.stage.person, b"x")
    await until(lambda: len(heard) == 1)
    heard.clear()
    locked.simulator.world.scopes.discard("im:message.p2p_msg:readonly")
    message = people.say(locked.stage.chat, locked.stage.person, "draw", answer_to=picture)
    event = locked.simulator.events.message(message)
    delivery = locked.sender.wrap(locked.simulator.events.payload("im.message.receive_v1", event))
    locked.simulator.fail("GET /open-apis/im/v1/messages/{message}", code=230020)
    assert (await locked.send(delivery)).status == 500
    assert (await locked.send(delivery)).status == 200
    assert len(locked.stage.listener.messages) == 1


async def test_plain_events_are_not_taken_where_there_is_a_key(locked: Hook) -> None:
    locked.sender.encrypt_key = ""
    await refused(locked, locked.event())


async def test_another_key_is_refused(locked: Hook) -> None:
    locked.sender.encrypt_key = "another key"
    await refused(locked, locked.event())


@pytest.mark.parametrize(
    ("body", "kind", "statuses"),
    [
        (b"", "application/json", {400, 401}),
        (b"[]", "application/json", {400, 401}),
        (b"{", "application/json", {400, 401}),
        (b'{"encrypt": "AAAA"}', "application/json", {400, 401}),
        (b'{"encrypt": 7}', "application/json", {400, 401}),
        (b"a=b", "application/x-www-form-urlencoded", {415}),
        (b'{"a": "' + b"x" * 1_000_001 + b'"}', "application/json", {413}),
    ],
)
async def test_nonsense_gets_a_status_and_nothing_else(
    hook: Hook, body: bytes, kind: str, statuses: set[int]
) -> None:
    answer = await hook.send(Delivery({"Content-Type": kind}, body))
    assert answer.status in statuses
    assert answer.body == b""


async def test_a_flood_of_forgeries_harms_nobody_and_fills_no_log(
    locked: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    forged = [
        replace(one, headers=one.headers | {"X-Lark-Signature": "0" * 64}) for one in [locked.event()]
    ] * 200
    genuine = locked.event()
    answers = await asyncio.gather(*(locked.send(one) for one in [*forged, genuine]))
    assert {(answer.status, answer.body) for answer in answers[:-1]} == {(401, b"")}
    assert answers[-1].status == 200
    assert len(locked.stage.listener.messages) == 1
    assert caplog.text.count("refused") == 1


@given(st.text(max_size=80))
def test_nothing_but_a_value_error_comes_out_of_decrypting(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decrypt("key", text)


@given(st.binary(max_size=200))
def test_what_was_encrypted_is_decrypted(plain: bytes) -> None:
    assert decrypt("key", encrypt("key", plain)) == plain
