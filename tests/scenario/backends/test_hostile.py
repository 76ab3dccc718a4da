"""A catalogue that is wrong in any way never stops the bot: the last good one is kept until a better one."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.job import Outcome
from bot.message import Kind
from tests.scenario.backends.world import begun, in_world
from tests.simulators.ima.catalogue import catalogue, choice, leaf, rule
from tests.simulators.service import FOREVER

LISTS = {
    "ima": "GET /open/v1/product/list",
    "jimeng_web": "POST /mweb/v1/get_common_config",
    "jimeng_api": "POST /v1/images/generations",
}
DEEP = 20_000


def _ima(data: object) -> bytes:
    return json.dumps({"code": 0, "message": "success", "data": data}).encode()


def _web(data: object) -> bytes:
    return json.dumps({"ret": "0", "errmsg": "success", "data": data}).encode()


_ROW = {"model_req_key": "high_aes_general_v40l"}
_HOSTILE_LEAF = leaf("midjourney", "midjourney", "text_to_image", name=["no"], tags={"a": 1}, files=7)

HOSTILE: list[tuple[str, str, bytes]] = [
    *((name, "no JSON", b"<html>\xff\xfe") for name in LISTS),
    *((name, "not an object", b'[["code", 0], 7, null]') for name in LISTS),
    *((name, "only null", b"null") for name in LISTS),
    *((name, "nested without end", b'{"data":' + b"[" * DEEP + b"]" * DEEP + b"}") for name in LISTS),
    *((name, "ten megabytes", b'{"code":0,"ret":"0","data":"' + b"x" * 10_000_000 + b'"}') for name in LISTS),
    *((name, "numbers that are none", b'{"code":NaN,"ret":1e999,"data":Infinity}') for name in LISTS),
    ("ima", "fields missing", _ima([{"type": "3"}, {"type": "3", "model_id": "x"}, {"children": None}])),
    ("ima", "new types", _ima([{"type": "9", "children": catalogue("text_to_image")}, 7, "x", [[None]]])),
    ("ima", "no rules", _ima([leaf("midjourney", "midjourney", "text_to_image")])),
    (
        "ima",
        "odd rules",
        _ima([{**_HOSTILE_LEAF, "credit_rules": [rule(-5, 1), {"points": "5"}, None, rule(10**30, -1)]}]),
    ),
    (
        "ima",
        "odd parameters",
        _ima(
            [
                leaf(
                    "doubao-seedream-4.5",
                    "seedream-451",
                    "text_to_image",
                    form_config=[choice("size", "4k", "0:0", "99999999999k", "1x0"), {"field": None}, 7],
                    credit_rules=[rule(5, 7120)],
                )
            ]
        ),
    ),
    ("ima", "a hundred thousand leaves", _ima([{"type": "3", "model_id": "x"}] * 100_000)),
    ("jimeng_web", "rows of nonsense", _web({"model_list": [None, 7, {}, {"model_req_key": 7}, _ROW]})),
    (
        "jimeng_web",
        "odd sizes",
        _web(
            {
                "model_list": [
                    {
                        **_ROW,
                        "generate_count_options": ["a", -1, 10**9, True],
                        "resolution_map": {"2k": {"image_ratio_sizes": [{"ratio_type": 0}, None]}, "4k": 7},
                        "feats": "x",
                        "input_image_limit": [{"ability_name": "byte_edit", "max_image_num": "ten"}],
                    }
                ]
            }
        ),
    ),
]


@pytest.mark.parametrize(("name", "what", "body"), HOSTILE, ids=[f"{n}-{w}" for n, w, _ in HOSTILE])
@in_world
async def test_a_hostile_catalogue_never_stops_the_bot(
    name: str, what: str, body: bytes, folder: Path
) -> None:
    async with begun(name, folder) as world:
        # The list turns bad while the bot runs.
        wrong = world.service.fail(LISTS[name], "status", FOREVER, status=200, body=body)
        if name == "jimeng_api":
            wrong.count = 2  # the same route takes orders
        await asyncio.sleep(4000 if name != "ima" else 1300)
        await world.platform.say("画一只戴帽子的猫")
        jobs = await world.settled()
        assert [job.outcome for job in jobs if job.reason is None][:1] == [Outcome.SUCCEEDED]
        # It is bad when the bot starts.
        await world.kill()
        wrong.count = 2 if name == "jimeng_api" else FOREVER
        await world.open()
        await asyncio.sleep(10)
        await world.platform.say("画一只穿靴子的狗", who="bob")
        await world.settled()
        answered = world.platform.sent()[-1].message
        assert answered.kind in (Kind.SUCCESS, Kind.TEXT, Kind.PROGRESS)
        # It is good again.
        world.service.heal()
        await asyncio.sleep(700)
        await world.platform.say("画一只戴帽子的猫", who="eve")
        assert (await world.settled())[-1].outcome is Outcome.SUCCEEDED
        assert (await world.house.health())[0]
