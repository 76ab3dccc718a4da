"""Volcengine's Jimeng models: what can be asked of them, and the body that asks it. Pure.

Limits are those of Volcengine's interface pages for Jimeng 4.0 and 4.6.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

from bot.errors import Reason, Refused
from bot.job import Request
from bot.message import Media, Task
from bot.ports import Offer

HAN = re.compile(r"[\u3400-\u9fff]")
MAX_PROMPT = 800
#: Pixels of a picture, and its width by its height, that can be asked for as such.
PIXELS = (1024 * 1024, 4096 * 4096)
SHAPES = (1 / 15, 15)
#: The shapes that need not be allowed by name.
USUAL_SHAPES = (1 / 3, 3)
SIDES = {"1K": 1024, "2K": 2048, "4K": 4096}
RATIOS = ("1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16", "21:9")
AT_2K = {
    "1:1": (2048, 2048),
    "4:3": (2304, 1728),
    "3:2": (2496, 1664),
    "16:9": (2560, 1440),
    "21:9": (3024, 1296),
}
AT_4K = {
    "1:1": (4096, 4096),
    "4:3": (4694, 3520),
    "3:2": (4992, 3328),
    "16:9": (5404, 3040),
    "21:9": (6198, 2656),
}


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its name at Volcengine, and where it differs."""

    req_key: str
    max_inputs: int
    #: Most pictures in one order; with pictures to work on; and the two together (0: nothing is said).
    max_count: int
    max_count_with_inputs: int
    together: int
    #: What a text's full weight against the pictures is called.
    full_scale: float
    at_4k: dict[str, tuple[int, int]]

    def scale(self, strength: float) -> float:
        """How strongly the text counts where the pictures bind with `strength` (0 to 1)."""
        text = min(1.0, max(0.0, 1 - strength))
        return round(text, 2) if self.full_scale == 1 else max(1, round(text * self.full_scale))


MODELS = {
    "jimeng-4.6": Model(
        req_key="jimeng_seedream46_cvtob",
        max_inputs=14,
        max_count=6,
        max_count_with_inputs=6,
        together=0,
        full_scale=100,
        at_4k={**AT_4K, "4:3": (4693, 3520), "21:9": (6197, 2656)},
    ),
    "jimeng-4.0": Model(
        req_key="jimeng_t2i_v40",
        max_inputs=10,
        max_count=9,
        max_count_with_inputs=5,
        together=15,
        full_scale=1,
        at_4k=AT_4K,
    ),
}


def offers() -> tuple[Offer, ...]:
    """Every model, once per task. Prices are not on the interface, and not made up."""
    return tuple(offer(name, task) for name in MODELS for task in ("text_to_image", "image_to_image"))


def offer(name: str, task: Task) -> Offer:
    """What a model offers for a task."""
    model = MODELS[name]
    edits = task == "image_to_image"
    return Offer(
        model=name,
        task=task,
        ratios=RATIOS,
        sizes=tuple(SIDES),
        pixels=PIXELS,
        max_inputs=model.max_inputs if edits else 0,
        max_count=model.max_count_with_inputs if edits else model.max_count,
        options=frozenset({"watermark", "auto_ratio", *(("strength",) if edits else ())}),
    )


def body(name: str, request: Request) -> dict[str, Any]:
    """What is sent for a request, all but its pictures. Raises Refused where the model cannot do it."""
    model = MODELS.get(name)
    if model is None or request.task not in ("text_to_image", "image_to_image"):
        raise Refused(Reason.MODEL_MISMATCH, f"{name} does no {request.task} here")
    _check_numbers(model, request)
    prompt = _sendable(request.prompt)
    if request.count > 1:
        # How many there are is for the model to read out of the words alone.
        many = request.count
        prompt += f"，一共生成 {many} 张图" if HAN.search(prompt) else f", {many} images in all"
    if len(prompt) > MAX_PROMPT:
        raise Refused(Reason.MODEL_MISMATCH, f"a prompt of {len(prompt)} characters, {MAX_PROMPT} are taken")
    made = {"req_key": model.req_key, "prompt": prompt, "force_single": request.count <= 1}
    made |= _dimensions(model, request)
    if pictures(request) and request.strength is not None:
        made["scale"] = model.scale(request.strength)
    return made


def logo(request: Request) -> dict[str, Any]:
    """The watermark, as the request for the result asks for it."""
    text = _sendable(request.watermark) if isinstance(request.watermark, str) else ""
    return {
        "add_logo": bool(request.watermark),
        "position": 0,
        "language": 0 if HAN.search(request.prompt) else 1,
        "opacity": 1,
        "logo_text_content": text,
    }


def pictures(request: Request) -> tuple[Media, ...]:
    """The pictures to work on."""
    return request.inputs if request.task == "image_to_image" else ()


def _sendable(text: str) -> str:
    """A text without halves of characters, which no JSON can carry."""
    return text.encode(errors="replace").decode()


def _check_numbers(model: Model, request: Request) -> None:
    given = len(pictures(request))
    if request.task == "image_to_image" and not given:
        raise Refused(Reason.BAD_INPUT, "no picture to work on")
    most = model.max_count_with_inputs if given else model.max_count
    if given > model.max_inputs or request.count > most:
        raise Refused(Reason.MODEL_MISMATCH, f"{given} pictures in, {request.count} out")
    if model.together and given + max(1, request.count) > model.together:
        raise Refused(Reason.MODEL_MISMATCH, f"{given} and {request.count} pictures, {model.together} in all")
    for picture in pictures(request):
        shape = picture.width / picture.height if picture.height else 1
        if not USUAL_SHAPES[0] <= shape <= USUAL_SHAPES[1]:
            raise Refused(Reason.BAD_SIZE, f"a picture of {picture.width} × {picture.height}")


def _dimensions(model: Model, request: Request) -> dict[str, Any]:
    if request.pixels:
        return _exact(*request.pixels)
    size, ratio = request.size, "" if request.auto_ratio else request.ratio
    if size and size not in SIDES:
        raise Refused(Reason.BAD_SIZE, f"no size {size}")
    if ratio and ratio not in RATIOS:
        raise Refused(Reason.RATIO_UNSUPPORTED, f"no ratio {ratio}")
    if request.count > 1 and not request.auto_ratio:
        ratio = ratio or "1:1"  # several of unlike sizes fail at Volcengine
    if ratio:
        width, height = _at(model, ratio, size or "2K")
        return {"width": width, "height": height}
    return {"size": SIDES[size] ** 2} if size else {}


def _exact(width: int, height: int) -> dict[str, Any]:
    if width <= 0 or height <= 0 or not PIXELS[0] <= width * height <= PIXELS[1]:
        raise Refused(Reason.BAD_SIZE, f"{width} × {height} pixels")
    shape = width / height
    if not SHAPES[0] <= shape <= SHAPES[1]:
        raise Refused(Reason.RATIO_UNSUPPORTED, f"{width} × {height}")
    made: dict[str, Any] = {"width": width, "height": height}
    if shape > USUAL_SHAPES[1]:
        made["max_ratio"] = math.ceil(shape * 100) / 100
    if shape < USUAL_SHAPES[0]:
        made["min_ratio"] = max(1 / 16, math.floor(shape * 100) / 100)
    return made


def _at(model: Model, ratio: str, size: str) -> tuple[int, int]:
    wide, high = (int(side) for side in ratio.split(":"))
    if wide < high:
        width, height = _at(model, f"{high}:{wide}", size)
        return height, width
    if size != "1K":
        return (AT_2K if size == "2K" else model.at_4k)[ratio]
    common = math.gcd(wide, high)
    wide, high = wide // common, high // common
    step = math.ceil(math.sqrt(PIXELS[0] / (wide * high)))
    return wide * step, high * step
