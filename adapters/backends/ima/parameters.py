"""What a person asked for, turned into the parameters and the price of one IMA order. Pure.

Parameters that IMA's page only shows (`virtual`) are mapped to those it sends; the credit rule is the one
that the parameters meet, because IMA refuses an order whose rule, price and parameters do not agree.
What can be chosen at all stands in `options`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.backends.ima.catalogue import Params, Product, Rule, Scalar, Virtual
from adapters.backends.ima.options import (
    area,
    nearest,
    normal,
    per_task,
    ratio_params,
    same,
    size_field,
    tier,
)
from bot.errors import Reason, Refused
from bot.job import Request

HAN = re.compile(r"[\u3400-\u9fff]")
#: For products that have a quality instead of a size, best first.
QUALITIES = ("ULTRA", "HIGH", "HD", "MEDIUM", "STANDARD", "LOW")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for, as parameters that IMA knows; all else stays at its default."""

    params: Params
    prompt: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One order, ready to send: the rule it is paid by and the parameters that meet it."""

    product: Product
    wish: Wish
    rule: Rule
    params: Params

    def inner(self, pictures: Sequence[str]) -> dict[str, Any]:
        """The innermost `parameters` of a create request."""
        count = str(self.params.get("n", ""))
        return {
            **self.params,
            "prompt": self.wish.prompt,
            "n": int(count) if count.isdecimal() and int(count) else 1,
            "input_images": list(pictures),
            "cast": {"points": self.rule.points, "attribute_id": self.rule.attribute_id},
        }

    @property
    def size(self) -> str:
        """The size that is ordered, as a word; "" where it is none."""
        field = size_field(self.product)
        return tier(self.params.get(field.target, "")) if field else ""


def wish(product: Product, request: Request) -> Wish:
    """The person's parameters. Raises Refused where the product cannot be set so."""
    if request.count > per_task(product):
        raise Refused(Reason.MODEL_MISMATCH, f"{product.model} makes no {request.count} pictures at once")
    prompt = _sendable(request.prompt)
    if request.pixels:
        params = _exact(product, request.pixels)
    else:
        size, ratio = _size(product, request.size), _ratio(product, request.ratio)
        params = {**size, **ratio}
        if _clash(product, size, ratio):
            # What IMA's own page tells people to do: a size by word leaves the ratio to the prompt.
            params = size
            prompt += (
                f"，画面比例 {request.ratio}" if HAN.search(prompt) else f", aspect ratio {request.ratio}"
            )
    if request.negative and product.field("negative_prompt"):
        params = {**params, "negative_prompt": _sendable(request.negative)}
    return Wish(params, prompt)


def _sendable(text: str) -> str:
    """A text without halves of characters, which no JSON can carry."""
    return text.encode(errors="replace").decode()


def _size(product: Product, size: str) -> Params:
    if not size:
        return {}
    field = size_field(product)
    for option in field.options if field else ():
        if field and same(option, size):
            return {field.target: option}
    raise Refused(Reason.BAD_SIZE, f"{product.model} has no size {size}")


def _ratio(product: Product, ratio: str) -> Params:
    if not ratio:
        return {}
    choices = list(ratio_params(product))
    if not choices and ratio == "1:1":
        return {}  # what a model without a choice draws
    for known, name, value in choices:
        if known == ratio:
            return resolve(product, {name: value})
    raise Refused(Reason.RATIO_UNSUPPORTED, f"{product.model} has no ratio {ratio}")


def _exact(product: Product, pixels: tuple[int, int]) -> Params:
    wanted = f"{pixels[0]}x{pixels[1]}"
    for field in product.fields:
        for option in field.options:
            if same(option, wanted):
                return {field.target: option}
    raise Refused(Reason.BAD_SIZE, f"{product.model} has no size {wanted}")


def _clash(product: Product, size: Params, ratio: Params) -> bool:
    """Whether the ratio sets the same parameter as the size, and to pixels of another size."""
    field = size_field(product)
    return any(
        field is not None and name in ratio and not same(nearest(field, ratio[name]), asked)
        for name, asked in size.items()
    )


def resolve(product: Product, params: Params) -> Params:
    """`params` with every virtual one replaced by what is sent for it.

    Raises Refused for a value without a mapping, and for a target that says otherwise.
    """
    result = dict(params)
    for field in product.fields:
        virtual = field.virtual
        if not virtual or not any(source in result for source in virtual.sources):
            continue
        mapped = _mapped(virtual, result)
        if mapped is None:
            raise Refused(Reason.RATIO_UNSUPPORTED, f"{product.model}: nothing is mapped to {virtual.target}")
        for source in virtual.sources:
            result.pop(source, None)
        if virtual.target in result and not same(result[virtual.target], mapped):
            raise Refused(Reason.BAD_SIZE, f"{product.model}: {virtual.target} is asked for twice")
        result[virtual.target] = mapped
    return result


def _mapped(virtual: Virtual, params: Params) -> Scalar | None:
    given = {**virtual.defaults, **{key: params[key] for key in virtual.sources if key in params}}
    for values, target in virtual.rules:
        if values and all(key in given and same(given[key], value) for key, value in values.items()):
            return target
    return None


def defaults(product: Product) -> Params:
    """What is sent where nobody asked for anything; virtual parameters as what they stand for."""
    result: Params = {}
    for field in product.fields:
        mapped = _mapped(field.virtual, {}) if field.virtual else None
        value = field.default if mapped is None else mapped
        if value is not None:
            result[field.target] = value
    return result


# The rule and the whole --------------------------------------------------------------------------------


def plan(product: Product, wanted: Wish, tried: frozenset[int] = frozenset()) -> Plan:
    """The order for `wanted`, by a rule that contradicts nothing in it and is not in `tried`.

    Raises Refused where there is none.
    """
    rules = [
        rule
        for rule in product.rules
        if rule.attribute_id not in tried
        and all(same(value, wanted.params.get(key, value)) for key, value in rule.attributes.items())
    ]
    if not rules:
        raise Refused(Reason.MODEL_MISMATCH, f"{product.model}: no rule for what was asked")
    rule = select(rules, {**defaults(product), **wanted.params})
    free = {key: value for key, value in wanted.params.items() if key not in rule.attributes}
    return Plan(product, wanted, rule, {**defaults(product), **rule.attributes, **free})


def select(rules: Sequence[Rule], params: Params) -> Rule:
    """The first rule that `params` meet in full, else the one they meet best, else the first."""

    def met(rule: Rule) -> int:
        return sum(key in params and same(params[key], value) for key, value in rule.attributes.items())

    for rule in rules:
        if rule.attributes and met(rule) == len(rule.attributes):
            return rule
    return max(rules, key=met)


# Trying again after a refusal --------------------------------------------------------------------------


def smaller(old: Plan) -> Plan | None:
    """The order at the next smaller size (or quality), or None where there is none."""
    field = size_field(old.product)
    if field and field.target in old.params:
        pixels = area(old.params[field.target])
        lower = [option for option in field.options if tier(option) and area(option) < pixels]
        return _changed(old, field.target, max(lower, key=area)) if lower else None
    quality = old.product.field("quality")
    current = normal(old.params.get("quality", ""))
    after = QUALITIES[QUALITIES.index(current) + 1 :] if current in QUALITIES else ()
    worse = [
        option for word in after for option in (quality.options if quality else ()) if same(option, word)
    ]
    return _changed(old, "quality", worse[0]) if worse else None


def larger(old: Plan, pixels: int) -> Plan | None:
    """The order at the smallest size that has at least so many pixels, or None where there is none."""
    field = size_field(old.product)
    if field is None:
        return None
    least = max(pixels, area(old.params.get(field.target, "")) + 1)
    enough = [option for option in field.options if area(option) >= least]
    return _changed(old, field.target, min(enough, key=area)) if enough else None


def completed(old: Plan) -> Plan:
    """The order with every attribute that it lacks, as the cheapest rule has it."""
    cheapest = min(old.product.rules, key=lambda rule: rule.points)
    return Plan(old.product, old.wish, old.rule, {**cheapest.attributes, **old.params})


def _changed(old: Plan, name: str, value: Scalar) -> Plan | None:
    try:
        return plan(old.product, Wish({**old.wish.params, name: value}, old.wish.prompt))
    except Refused:
        return None
