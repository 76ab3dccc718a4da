"""Where victims are born: a process that has everything imported and forks one life after another.

Its only reason is speed: a fresh interpreter needs longer to import than a life lasts. A fork is a process of
its own, with its own number to kill.
"""

import json
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from bot.language import understand
from tests.crash import victim

ROOT = Path(__file__).parents[2]


class Nursery:
    """The process, seen from the test."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def bear(self, environment: dict[str, str], point: str, log: Path) -> int:
        """A new life; returns its process number."""
        return int(self._ask(do="bear", environment=environment, point=point, log=str(log)))

    def ended(self, pid: int) -> int | None:
        """The exit code of a life, negative for a signal; None while it lasts."""
        code = self._ask(do="ended", pid=pid)
        return None if code is None else int(code)

    def close(self) -> None:
        """End every life that still lasts."""
        self._process.communicate(timeout=10)

    def _ask(self, **question: Any) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the nursery has no pipes")
        stdin.write(json.dumps(question) + "\n")
        stdin.flush()
        return json.loads(stdout.readline())


def _bear(environment: dict[str, str], point: str, log: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        null = os.open(os.devnull, os.O_RDONLY)
        for stream, to in ((null, 0), (out, 1), (out, 2)):
            os.dup2(stream, to)
        victim.main(environment, point)
        code = 0
    except BaseException:  # noqa: BLE001  # nothing may climb into the parent's half of the fork
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _ended(pid: int, codes: dict[int, int | None]) -> int | None:
    if codes[pid] is None:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            codes[pid] = os.waitstatus_to_exitcode(status)
    return codes[pid]


def main() -> None:
    """Answer one JSON line with another until stdin ends."""
    understand("画一只猫")
    codes: dict[int, int | None] = {}
    for line in sys.stdin:
        question = json.loads(line)
        if question.pop("do") == "bear":
            pid = _bear(**question)
            codes[pid] = None
            print(pid, flush=True)
        else:
            print(json.dumps(_ended(question["pid"], codes)), flush=True)
    for pid in codes:
        if _ended(pid, codes) is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
