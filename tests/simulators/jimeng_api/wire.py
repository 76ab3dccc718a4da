"""What the service checks before it asks Jimeng, in its own words. No state."""

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

RATIO_NUMBERS = {"1:1": 1, "3:4": 2, "16:9": 3, "4:3": 4, "9:16": 5, "2:3": 6, "3:2": 7, "21:9": 8}


def _table(*sizes: tuple[int, int]) -> dict[str, tuple[int, int]]:
    return dict(zip(RATIO_NUMBERS, sizes, strict=True))


SIZES = {
    # 4:3 and 3:4 are exchanged at 1k, as in the real service.
    "1k": _table(
        (1024, 1024),
        (1024, 768),
        (1024, 576),
        (768, 1024),
        (576, 1024),
        (682, 1024),
        (1024, 682),
        (1195, 512),
    ),
    "2k": _table(
        (2048, 2048),
        (1728, 2304),
        (2560, 1440),
        (2304, 1728),
        (1440, 2560),
        (1664, 2496),
        (2496, 1664),
        (3024, 1296),
    ),
    "4k": _table(
        (4096, 4096),
        (3456, 4608),
        (5120, 2880),
        (4608, 3456),
        (2880, 5120),
        (3328, 4992),
        (4992, 3328),
        (6048, 2592),
    ),
}
SIZES_PRO_4K = SIZES["4k"] | {
    "4:3": (4693, 3520),
    "3:4": (3520, 4693),
    "16:9": (5404, 3040),
    "9:16": (3040, 5404),
    "21:9": (6197, 2656),
}
RATIOS = "1:1, 4:3, 3:4, 16:9, 9:16, 3:2, 2:3, 21:9"
US = ["jimeng-4.5", "jimeng-4.1", "jimeng-4.0", "jimeng-3.0", "nanobanana", "nanobananapro"]
NEW = ["jimeng-5.0", "jimeng-4.6"]
CN = ["jimeng-4.5", "jimeng-4.1", "jimeng-4.0", "jimeng-3.1", "jimeng-3.0"]
SMART = ("jimeng-4.0", "jimeng-4.1", "jimeng-4.5", "jimeng-4.6", "jimeng-5.0")
WORDS = ("违禁", "forbidden")
TITLES = {
    1015: (-2002, "[登录失效]: {}。请重新获取refresh_token并更新配置"),
    4001: (-2006, "[内容违规]: {}"),
    5000: (-2009, "[积分不足]: {}"),
    4002: (-2000, "[参数错误]: {}"),
    5001: (-2007, "[图像生成失败]: {}"),
}


class ServiceError(Exception):
    """What ends as a body with a negative code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def upstream_error(ret: int, message: str) -> ServiceError:
    """How the service passes on a refusal of Jimeng."""
    code, title = TITLES.get(ret, (-2001, f"[请求失败]: {{}} (错误码: {ret})"))
    return ServiceError(code, title.format(message))


@dataclass(slots=True)
class Asked:
    """A request after the service's own checks."""

    token: str
    region: str
    fields: dict[str, Any]
    inputs: list[bytes] = field(default_factory=list)


def refused(failure: ServiceError) -> web.Response:
    return web.json_response({"code": failure.code, "message": failure.message, "data": None})


def repaired(body: bytes) -> bytes:
    """The service's repair of bodies: it works on the raw text, strings included."""
    text = re.sub("[\r\u00a0\u2000-\u200b\ufeff]", " ", body.decode("utf-8", "replace"))
    return re.sub(r",(\s*[\]}])", r"\1", text).encode()


def decoded(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError:
        raise ServiceError(-1000, "Unexpected token in JSON at position 0") from None
    return fields if isinstance(fields, dict) else {}


def tokens(request: web.Request) -> list[str]:
    header = request.headers.get("Authorization")
    if not header:
        raise ServiceError(-2000, "Params headers.authorization invalid")
    return header.removeprefix("Bearer ").split(",")


def checked(request: web.Request, fields: dict[str, Any], *, form: bool = False) -> Asked:
    if not isinstance(fields.get("prompt"), str):
        raise ServiceError(-2000, "Params body.prompt invalid")
    token = tokens(request)[0]
    for name in ("model", "negative_prompt", "ratio", "resolution", "response_format"):
        if not isinstance(fields.get(name, ""), str):
            raise ServiceError(-2000, f"Params body.{name} invalid")
    for name in ("size", "width", "height"):
        if name in fields:
            text = f"不支持的参数: {name}。请使用 ratio 和 resolution 参数控制图像尺寸。"
            raise ServiceError(-1000, text)
    if form:
        _from_form(fields)
    strength = fields.get("sample_strength", 0.5)
    if not isinstance(fields.get("intelligent_ratio", False), bool):
        raise ServiceError(-2000, "Params body.intelligent_ratio invalid")
    if isinstance(strength, bool) or not isinstance(strength, int | float):
        raise ServiceError(-2000, "Params body.sample_strength invalid")
    name = token.rsplit("@", 1)[-1]
    region = name[:2].lower() if name[:3].lower() in ("us-", "hk-", "jp-", "sg-") else "cn"
    return Asked(token, region, fields)


def _from_form(fields: dict[str, Any]) -> None:
    if "intelligent_ratio" in fields:
        fields["intelligent_ratio"] = {"true": True, "false": False}.get(fields["intelligent_ratio"])
    if "sample_strength" in fields:
        try:
            fields["sample_strength"] = float(fields["sample_strength"])
        except ValueError:
            fields["sample_strength"] = None


async def parts(request: web.Request) -> tuple[dict[str, Any], list[bytes]]:
    """The fields and pictures of a request with pictures."""
    if request.content_type.startswith("multipart/"):
        fields, inputs = await _form(request)
    else:
        fields = decoded(repaired(await request.read()))
        inputs = [_fetched(entry) for entry in fields.pop("images", [])]
    if not inputs:
        raise ServiceError(-1000, "至少需要提供1张输入图片")
    if len(inputs) > 10:
        raise ServiceError(-1000, "最多支持10张输入图片")
    return fields, inputs


async def _form(request: web.Request) -> tuple[dict[str, Any], list[bytes]]:
    post = await request.post()
    if any(isinstance(value, web.FileField) and name != "images" for name, value in post.items()):
        raise ServiceError(-1000, "在form-data中缺少 'images' 字段")
    inputs = [value.file.read() for value in post.getall("images", []) if isinstance(value, web.FileField)]
    return {name: value for name, value in post.items() if isinstance(value, str)}, inputs


def _fetched(entry: object) -> bytes:
    url = entry.get("url") if isinstance(entry, dict) else entry
    if not isinstance(url, str) or not url.startswith("data:"):
        # The real one would fetch any address, inside the operator's network too.
        raise ServiceError(-1000, f"connect ECONNREFUSED {url}")
    return base64.b64decode(url.partition(",")[2])
