"""The long connection: lost, mute, refused, never found; and what an operator is told."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.clock import SystemClock
from adapters.platforms.feishu import commands
from adapters.platforms.feishu.longlink import LongLink
from adapters.platforms.feishu.transport import Rest
from bot.errors import Passing, PlatformError
from tests.contract.platforms import feishu
from tests.contract.platforms.feishu import FeishuStage, settings
from tests.contract.platforms.stage import until
from tests.simulators.feishu import FeishuSimulator

DISCOVERY = "POST /callback/ws/endpoint"


class QuickClock(SystemClock):
    """Real time, in which nobody waits long."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[FeishuStage]:
    async with feishu.stage(tmp_path) as made:
        await made.shut()
        made.clock = QuickClock()
        await made.open()
        yield made


async def connected_again(stage: FeishuStage, handshakes: int) -> None:
    await until(lambda: stage.simulator.link.handshakes > handshakes and stage.platform.connected)


async def test_a_cut_connection_is_built_anew_and_what_was_missed_comes_once(stage: FeishuStage) -> None:
    handshakes = stage.simulator.link.handshakes
    stage.simulator.link.cut()
    stage.simulator.people.say(stage.chat, stage.person, "draw")
    await connected_again(stage, handshakes)
    await stage.simulator.advance(15)
    assert [message.text for message in stage.listener.messages] == ["draw"]
    assert len(stage.simulator.link.connections) == 1


@pytest.mark.parametrize(
    ("kind", "code"), [("code", 1), ("code", 1000040343), ("code", 1000040350), ("code", 99), ("html", 0)]
)
async def test_discovery_that_fails_for_now_is_tried_again(stage: FeishuStage, kind: str, code: int) -> None:
    handshakes = stage.simulator.link.handshakes
    stage.simulator.fail(DISCOVERY, kind, code=code, status=502, times=3)  # type: ignore[arg-type]  # by table
    stage.simulator.link.cut()
    await connected_again(stage, handshakes)


@pytest.mark.parametrize("status", [403, 514, 500])
async def test_a_refused_handshake_is_tried_again(stage: FeishuStage, status: int) -> None:
    stage.simulator.link.refusals += [(status, "not now")] * 3
    handshakes = stage.simulator.link.handshakes
    stage.simulator.link.cut()
    await connected_again(stage, handshakes + 3)


async def test_a_handshake_refused_with_nonsense_is_tried_again(stage: FeishuStage) -> None:
    stage.simulator.link.refusals += [("soon", "later"), (514, "no code")]  # type: ignore[list-item]  # nonsense
    handshakes = stage.simulator.link.handshakes
    stage.simulator.link.cut()
    await connected_again(stage, handshakes + 2)


async def test_a_bot_that_is_not_connected_says_so(stage: FeishuStage) -> None:
    stage.simulator.fail(DISCOVERY, code=1, times=1000)
    stage.simulator.link.cut()
    await until(lambda: not stage.platform.connected)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"app_secret": "wrong"}, "FEISHU_APP_SECRET"),
        ({"app_id": "cli_wrong"}, "FEISHU_APP_ID"),
    ],
)
async def test_wrong_credentials_end_it_with_a_plain_sentence(
    stage: FeishuStage, changes: dict[str, str], words: str
) -> None:
    await stage.shut()
    stage.changes = changes
    await stage.open(running=False)
    with pytest.raises(PlatformError, match=words):
        await asyncio.wait_for(stage.platform.run(stage.listener), 5)


async def test_the_wrong_domain_ends_it_with_a_plain_sentence(stage: FeishuStage) -> None:
    await stage.shut()
    stage.simulator.link.wrong_domain = True
    await stage.open(running=False)
    with pytest.raises(PlatformError, match=r"open\.larksuite\.com"):
        await asyncio.wait_for(stage.platform.run(stage.listener), 5)


async def test_credentials_that_have_worked_are_tried_again(
    stage: FeishuStage, caplog: pytest.LogCaptureFixture
) -> None:
    world, handshakes = stage.simulator.world, stage.simulator.link.handshakes
    secret, world.app_secret = world.app_secret, "another"
    stage.simulator.link.cut()
    await until(lambda: "FEISHU_APP_SECRET is not the secret of this app" in caplog.text)
    world.app_secret = secret
    await connected_again(stage, handshakes)


async def test_missing_scopes_are_said_at_the_start(
    stage: FeishuStage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.shut()
    stage.simulator.world.scopes.discard("im:resource")
    with caplog.at_level(logging.WARNING):
        await stage.open()
        await until(lambda: "im:resource (to send and read pictures)" in caplog.text)


async def test_commands_are_registered_once(stage: FeishuStage) -> None:
    known = stage.simulator.world.commands
    await until(lambda: len(known) == len(commands.load()))
    assert known["draw"]["description"]["i18n"]["zh_cn"].startswith("画一张图")
    assert "帮助" in known
    await stage.shut()
    known.pop("draw")
    before = len(stage.simulator.world.calls)
    await stage.open()
    await until(lambda: "draw" in known)
    posts = [call for call in stage.simulator.world.calls[before:] if "slash" in call.route]
    assert [call.route.split()[0] for call in posts] == ["GET", "POST"]


async def test_commands_are_registered_also_where_they_may_not_be_read(stage: FeishuStage) -> None:
    await until(lambda: len(stage.simulator.world.commands) == len(commands.load()))
    await stage.shut()
    stage.simulator.world.scopes.discard("application:app_slash_command:read")
    stage.simulator.world.commands.pop("help")
    await stage.open()
    await until(lambda: "help" in stage.simulator.world.commands)


async def test_a_tenant_without_commands_is_served_all_the_same(stage: FeishuStage) -> None:
    await stage.shut()
    stage.simulator.world.scopes.discard("application:app_slash_command:write")
    stage.simulator.world.commands.clear()
    await stage.open()
    await stage.say("/draw a fox")
    assert stage.listener.messages[0].text == "/draw a fox"


async def test_nothing_secret_is_logged(stage: FeishuStage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        handshakes = stage.simulator.link.handshakes
        stage.simulator.link.cut()
        await connected_again(stage, handshakes)
        await stage.say("my secret wish")
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("adapters"))
    for secret in ("access_key", "ticket", stage.simulator.world.app_secret, "my secret wish"):
        assert secret not in ours


# The link itself ----------------------------------------------------------------------------------------


async def test_a_connection_that_falls_silent_is_noticed() -> None:
    async with FeishuSimulator() as simulator:
        simulator.link.config["PingInterval"] = 0.05  # type: ignore[assignment]  # seconds, to be quick
        rest = Rest(settings(simulator), SystemClock())
        link = LongLink(nothing, patience=0.2)
        opened = asyncio.Event()
        serving = asyncio.create_task(link.serve(await rest.discover(), opened.set))
        await opened.wait()
        await asyncio.sleep(0.4)
        assert not serving.done()
        assert simulator.link.connections[0].pings > 2
        simulator.link.mute()
        assert "nothing was heard" in await asyncio.wait_for(serving, 3)
        await link.close()
        await rest.close()


@pytest.mark.parametrize("name", ["_receive_message_loop", "_ping_loop"])
async def test_a_task_of_the_sdk_that_dies_without_a_word_is_noticed(name: str) -> None:
    async def kill() -> int:
        found = [task for task in asyncio.all_tasks() if name in repr(task.get_coro())]
        return sum(task.cancel() for task in found)

    async with FeishuSimulator() as simulator:
        simulator.link.config["PingInterval"] = 0.05  # type: ignore[assignment]  # seconds, to be quick
        rest = Rest(settings(simulator), SystemClock())
        link = LongLink(nothing, patience=0.2)
        opened = asyncio.Event()
        serving = asyncio.create_task(link.serve(await rest.discover(), opened.set))
        await opened.wait()
        loop = await asyncio.wrap_future(link._ready)
        killed = asyncio.run_coroutine_threadsafe(kill(), loop)
        assert await asyncio.wrap_future(killed) == 1
        assert "nothing was heard" in await asyncio.wait_for(serving, 3)
        await link.close()
        await rest.close()


async def test_a_discovery_that_hangs_is_given_up(simulator_hangs: FeishuSimulator) -> None:
    rest = Rest(settings(simulator_hangs), SystemClock(), discovery_patience=0.05)
    with pytest.raises(Passing):
        await rest.discover()
    await rest.close()


@pytest.fixture
async def simulator_hangs() -> AsyncIterator[FeishuSimulator]:
    async with FeishuSimulator() as simulator:
        simulator.fail(DISCOVERY, "hang", seconds=1)
        yield simulator


async def test_no_thread_is_left_behind(stage: FeishuStage) -> None:
    assert any(thread.name == "feishu" for thread in threading.enumerate())
    await stage.shut()
    assert not any(thread.name == "feishu" for thread in threading.enumerate())
    await stage.open()


async def nothing(_: bytes) -> None:
    """Takes events and says nothing."""


def test_the_readme_names_every_permission_that_is_missed() -> None:
    readme = (Path(__file__).parents[5] / "README.md").read_text("utf-8")
    assert all(f"`{scope.name}`" in readme for scope in commands.SCOPES)
