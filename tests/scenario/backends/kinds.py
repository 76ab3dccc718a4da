"""The kinds of backend that a world can have: the service, how the bot is pointed at it, its routes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from tests.simulators.ima import ImaService
from tests.simulators.jimeng_api import JimengApi
from tests.simulators.jimeng_web import JimengWeb
from tests.simulators.service import Service
from tests.simulators.volcengine import VolcengineService

#: Seconds that a picture takes, by every service's clock.
SECONDS = 40.0


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of backend."""

    name: str
    make: Callable[[], Service]
    environment: Callable[[str], Mapping[str, str]]
    #: The paid route, and the one by which a result is asked for ("" where the answer is the result).
    order: str
    result: str
    #: What draws where nobody names a model, and how many pictures come.
    model: str
    pictures: int
    #: Whether a lost order can be found by our own name for it.
    findable: bool = False


def _ima() -> ImaService:
    service = ImaService()
    service.seconds, service.stagger = SECONDS, 1.0
    return service


def _volcengine() -> VolcengineService:
    service = VolcengineService()
    service.seconds, service.concurrent = SECONDS, 2
    return service


def _jimeng_api() -> JimengApi:
    service = JimengApi()
    service.seconds = SECONDS
    return service


class Nobody(Service):
    """Beside the demo, which needs no service."""

    def routes(self) -> Sequence[web.RouteDef]:
        return []


#: Needs no service, and keeps its book itself.
DEMO = Kind("demo", Nobody, lambda url: {"DEMO": "1"}, "", "", "doubao-seedream-4.5", 1, findable=True)
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "ima",
            _ima,
            lambda url: {
                "IMA_API_KEY": "ima_test_key",
                "IMA_API_URL": url,
                "IMA_UPLOAD_URL": url,
                "IMA_APP_KEY": "test-app-key",
            },
            "POST /open/v1/tasks/create",
            "POST /open/v1/tasks/detail",
            "doubao-seedream-4.5",
            1,
        ),
        Kind(
            "volcengine",
            _volcengine,
            lambda url: {
                "VOLC_ACCESSKEY": "AKLTtest",
                "VOLC_SECRETKEY": "c2VjcmV0LXRlc3Q=",
                "VOLC_API_URL": url,
                "VOLC_CONCURRENCY": "2",
            },
            "POST CVSync2AsyncSubmitTask",
            "POST CVSync2AsyncGetResult",
            "jimeng-4.6",
            1,
        ),
        Kind(
            "jimeng_api",
            _jimeng_api,
            lambda url: {"JIMENG_API_URL": url, "JIMENG_SESSION_ID": "session-of-nobody"},
            "POST /v1/images/generations",
            "",
            "jimeng-4.5",
            4,
        ),
        Kind(
            "jimeng_web",
            lambda: JimengWeb(seconds=SECONDS),
            lambda url: {"JIMENG_WEB_SESSION_ID": "session-of-nobody", "JIMENG_WEB_URL": url},
            "POST /mweb/v1/aigc_draft/generate",
            "POST /mweb/v1/get_history_by_ids",
            "jimeng-4.5",
            4,
            findable=True,
        ),
    )
}
