"""Everything that can go wrong between the house and a backend's service, and what must come of it.

One table: a fault, how it is switched on for the next order, and for every backend the outcome, the reason
that the person is told, and how often the service may have charged.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import Reason
from bot.job import Outcome
from tests.scenario.backends.world import World
from tests.simulators.ima import ImaService
from tests.simulators.jimeng_api import JimengApi
from tests.simulators.jimeng_web import JimengWeb
from tests.simulators.service import FOREVER
from tests.simulators.volcengine import VolcengineService

WIRES = ("ima", "volcengine", "jimeng_api", "jimeng_web")


@dataclass(frozen=True, slots=True)
class Came:
    """What has become of a job."""

    outcome: Outcome
    reason: Reason | None
    charges: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; backends that `came` does not name cannot have it."""

    happen: Callable[[World], object]
    came: Mapping[str, Came]


def _made(charges: int = 1) -> Came:
    return Came(Outcome.SUCCEEDED, None, charges)


def _failed(reason: Reason, charges: int) -> Came:
    return Came(Outcome.FAILED, reason, charges)


def _unknown(charges: int) -> Came:
    return Came(Outcome.UNKNOWN, Reason.UNKNOWN_OUTCOME, charges)


def _all(came: Came, **others: Came) -> dict[str, Came]:
    return {**dict.fromkeys(WIRES, came), **others}


def _order(kind: Any, count: int = 1, **more: Any) -> Callable[[World], object]:
    """A fault of the paid request."""
    return lambda world: world.service.fail(world.kind.order, kind, count, **more)


def _result(kind: Any, count: int = 1, **more: Any) -> Callable[[World], object]:
    """A fault of the question for the result."""
    return lambda world: world.service.fail(world.kind.result, kind, count, **more)


def _file(kind: Any, count: int = 1, **more: Any) -> Callable[[World], object]:
    """A fault of the picture itself."""
    return lambda world: world.service.fail("/files/{name}", kind, count, **more)


def _body(**body: Any) -> bytes:
    return json.dumps(body).encode()


def _ima(code: int, message: str = "no") -> Callable[[World], object]:
    return _order("status", status=200, body=_body(code=code, message=message, data=None))


def _volcengine(code: int, status: int = 400, count: int = 1) -> Callable[[World], object]:
    return _order("status", count, status=status, body=_body(code=code, message="no", data=None))


def _gateway(number: int, status: int = 401) -> Callable[[World], object]:
    error = {"CodeN": number, "Code": "no", "Message": "no"}
    return _order("status", status=status, body=_body(ResponseMetadata={"Error": error}))


def _next(**how: Any) -> Callable[[World], object]:
    """How the next job goes at one of the two Jimengs that can be told so."""

    def happen(world: World) -> None:
        assert isinstance(world.service, JimengApi | JimengWeb)
        world.service.plan(**how)

    return happen


def _by(**ways: Callable[[World], object]) -> Callable[[World], object]:
    """A fault that every backend has in its own way."""
    return lambda world: ways[world.kind.name](world)


def _fate(ima: str = "", volcengine: str = "") -> Callable[[World], object]:
    """How the next job ends at one of the two that take it on first."""

    def happen(world: World) -> None:
        if isinstance(world.service, ImaService):
            world.service.fates.append(ima)
        elif isinstance(world.service, VolcengineService):
            world.service.fates.append(volcengine)

    return happen


def _only(came: Came, *names: str) -> dict[str, Came]:
    return dict.fromkeys(names, came)


_RETRIED = {"jimeng_web": _made()}
_PICTURE_GONE = _all(_failed(Reason.RESULT_GONE, 1))

FAULTS: dict[str, Fault] = {
    # The order does not get there, or its answer does not come back.
    "nobody listens": Fault(lambda world: world.life.cable.be_cut(), _all(_failed(Reason.NETWORK, 0))),
    "the service is away when it is ordered": Fault(
        _order("drop_before"), _all(_unknown(0), jimeng_web=_made())
    ),
    "the answer is lost": Fault(_order("drop_after"), _all(_unknown(1), **_RETRIED)),
    "the answer is garbage": Fault(_order("garbage"), _all(_unknown(0), **_RETRIED)),
    "the answer is garbage and it was taken": Fault(
        _order("garbage", after=True), _all(_unknown(1), **_RETRIED)
    ),
    "half of the answer comes": Fault(_order("truncated"), _all(_unknown(1), **_RETRIED)),
    "the answer trickles": Fault(_order("slow", seconds=8), _all(_made())),
    "the answer is late": Fault(_order("late", seconds=20), _all(_made())),
    "the answer is an hour late": Fault(_order("late", seconds=4000), _all(_unknown(1), **_RETRIED)),
    "a server error before anything happens": Fault(_order("status"), _all(_unknown(0), **_RETRIED)),
    "a server error though it was taken": Fault(_order("status", after=True), _all(_unknown(1), **_RETRIED)),
    # It is refused.
    "too many requests": Fault(_order("status", status=429), _all(_made())),
    "too many requests for an hour": Fault(
        _order("status", FOREVER, status=429), _all(_failed(Reason.RATE_LIMIT, 0))
    ),
    "the points are short": Fault(
        _by(ima=_ima(4008), jimeng_api=_next(ret=1006), jimeng_web=_next(ret=1006)),
        _only(_failed(Reason.POINTS_SHORT, 0), "ima", "jimeng_api", "jimeng_web"),
    ),
    "the key is wrong": Fault(
        _by(
            ima=_ima(401),
            volcengine=_gateway(100010),
            jimeng_api=_next(ret=1015),
            jimeng_web=_next(ret=1015),
        ),
        {
            **_only(_failed(Reason.KEY_INVALID, 0), "ima", "volcengine"),
            **_only(_failed(Reason.LOGIN_EXPIRED, 0), "jimeng_api", "jimeng_web"),
        },
    ),
    "a subscription is needed": Fault(
        _by(ima=_ima(4014), volcengine=_volcengine(50400)),
        _only(_failed(Reason.SUBSCRIPTION_REQUIRED, 0), "ima", "volcengine"),
    ),
    "the account is blocked": Fault(
        _by(volcengine=_gateway(100012, 403), jimeng_api=_next(ret=1019), jimeng_web=_next(ret=1019)),
        _only(_failed(Reason.ACCOUNT_BLOCKED, 0), "volcengine", "jimeng_api", "jimeng_web"),
    ),
    "the clock is wrong": Fault(
        _by(volcengine=_gateway(100006, 400)), _only(_failed(Reason.CLOCK_WRONG, 0), "volcengine")
    ),
    "the client is too old": Fault(
        _next(ret=3018), _only(_failed(Reason.CONFIGURATION, 0), "jimeng_api", "jimeng_web")
    ),
    "the words are turned down": Fault(
        _by(
            ima=_ima(400, "prompt contains sensitive content"),
            volcengine=_volcengine(50412),
            jimeng_api=_next(ret=2038),
            jimeng_web=_next(ret=2038),
        ),
        _all(_failed(Reason.CONTENT_TEXT, 0)),
    ),
    "the price was another": Fault(_ima(6006), _only(_failed(Reason.PRICE_MISMATCH, 0), "ima")),
    "Jimeng is busy": Fault(_next(ret=1310), _only(_made(), "jimeng_api", "jimeng_web")),
    "two at once are too many": Fault(_volcengine(50430, 429), _only(_made(), "volcengine")),
    "it fails inside once": Fault(_volcengine(50500, 500), _only(_made(), "volcengine")),
    "it fails inside twice": Fault(
        _volcengine(50500, 500, 2), _only(_failed(Reason.UNAVAILABLE, 0), "volcengine")
    ),
    # It is taken on, and fails.
    "it fails": Fault(
        _by(
            ima=_fate(ima="fail"),
            volcengine=_fate(volcengine="50500"),
            jimeng_api=_next(pictures=0, fail_code=7),
            jimeng_web=_next(status=30, fail_code=7),
        ),
        _all(_failed(Reason.GENERATION_FAILED, 1), volcengine=_failed(Reason.GENERATION_FAILED, 0)),
    ),
    "the picture is turned down": Fault(
        _by(
            ima=_fate(ima="block"),
            volcengine=_fate(volcengine="50511"),
            jimeng_api=_next(pictures=0, fail_code=2043),
            jimeng_web=_next(status=40),
        ),
        _all(_failed(Reason.CONTENT_OUTPUT, 1), volcengine=_failed(Reason.CONTENT_OUTPUT, 0)),
    ),
    "the result is taken away": Fault(
        _by(ima=_fate(ima="delete"), volcengine=_fate(volcengine="expired"), jimeng_web=_next(status=100)),
        {
            **_only(_failed(Reason.RESULT_GONE, 1), "ima", "jimeng_web"),
            "volcengine": _failed(Reason.RESULT_GONE, 0),
        },
    ),
    "it fails without a word": Fault(_fate(ima="silent"), _only(_failed(Reason.NO_DETAILS, 1), "ima")),
    "the record is lost": Fault(_next(lost_record=True), _only(_unknown(1), "jimeng_api")),
    "a late refusal": Fault(_next(poll_ret=1015), _only(_unknown(1), "jimeng_api")),
    "the record is seen late": Fault(_next(hidden=20), _only(_made(), "jimeng_web")),
    "the answer is lost and the record is seen late": Fault(
        lambda world: (_order("drop_after")(world), _next(hidden=25)(world)), _only(_made(), "jimeng_web")
    ),
    # The result is asked for in vain.
    "the result cannot be asked for": Fault(
        _result("drop_before", 6), _only(_made(), "ima", "volcengine", "jimeng_web")
    ),
    "the question meets server errors": Fault(
        _result("status", 9), _only(_made(), "ima", "volcengine", "jimeng_web")
    ),
    "the question is answered with garbage": Fault(
        _result("garbage", 4), _only(_made(), "ima", "volcengine", "jimeng_web")
    ),
    "the question is asked too often": Fault(
        _result("status", 4, status=429), _only(_made(), "ima", "volcengine", "jimeng_web")
    ),
    "the question is never answered": Fault(
        _result("status", FOREVER),
        _only(_failed(Reason.TIMEOUT, 1), "ima", "volcengine", "jimeng_web"),
    ),
    # The picture itself cannot be had.
    "the links are dead": Fault(_file("expired", FOREVER), _PICTURE_GONE),
    "the picture comes at the second try": Fault(_file("status"), _all(_made())),
    "the picture breaks off once": Fault(_file("truncated"), _all(_made())),
    "the picture is none": Fault(_file("garbage", FOREVER), _all(_failed(Reason.GENERATION_FAILED, 1))),
    "a link is refused once": Fault(_file("expired"), _all(_made())),
    "the picture cannot be fetched for a while": Fault(_file("drop_before", 16), _all(_made())),
    # IMA changes what is ordered.
    "the usual size is sick": Fault(lambda world: _sick(world, "4k"), _only(_made(), "ima")),
    "every size is sick": Fault(
        lambda world: _sick(world, "4k", "2k"),
        _only(_failed(Reason.UNAVAILABLE, 0), "ima"),
    ),
}


def heal(world: World) -> None:
    """Everything is all right again."""
    world.service.heal()
    world.life.cable.cut = False
    if isinstance(world.service, ImaService):
        world.service.sickly.clear()


#: Seconds after which an account that was set aside, or a backend that was rested, is asked again.
REST = {
    "the key is wrong": 1900.0,
    "the account is blocked": 1900.0,
    "too many requests for an hour": 700.0,
    "nobody listens": 100.0,
}


def _sick(world: World, *sizes: str) -> None:
    assert isinstance(world.service, ImaService)
    world.service.sickly |= dict.fromkeys(sizes, (500, "Internal server error"))


#: Everything in the table, one row per fault and backend.
ROWS = [(fault, name) for fault, row in FAULTS.items() for name in row.came]
