"""A simulator of Volcengine's visual API: checks signatures, strict about orders, charges by the picture.

By hand: `python -m tests.simulators.volcengine --port 8602`, then VOLC_API_URL points at it, with
VOLC_ACCESSKEY `AKLTtest` and VOLC_SECRETKEY `c2VjcmV0LXRlc3Q=`. A prompt with [submit 50412], [result 50511]
or [result expired] in it has that fate.
"""

import base64
import binascii
import calendar
import hashlib
import hmac
import io
import json
import re
import time
import urllib.parse
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from PIL import Image

from tests.simulators.hand import main
from tests.simulators.service import Service, picture

ACTIONS = ("CVSync2AsyncSubmitTask", "CVSync2AsyncGetResult")
FATE = re.compile(r"\[(submit|result) (\w+)\]")
MESSAGES = {
    50411: "Pre Img Risk Not Pass",
    50412: "Text Risk Not Pass",
    50413: "Post Text Risk Not Pass",
    50429: "Request Has Reached API Limit, Please Try Later",
    50430: "Request Has Reached API Concurrent Limit, Please Try Later",
    50500: "Internal Error",
    50511: "Post Img Risk Not Pass",
}
#: By req_key: most pictures in, scale's type and range.
MODELS = {
    "jimeng_t2i_v40": (10, float, 0, 1),
    "jimeng_seedream46_cvtob": (14, int, 1, 100),
}
SUBMIT_KEYS = {
    "req_key",
    "prompt",
    "image_urls",
    "binary_data_base64",
    "size",
    "width",
    "height",
    "scale",
    "force_single",
    "min_ratio",
    "max_ratio",
    "callback_url",
}
AREA = (1024 * 1024, 4096 * 4096)
PARSE_LIMIT = 20_000_000
LIFE = 12 * 3600


class GatewayError(Exception):
    """The gateway lets nobody through: who asks, or when, is wrong."""

    def __init__(self, status: int, number: int, code: str) -> None:
        super().__init__(code)
        self.status, self.number, self.code = status, number, code


class ServiceError(Exception):
    """The service refuses what is asked."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code, self.message = code, message or MESSAGES.get(code, "refused")


@dataclass(slots=True)
class Task:
    id: str
    req_key: str
    prompt: str
    count: int
    began: float
    due: float
    fate: str


class VolcengineService(Service):
    """The service. All settings may be changed while it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.access_key = "AKLTtest"
        self.secret_key = "c2VjcmV0LXRlc3Q="
        #: Tasks that may run at once, yuan per picture.
        self.concurrent = 1
        self.price = 0.2
        #: Whether the service of this account is switched on at all.
        self.activated = True
        #: Pictures come as base64 even where links are asked for.
        self.base64_only = False
        self.pixels = (64, 64)
        self.heavy = False
        self.link_seconds = 86_400.0
        #: How the next tasks end, one each, where their prompts do not say.
        self.fates: deque[str] = deque()
        self.tasks: dict[str, Task] = {}
        self.orders: list[dict[str, Any]] = []
        #: What was asked for beside a result, by task.
        self.asked: dict[str, dict[str, Any]] = {}

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.post("/", self._call), web.get("/", self._call)]

    def route_name(self, request: web.Request) -> str:
        """The action, for the one path there is."""
        if request.path == "/":
            return request.query.get("Action", "/")
        return super().route_name(request)

    async def _call(self, request: web.Request) -> web.Response:
        raw = await request.read()
        try:
            self._must_be_signed(request, raw)
            return _said(self._done(request.query["Action"], _object(raw)))
        except GatewayError as error:
            wrong = {"CodeN": error.number, "Code": error.code, "Message": f"refused: {error.code}"}
            metadata = {
                "RequestId": "2026",
                "Action": "",
                "Version": "",
                "Service": "cv",
                "Region": "cn-north-1",
            }
            return web.json_response({"ResponseMetadata": {**metadata, "Error": wrong}}, status=error.status)
        except ServiceError as error:
            status = 429 if error.code in (50429, 50430) else 500 if error.code in (50500, 50501) else 400
            return _said(None, error.code, error.message, status)

    def _done(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        if not self.activated:
            raise ServiceError(50400, "Access Denied: Internal Error")
        return self._submit(body) if action == ACTIONS[0] else self._result(body)

    # Who asks, and when -------------------------------------------------------------------------------

    def _must_be_signed(self, request: web.Request, raw: bytes) -> None:
        if request.query.get("Action") not in ACTIONS or request.query.get("Version") != "2022-08-31":
            raise GatewayError(404, 100008, "InvalidActionOrVersion")
        found = re.fullmatch(
            r"HMAC-SHA256 Credential=([^/]+)/(\d{8})/cn-north-1/cv/request, "
            r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
            request.headers.get("Authorization", ""),
        )
        if not found:
            raise GatewayError(401, 100005, "MissingSignature")
        access_key, day, names, signature = found.groups()
        if access_key != self.access_key:
            raise GatewayError(401, 100009, "InvalidAccessKey")
        date = request.headers.get("X-Date", "")
        if not re.fullmatch(r"\d{8}T\d{6}Z", date) or not date.startswith(day):
            raise GatewayError(400, 100006, "InvalidTimestamp")
        if abs(calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ")) - self.now()) > 900:
            raise GatewayError(400, 100006, "InvalidTimestamp")
        if not {"host", "x-date", "x-content-sha256", "content-type"} <= set(names.split(";")):
            raise GatewayError(401, 100010, "SignatureDoesNotMatch")
        if signature != self._signature(request, raw, names, day):
            raise GatewayError(401, 100010, "SignatureDoesNotMatch")

    def _signature(self, request: web.Request, raw: bytes, names: str, day: str) -> str:
        pairs = urllib.parse.parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
        query = urllib.parse.urlencode(sorted(pairs), quote_via=urllib.parse.quote, safe="-_.~")
        lines = [request.method, request.rel_url.raw_path, query]
        lines += [f"{name}:{request.headers.get(name, '').strip()}" for name in names.split(";")]
        lines += ["", names, hashlib.sha256(raw).hexdigest()]
        scope = [day, "cn-north-1", "cv", "request"]
        summary = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        text = "\n".join(["HMAC-SHA256", request.headers["X-Date"], "/".join(scope), summary])
        key = self.secret_key.encode()
        for part in [*scope, text]:
            key = hmac.digest(key, part.encode(), "sha256")
        return key.hex()

    # Orders -------------------------------------------------------------------------------------------

    def _submit(self, body: dict[str, Any]) -> dict[str, Any]:
        self.orders.append(body)
        pictures = _must_be_possible(body)
        prompt = body["prompt"]
        fate = FATE.search(prompt)
        if fate and fate[1] == "submit":
            raise ServiceError(int(fate[2]))
        if sum(task.due > self.now() for task in self.tasks.values()) >= self.concurrent:
            raise ServiceError(50430)
        several = re.search(r"(\d+) ?(?:张|images)", prompt)
        count = 1 if body.get("force_single") is True or not several else int(several[1])
        count = min(count, 15 - pictures)
        now = self.now()
        end = fate[2] if fate else self.fates.popleft() if self.fates else ""
        task = Task(
            id=f"{7_392_616_336_519_610_000 + len(self.tasks)}",
            req_key=body["req_key"],
            prompt=prompt,
            count=count,
            began=now,
            due=now + self.seconds,
            fate=end,
        )
        self.tasks[task.id] = task
        if not end:
            self.book.charge(prompt, round(count * self.price, 2), task.id, now)
        return {"task_id": task.id}

    # Results ------------------------------------------------------------------------------------------

    def _result(self, body: dict[str, Any]) -> dict[str, Any]:
        asked = body.get("req_json", "{}")
        if set(body) - {"req_key", "task_id", "req_json"} or not isinstance(asked, str):
            raise ServiceError(50215, "Input invalid for this service.")
        options = _object(asked.encode())
        task = self.tasks.get(str(body.get("task_id")))
        if task is None or task.req_key != body.get("req_key") or self.now() - task.began > LIFE:
            return {"binary_data_base64": None, "image_urls": None, "status": "not_found"}
        self.asked[task.id] = options
        if self.now() < task.due:
            early = self.now() - task.began < self.seconds / 4
            return {"status": "in_queue" if early else "generating"}
        if task.fate.isdecimal():
            raise ServiceError(int(task.fate))
        if task.fate:
            return {"binary_data_base64": None, "image_urls": None, "status": task.fate}
        files = [picture(*self.pixels, f"{task.id}{n}", noise=self.heavy) for n in range(task.count)]
        done: dict[str, Any] = {"binary_data_base64": None, "image_urls": None, "status": "done"}
        if options.get("return_url") is True and not self.base64_only:
            left = self.link_seconds - (self.now() - task.due)
            return {**done, "image_urls": [self.publish(file, seconds=max(left, 0.001)) for file in files]}
        return {**done, "binary_data_base64": [base64.b64encode(file).decode() for file in files]}


def _said(data: object, code: int = 10000, message: str = "Success", status: int = 200) -> web.Response:
    body = {"code": code, "data": data, "message": message, "request_id": "2026", "status": code}
    return web.json_response({**body, "time_elapsed": "1.2ms"}, status=status)


def _object(raw: bytes) -> dict[str, Any]:
    if len(raw) > PARSE_LIMIT:
        raise ServiceError(50207, "Error when parsing request")
    try:
        body = json.loads(raw)
    except ValueError:
        raise ServiceError(50207, "Error when parsing request") from None
    if not isinstance(body, dict):
        raise ServiceError(50215, "Input invalid for this service.")
    return body


def _must_be_possible(body: dict[str, Any]) -> int:
    """The number of pictures in an order that can be made; anything else is refused."""
    model = MODELS.get(body.get("req_key", ""))
    prompt, pictures = body.get("prompt"), body.get("binary_data_base64", [])
    width, height = body.get("width", 0), body.get("height", 0)
    low, high = body.get("min_ratio", 1 / 3), body.get("max_ratio", 3)
    possible = (
        model is not None
        and not set(body) - SUBMIT_KEYS
        and isinstance(prompt, str)
        and 0 < len(prompt) <= 800
        and isinstance(pictures, list)
        and len(pictures) <= model[0]
        and all(_is_picture(text) for text in pictures)
        and isinstance(body.get("force_single", False), bool)
        and 1 / 16 <= low <= high < 16
        and (("width" in body) == ("height" in body))
        and type(width) is type(height) is type(body.get("size", 0)) is int
        and ("width" not in body or (AREA[0] <= width * height <= AREA[1] and low <= width / height <= high))
        and ("size" not in body or AREA[0] <= body["size"] <= AREA[1])
        and ("scale" not in body or _is_scale(body["scale"], *model[1:]))
    )
    if not possible:
        raise ServiceError(50215, "Input invalid for this service.")
    return len(pictures)


def _is_scale(value: object, kind: type, low: int, high: int) -> bool:
    fits = type(value) is int or (kind is float and type(value) is float)
    return fits and isinstance(value, int | float) and low <= value <= high


def _is_picture(text: object) -> bool:
    try:
        raw = base64.b64decode(str(text), validate=True)
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as image:
            width, height = image.size
    except (binascii.Error, OSError):
        return False
    return len(raw) <= 15_000_000 and max(width, height) <= 4096 and 1 / 3 <= width / height <= 3


def make() -> VolcengineService:
    """As it is run by hand: pictures take a while."""
    service = VolcengineService()
    service.seconds = 8.0
    return service


if __name__ == "__main__":
    main(make, "Volcengine")
