"""What is the demo backend's own: its words, its times, its book, its pictures."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from adapters.backends import demo as package
from adapters.backends.demo import Demo, faults
from adapters.backends.demo.drawing import Sketch, draw, pixel_size
from adapters.backends.demo.drawing.words import LANDS, MOODS, STYLES, SUBJECTS, motifs
from adapters.media import MediaStore
from bot import catalog
from bot.errors import BackendError, Busy, GenerationFailed, NotSent, OutcomeUnknown, Reason
from bot.job import Request
from bot.message import Media, Price
from bot.ports import Finished, Order, Pending, Ticket
from tests.fakes.time import SteppedClock

MODEL = "doubao-seedream-4.5"


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def media(tmp_path: Path) -> AsyncIterator[MediaStore]:
    store = MediaStore(tmp_path / "media")
    yield store
    await store.close()


@pytest.fixture
async def demo(tmp_path: Path, media: MediaStore, clock: SteppedClock) -> AsyncIterator[Demo]:
    made = Demo(tmp_path / "demo", media, clock)
    yield made
    await made.close()


def order(
    prompt: str = "a fox in the snow", reference: str = "ref-1", model: str = MODEL, **wanted: object
) -> Order:
    request = replace(Request("text_to_image", prompt, pixels=(256, 256)), **wanted)  # type: ignore[arg-type]  # by name
    return Order(reference, model, request)


async def finished(demo: Demo, clock: SteppedClock, what: Order) -> Finished:
    ticket = await demo.submit(what)
    clock.time += 2000
    answer = await demo.poll(ticket)
    assert isinstance(answer, Finished)
    return answer


async def seconds_of(demo: Demo, clock: SteppedClock, ticket: Ticket) -> float:
    """How long it is pending, to half a second."""
    began = clock.time
    while isinstance(await demo.poll(ticket), Pending):
        clock.time += 0.5
    return clock.time - began


# Words that make it fail


@pytest.mark.parametrize("reason", list(Reason))
async def test_every_reason_can_be_asked_for(demo: Demo, clock: SteppedClock, reason: Reason) -> None:
    with pytest.raises(BackendError) as caught:
        await finished(demo, clock, order(f"画一只猫 demo:{reason.value}"))
    assert caught.value.reason is reason


@pytest.mark.parametrize(("word", "reason"), list(faults.ALIASES.items()))
def test_short_names_mean_their_reasons(word: str, reason: Reason) -> None:
    assert faults.asked_for(f"x demo:{word}").reason is reason
    assert f"`demo:{word}`" in (package.__doc__ or "")


@pytest.mark.parametrize(
    "text", ["DEMO:Points", "猫demo：points，好", "demo: points", "a demo:points-short b"]
)
def test_the_word_may_be_written_as_people_write(text: str) -> None:
    assert faults.asked_for(text).reason is Reason.POINTS_SHORT


@pytest.mark.parametrize("text", ["a demo of points", "demo:", "demo:banana", "democracy: points"])
def test_other_words_are_only_words(text: str) -> None:
    assert faults.asked_for(text) == faults.Faults()


def test_the_words_are_not_drawn() -> None:
    assert faults.without("a fox demo:slow in the snow demo：busy") == "a fox in the snow"


async def test_busy_passes_after_two_refusals(demo: Demo, clock: SteppedClock) -> None:
    for _ in range(faults.BUSY_TIMES):
        with pytest.raises(Busy):
            await demo.submit(order("a fox demo:busy"))
    assert (await finished(demo, clock, order("a fox demo:busy"))).media


async def test_an_unknown_order_stays_unknown_and_a_lost_one_is_found(demo: Demo) -> None:
    for word, found in (("unknown", False), ("lost", True)):
        asked = order(f"a fox demo:{word}", word)
        with pytest.raises(OutcomeUnknown):
            await demo.submit(asked)
        assert (await demo.find(asked) is not None) == found


# Times


@pytest.mark.parametrize("speed", [1.0, 20.0])
async def test_times_lie_in_the_range_of_the_model(
    tmp_path: Path, media: MediaStore, clock: SteppedClock, speed: float
) -> None:
    demo = Demo(tmp_path / "demo", media, clock, speed, draw=False)
    taken = set()
    for number in range(12):
        ticket = await demo.submit(order(reference=f"ref-{number}", model="midjourney"))
        taken.add(await seconds_of(demo, clock, ticket) * speed)
    assert 40 <= min(taken) <= max(taken) <= 90 + 0.5 * speed
    assert len(taken) > 3
    await demo.close()


async def test_the_same_order_takes_the_same_time(
    tmp_path: Path, media: MediaStore, clock: SteppedClock
) -> None:
    times = []
    for folder in ("a", "b"):
        demo = Demo(tmp_path / folder, media, clock, draw=False)
        times.append(await seconds_of(demo, clock, await demo.submit(order())))
        await demo.close()
    assert times[0] == times[1]


async def test_slow_takes_three_times_the_longest(demo: Demo, clock: SteppedClock) -> None:
    assert await seconds_of(demo, clock, await demo.submit(order("x demo:slow"))) == 180


async def test_a_timeout_comes_after_the_longest_time(demo: Demo, clock: SteppedClock) -> None:
    ticket = await demo.submit(order("x demo:timeout"))
    clock.time += 59
    assert await demo.poll(ticket) == Pending()
    clock.time += 1
    with pytest.raises(GenerationFailed) as caught:
        await demo.poll(ticket)
    assert caught.value.reason is Reason.TIMEOUT


async def test_offers_tell_the_times_at_this_speed(
    tmp_path: Path, media: MediaStore, clock: SteppedClock
) -> None:
    demo = Demo(tmp_path / "demo", media, clock, 10.0)
    offers = {offer.model: offer for offer in await demo.offers()}
    assert offers[MODEL].seconds == (3, 6)
    await demo.close()


async def test_every_model_for_pictures_that_is_not_retired_is_on_offer(demo: Demo) -> None:
    offers = {(offer.model, offer.task) for offer in await demo.offers()}
    for model in catalog.load():
        for task in ("text_to_image", "image_to_image"):
            assert ((model.id, task) in offers) == (model.can(task) and bool(model.backends))
    assert len({model for model, _ in offers}) > 8


# The book


def lines(tmp_path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (tmp_path / "demo" / "book.jsonl").read_text().splitlines()]


async def test_the_book_shows_a_double_charge(demo: Demo, tmp_path: Path) -> None:
    await demo.submit(order())
    await demo.submit(order())
    assert [(line["reference"], line["charge"], line["unit"]) for line in lines(tmp_path)] == [
        ("ref-1", 5.0, "points")
    ] * 2
    assert await demo.credits() == (("demo", Price(9_990.0, "points")),)


async def test_the_book_holds_no_prompt(demo: Demo, tmp_path: Path) -> None:
    await demo.submit(order("我的秘密愿望"))
    assert "愿望" not in json.dumps(lines(tmp_path), ensure_ascii=False)


async def test_many_orders_at_once_are_all_in_the_book(demo: Demo, tmp_path: Path) -> None:
    await asyncio.gather(*(demo.submit(order(reference=f"ref-{n}")) for n in range(50)))
    assert {line["reference"] for line in lines(tmp_path)} == {f"ref-{n}" for n in range(50)}


async def test_a_line_cut_off_by_a_kill_is_passed_over(
    tmp_path: Path, media: MediaStore, clock: SteppedClock
) -> None:
    first = Demo(tmp_path / "demo", media, clock)
    await first.submit(order())
    await first.close()
    with (tmp_path / "demo" / "book.jsonl").open("a") as file:
        file.write('{"reference": "ref-2", "mod')
    again = Demo(tmp_path / "demo", media, clock)
    assert await again.find(order())
    with pytest.raises(NotSent):
        await again.find(order(reference="ref-2"))
    await again.submit(order(reference="ref-3"))
    await again.close()
    third = Demo(tmp_path / "demo", media, clock)
    assert await third.find(order(reference="ref-3"))
    await third.close()


async def test_what_cannot_be_written_down_is_not_taken_on(
    tmp_path: Path, media: MediaStore, clock: SteppedClock
) -> None:
    (tmp_path / "demo").write_text("a file where the folder should be")
    demo = Demo(tmp_path / "demo", media, clock)
    with pytest.raises(NotSent):
        await demo.submit(order())
    assert not (await demo.check())[0].ok
    await demo.close()


KILLED = """
import asyncio, os, signal, sys, time
from pathlib import Path
from adapters.backends.demo import Demo
from adapters.backends.demo.book import Book, Entry
from adapters.media import MediaStore
from bot.job import Request
from bot.ports import Order

class Clock:
    def now(self): return 1_700_000_000.0
    def monotonic(self): return 0.0
    async def sleep(self, seconds): pass

class DeadlyBook(Book):
    async def add(self, entry):
        await super().add(entry)
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    folder = Path(sys.argv[1])
    demo = Demo(folder / "demo", MediaStore(folder / "media"), Clock())
    demo._book = DeadlyBook(folder / "demo" / "book.jsonl")
    await demo.submit(Order("ref-1", "doubao-seedream-4.5", Request("text_to_image", "a fox in the snow")))
    print("answered", flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("can_find", [True, False])
async def test_an_order_killed_between_book_and_answer_is_found_again(
    tmp_path: Path, media: MediaStore, clock: SteppedClock, can_find: bool
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path], capture_output=True, timeout=30, check=False
    )
    assert (run.returncode, run.stdout) == (-signal.SIGKILL, b"")
    assert [line["reference"] for line in lines(tmp_path)] == ["ref-1"]
    demo = Demo(tmp_path / "demo", media, clock, can_find=can_find)
    ticket = await demo.find(order())
    if can_find:
        assert ticket
        clock.time += 100
        assert isinstance(await demo.poll(ticket), Finished)
    else:
        assert ticket is None
    assert len(lines(tmp_path)) == 1
    await demo.close()


# Pictures


async def test_a_model_that_makes_four_gives_four_different_ones(demo: Demo, clock: SteppedClock) -> None:
    result = await finished(demo, clock, order(model="midjourney", size="480p", pixels=None))
    assert len({media.path.read_bytes() for media in result.media}) == 4
    assert {(media.width, media.height) for media in result.media} == {(480, 480)}


async def test_as_many_come_as_were_asked_for(demo: Demo, clock: SteppedClock) -> None:
    assert len((await finished(demo, clock, order(count=2, pixels=(256, 256)))).media) == 2


async def test_drawing_again_gives_the_very_same_picture(
    tmp_path: Path, media: MediaStore, demo: Demo, clock: SteppedClock
) -> None:
    wanted = order("一只可爱的猫咪", pixels=(320, 256))
    first = (await finished(demo, clock, wanted)).media[0]
    before = first.path.read_bytes()
    first.path.unlink()
    ticket = await demo.find(wanted)
    assert ticket
    again = await demo.poll(ticket)
    assert isinstance(again, Finished)
    assert again.media[0].path.read_bytes() == before
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["book.jsonl"]


async def test_half_a_picture_to_work_on_is_not_blamed_on_the_disk(
    demo: Demo, tmp_path: Path, clock: SteppedClock
) -> None:
    whole = tmp_path / "whole.png"
    Image.effect_noise((64, 48), 90).save(whole)
    half = tmp_path / "half.png"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    mine = Media(half, "image/png", half.stat().st_size, 64, 48)
    with pytest.raises(GenerationFailed) as caught:
        await finished(demo, clock, order("油画", inputs=(mine,), task="image_to_image", pixels=(256, 256)))
    assert caught.value.reason is Reason.BAD_INPUT


async def test_another_order_of_the_same_words_gives_another_picture(demo: Demo, clock: SteppedClock) -> None:
    one = await finished(demo, clock, order(reference="a", pixels=(256, 256)))
    two = await finished(demo, clock, order(reference="b", pixels=(256, 256)))
    assert one.media[0].path.read_bytes() != two.media[0].path.read_bytes()


async def test_two_who_ask_at_once_get_the_same_whole_picture(demo: Demo, clock: SteppedClock) -> None:
    ticket = await demo.submit(order(pixels=(256, 256)))
    clock.time += 100
    one, two = await asyncio.gather(demo.poll(ticket), demo.poll(ticket))
    assert one == two
    assert isinstance(one, Finished)
    with Image.open(one.media[0].path) as image:
        image.load()


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        ({}, (1024, 1024)),
        ({"ratio": "16:9"}, (1368, 768)),
        ({"ratio": "9:16", "size": "2K"}, (1536, 2728)),
        ({"size": "4K"}, (4096, 4096)),
        ({"size": "512px", "ratio": "4:3"}, (592, 440)),
        ({"size": "720p"}, (720, 720)),
        ({"size": "720p", "ratio": "16:9"}, (1280, 720)),
        ({"pixels": (2560, 1440), "size": "1K", "ratio": "1:1"}, (2560, 1440)),
        ({"auto_ratio": True, "prompt": "the sea"}, (1368, 768)),
        ({"auto_ratio": True, "prompt": "a cat"}, (888, 1184)),
        ({"inputs": (Media(Path("x"), "image/png", 1, 300, 200),)}, (1256, 840)),
        ({"inputs": (Media(Path("x"), "image/png", 1, 300, 200),), "ratio": "1:1"}, (1024, 1024)),
        ({"inputs": (Media(Path("x"), "image/png", 1, 9000, 20),)}, (1776, 592)),
    ],
)
def test_ratio_and_size_become_pixels(wanted: dict[str, object], size: tuple[int, int]) -> None:
    base = Request("text_to_image", "x")
    assert pixel_size(replace(base, **wanted)) == size  # type: ignore[arg-type]  # by name


async def test_a_blank_pixel_stands_in_where_nothing_is_drawn(
    tmp_path: Path, media: MediaStore, clock: SteppedClock
) -> None:
    demo = Demo(tmp_path / "demo", media, clock, draw=False)
    result = await finished(demo, clock, order(model="midjourney"))
    assert [(media.width, media.height) for media in result.media] == [(1, 1)] * 4
    await demo.close()


def difference(one: Path, other: Path) -> float:
    """How far two pictures are apart, 0 to 255."""
    with Image.open(one) as a, Image.open(other) as b:
        both = ImageChops.difference(a.convert("RGB").resize((64, 64)), b.convert("RGB").resize((64, 64)))
    return sum(ImageStat.Stat(both).mean) / 3


async def test_a_picture_that_was_sent_is_visibly_worked_on(
    demo: Demo, media: MediaStore, clock: SteppedClock
) -> None:
    mine = (await finished(demo, clock, order(pixels=(400, 300)))).media[0]
    results = {}
    for style in ("黑白", "赛博朋克", "水墨风格"):
        asked = order(style, reference=style, inputs=(mine,), task="image_to_image", pixels=(400, 300))
        results[style] = (await finished(demo, clock, asked)).media[0]
        assert 8 < difference(mine.path, results[style].path) < 140
    assert difference(results["黑白"].path, results["赛博朋克"].path) > 8


async def test_strength_binds_a_picture_to_the_one_that_was_sent(tmp_path: Path) -> None:
    draw(Sketch("花", "s", (200, 200)), tmp_path / "mine.png")
    base = Sketch("赛博", "s", (200, 200), inputs=(tmp_path / "mine.png",))
    for name, strength in (("free", 0.0), ("bound", 1.0)):
        draw(replace(base, strength=strength), tmp_path / f"{name}.png")
    free = difference(tmp_path / "mine.png", tmp_path / "free.png")
    assert difference(tmp_path / "mine.png", tmp_path / "bound.png") < free * 0.6


async def test_several_pictures_are_put_together(tmp_path: Path) -> None:
    for name, colour in (("red", "red"), ("blue", "blue")):
        Image.new("RGB", (90, 60), colour).save(tmp_path / f"{name}.png")
    both = (tmp_path / "red.png", tmp_path / "blue.png")
    draw(Sketch("warm", "s", (300, 200), strength=1.0, inputs=both), tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as image:
        left, right = image.getpixel((20, 100)), image.getpixel((280, 100))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] > left[2] + 40
    assert right[2] > right[0]


async def test_a_picture_that_was_swept_is_said(demo: Demo, media: MediaStore, clock: SteppedClock) -> None:
    mine = (await finished(demo, clock, order(pixels=(256, 256)))).media[0]
    ticket = await demo.submit(order("油画", reference="ref-2", inputs=(mine,), task="image_to_image"))
    mine.path.unlink()
    clock.time += 100
    with pytest.raises(GenerationFailed) as caught:
        await demo.poll(ticket)
    assert caught.value.reason is Reason.INPUT_GONE


@pytest.mark.parametrize("size", [(96, 96), (240, 64)])
def test_everything_that_it_knows_can_be_drawn(tmp_path: Path, size: tuple[int, int]) -> None:
    for table in (SUBJECTS, LANDS, MOODS):
        for words in table.values():
            draw(Sketch(words.split()[0], "s", size, watermark="标记"), tmp_path / "x.png")
    for words in STYLES.values():
        draw(Sketch(f"加猫 {words.split()[0]}", "s", size, inputs=(tmp_path / "x.png",)), tmp_path / "y.png")
    with Image.open(tmp_path / "y.png") as image:
        assert image.size == size


@pytest.mark.parametrize(
    ("prompt", "subjects", "lands", "moods"),
    [
        ("画一只可爱的猫咪", ("cat",), (), ()),
        ("a fox in the snow", ("fox",), (), ("snow",)),
        ("一只熊猫在竹林里", ("panda",), ("bamboo", "forest"), ()),
        ("夜晚的海边灯塔", ("lighthouse",), ("sea",), ("night",)),
        ("two cats and a house", ("cat", "house"), (), ()),
        ("a concatenation of category theory", (), (), ()),
        ("机器人", ("robot",), (), ()),
        ("一只蜷在茶杯里的小猫", ("cup", "cat"), (), ()),
        ("a dragon over the mountains", ("dragon",), ("mountain",), ()),
        ("a logo for a coffee shop", ("cup",), ("logo",), ()),
        ("", (), (), ()),
    ],
)
def test_words_are_found_in_the_order_in_which_they_stand(
    prompt: str, subjects: tuple[str, ...], lands: tuple[str, ...], moods: tuple[str, ...]
) -> None:
    found = motifs(prompt)
    assert (found.subjects, found.lands, found.moods) == (subjects, lands, moods)


def test_what_is_not_wanted_is_not_drawn() -> None:
    assert motifs("a cat and a dog", "no cat").subjects == ("dog",)


@pytest.mark.parametrize("prompt", ["", "🦊" * 50, "猫" * 500, "\n\t ", "a" * 5000, "\u202eRTL\u202c"])
def test_no_prompt_breaks_the_drawing(tmp_path: Path, prompt: str) -> None:
    draw(Sketch(prompt, "s", (160, 120)), tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 1000
