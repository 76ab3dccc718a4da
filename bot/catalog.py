"""The models by name, from `models.toml`: aliases, limits, price, time. Data, not code.

What stands here is shown and assumed until a live offer or the history says better.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, get_args

from bot.errors import InklingError
from bot.message import Language, Price, Task

BACKENDS = ("ima", "jimeng_api", "volcengine", "jimeng_web")
UNITS = ("points", "credits", "yuan")
#: What a model can be better at than others.
STRENGTHS = (
    "logo", "text", "poster", "product", "photo", "social", "thumbnail", "illustration", "art",
    "edit", "best",
)  # fmt: skip


class CatalogError(InklingError):
    """`models.toml` is wrong. The message names the model and the line's key."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model as people and the conversation know it."""

    id: str
    #: What people call it, and a few warm words for the price line, by language.
    name: Mapping[Language, str]
    character: Mapping[Language, str]
    aliases: tuple[str, ...]
    tasks: tuple[Task, ...]
    #: Seconds: the expected range, and how often to ask and to tell.
    expect: tuple[int, int]
    poll: int
    progress: int
    #: Price by size, "default" where none was named; empty: not known.
    points: Mapping[str, float]
    unit: str
    ratios: tuple[str, ...]
    sizes: tuple[str, ...]
    #: Most pictures it takes in, and how many one task gives back.
    inputs: int
    pictures: int
    good_at: tuple[str, ...]
    #: Kinds of backend that can serve it; none: known by name only.
    backends: tuple[str, ...]
    alternatives: tuple[str, ...]

    def price(self, size: str | None = None) -> Price | None:
        """What one task costs by the table, or None where the table does not know."""
        amount = self.points.get(size or "default", self.points.get("default"))
        return None if amount is None else Price(amount, self.unit)  # type: ignore[arg-type]  # checked on load

    @property
    def films(self) -> bool:
        """Whether films are all that it makes."""
        return not (self.can("text_to_image") or self.can("image_to_image"))

    def can(self, task: Task) -> bool:
        """Whether the model does this kind of task at all."""
        return task in self.tasks


@dataclass(frozen=True, slots=True)
class Family:
    """One name for many models: it means the newest of them on offer."""

    #: What the ids of its models begin with.
    id: str
    name: Mapping[Language, str]
    aliases: tuple[str, ...]


class Catalog:
    """All models, the newest of a family first, in the order of the file."""

    def __init__(self, models: tuple[Model, ...], families: tuple[Family, ...] = ()) -> None:
        self.models = models
        self.families = MappingProxyType({family.id: family for family in families})
        self._by_id = MappingProxyType({model.id: model for model in models})
        self._by_alias = MappingProxyType(
            {squeeze(word): model for model in models for word in (model.id, *model.aliases)}
        )
        self._family = {squeeze(word): family.id for family in families for word in family.aliases}

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)

    def __contains__(self, model_id: object) -> bool:
        return model_id in self._by_id

    def get(self, model_id: str) -> Model | None:
        """The model with this id."""
        return self._by_id.get(model_id)

    def named(self, words: str) -> Model | None:
        """The model that people call so; case, spaces and hyphens do not matter."""
        return self._by_alias.get(squeeze(words))

    def id_of(self, words: str) -> str | None:
        """The id of the model, or of the family of models, that people call so."""
        model = self.named(words)
        return model.id if model else self._family.get(squeeze(words))

    def knows(self, id_: str) -> bool:
        """Whether it is a model or a family here."""
        return id_ in self._by_id or id_ in self.families

    def name(self, id_: str, language: Language) -> str:
        """What people call a model or a family; its id as people write names where nobody knows it."""
        known = self._by_id.get(id_) or self.families.get(id_)
        return known.name[language] if known else spelled(id_)

    def means(self, asked: str, model: str) -> bool:
        """Whether a model is the one asked for, by its id or its family's."""
        return asked == model or (asked in self.families and model.startswith(f"{asked}-"))


def spelled(id_: str) -> str:
    """An id as people write names: "some-model_2.1" is Some Model 2.1."""
    words = re.split(r"[-_/\s]+", id_)
    return " ".join(word.capitalize() if word.islower() else word for word in words if word)


def squeeze(words: str) -> str:
    """A name without what does not matter in it."""
    return "".join(c for c in words.casefold() if c not in " -_·\t\n")


@lru_cache(maxsize=1)
def load() -> Catalog:
    """The catalogue that comes with the program."""
    return parse(files("bot").joinpath("models.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Catalog:
    """A catalogue from the text of a `models.toml`; CatalogError names what is wrong with it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"models.toml cannot be read: {error}") from error
    defaults = data.get("defaults", {})
    families = tuple(_family(id_, row) for id_, row in data.get("families", {}).items())
    catalog = Catalog(tuple(_model(row, defaults) for row in data.get("models", ())), families)
    _check_together(catalog)
    return catalog


def _family(id_: str, row: dict[str, Any]) -> Family:
    if set(row) != {"name", "aliases"} or set(row["name"]) != set(get_args(Language)):
        raise CatalogError(f"models.toml: family {id_}: it needs aliases, and a name in zh and en")
    return Family(id_, MappingProxyType(row["name"]), tuple(row["aliases"]))


def _model(row: dict[str, Any], defaults: dict[str, dict[str, Any]]) -> Model:
    label = row.get("id") or row.get("name") or "a model without an id"
    family = row.get("family")
    if family not in defaults:
        raise CatalogError(f"models.toml: {label}: family {family!r} is not one of {sorted(defaults)}")
    merged = {"points": {}, "alternatives": [], **defaults[family], **row}
    del merged["family"]
    wanted = set(Model.__slots__)
    if missing := sorted(wanted - merged.keys()):
        raise CatalogError(f"models.toml: {label}: {', '.join(missing)} missing")
    if unknown := sorted(merged.keys() - wanted):
        raise CatalogError(f"models.toml: {label}: {', '.join(unknown)} not known here")
    model = Model(**{key: _frozen(value) for key, value in merged.items()})
    _check(model)
    return model


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return MappingProxyType(value) if isinstance(value, dict) else value


def _check(model: Model) -> None:
    def need(right: bool, what: str) -> None:
        if not right:
            raise CatalogError(f"models.toml: {model.id}: {what}")

    for key in ("name", "character"):
        need(set(getattr(model, key)) == set(get_args(Language)), f"{key} must have zh and en")
    need(bool(model.tasks) and set(model.tasks) <= set(get_args(Task)), f"tasks {list(model.tasks)}")
    need(set(model.backends) <= set(BACKENDS), f"backends {list(model.backends)} not all of {list(BACKENDS)}")
    need(set(model.good_at) <= set(STRENGTHS), f"good_at {list(model.good_at)} not all of {list(STRENGTHS)}")
    need(model.unit in UNITS, f"unit {model.unit!r} is not one of {list(UNITS)}")
    need(
        len(model.expect) == 2 and 0 < model.expect[0] <= model.expect[1], "expect must be [from, to] seconds"
    )
    need(model.poll > 0 and model.progress > 0, "poll and progress must be positive seconds")
    need(model.pictures > 0 and model.inputs >= 0, "pictures and inputs must be counts")
    need(all(value > 0 for value in model.points.values()), "points must be positive")
    need(not model.points or "default" in model.points, "points need a default")
    need(all(":" in ratio for ratio in model.ratios), f"ratios {list(model.ratios)} must look like 16:9")


def _check_together(catalog: Catalog) -> None:
    seen = {squeeze(word): family.id for family in catalog.families.values() for word in family.aliases}
    for model in catalog.models:
        for word in (model.id, *model.aliases):
            owner = seen.setdefault(squeeze(word), model.id)
            if owner != model.id:
                raise CatalogError(f"models.toml: {word!r} names both {owner} and {model.id}")
        for other in model.alternatives:
            if other not in catalog:
                raise CatalogError(f"models.toml: {model.id}: alternative {other!r} is no model here")
    if len({model.id for model in catalog.models}) != len(catalog.models):
        raise CatalogError("models.toml: an id appears twice")
