"""What the page itself says: the same in both languages, all of it used, nothing used that is not there."""

import re
from pathlib import Path

import adapters.platforms.web

PAGE = Path(adapters.platforms.web.__file__).with_name("page")
WORDS = (PAGE / "words.js").read_text(encoding="utf-8")


def table(language: str) -> dict[str, str]:
    match = re.search(rf"const {language} = \{{(.*?)\n\}};", WORDS, re.DOTALL)
    assert match
    return dict(re.findall(r'^  (\w+): "(.*)",$', match[1], re.MULTILINE))


def test_both_languages_say_the_same_things() -> None:
    assert len(table("zh")) > 40
    assert table("zh").keys() == table("en").keys()
    for name, text in table("zh").items():
        places = re.findall(r"\{\w+\}", text)
        assert sorted(places) == sorted(re.findall(r"\{\w+\}", table("en")[name])), name


def test_chinese_has_full_width_marks_and_space_around_latin() -> None:
    for text in table("zh").values():
        assert not re.search(r"[\u4e00-\u9fff][,!?:;]", text), text
        assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", text), text


def test_every_word_is_used_and_every_used_word_is_there() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in PAGE.iterdir() if file.name != "words.js")
    used = set(re.findall(r'data-(?:word|label|hint)="(\w+)"', source))
    known = table("en").keys()
    assert used <= known
    assert set(re.findall(r'\bword\("(\w+)"', source)) <= known
    assert {name for name in known if f'"{name}"' not in source} == set()
