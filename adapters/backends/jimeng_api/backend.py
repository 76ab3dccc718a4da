"""The jimeng-api service as a backend: one request, minutes long, whose answer is the result.

A lost answer cannot be found again, so nothing is ever sent twice. What goes on the wire is in `wire`,
what comes back in `answers`, what is possible in `models`.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from adapters import http
from adapters.backends.jimeng_api.accounts import REST, Account, Accounts
from adapters.backends.jimeng_api.answers import links_of
from adapters.backends.jimeng_api.models import Plan, models_of, offers_of, plan
from adapters.backends.jimeng_api.wire import body_of, form_of, opened
from adapters.jimeng import patiently
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
from bot.message import Media, Price
from bot.ports import Check, Clock, Finished, Offer, Order, Ticket

log = logging.getLogger(__name__)

#: Seconds for which the service's release is remembered.
_RELEASE = 3600.0
_INPUT_BYTES = 10_000_000
_SAFE = httpx.Timeout(connect=10, read=20, write=20, pool=30)
#: Seconds for a question and its whole answer.
_WHOLE = 60.0


@dataclass(frozen=True, slots=True)
class JimengApiSettings:
    """Where the service is, and with whose accounts it works."""

    api_url: str
    #: With their region's prefix; none for China.
    session_ids: tuple[str, ...] = field(repr=False)
    #: Seconds after which an answer is given up: the service itself may take hours.
    deadline: float = 1200.0
    #: Jobs at once per session id: Jimeng was seen to take four.
    per_account: int = 4
    #: Seconds within which a refusal can only be of the order itself: the service asks every 5 s or more.
    quick: float = 5.0


class JimengApi:
    """Jimeng and Dreamina through a jimeng-api service."""

    name = "jimeng_api"
    resumable = False

    def __init__(
        self, client: httpx.AsyncClient, media: MediaStore, clock: Clock, settings: JimengApiSettings
    ) -> None:
        """Use a shared client, which is not closed here."""
        self._client = client
        self._media = media
        self._clock = clock
        self._settings = settings
        self._url = settings.api_url.rstrip("/")
        self._accounts = Accounts(map(http.for_header, settings.session_ids), clock)
        self._new: bool | None = None
        self._asked_at = 0.0
        self.limit = settings.per_account * len(settings.session_ids)

    async def offers(self) -> tuple[Offer, ...]:
        """What the live accounts' regions have in the service's release. Raises NotSent if it is away."""
        new = await self._is_new()
        accounts = self._accounts.for_order("") or self._accounts.all
        offers: dict[tuple[str, str], Offer] = {}
        for account in sorted(accounts, key=lambda account: account.name):
            for offer in offers_of(account.region, new=new):
                offers.setdefault((offer.model, offer.task), offer)
        return tuple(offers.values())

    async def submit(self, order: Order) -> Ticket:
        """Have it made. The answer is the result, so the ticket is ready.

        An account whose login has expired, or that has no points left, was not charged: the next one is
        asked in the same breath.
        """
        able = self._able(order, new=await self._is_new())
        pictures = await self._fitting(order.request.inputs)
        await self._ping()
        refusal = Refused(Reason.OTHER)
        for account, request in able:
            try:
                links = await self._draw(account, request, pictures)
            except Refused as error:
                if error.reason in REST:
                    self._accounts.rest(account, error.reason)
                if error.reason not in (Reason.LOGIN_EXPIRED, Reason.POINTS_SHORT):
                    raise
                refusal = error
            else:
                return Ticket(json.dumps({"reference": order.reference, "links": links}))
        raise refusal

    async def poll(self, ticket: Ticket) -> Finished:
        """Bring the results to disk."""
        reference, links = _told(ticket)
        return Finished(await bring(self._media, links, reference))

    async def find(self, order: Order) -> Ticket | None:
        """Nothing: the service has no name for what it makes."""
        return None

    async def credits(self) -> tuple[tuple[str, Price | None], ...]:
        """What each account has left. One that has nothing gets its points of the day first."""
        return tuple([(account.name, await self._left(account)) for account in self._accounts.all])

    async def check(self) -> tuple[Check, ...]:
        """The service, then each account, without spending."""
        try:
            pong = await self._ping()
            new = await self._is_new()
        except BackendError as error:
            advice = "start it, or check JIMENG_API_URL"
            return (Check(False, f"jimeng-api: no answer ({error.detail})", advice),)
        if not pong:
            advice = "check JIMENG_API_URL: what answers there is not a jimeng-api service"
            return (Check(False, "jimeng-api: not the service", advice),)
        newest = models_of("hk", new=new)[0]
        accounts = [await self._check(account) for account in self._accounts.all]
        return (Check(True, f"jimeng-api answers; its newest model is {newest}"), *accounts)

    async def close(self) -> None:
        """Nothing to let go of: the client belongs to the caller."""

    # Ordering -----------------------------------------------------------------------------------------

    def _able(self, order: Order, *, new: bool) -> list[tuple[Account, Plan]]:
        """The live accounts that can do it, with the request for each."""
        accounts = self._accounts.for_order(order.reference)
        if not accounts:
            raise Refused(self._accounts.why_none(), "every session id is set aside")
        able, refusal = [], Refused(Reason.OTHER)
        for account in accounts:
            try:
                able.append((account, plan(order.model, order.request, account.region, new=new)))
            except Refused as error:
                refusal = error
        if not able:
            raise refusal
        return able

    async def _fitting(self, inputs: Sequence[Media]) -> list[Media]:
        try:
            return [await self._media.fit(media, max_bytes=_INPUT_BYTES) for media in inputs]
        except MediaError as error:
            raise Refused(error.reason, error.detail) from error

    async def _draw(self, account: Account, request: Plan, pictures: Sequence[Media]) -> tuple[str, ...]:
        """The one request that costs."""
        started = self._clock.monotonic()
        try:
            answer = await self._order(account, request, pictures)
        except http.UNSENT as error:
            raise NotSent(Reason.NETWORK, type(error).__name__) from None
        except httpx.RequestError as error:
            raise OutcomeUnknown(Reason.UNKNOWN_OUTCOME, type(error).__name__) from None
        _must_be_its_own(answer.status)
        quick = self._clock.monotonic() - started < self._settings.quick
        written = (str(request.fields.get(name, "")) for name in ("prompt", "negative_prompt"))
        return links_of(self._said(answer), *written, quick=quick)

    async def _order(self, account: Account, request: Plan, pictures: Sequence[Media]) -> http.Answer:
        headers = {"Authorization": f"Bearer {account.session_id}"}
        timeout = httpx.Timeout(connect=10, read=self._settings.deadline, write=60, pool=30)
        url = self._url + request.path
        with ExitStack() as stack:
            if pictures:
                content: dict[str, Any] = {
                    "data": form_of(request.fields),
                    "files": stack.enter_context(opened(pictures)),
                }
            else:
                headers["Content-Type"] = "application/json"
                content = {"content": body_of(request.fields)}
            paid = self._client.build_request("POST", url, headers=headers, timeout=timeout, **content)
            return await http.send(self._client, paid, seconds=self._settings.deadline)

    # Asking, free of charge ---------------------------------------------------------------------------

    async def _is_new(self) -> bool:
        """Whether the service knows 5.0 and 4.6: it would quietly draw with 4.5 if it did not.

        Its list of models is stale and its version never changes, but it names the models of Hong Kong when
        it refuses one there; that refusal comes before any account is looked at.
        """
        now = self._clock.monotonic()
        if self._new is None or now - self._asked_at > _RELEASE:
            headers = {"Authorization": "Bearer hk-none", "Content-Type": "application/json"}
            body = body_of({"model": "none", "prompt": "none"})
            answer = await self._ask("POST", "/v1/images/generations", headers, body)
            message = str(answer.get("message")) if isinstance(answer, Mapping) else ""
            if "jimeng-4.5" not in message:
                return bool(self._new)
            self._new = "jimeng-5.0" in message
            self._asked_at = now
        return self._new

    async def _left(self, account: Account) -> Price | None:
        try:
            total = _total(await self._token("points", account))
            if total is not None and total <= 0:
                total = _total(await self._token("receive", account))
        except BackendError as error:
            log.info("%s: credits are not known: %s", account.name, error.reason)
            if error.reason is Reason.LOGIN_EXPIRED:
                self._accounts.rest(account, error.reason)
            return None
        return None if total is None else Price(total, "credits")

    async def _token(self, what: Literal["points", "receive"], account: Account) -> Any:
        headers = {"Authorization": f"Bearer {account.session_id}"}
        answer = await self._ask("POST", f"/token/{what}", headers)
        if isinstance(answer, list):
            self._accounts.revive(account)
            return answer
        links_of(answer, quick=True)
        return []

    async def _check(self, account: Account) -> Check:
        try:
            total = _total(await self._token("points", account))
        except BackendError as error:
            if error.reason is Reason.LOGIN_EXPIRED:
                advice = "log in on the site again and put the new session id into JIMENG_SESSION_ID"
                return Check(False, f"{account.name}: the login has expired", advice)
            advice = "look at the account on the site, and at the service's own log"
            return Check(False, f"{account.name}: refused ({error.detail or error.reason})", advice)
        if not total:
            return Check(
                True,
                f"{account.name}: logged in, no points left",
                "the points of the day come with the first job",
            )
        return Check(True, f"{account.name}: logged in, {total:g} points left")

    async def _ping(self) -> bool:
        """Whether it is the service that answers. Raises NotSent where nobody does."""
        return (await self._answer("GET", "/ping", {})).body.strip() == b"pong"

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Any:
        return self._said(await self._answer(method, path, headers, body))

    async def _answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> http.Answer:
        async def send() -> http.Answer:
            request = self._client.build_request(
                method, self._url + path, headers=dict(headers), content=body, timeout=_SAFE
            )
            return await http.send(self._client, request, seconds=_WHOLE)

        return await patiently(send, self._clock)

    def _said(self, answer: http.Answer) -> Any:
        """The answer as JSON, without any session id in it; None where it is none."""
        return http.decoded(self._accounts.hide(answer.body.decode(errors="replace")).encode())


def _told(ticket: Ticket) -> tuple[str, list[str]]:
    told = http.decoded(ticket.data.encode())
    reference, links = (told.get("reference"), told.get("links")) if isinstance(told, Mapping) else ("", [])
    if not isinstance(reference, str) or not isinstance(links, list) or not links:
        raise GenerationFailed(Reason.NO_DETAILS, "a ticket of somebody else")
    return reference, [str(link) for link in links]


def _must_be_its_own(status: int) -> None:
    """The service answers 200 whatever happens: another status is that of something before it."""
    if status == 200:
        return
    if status == 429:
        raise Busy(Reason.RATE_LIMIT, f"HTTP {status}")
    if 300 <= status < 500:
        raise Refused(Reason.INPUT_TOO_LARGE if status == 413 else Reason.CONFIGURATION, f"HTTP {status}")
    raise OutcomeUnknown(Reason.UNKNOWN_OUTCOME, f"HTTP {status}")


def _total(answer: Any) -> float | None:
    """The points in an answer about one account, wherever they stand in it."""
    first = answer[0] if isinstance(answer, list) and answer else None
    if not isinstance(first, Mapping):
        return None
    points = first.get("points") or first.get("credits")
    total = points.get("totalCredit") if isinstance(points, Mapping) else None
    return float(total) if isinstance(total, int | float) else None
