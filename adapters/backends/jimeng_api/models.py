"""What the jimeng-api service can do, by region and release, and the request that asks for it. Pure.

The service replaces a model that it does not know by jimeng-4.5 without a word, and its list of models
is stale: so what is possible is decided here, before anything is sent.
"""

from dataclasses import dataclass
from typing import Literal

from bot.errors import Reason, Refused
from bot.job import Request
from bot.ports import Offer

Region = Literal["cn", "us", "hk", "jp", "sg"]
RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "21:9")
SIZES = ("2K", "1K", "4K")
MAX_INPUTS = 10

_SMART = frozenset({"jimeng-4.0", "jimeng-4.1", "jimeng-4.5", "jimeng-4.6", "jimeng-5.0"})
_TEXT_ONLY = frozenset({"jimeng-3.1"})
_CN = ("jimeng-4.5", "jimeng-4.1", "jimeng-4.0", "jimeng-3.1", "jimeng-3.0")
_US = (
    "jimeng-4.5",
    "jimeng-4.1",
    "jimeng-4.0",
    "jimeng-3.0",
    "jimeng-nanobanana",
    "jimeng-nanobananapro",
)
_NEW = ("jimeng-5.0", "jimeng-4.6")

#: The service's tables of sizes have 4:3 and 3:4 exchanged at 1k.
_EXCHANGED = {"4:3": "3:4", "3:4": "4:3"}


def region_of(session_id: str) -> Region:
    """The region that a session id's prefix names; China where there is none.

    A proxy may stand before it: "http://user:password@host:port@us-…".
    """
    prefix = session_id.rsplit("@", 1)[-1][:3].lower()
    regions: dict[str, Region] = {"us-": "us", "hk-": "hk", "jp-": "jp", "sg-": "sg"}
    return regions.get(prefix, "cn")


def models_of(region: Region, *, new: bool) -> tuple[str, ...]:
    """The catalogue's ids of what a region has. `new`: the release that knows 5.0 and 4.6."""
    if region == "us":
        return _US
    if region == "cn":
        return (*_NEW, *_CN) if new else _CN
    return (*_NEW, *_US) if new else _US


def wire_name(model: str) -> str:
    """What the service calls a model of the catalogue."""
    return model.removeprefix("jimeng-") if "nanobanana" in model else model


def offers_of(region: Region, *, new: bool) -> tuple[Offer, ...]:
    """Everything that a region offers. No prices: the service has no list of them."""
    return tuple(
        offer
        for model in models_of(region, new=new)
        for offer in (
            _offer(model, region),
            None if model in _TEXT_ONLY else _offer(model, region, MAX_INPUTS),
        )
        if offer is not None
    )


def _offer(model: str, region: Region, max_inputs: int = 0) -> Offer:
    fixed = model == "jimeng-nanobanana"
    options = {"negative", "strength"} if "nanobanana" not in model else set()
    return Offer(
        model=model,
        task="image_to_image" if max_inputs else "text_to_image",
        ratios=() if fixed and region == "us" else RATIOS,
        sizes=() if fixed and region == "us" else ("1K",) if fixed else SIZES,
        max_inputs=max_inputs,
        max_count=4,
        per_order=4,
        options=frozenset(options | ({"auto_ratio"} if model in _SMART else set())),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """One request to the service: its parameters, and how many pictures go with it."""

    path: str
    fields: dict[str, str | float | bool]


def plan(model: str, request: Request, region: Region, *, new: bool) -> Plan:
    """The request for `model` in `region`, with nothing in it that the person did not ask for.

    Raises Refused where the service could not do it, or would quietly do something else.
    """
    if model not in models_of(region, new=new):
        raise Refused(Reason.MODEL_MISMATCH, f"{model} is not to be had in region {region}")
    inputs = len(request.inputs)
    if request.task not in ("text_to_image", "image_to_image"):
        raise Refused(Reason.MODEL_MISMATCH, f"{request.task} is not built here")
    if (request.task == "image_to_image") != bool(inputs):
        raise Refused(Reason.BAD_INPUT, f"{request.task} with {inputs} pictures")
    if inputs > (0 if model in _TEXT_ONLY else MAX_INPUTS):
        raise Refused(Reason.BAD_INPUT, f"{model} with {inputs} pictures")
    offer = _offer(model, region, MAX_INPUTS if inputs else 0)
    if request.count > offer.max_count:
        raise Refused(Reason.BAD_INPUT, f"{request.count} pictures at once")
    fields: dict[str, str | float | bool] = {"model": wire_name(model), "prompt": request.prompt}
    fields |= _shape(request, offer)
    if request.negative and "negative" in offer.options:
        fields["negative_prompt"] = request.negative
    if request.strength is not None and "strength" in offer.options:
        if not 0 <= request.strength <= 1:
            raise Refused(Reason.BAD_INPUT, f"strength {request.strength}")
        fields["sample_strength"] = request.strength
    return Plan("/v1/images/compositions" if inputs else "/v1/images/generations", fields)


def _shape(request: Request, offer: Offer) -> dict[str, str | float | bool]:
    """Ratio and resolution, as far as they were asked for and can be had."""
    if request.pixels is not None:
        raise Refused(Reason.BAD_SIZE, "exact pixels")
    if request.ratio and request.ratio not in offer.ratios:
        raise Refused(Reason.RATIO_UNSUPPORTED, f"{offer.model}: ratio {request.ratio}")
    if request.size and request.size not in offer.sizes:
        raise Refused(Reason.BAD_SIZE, f"{offer.model}: size {request.size}")
    shape: dict[str, str | float | bool] = {}
    only_small = offer.sizes == ("1K",)
    if request.size and not only_small:
        shape["resolution"] = request.size.lower()
    if request.auto_ratio and not request.ratio and "auto_ratio" in offer.options:
        shape["intelligent_ratio"] = True
    elif request.ratio:
        small = only_small or request.size == "1K"
        shape["ratio"] = _EXCHANGED.get(request.ratio, request.ratio) if small else request.ratio
    return shape
