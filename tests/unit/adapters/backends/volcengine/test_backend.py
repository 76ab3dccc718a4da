"""Orders and results against the simulator."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.backends.volcengine import Volcengine
from adapters.media import recognise
from bot.errors import GenerationFailed
from bot.message import Media
from bot.ports import Finished, Pending
from tests.simulators.service import picture
from tests.simulators.volcengine import VolcengineService
from tests.unit.adapters.backends.volcengine.conftest import RESULT, order


async def test_an_order_goes_from_the_queue_to_the_disk(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    service.seconds = 8
    ticket = await volcengine.submit(order())
    assert isinstance(await volcengine.poll(ticket), Pending)
    service.advance(4)
    assert isinstance(await volcengine.poll(ticket), Pending)
    service.advance(4)
    done = await volcengine.poll(ticket)
    assert isinstance(done, Finished)
    assert [media.path.name for media in done.media] == ["ref-1.png"]
    assert done.media[0].link.startswith(service.url)
    assert 86_000 < done.media[0].link_expires - service.now() <= 86_400
    assert len(service.book.charges) == 1


async def test_the_question_for_a_result_holds_its_wishes_as_a_text(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    await volcengine.poll(await volcengine.submit(order(watermark="Inkling")))
    (asked,) = service.asked.values()
    assert asked["return_url"] is True
    assert asked["logo_info"]["logo_text_content"] == "Inkling"
    sent = json.loads(service.requests[1].body)
    assert isinstance(sent["req_json"], str)
    assert "logo_info" not in service.orders[0]


async def test_several_pictures_are_several_files_and_charges_by_the_picture(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    done = await volcengine.poll(await volcengine.submit(order(count=4)))
    assert isinstance(done, Finished)
    assert len({media.path.read_bytes() for media in done.media}) == 4
    assert service.book.total == pytest.approx(0.8)


async def test_one_picture_is_paid_for_where_one_is_asked_for(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    await volcengine.submit(order("9 images of a fox"))
    assert service.book.total == pytest.approx(0.2)


async def test_pictures_that_come_as_base64_are_kept_as_well(
    volcengine: Volcengine, service: VolcengineService
) -> None:
    service.base64_only = True
    done = await volcengine.poll(await volcengine.submit(order(count=2)))
    assert isinstance(done, Finished)
    assert [(media.path.name, media.link) for media in done.media] == [("ref-1.png", ""), ("ref-2.png", "")]


@pytest.mark.parametrize("text", ["%%%", base64.b64encode(b"no picture").decode(), ""])
async def test_a_result_that_is_no_picture_is_a_failure(
    volcengine: Volcengine, service: VolcengineService, text: str
) -> None:
    ticket = await volcengine.submit(order())
    done = {"code": 10000, "data": {"status": "done", "binary_data_base64": [text], "image_urls": None}}
    service.fail(RESULT, "status", status=200, body=json.dumps(done).encode())
    with pytest.raises(GenerationFailed):
        await volcengine.poll(ticket)


async def test_people_s_pictures_travel_in_the_order_in_a_form_that_is_taken(
    volcengine: Volcengine, service: VolcengineService, photo: Callable[..., Media]
) -> None:
    inputs = (photo("PNG"), photo("WEBP"), photo("JPEG", (5000, 2500)))
    ticket = await volcengine.submit(order("melt them", inputs=inputs, strength=0.8))
    sent = service.orders[0]["binary_data_base64"]
    assert base64.b64decode(sent[0]) == inputs[0].path.read_bytes()
    assert len(sent) == 3
    assert service.orders[0]["scale"] == 0.2
    assert isinstance(await volcengine.poll(ticket), Finished)


async def test_many_large_pictures_stay_below_what_is_parsed(
    volcengine: Volcengine, service: VolcengineService, tmp_path: Path
) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(picture(1400, 1100, noise=True))
    large = recognise(path)
    assert large.size * 5 > 20_000_000
    await volcengine.submit(order("melt them", inputs=(large,) * 5))
    assert len(service.requests[0].body) < 20_000_000
