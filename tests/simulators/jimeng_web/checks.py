"""What the site refuses: logins, old clients, drafts that are not quite right. No state."""

import hashlib
import json
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from aiohttp import web

RATIOS = {"1:1": 1, "3:4": 2, "16:9": 3, "4:3": 4, "9:16": 5, "2:3": 6, "3:2": 7, "21:9": 8}
SIZES = {
    "1k": "1328x1328 1104x1472 1664x936 1472x1104 936x1664 1056x1584 1584x1056 2016x864",
    "2k": "2048x2048 1728x2304 2560x1440 2304x1728 1440x2560 1664x2496 2496x1664 3024x1296",
    "4k": "4096x4096 3520x4693 5404x3040 4693x3520 3040x5404 3328x4992 4992x3328 6197x2656",
}
MODELS = {
    "high_aes_general_v50p_large": ("图片5.0 Pro", ("2k", "4k"), 4, 10),
    "high_aes_general_v50_flash": ("图片5.0 Flash", ("2k", "4k"), 4, 10),
    "high_aes_general_v50": ("图片5.0 Lite", ("2k", "4k"), 8, 10),
    "high_aes_general_v43": ("图片4.7", ("2k", "4k"), 8, 10),
    "high_aes_general_v42": ("图片4.6", ("2k", "4k"), 8, 10),
    "high_aes_general_v40l": ("图片4.5", ("2k", "4k"), 8, 10),
    "high_aes_general_v41": ("图片4.1", ("2k", "4k"), 8, 10),
    "high_aes_general_v40": ("图片4.0", ("2k", "4k"), 8, 6),
    "high_aes_general_v30l_art_fangzhou:general_v3.0_18b": ("图片3.1", ("1k", "2k"), 4, 0),
    "high_aes_general_v30l:general_v3.0_18b": ("图片3.0", ("1k", "2k"), 4, 1),
    "jm_image_model_yc_mj82": ("MJ", ("2k",), 4, 0),
}
KINDS = {"text2image", "text2imageV2", "seedEdit", "seedEditV2", "seedEdit40"}
WORDS = ("违禁", "forbidden")


class SiteError(Exception):
    """What ends as a `ret` other than 0."""

    def __init__(self, ret: int, message: str) -> None:
        super().__init__(message)
        self.ret = ret
        self.message = message


def pixels(size: str) -> dict[int, tuple[int, int]]:
    """Width and height by the ratio's number."""
    pairs = (tuple(map(int, one.split("x"))) for one in SIZES[size].split())
    return {number: (width, height) for number, (width, height) in zip(RATIOS.values(), pairs, strict=True)}


def table() -> dict[str, Any]:
    """The free table of models."""
    return {
        "model_list": [
            {
                "model_req_key": key,
                "model_name": name,
                "feats": ["t2i", "byte_edit"] if inputs else ["t2i"],
                "generate_count_options": list(range(1, counts + 1)),
                "input_image_limit": [{"ability_name": "byte_edit", "max_image_num": inputs}]
                if inputs
                else [],
                "resolution_map": {
                    size: {
                        "image_ratio_sizes": [
                            {"ratio_type": number, "width": width, "height": height}
                            for number, (width, height) in pixels(size).items()
                        ]
                    }
                    for size in sizes
                },
            }
            for key, (name, sizes, counts, inputs) in MODELS.items()
        ]
    }


def check_login(request: web.Request, now: float) -> str:
    """The session id; the client's headers must be those of today."""
    if request.headers.get("Appvr") != "8.4.0" or request.headers.get("Pf") != "7":
        raise SiteError(3018, "permission denied")
    if request.headers.get("Appid") != "513695" or request.query.get("aid") != "513695":
        raise SiteError(1000, "invalid parameter")
    at = request.headers.get("Device-Time", "")
    text = f"9e2c|{request.path[-7:]}|7|8.4.0|{at}||11ac"
    signed = hashlib.md5(text.encode()).hexdigest() == request.headers.get("Sign")
    if not signed or request.headers.get("Sign-Ver") != "1":
        raise SiteError(1014, "sign_error")
    return session_of(request)


def session_of(request: web.Request) -> str:
    """The session id in the cookie; nothing else of the cookie matters."""
    cookie: SimpleCookie = SimpleCookie(request.headers.get("Cookie", ""))
    session = cookie["sessionid"].value if "sessionid" in cookie else ""
    if not session or session.startswith("dead"):
        raise SiteError(1015, "login error")
    return session


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order that passed."""

    submit_id: str
    model: str
    prompt: str
    negative: str
    strength: float
    width: int
    height: int
    ratio: int | None
    count: int
    images: tuple[str, ...]


def check_order(body: Any, query: Any) -> Ordered:
    """The order in a request. Raises SiteError as the site would refuse it."""
    need(isinstance(body, dict) and isinstance(body.get("submit_id"), str) and body["submit_id"], 1000)
    need(isinstance(body.get("draft_content"), str) and isinstance(body.get("metrics_extra"), str), 1002)
    draft = _inner(body["draft_content"])
    _inner(body["metrics_extra"])
    need(body.get("http_common_info") == {"aid": 513695}, 1000)
    need(_inner(query.get("babi_param", "null")).get("feature_key") == "aigc_to_image", 3018)
    component = _component(draft)
    abilities = component["abilities"]
    kind = str(component.get("generate_type"))
    need(kind in ("generate", "blend") and isinstance(abilities.get(kind), dict), 1002)
    made = abilities[kind]
    need("gen_option" not in made, 3018)
    return _core(body["submit_id"], made, abilities.get("gen_option", {}), kind)


def check_intranet(body: dict[str, Any]) -> Ordered:
    """The order in a request at the intranet's door."""
    need(body.get("generate_type") in KINDS, 1000)
    need(
        body.get("agent_scene") == "creation_agent_v40" and body.get("creation_agent_version") == "3.0.0",
        1000,
    )
    need(body.get("model_key") in MODELS and body.get("submit_id") and body.get("prompt"), 1000)
    uris = tuple(body.get("resource_uri_list", ()))
    prompt = "##" * len(uris) + body["prompt"]
    return Ordered(body["submit_id"], body["model_key"], prompt, "", 0.5, 2048, 2048, 1, 4, uris)


def _component(draft: dict[str, Any]) -> dict[str, Any]:
    need(draft.get("type") == "draft" and draft.get("version") == "3.3.9", 1002)
    need(draft.get("min_version") == "3.0.2" and draft.get("is_from_tsn") is True, 1002)
    components: Any = draft.get("component_list")
    need(isinstance(components, list) and len(components) == 1, 1002)
    component: dict[str, Any] = components[0]
    need(component.get("type") == "image_base_component" and component.get("aigc_mode") == "workbench", 1002)
    need(draft.get("main_component_id") == component.get("id"), 1002)
    need(isinstance(component.get("metadata", {}).get("created_time_in_ms"), str), 1002)
    _nodes(component["abilities"])
    return component


def _nodes(node: dict[str, Any]) -> None:
    """Every node has a type and an id."""
    need(isinstance(node.get("type"), str) and isinstance(node.get("id"), str), 1002)
    for value in node.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                _nodes(inner)


def _core(submit_id: str, made: dict[str, Any], option: dict[str, Any], kind: str) -> Ordered:
    core: Any = made.get("core_param")
    need(isinstance(core, dict), 1002)
    need(core.get("model") in MODELS, 1001)
    _, sizes, most, inputs = MODELS[core["model"]]
    large = core.get("large_image_info", {})
    need(large.get("resolution_type") in sizes, 1000)
    number: Any
    shape, number = (large.get("width"), large.get("height")), core.get("image_ratio")
    if core.get("intelligent_ratio"):
        need(number is None, 1000)
    else:
        need(pixels(large["resolution_type"]).get(number) == shape, 1000)
    count = option.get("gen_count", 2 if core["model"].endswith("v50p_large") else 4)
    need(isinstance(count, int) and 1 <= count <= most, 1000)
    need(0 <= core.get("sample_strength", -1) <= 1, 1000)
    images = _images(made, inputs) if kind == "blend" else ()
    prompt: Any = core.get("prompt")
    need(isinstance(prompt, str) and prompt.startswith("##" * len(images)), 1000)
    return Ordered(
        submit_id, core["model"], prompt, core.get("negative_prompt", ""), core["sample_strength"],
        *shape, number, count, images,
    )  # fmt: skip


def _images(made: dict[str, Any], most: int) -> tuple[str, ...]:
    abilities = made.get("ability_list", [])
    need(1 <= len(abilities) <= most, 1000)
    need(len(made.get("prompt_placeholder_info_list", [])) == len(abilities), 1002)
    uris = []
    for ability in abilities:
        need(ability.get("name") == "byte_edit", 1000)
        image = ability["image_list"][0]
        need(ability["image_uri_list"] == [image["image_uri"]] == [image["uri"]], 1000)
        uris.append(image["uri"])
    return tuple(uris)


def need(right: object, ret: int) -> None:
    if not right:
        words = {3018: "permission denied", 1002: "common error"}
        raise SiteError(ret, words.get(ret, "invalid parameter"))


def _inner(text: str) -> dict[str, Any]:
    try:
        inner = json.loads(text)
    except ValueError:
        raise SiteError(1002, "common error") from None
    return inner if isinstance(inner, dict) else {}
