"""Credentials that people paste are cut, and the message still means what it means."""

import pytest

from bot.language import understand

PASTED = [
    "0123456789abcdef0123456789abcdef",
    "us-0123456789ABCDEF0123456789abcdef",
    "ima_Zx8kP2mQ7vT4",
    "sk-proj-AbCdEf1234567890",
    "AKLTYWJjZGVmZ2hpams1234",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w",
]


@pytest.mark.parametrize("secret", PASTED)
def test_a_pasted_credential_is_cut_and_told(secret: str) -> None:
    intent = understand(f"画一只猫 {secret}")
    assert intent.secret
    assert secret not in intent.text
    assert secret not in intent.prompt
    assert intent.intent == "generate"


def test_a_bearer_token_is_cut() -> None:
    intent = understand("my header is Bearer abc123def456ghi789")
    assert intent.secret
    assert "abc123def456ghi789" not in intent.text
    assert "[removed]" in intent.text


def test_what_is_assigned_to_a_key_is_cut() -> None:
    intent = understand("我的 session_id=a1b2c3d4e5f6 给你")
    assert intent.secret
    assert "a1b2c3d4e5f6" not in intent.text
    assert "…" in intent.text


@pytest.mark.parametrize(
    "text", ["画一只猫", "a poster that says password", "密码是什么", "token ring network"]
)
def test_talk_of_keys_is_no_key(text: str) -> None:
    intent = understand(text)
    assert not intent.secret
    assert intent.text == text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password: hunter", "hunter"),
        ("my passwd=Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("secret: s3cr3tvalue", "s3cr3tvalue"),
        ("Cookie: sid=abc; other=def", "def"),
        ("画猫 ｉｍａ_Ｚｘ８ｋＰ２ｍＱ７ｖＴ４ 好", "Ｚｘ８"),
        ("draw a cat sk-proj-AbCd\u200bEf1234567890 now", "Ef1234567890"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----", "MIIEabc"),
        ("see https://user:pa@ss@example.com/x.png", "pa@ss"),
        ("https://example.com/?key=sk-abcdefghijkl123 blue", "abcdefghijkl123"),
    ],
)
def test_named_widened_and_wrapped_credentials_are_cut(text: str, secret: str) -> None:
    intent = understand(text)
    assert intent.secret
    assert secret not in intent.text
    assert secret not in intent.prompt


def test_the_mark_is_not_drawn() -> None:
    assert understand("draw a cat sk-proj-AbCdEf1234567890 now").prompt == "a cat now"
    assert understand("sk-proj-AbCdEf1234567890 is my api key, draw a cat").prompt == "a cat"
    assert understand("sk-proj-AbCdEf1234567890 是我的密钥，画只猫").prompt == "猫"


@pytest.mark.parametrize("tail", ["0123456789abcdef0123456789abcdef.png", "sk-landscape-photo-2024.jpg"])
def test_a_figure_in_a_link_is_no_credential(tail: str) -> None:
    intent = understand(f"make this blue https://cdn.example.com/{tail}")
    assert not intent.secret
    assert intent.urls == (f"https://cdn.example.com/{tail}",)


@pytest.mark.parametrize("glued", ["key-xoxb-abcdefghij", "sk-abcdefghijkhttps://a.example/cat.png"])
def test_a_credential_joined_to_other_words_is_cut(glued: str) -> None:
    assert understand(f"draw a cat {glued}").secret


def test_words_joined_with_hyphens_are_no_credential() -> None:
    assert not understand("a black-and-white, old-fashioned, larger-than-life portrait of a cat").secret
