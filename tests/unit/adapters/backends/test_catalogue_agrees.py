"""What `models.toml` says of who serves a model is what the backends offer."""

import pytest

from adapters.backends.jimeng_api.models import Region, models_of
from adapters.backends.jimeng_web.models import ASSUMED
from adapters.backends.volcengine.models import MODELS
from bot import catalog

REGIONS: tuple[Region, ...] = ("cn", "us", "hk", "jp", "sg")


@pytest.mark.parametrize(
    ("backend", "offered"),
    [
        ("jimeng_api", {model for region in REGIONS for model in models_of(region, new=True)}),
        ("jimeng_web", set(ASSUMED)),
        ("volcengine", set(MODELS)),
    ],
)
def test_a_backend_serves_what_is_said_of_it(backend: str, offered: set[str]) -> None:
    pictures = (model for model in catalog.load() if model.can("text_to_image"))
    assert {model.id for model in pictures if backend in model.backends} == offered


def test_what_the_site_is_assumed_to_have_is_what_the_catalogue_shows() -> None:
    for id_, model in ASSUMED.items():
        known = catalog.load().get(id_)
        assert known is not None
        assert (known.pictures, bool(known.inputs)) == (model.usual, bool(model.max_inputs))
        assert set(model.shapes) <= set(known.sizes)
