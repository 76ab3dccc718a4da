"""Ordering: what is sent, what a refusal means, what is sent after one, and what it may cost."""

import json
from collections.abc import Callable

import pytest

from adapters.backends.ima import Ima
from bot.errors import Busy, GenerationFailed, NotSent, OutcomeUnknown, Reason, Refused
from bot.job import Request
from bot.message import Media, Price
from bot.ports import Finished, Order
from tests.simulators.ima import ImaService
from tests.simulators.ima.catalogue import catalogue, choice, leaf, rule
from tests.unit.adapters.backends.ima.conftest import Make

TASK = "text_to_image"
BANANA = "gemini-3.1-flash-image"


def order(model: str = BANANA, prompt: str = "a fox", told: float | None = None, **asked: str) -> Order:
    price = None if told is None else Price(told, "points")
    return Order(f"ref-{prompt[:4].strip()}", model, Request(TASK, prompt, **asked), price)  # type: ignore[arg-type]  # texts alone are asked


async def test_an_order_is_nested_as_ima_wants_it_and_charged_once(ima: Ima, service: ImaService) -> None:
    ticket = await ima.submit(order(size="2K", ratio="16:9"))
    (sent,) = service.orders
    assert sent["credit"] == 10
    assert sent["model_version"] == "flash-2"
    assert sent["parameters"]["cast"] == {"points": 10, "attribute_id": sent["attribute_id"]}
    assert [charge.amount for charge in service.book.charges] == [10]
    assert json.loads(ticket.data) == {
        "task": "task-0001",
        "reference": "ref-a fo",
        "points": 10,
        "size": "2K",
    }


@pytest.mark.parametrize("http", [False, True])
@pytest.mark.parametrize(
    ("word", "reason", "link"),
    [
        ("401", Reason.KEY_INVALID, "apikey"),
        ("4008", Reason.POINTS_SHORT, "subscription"),
        ("4014", Reason.SUBSCRIPTION_REQUIRED, "subscription"),
        ("6006", Reason.PRICE_MISMATCH, ""),
        ("4xx", Reason.OTHER, ""),
        ("sensitive", Reason.CONTENT_TEXT, ""),
    ],
)
async def test_a_refusal_is_told_for_what_it_is_and_never_repeated(
    ima: Ima, service: ImaService, word: str, reason: Reason, link: str, http: bool
) -> None:
    service.http_errors = http
    with pytest.raises(Refused) as refused:
        await ima.submit(order(prompt=f"a fox [{word}]"))
    assert refused.value.reason is reason
    assert link in refused.value.link
    assert len(service.orders) == 1
    assert not service.book.charges


async def test_a_short_account_and_a_missing_subscription_are_told(ima: Ima, service: ImaService) -> None:
    service.points = 5
    with pytest.raises(Refused) as short:
        await ima.submit(order())
    assert short.value.reason is Reason.POINTS_SHORT
    service.points, service.subscription = 100, {BANANA}
    with pytest.raises(Refused) as missing:
        await ima.submit(order())
    assert missing.value.reason is Reason.SUBSCRIPTION_REQUIRED


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, b"", Reason.KEY_INVALID),
        (402, b"", Reason.POINTS_SHORT),
        (403, b"<html>", Reason.CONFIGURATION),
        (404, b"nothing", Reason.CONFIGURATION),
        (302, b"", Reason.CONFIGURATION),
        (413, b"", Reason.INPUT_TOO_LARGE),
        (200, b'{"code":400,"message":"bad"}', Reason.BAD_SIZE),
        (400, b'{"code":400,"message":"wrong size"}', Reason.BAD_SIZE),
        (200, b'{"code":"4008","message":7}', Reason.POINTS_SHORT),
        (500, b'{"code":4008,"message":"no points"}', Reason.POINTS_SHORT),
    ],
)
async def test_answers_below_500_and_known_codes_are_refusals(
    ima: Ima, service: ImaService, status: int, body: bytes, reason: Reason
) -> None:
    service.fail("/open/v1/tasks/create", "status", status=status, body=body)
    with pytest.raises(Refused) as refused:
        await ima.submit(order())
    assert refused.value.reason is reason
    assert not service.book.charges


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (502, b"<html>bad gateway</html>"),
        (503, b'{"code":503,"message":"later"}'),
        (504, b""),
        (408, b""),
        (500, b'{"code":1234,"message":"?"}'),
        (200, b'{"code":502,"message":"upstream"}'),
        (200, b'{"code":0,"data":{}}'),
        (200, b'{"code":0,"data":{"id":""}}'),
        (200, b'{"code":0,"data":[1]}'),
        (200, b"[]"),
        (200, b""),
    ],
)
async def test_an_answer_that_leaves_it_open_is_unknown_and_never_followed_by_another_order(
    ima: Ima, service: ImaService, status: int, body: bytes
) -> None:
    service.fail("/open/v1/tasks/create", "status", status=status, body=body, after=True)
    with pytest.raises(OutcomeUnknown):
        await ima.submit(order(size="4K"))
    assert len(service.orders) == 1
    assert not service.book.twice


async def test_too_many_requests_is_load_and_says_when_to_come_back(ima: Ima, service: ImaService) -> None:
    service.fail("/open/v1/tasks/create", "status", status=429)
    with pytest.raises(Busy) as busy:
        await ima.submit(order())
    assert busy.value.reason is Reason.RATE_LIMIT


async def test_a_task_beside_an_error_code_is_followed_not_ordered_again(
    ima: Ima, service: ImaService
) -> None:
    body = b'{"code":500,"message":"slow","data":{"id":"task-0001"}}'
    service.fail("/open/v1/tasks/create", "status", status=500, body=body, after=True)
    ticket = await ima.submit(order(size="4K"))
    assert isinstance(await ima.poll(ticket), Finished)
    assert len(service.book.charges) == 1


# Refused and sent again, changed


async def test_code_500_is_met_with_the_next_smaller_size(ima: Ima, service: ImaService) -> None:
    service.sickly = {"4K": (500, "Internal server error"), "2K": (500, "Internal server error")}
    ticket = await ima.submit(order(size="4K", told=13))
    assert [sent["parameters"]["size"] for sent in service.orders] == ["4K", "2K", "1K"]
    assert [charge.amount for charge in service.book.charges] == [6]
    assert json.loads(ticket.data)["size"] == "1K"
    assert (ticket.price, ticket.size) == (Price(6, "points"), "1K")


async def test_an_order_that_became_what_was_asked_says_nothing_of_it(ima: Ima) -> None:
    ticket = await ima.submit(order(size="4K", told=13))
    assert (ticket.price, ticket.size) == (None, "")


async def test_after_three_refusals_it_is_given_up_and_nothing_is_charged(
    ima: Ima, service: ImaService
) -> None:
    with pytest.raises(Refused) as refused:
        await ima.submit(order(prompt="a fox [500]", size="4K"))
    assert refused.value.reason is Reason.UNAVAILABLE
    assert len(service.orders) == 3
    assert not service.book.charges


async def test_code_500_at_the_smallest_size_is_given_up_at_once(ima: Ima, service: ImaService) -> None:
    with pytest.raises(Refused):
        await ima.submit(order(prompt="a fox [500]", size="512px"))
    assert len(service.orders) == 1


async def test_too_few_pixels_are_met_with_a_larger_size_at_its_price(ima: Ima, service: ImaService) -> None:
    service.sickly = {"1K": (400, "image size must be at least 3686400 pixels")}
    await ima.submit(order(told=10))
    assert [charge.amount for charge in service.book.charges] == [10]
    with pytest.raises(NotSent) as rose:
        await ima.submit(order(prompt="two foxes", told=6))
    assert rose.value.reason is Reason.PRICE_ROSE
    assert not service.book.of("two foxes")


def renumbered(task: str, points: int = 0) -> list[dict[str, object]]:
    text = json.dumps(catalogue(task))
    for number in (7101, 7102):
        text = text.replace(f'"attribute_id": {number}', f'"attribute_id": {number + 1000}')
    if points:
        text = text.replace('"points": 6,', f'"points": {points},')
    return list(json.loads(text))


async def test_a_list_that_is_out_of_date_is_asked_for_again(ima: Ima, service: ImaService) -> None:
    await ima.offers()
    service.catalogue = renumbered
    await ima.submit(order(told=6))
    assert [sent["attribute_id"] for sent in service.orders] == [7101, 8101]
    assert [charge.amount for charge in service.book.charges] == [6]


@pytest.mark.parametrize(("points", "charged"), [(5, [5]), (6, [6]), (7, [])])
async def test_the_price_is_never_higher_than_what_was_told(
    ima: Ima, service: ImaService, points: int, charged: list[int]
) -> None:
    await ima.offers()
    service.catalogue = lambda task: renumbered(task, points)
    if charged:
        await ima.submit(order(told=6))
    else:
        with pytest.raises(NotSent) as rose:
            await ima.submit(order(told=6))
        assert rose.value.reason is Reason.PRICE_ROSE
    assert [charge.amount for charge in service.book.charges] == charged


async def test_a_price_that_rose_is_told_before_anything_is_sent(ima: Ima, service: ImaService) -> None:
    with pytest.raises(NotSent) as rose:
        await ima.submit(order(told=5))
    assert rose.value.reason is Reason.PRICE_ROSE
    assert not service.orders


async def test_6006_with_the_old_rule_s_number_and_a_new_price_is_met_with_that_price(
    ima: Ima, service: ImaService
) -> None:
    await ima.offers()
    service.catalogue = lambda task: json.loads(
        json.dumps(catalogue(task)).replace('"points": 6,', '"points": 5,')
    )
    await ima.submit(order(told=6))
    assert [sent["credit"] for sent in service.orders] == [6, 5]
    assert service.book.total == 5


async def test_6009_is_met_with_the_attributes_that_were_missing(ima: Ima, service: ImaService) -> None:
    rules = [rule(6, 1, size="1K"), rule(3, 2, size="512px", style="plain")]
    node = leaf(BANANA, "v", TASK, form_config=[choice("size", "1K", "1K", "512px")], credit_rules=rules)
    service.catalogue = lambda _: [node]
    service.hidden = {BANANA: {"style": "any"}}
    await ima.submit(order(told=6))
    assert [sent["parameters"].get("style") for sent in service.orders] == [None, "plain"]
    assert service.book.total == 6


async def test_6010_is_met_with_another_rule_that_fits_what_was_asked(ima: Ima, service: ImaService) -> None:
    rules = [rule(6, 1, style="bold"), rule(5, 2, style="plain")]
    node = leaf(BANANA, "v", TASK, form_config=[], credit_rules=rules)
    service.catalogue = lambda _: [node]
    body = b'{"code":6010,"message":"attribute mismatch"}'
    service.fail("/open/v1/tasks/create", "status", status=200, body=body)
    await ima.submit(order(told=6))
    assert [sent["attribute_id"] for sent in service.orders] == [1, 2]
    assert service.book.total == 5


async def test_a_model_that_is_not_on_the_list_is_refused_after_a_second_look(
    ima: Ima, service: ImaService
) -> None:
    with pytest.raises(Refused) as refused:
        await ima.submit(order(model="nobody-1"))
    assert refused.value.reason is Reason.MODEL_MISMATCH
    assert not service.orders
    with pytest.raises(Refused):
        await ima.submit(Order("ref", BANANA, Request("text_to_video", "a fox")))


# Pictures from people


async def test_a_person_s_pictures_are_uploaded_and_named_twice_in_the_order(
    ima: Ima, service: ImaService, photo: Callable[..., Media]
) -> None:
    inputs = (photo("PNG"), photo("JPEG"), photo("WEBP"), photo("PNG"))
    request = Request("image_to_image", "as an oil painting", inputs=inputs)
    ticket = await ima.submit(Order("ref", BANANA, request))
    sent = service.orders[0]["parameters"]["input_images"]
    assert sent == [f"{service.url}/cdn/{name}" for name in sorted(service.uploaded, key=sent_order(sent))]
    types = sorted(name.rsplit(".", 1)[1] for name in service.uploaded)
    assert set(types) <= {"png", "jpeg"}, "what IMA does not take is made into what it takes"
    assert inputs[0].path.read_bytes() in service.uploaded.values()
    assert isinstance(await ima.poll(ticket), Finished)


def sent_order(sent: list[str]) -> Callable[[str], int]:
    names = [url.rsplit("/", 1)[1] for url in sent]
    return names.index


async def test_pictures_stay_in_the_order_in_which_they_were_sent(
    ima: Ima, service: ImaService, photo: Callable[..., Media]
) -> None:
    inputs = tuple(photo("PNG", (10 + number, 10)) for number in range(6))
    service.fail("PUT /oss/{name}", "late", seconds=0.02)
    await ima.submit(Order("ref", BANANA, Request("image_to_image", "melt them", inputs=inputs)))
    names = [url.rsplit("/", 1)[1] for url in service.orders[0]["parameters"]["input_images"]]
    assert [service.uploaded[name] for name in names] == [picture.path.read_bytes() for picture in inputs]


@pytest.mark.parametrize("number", [0, 15])
async def test_too_many_pictures_or_none_are_refused_before_any_is_uploaded(
    ima: Ima, service: ImaService, photo: Callable[..., Media], number: int
) -> None:
    inputs = (photo(),) * number
    with pytest.raises(Refused):
        await ima.submit(Order("ref", BANANA, Request("image_to_image", "melt them", inputs=inputs)))
    assert not service.uploaded
    assert not service.orders


async def test_without_the_upload_key_pictures_are_neither_offered_nor_taken(
    make: Make, service: ImaService, photo: Callable[..., Media]
) -> None:
    ima = make(app_key="")
    assert {offer.task for offer in await ima.offers()} == {"text_to_image"}
    with pytest.raises(Refused) as refused:
        await ima.submit(Order("ref", BANANA, Request("image_to_image", "melt it", inputs=(photo(),))))
    assert refused.value.reason is Reason.CONFIGURATION
    first, second = await ima.check()
    assert first.ok
    assert "IMA_APP_KEY" in second.advice
    assert not service.orders


async def test_a_picture_that_went_away_is_told(
    ima: Ima, service: ImaService, photo: Callable[..., Media]
) -> None:
    gone = photo("JPEG")
    gone.path.unlink()
    with pytest.raises(Refused) as refused:
        await ima.submit(Order("ref", BANANA, Request("image_to_image", "melt it", inputs=(gone,))))
    assert refused.value.reason in (Reason.INPUT_GONE, Reason.BAD_INPUT)
    assert not service.orders


async def test_an_unreadable_ticket_ends_the_job(ima: Ima) -> None:
    from bot.ports import Ticket

    for data in ("", "{}", "[]", "nonsense", '{"task":"x"}'):
        with pytest.raises(GenerationFailed):
            await ima.poll(Ticket(data))
