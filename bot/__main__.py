"""The commands: run, parse, doctor, models. Everything by environment or `.env`."""

import asyncio
import gc
import io
import logging
import os
import sys
from collections.abc import Mapping

import orjson
from dotenv import dotenv_values

from bot.errors import InklingError, SettingsError
from bot.settings import Settings, read

USAGE = """\
inkling run      the bot; everything by environment or .env
inkling parse    JSON Lines in, what was understood as JSON Lines out
inkling doctor   tries each configured platform, backend and database for real
inkling models   the models on offer now
"""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    commands = {"run": _run, "parse": _parse, "doctor": _doctor, "models": _models}
    if words in (["help"], ["--help"], ["-h"]):
        print(USAGE, end="")
        return 0
    if len(words) != 1 or words[0] not in commands:
        print(USAGE, end="", file=sys.stderr)
        return 2
    try:
        return commands[words[0]]()
    except InklingError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _settings() -> Settings:
    """The environment, over what stands in `.env`."""
    try:
        from_file = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("The file .env cannot be read. It must be plain text in UTF-8.") from error
    environment: Mapping[str, str] = {**from_file, **os.environ}
    return read(environment, from_file)


def _run() -> int:
    gc.disable()  # what is imported stays: looking through it while it grows is a tenth of the whole start
    from bot.app import run

    gc.freeze()
    gc.enable()
    settings = _settings()
    _log(settings)
    os.umask(0o077)  # what people said and drew is nobody else's on this machine
    asyncio.run(run(settings))
    return 0


def _parse() -> int:
    from bot.language.predict import predict

    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    for number, line in enumerate(sys.stdin or (), 1):
        understood = list(predict([line]))
        for answer in understood:
            print(answer)
        if not understood and line.strip():
            print(f"Line {number} is left out: it is no JSON object with a text.", file=sys.stderr)
    return 0


def _doctor() -> int:
    from bot.app.doctor import doctor

    return asyncio.run(doctor(_settings()))


def _models() -> int:
    from bot.app.doctor import models

    return asyncio.run(models(_settings()))


class _Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(entry).decode()


def _log(settings: Settings) -> None:
    """Logging to stderr. Libraries whose info lines hold addresses or contents speak from warning up."""
    style = settings.log_format
    if style == "auto":
        style = "text" if sys.stderr.isatty() else "json"
    handler = logging.StreamHandler()
    handler.setFormatter(
        _Json() if style == "json" else logging.Formatter("%(asctime)s %(levelname).1s %(message)s")
    )
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "discord", "Lark", "asyncio", "aiosqlite", "PIL", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)


if __name__ == "__main__":
    raise SystemExit(main())
