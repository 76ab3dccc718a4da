"""People's words reach Discord as words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.platforms.discord.markdown import cut, escaped, link
from tests.simulators.discord.transcript import unescaped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a *bold* fox", r"a \*bold\* fox"),
        ("snake_case and `code`", r"snake\_case and \`code\`"),
        ("@everyone look", r"\@everyone look"),
        ("<@123> <#4> <t:5:R> </imagine:6>", r"\<@123> \<#4> \<t:5:R> \</imagine:6>"),
        ("# a heading\n> a quote\n- a list\n-# small", "\\# a heading\n\\> a quote\n\\- a list\n\\-# small"),
        ("  # indented\n > quote", "  \\# indented\n \\> quote"),
        ("||hidden|| ~~struck~~", r"\||hidden\|| \~~struck\~~"),
        ("[click](https://evil.example)", r"\[click](https://evil.example)"),
        ("[a[b]](https://evil.example)", r"\[a\[b]](https://evil.example)"),
        ("[https://a.example](https://evil.example)", r"\[https://a.example](https://evil.example)"),
        ("[a]\n[b](https://evil.example)", "\\[a]\n\\[b](https://evil.example)"),
        ("[a] cat", "[a] cat"),
        ("\u202etac a\u202c \u2067x\u2069", "tac a x"),
        ("16:9, C# and 5 - 3", "16:9, C# and 5 - 3"),
        ("see https://a.example/b_c_d*e", "see https://a.example/b_c_d*e"),
        ("画一只「狐狸」", "画一只「狐狸」"),
    ],
)
def test_what_formats_in_discord_is_escaped_and_nothing_else(text: str, shown: str) -> None:
    assert escaped(text) == shown


@given(st.text(alphabet=st.sampled_from("*_~`|<>@#[]()\\-+ \nabe:/t1everyonehttps")))
def test_what_is_escaped_reads_as_it_was_written(text: str) -> None:
    without_links = re.sub(r"https?://", "", text)
    assert unescaped(escaped(without_links)) == unescaped(re.sub(r"\\", r"\\\\", without_links))


@given(st.text(max_size=60))
def test_no_text_can_ping(text: str) -> None:
    assert not re.search(r"(?<!\\)(<@|@everyone|@here)", escaped(f"{text} <@1> @everyone"))


def test_a_link_ends_where_it_should() -> None:
    assert link("a]b", "https://a.example/(x) y") == "[a]b](https://a.example/%28x%29%20y)"


def test_what_is_cut_says_so_and_ends_in_no_backslash() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdef", 5) == "abcd…"
    assert cut(r"abc\*f", 5) == "abc…"
