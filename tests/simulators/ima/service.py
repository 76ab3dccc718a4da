"""The service: strict about every order, charges what it takes on, makes pictures by its own clock."""

import hashlib
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.simulators.ima.catalogue import Node, catalogue
from tests.simulators.service import Service, picture

FATE = re.compile(r"\[(\w+)\]")
#: Words in a prompt that have the order refused, and with what.
REFUSALS = {
    "401": (401, "Unauthorized"),
    "4008": (4008, "Insufficient points"),
    "4014": (4014, "This model requires a subscription"),
    "6006": (6006, "credit mismatch"),
    "500": (500, "Internal server error"),
    "4xx": (4999, "no"),
    "sensitive": (400, "prompt contains sensitive content"),
}


class OrderError(Exception):
    """An order that is not taken, as IMA says it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(slots=True)
class Task:
    id: str
    kind: str
    prompt: str
    model: str
    count: int
    due: float
    fate: str
    links: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """A place to put one file, and what it must be."""

    content_type: str
    suffix: str


class ImaService(Service):
    """IMA's two hosts in one. All settings may be changed while it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.api_key = "ima_test_key"
        self.app_key = "test-app-key"
        self.points = 10_000.0
        self.catalogue: Callable[[str], Any] = catalogue
        #: Seconds between a task's pictures, and between "ready" and the link.
        self.stagger = 0.0
        self.gap = 0.0
        #: Width, height of results; `heavy`: noise that does not compress.
        self.pixels = (64, 64)
        self.heavy = False
        #: How the next tasks end, one each, where their prompts do not say.
        self.fates: deque[str] = deque()
        #: Attributes that an order must have though no list says so (6009), by model.
        self.hidden: dict[str, dict[str, str]] = {}
        #: Sizes that are refused, and how: (code, message) by the value of `size`.
        self.sickly: dict[str, tuple[int, str]] = {}
        #: Models that need a subscription.
        self.subscription: set[str] = set()
        #: Whether refusals carry an HTTP status of their own instead of 200.
        self.http_errors = False
        self.tasks: dict[str, Task] = {}
        self.uploaded: dict[str, bytes] = {}
        self._tokens: dict[str, Token] = {}
        self._nonces: set[str] = set()

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/open/v1/product/list", self._list),
            web.post("/open/v1/tasks/create", self._create),
            web.post("/open/v1/tasks/detail", self._detail),
            web.post("/api/rest/oss/getuploadtoken", self._token),
            web.put("/oss/{name}", self._put),
        ]

    @property
    def orders(self) -> list[dict[str, Any]]:
        """The `parameters[0]` of every create request that arrived."""
        bodies = [json.loads(seen.body) for seen in self.requests if seen.path.endswith("/create")]
        return [body["parameters"][0] for body in bodies]

    # Catalogue and account ----------------------------------------------------------------------------

    async def _list(self, request: web.Request) -> web.Response:
        try:
            return self._said(0, "success", self._listed(request))
        except OrderError as refused:
            return self._said(refused.code, refused.message)

    def _listed(self, request: web.Request) -> object:
        self._must_be_known(request)
        query = dict(request.query)
        if query.pop("category", "") not in ("text_to_image", "image_to_image"):
            raise OrderError(400, "category")
        if query != {"app": "ima", "platform": "web"}:
            raise OrderError(400, "app, platform")
        return self.catalogue(request.query["category"])

    def _must_be_known(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            raise OrderError(401, "Unauthorized")
        if request.headers.get("x-app-source") not in ("ima_skills", "ima_cli"):
            raise OrderError(400, "x-app-source")
        if self.api_key in request.rel_url.human_repr():
            raise OrderError(400, "the key is in the URL")

    def _said(self, code: int, message: str, data: object = None) -> web.Response:
        status = code if self.http_errors and 400 <= code < 600 else 200
        return web.json_response({"code": code, "message": message, "data": data}, status=status)

    # Orders -------------------------------------------------------------------------------------------

    async def _create(self, request: web.Request) -> web.Response:
        try:
            self._must_be_known(request)
            order = await _json(request)
            task, points = self._taken(order)
        except OrderError as refused:
            return self._said(refused.code, refused.message)
        self.points -= points
        self.book.charge(task.prompt, points, task.id, self.now())
        self.tasks[task.id] = task
        return self._said(200, "success", {"id": task.id, "status": "pending"})

    def _taken(self, order: Node) -> tuple[Task, float]:
        kind, pictures = order.get("task_type"), order.get("src_img_url")
        if kind not in ("text_to_image", "image_to_image") or order.get("enable_multi_model") is not False:
            raise OrderError(400, "task_type, enable_multi_model")
        parameters = order.get("parameters")
        if not isinstance(parameters, list) or len(parameters) != 1 or not isinstance(parameters[0], dict):
            raise OrderError(400, "parameters")
        outer = parameters[0]
        leaf = self._ordered(outer, kind)
        inner = outer.get("parameters")
        if not isinstance(inner, dict):
            raise OrderError(400, "parameters.parameters")
        prompt = inner.get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            raise OrderError(400, "prompt")
        if (found := FATE.search(prompt)) and found[1] in REFUSALS:
            raise OrderError(*REFUSALS[found[1]])
        _must_take_pictures(leaf, kind, pictures, inner.get("input_images"))
        if any(url not in self._links() for url in pictures or ()):
            raise OrderError(400, "a picture that was never uploaded")
        points = self._price(leaf, outer, inner)
        count = int(inner["n"]) * (4 if outer["model_id"] == "midjourney" else 1)
        due = self.now() + self.seconds
        fate = found[1] if found else self.fates.popleft() if self.fates else ""
        return Task(
            f"task-{len(self.tasks) + 1:04d}", kind, prompt, outer["model_id"], count, due, fate
        ), points

    def _ordered(self, outer: Node, kind: str) -> Node:
        if (outer.get("app"), outer.get("platform"), outer.get("category")) != ("ima", "web", kind):
            raise OrderError(400, "app, platform, category")
        for leaf in reversed(list(_leaves(self.catalogue(kind)))):
            if leaf["id"] == outer.get("model_version") and leaf["model_id"] == outer.get("model_id"):
                if outer.get("model_name") != leaf["name"]:
                    raise OrderError(400, "model_name")
                return leaf
        raise OrderError(400, "no such model")

    def _price(self, leaf: Node, outer: Node, inner: Node) -> float:
        rules = [rule for rule in leaf["credit_rules"] if rule["attribute_id"] == outer.get("attribute_id")]
        if not rules:
            raise OrderError(400, "Invalid product attribute")
        rule = rules[0]
        cast = {"points": outer.get("credit"), "attribute_id": outer.get("attribute_id")}
        if outer.get("credit") != rule["points"] or inner.get("cast") != cast:
            raise OrderError(6006, "credit mismatch")
        _must_be_known_parameters(leaf, inner)
        wanted = {key: value for key, value in rule["attributes"].items() if key != "default"}
        if any(inner.get(key) != value for key, value in wanted.items()):
            raise OrderError(6010, "attribute mismatch")
        if any(key not in inner for key in self.hidden.get(leaf["model_id"], {})):
            raise OrderError(6009, "no rule for these parameters")
        if (size := str(inner.get("size"))) in self.sickly:
            raise OrderError(*self.sickly[size])
        if leaf["model_id"] in self.subscription:
            raise OrderError(4014, "This model requires a subscription")
        points = float(rule["points"]) * int(inner["n"])
        if points > self.points:
            raise OrderError(4008, "Insufficient points")
        return points

    # Results ------------------------------------------------------------------------------------------

    async def _detail(self, request: web.Request) -> web.Response:
        try:
            self._must_be_known(request)
            task = self.tasks.get(str((await _json(request)).get("task_id")))
        except OrderError as refused:
            return self._said(refused.code, refused.message)
        if task is None:
            return self._said(404, "task not found")
        age = self.now() - task.due
        medias = [self._media(task, number, age - number * self.stagger) for number in range(task.count)]
        if age < -0.9 * self.seconds:
            medias = []
        data = {"id": task.id, "task_type": task.kind, "prompt": task.prompt, "medias": medias}
        data["status"] = "failed" if task.fate == "broken" and age >= 0 else "processing"
        return self._said(0, "success", data)

    def _media(self, task: Task, number: int, age: float) -> Node:
        blank: Node = {
            "resource_status": None,
            "status": "processing",
            "url": "",
            "error_msg": "",
            "remark": "",
        }
        blank |= {"width": 0, "height": 0, "format": "png", "model_id": task.model, "watermark_url": ""}
        if age < 0:
            return blank
        if task.fate == "fail":
            return {**blank, "resource_status": 2, "status": "failed", "error_msg": "upstream gave up"}
        if task.fate == "silent":
            return {**blank, "resource_status": 1, "status": "failed"}
        if task.fate == "block":
            return {**blank, "resource_status": 2, "remark": "The generated image violates our policy"}
        if task.fate == "delete":
            return {**blank, "resource_status": 3}
        if task.fate == "partly" and number == 1:
            return {**blank, "resource_status": 2, "error_msg": "one of them"}
        ready = {**blank, "resource_status": 1, "status": "success"}
        if age < self.gap:
            return ready
        if number not in task.links:
            body = picture(*self.pixels, f"{task.id}{number}", noise=self.heavy)
            task.links[number] = self.publish(body)
        return {**ready, "url": task.links[number], "width": self.pixels[0], "height": self.pixels[1]}

    # Uploads ------------------------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        signed = f"webAgent|{self.app_key}|{form.get('timestamp')}|{form.get('nonce')}"
        right = {
            "appUid": self.api_key,
            "cmimToken": self.api_key,
            "appId": "webAgent",
            "appKey": self.app_key,
            "fService": "privite",
            "fType": "picture",
            "sign": hashlib.sha1(signed.encode()).hexdigest().upper(),
        }
        if any(form.get(key) != value for key, value in right.items()) or request.query:
            return self._said(401, "sign")
        nonce, moment = form.get("nonce", ""), form.get("timestamp", "")
        if not re.fullmatch(r"[0-9a-f]{21}", nonce) or nonce in self._nonces:
            return self._said(401, "nonce")
        if not moment.isdecimal() or abs(int(moment) - self.now()) > 300:
            return self._said(401, "timestamp")
        self._nonces.add(nonce)
        name = f"{len(self._tokens):04d}.{form.get('fSuffix')}"
        self._tokens[name] = Token(form.get("fContentType", ""), form.get("fSuffix", ""))
        return self._said(0, "success", {"ful": f"{self.url}/oss/{name}", "fdl": self._link(name)})

    async def _put(self, request: web.Request) -> web.Response:
        token = self._tokens.get(request.match_info["name"])
        if token is None or request.headers.get("Content-Type") != token.content_type:
            return web.Response(status=403, text="SignatureDoesNotMatch")
        if "Content-Length" not in request.headers:
            return web.Response(status=411)
        self.uploaded[request.match_info["name"]] = await request.read()
        return web.Response()

    def _link(self, name: str) -> str:
        return f"{self.url}/cdn/{name}"

    def _links(self) -> set[str]:
        return {self._link(name) for name in self.uploaded}


async def _json(request: web.Request) -> Node:
    try:
        body = await request.json()
    except ValueError:
        raise OrderError(400, "not JSON") from None
    if not isinstance(body, dict):
        raise OrderError(400, "not an object")
    return body


def _leaves(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        if node.get("type") == "3":
            yield node
        yield from _leaves(node.get("children") or [])


def _must_take_pictures(leaf: Node, kind: str, outer: object, inner: object) -> None:
    if not isinstance(outer, list) or outer != inner:
        raise OrderError(400, "src_img_url and input_images differ")
    limit = leaf.get("files", {}).get("maxLimit", 1) if kind == "image_to_image" else 0
    if len(outer) > limit or (kind == "image_to_image" and not outer):
        raise OrderError(400, "number of pictures")


def _must_be_known_parameters(leaf: Node, inner: Node) -> None:
    fields = {field["field"]: field for field in leaf["form_config"]}
    ruled = {key for rule in leaf["credit_rules"] for key in rule["attributes"]} - {"default"}
    for key, value in inner.items():
        if key == "n":
            allowed = {str(option["value"]) for option in fields.get("n", {}).get("options", [])} or {"1"}
            if type(value) is not int or str(value) not in allowed:
                raise OrderError(400, "n")
        elif key not in ("prompt", "input_images", "cast"):
            if key not in fields and key not in ruled and key != "style":
                raise OrderError(400, f"unknown parameter {key}")
            options = [option["value"] for option in fields.get(key, {}).get("options", [])]
            if options and value not in options:
                raise OrderError(400, f"invalid size or value for {key}")
