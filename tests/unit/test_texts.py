"""The sentences: every reason in every language, nothing technical, both languages alike."""

import ast
import re
import string
from pathlib import Path

import pytest

from bot import catalog, texts
from bot.engine import smalltalk
from bot.errors import Reason
from bot.job import Outcome
from bot.language import understand
from bot.message import Language

TEXTS = texts.load()
ROOT = Path(__file__).parents[2]
#: What nobody should read in a chat.
TECHNICAL = re.compile(
    r"https?\b(?!://)|\bHTTP\b|\bAPI\b(?! (?:key|密钥))|\bJSON\b|\btoken\b|\bnull\b|\bNone\b"
    r"|exception|traceback|\berror code\b|\bcode \d|\bstatus \d|\bscripts?\b|interface|endpoint"
    r"|polling|\bpoll\b|parameter|参数名|接口|脚本|轮询|错误码|异常代码|堆栈|\b[45]\d\d\b|[a-z]+_[a-z]+",
    re.IGNORECASE,
)
#: Groups whose keys are put together in the source.
PUT_TOGETHER = ("ack", "label", "cannot", "hint", "option", "help", "chat", "price")
HAN = re.compile(r"[\u4e00-\u9fff]")
HALF_WIDTH_AFTER_HAN = re.compile(r"[\u4e00-\u9fff][,!?;:()]|[,!?;:()][\u4e00-\u9fff]")
NO_SPACE = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]")


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def stem(key: str) -> str:
    """A key without the ending that tells one from more."""
    base, _, ending = key.rpartition(".")
    return base if ending in ("one", "other") and f"{base}.one" in TEXTS.keys("en") else key


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(language: Language, reason: Reason) -> None:
    words = TEXTS.say(language, f"reason.{reason}")
    assert len(words) > 8
    assert bool(HAN.search(words)) is (language == "zh")


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_nothing_technical_is_ever_said(language: Language) -> None:
    for key in TEXTS.keys(language):
        words = re.sub(r"\{\w+\}|https://\S+|--\w+", "", TEXTS.raw(language, key))
        assert not TECHNICAL.search(words), f"{language} {key}: {words}"


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    zh = {stem(key): fields(TEXTS.raw("zh", key)) for key in TEXTS.keys("zh")}
    en: dict[str, set[str]] = {}
    for key in TEXTS.keys("en"):
        en.setdefault(stem(key), set()).update(fields(TEXTS.raw("en", key)))
    assert zh.keys() == en.keys()
    assert {key for key in zh if zh[key] - {"n"} != en[key] - {"n"}} == set()


def test_chinese_sentences_keep_their_punctuation_and_spacing() -> None:
    for key in TEXTS.keys("zh"):
        words = re.sub(r"\{\w+\}", "", TEXTS.raw("zh", key))
        assert not HALF_WIDTH_AFTER_HAN.search(words), f"{key}: {words}"
        assert not NO_SPACE.search(words), f"{key}: {words}"


def test_no_sentence_ends_with_a_full_stop() -> None:
    ends = [key for lang in texts.LANGUAGES for key in TEXTS.keys(lang) if TEXTS.raw(lang, key)[-1] in "。."]
    assert ends == []


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_what_people_are_told_to_say_is_understood(language: Language) -> None:
    quoted = {
        words
        for key in TEXTS.keys(language)
        if not key.startswith("press.")
        for words in re.findall(r"[「“]([^「」“”{}]+)[」”]", TEXTS.raw(language, key))
    }
    more = set(TEXTS.raw(language, "help.more").split("：" if language == "zh" else ": ")[1].split(" · "))
    assert len(quoted) > 6
    assert [
        words for words in quoted | more if understand(words, reply_to_result="→" in words).intent == "chat"
    ] == []


def test_one_is_singular_and_more_are_plural_in_english() -> None:
    assert TEXTS.say("en", "price.points", n=1) == "1 point"
    assert TEXTS.say("en", "price.points", n=5) == "5 points"
    assert TEXTS.say("zh", "price.points", n=1) == "1 积分"


def test_a_blank_stands_between_chinese_and_latin_also_around_what_was_filled_in() -> None:
    said = TEXTS.say("zh", "ack.draw", subject="logo图标", emoji="🎨")
    assert said == "好的！来帮你画 logo 图标 🎨"


def test_a_sentence_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        TEXTS.say("en", "no.such.sentence")
    with pytest.raises(KeyError):
        TEXTS.say("en", "start.ahead", nothing=1)


def test_prices_have_no_needless_decimals() -> None:
    assert [texts.amount(n) for n in (5, 0.2, 0.25, 10.0)] == ["5", "0.2", "0.25", "10"]


def literal_keys() -> set[str]:
    """Keys that stand as literals in the source, as far as they look like keys."""
    found = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_every_sentence_is_said_somewhere() -> None:
    said = literal_keys()
    made = {
        *(f"reason.{reason}" for reason in Reason),
        *(f"reason_link.{reason}" for reason in Reason),
        *(f"reason_link_label.{reason}" for reason in Reason),
        *(f"{group}.{name}" for group in PUT_TOGETHER for name in _names(group)),
    }
    unsaid = {key for key in map(stem, TEXTS.keys("zh")) if key not in said | made}
    assert unsaid == set()


def _names(group: str) -> set[str]:
    """The names in a group whose keys are put together in the source: each must stand there as a literal."""
    said = literal_keys()
    names = {stem(key.split(".", 1)[1]) for key in TEXTS.keys("zh") if key.startswith(f"{group}.")}
    kinds = {
        "chat": set(smalltalk.kinds()),
        "hint": {tag for model in catalog.load() for tag in model.good_at},
        "help": {f"{name}.{key}" for name in ("discord", "feishu") for key in ("first", "second", "third")},
    }.get(group, set())
    return {name for name in names if name in said | kinds}


def test_every_outcome_is_told() -> None:
    assert set(Outcome) == {"succeeded", "failed", "cancelled", "unknown", "interrupted"}
