"""The environment as one frozen value. Reports all that is wrong at once.

Only names, types and defaults live here; what is switched on is decided by what is set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from bot.errors import SettingsError
from bot.message import Language
from bot.settings.reader import Reader, is_loopback


@dataclass(frozen=True, slots=True)
class Discord:
    """The Discord platform."""

    token: str = field(repr=False)
    api_base: str
    proxy: str
    #: Channels in which every message is heard, not only mentions (needs the privileged intent).
    listen: tuple[str, ...]
    shards: bool


@dataclass(frozen=True, slots=True)
class Feishu:
    """The Feishu or Lark platform."""

    app_id: str
    app_secret: str = field(repr=False)
    domain: str
    events: Literal["ws", "webhook"]
    encrypt_key: str = field(repr=False)
    verification_token: str = field(repr=False)
    #: Chats and people that may use the bot; empty: all.
    chats: tuple[str, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ima:
    """The IMA Studio backend."""

    api_key: str = field(repr=False)
    api_url: str
    upload_url: str
    app_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class JimengApi:
    """A jimeng-api service."""

    api_url: str
    session_ids: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Volcengine:
    """The Volcengine Jimeng backend."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    api_url: str
    concurrency: int


@dataclass(frozen=True, slots=True)
class JimengWeb:
    """The Jimeng web backend, and its optional intranet submit."""

    session_id: str = field(repr=False)
    url: str
    mcp_url: str
    mcp_cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it."""

    discord: Discord | None
    feishu: Feishu | None
    ima: Ima | None
    jimeng_api: JimengApi | None
    volcengine: Volcengine | None
    jimeng_web: JimengWeb | None
    demo: bool
    #: The demo backend's times are divided by this.
    demo_speed: float
    data_dir: Path
    database: Path
    keep_days: float
    keep_gb: float
    drain_seconds: float
    web_host: str
    web_port: int
    web_token: str = field(repr=False)
    progress: Literal["edit", "push"]
    language: Language
    log_level: str
    log_format: Literal["json", "text", "auto"]
    #: The order in which backends are asked where several serve a model; empty: resumable ones first.
    backend_order: tuple[str, ...]

    @property
    def own_hosts(self) -> frozenset[str]:
        """Hosts that the operator named himself: the only ones that may lie in a private network."""
        urls = [
            *((self.ima.api_url, self.ima.upload_url) if self.ima else ()),
            *((self.jimeng_api.api_url,) if self.jimeng_api else ()),
            *((self.volcengine.api_url,) if self.volcengine else ()),
            *((self.jimeng_web.url, self.jimeng_web.mcp_url) if self.jimeng_web else ()),
            *((self.discord.api_base,) if self.discord else ()),
            *((self.feishu.domain,) if self.feishu else ()),
        ]
        return frozenset(urlsplit(url).netloc for url in urls if url)


BACKENDS = ("jimeng_web", "volcengine", "ima", "jimeng_api", "demo")


def read(environment: Mapping[str, str], written: Iterable[str] = ()) -> Settings:
    """The settings in an environment. Raises SettingsError naming everything that is wrong.

    `written`: names that somebody wrote down for us, in which a misspelt one is wrong as well.
    """
    reader = Reader(environment)
    backends = {
        "ima": _ima(reader),
        "jimeng_api": _jimeng_api(reader),
        "volcengine": _volcengine(reader),
        "jimeng_web": _jimeng_web(reader),
    }
    data_dir = Path(reader.text("DATA_DIR", "data"))
    settings = Settings(
        discord=_discord(reader),
        feishu=_feishu(reader),
        **backends,  # type: ignore[arg-type]  # each under its own name
        demo=reader.flag("DEMO") or not any(backends.values()),
        demo_speed=reader.number("DEMO_SPEED", 1, low=0.01, high=100_000),
        data_dir=data_dir,
        database=_database(reader, data_dir),
        keep_days=reader.number("KEEP_DAYS", 7, low=0.01, high=3650),
        keep_gb=reader.number("KEEP_GB", 5, low=0.01, high=100_000),
        drain_seconds=reader.number("DRAIN_SECONDS", 10, low=0, high=3600),
        web_host=reader.text("WEB_HOST", "127.0.0.1"),
        web_port=reader.whole("WEB_PORT", 8787, low=0, high=65535),
        web_token=reader.text("WEB_TOKEN"),
        progress=reader.word("PROGRESS", "edit", ("edit", "push")),  # type: ignore[arg-type]  # checked there
        language=reader.word("DEFAULT_LANGUAGE", "zh", ("zh", "en")),  # type: ignore[arg-type]  # checked there
        log_level=reader.word("LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        log_format=reader.word("LOG_FORMAT", "auto", ("json", "text", "auto")),  # type: ignore[arg-type]  # checked
        backend_order=reader.words("BACKEND_ORDER"),
    )
    _check_whole(reader, settings)
    reader.misspelt(written)
    if reader.wrong:
        listed = "\n".join(f"  - {line}" for line in reader.wrong)
        raise SettingsError(f"The configuration needs a look (environment or .env):\n{listed}")
    return settings


def _check_whole(reader: Reader, settings: Settings) -> None:
    """What can only be judged with everything at hand."""
    if not is_loopback(settings.web_host) and not settings.web_token:
        reader.wrong.append(
            "WEB_TOKEN must be set when WEB_HOST is not this machine only: anybody could draw at your expense"
        )
    if settings.web_token and len(settings.web_token) < 12:
        reader.wrong.append("WEB_TOKEN must have at least 12 characters")
    unknown = [name for name in settings.backend_order if name not in BACKENDS]
    if unknown:
        reader.wrong.append(f"BACKEND_ORDER knows {', '.join(BACKENDS)}, not {', '.join(unknown)}")


def _database(reader: Reader, data_dir: Path) -> Path:
    url = reader.text("DATABASE_URL")
    if not url:
        return data_dir / "inkling.db"
    if url.startswith(("postgresql:", "postgres:")):
        reader.wrong.append(
            "DATABASE_URL: PostgreSQL is not supported yet; leave it empty or use sqlite:///path"
        )
    elif not url.startswith("sqlite:///") or len(url) == len("sqlite:///"):
        reader.wrong.append("DATABASE_URL must look like sqlite:///path/to/inkling.db")
    return Path(url.removeprefix("sqlite:///"))


def _discord(reader: Reader) -> Discord | None:
    on = reader.group("Discord")
    value = Discord(
        token=reader.text("DISCORD_TOKEN"),
        api_base=reader.url("DISCORD_API_BASE"),
        proxy=reader.url("DISCORD_PROXY"),
        listen=reader.ids("DISCORD_LISTEN", r"[0-9]{15,20}", "of channels, figures alone"),
        shards=reader.flag("DISCORD_SHARDS"),
    )
    return value if on else None


def _feishu(reader: Reader) -> Feishu | None:
    on = reader.group("Feishu")
    events = reader.word("FEISHU_EVENTS", "ws", ("ws", "webhook"))
    if on and events == "webhook" and not reader.text("FEISHU_VERIFICATION_TOKEN"):
        reader.wrong.append("FEISHU_VERIFICATION_TOKEN is needed with FEISHU_EVENTS=webhook")
    value = Feishu(
        app_id=reader.text("FEISHU_APP_ID"),
        app_secret=reader.text("FEISHU_APP_SECRET"),
        domain=reader.url("FEISHU_DOMAIN", "https://open.feishu.cn", loopback_http=True),
        events=events,  # type: ignore[arg-type]  # checked by `word`
        encrypt_key=reader.text("FEISHU_ENCRYPT_KEY"),
        verification_token=reader.text("FEISHU_VERIFICATION_TOKEN"),
        chats=reader.ids("FEISHU_CHATS", r"oc_\w+", "oc_…"),
        people=reader.ids("FEISHU_PEOPLE", r"o[un]_\w+", "ou_… or on_…"),
    )
    return value if on else None


def _ima(reader: Reader) -> Ima | None:
    on = reader.group("IMA Studio")
    value = Ima(
        api_key=reader.text("IMA_API_KEY"),
        api_url=reader.url("IMA_API_URL", "https://api.imastudio.com"),
        upload_url=reader.url("IMA_UPLOAD_URL", "https://imapi.liveme.com"),
        app_key=reader.text("IMA_APP_KEY"),
    )
    return value if on else None


def _jimeng_api(reader: Reader) -> JimengApi | None:
    on = reader.group("jimeng-api")
    value = JimengApi(api_url=reader.url("JIMENG_API_URL"), session_ids=reader.words("JIMENG_SESSION_ID"))
    if on and not value.session_ids:
        reader.wrong.append("JIMENG_SESSION_ID holds no session id")
    return value if on else None


def _volcengine(reader: Reader) -> Volcengine | None:
    on = reader.group("Volcengine")
    value = Volcengine(
        access_key=reader.text("VOLC_ACCESSKEY"),
        secret_key=reader.text("VOLC_SECRETKEY"),
        api_url=reader.url("VOLC_API_URL", "https://visual.volcengineapi.com"),
        concurrency=reader.whole("VOLC_CONCURRENCY", 1, low=1, high=100),
    )
    return value if on else None


def _jimeng_web(reader: Reader) -> JimengWeb | None:
    on = reader.group("Jimeng web")
    if bool(reader.text("JIMENG_MCP_URL")) != bool(reader.text("JIMENG_MCP_COOKIE")):
        reader.wrong.append("JIMENG_MCP_URL and JIMENG_MCP_COOKIE go together")
    value = JimengWeb(
        session_id=reader.text("JIMENG_WEB_SESSION_ID"),
        url=reader.url("JIMENG_WEB_URL", "https://jimeng.jianying.com"),
        mcp_url=reader.url("JIMENG_MCP_URL"),
        mcp_cookie=reader.text("JIMENG_MCP_COOKIE"),
    )
    return value if on else None
