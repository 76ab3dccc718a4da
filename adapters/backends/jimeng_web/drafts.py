"""What an order looks like to the site: the draft, the request around it, the signature. Pure.

Every node has a type and an id; ids follow from the order's reference, so the same order is the same
draft. `draft_content` and `metrics_extra` are JSON inside strings.
"""

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from adapters.backends.jimeng_web.models import Model, Shape
from bot.errors import Reason, Refused
from bot.job import Request
from bot.ports import Order

APP_ID = 513695
APP_VERSION = "8.4.0"
DRAFT_VERSION = "3.3.9"
_PLATFORM = "7"
_OLDEST = "3.0.2"
_OLDEST_OF_SEVERAL = "3.2.9"
_STRENGTH = 0.5


def sign(path: str, at: int) -> str:
    """The Sign header of a request to `path` at the Unix time `at`."""
    text = f"9e2c|{path[-7:]}|{_PLATFORM}|{APP_VERSION}|{at}||11ac"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that the site has taken in."""

    uri: str
    width: int
    height: int
    format: str


@dataclass(frozen=True, slots=True)
class Wish:
    """An order after it was held against what the model can do."""

    order: Order
    model: Model
    shape: Shape
    #: The size's name as the site writes it: "2k".
    size: str
    auto_ratio: bool


def wish(order: Order, model: Model | None) -> Wish:
    """The order as the site could carry it out. Raises Refused where it could not."""
    request = order.request
    if model is None or request.task not in ("text_to_image", "image_to_image"):
        raise Refused(Reason.MODEL_MISMATCH, f"{order.model} {request.task} is not to be had")
    _must_fit(request, model)
    size = request.size or next(iter(model.shapes))
    shapes = model.shapes.get(size)
    if shapes is None or request.pixels is not None:
        raise Refused(Reason.BAD_SIZE, f"{order.model}: size {request.pixels or size}")
    shape = shapes.get(request.ratio or "1:1")
    if shape is None:
        raise Refused(Reason.RATIO_UNSUPPORTED, f"{order.model}: ratio {request.ratio} at {size}")
    auto = request.auto_ratio and not request.ratio and model.smart
    return Wish(order, model, shape, size.lower(), auto)


def _must_fit(request: Request, model: Model) -> None:
    inputs = len(request.inputs)
    if (request.task == "image_to_image") != bool(inputs) or inputs > model.max_inputs:
        raise Refused(Reason.BAD_INPUT, f"{model.id}: {request.task} with {inputs} pictures")
    if request.count and request.count not in model.counts:
        raise Refused(Reason.BAD_INPUT, f"{model.id}: {request.count} pictures at once")
    if request.strength is not None and not 0 <= request.strength <= 1:
        raise Refused(Reason.BAD_INPUT, f"strength {request.strength}")


def body(wanted: Wish, uploads: tuple[Upload, ...], now: float) -> dict[str, Any]:
    """The request that orders it. `now`: Unix seconds."""
    reference = wanted.order.reference
    telling = {
        "promptSource": "custom",
        "generateCount": wanted.order.request.count or wanted.model.usual,
        "enterFrom": "click",
        "generateId": reference,
        "isRegenerate": False,
    }
    return {
        "extend": {"root_model": wanted.model.key},
        "submit_id": reference,
        "metrics_extra": json.dumps(telling),
        "draft_content": json.dumps(draft(wanted, uploads, now), ensure_ascii=False),
        "http_common_info": {"aid": APP_ID},
    }


def feature(key: str) -> str:
    """What the order draws on, as the site wants to see it in the query of an order."""
    return json.dumps(
        {
            "scenario": "image_video_generation",
            "feature_key": "aigc_to_image",
            "feature_entrance": "to-generate",
            "feature_entrance_detail": f"to-generate-{key}",
        },
        separators=(",", ":"),
    )


def draft(wanted: Wish, uploads: tuple[Upload, ...], now: float) -> dict[str, Any]:
    """The draft itself."""
    reference = wanted.order.reference
    component = _id(reference, "component")
    return {
        "type": "draft",
        "id": _id(reference, "draft"),
        "min_version": _OLDEST,
        "min_features": [],
        "is_from_tsn": True,
        "version": DRAFT_VERSION,
        "main_component_id": component,
        "component_list": [
            {
                "type": "image_base_component",
                "id": component,
                "min_version": _OLDEST,
                "aigc_mode": "workbench",
                "metadata": {
                    **_node(reference, "metadata"),
                    "created_platform": 3,
                    "created_platform_version": "",
                    "created_time_in_ms": str(int(now * 1000)),
                    "created_did": "",
                },
                "generate_type": "blend" if uploads else "generate",
                "abilities": _abilities(wanted, uploads),
            }
        ],
    }


def _abilities(wanted: Wish, uploads: tuple[Upload, ...]) -> dict[str, Any]:
    reference, request = wanted.order.reference, wanted.order.request
    # Beside `generate`, not in it: there the site answers "permission denied".
    option = {**_node(reference, "option"), "generate_all": False}
    if request.count:
        option["gen_count"] = request.count
    kind = "blend" if uploads else "generate"
    made = {**_node(reference, kind), "core_param": _core(wanted, len(uploads))}
    if uploads:
        made |= {
            "min_version": _OLDEST_OF_SEVERAL if len(uploads) > 1 else _OLDEST,
            "min_features": [],
            "ability_list": [
                _ability(reference, place, upload, request) for place, upload in enumerate(uploads)
            ],
            "prompt_placeholder_info_list": [
                {**_node(reference, f"placeholder {place}"), "ability_index": place}
                for place in range(len(uploads))
            ],
            "postedit_param": {**_node(reference, "postedit"), "generate_type": 0},
        }
    return {**_node(reference, "abilities"), kind: made, "gen_option": option}


def _core(wanted: Wish, inputs: int) -> dict[str, Any]:
    reference, request = wanted.order.reference, wanted.order.request
    core = {
        **_node(reference, "core"),
        "model": wanted.model.key,
        "prompt": "##" * inputs + request.prompt,
        "sample_strength": _STRENGTH if request.strength is None else request.strength,
        "large_image_info": {
            **_node(reference, "large"),
            "min_version": _OLDEST,
            "height": wanted.shape.height,
            "width": wanted.shape.width,
            "resolution_type": wanted.size,
        },
        "intelligent_ratio": wanted.auto_ratio,
        "seed": 2_500_000_000 + uuid.UUID(_id(reference, "seed")).int % 100_000_000,
    }
    if not wanted.auto_ratio:
        core["image_ratio"] = wanted.shape.number
    if request.negative:
        core["negative_prompt"] = request.negative
    return core


def _ability(reference: str, place: int, upload: Upload, request: Request) -> dict[str, Any]:
    image = {
        "type": "image",
        "id": _id(reference, f"image {place}"),
        "source_from": "upload",
        "platform_type": 1,
        "name": "",
        "image_uri": upload.uri,
        "uri": upload.uri,
        "width": upload.width,
        "height": upload.height,
        "format": upload.format,
    }
    return {
        **_node(reference, f"ability {place}"),
        "name": "byte_edit",
        "image_uri_list": [upload.uri],
        "image_list": [image],
        "strength": _STRENGTH if request.strength is None else request.strength,
    }


def _node(reference: str, name: str) -> dict[str, Any]:
    return {"type": "", "id": _id(reference, name)}


def _id(reference: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{reference}/{name}"))
