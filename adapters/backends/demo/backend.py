"""The demo backend itself: offers, orders, tickets, results. How it draws is in `drawing`."""

import asyncio
import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from adapters.backends.demo import faults
from adapters.backends.demo.book import Book, Entry
from adapters.backends.demo.drawing import Sketch, blank_png, draw, pixel_size, writes_chinese
from adapters.media import MediaStore
from bot import catalog
from bot.errors import GenerationFailed, MediaError, NotSent, Reason, Refused
from bot.job import Request
from bot.message import Media, Price, Task
from bot.ports import Check, Clock, Finished, Offer, Order, Pending, Ticket

TASKS: tuple[Task, ...] = ("text_to_image", "image_to_image")
_OPTIONS = frozenset({"negative", "strength", "watermark", "auto_ratio"})
#: Pictures that may be asked for in one order.
_MAX_COUNT = 8
#: Totals of pixels between which an exact size may be asked for.
_PIXELS = (256 * 256, 4096 * 4096)
#: What the pretended account held before the first order.
_POINTS = 10_000.0


@dataclass(frozen=True, slots=True)
class _Work:
    """What a ticket says: all that is needed to go on after a restart."""

    reference: str
    at: float
    seconds: float
    model: str
    prompt: str
    size: tuple[int, int]
    count: int
    negative: str = ""
    strength: float | None = None
    watermark: str = ""
    inputs: tuple[str, ...] = ()

    def ticket(self) -> Ticket:
        return Ticket(json.dumps({name: getattr(self, name) for name in self.__slots__}, ensure_ascii=False))

    @classmethod
    def of(cls, ticket: Ticket) -> "_Work":
        """Raises GenerationFailed for a ticket that is not ours."""
        try:
            data = json.loads(ticket.data)
            width, height = data["size"]
            return cls(**{**data, "size": (int(width), int(height)), "inputs": tuple(data["inputs"])})
        except (ValueError, TypeError, KeyError) as error:
            raise GenerationFailed(Reason.NO_DETAILS, "not a ticket of the demo backend") from error


class Demo:
    """`bot.ports.Backend` without a backend."""

    def __init__(  # noqa: PLR0913  # switches of a simulator, all optional and named
        self,
        folder: Path,
        media: MediaStore,
        clock: Clock,
        speed: float = 1.0,
        *,
        can_find: bool = True,
        draw: bool = True,
        limit: int = 8,
    ) -> None:
        """Keep the book in `folder` and the pictures in `media`.

        `speed` divides all times. `can_find`: whether a lost answer can be found again. `draw`: False gives
        one blank pixel in place of every picture.
        """
        self.name = "demo"
        self.limit = limit
        self.resumable = True
        self._book = Book(folder / "book.jsonl")
        self._folder = folder
        self._media = media
        self._clock = clock
        self._speed = speed
        self._can_find = can_find
        self._draw = draw
        self._offers = {(offer.model, offer.task): offer for offer in _all_offers(speed)}
        self._refusals: dict[str, int] = {}
        # One thread draws, one picture at a time: it costs a core while it does.
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="demo")
        self._drawing = asyncio.Lock()

    async def offers(self) -> tuple[Offer, ...]:
        """Every image model of the catalogue that is not retired."""
        return tuple(self._offers.values())

    async def submit(self, order: Order) -> Ticket:
        """Take it on: in the book before the ticket is given."""
        offer = self._fitting_offer(order)
        asked = faults.asked_for(order.request.prompt)
        if asked.busy and self._refusals.setdefault(order.reference, 0) < faults.BUSY_TIMES:
            self._refusals[order.reference] += 1
            raise faults.overloaded()
        if failure := asked.before():
            raise failure
        entry = self._entry(order, offer)
        try:
            await self._book.add(entry)
        except OSError as error:
            raise NotSent(Reason.DISK_FULL, f"the book: {error.strerror}") from error
        if failure := asked.answer():
            raise failure
        return _work(order, offer, entry).ticket()

    def _fitting_offer(self, order: Order) -> Offer:
        request = order.request
        offer = self._offers.get((order.model, request.task))
        if offer is None:
            raise Refused(Reason.MODEL_MISMATCH, f"{order.model} is not on offer for {request.task}")
        if reason := _misfit(request, offer):
            raise Refused(reason, "does not fit the offer")
        price = offer.price(request.size)
        if order.price and price and price.unit == order.price.unit and price.amount > order.price.amount:
            raise NotSent(Reason.PRICE_ROSE, f"{price.amount} in place of {order.price.amount}")
        return offer

    def _entry(self, order: Order, offer: Offer) -> Entry:
        shortest, longest = catalog.load().get(order.model).expect  # type: ignore[union-attr]  # it is on offer
        asked = faults.asked_for(order.request.prompt)
        seconds = random.Random(order.reference).uniform(shortest, longest)
        if asked.slow:
            seconds = longest * 3.0
        elif asked.reason is Reason.TIMEOUT:
            seconds = float(longest)
        price = offer.price(order.request.size)
        charge = (price.amount, price.unit) if price else (0.0, "")
        return Entry(order.reference, order.model, self._clock.now(), seconds, *charge)

    async def poll(self, ticket: Ticket) -> Pending | Finished:
        """Pending until its time has come, then the pictures, drawn on the first call that finds it so."""
        work = _Work.of(ticket)
        if self._clock.now() < work.at + work.seconds / self._speed:
            return Pending()
        if failure := faults.asked_for(work.prompt).result():
            raise failure
        try:
            return await self._finished(work)
        except MediaError as error:
            raise GenerationFailed(error.reason, error.detail) from error
        except FileNotFoundError as error:
            raise GenerationFailed(Reason.INPUT_GONE, "a picture to work on is not there any more") from error
        except OSError as error:
            # Half a picture is such an error, too, but no fault of the disk.
            reason = Reason.DISK_FULL if error.errno else Reason.BAD_INPUT
            raise GenerationFailed(reason, f"drawing: {error.strerror or error}") from error

    async def _finished(self, work: _Work) -> Finished:
        if not self._draw:
            blank = self._media.find("demo-blank") or await self._media.keep("demo-blank", blank_png())
            return Finished((blank,) * work.count)
        async with self._drawing:
            return Finished(tuple([await self._picture(work, number) for number in range(work.count)]))

    async def _picture(self, work: _Work, number: int) -> Media:
        """One picture; the one that is on disk if an earlier call has drawn it."""
        name = f"{work.reference}-{number}"
        if found := self._media.find(name):
            return found
        sketch = Sketch(
            prompt=faults.without(work.prompt),
            seed=f"{work.reference}-{number}",
            size=work.size,
            negative=work.negative,
            strength=work.strength,
            watermark=work.watermark,
            inputs=tuple(Path(path) for path in work.inputs),
        )
        path = self._folder / f"{name}.png"
        try:
            await asyncio.get_running_loop().run_in_executor(self._hand, draw, sketch, path)
            return await self._media.keep(name, path)
        finally:
            path.unlink(missing_ok=True)

    async def find(self, order: Order) -> Ticket | None:
        """By its reference in the book."""
        if not self._can_find or faults.asked_for(order.request.prompt).unknown:
            return None
        entry = await self._book.find(order.reference)
        if entry is None:
            raise NotSent(Reason.NETWORK, "not in the book")
        offer = self._offers.get((order.model, order.request.task))
        return _work(order, offer, entry).ticket() if offer else None

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        """What is left of the pretended points."""
        spent = sum(entry.charge for entry in await self._book.entries() if entry.unit == "points")
        return (("demo", Price(max(0.0, _POINTS - spent), "points")),)

    async def check(self) -> tuple[Check, ...]:
        """Draw something small, and look whether Chinese captions are possible."""
        try:
            await asyncio.to_thread(self._try_drawing)
        except OSError as error:
            advice = f"Let this user write to {self._folder} ({error.strerror})."
            return (Check(False, "demo backend draws by itself", advice),)
        fonts = await asyncio.to_thread(writes_chinese)
        advice = "" if fonts else "Captions stay without Chinese: install a font such as fonts-noto-cjk."
        return (Check(True, "demo backend draws by itself, without keys", advice),)

    def _try_drawing(self) -> None:
        path = self._folder / "check.png"
        draw(Sketch("demo", "demo", (64, 64)), path)
        path.unlink()

    async def close(self) -> None:
        """Write what waits in the book."""
        await self._book.close()
        self._hand.shutdown(wait=False)


def _all_offers(speed: float) -> tuple[Offer, ...]:
    return tuple(
        _offer(model, task, speed)
        for model in catalog.load()
        if model.backends
        for task in TASKS
        if model.can(task)
    )


def _offer(model: catalog.Model, task: Task, speed: float) -> Offer:
    prices = {"" if size == "default" else size: model.price(size) for size in model.points}
    shortest, longest = (max(1, round(seconds / speed)) for seconds in model.expect)
    return Offer(
        model.id,
        task,
        name=model.name["en"],
        prices=tuple((size, price) for size, price in prices.items() if price is not None),
        seconds=(shortest, max(longest, shortest + 1)),
        ratios=model.ratios,
        sizes=model.sizes,
        pixels=_PIXELS,
        max_inputs=model.inputs if task == "image_to_image" else 0,
        max_count=max(_MAX_COUNT, model.pictures),
        per_order=model.pictures,
        options=_OPTIONS,
    )


def _misfit(request: Request, offer: Offer) -> Reason | None:
    """Why the request is not possible, or None."""
    if request.ratio and request.ratio not in offer.ratios:
        return Reason.RATIO_UNSUPPORTED
    if request.size and request.size not in offer.sizes:
        return Reason.BAD_SIZE
    if request.pixels and not _PIXELS[0] <= request.pixels[0] * request.pixels[1] <= _PIXELS[1]:
        return Reason.BAD_SIZE
    if request.task == "image_to_image" and not 1 <= len(request.inputs) <= offer.max_inputs:
        return Reason.BAD_INPUT
    if request.count > offer.max_count:
        return Reason.CONFIGURATION
    return None


def _work(order: Order, offer: Offer, entry: Entry) -> _Work:
    request = order.request
    watermark = request.watermark if isinstance(request.watermark, str) else "AI" if request.watermark else ""
    return _Work(
        reference=order.reference,
        at=entry.at,
        seconds=entry.seconds,
        model=order.model,
        prompt=request.prompt,
        size=pixel_size(request),
        count=request.count or offer.per_order,
        negative=request.negative,
        strength=request.strength,
        watermark=watermark,
        inputs=tuple(str(media.path) for media in request.inputs),
    )
