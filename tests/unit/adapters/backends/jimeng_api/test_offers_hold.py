from pathlib import Path
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.backends.jimeng_api.models import Region, offers_of, plan
from adapters.backends.jimeng_api.wire import body_of
from bot.job import Request
from bot.message import Media
from bot.ports import Offer
from tests.simulators.jimeng_api import JimengApi
from tests.simulators.jimeng_api.wire import SIZES, Asked, decoded, repaired

SERVICES = {True: JimengApi("head"), False: JimengApi("seed")}


@st.composite
def wishes(draw: st.DrawFn) -> tuple[Region, bool, Offer, Request]:
    region: Region = draw(st.sampled_from(get_args(Region)))
    new = draw(st.booleans())
    offer = draw(st.sampled_from(offers_of(region, new=new)))
    picture = Media(Path(__file__), "image/png", 1)
    request = Request(
        task=offer.task,
        prompt=draw(st.text(min_size=1, max_size=20)),
        ratio=draw(st.sampled_from(("", *offer.ratios))),
        size=draw(st.sampled_from(("", *offer.sizes))),
        negative=draw(st.sampled_from(("", "dogs"))),
        strength=draw(st.sampled_from((None, 0.0, 0.5, 1.0))),
        auto_ratio=draw(st.booleans()),
        inputs=(picture,) * draw(st.integers(bool(offer.max_inputs), offer.max_inputs)),
    )
    return region, new, offer, request


@settings(max_examples=120)
@given(wishes())
def test_whatever_is_offered_reaches_jimeng_as_it_was_asked(
    wish: tuple[Region, bool, Offer, Request],
) -> None:
    region, new, offer, request = wish
    wanted = plan(offer.model, request, region, new=new)
    service = SERVICES[new]
    fields = decoded(repaired(body_of(wanted.fields)))
    asked = Asked("x", region, fields, [b""] * len(request.inputs))
    model = service._model(asked)
    assert model == fields["model"], "replaced in silence"
    sent = service._sized(asked, model)
    assert sent.prompt.endswith(request.prompt)
    if request.ratio:
        across, down = map(int, request.ratio.split(":"))
        assert abs(sent.width / sent.height - across / down) < 0.02
    if request.size:
        assert sent.width * sent.height >= 0.5 * min(SIZES[request.size.lower()]["1:1"]) ** 2
    assert (sent.ratio is None) == ("intelligent_ratio" in wanted.fields and not request.inputs)
