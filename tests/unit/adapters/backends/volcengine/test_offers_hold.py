"""What is offered can be ordered: any mix of model, ratio, size, number, pixels and pictures."""

import tempfile
from pathlib import Path
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.backends.volcengine import Volcengine
from adapters.media import MediaStore, recognise
from bot.job import Request
from bot.message import Media
from bot.ports import Offer, Order
from bot.settings import Volcengine as Settings
from tests.simulators.service import ServiceClock, picture
from tests.simulators.volcengine import VolcengineService


def mine(folder: Path) -> Media:
    path = folder / "mine.png"
    path.write_bytes(picture())
    return recognise(path)


@st.composite
def asked_of(draw: st.DrawFn, offer: Offer, picture: Media) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "ratio": draw(st.sampled_from(("", *offer.ratios))),
        "size": draw(st.sampled_from(("", *offer.sizes))),
        "count": draw(st.integers(0, offer.max_count)),
        "auto_ratio": draw(st.booleans()),
        "watermark": draw(st.sampled_from((None, True, "Inkling"))),
        "inputs": (picture,) * draw(st.integers(min(1, offer.max_inputs), offer.max_inputs)),
    }
    if "strength" in offer.options:
        asked["strength"] = draw(st.none() | st.floats(0, 1))
    if offer.pixels and draw(st.booleans()):
        width = draw(st.integers(300, 14_000))
        low, high = (most // width for most in offer.pixels)
        shapes = range(max(low + 1, -(-width // 15)), min(high, width * 15) + 1)
        if shapes:
            asked["pixels"] = (width, draw(st.sampled_from(shapes)))
    return asked


@settings(max_examples=60)
@given(st.data())
async def test_whatever_is_on_offer_is_taken(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with VolcengineService() as service, httpx.AsyncClient(verify=False) as client:
            media = MediaStore(Path(folder), client)
            keys = Settings(service.access_key, service.secret_key, service.url, 1)
            volcengine = Volcengine(client, media, ServiceClock(service), keys)
            offer = data.draw(st.sampled_from(await volcengine.offers()))
            asked = data.draw(asked_of(offer, mine(Path(folder))))
            await volcengine.submit(Order("ref", offer.model, Request(offer.task, "a fox", **asked)))
            assert len(service.orders) == len(service.book.charges) == 1
            await media.close()
