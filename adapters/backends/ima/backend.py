"""The IMA Studio backend: live offers, orders, results.

How an order is put together stands in `parameters`, how IMA is spoken to in `wire` and `upload`.
"""

import logging
import re
from collections.abc import Sequence
from typing import Any

import httpx
import orjson

from adapters import http
from adapters.backends.ima.catalogue import Product
from adapters.backends.ima.options import per_task, ratios, sizes
from adapters.backends.ima.parameters import Plan, Wish, completed, larger, plan, smaller, wish
from adapters.backends.ima.products import Products
from adapters.backends.ima.results import links
from adapters.backends.ima.upload import Upload
from adapters.backends.ima.wire import Answer, Wire, asked, refusal
from adapters.media import MediaStore
from adapters.media.results import bring
from bot import catalog
from bot.errors import BackendError, GenerationFailed, MediaError, NotSent, OutcomeUnknown, Reason, Refused
from bot.job import Request
from bot.message import Media, Price, Task
from bot.ports import Check, Clock, Finished, Offer, Order, Pending, Ticket
from bot.settings import Ima as Settings

log = logging.getLogger(__name__)

TASKS: tuple[Task, ...] = ("text_to_image", "image_to_image")
#: Create requests per order, all but the last of them refused without a charge.
ATTEMPTS = 3
LEAST_PIXELS = re.compile(r"at\s+least\s+(\d{3,9})\s+pixels", re.IGNORECASE)
MAX_INPUT_BYTES = 15_000_000


class Ima:
    """Fulfils `bot.ports.Backend` with IMA Studio's open API."""

    name = "ima"
    #: IMA tells of no limit of its own.
    limit = 4
    resumable = True

    def __init__(
        self, client: httpx.AsyncClient, media: MediaStore, clock: Clock, settings: Settings
    ) -> None:
        self._media = media
        self._clock = clock
        self._wire = Wire(client, settings.api_url, settings.api_key)
        self._products = Products(self._wire, clock)
        self._uploads = bool(settings.app_key)
        self._upload = Upload(client, clock, settings.upload_url, (settings.api_key, settings.app_key))

    async def offers(self) -> tuple[Offer, ...]:
        """The models of both lists; without an upload key those alone that need no picture."""
        found: list[Offer] = []
        errors: list[BackendError] = []
        for task in TASKS if self._uploads else TASKS[:1]:
            try:
                products = await self._products.of(task)
            except BackendError as error:
                errors.append(error)
                continue
            found += [offer(product) for product in products.values()]
        if errors and not found:
            raise errors[0]
        return tuple(found)

    async def submit(self, order: Order) -> Ticket:
        """Order it. What certainly was not charged may be followed by a changed order, twice."""
        request = order.request
        product = await self._product(order.model, request.task)
        now = plan(product, wish(product, request))
        _check_price(order, now)
        pictures = await self._uploaded(product, request.inputs)
        sent: list[Plan] = []
        while True:
            answer = await self._create(now, pictures)
            sent.append(now)
            if task := _task_id(answer):
                return _ticket(order, task, sent)
            error = _error(answer)
            again = isinstance(error, Refused) and len(sent) < ATTEMPTS
            changed = await self._changed(answer, sent) if again else None
            if changed is None:
                raise error
            _check_price(order, changed)
            log.info("ima: order refused with code %s, sent again changed", answer.code)
            now = changed

    async def poll(self, ticket: Ticket) -> Pending | Finished:
        """Ask for the task; its pictures are brought to disk when the last of them is there."""
        task, reference = _read(ticket)
        try:
            return await self._asked(task, reference)
        except GenerationFailed as error:
            if error.reason is not Reason.RESULT_GONE:
                raise
            # It is paid for: links are taken from a fresh answer once more before it is given up.
            return await self._asked(task, reference)

    async def _asked(self, task: str, reference: str) -> Pending | Finished:
        try:
            answer = await asked(lambda: self._detail(task), self._clock, tries=2)
        except Refused as error:
            # The asking was refused, the task goes on.
            raise NotSent(error.reason, error.detail, link=error.link) from None
        urls = links(answer.data)
        return Finished(await bring(self._media, urls, reference)) if urls else Pending()

    async def find(self, order: Order) -> Ticket | None:
        """None: IMA does not know our reference."""
        return None

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        """Nothing: IMA tells the balance on its own page alone."""
        return ()

    async def check(self) -> tuple[Check, ...]:
        """Ask for the models with the configured key."""
        try:
            products = await self._products.load("text_to_image")
        except BackendError as error:
            what = f"IMA Studio: {_TROUBLE.get(error.reason, error.reason)} ({error.detail or error.reason})"
            return (Check(False, what, _advice(error.reason)),)
        models = Check(True, f"IMA Studio: {len(products)} models on offer")
        if self._uploads:
            return (models, await self._check_uploads())
        advice = "set IMA_APP_KEY (the public key of IMA's own clients) to let people send pictures"
        return (models, Check(True, "IMA Studio: no pictures from people", advice))

    async def _check_uploads(self) -> Check:
        try:
            await self._upload.place("image/png")
        except BackendError as error:
            advice = (
                "check IMA_APP_KEY and IMA_UPLOAD_URL, and this machine's clock: people cannot send pictures"
            )
            return Check(False, f"IMA Studio: no uploads ({error.detail or error.reason})", advice)
        return Check(True, "IMA Studio: takes pictures from people")

    async def close(self) -> None:
        """Nothing of its own to let go of."""

    # Ordering -----------------------------------------------------------------------------------------

    async def _product(self, model: str, task: Task) -> Product:
        if task not in TASKS:
            raise Refused(Reason.MODEL_MISMATCH, f"{task} is not made here")
        for fresh in (False, True):
            products = await self._products.of(task, fresh=fresh)
            if model in products:
                return products[model]
        raise Refused(Reason.MODEL_MISMATCH, f"{model} is not on offer for {task}")

    async def _uploaded(self, product: Product, pictures: Sequence[Media]) -> tuple[str, ...]:
        if product.task == "text_to_image":
            return ()
        if not 0 < len(pictures) <= product.max_inputs:
            reason = Reason.MODEL_MISMATCH if pictures else Reason.BAD_INPUT
            raise Refused(reason, f"{len(pictures)} pictures, {product.max_inputs} are taken")
        try:
            fitted = [
                await self._media.fit(picture, max_bytes=MAX_INPUT_BYTES, types=product.accepts)
                for picture in pictures
            ]
        except MediaError as error:
            raise Refused(error.reason, error.detail) from error
        return await self._upload.all(fitted)

    async def _create(self, order: Plan, pictures: tuple[str, ...]) -> Answer:
        product = order.product
        parameters = {
            "attribute_id": order.rule.attribute_id,
            "model_id": product.model,
            "model_name": product.name,
            "model_version": product.version,
            "app": "ima",
            "platform": "web",
            "category": product.task,
            "credit": order.rule.points,
            "parameters": order.inner(pictures),
        }
        body = {
            "task_type": product.task,
            "enable_multi_model": False,
            "src_img_url": list(pictures),
            "parameters": [parameters],
        }
        try:
            return await self._wire.post("/open/v1/tasks/create", body, order.wish.prompt)
        except http.UNSENT as error:
            raise NotSent(Reason.NETWORK, type(error).__name__) from None
        except httpx.RequestError as error:
            raise OutcomeUnknown(Reason.UNKNOWN_OUTCOME, type(error).__name__) from None

    async def _changed(self, answer: Answer, sent: Sequence[Plan]) -> Plan | None:
        """The order to send after a refusal, or None where no other would be taken."""
        old = sent[-1]
        if answer.code == 500:
            return smaller(old)
        if answer.code == 400 and (least := LEAST_PIXELS.search(answer.message)):
            return larger(old, int(least[1]))
        stale = "invalid product attribute" in answer.message.lower()
        if answer.code not in (6006, 6009, 6010) and not stale:
            return None
        products = await self._products.of(old.product.task, fresh=True)
        product = products.get(old.product.model)
        if product is None:
            return None
        fresh = _try_plan(product, old.wish)
        if fresh and all((fresh.rule, fresh.params) != (one.rule, one.params) for one in sent):
            return fresh
        if answer.code == 6009:
            whole = completed(old)
            return whole if whole.params != old.params else None
        tried = (one.rule.attribute_id for one in sent)
        return None if answer.code == 6006 else _try_plan(product, old.wish, *tried)

    # Results ------------------------------------------------------------------------------------------

    async def _detail(self, task: str) -> Answer:
        answer = await self._wire.post("/open/v1/tasks/detail", {"task_id": task})
        words = answer.message.lower()
        if not answer.ok and (answer.code == 404 or "not found" in words or "not exist" in words):
            raise GenerationFailed(Reason.RESULT_GONE, answer.detail)
        return answer


def offer(product: Product) -> Offer:
    """A product as the conversation sees it; sizes without a price cannot be ordered and are left out."""
    prices = {size: price for size in ("", *sizes(product)) if (price := _price(product, size)) is not None}
    known = catalog.load().get(product.model)
    fixed = known.ratios if known and len(known.ratios) == 1 else ()
    return Offer(
        model=product.model,
        task=product.task,
        name=product.name,
        prices=tuple(prices.items()),
        seconds=product.seconds,
        ratios=ratios(product) or fixed,
        sizes=tuple(size for size in prices if size),
        max_inputs=product.max_inputs,
        max_count=per_task(product),
        per_order=per_task(product),
        options=frozenset({"negative"} if product.field("negative_prompt") else ()),
    )


def _price(product: Product, size: str) -> Price | None:
    try:
        wanted = wish(product, Request(product.task, "", size=size))
        return Price(plan(product, wanted).rule.points, "points")
    except Refused:
        return None


def _try_plan(product: Product, wanted: Wish, *tried: int) -> Plan | None:
    try:
        return plan(product, wanted, frozenset(tried))
    except Refused:
        return None


def _check_price(order: Order, now: Plan) -> None:
    told = order.price
    if told is not None and told.unit == "points" and now.rule.points > told.amount:
        raise NotSent(Reason.PRICE_ROSE, f"{now.rule.points} points instead of {told.amount:g}")


def _task_id(answer: Answer) -> str:
    """The task's id, whatever the code beside it says: with one, it can be asked for."""
    found = answer.data.get("id") if isinstance(answer.data, dict) else None
    return str(found) if found and isinstance(found, str | int) and not isinstance(found, bool) else ""


def _error(answer: Answer) -> BackendError:
    """What an answer without a task means."""
    if answer.code == 500:
        return Refused(Reason.UNAVAILABLE, answer.detail)
    return refusal(answer) or OutcomeUnknown(Reason.UNKNOWN_OUTCOME, answer.detail)


def _ticket(order: Order, task: str, sent: Sequence[Plan]) -> Ticket:
    """What is needed to ask for the result after a restart, and what the order has become on the way."""
    first, made = sent[0], sent[-1]
    data: dict[str, Any] = {
        "task": task,
        "reference": order.reference,
        "points": made.rule.points,
        "size": made.size,
    }
    price = Price(made.rule.points, "points")
    return Ticket(
        orjson.dumps(data).decode(),
        price=None if price == order.price else price,
        size="" if made.size == first.size else made.size,
    )


def _read(ticket: Ticket) -> tuple[str, str]:
    try:
        data = orjson.loads(ticket.data)
        return str(data["task"]), str(data["reference"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise GenerationFailed(
            Reason.RESULT_GONE, f"the ticket is unreadable: {type(error).__name__}"
        ) from None


_TROUBLE = {
    Reason.NETWORK: "no answer",
    Reason.UNAVAILABLE: "out of order",
    Reason.KEY_INVALID: "the key is refused",
    Reason.CONFIGURATION: "not IMA's API",
}


def _advice(reason: Reason) -> str:
    if reason is Reason.KEY_INVALID:
        return "check IMA_API_KEY; new keys are made at https://www.imaclaw.ai/imaclaw/apikey"
    if reason is Reason.CONFIGURATION:
        return "check IMA_API_URL: what answers there is not IMA's API"
    return "check the network, a proxy (HTTPS_PROXY) and IMA_API_URL"
