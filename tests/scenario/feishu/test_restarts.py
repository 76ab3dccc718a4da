"""Whatever happens in between: one acknowledgement, rising progress, one end, nothing left half-way."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.feishu.process import FAST, Bot, bot, percents, told
from tests.simulators.feishu import Chat, User

SHOWS = ("POST /open-apis/im/v1/messages", "PATCH /open-apis/im/v1/messages")
#: A model that takes one to two minutes and makes one picture.
SLOW = "用 Nano Banana Pro 画一座雪山"
#: Kills to be tried; more with CRASH_ROUNDS.
KILLS = range(1, 9) if int(os.environ.get("CRASH_ROUNDS", "1")) > 1 else (3,)


@pytest.fixture
async def fast(tmp_path: Path) -> AsyncIterator[Bot]:
    async with bot(tmp_path, *FAST, speed=120) as made:
        await made.start()
        yield made


def somebody(made: Bot) -> tuple[User, Chat]:
    person = made.simulator.world.add_user("Ada")
    return person, made.simulator.world.private_chat(person.open_id)


async def ended(made: Bot, chat: Chat) -> None:
    """Wait for the end and for what follows it."""
    await made.simulator.reads(lambda shown: bool(shown.images), chat=chat, timeout=60)

    def at_rest() -> bool:
        return not any(
            percents(message)[-1:] and "%" in message.shown.text for message in made.simulator.said(chat)
        )

    await made.simulator.world.until(at_rest, 5)
    await asyncio.sleep(0.1)


def all_is_well(made: Bot, chat: Chat) -> None:
    kinds = told(made.simulator, chat)
    transcript = made.simulator.transcript(chat)
    assert len(kinds["ack"]) <= 1, transcript
    assert len(kinds["start"]) <= 1, transcript
    assert len(kinds["progress"]) <= 1, transcript
    assert len(kinds["end"]) == 1, transcript
    rising = [percent for message in kinds["progress"] for percent in percents(message)]
    assert rising == sorted(rising), transcript
    assert all(percent <= 95 for percent in rising), transcript
    assert not made.simulator.violations, made.simulator.violations


@pytest.mark.crash
@pytest.mark.parametrize("number", KILLS)
async def test_a_kill_after_any_message_changes_nothing(fast: Bot, number: int) -> None:
    person, chat = somebody(fast)
    before = len(fast.simulator.world.calls)
    fast.simulator.people.say(chat, person, SLOW)

    def shown() -> bool:
        calls = fast.simulator.world.calls[before:]
        return sum(call.route.startswith(SHOWS) for call in calls) >= number

    await fast.simulator.world.until(shown, 60)
    await fast.kill()
    await fast.start()
    await ended(fast, chat)
    all_is_well(fast, chat)


FAULTS: tuple[dict[str, Any], ...] = (
    {"route": "/reply", "kind": "lost"},
    {"route": "/reply", "kind": "reset"},
    {"route": "/reply", "kind": "html", "status": 502},
    {"route": "/reply", "code": 230020},
    {"route": "/reply", "code": 99991400, "status": 429, "headers": {"x-ogw-ratelimit-reset": "2"}},
    {"route": "PATCH", "code": 230020},
    {"route": "PATCH", "kind": "lost"},
    {"route": "PATCH", "kind": "html", "status": 500},
    {"route": "/reply", "code": 2200, "status": 500, "when": lambda body: body["msg_type"] == "interactive"},
)


async def test_interfaces_that_fail_twice_change_nothing(fast: Bot) -> None:
    undisturbed = somebody(fast)
    asking = [undisturbed]
    for fault in FAULTS:
        asking.append(somebody(fast))
        fast.simulator.fail(**fault, times=2, after=1, chat=asking[-1][1].id)
    fast.simulator.fail("/images", code=2200, status=500, times=2)
    for person, chat in asking:
        fast.simulator.people.say(chat, person, SLOW)
    await asyncio.gather(*(ended(fast, chat) for _, chat in asking))
    # What is left of the violations is the codes of the faults themselves.
    fast.simulator.violations[:] = [one for one in fast.simulator.violations if "fault" not in one.what]
    for _, chat in asking:
        all_is_well(fast, chat)
    kinds = told(fast.simulator, undisturbed[1])
    assert [len(kinds[kind]) for kind in ("ack", "start", "progress", "end")] == [1, 1, 1, 1]
    assert len(percents(kinds["progress"][0])) >= 2
    assert not kinds["start"][0].shown.buttons


async def test_progress_is_pushed_where_that_is_wanted(tmp_path: Path) -> None:
    async with bot(tmp_path, *FAST, speed=120, changes={"PROGRESS": "push"}) as made:
        await made.start()
        person, chat = somebody(made)
        made.simulator.people.say(chat, person, SLOW)
        await made.simulator.reads(lambda shown: bool(shown.images), chat=chat, timeout=60)
        kinds = told(made.simulator, chat)
        rising = [percent for message in kinds["progress"] for percent in percents(message)]
        assert len(rising) == len(kinds["progress"]) >= 2
        assert rising == sorted(rising)
        assert not made.simulator.violations


async def test_a_lost_token_connection_and_card_do_not_cost_the_end(fast: Bot) -> None:
    person, chat = somebody(fast)
    fast.simulator.people.say(chat, person, SLOW)
    progress = await fast.simulator.reads(lambda shown: "%" in shown.text, chat=chat, timeout=60)
    fast.simulator.rest.revoke()
    fast.simulator.link.cut()
    progress.withdrawn = True
    await ended(fast, chat)
    assert len(told(fast.simulator, chat)["end"]) == 1
    await fast.simulator.connected()


async def test_an_event_that_comes_five_times_is_one_wish(fast: Bot) -> None:
    person, chat = somebody(fast)
    fast.simulator.people.say(chat, person, "画一只猫")
    await fast.simulator.world.until(lambda: bool(fast.simulator.said(chat)), 10)
    payload = fast.simulator.events.delivered[0]
    await fast.simulator.events.repeat(payload)
    fast.simulator.events.again_with = "message"
    await fast.simulator.events.repeat(payload)
    await fast.kill()
    await fast.start()
    await fast.simulator.events.repeat(payload)
    fast.simulator.events.again_with = "event"
    await fast.simulator.events.repeat(payload)
    await ended(fast, chat)
    all_is_well(fast, chat)


async def test_a_used_up_month_leaves_progress_out_and_owes_the_end(tmp_path: Path) -> None:
    # Faster still: after such a refusal it is ten minutes until the next try.
    async with bot(tmp_path, *FAST, speed=400) as made:
        await made.start()
        await _use_up_the_month(made)


async def _use_up_the_month(fast: Bot) -> None:
    person, chat = somebody(fast)
    fast.simulator.people.say(chat, person, SLOW)
    await fast.simulator.reads(lambda shown: "🎨" in shown.title, chat=chat, timeout=60)
    fast.simulator.rest.limits.quota = 0

    def refused() -> int:
        return sum(call.code == 99991403 for call in fast.simulator.world.calls)

    await fast.simulator.world.until(refused, 60)
    await asyncio.sleep(0.5)
    assert not told(fast.simulator, chat)["end"]
    assert refused() < 5
    fast.simulator.rest.limits.quota = None
    await fast.simulator.reads(lambda shown: bool(shown.images), chat=chat, timeout=60)
    assert len(told(fast.simulator, chat)["end"]) == 1
