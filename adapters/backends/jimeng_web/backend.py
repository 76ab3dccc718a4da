"""Jimeng's web site as a backend: ordered under our own name, so that nothing is ever lost.

The order carries the job's reference as its `submit_id`, and the site can be asked for it: an order whose
answer was lost is looked up, and is sent again only when the site has been asked several times and does
not know it.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from adapters import http
from adapters.backends.jimeng_web.answers import links_of, record_of, refusal, ret_of
from adapters.backends.jimeng_web.drafts import Upload, Wish, body, feature, wish
from adapters.backends.jimeng_web.intranet import Intranet
from adapters.backends.jimeng_web.models import ASSUMED, Model, read
from adapters.backends.jimeng_web.site import Site
from adapters.backends.jimeng_web.upload import Uploader
from adapters.media import MediaStore
from adapters.media.results import bring
from bot.errors import (
    BackendError,
    Busy,
    GenerationFailed,
    MediaError,
    NotSent,
    OutcomeUnknown,
    Reason,
    Refused,
)
from bot.message import Price
from bot.ports import Check, Clock, Finished, Offer, Order, Pending, Ticket

log = logging.getLogger(__name__)

GENERATE = "/mweb/v1/aigc_draft/generate"
HISTORY = "/mweb/v1/get_history_by_ids"
TABLE = "/mweb/v1/get_common_config"
CREDIT = "/commerce/v1/benefits/user_credit"
IMAGEX_URL = "https://imagex.bytedanceapi.com"
#: Seconds for which the site's table of models is kept.
_TABLE_KEPT = 3600.0
#: Seconds after which a record that was there once, and is not any more, will not come back.
_FORGOTTEN = 900.0
_INPUT_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class JimengWebSettings:
    """Whose login is used, and where."""

    session_id: str = field(repr=False)
    url: str = "https://jimeng.jianying.com"
    #: The vendor's intranet, with a cookie of its own; both or none.
    mcp_url: str = ""
    mcp_cookie: str = field(default="", repr=False)
    #: The picture store; empty: the real one, or `url` itself where that is plain http.
    imagex_url: str = ""
    #: Jobs at once: the site was seen to take four.
    limit: int = 4
    #: How often, and every how many seconds, an order is looked for before it counts as never arrived.
    looks: int = 7
    look_every: float = 5.0


class JimengWeb:
    """Jimeng with the login of its web site."""

    name = "jimeng_web"
    resumable = True

    def __init__(
        self, client: httpx.AsyncClient, media: MediaStore, clock: Clock, settings: JimengWebSettings
    ) -> None:
        """Use a shared client, which is not closed here."""
        self._media = media
        self._clock = clock
        self._settings = settings
        login = f"sessionid={settings.session_id}"
        cookie = http.for_header((settings.mcp_cookie or login) if settings.mcp_url else login)
        self._site = Site(client, clock, settings.url, cookie)
        own = settings.url if settings.url.startswith("http://") else IMAGEX_URL
        self._uploader = Uploader(client, clock, self._site, settings.imagex_url or own)
        self._intranet = Intranet(client, settings.mcp_url, cookie) if settings.mcp_url else None
        self._models: dict[str, Model] = {}
        self._read_at = 0.0
        self.limit = settings.limit

    async def offers(self) -> tuple[Offer, ...]:
        """What the site's table has; what was last known, or is assumed, while it cannot be had."""
        models = await self._table()
        offers = [offer for model in models.values() for offer in model.offers()]
        return tuple(self._without_sizes(offer) for offer in offers) if self._intranet else tuple(offers)

    async def submit(self, order: Order) -> Ticket:
        """Order it. An answer that is lost is looked for at once."""
        wanted = wish(order, (await self._table()).get(order.model))
        uploads = await self._uploads(order)
        try:
            response = await self._order(wanted, uploads)
        except http.UNSENT as error:
            raise NotSent(Reason.NETWORK, type(error).__name__) from None
        except httpx.RequestError as error:
            return await self._look(order, NotSent(Reason.NETWORK, type(error).__name__))
        if response.status == 429:
            raise Busy(Reason.RATE_LIMIT, "HTTP 429", retry_after=response.retry_after)
        answer = await response.json() if response.status == 200 else None
        if self._intranet is not None and 200 <= response.status < 300 and ret_of(answer) in (0, None):
            return self._ticket(order)
        match ret_of(answer):
            case 0:
                return self._ticket(order)
            case None:
                failure = NotSent(Reason.UNAVAILABLE, f"HTTP {response.status}, no verdict")
                return await self._look(order, failure)
            case _:
                failed = refusal(answer, order.request.prompt, order.request.negative)
                if failed.reason is Reason.OTHER:
                    return await self._look(order, failed)
                raise failed

    async def poll(self, ticket: Ticket) -> Pending | Finished:
        """Ask for the result, and bring it to disk while its links are good."""
        reference, at = _told(ticket)
        waited = self._clock.now() - at
        for last in (False, True):
            record = await self._record(reference)
            if record is None:
                if waited > _FORGOTTEN:
                    raise GenerationFailed(Reason.NO_DETAILS, "the site knows the order no more")
                return Pending()
            links = links_of(record, waited)
            if links is None:
                return Pending()
            try:
                return Finished(await bring(self._media, links, reference))
            except GenerationFailed as error:
                # The links are signed anew with each answer.
                if last or error.reason is not Reason.RESULT_GONE:
                    raise
        return Pending()

    async def find(self, order: Order) -> Ticket:
        """Look an order up by its own name.

        Raises NotSent when the site has been asked several times and does not know it, Busy while the site
        cannot be asked: so an order never ends unknown.
        """
        for look in range(self._settings.looks):
            if look:
                await self._clock.sleep(self._settings.look_every)
            try:
                record = await self._record(order.reference)
            except NotSent as error:
                raise Busy(error.reason, f"cannot be looked up: {error.detail}") from error
            if record is not None:
                return self._ticket(order)
        raise NotSent(Reason.NETWORK, "the site does not know the order")

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        """What the account has left."""
        return (("jimeng-web", Price(await self._left(), "credits")),)

    async def check(self) -> tuple[Check, ...]:
        """Ask for the balance: needs the login, spends nothing."""
        try:
            left = await self._left()
        except BackendError as error:
            if error.reason is Reason.LOGIN_EXPIRED:
                advice = "log in on the site again and put the new session id into JIMENG_WEB_SESSION_ID"
                return (Check(False, "Jimeng web: the login has expired", advice),)
            advice = "check the network and JIMENG_WEB_URL; look at the account on the site"
            return (Check(False, f"Jimeng web: no answer ({error.detail})", advice),)
        return (Check(True, f"Jimeng web: logged in, {left:g} credits left"),)

    async def close(self) -> None:
        """Nothing to let go of: the client belongs to the caller."""

    # ---------------------------------------------------------------------------------------------------

    async def _table(self) -> Mapping[str, Model]:
        now = self._clock.monotonic()
        if not self._models or now - self._read_at > _TABLE_KEPT:
            try:
                answer = await self._site.ask(TABLE, {})
            except BackendError as error:
                log.warning("Jimeng's table of models cannot be had: %s", error.reason)
            else:
                self._models = read(answer.get("data")) or self._models
                self._read_at = now
        return self._models or ASSUMED

    def _without_sizes(self, offer: Offer) -> Offer:
        return replace(offer, sizes=(), max_count=offer.per_order, options=frozenset())

    async def _uploads(self, order: Order) -> tuple[Upload, ...]:
        try:
            fitting = [await self._media.fit(media, max_bytes=_INPUT_BYTES) for media in order.request.inputs]
        except MediaError as error:
            raise Refused(error.reason, error.detail) from error
        return tuple([await self._uploader.bring(media) for media in fitting])

    async def _order(self, wanted: Wish, uploads: tuple[Upload, ...]) -> http.Answer:
        if self._intranet is not None:
            return await self._intranet.order(wanted, uploads)
        content = body(wanted, uploads, self._clock.now())
        return await self._site.order(GENERATE, content, {"babi_param": feature(wanted.model.key)})

    async def _look(self, order: Order, otherwise: BackendError) -> Ticket:
        """The order's ticket if it arrived after all, else the error that stands for "it did not"."""
        try:
            return await self.find(order)
        except NotSent:
            raise otherwise from None
        except Busy as error:
            raise OutcomeUnknown(Reason.UNKNOWN_OUTCOME, error.detail) from error

    def _ticket(self, order: Order) -> Ticket:
        return Ticket(json.dumps({"submit_id": order.reference, "at": self._clock.now()}))

    async def _record(self, reference: str) -> Mapping[str, Any] | None:
        return record_of(await self._site.ask(HISTORY, {"submit_ids": [reference]}), reference)

    async def _left(self) -> float:
        data = (await self._site.ask(CREDIT, {})).get("data")
        credit = data.get("credit") if isinstance(data, Mapping) else None
        if not isinstance(credit, Mapping):
            raise NotSent(Reason.UNAVAILABLE, "no balance in the answer")
        kinds = (credit.get(f"{kind}_credit") for kind in ("gift", "purchase", "vip"))
        return float(sum(amount for amount in kinds if isinstance(amount, int | float)))


def _told(ticket: Ticket) -> tuple[str, float]:
    told = http.decoded(ticket.data.encode())
    name, at = (told.get("submit_id"), told.get("at")) if isinstance(told, Mapping) else (None, None)
    if not isinstance(name, str) or not isinstance(at, int | float):
        raise GenerationFailed(Reason.NO_DETAILS, "a ticket of somebody else")
    return name, at
