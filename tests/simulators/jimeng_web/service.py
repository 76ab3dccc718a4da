"""The site: orders, records, balance, table of models, and the intranet's door."""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.simulators.jimeng_web import imagex
from tests.simulators.jimeng_web.checks import (
    WORDS,
    Ordered,
    SiteError,
    check_intranet,
    check_login,
    check_order,
    session_of,
    table,
)
from tests.simulators.service import Service, picture

INTRANET = {
    "x-tt-env": "ppe_resource_query",
    "x-use-ppe": "1",
    "x-schedule-vdc": "sinfonline",
    "get-svc": "1",
    "pf": "3",
}


@dataclass(slots=True)
class Plan:
    """How the next job goes. `ret`: the order is refused; else `status` is how it ends."""

    ret: int = 0
    message: str = "refused"
    status: int = 50
    fail_code: int | str = 0
    #: Seconds until the end; None: as the site's own.
    seconds: float | None = None
    #: Pictures that come; None: all that were ordered.
    pictures: int | None = None
    #: Stay at 45 with some pictures for ever.
    stuck: bool = False
    #: Seconds until a record can be seen at all.
    hidden: float = 0.0
    #: Links with an ampersand escaped once too often.
    escaped: bool = False


@dataclass(slots=True)
class Job:
    """A job that was taken on."""

    order: Ordered
    plan: Plan
    history: str
    at: float
    seconds: float
    bodies: list[bytes] = field(default_factory=list)


class JimengWeb(Service):
    """The site; `jobs` by submit_id."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__()
        self.seconds = seconds
        self.credits = 1000
        self.price = 4
        self.jobs: dict[str, Job] = {}
        self.plans: deque[Plan] = deque()
        self.imagex = imagex.ImageX()
        #: The table of models to hand out in place of the real one.
        self.table: Any = None

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/mweb/v1/aigc_draft/generate", self._generate),
            web.post("/mweb/v1/get_history_by_ids", self._history),
            web.post("/mweb/v1/get_common_config", self._table),
            web.post("/mweb/v1/get_upload_token", self._upload_token),
            web.post("/commerce/v1/benefits/user_credit", self._credit),
            web.post("/commerce/v1/benefits/user_credit_history", self._spent),
            web.post("/image_generate", self._intranet),
            *self.imagex.routes(),
        ]

    def plan(self, **how: Any) -> None:
        """Say how the next job goes."""
        self.plans.append(Plan(**how))

    # Orders -------------------------------------------------------------------------------------------

    async def _generate(self, request: web.Request) -> web.Response:
        try:
            check_login(request, self.now())
            job = self._take(check_order(json.loads(await request.read()), request.query))
        except SiteError as error:
            return self._refused(error, {"aigc_data": None, "fail_code": "", "fail_starling_key": ""})
        return self._good({"aigc_data": self._taken(job)})

    async def _intranet(self, request: web.Request) -> web.Response:
        if any(request.headers.get(name) != value for name, value in INTRANET.items()):
            return web.Response(status=403)
        try:
            session_of(request)
            self._take(check_intranet(json.loads(await request.read())))
        except SiteError as error:
            return self._refused(error)
        return web.json_response({"BaseResp": {"StatusCode": 0}})

    def _take(self, order: Ordered) -> Job:
        plan = self.plans.popleft() if self.plans else Plan()
        if plan.ret:
            raise SiteError(plan.ret, plan.message)
        if any(uri not in self.imagex.pictures for uri in order.images):
            raise SiteError(1000, "invalid parameter")
        if self.credits < self.price:
            raise SiteError(1006, "not enough credits")
        if any(word in order.prompt for word in WORDS):
            plan = Plan(status=10, fail_code="2038")
        self.credits -= self.price
        history = str(39_148_697_060_354 + len(self.book.charges))
        self.book.charge(order.submit_id, self.price, history, self.now())
        seconds = self.seconds if plan.seconds is None else plan.seconds
        count = order.count if plan.pictures is None else plan.pictures
        shape = max(1, order.width // 16), max(1, order.height // 16)
        bodies = [picture(*shape, f"{order.submit_id} {place}") for place in range(count)]
        job = Job(order, plan, history, self.now(), seconds, bodies)
        self.jobs[order.submit_id] = job
        return job

    def _taken(self, job: Job) -> dict[str, Any]:
        task = {"task_id": job.history, "submit_id": job.order.submit_id, "status": 20, "finish_time": 0}
        return {
            "history_record_id": job.history,
            "submit_id": job.order.submit_id,
            "status": 20,
            "task": task,
            "forecast_generate_cost": 23,
            "queue_info": {"queue_idx": 0, "queue_length": 0, "queue_status": 1, "priority": 1},
            "total_image_count": job.order.count,
            "finished_image_count": 0,
        }

    # Records ------------------------------------------------------------------------------------------

    async def _history(self, request: web.Request) -> web.Response:
        try:
            check_login(request, self.now())
            asked = json.loads(await request.read())
        except SiteError as error:
            return self._refused(error)
        seen = {name: job for name, job in self.jobs.items() if self.now() >= job.at + job.plan.hidden}
        found = {name: self._record(seen[name]) for name in asked.get("submit_ids", ()) if name in seen}
        by_history = {job.history: job for job in seen.values()}
        found |= {
            name: self._record(by_history[name])
            for name in asked.get("history_ids", ())
            if name in by_history
        }
        return self._good(found)

    def _record(self, job: Job) -> dict[str, Any]:
        passed, plan, total = self.now() - job.at, job.plan, job.order.count
        status = 20 if passed < job.seconds / 4 else 42 if passed < job.seconds / 2 else 45
        shown: list[bytes] = []
        if plan.stuck:
            status, shown = 45, job.bodies
        elif passed >= job.seconds:
            status = plan.status
            shown = job.bodies if status == 50 else []
        failed = status == plan.status and status != 50
        return {
            "status": status,
            "submit_id": job.order.submit_id,
            "history_record_id": job.history,
            "task": {"status": status, "submit_id": job.order.submit_id},
            "fail_code": plan.fail_code if failed else "",
            "fail_msg": "",
            "item_list": [self._item(job, place, body) for place, body in enumerate(shown)],
            "total_image_count": total,
            "finished_image_count": len(shown),
        }

    def _item(self, job: Job, place: int, body: bytes) -> dict[str, Any]:
        until = int(self.now() + self.link_seconds)
        between = "\\u0026" if job.plan.escaped else "&"
        link = f"{self.publish(body)}?rk3s=948034c{between}x-expires={until}{between}x-signature=abc"
        large = {
            "image_url": link,
            "image_uri": f"tos-cn-i-result/{place}",
            "width": job.order.width,
            "height": job.order.height,
            "format": "png",
        }
        return {
            "common_attr": {"id": f"{job.history}{place}", "item_urls": [link]},
            "image": {"format": "png", "large_images": [large]},
        }

    # Small questions ----------------------------------------------------------------------------------

    async def _table(self, request: web.Request) -> web.Response:
        return self._told(request, table() if self.table is None else self.table)

    async def _upload_token(self, request: web.Request) -> web.Response:
        key = {
            "access_key_id": imagex.ACCESS,
            "secret_access_key": imagex.SECRET,
            "session_token": imagex.TOKEN,
            "service_id": imagex.SERVICE,
            "space_name": imagex.SERVICE,
        }
        right = json.loads(await request.read()) == {"scene": 2}
        return self._told(request, key) if right else self._refused(SiteError(1000, "invalid parameter"))

    async def _credit(self, request: web.Request) -> web.Response:
        credit = {"gift_credit": self.credits, "purchase_credit": 0, "vip_credit": 0}
        return self._told(request, {"credit": credit})

    async def _spent(self, request: web.Request) -> web.Response:
        records = [{"submit_id": charge.reference, "amount": charge.amount} for charge in self.book.charges]
        return self._told(request, {"records": records})

    def _told(self, request: web.Request, data: Any) -> web.Response:
        try:
            check_login(request, self.now())
        except SiteError as error:
            return self._refused(error)
        return self._good(data)

    def _good(self, data: Any) -> web.Response:
        return self._answer("0", "success", data)

    def _refused(self, error: SiteError, data: Any = None) -> web.Response:
        return self._answer(str(error.ret), error.message, data)

    def _answer(self, ret: str, message: str, data: Any) -> web.Response:
        body = {"ret": ret, "errmsg": message, "systime": str(int(self.now())), "logid": "0", "data": data}
        # The site writes its ampersands as escapes.
        text = json.dumps(body).replace("&", "\\u0026")
        return web.Response(text=text, content_type="application/json")
