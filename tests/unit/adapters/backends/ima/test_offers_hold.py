"""What is offered can be ordered: any mix of model, ratio and size, and anything else that is on offer."""

import tempfile
from pathlib import Path
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.backends.ima import Ima
from adapters.media import MediaStore, recognise
from bot.job import Request
from bot.message import Media, Price
from bot.ports import Offer, Order
from bot.settings import Ima as Settings
from tests.simulators.ima import ImaService
from tests.simulators.service import ServiceClock, picture


async def offers_of(
    service: ImaService, client: httpx.AsyncClient, folder: Path
) -> tuple[Ima, tuple[Offer, ...]]:
    keys = Settings(service.api_key, service.url, service.url, service.app_key)
    ima = Ima(client, MediaStore(folder, client), ServiceClock(service), keys)
    return ima, await ima.offers()


def mine(folder: Path) -> Media:
    path = folder / "mine.png"
    path.write_bytes(picture())
    return recognise(path)


def asked_of(draw: st.DrawFn, offer: Offer) -> dict[str, Any]:
    ratio = draw(st.sampled_from(("", *offer.ratios)))
    size = draw(st.sampled_from(("", *offer.sizes)))
    count = draw(st.integers(0, offer.max_count))
    negative = draw(st.sampled_from(("", "text"))) if "negative" in offer.options else ""
    return {"ratio": ratio, "size": size, "count": count, "negative": negative}


@settings(max_examples=30)
@given(st.data())
async def test_whatever_is_on_offer_is_taken_at_the_price_on_offer(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with ImaService() as service, httpx.AsyncClient(verify=False) as client:
            ima, offers = await offers_of(service, client, Path(folder))
            offer = data.draw(st.sampled_from(offers))
            asked = data.draw(st.composite(asked_of)(offer))
            inputs = (mine(Path(folder)),) * data.draw(
                st.integers(min(1, offer.max_inputs), min(3, offer.max_inputs))
            )
            request = Request(offer.task, "a fox", inputs=inputs, **asked)
            price = offer.price(request.size)
            assert isinstance(price, Price)
            await ima.submit(Order("ref", offer.model, request, price))
            assert [charge.amount for charge in service.book.charges] == [price.amount]
            assert len(service.orders) == 1
