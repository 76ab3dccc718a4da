"""A model that only a backend's live list has: it has a name everywhere, and can be called by it."""

from dataclasses import replace

import pytest

from bot.errors import GenerationFailed, Reason
from bot.job import Outcome
from bot.message import Kind, Price
from bot.notifier.names import readable
from tests.fakes import FakeBackend, Stage, opened, parts, virtual

RAW = "fancy_model-x2"


def newcomer(name: str = "Fancy 2 Ultra", price: float | None = 9) -> FakeBackend:
    """Offers what the catalogue does not have, beside what it has."""
    backend = FakeBackend()
    prices = (("", Price(price, "points")),) if price else ()
    usual = backend.offered[0]
    backend.offered += tuple(
        replace(usual, model=RAW, task=task, name=name, prices=prices, seconds=None)
        for task in ("text_to_image", "image_to_image")
    )
    return backend


async def everything(stage: Stage) -> str:
    """All that was ever shown, with the buttons."""
    shown = [entry.message for entry in stage.platform.transcript]
    return "\n".join(text for one in shown for text in (one.text, *(action.label for action in one.actions)))


@virtual
@pytest.mark.parametrize(
    "words",
    [
        "用 Fancy 2 Ultra 画一只猫",
        "draw a cat with fancy 2 ultra",
        "/imagine a cat --model Fancy 2 Ultra --ar 16:9",
        f"/imagine a cat --model {RAW}",
    ],
)
async def test_it_draws_when_it_is_called_and_has_its_name_from_start_to_end(words: str) -> None:
    async with opened(parts(backends=(newcomer(),))) as stage:
        await stage.platform.say(words)
        await stage.settled()
        (job,) = await stage.jobs()
        assert (job.model, job.outcome) == (RAW, Outcome.SUCCEEDED)
        assert "ancy" not in job.request.prompt
        for kind in (Kind.START, Kind.SUCCESS):
            assert "Fancy 2 Ultra" in stage.platform.last(kind).text
        assert RAW not in await everything(stage)


@virtual
async def test_it_can_be_kept_and_is_called_so_in_lists_and_failures() -> None:
    async with opened(parts(backends=(newcomer(),))) as stage:
        await stage.platform.say("以后都用 Fancy 2 Ultra")
        await stage.settled()
        assert "以后图片生成默认用 Fancy 2 Ultra" in stage.platform.last(Kind.TEXT).text
        await stage.platform.say("有哪些模型")
        await stage.settled()
        assert "Fancy 2 Ultra（你的默认）：9 积分 · 30 ~ 120 秒" in stage.platform.last(Kind.TEXT).text
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.say("用 MJ 画一只猫")
        await stage.settled()
        assert (await stage.jobs())[0].model == "midjourney"
        menu = stage.house.parts.menu("zh")
        assert "Fancy 2 Ultra" in [choice.name for choice in menu]
        assert RAW not in await everything(stage)


@virtual
async def test_a_name_that_is_no_model_here_stays_in_the_picture() -> None:
    async with opened(parts(backends=(newcomer("Fancy"),))) as stage:
        await stage.platform.say("draw a fancy car")
        await stage.settled()
        (job,) = await stage.jobs()
        assert (job.model, job.request.prompt) == ("doubao-seedream-4.5", "a fancy car")


@virtual
@pytest.mark.parametrize("price", [9, None])
@pytest.mark.parametrize("name", ["", RAW])
async def test_one_that_nobody_gave_a_name_is_spelled_as_people_would(name: str, price: float | None) -> None:
    backend = newcomer(name, price)
    backend.offered = tuple(one for one in backend.offered if one.model in (RAW, "midjourney"))
    async with opened(parts(backends=(backend,))) as stage:
        stage.backend.results.append(GenerationFailed(Reason.UNAVAILABLE))
        await stage.platform.say("draw a cat with midjourney")
        await stage.settled()
        failure = stage.platform.last(Kind.FAILURE)
        assert ("• Fancy Model X2: 9 points" if price else "• Fancy Model X2") in failure.text.splitlines()
        assert failure.actions[0].label.startswith("Try Fancy Model X2")


def test_what_a_vendor_calls_it_is_one_short_printable_line() -> None:
    assert readable(" A\n\tB\u202e\x00C ") == "A B C"
    assert len(readable("long " * 100)) <= 40
