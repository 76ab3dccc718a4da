"""The simulated services refuse what the real ones refuse: each rule is broken on purpose.

A right request is made by the backend itself and heard by the service; one thing in it is changed, and it is
sent again by hand. Nothing may be charged for it.
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters import http
from adapters.backends.ima import Ima
from adapters.backends.jimeng_web import JimengWeb, JimengWebSettings
from adapters.backends.volcengine.signing import Keys
from adapters.backends.volcengine.wire import RESULT, SUBMIT, Wire
from adapters.clock import SystemClock
from adapters.media import MediaStore
from bot import settings
from bot.job import Request
from bot.ports import Backend, Order
from tests.simulators import jimeng_api, jimeng_web
from tests.simulators.ima import ImaService
from tests.simulators.service import Seen, Service, picture
from tests.simulators.volcengine import VolcengineService

Change = Callable[[dict[str, Any]], object]


async def ordered(backend: Backend, model: str, folder: Path, **asked: Any) -> None:
    """A right order, from one picture."""
    store = MediaStore(folder / "people")
    inputs = (await store.keep("mine", picture(40, 30)),)
    await backend.submit(Order("ref", model, Request("image_to_image", "a fox", inputs=inputs, **asked)))
    await store.close()


def heard(service: Service, end: str) -> Seen:
    """The last request to a route."""
    return next(seen for seen in reversed(service.requests) if seen.path.endswith(end))


async def again(service: Service, seen: Seen, body: bytes, **headers: str | None) -> httpx.Response:
    """The request once more, changed; a header that is None is left out."""
    kept = {name: value for name, value in seen.headers.items() if name not in ("host", "content-length")}
    changed = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    sent = {name: value for name, value in {**kept, **changed}.items() if value is not None}
    async with httpx.AsyncClient(verify=False) as client:
        return await client.request(
            seen.method, service.url + seen.path, params=seen.query, headers=sent, content=body
        )


def put(*path: str | int, to: Any) -> Change:
    """Set one thing deep inside."""

    def change(body: dict[str, Any]) -> None:
        node: Any = body
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = to

    return change


def without(*path: str | int) -> Change:
    """Leave one thing out."""

    def change(body: dict[str, Any]) -> None:
        node: Any = body
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]

    return change


# IMA Studio -------------------------------------------------------------------------------------------

OUTER, INNER = ("parameters", 0), ("parameters", 0, "parameters")
IMA_ORDERS: list[tuple[Change, int]] = [
    (put("task_type", to="text_to_song"), 400),
    (put("enable_multi_model", to=True), 400),
    (without("parameters"), 400),
    (lambda body: body["parameters"].append(body["parameters"][0]), 400),
    (put(*OUTER, "app", to="web"), 400),
    (put(*OUTER, "category", to="text_to_image"), 400),
    (put(*OUTER, "model_version", to="flash-1"), 400),
    (put(*OUTER, "model_name", to="Banana"), 400),
    (put(*OUTER, "attribute_id", to=1), 400),
    (put(*OUTER, "credit", to=1), 6006),
    (put(*INNER, "cast", "points", to=1), 6006),
    (put(*INNER, "size", to="4K"), 6010),
    (put(*INNER, "size", to="9K"), 400),
    (put(*INNER, "aspect_ratio", to="7:3"), 400),
    (put(*INNER, "reference_strength", to=0.8), 400),
    (put(*INNER, "default", to="enabled"), 400),
    (put(*INNER, "n", to="1"), 400),
    (put(*INNER, "prompt", to=" "), 400),
    (put(*INNER, "input_images", to=[]), 400),
    (put("src_img_url", to=[]), 400),
]


@pytest.fixture
async def ima(tmp_path: Path) -> Any:
    async with ImaService() as service, http.client() as client:
        media = MediaStore(tmp_path / "media", client)
        keys = settings.Ima(service.api_key, service.url, service.url, service.app_key)
        await ordered(Ima(client, media, SystemClock(), keys), "gemini-3.1-flash-image", tmp_path)
        yield service
        await media.close()
        assert len(service.book.charges) == 1


async def test_ima_refuses_an_order_with_anything_wrong_in_it(ima: ImaService) -> None:
    seen = heard(ima, "/create")
    for number, (change, code) in enumerate(IMA_ORDERS):
        body = json.loads(seen.body)
        change(body)
        answer = await again(ima, seen, json.dumps(body).encode())
        assert answer.json()["code"] == code, number
    strange = json.loads(seen.body.replace(b"/cdn/", b"/elsewhere/"))
    assert (await again(ima, seen, json.dumps(strange).encode())).json()["code"] == 400
    assert (await again(ima, seen, b"{")).json()["code"] == 400


async def test_ima_refuses_who_does_not_say_who_he_is(ima: ImaService) -> None:
    for path in ("/create", "/list"):
        seen = heard(ima, path)
        assert (await again(ima, seen, seen.body, authorization="Bearer no")).json()["code"] == 401
        assert (await again(ima, seen, seen.body, x_app_source=None)).json()["code"] == 400
        seen.query["key"] = ima.api_key
        assert (await again(ima, seen, seen.body)).json()["code"] == 400


async def test_ima_refuses_uploads_that_are_signed_or_sent_otherwise(ima: ImaService) -> None:
    token, sent = heard(ima, "/getuploadtoken"), heard(ima, ".png")
    assert (await again(ima, token, token.body)).json()["code"] == 401, "a nonce twice"
    for old, new in ((b"sign=", b"sign=A"), (b"nonce=", b"nonce=0"), (b"privite", b"private")):
        assert (await again(ima, token, token.body.replace(old, new))).json()["code"] == 401
    ima.advance(600)
    assert (await again(ima, token, token.body)).json()["code"] == 401
    assert (await again(ima, sent, sent.body, content_type="image/jpeg")).status_code == 403


# Volcengine -------------------------------------------------------------------------------------------

VOLCENGINE_ORDERS: list[Change] = [
    put("req_key", to="jimeng_t2i_v99"),
    put("prompt", to="x" * 801),
    put("prompt", to=""),
    without("prompt"),
    put("width", to=2048),
    lambda body: body.update(width=100, height=100),
    lambda body: body.update(width=5000, height=5000),
    lambda body: body.update(width=4096, height=1024),
    put("size", to=1),
    put("size", to="2K"),
    put("scale", to=0.5),
    put("scale", to=101),
    put("force_single", to="yes"),
    put("max_ratio", to=16),
    put("return_url", to=True),
    put("logo_info", to="{}"),
    put("binary_data_base64", to=["no base64"]),
    lambda body: body["binary_data_base64"].extend(body["binary_data_base64"] * 14),
]


@pytest.fixture
async def volcengine() -> Any:
    async with VolcengineService() as service:
        service.seconds = 0
        yield service


def order_for_volcengine() -> dict[str, Any]:
    return {"req_key": "jimeng_seedream46_cvtob", "prompt": "a fox", "binary_data_base64": [_TEXT]}


_TEXT = base64.b64encode(picture(40, 30)).decode()


async def test_volcengine_refuses_an_order_with_anything_wrong_in_it(volcengine: VolcengineService) -> None:
    async with http.client() as client:
        keys = Keys(volcengine.access_key, volcengine.secret_key)
        wire = Wire(client, SystemClock(), volcengine.url, keys)
        for number, change in enumerate(VOLCENGINE_ORDERS):
            body = order_for_volcengine()
            change(body)
            assert (await wire.call(SUBMIT, body)).code == 50215, number
        assert (await wire.call(SUBMIT, {"prompt": "x" * 21_000_000})).code == 50207
        assert not volcengine.book.charges
        task = (await wire.call(SUBMIT, order_for_volcengine())).data["task_id"]
        asked = {"req_key": "jimeng_seedream46_cvtob", "task_id": task}
        assert (await wire.call(RESULT, {**asked, "req_json": {"return_url": True}})).code == 50215
        assert (await wire.call(RESULT, {**asked, "return_url": True})).code == 50215
        assert (await wire.call(RESULT, {**asked, "req_key": "jimeng_t2i_v40"})).data["status"] == "not_found"
        assert (await wire.call(RESULT, asked)).data["status"] == "done"


async def test_volcengine_refuses_what_is_not_signed_as_it_arrives(volcengine: VolcengineService) -> None:
    async with http.client() as client:
        keys = Keys(volcengine.access_key, volcengine.secret_key)
        await Wire(client, SystemClock(), volcengine.url, keys).call(SUBMIT, order_for_volcengine())
    seen = heard(volcengine, "/")

    async def code(body: bytes = seen.body, **headers: str | None) -> int:
        answer = await again(volcengine, seen, body, **headers)
        return int(answer.json()["ResponseMetadata"]["Error"]["CodeN"])

    assert await code(seen.body + b" ") == 100010
    assert await code(content_type="text/plain") == 100010
    assert await code(x_date="20200101T000000Z") == 100006
    assert await code(authorization=None) == 100005
    signature = seen.headers["authorization"]
    assert await code(authorization=signature.replace(volcengine.access_key, "AKLTother")) == 100009
    assert await code(authorization=signature.replace(";x-date", "")) == 100010
    seen.query["Version"] = "2020-01-01"
    assert await code() == 100008


# jimeng-api -------------------------------------------------------------------------------------------

GENERATIONS, COMPOSITIONS = "/v1/images/generations", "/v1/images/compositions"
JIMENG_API_ORDERS: list[tuple[str, dict[str, Any], int, str]] = [
    ("one", {"model": "jimeng-4.5"}, -2000, "Params body.prompt invalid"),
    ("one", {"prompt": "cat", "ratio": "5:4"}, -1000, "不支持的比例"),
    ("one", {"prompt": "cat", "ratio": 1}, -2000, "Params body.ratio invalid"),
    ("one", {"prompt": "cat", "resolution": "8k"}, -1000, "不支持的分辨率"),
    ("one", {"prompt": "cat", "size": "1024x1024"}, -1000, "不支持的参数: size"),
    ("one", {"prompt": "cat", "sample_strength": "0.5"}, -2000, "sample_strength"),
    ("one", {"prompt": "cat", "intelligent_ratio": "yes"}, -2000, "intelligent_ratio"),
    ("us-one", {"prompt": "cat", "model": "jimeng-5.0"}, -1000, "国际版不支持模型"),
    ("hk-one", {"prompt": "cat", "model": "jimeng-3.1"}, -1000, "国际版不支持模型"),
    ("us-dead", {"prompt": "cat", "model": "jimeng-4.5"}, -2002, "登录失效"),
    ("", {"prompt": "cat"}, -2000, "Params headers.authorization invalid"),
]


async def test_jimeng_api_refuses_in_its_own_words_and_with_200_every_time() -> None:
    async with jimeng_api.JimengApi() as service, httpx.AsyncClient(base_url=service.url) as client:

        async def refused(path: str, token: str = "one", **content: Any) -> tuple[int, str]:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = await client.post(path, headers=headers, **content)
            assert answer.status_code == 200
            return answer.json()["code"], answer.json()["message"]

        for token, body, code, words in JIMENG_API_ORDERS:
            told = await refused(GENERATIONS, token, json=body)
            assert (told[0], words in told[1]) == (code, True), body
        png = ("a.png", picture(), "image/png")
        form = {"prompt": "cat"}
        assert await refused(COMPOSITIONS, data=form, files=[("image", png)]) == (
            -1000, "在form-data中缺少 'images' 字段",
        )  # fmt: skip
        assert (await refused(COMPOSITIONS, data=form, files=[("images", png)] * 11))[0] == -1000
        assert (await refused(COMPOSITIONS, json={**form, "images": []}))[0] == -1000
        assert (await refused(GENERATIONS, content=b"{"))[0] == -1000
        assert "请求有误" in (await refused("/v1/chat/completions", json={}))[1]
        assert (await refused("/token/points", "one,dead"))[0] == -2002
        assert service.book.charges == []


async def test_jimeng_api_replaces_a_model_that_it_does_not_know_without_a_word() -> None:
    async with jimeng_api.JimengApi() as service, httpx.AsyncClient(base_url=service.url) as client:
        body = {"prompt": "a, ] b", "model": "nanobanana"}
        raw = json.dumps(body).encode()
        await client.post(GENERATIONS, headers={"Authorization": "one"}, content=raw)
        assert (service.submitted[0].model, service.submitted[0].prompt) == ("jimeng-4.5", "a ] b")


# Jimeng's web site ------------------------------------------------------------------------------------

MADE = ("component_list", 0, "abilities", "blend")
DRAFTS: list[tuple[Change, str]] = [
    (put(*MADE, "core_param", "model", to="high_aes_general_v99"), "1001"),
    (put(*MADE, "core_param", "image_ratio", to=8), "1000"),
    (put(*MADE, "core_param", "intelligent_ratio", to=True), "1000"),
    (put(*MADE, "core_param", "large_image_info", "resolution_type", to="8k"), "1000"),
    (put(*MADE, "core_param", "large_image_info", "width", to=100), "1000"),
    (put(*MADE, "core_param", "sample_strength", to=2), "1000"),
    (put(*MADE, "core_param", "prompt", to="a fox"), "1000"),
    (put(*MADE, "ability_list", to=[]), "1000"),
    (put(*MADE, "prompt_placeholder_info_list", to=[]), "1002"),
    (put(*MADE, "gen_option", to={"type": "", "id": "x", "gen_count": 1}), "3018"),
    (without(*MADE), "1002"),
    (put("component_list", 0, "abilities", "gen_option", "gen_count", to=9), "1000"),
    (put("component_list", 0, "metadata", "created_time_in_ms", to=1), "1002"),
    (put("component_list", to=[]), "1002"),
]


@pytest.fixture
async def site(tmp_path: Path) -> Any:
    async with jimeng_web.JimengWeb() as service, http.client() as client:
        media = MediaStore(tmp_path / "media", client)
        backend = JimengWeb(client, media, SystemClock(), JimengWebSettings("one", service.url))
        await ordered(backend, "jimeng-4.5", tmp_path)
        yield service
        await media.close()
        assert len(service.book.charges) == 1


async def test_the_site_refuses_a_draft_with_anything_wrong_in_it(site: jimeng_web.JimengWeb) -> None:
    seen = heard(site, "/generate")
    right = json.loads(seen.body)
    for number, (change, ret) in enumerate(DRAFTS):
        draft = json.loads(right["draft_content"])
        change(draft)
        body = {**right, "draft_content": json.dumps(draft)}
        assert (await again(site, seen, json.dumps(body).encode())).json()["ret"] == ret, number
    loose = {**right, "draft_content": json.loads(right["draft_content"])}
    assert (await again(site, seen, json.dumps(loose).encode())).json()["ret"] == "1002"
    unknown = {**right, "draft_content": right["draft_content"].replace("tos-cn-i-", "tos-us-i-")}
    assert (await again(site, seen, json.dumps(unknown).encode())).json()["ret"] == "1000"
    del seen.query["babi_param"]
    assert (await again(site, seen, seen.body)).json()["ret"] == "3018"


async def test_the_site_refuses_who_is_not_logged_in_and_clients_of_yesterday(
    site: jimeng_web.JimengWeb,
) -> None:
    seen = heard(site, "/generate")
    wrong: list[tuple[dict[str, str | None], str]] = [
        ({"cookie": "sessionid=dead"}, "1015"),
        ({"cookie": None}, "1015"),
        ({"appvr": "5.8.0"}, "3018"),
        ({"sign": "0" * 32}, "1014"),
        ({"device_time": "1700000000"}, "1014"),
        ({"appid": None}, "1000"),
    ]
    for headers, ret in wrong:
        assert (await again(site, seen, seen.body, **headers)).json()["ret"] == ret, headers


async def test_the_picture_store_refuses_what_is_not_signed_or_not_whole(
    site: jimeng_web.JimengWeb,
) -> None:
    sent = next(seen for seen in site.requests if seen.path.startswith("/upload/v1/"))
    assert (await again(site, sent, sent.body[:-1])).status_code == 400
    assert (await again(site, sent, sent.body, authorization="SpaceKey/other")).status_code == 403
    for asked in (seen for seen in list(site.requests) if seen.path == "/"):
        answer = await again(site, asked, asked.body, x_amz_date="20200101T000000Z")
        assert answer.json()["ResponseMetadata"]["Error"]["Code"] == "SignatureDoesNotMatch"
