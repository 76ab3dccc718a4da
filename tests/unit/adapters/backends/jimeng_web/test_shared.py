import httpx
import pytest

from adapters.http import Answer
from adapters.jimeng import ATTEMPTS, patiently
from bot.errors import NotSent, Reason


class RecordingClock:
    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return 0.0

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.mark.parametrize(
    "bad", [500, 503, httpx.ReadError("Bearer secret"), httpx.LocalProtocolError("secret")]
)
async def test_a_safe_request_is_tried_again_and_waits_longer_each_time(bad: int | Exception) -> None:
    clock, tries = RecordingClock(), []

    async def send() -> Answer:
        tries.append(1)
        if isinstance(bad, Exception):
            raise bad
        return Answer(bad, httpx.Headers(), b"")

    with pytest.raises(NotSent) as raised:
        await patiently(send, clock)
    assert len(tries) == ATTEMPTS
    assert 0.25 <= clock.slept[0] <= 0.5 <= clock.slept[1] <= 1.0
    assert len(clock.slept) == ATTEMPTS - 1
    assert raised.value.reason in (Reason.NETWORK, Reason.UNAVAILABLE)
    assert "secret" not in str(raised.value)


async def test_an_answer_that_is_one_is_not_asked_for_again() -> None:
    clock = RecordingClock()

    async def send() -> Answer:
        return Answer(404, httpx.Headers(), b"")

    assert (await patiently(send, clock)).status == 404
    assert not clock.slept
