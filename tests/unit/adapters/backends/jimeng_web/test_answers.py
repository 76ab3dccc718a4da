import pytest

from adapters.backends.jimeng_web.answers import links_of, not_told, record_of, refusal
from bot.errors import BackendError, Busy, GenerationFailed, NotSent, Reason, Refused


def record(status: int, links: int = 0, total: int = 4, **more: object) -> dict[str, object]:
    items = [{"image": {"large_images": [{"image_url": f"https://x/{n}"}]}} for n in range(links)]
    counts = {"total_image_count": total, "finished_image_count": links}
    return {"status": status, "item_list": items, **counts, **more}


@pytest.mark.parametrize(
    ("ret", "kind", "reason"),
    [
        (1, Busy, Reason.RATE_LIMIT),
        (1010, Busy, Reason.RATE_LIMIT),
        (1310, Busy, Reason.RATE_LIMIT),
        (10020, Busy, Reason.RATE_LIMIT),
        (1006, Refused, Reason.POINTS_SHORT),
        (4001, Refused, Reason.POINTS_SHORT),
        (121101, Refused, Reason.POINTS_SHORT),
        (1015, Refused, Reason.LOGIN_EXPIRED),
        (1018, Refused, Reason.ACCOUNT_BLOCKED),
        (-6, Refused, Reason.ACCOUNT_BLOCKED),
        (4013, Refused, Reason.ACCOUNT_BLOCKED),
        (2038, Refused, Reason.CONTENT_TEXT),
        (2039, Refused, Reason.CONTENT_INPUT),
        (2048, Refused, Reason.COPYRIGHT),
        (1000, Refused, Reason.BAD_INPUT),
        (4010, Refused, Reason.BAD_INPUT),
        (3018, Refused, Reason.CONFIGURATION),
        (987654, Refused, Reason.OTHER),
    ],
)
def test_a_refused_order_says_why(ret: int, kind: type[BackendError], reason: Reason) -> None:
    error = refusal({"ret": str(ret), "errmsg": "no"})
    assert type(error) is kind
    assert error.reason is reason


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        ({"ret": "1015"}, NotSent, Reason.LOGIN_EXPIRED),
        ({"ret": "1057"}, Busy, Reason.RATE_LIMIT),
        ({"ret": "5"}, NotSent, Reason.UNAVAILABLE),
        ({"ret": 1019}, NotSent, Reason.ACCOUNT_BLOCKED),
        (None, NotSent, Reason.UNAVAILABLE),
        ({"ret": "nonsense"}, NotSent, Reason.UNAVAILABLE),
        ([], NotSent, Reason.UNAVAILABLE),
    ],
)
def test_a_question_that_fails_says_nothing_of_the_job(
    answer: object, kind: type[BackendError], reason: Reason
) -> None:
    error = not_told(answer)
    assert type(error) is kind
    assert error.reason is reason


@pytest.mark.parametrize(
    ("found", "waited", "links"),
    [
        (record(0), 1, None),
        (record(20), 1, None),
        (record(42), 1, None),
        (record(45, 0), 4, None),
        (record(45, 2), 4, None),
        (record(45, 0, 0), 4, None),
        (record(45, 2, 0), 4, None),
        (record(45, 4), 4, 4),
        (record(45, 2), 601, 2),
        (record(45, 0), 601, None),
        (record(50, 4), 1, 4),
        (record(50, 2), 1, 2),
        ({"status": "50", **{k: v for k, v in record(50, 1).items() if k != "status"}}, 1, 1),
        ({"task": {"status": 20}}, 1, None),
        ({}, 1, None),
    ],
)
def test_a_record_is_done_only_when_it_is(found: dict[str, object], waited: float, links: int | None) -> None:
    told = links_of(found, waited)
    assert (None if told is None else len(told)) == links


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (record(10), Reason.CONTENT_TEXT),
        (record(10, fail_code="2041"), Reason.CONTENT_INPUT),
        (record(40), Reason.CONTENT_OUTPUT),
        (record(40, fail_code=2048), Reason.COPYRIGHT),
        (record(30), Reason.GENERATION_FAILED),
        (record(30, fail_code="2038"), Reason.CONTENT_TEXT),
        (record(30, fail_code=1006), Reason.POINTS_SHORT),
        (record(30, fail_code="what"), Reason.GENERATION_FAILED),
        (record(50), Reason.NO_DETAILS),
        (record(100), Reason.RESULT_GONE),
    ],
)
def test_a_failed_record_says_why(found: dict[str, object], reason: Reason) -> None:
    with pytest.raises(GenerationFailed) as failed:
        links_of(found, 1)
    assert failed.value.reason is reason


def test_a_job_that_the_site_itself_has_given_up_is_over() -> None:
    with pytest.raises(GenerationFailed) as failed:
        links_of(record(42), 90_000)
    assert failed.value.reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    "items",
    [
        None,
        "x",
        [None],
        [{}],
        [{"image": None}],
        [{"image": {"large_images": []}}],
        [{"image": {"large_images": [{"image_url": 5}]}}],
        [{"image": {"large_images": [{"image_url": "javascript:x"}]}, "common_attr": {"item_urls": [None]}}],
    ],
)
def test_a_hostile_list_of_pictures_is_no_picture(items: object) -> None:
    with pytest.raises(GenerationFailed):
        links_of({"status": 50, "item_list": items}, 1)


def test_an_ampersand_that_is_escaped_twice_is_one_all_the_same() -> None:
    item = {"common_attr": {"item_urls": ["https://x/?a=1\\u0026b=2"]}}
    assert links_of({"status": 50, "item_list": [item]}, 1) == ("https://x/?a=1&b=2",)


def test_a_record_is_found_by_either_name() -> None:
    mine = {"submit_id": "a", "status": 20}
    assert record_of({"data": {"a": mine}}, "a") == mine
    assert record_of({"data": {"391": mine, "392": {"submit_id": "b"}}}, "a") == mine


@pytest.mark.parametrize("answer", [{"data": {}}, {"data": None}, {"data": {"a": None}}, None, []])
def test_an_answer_without_the_record_has_none(answer: object) -> None:
    assert record_of(answer, "a") is None
