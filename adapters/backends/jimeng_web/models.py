"""Jimeng's own models: what the site's free table says of them, and what is assumed without it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.ports import Offer

RATIOS = {1: "1:1", 2: "3:4", 3: "16:9", 4: "4:3", 5: "9:16", 6: "2:3", 7: "3:2", 8: "21:9"}
KEYS = {
    "jimeng-5.0": "high_aes_general_v50",
    "jimeng-5.0-pro": "high_aes_general_v50p_large",
    "jimeng-5.0-flash": "high_aes_general_v50_flash",
    "jimeng-4.7": "high_aes_general_v43",
    "jimeng-4.6": "high_aes_general_v42",
    "jimeng-4.5": "high_aes_general_v40l",
    "jimeng-4.1": "high_aes_general_v41",
    "jimeng-4.0": "high_aes_general_v40",
    "jimeng-3.1": "high_aes_general_v30l_art_fangzhou:general_v3.0_18b",
    "jimeng-3.0": "high_aes_general_v30l:general_v3.0_18b",
}
_Pixels = tuple[tuple[int, int], ...]
# By size, in the order of RATIOS.
_1K: _Pixels = (
    *((1328, 1328), (1104, 1472), (1664, 936), (1472, 1104)),
    *((936, 1664), (1056, 1584), (1584, 1056), (2016, 864)),
)
_2K: _Pixels = (
    *((2048, 2048), (1728, 2304), (2560, 1440), (2304, 1728)),
    *((1440, 2560), (1664, 2496), (2496, 1664), (3024, 1296)),
)
_4K: _Pixels = (
    *((4096, 4096), (3520, 4693), (5404, 3040), (4693, 3520)),
    *((3040, 5404), (3328, 4992), (4992, 3328), (6197, 2656)),
)
_MAX_INPUTS = 10
#: Those that make four pictures at most; all others make eight.
_FOUR_AT_MOST = ("jimeng-5.0-pro", "jimeng-5.0-flash", "jimeng-3.1", "jimeng-3.0")
#: How many come where nobody says how many: four, of the largest two.
_USUAL = {"jimeng-5.0-pro": 2}
#: Those that were seen to choose a ratio of their own.
_SMART = frozenset({"jimeng-5.0", "jimeng-4.6", "jimeng-4.5", "jimeng-4.1", "jimeng-4.0"})


@dataclass(frozen=True, slots=True)
class Shape:
    """One ratio at one size: its number on the wire, and its pixels."""

    number: int
    width: int
    height: int


#: By size ("2K"), by ratio ("16:9"); the first size is the usual one.
Shapes = Mapping[str, Mapping[str, Shape]]


@dataclass(frozen=True, slots=True)
class Model:
    """One model as the site has it."""

    id: str
    key: str
    shapes: Shapes
    counts: tuple[int, ...]
    max_inputs: int
    #: Pictures that come where no number is asked for.
    usual: int
    smart: bool

    @property
    def ratios(self) -> tuple[str, ...]:
        """The ratios that can be had at every size."""
        first, *others = self.shapes.values()
        return tuple(ratio for ratio in first if all(ratio in shapes for shapes in others))

    def offers(self) -> Iterator[Offer]:
        """What it can be asked for."""
        for max_inputs in dict.fromkeys((0, self.max_inputs)):
            yield Offer(
                model=self.id,
                task="image_to_image" if max_inputs else "text_to_image",
                ratios=self.ratios,
                sizes=tuple(self.shapes),
                max_inputs=max_inputs,
                max_count=max(self.counts),
                per_order=min(self.usual, max(self.counts)),
                options=frozenset({"negative", "strength"} | ({"auto_ratio"} if self.smart else set())),
            )


def _row(pixels: _Pixels) -> dict[str, Shape]:
    return {ratio: Shape(number, *size) for (number, ratio), size in zip(RATIOS.items(), pixels, strict=True)}


def _assumed(model: str) -> Model:
    third = model.startswith("jimeng-3")
    return Model(
        id=model,
        key=KEYS[model],
        shapes={"2K": _row(_2K), "1K": _row(_1K)} if third else {"2K": _row(_2K), "4K": _row(_4K)},
        counts=tuple(range(1, 5 if model in _FOUR_AT_MOST else 9)),
        max_inputs=0 if model == "jimeng-3.1" else _MAX_INPUTS,
        usual=_USUAL.get(model, 4),
        smart=model in _SMART,
    )


#: What is assumed while the site's table cannot be had.
ASSUMED = {model: _assumed(model) for model in KEYS}


def read(table: Any) -> dict[str, Model]:
    """The models in the site's table that we know by name; what it does not tell is assumed.

    An empty answer where the table is no table.
    """
    rows = table.get("model_list") if isinstance(table, Mapping) else None
    by_key = {
        row["model_req_key"]: row
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, Mapping) and isinstance(row.get("model_req_key"), str)
    }
    return {model: _read(ASSUMED[model], by_key[key]) for model, key in KEYS.items() if key in by_key}


def _read(assumed: Model, row: Mapping[str, Any]) -> Model:
    counts = row.get("generate_count_options")
    numbers = tuple(sorted(n for n in counts if _is_count(n))) if isinstance(counts, list) else ()
    return Model(
        id=assumed.id,
        key=assumed.key,
        shapes=_shapes(row.get("resolution_map")) or assumed.shapes,
        counts=numbers or assumed.counts,
        max_inputs=_inputs(row, assumed),
        usual=assumed.usual,
        smart=assumed.smart,
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 20


def _shapes(told: Any) -> Shapes:
    if not isinstance(told, Mapping):
        return {}
    shapes = {str(size).upper(): _shapes_at(entry) for size, entry in told.items()}
    # The usual size comes first: the site's own choice is 2K.
    order = sorted((size for size in shapes if shapes[size]), key=lambda size: (size != "2K", size))
    return {size: shapes[size] for size in order}


def _shapes_at(entry: Any) -> dict[str, Shape]:
    sizes = entry.get("image_ratio_sizes") if isinstance(entry, Mapping) else None
    found = {}
    for one in sizes if isinstance(sizes, list) else ():
        shape = _shape(one)
        if shape is not None and (ratio := RATIOS.get(shape.number % 100)):
            found[ratio] = shape
    return found


def _shape(told: Any) -> Shape | None:
    if not isinstance(told, Mapping):
        return None
    number, width, height = (told.get(name) for name in ("ratio_type", "width", "height"))
    if isinstance(number, int) and isinstance(width, int) and isinstance(height, int):
        return Shape(number, width, height) if min(number, width, height) > 0 else None
    return None


def _inputs(row: Mapping[str, Any], assumed: Model) -> int:
    feats, limits = row.get("feats"), row.get("input_image_limit")
    if isinstance(feats, list) and "byte_edit" not in feats:
        return 0
    for limit in limits if isinstance(limits, list) else ():
        if isinstance(limit, Mapping) and limit.get("ability_name") == "byte_edit":
            most = limit.get("max_image_num")
            return most if isinstance(most, int) and _is_count(most) else assumed.max_inputs
    return assumed.max_inputs
