"""The REST client: tokens, codes, broken connections."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.clock import SystemClock
from adapters.platforms.feishu import codes
from adapters.platforms.feishu.codes import Refusal, told
from adapters.platforms.feishu.transport import Call, Rest
from bot.errors import Gone, Passing, PlatformError, Unshowable
from tests.contract.platforms.feishu import settings
from tests.simulators.feishu import FeishuSimulator

INFO = Call("GET", "/open-apis/bot/v3/info")
ROUTE = "GET /open-apis/bot/v3/info"


class Counted(Rest):
    """A client whose calls are counted."""

    def __init__(self, simulator: FeishuSimulator, **changes: Any) -> None:
        self.count = 0
        super().__init__(settings(simulator, **changes), SystemClock(), self._counted)

    def _counted(self) -> None:
        self.count += 1


@pytest.fixture
async def simulator() -> AsyncIterator[FeishuSimulator]:
    async with FeishuSimulator() as simulator:
        yield simulator


@pytest.fixture
async def rest(simulator: FeishuSimulator) -> AsyncIterator[Counted]:
    rest = Counted(simulator)
    yield rest
    await rest.close()


async def test_one_token_serves_all_calls_also_those_at_the_same_moment(
    simulator: FeishuSimulator, rest: Counted
) -> None:
    await asyncio.gather(*(rest.call(INFO) for _ in range(5)))
    assert simulator.rest.token_requests == 1
    assert rest.count == 5


@pytest.mark.parametrize("code", sorted(codes.TOKEN))
async def test_a_revoked_token_is_replaced_once(simulator: FeishuSimulator, rest: Counted, code: int) -> None:
    await rest.call(INFO)
    simulator.rest.revoke(code)
    await asyncio.gather(*(rest.call(INFO) for _ in range(3)))
    assert simulator.rest.token_requests == 2


async def test_a_token_that_is_never_good_is_not_asked_for_again_and_again(
    simulator: FeishuSimulator, rest: Counted
) -> None:
    simulator.fail(ROUTE, code=99991663, times=2)
    with pytest.raises(Refusal) as caught:
        await rest.call(INFO)
    assert isinstance(told(caught.value), Passing)
    assert simulator.rest.token_requests == 2


async def test_a_broken_connection_is_tried_once_more(simulator: FeishuSimulator, rest: Counted) -> None:
    simulator.fail(ROUTE, "reset")
    await rest.call(INFO)
    simulator.fail(ROUTE, "reset", times=10)
    with pytest.raises(Passing):
        await rest.call(INFO)


async def test_a_page_instead_of_an_answer_is_passing(simulator: FeishuSimulator, rest: Counted) -> None:
    simulator.fail(ROUTE, "html", status=502)
    with pytest.raises(Passing, match="502"):
        await rest.call(INFO)


async def test_the_app_s_rate_says_how_long_to_wait(simulator: FeishuSimulator, rest: Counted) -> None:
    simulator.fail(ROUTE, code=99991400, status=429, headers={"x-ogw-ratelimit-reset": "7"})
    with pytest.raises(Refusal) as caught:
        await rest.call(INFO)
    assert told(caught.value).retry_after == 7


async def test_wrong_credentials_are_final_and_say_what_to_look_at(simulator: FeishuSimulator) -> None:
    rest = Counted(simulator, app_secret="wrong")
    with pytest.raises(Refusal) as caught:
        await rest.call(INFO)
    assert caught.value.code in codes.SETTINGS
    assert "FEISHU_APP_SECRET" in codes.advice(caught.value, lark=False)
    assert "wrong" not in str(caught.value)
    await rest.close()


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (99991400, "", Passing),
        (230020, "", Passing),
        (11232, "", Passing),
        (2200, "", Passing),
        (230049, "", Passing),
        (1234567, "nobody knows", Unshowable),
        (99991403, "", Passing),
        (10014, "app secret invalid", Passing),
        (230002, "", Gone),
        (230006, "", Gone),
        (230013, "", Gone),
        (230018, "", Gone),
        (230035, "", Gone),
        (99991672, "", Gone),
        (230011, "", Gone),
        (230031, "", Gone),
        (230110, "", Gone),
        (230001, "invalid receive_id", Gone),
        (230001, "invalid content", Unshowable),
        (230025, "", Unshowable),
        (230099, "", Unshowable),
        (300301, "", Unshowable),
        (234006, "", Unshowable),
    ],
)
def test_every_code_has_its_meaning(code: int, message: str, kind: type[PlatformError]) -> None:
    assert type(told(Refusal(code, message))) is kind


def test_trouble_at_their_end_is_passing_whatever_the_code() -> None:
    assert isinstance(told(Refusal(1234567, "", status=503)), Passing)
    assert isinstance(told(Refusal(230099, "", status=429)), Passing)


def test_rates_and_quota_ask_for_patience() -> None:
    assert told(Refusal(230020, "")).retry_after > 0
    assert told(Refusal(99991403, "")).retry_after >= 60


@pytest.mark.parametrize("lark", [False, True])
def test_the_wrong_domain_names_the_right_one(lark: bool) -> None:
    advice = codes.advice(Refusal(codes.WRONG_DOMAIN, ""), lark)
    assert ("open.feishu.cn" if lark else "open.larksuite.com") in advice


def test_what_a_refusal_says_of_content_is_for_nobody_s_log() -> None:
    assert "wish" not in str(Refusal(230099, "Failed to create card content: my secret wish"))
    assert "wish" not in str(told(Refusal(230001, "invalid receive_id, my secret wish")))
    assert "im:resource" in str(Refusal(codes.SCOPE, "One of these scopes is required: im:resource"))
