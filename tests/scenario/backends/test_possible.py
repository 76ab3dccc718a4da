"""Whatever mix of model, ratio, size and number is asked for: an order that the service takes, or ways out.

From live offers through `choose` and the adapter to the strict service. Every way out that is shown must
itself be one that the service takes.
"""

import asyncio
import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.media import MediaStore, recognise
from bot import catalog
from bot.app.parts import _backends
from bot.choose import Cannot, Choice, Way, Wish, choose
from bot.job import Request
from bot.message import Language, Media, Task
from bot.metrics import Metrics
from bot.offers import Offers
from bot.ports import Order, Ticket
from bot.settings import read
from tests.scenario.backends.kinds import KINDS
from tests.scenario.backends.world import TEXTS, Cable, WorldClock, WorldLoop
from tests.simulators.ima import ImaService
from tests.simulators.service import Service, picture

CATALOG = catalog.load()
RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9", "4:5", "1:8")
SIZES = ("512px", "1K", "2K", "4K", "480p", "720p")
#: What nobody offers; `language` hands these on as asked for.
ODD_RATIOS = ("7:3", "5:2", "1:100", "13:7")
ODD_SIZES = ("8K", "16K")


@dataclass(repr=False)
class Market:
    """Services, the adapters before them, and what they offer together."""

    runner: asyncio.Runner
    services: dict[str, Service]
    offers: Offers
    inputs: tuple[Media, ...]
    numbers: Iterator[int]

    def take(self, way: Way) -> None:
        """Order it where the house would; AssertionError if the service does not take it."""
        charged = self.charges()
        order = Order(f"ref-{next(self.numbers)}", way.offer.model, way.request, way.price)
        ticket = self.runner.run(self._take(order, way))
        assert ticket.data
        assert ticket.price is None or way.price is None, "the price that was told is not the price"
        assert self.charges() == charged + 1

    async def _take(self, order: Order, way: Way) -> Ticket:
        return await self.offers.serving(way.offer.model, way.offer.task)[0].backend.submit(order)

    def choose(self, wish: Wish) -> Choice | Cannot:
        async def chosen() -> Choice | Cannot:
            return choose(wish, self.offers.on_offer(), CATALOG)

        return self.runner.run(chosen())

    def charges(self) -> int:
        return sum(len(service.book.charges) for service in self.services.values())


def _open(names: tuple[str, ...], folder: Path) -> Iterator[Market]:
    with asyncio.Runner(loop_factory=WorldLoop) as runner:
        clock = WorldClock()
        services = {name: KINDS[name].make() for name in names}
        environment: dict[str, str] = {"DATA_DIR": str(folder)}
        for name, service in services.items():
            service.wall = clock.now
            runner.run(service.start())
            environment |= KINDS[name].environment(service.url)
            service.seconds = 0.0
        for service in services.values():
            if isinstance(service, ImaService):
                service.points = 1e9
        made = read(environment)

        async def client_of() -> httpx.AsyncClient:
            return httpx.AsyncClient(transport=Cable())

        client = runner.run(client_of())
        media = MediaStore(folder / "media", client, made.own_hosts, clock=clock)
        source = folder / "mine.png"
        source.write_bytes(picture(96, 64, "mine"))
        inputs = []
        for number in range(16):
            path = folder / f"mine-{number}.png"
            shutil.copyfile(source, path)
            inputs.append(recognise(path))
        offers = Offers(tuple(_backends(made, client, media, clock)), (), clock, Metrics())
        runner.run(offers.refresh())
        yield Market(runner, services, offers, tuple(inputs), itertools.count())
        runner.run(client.aclose())
        for service in services.values():
            runner.run(service.close())
        runner.run(media.close())


@pytest.fixture(scope="module", params=[*KINDS, "all"])
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    names = tuple(KINDS) if request.param == "all" else (request.param,)
    yield from _open(names, tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="module")
def ima(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    yield from _open(("ima",), tmp_path_factory.mktemp("ima"))


MODELS = ("", "jimeng", "brushwork-2", *(model.id for model in CATALOG if model.backends))


@st.composite
def wishes(draw: st.DrawFn) -> tuple[Wish, int]:
    """A wish, and how many pictures it comes with."""
    inputs = draw(st.sampled_from((0, 0, 1, 2, 5, 11, 14, 16)))
    task: Task = "image_to_image" if inputs else "text_to_image"
    pixels = draw(st.none() | st.tuples(st.integers(1, 6000), st.integers(1, 6000)))
    request = Request(
        task,
        draw(st.sampled_from(("a fox in the snow", "雪地里的狐狸", "画 4 张，一共 }, ]"))),
        ratio=draw(st.just("") | st.sampled_from(RATIOS)),
        size=draw(st.just("") | st.sampled_from(SIZES)),
        pixels=pixels,
        count=draw(st.sampled_from((0, 0, 1, 2, 4, 6, 9, 99))),
        negative=draw(st.sampled_from(("", "blur"))),
        strength=draw(st.sampled_from((None, 0.0, 0.7, 1.0))),
        watermark=draw(st.sampled_from((None, True, False, "小狐"))),
        auto_ratio=draw(st.booleans()),
    )
    odd_ratio = draw(st.just("") | st.sampled_from(ODD_RATIOS)) if not request.ratio else ""
    odd_size = draw(st.just("") | st.sampled_from(ODD_SIZES)) if not request.size else ""
    model = draw(st.sampled_from(MODELS))
    preferred = draw(st.sampled_from(("", "midjourney", "jimeng-4.0")))
    budget = draw(st.sampled_from(("", "", "cheapest", "best", "artistic")))
    return Wish(request, model, preferred, budget, odd_ratio, odd_size), inputs


@given(wished=wishes())
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_wish_is_an_order_that_is_taken_or_ways_out_that_are(
    market: Market, wished: tuple[Wish, int]
) -> None:
    wish, inputs = wished
    wish = replace(wish, request=replace(wish.request, inputs=market.inputs[:inputs]))
    chosen = market.choose(wish)
    if isinstance(chosen, Choice):
        market.take(chosen.way)
        return
    for language in get_args(Language):
        sentence = TEXTS.say(language, f"cannot.{chosen.key}", model=chosen.model, **chosen.values)
        assert sentence
        assert "{" not in sentence
    for way in chosen.ways:
        market.take(way)


def _cannot(market: Market, wish: Wish) -> Cannot:
    chosen = market.choose(wish)
    assert isinstance(chosen, Cannot)
    for way in chosen.ways:
        market.take(way)
    return chosen


def test_midjourney_in_another_ratio_leads_to_two_that_can_with_their_prices(ima: Market) -> None:
    chosen = _cannot(ima, Wish(Request("text_to_image", "a fox", ratio="16:9"), model="midjourney"))
    assert chosen.key == "ratio"
    assert [way.offer.model for way in chosen.ways] == ["doubao-seedream-4.5", "gemini-3.1-flash-image"]
    assert [way.price.amount for way in chosen.ways if way.price] == [5, 6]
    assert all(way.request.ratio == "16:9" for way in chosen.ways)


def test_8k_is_more_than_any_and_4k_is_offered(ima: Market) -> None:
    chosen = _cannot(ima, Wish(Request("text_to_image", "a fox"), size_asked="8K"))
    assert (chosen.key, chosen.values["best"]) == ("size_max", "4K")
    assert chosen.ways[0].request.size == "4K"


def test_a_ratio_that_nobody_has_becomes_the_nearest(ima: Market) -> None:
    chosen = _cannot(ima, Wish(Request("text_to_image", "a fox"), ratio_asked="7:3"))
    assert (chosen.key, chosen.values["nearest"]) == ("ratio_odd", "21:9")
    assert chosen.ways[0].request.ratio == "21:9"
