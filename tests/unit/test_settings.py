"""The environment as settings: what is set is switched on, and everything wrong is named at once."""

from pathlib import Path

import httpx
import pytest

from bot.errors import SettingsError
from bot.settings import read
from bot.settings.reader import is_loopback

FULL = {
    "DISCORD_TOKEN": "discord-secret",
    "FEISHU_APP_ID": "cli_1",
    "FEISHU_APP_SECRET": "feishu-secret",
    "IMA_API_KEY": "ima_secret",
    "JIMENG_API_URL": "http://jimeng:5100",
    "JIMENG_SESSION_ID": "us-one, two",
    "VOLC_ACCESSKEY": "volc-access",
    "VOLC_SECRETKEY": "volc-secret",
    "JIMENG_WEB_SESSION_ID": "web-secret",
}


def wrong(**environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(environment)
    return str(caught.value)


def test_with_nothing_set_it_is_the_web_chat_and_the_demo() -> None:
    settings = read({})
    assert settings.demo
    assert (settings.discord, settings.feishu, settings.ima, settings.jimeng_api) == (None, None, None, None)
    assert (settings.web_host, settings.web_port, settings.database) == (
        "127.0.0.1",
        8787,
        Path("data/inkling.db"),
    )


def test_what_is_set_is_what_is_switched_on() -> None:
    settings = read(FULL)
    assert settings.discord
    assert settings.feishu
    assert settings.ima
    assert settings.volcengine
    assert settings.jimeng_web
    assert settings.jimeng_api
    assert settings.jimeng_api.session_ids == ("us-one", "two")
    assert not settings.demo
    assert read({**FULL, "DEMO": "1"}).demo


def test_everything_wrong_is_named_in_one_message() -> None:
    message = wrong(
        WEB_PORT="eighty",
        KEEP_DAYS="-1",
        FEISHU_APP_ID="cli_1",
        VOLC_SECRETKEY="x",
        PROGRESS="loud",
        DATABASE_URL="postgresql://host/db",
        IMA_API_KEY="k",
        IMA_API_URL="ftp://nowhere",
    )
    for name in ("WEB_PORT", "KEEP_DAYS", "FEISHU_APP_SECRET", "VOLC_ACCESSKEY", "PROGRESS", "DATABASE_URL"):
        assert name in message
    assert "IMA_API_URL" in message
    assert message.count("\n  - ") == 7


@pytest.mark.parametrize(
    "host",
    ["xn--", "xn--a", "a..b", "a" * 64, "two words", "☃.example", "[::1", "[x]", "a:b", ":80", "..", "*"],
)
def test_an_address_that_can_be_none_is_wrong(host: str) -> None:
    assert "IMA_API_URL must be an address" in wrong(IMA_API_KEY="k", IMA_API_URL=f"http://{host}/")


@pytest.mark.parametrize(
    "host", ["a_b", "xn--mnchen-3ya.de", "münchen.de", "127.0.0.1:81", "[::1]:81", "a.b."]
)
def test_an_address_that_can_be_one_is_taken(host: str) -> None:
    ima = read({"IMA_API_KEY": "k", "IMA_API_URL": f"http://{host}/"}).ima
    assert ima
    httpx.URL(ima.api_url).host  # noqa: B018  # read for what it would raise


def test_a_half_set_group_says_what_is_missing() -> None:
    assert "FEISHU_APP_SECRET missing" in wrong(FEISHU_APP_ID="cli_1")
    assert "DISCORD_TOKEN missing" in wrong(DISCORD_PROXY="http://127.0.0.1:1")
    assert "go together" in wrong(JIMENG_WEB_SESSION_ID="x", JIMENG_MCP_URL="http://127.0.0.1:1")


def test_the_page_is_not_opened_to_others_without_a_token() -> None:
    assert "WEB_TOKEN" in wrong(WEB_HOST="0.0.0.0")
    assert "12 characters" in wrong(WEB_HOST="0.0.0.0", WEB_TOKEN="short")
    assert read({"WEB_HOST": "0.0.0.0", "WEB_TOKEN": "a-long-enough-token"}).web_token


def test_feishu_speaks_plain_http_to_this_machine_only() -> None:
    keys = {"FEISHU_APP_ID": "cli_1", "FEISHU_APP_SECRET": "s"}
    assert "https://" in wrong(**keys, FEISHU_DOMAIN="http://open.example.com")
    feishu = read({**keys, "FEISHU_DOMAIN": "http://127.0.0.1:9000"}).feishu
    assert feishu
    assert feishu.domain == "http://127.0.0.1:9000"


def test_a_webhook_needs_its_token() -> None:
    keys = {"FEISHU_APP_ID": "cli_1", "FEISHU_APP_SECRET": "s", "FEISHU_EVENTS": "webhook"}
    assert "FEISHU_VERIFICATION_TOKEN" in wrong(**keys)


def test_secrets_are_not_in_what_is_printed() -> None:
    shown = repr(read({**FULL, "WEB_TOKEN": "a-long-enough-token", "FEISHU_ENCRYPT_KEY": "feishu-secret-2"}))
    for secret in ("discord-secret", "feishu-secret", "ima_secret", "volc-secret", "web-secret", "us-one"):
        assert secret not in shown
    assert "long-enough" not in shown


def test_only_hosts_that_the_operator_named_may_be_private() -> None:
    assert read(FULL).own_hosts >= {"jimeng:5100", "api.imastudio.com"}
    assert read({}).own_hosts == frozenset()


def test_an_unknown_backend_in_the_order_is_wrong() -> None:
    assert "BACKEND_ORDER" in wrong(BACKEND_ORDER="ima,dalle")
    assert read({"BACKEND_ORDER": "ima, jimeng_web"}).backend_order == ("ima", "jimeng_web")


def test_a_name_that_was_written_down_wrong_is_told_with_the_right_one() -> None:
    written = {"DISCORD_TOKN": "x", "web_port": "9000", "JIMENG_API_IMAGE": "jimeng-api", "HTTP_PROXY": ""}
    with pytest.raises(SettingsError) as caught:
        read(written, written)
    message = str(caught.value)
    assert "DISCORD_TOKN is no name of ours; is DISCORD_TOKEN meant?" in message
    assert "is WEB_PORT meant?" in message
    assert "IMAGE" not in message
    assert "PROXY" not in message


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("LOCALHOST.", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_alone(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_a_name_in_place_of_an_id_is_wrong() -> None:
    group = {"DISCORD_TOKEN": "t", "FEISHU_APP_ID": "cli_1", "FEISHU_APP_SECRET": "s"}
    ids = {"DISCORD_LISTEN": "123456789012345678, 2", "FEISHU_CHATS": "oc_1,the team", "FEISHU_PEOPLE": "ann"}
    message = wrong(**group, **ids)
    assert "DISCORD_LISTEN must be ids (of channels, figures alone), with commas, not 2" in message
    assert "FEISHU_CHATS must be ids (oc_…), with commas, not the team" in message
    assert "FEISHU_PEOPLE must be ids (ou_… or on_…), with commas, not ann" in message
    good = {"DISCORD_LISTEN": "123456789012345678", "FEISHU_CHATS": "oc_1", "FEISHU_PEOPLE": "ou_1,on_2"}
    settings = read({**group, **good})
    assert settings.feishu is not None
    assert settings.feishu.people == ("ou_1", "on_2")


def test_a_list_of_nothing_is_no_list_of_session_ids() -> None:
    assert "JIMENG_SESSION_ID holds no session id" in wrong(
        JIMENG_API_URL="http://j:1", JIMENG_SESSION_ID=" , "
    )
