"""The service itself, and the imagined Jimeng behind it."""

import base64
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.simulators.jimeng_api.wire import (
    CN,
    NEW,
    RATIO_NUMBERS,
    RATIOS,
    SIZES,
    SIZES_PRO_4K,
    SMART,
    US,
    Asked,
    ServiceError,
    checked,
    decoded,
    parts,
    refused,
    repaired,
    tokens,
    upstream_error,
)
from tests.simulators.service import Service, picture

WORDS = ("违禁", "forbidden")


@dataclass(slots=True)
class Account:
    """What Jimeng knows of one session id."""

    credits: int = 1000
    claimed: bool = False
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Submitted:
    """What reached Jimeng for one request."""

    token: str
    model: str
    prompt: str
    fields: dict[str, Any]
    width: int
    height: int
    ratio: int | None
    inputs: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Plan:
    """How the next job goes. `ret`: refused at the start; `poll_ret`: while it runs, paid for already."""

    pictures: int = 4
    #: None: as long as the service's own.
    seconds: float | None = None
    ret: int = 0
    poll_ret: int = 0
    fail_code: int = 0
    lost_record: bool = False
    upload_refused: bool = False
    message: str = "sensitive"


class JimengApi(Service):
    """One service; `era` "head" knows 5.0 and 4.6, "seed" is the release before."""

    def __init__(self, era: str = "head") -> None:
        super().__init__()
        self.era = era
        self.accounts: dict[str, Account] = {}
        self.submitted: list[Submitted] = []
        self.plans: deque[Plan] = deque()
        self.price = 4
        #: Noise of this size for results, for measurements; None: small ones of the right shape.
        self.heavy: tuple[int, int] | None = None

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/ping", self._ping),
            web.get("/", self._root),
            web.get("/v1/models", self._models),
            web.post("/v1/images/generations", self._generations),
            web.post("/v1/images/compositions", self._compositions),
            web.post("/token/points", self._points),
            web.post("/token/receive", self._receive),
            web.post("/token/check", self._check),
            web.route("*", "/{rest:.*}", self._unknown),
        ]

    def plan(self, **how: Any) -> None:
        """Say how the next job goes."""
        self.plans.append(Plan(**how))

    def account(self, token: str) -> Account:
        name = token.rsplit("@", 1)[-1]
        return self.accounts.setdefault(name, Account(dead="dead" in name))

    # Small routes -------------------------------------------------------------------------------------

    async def _ping(self, _: web.Request) -> web.Response:
        return web.Response(text="pong")

    async def _root(self, _: web.Request) -> web.Response:
        about = {"service": "jimeng-api", "status": "running", "version": "1.6.3", "endpoints": {}}
        return web.json_response(about)

    async def _models(self, _: web.Request) -> web.Response:
        names = (
            "jimeng",
            "jimeng-video-3.0",
            "jimeng-video-3.0-pro",
            "jimeng-video-2.0",
            "jimeng-video-2.0-pro",
        )
        return web.json_response({"data": [{"id": name, "object": "model"} for name in names]})

    async def _unknown(self, request: web.Request) -> web.Response:
        where = f"{request.method} -> {request.path}"
        text = f"[请求有误]: 请检查API文档确认正确的请求路径，当前请求为 {where} 请纠正"
        return refused(ServiceError(-1000, text))

    async def _points(self, request: web.Request) -> web.Response:
        try:
            answer = [{"token": token, "points": self._balance(token)} for token in tokens(request)]
        except ServiceError as failure:
            return refused(failure)
        return web.json_response(answer)

    async def _receive(self, request: web.Request) -> web.Response:
        answer = []
        try:
            for token in tokens(request):
                self._balance(token)
                received = self._claim(self.account(token))
                answer.append({"token": token, "credits": self._balance(token), "received": received})
        except ServiceError as failure:
            return refused(failure)
        return web.json_response(answer)

    async def _check(self, request: web.Request) -> web.Response:
        body = decoded(await request.read())
        if not isinstance(body.get("token"), str):
            return refused(ServiceError(-2000, "Params body.token invalid"))
        return web.json_response({"live": False})

    def _balance(self, token: str) -> dict[str, int]:
        account = self.account(token)
        if account.dead:
            raise upstream_error(1015, "login error")
        left = account.credits
        return {"giftCredit": left, "purchaseCredit": 0, "vipCredit": 0, "totalCredit": left}

    def _claim(self, account: Account) -> bool:
        if account.credits > 0 or account.claimed:
            return False
        account.claimed = True
        account.credits = 66
        return True

    # Pictures -----------------------------------------------------------------------------------------

    async def _generations(self, request: web.Request) -> web.Response:
        try:
            fields = decoded(repaired(await request.read()))
            return await self._draw(checked(request, fields))
        except ServiceError as failure:
            return refused(failure)

    async def _compositions(self, request: web.Request) -> web.Response:
        try:
            fields, inputs = await parts(request)
            asked = checked(request, fields, form=request.content_type.startswith("multipart/"))
            asked.inputs = inputs
            return await self._draw(asked)
        except ServiceError as failure:
            return refused(failure)

    async def _draw(self, asked: Asked) -> web.Response:
        model = self._model(asked)
        order = self._sized(asked, model)
        plan = self.plans.popleft() if self.plans else Plan()
        account = self.account(asked.token)
        self._balance(asked.token)
        if account.credits <= 0 and not self._claim(account):
            raise ServiceError(
                -2009, "积分不足且无法自动收取。请访问即梦官网手动收取首次积分，或检查账户状态。"
            )
        if plan.upload_refused:
            raise ServiceError(-2007, "图片上传失败: 图片内容检测未通过，请更换图片")
        if plan.ret:
            raise upstream_error(plan.ret, plan.message)
        if any(word in order.prompt for word in WORDS):
            raise upstream_error(2038, "sensitive words")
        task = str(uuid.uuid4())
        self.submitted.append(order)
        account.credits -= self.price
        self.book.charge(str(asked.fields["prompt"]), self.price, task, self.now())
        if plan.lost_record:
            raise ServiceError(-2007, "记录ID不存在")
        await self.until(self.now() + (self.seconds if plan.seconds is None else plan.seconds))
        if plan.poll_ret:
            raise upstream_error(plan.poll_ret, plan.message)
        if plan.fail_code and not plan.pictures:
            raise ServiceError(-2007, f"图像生成失败，状态码: 30，错误码: {plan.fail_code}")
        return web.json_response(self._answer(order, plan, asked))

    def _answer(self, order: Submitted, plan: Plan, asked: Asked) -> dict[str, Any]:
        width, height = self.heavy or (max(1, order.width // 16), max(1, order.height // 16))
        bodies = [
            picture(width, height, f"{order.prompt} {place}", noise=self.heavy is not None)
            for place in range(plan.pictures)
        ]
        if asked.fields.get("response_format") == "b64_json":
            data = [{"b64_json": base64.b64encode(body).decode()} for body in bodies]
        else:
            until = int(self.now() + self.link_seconds)
            data = [{"url": f"{self.publish(body)}?x-expires={until}"} for body in bodies]
        answer: dict[str, Any] = {"created": int(self.now()), "data": data}
        if asked.inputs:
            answer |= {"input_images": len(asked.inputs), "composition_type": "multi_image_synthesis"}
        return answer

    def _model(self, asked: Asked) -> str:
        model = str(asked.fields.get("model", "jimeng-4.5"))
        if asked.region == "cn":
            known = [*NEW, *CN] if self.era == "head" else CN
            return model if model in known else "jimeng-4.5"
        known = [*NEW, *US] if self.era == "head" and asked.region != "us" else US
        if model not in known:
            names = ", ".join(known)
            raise ServiceError(-1000, f'国际版不支持模型 "{model}"。支持的模型: {names}')
        return model

    def _sized(self, asked: Asked, model: str) -> Submitted:
        fields = asked.fields
        ratio, resolution = fields.get("ratio", "1:1"), fields.get("resolution", "2k")
        prompt = "##" * len(asked.inputs) + fields["prompt"]
        inputs = tuple(asked.inputs)
        if model == "nanobanana" and asked.region == "us":
            return Submitted(asked.token, model, prompt, fields, 1024, 1024, 1, inputs)
        if resolution not in SIZES:
            raise ServiceError(-1000, f'不支持的分辨率 "{resolution}"。支持的分辨率: 1k, 2k, 4k')
        if ratio not in RATIO_NUMBERS:
            raise ServiceError(
                -1000, f'在 "{resolution}" 分辨率下，不支持的比例 "{ratio}"。支持的比例: {RATIOS}'
            )
        if model == "nanobanana":
            resolution = "1k"
        pro = model == "nanobananapro" and resolution == "4k"
        width, height = (SIZES_PRO_4K if pro else SIZES[resolution])[ratio]
        number: int | None = RATIO_NUMBERS[ratio]
        if resolution == "4k" and not pro:
            number = (number or 0) + 100
        if fields.get("intelligent_ratio") is True and model in SMART and not inputs:
            number = None
        return Submitted(asked.token, model, prompt, fields, width, height, number, inputs)
