"""What can be chosen for one IMA product: sizes, ratios, pictures per order. Pure."""

import math
import re
from collections.abc import Iterator

from adapters.backends.ima.catalogue import Field, Product, Scalar

RATIO = re.compile(r"[1-9]\d{0,2}:[1-9]\d{0,2}")
#: A size as a word, such as 2K, 512px or 720p; and as width × height.
TIER = re.compile(r"(\d{1,5})(k|px|p)", re.IGNORECASE)
PIXELS = re.compile(r"(\d{2,5})\s*[x×*]\s*(\d{2,5})", re.IGNORECASE)
PER_TASK = re.compile(r"(\d{1,2})\s*pics?\s*/\s*time", re.IGNORECASE)


def size_field(product: Product) -> Field | None:
    """The parameter that can be set to 2K, 512px, 720p …"""
    fields = [field for field in product.fields if any(tier(option) for option in field.options)]
    named = [field for field in fields if field.name in ("size", "resolution")]
    return next(iter((*named, *fields)), None)


def sizes(product: Product) -> tuple[str, ...]:
    """The sizes that can be asked for, as words, in IMA's order."""
    field = size_field(product)
    return tuple(dict.fromkeys(filter(None, map(tier, field.options)))) if field else ()


def ratios(product: Product) -> tuple[str, ...]:
    """The ratios that can be asked for."""
    return tuple(dict.fromkeys(ratio for ratio, _, _ in ratio_params(product)))


def ratio_params(product: Product) -> Iterator[tuple[str, str, Scalar]]:
    """(ratio, parameter, value) for every ratio that some parameter can be set to."""
    for field in product.fields:
        for option in field.options:
            if RATIO.fullmatch(str(option)):
                yield str(option), field.name, option
        for values, _ in field.virtual.rules if field.virtual else ():
            for source, value in values.items():
                if RATIO.fullmatch(str(value)) and len(values) == 1:
                    yield str(value), source, value
        if not field.virtual:
            for option in field.options:
                if ratio := _ratio_of(option):
                    yield ratio, field.name, option


def per_task(product: Product) -> int:
    """How many pictures one order brings. IMA says so in the words beside the parameter `n` alone."""
    field = product.field("n")
    found = PER_TASK.search(field.label) if field else None
    return max(1, int(found[1])) if found else 1


def tier(value: Scalar) -> str:
    """A size as people write it (4K, 512px), or "" where it is none."""
    found = TIER.fullmatch(str(value).strip())
    if not found:
        return ""
    return found[1] + (found[2].upper() if found[2] in "kK" else found[2].lower())


def area(value: Scalar) -> int:
    """Pixels of a size, as a word or as width × height; 0 where it is neither."""
    text = str(value).strip()
    if exact := PIXELS.fullmatch(text):
        return int(exact[1]) * int(exact[2])
    if word := TIER.fullmatch(text):
        side = int(word[1]) * (1024 if word[2] in "kK" else 1)
        return side * side
    return 0


def nearest(field: Field, value: Scalar) -> Scalar:
    """The size by word that comes nearest to `value` in pixels."""
    pixels = area(value)
    words = [option for option in field.options if tier(option) and area(option)]
    if not words or not pixels:
        return value
    return min(words, key=lambda word: abs(math.log(area(word) / pixels)))


def same(one: Scalar, other: Scalar) -> bool:
    """Whether two values are one to IMA: case and outer spaces do not matter."""
    return normal(one) == normal(other)


def normal(value: Scalar) -> str:
    """A value as IMA compares it."""
    return str(value).lower() if isinstance(value, bool) else str(value).strip().upper()


def _ratio_of(option: Scalar) -> str:
    found = PIXELS.fullmatch(str(option).strip())
    if not found:
        return ""
    width, height = int(found[1]), int(found[2])
    common = math.gcd(width, height)
    return f"{width // common}:{height // common}" if common else ""
