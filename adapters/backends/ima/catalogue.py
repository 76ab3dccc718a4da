"""IMA's product list, decoded: what can be ordered, with which parameters, at what price.

No I/O. Nothing in the list is trusted: a leaf that cannot be ordered from is left out, with a word on why.
What can be chosen stands in `options`, how an order is put together in `parameters`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from bot.message import Task

Scalar = str | int | float | bool
Params = dict[str, Scalar]

MAX_NODES = 20_000
MAX_ITEMS = 200
MAX_TEXT = 200
ID = re.compile(r"[\w.:\-]{1,80}")
SECONDS = re.compile(r"(\d{1,5})(?:\s*(?:~|～|-|–|to)\s*(\d{1,5}))?\s*(s|min)", re.IGNORECASE)
#: What stands in a rule that asks for nothing.
MARKER = ("default", "enabled")
TYPES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Virtual:
    """How values that people choose (`sources`) become the parameter that is sent (`target`)."""

    sources: tuple[str, ...]
    target: str
    defaults: Mapping[str, Scalar]
    rules: tuple[tuple[Mapping[str, Scalar], Scalar], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a product."""

    name: str
    default: Scalar | None
    options: tuple[Scalar, ...]
    label: str = ""
    virtual: Virtual | None = None

    @property
    def target(self) -> str:
        """The parameter that is sent."""
        return self.virtual.target if self.virtual else self.name


@dataclass(frozen=True, slots=True)
class Rule:
    """What an order costs whose parameters are `attributes`; the marker is left out of them."""

    points: int | float
    attribute_id: int
    attributes: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Product:
    """One model for one task. `fields` and `rules` are in IMA's order."""

    model: str
    version: str
    name: str
    task: Task
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    seconds: tuple[int, int] | None = None
    max_inputs: int = 0
    accepts: frozenset[str] = frozenset({"image/jpeg", "image/png"})

    def field(self, name: str) -> Field | None:
        """The parameter of this name."""
        return next((one for one in self.fields if one.name == name), None)


def decode(data: object, task: Task) -> tuple[dict[str, Product], list[str]]:
    """The products in a list's `data` by model id, and what was left out and why.

    Leaves (type "3") may stand at any depth; of several with one id the last one is the newest.
    """
    products: dict[str, Product] = {}
    skipped: list[str] = []
    for leaf in _leaves(data):
        try:
            product = _product(leaf, task)
        except ValueError as error:
            skipped.append(f"{_text(leaf.get('model_id')) or 'a leaf'}: {error}")
            continue
        products.pop(product.model, None)
        products[product.model] = product
    return products, skipped


def _leaves(data: object) -> Iterator[dict[str, Any]]:
    stack: list[object] = [data]
    for _ in range(MAX_NODES):
        if not stack:
            return
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(reversed(node))
        elif isinstance(node, dict):
            if str(node.get("type")) == "3":
                yield node
            stack.append(node.get("children"))


def _product(leaf: dict[str, Any], task: Task) -> Product:
    rules = tuple(_rules(leaf.get("credit_rules")))
    if not rules:
        raise ValueError("no rule that says what it costs")
    given = leaf.get("files")
    files: dict[str, Any] = given if isinstance(given, dict) else {}
    return Product(
        model=_id(leaf, "model_id"),
        version=_id(leaf, "id"),
        name=_text(leaf.get("name")) or _id(leaf, "model_id"),
        task=task,
        fields=tuple(_fields(leaf.get("form_config"))),
        rules=rules,
        seconds=_seconds(leaf.get("tags")),
        max_inputs=_limit(files) if task == "image_to_image" else 0,
        accepts=_accepts(files),
    )


def _id(leaf: dict[str, Any], key: str) -> str:
    value = leaf.get(key)
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ValueError(f"{key} is missing or odd")
    return value


def _rules(data: object) -> Iterator[Rule]:
    for node in _dicts(data):
        points, attribute_id = node.get("points"), node.get("attribute_id")
        if not _is_number(points) or points < 0 or type(attribute_id) is not int or attribute_id <= 0:
            continue
        given = node.get("attributes") or {}
        if not isinstance(given, dict):
            continue
        attributes = _scalars(given)
        if len(attributes) == len(given):
            attributes = {key: value for key, value in attributes.items() if (key, value) != MARKER}
            yield Rule(points, attribute_id, attributes)


def _fields(data: object) -> Iterator[Field]:
    for node in _dicts(data):
        name = _text(node.get("field"))
        if name:
            default = node.get("value")
            label = f"{_text(node.get('label'))} {_text(node.get('description'))}".strip()
            virtual = _virtual(node, name) if node.get("is_ui_virtual") is True else None
            options = tuple(_options(node.get("options")))
            yield Field(name, default if _is_scalar(default) else None, options, label, virtual)


def _options(data: object) -> Iterator[Scalar]:
    for option in (data if isinstance(data, list) else [])[:MAX_ITEMS]:
        value = option.get("value") if isinstance(option, dict) else option
        if _is_scalar(value):
            yield value


def _virtual(node: dict[str, Any], name: str) -> Virtual | None:
    mapping = node.get("value_mapping")
    if not isinstance(mapping, dict):
        return None
    rules = tuple(
        (_scalars(rule["source_values"]), rule["target_value"])
        for rule in _dicts(mapping.get("mapping_rules"))
        if isinstance(rule.get("source_values"), dict) and _is_scalar(rule.get("target_value"))
    )
    defaults = {
        _text(param.get("field")): param["value"]
        for param in _dicts(node.get("ui_params"))
        if _is_scalar(param.get("value"))
    }
    given = mapping.get("source_params")
    named = [_text(one) for one in given if _text(one)] if isinstance(given, list) else []
    sources = tuple(dict.fromkeys((*named, *(key for values, _ in rules for key in values))))
    return Virtual(sources, _text(mapping.get("target_param")) or name, defaults, rules) if rules else None


def _seconds(tags: object) -> tuple[int, int] | None:
    for tag in _dicts(tags):
        found = SECONDS.search(_text(tag.get("tag_value"))) if tag.get("tag_type") == "EET" else None
        if found:
            unit = 60 if found[3].lower() == "min" else 1
            shortest, longest = sorted((int(found[1]) * unit, int(found[2] or found[1]) * unit))
            return (shortest, longest) if shortest > 0 else None
    return None


def _limit(files: dict[str, Any]) -> int:
    limit = files.get("maxLimit")
    return limit if type(limit) is int and 0 < limit <= MAX_ITEMS else 1


def _accepts(files: dict[str, Any]) -> frozenset[str]:
    given = files.get("acceptType")
    words = re.findall(r"[a-z]+", " ".join(_text(one) for one in given)) if isinstance(given, list) else []
    return frozenset(TYPES[word] for word in words if word in TYPES) or frozenset({"image/jpeg", "image/png"})


def _dicts(data: object) -> Iterator[dict[str, Any]]:
    for node in (data if isinstance(data, list) else [])[:MAX_ITEMS]:
        if isinstance(node, dict):
            yield node


def _scalars(data: dict[Any, Any]) -> Params:
    return {key: value for key, value in data.items() if isinstance(key, str) and _is_scalar(value)}


def _is_scalar(value: object) -> TypeGuard[Scalar]:
    return isinstance(value, str | int | float)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    return value[:MAX_TEXT].strip() if isinstance(value, str) else ""
