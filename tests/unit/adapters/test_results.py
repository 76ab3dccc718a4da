"""Results to disk: what is lost, what is there already, what comes next time."""

import base64
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from adapters.media import MediaStore
from adapters.media.results import bring, expires_at, unpack
from bot.errors import GenerationFailed, NotSent, Reason
from tests.simulators.service import FOREVER, Service, picture

FILE = "/files/{name}"


class Pictures(Service):
    """Hands out files, and nothing else."""

    def routes(self) -> Sequence[web.RouteDef]:
        return []


@pytest.fixture
async def service() -> AsyncIterator[Pictures]:
    async with Pictures() as service:
        yield service


@pytest.fixture
async def store(tmp_path: Path, service: Pictures) -> AsyncIterator[MediaStore]:
    async with httpx.AsyncClient(verify=False) as client:
        store = MediaStore(tmp_path / "media", client, frozenset({service.url.removeprefix("http://")}))
        yield store
        await store.close()


async def test_pictures_are_named_by_the_order_and_fetched_once(store: MediaStore, service: Pictures) -> None:
    links = [service.publish(picture(seed=str(n))) for n in range(3)]
    first = await bring(store, links, "ref", 99.0)
    assert [media.path.name for media in first] == ["ref-1.png", "ref-2.png", "ref-3.png"]
    assert [(media.link, media.link_expires) for media in first] == [(link, 99.0) for link in links]
    asked = len(service.requests)
    assert await bring(store, links, "ref", 99.0) == first
    assert len(service.requests) == asked


async def test_what_lies_there_and_is_no_picture_is_fetched_again(
    store: MediaStore, service: Pictures
) -> None:
    store.folder.mkdir()
    (store.folder / "ref-1.png").write_bytes(b"no picture")
    (media,) = await bring(store, [service.publish(picture())], "ref")
    assert (media.width, media.path.name) == (64, "ref-1.png")


async def test_one_that_is_lost_for_good_is_left_out(store: MediaStore, service: Pictures) -> None:
    links = [f"{service.url}/files/none", service.publish(picture()), "https://[", "http://169.254.169.254/x"]
    (media,) = await bring(store, links, "ref")
    assert media.path.name == "ref-2.png"


async def test_where_all_are_lost_that_is_what_is_said(store: MediaStore, service: Pictures) -> None:
    with pytest.raises(GenerationFailed) as failed:
        await bring(store, [f"{service.url}/files/none"], "ref")
    assert failed.value.reason is Reason.RESULT_GONE
    with pytest.raises(GenerationFailed) as nothing:
        await bring(store, [], "ref")
    assert nothing.value.reason is Reason.NO_DETAILS


async def test_one_that_does_not_come_now_comes_with_the_next_try(
    store: MediaStore, service: Pictures
) -> None:
    links = [service.publish(picture(seed=str(n))) for n in range(2)]
    await bring(store, links[:1], "ref")
    service.fail(FILE, "drop_before", FOREVER)
    with pytest.raises(NotSent):
        await bring(store, links, "ref")
    service.heal()
    assert len(await bring(store, links, "ref")) == 2
    assert [seen.path for seen in service.requests].count("/files/0000.png") == 1


async def test_pictures_as_texts_are_kept_and_what_is_none_is_left_out(store: MediaStore) -> None:
    text = base64.b64encode(picture()).decode()
    first, second = await unpack(store, [text, "no base64!", f"data:image/png;base64,{text}"], "ref")
    assert (first.path.name, second.path.name) == ("ref-1.png", "ref-3.png")
    for broken in ("no base64!", base64.b64encode(b"no picture").decode()):
        with pytest.raises(GenerationFailed):
            await unpack(store, [broken], "other")


@pytest.mark.parametrize(
    ("link", "moment"),
    [
        ("https://x/a.png?x-expires=1795000000&x-signature=s", 1_795_000_000.0),
        ("https://x/a.png", 0.0),
        ("https://x/a.png?x-expires=soon", 0.0),
        ("https://x/a.png?x-expires=", 0.0),
        ("https://x/a.png?x-expires=-1", 0.0),
        ("https://x/a.png?x-expires=" + "9" * 400, 0.0),
        ("https://[x/a.png?x-expires=1795000000", 0.0),
    ],
)
def test_a_signed_link_tells_until_when_it_is_good(link: str, moment: float) -> None:
    assert expires_at(link) == moment
