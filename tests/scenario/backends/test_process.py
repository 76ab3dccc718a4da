"""The real program: killed with kill -9 while a picture is made, and asked what is wrong with its keys."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.scenario.backends.kinds import KINDS
from tests.scenario.backends.process import command, living
from tests.simulators.ima import ImaService
from tests.simulators.volcengine import VolcengineService

ENDS = ("success", "failure", "cancelled")


@pytest.mark.crash
@pytest.mark.parametrize("name", KINDS)
async def test_kill_9_while_a_picture_is_made_charges_once_and_is_told_once(name: str, folder: Path) -> None:
    kind = KINDS[name]
    async with kind.make() as service, living(folder, kind.environment(service.url)) as bot:
        await bot.say("画一只戴帽子的猫")
        # jimeng-api answers only when the picture is there: until then its order is on the wire.
        state = "submitting" if name == "jimeng_api" else "running"
        await bot.until(lambda: bool(service.book.charges) and bot.is_in(state))
        await bot.die()
        service.advance(100)
        await bot.start()
        await bot.until(lambda: bot.is_in("ended"))
        assert len(service.book.charges) == 1
        (outcome,) = bot.rows("SELECT outcome FROM jobs")
        assert outcome == ("unknown" if name == "jimeng_api" else "succeeded",)
        shown = await bot.history()
        (end,) = [message for message in shown if message["kind"] in ENDS]
        assert end["kind"] == ("failure" if name == "jimeng_api" else "success")
        assert len(end["media"]) == (0 if name == "jimeng_api" else kind.pictures)
        kinds = [message["kind"] for message in shown]
        assert kinds[0] == "user"
        assert (kinds.count("ack"), kinds.count("start")) == (1, 1)
        # It is well again.
        await bot.say("画一只穿靴子的狗")
        await bot.until(lambda: len(service.book.charges) == 2)


def lines_about(text: str, what: str) -> list[str]:
    """The lines of the doctor about one part."""
    return [line for line in text.splitlines() if re.search(what, line, re.IGNORECASE)]


#: How the doctor's lines name each backend, what is wrong in each, and what the line must say then.
WORDS = {
    "ima": "IMA Studio",
    "volcengine": "Volcengine",
    "jimeng_api": "jimeng-api",
    "jimeng_web": "Jimeng web",
}
WRONG: dict[str, tuple[Mapping[str, str], str]] = {
    "ima": ({"IMA_API_KEY": "ima_wrong_key"}, "IMA_API_KEY"),
    "volcengine": ({"VOLC_SECRETKEY": "d3Jvbmc="}, "VOLC_SECRETKEY"),
    "jimeng_api": ({"JIMENG_SESSION_ID": "dead-session"}, "JIMENG_SESSION_ID"),
    "jimeng_web": ({"JIMENG_WEB_SESSION_ID": "dead-session"}, "JIMENG_WEB_SESSION_ID"),
}


async def all_services(stack: AsyncExitStack) -> dict[str, str]:
    """One of each kind, and the environment that points at them all with right keys."""
    configured: dict[str, str] = {}
    for kind in KINDS.values():
        service = await stack.enter_async_context(kind.make())
        configured |= kind.environment(service.url)
        assert isinstance(service, ImaService | VolcengineService) or service.url
    return configured


async def test_the_doctor_finds_everything_right_with_right_keys(folder: Path, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        configured = await all_services(stack)
        (code, out, err), (_, listed, _) = await asyncio.gather(
            command("doctor", folder, configured), command("models", tmp_path, configured)
        )
        assert (code, err) == (0, "")
        for what in (*WORDS.values(), "web", "database"):
            assert lines_about(out, what), what
        assert all(line.startswith("✓ ") for line in out.splitlines())
        for model in ("doubao-seedream-4.5", "midjourney", "jimeng-4.6", "jimeng-4.5", "jimeng-3.0"):
            assert f"({model})" in listed
        assert re.search(r"price +5 points\n", listed)


async def test_the_doctor_says_one_clear_line_for_each_wrong_key(folder: Path) -> None:
    async with AsyncExitStack() as stack:
        configured = await all_services(stack)
        for changes, _ in WRONG.values():
            configured |= changes
        code, out, err = await command("doctor", folder, configured)
        assert (code, err) == (1, "")
        for name, (_, variable) in WRONG.items():
            (line,) = [one for one in lines_about(out, WORDS[name]) if one.startswith("✗")]
            assert variable in line
        for secret in ("ima_wrong_key", "d3Jvbmc=", "dead-session", "AKLTtest"):
            assert secret not in out


async def test_the_doctor_says_one_clear_line_for_each_service_that_is_away(
    folder: Path, tmp_path: Path
) -> None:
    configured: dict[str, str] = {}
    for kind in KINDS.values():
        configured |= kind.environment("http://127.0.0.1:9")
    (code, out, err), (models_code, listed, _) = await asyncio.gather(
        command("doctor", folder, configured), command("models", tmp_path, configured)
    )
    assert (code, err) == (1, "")
    for what in WORDS.values():
        (line,) = lines_about(out, what)
        assert line.startswith("✗ ")
        assert re.search("network|start it|answers", line, re.IGNORECASE), line
    # What needs no list is on offer all the same.
    assert models_code == 0
    assert "(jimeng-4.0)" in listed


async def test_half_set_keys_are_named_all_at_once_and_nothing_starts(folder: Path) -> None:
    half = {
        "IMA_APP_KEY": "x",
        "VOLC_ACCESSKEY": "AKLTtest",
        "JIMENG_API_URL": "http://127.0.0.1:9",
        "JIMENG_WEB_URL": "https://jimeng.jianying.com",
        "JIMENG_MCP_URL": "http://127.0.0.1:9",
    }
    tried = await asyncio.gather(*(command(name, folder, half) for name in ("doctor", "models", "run")))
    for code, out, err in tried:
        assert (code, out) == (1, "")
        for missing in (
            "IMA_API_KEY",
            "VOLC_SECRETKEY",
            "JIMENG_SESSION_ID",
            "JIMENG_WEB_SESSION_ID",
            "JIMENG_MCP_COOKIE",
        ):
            assert missing in err
        assert "Traceback" not in err
