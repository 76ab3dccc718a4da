import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.backends.jimeng_api.answers import links_of
from adapters.backends.jimeng_api.wire import body_of, form_of
from bot.errors import BackendError, Busy, GenerationFailed, NotSent, OutcomeUnknown, Reason, Refused
from tests.simulators.jimeng_api.wire import repaired


@pytest.mark.parametrize(
    ("code", "message", "kind", "reason"),
    [
        (-1000, '不支持的分辨率 "8k"。支持的分辨率: 1k, 2k, 4k', Refused, Reason.BAD_INPUT),
        (-1000, '在 "2k" 分辨率下，不支持的比例 "5:4"。支持的比例: 1:1', Refused, Reason.BAD_INPUT),
        (-1000, '国际版不支持模型 "jimeng-5.0"。支持的模型: jimeng-4.5', Refused, Reason.BAD_INPUT),
        (-1000, "[请求有误]: 请检查API文档确认正确的请求路径", Refused, Reason.BAD_INPUT),
        (-1000, "timeout of 45000ms exceeded", OutcomeUnknown, Reason.UNKNOWN_OUTCOME),
        (-2000, "Params body.prompt invalid", Refused, Reason.BAD_INPUT),
        (-2000, "Params headers.authorization invalid", Refused, Reason.CONFIGURATION),
        (-2001, "[请求失败]: not enough credits (错误码: 1006)", Refused, Reason.POINTS_SHORT),
        (-2001, "[请求失败]: busy (错误码: 1310)", Busy, Reason.RATE_LIMIT),
        (-2001, "[请求失败]: busy (错误码: 1010)", Busy, Reason.RATE_LIMIT),
        (-2001, "[请求失败]: shark not pass (错误码: 1019)", Refused, Reason.ACCOUNT_BLOCKED),
        (-2001, "[请求失败]: shark (错误码: -4)", Refused, Reason.ACCOUNT_BLOCKED),
        (-2001, "[请求失败]: permission denied (错误码: 3018)", Refused, Reason.CONFIGURATION),
        (-2001, "[请求失败]: bad words (错误码: 2038)", Refused, Reason.CONTENT_TEXT),
        (-2001, "[请求失败]: something new (错误码: 99999)", Refused, Reason.OTHER),
        (-2001, "[请求失败]: no number", OutcomeUnknown, Reason.UNKNOWN_OUTCOME),
        (-2002, "[登录失效]: login error", Refused, Reason.LOGIN_EXPIRED),
        (-2006, "[内容违规]: sensitive", Refused, Reason.CONTENT_TEXT),
        (-2006, "[内容违规]: external no credits", Refused, Reason.POINTS_SHORT),
        (-2007, "图像生成失败，状态码: 30，错误码: 2038", GenerationFailed, Reason.CONTENT_TEXT),
        (-2007, "图像生成失败，状态码: 30，错误码: 2041", GenerationFailed, Reason.CONTENT_INPUT),
        (-2007, "图像生成失败，状态码: 30，错误码: 7", GenerationFailed, Reason.GENERATION_FAILED),
        (-2007, "图片上传失败: 图片内容检测未通过", Refused, Reason.CONTENT_INPUT),
        (-2007, "图片上传失败: ETIMEDOUT", NotSent, Reason.NETWORK),
        (-2007, "记录ID不存在", OutcomeUnknown, Reason.UNKNOWN_OUTCOME),
        (-2007, "记录不存在", OutcomeUnknown, Reason.UNKNOWN_OUTCOME),
        (-2009, "积分不足且无法自动收取。", Refused, Reason.POINTS_SHORT),
        (-3000, "?", OutcomeUnknown, Reason.UNKNOWN_OUTCOME),
    ],
)
def test_every_code_says_what_happened(
    code: int, message: str, kind: type[BackendError], reason: Reason
) -> None:
    with pytest.raises(BackendError) as error:
        links_of({"code": code, "message": message, "data": None}, quick=True)
    assert type(error.value) is kind
    assert error.value.reason is reason


@pytest.mark.parametrize(
    ("code", "message"),
    [(-2001, "busy (错误码: 1310)"), (-2002, "[登录失效]"), (-2001, "shark (错误码: 1019)")],
)
def test_a_late_refusal_may_be_of_the_asking_and_is_no_leave_to_send_again(code: int, message: str) -> None:
    with pytest.raises(OutcomeUnknown):
        links_of({"code": code, "message": message, "data": None}, quick=False)


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (-2001, "(错误码: 2038)", Refused),
        (-2009, "积分不足", Refused),
        (-2000, "Params body.x invalid", Refused),
    ],
)
def test_a_late_refusal_of_the_order_itself_stays_one(code: int, message: str, kind: type) -> None:
    with pytest.raises(kind):
        links_of({"code": code, "message": message, "data": None}, quick=False)


@pytest.mark.parametrize("answer", [None, [], "pong", {}, {"data": None}, {"data": {"url": "https://x/"}}])
def test_an_answer_that_is_none_leaves_the_outcome_unknown(answer: object) -> None:
    with pytest.raises(OutcomeUnknown):
        links_of(answer, quick=True)


def test_links_are_taken_and_what_is_no_link_is_left() -> None:
    answer = {"created": 1, "data": [{"url": "https://a/1"}, {"url": None}, "x", {"url": "https://a/2"}]}
    assert links_of(answer, quick=True) == ("https://a/1", "https://a/2")
    with pytest.raises(GenerationFailed):
        links_of({"created": 1, "data": []}, quick=True)


@given(prompt=st.text(alphabet=st.sampled_from('a, ]}["\\\r\n\u00a0\u200b\ufeff猫🦊:{'), max_size=40))
def test_every_prompt_survives_the_repair_of_bodies(prompt: str) -> None:
    assert json.loads(repaired(body_of({"prompt": prompt, "n": 0.5, "b": True}))) == {
        "prompt": prompt,
        "n": 0.5,
        "b": True,
    }


def test_a_form_holds_only_text() -> None:
    assert form_of({"a": True, "b": 0.5, "c": "x"}) == {"a": "true", "b": "0.5", "c": "x"}
