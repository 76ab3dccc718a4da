"""A task is done when every picture is there with its link; a failed one says why."""

from pathlib import Path

import pytest

from adapters.backends.ima import Ima
from bot.errors import GenerationFailed, NotSent, Reason
from bot.job import Request
from bot.ports import Finished, Order, Pending
from tests.simulators.ima import ImaService


def order(prompt: str = "a fox", model: str = "midjourney") -> Order:
    return Order("ref", model, Request("text_to_image", prompt))


async def test_four_pictures_are_four_files_named_by_the_order(ima: Ima, service: ImaService) -> None:
    done = await ima.poll(await ima.submit(order()))
    assert isinstance(done, Finished)
    assert [media.path.name for media in done.media] == [f"ref-{number}.png" for number in range(1, 5)]
    assert len({media.path.read_bytes() for media in done.media}) == 4
    assert all(media.link.startswith(service.url) for media in done.media)
    assert {(media.type, media.width, media.height) for media in done.media} == {("image/png", 64, 64)}


async def test_it_waits_for_the_last_picture_and_for_its_link(ima: Ima, service: ImaService) -> None:
    service.seconds, service.stagger, service.gap = 10, 2, 1
    ticket = await ima.submit(order())
    for _ in range(16):
        assert isinstance(await ima.poll(ticket), Pending)
        service.advance(1)
    service.advance(2)
    done = await ima.poll(ticket)
    assert isinstance(done, Finished)
    assert len(done.media) == 4


@pytest.mark.parametrize(
    ("fate", "reason"),
    [
        ("fail", Reason.GENERATION_FAILED),
        ("silent", Reason.NO_DETAILS),
        ("broken", Reason.NO_DETAILS),
        ("block", Reason.CONTENT_OUTPUT),
        ("delete", Reason.RESULT_GONE),
    ],
)
async def test_a_failed_task_says_why(ima: Ima, service: ImaService, fate: str, reason: Reason) -> None:
    service.gap = 60 if fate == "broken" else 0
    ticket = await ima.submit(order(f"a fox [{fate}]"))
    with pytest.raises(GenerationFailed) as failed:
        await ima.poll(ticket)
    assert failed.value.reason is reason
    assert len(service.book.charges) == 1


async def test_what_came_beside_a_failed_one_is_delivered(ima: Ima) -> None:
    done = await ima.poll(await ima.submit(order("a fox [partly]")))
    assert isinstance(done, Finished)
    assert len(done.media) == 3


async def test_a_task_that_ima_has_forgotten_is_over(ima: Ima, service: ImaService) -> None:
    ticket = await ima.submit(order())
    service.tasks.clear()
    with pytest.raises(GenerationFailed) as failed:
        await ima.poll(ticket)
    assert failed.value.reason is Reason.RESULT_GONE


async def test_asking_again_after_the_end_brings_the_same_files(ima: Ima) -> None:
    ticket = await ima.submit(order())
    assert await ima.poll(ticket) == await ima.poll(ticket)


async def test_a_ticket_is_good_after_a_restart(ima: Ima, make: object, service: ImaService) -> None:
    ticket = await ima.submit(order())
    service.advance(86_400)
    again = make()  # type: ignore[operator]  # the fixture is a function
    assert isinstance(await again.poll(ticket), Finished)


async def test_a_link_that_died_loses_the_picture_and_says_so(ima: Ima, service: ImaService) -> None:
    service.fail("/files/{name}", "expired", count=1000)
    with pytest.raises(GenerationFailed) as failed:
        await ima.poll(await ima.submit(order()))
    assert failed.value.reason is Reason.RESULT_GONE


async def test_one_dead_link_of_four_loses_one_picture(ima: Ima, service: ImaService) -> None:
    service.fail("/files/{name}", "expired")
    done = await ima.poll(await ima.submit(order()))
    assert isinstance(done, Finished)
    assert len(done.media) == 3


async def test_pictures_that_cannot_be_fetched_now_are_fetched_later(ima: Ima, service: ImaService) -> None:
    ticket = await ima.submit(order())
    service.fail("/files/{name}", "drop_before", count=1000)
    with pytest.raises(NotSent):
        await ima.poll(ticket)
    service.heal()
    assert isinstance(await ima.poll(ticket), Finished)


async def test_large_pictures_come_whole(ima: Ima, service: ImaService, tmp_path: Path) -> None:
    service.pixels, service.heavy = (900, 800), True
    done = await ima.poll(await ima.submit(order(model="doubao-seedream-4.5")))
    assert isinstance(done, Finished)
    assert done.media[0].size > 2_000_000
    assert done.media[0].path.is_relative_to(tmp_path)


async def test_what_cannot_be_asked_is_answered_with_nothing(ima: Ima) -> None:
    assert await ima.find(order()) is None
    assert await ima.credits() == ()
    await ima.close()
