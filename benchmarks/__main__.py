"""Run every measurement in a process of its own and print what came out, with the aims beside it."""

import json
import subprocess
import sys
import time

#: Title, module and its arguments.
RUNS = (
    ("2 000 messages at once", "burst", ("2000",)),
    ("100 pictures at once", "running", ("100", "50", "25")),
    ("1 000 pictures at once", "running", ("1000", "50", "25")),
    ("5 000 pictures at once", "running", ("5000", "125", "25")),
    ("500 pictures polled over HTTP", "polling", ("500", "25")),
    ("Pictures from IMA, beside bare httpx", "pictures", ()),
    ("Answers on Discord, beside a bare echo bot", "answering", ()),
    ("Utterances understood exactly, by corpus and by kind", "understanding", ()),
    ("Feishu, 300 messages at 10 a second", "feishu", ("300", "10")),
)
AIMS = {
    "bytes a job": "aim: under 20 000",
    "progress late p99 ms": "aim: under 1 000",
    "ack at 50/s beside p99 ms": "aim: under 50",
    "bot beside bare, 1 a job": "aim: at most 1.5",
    "bot beside bare, 4 a job": "aim: at most 1.5",
    "added p50 ms": "aim: under 5",
    "added p99 ms": "aim: under 30",
    "memory inkling MiB": "aim: at most 90",
    "commands at once p99 ms": "aim: under 1 000",
    "expired": "aim: 0",
    "connected after s": "aim: under 1.5",
    "MB when connected": "aim: under 90",
    "p50 ms over bare pooled": "aim: under 5",
    "dev.jsonl": "aim: 98 %",
    "a message p99 ms": "aim: under 1",
    "a brief of any length p99 ms": "aim: under 1",
    "a long brief (zh) p99 ms": "aim: under 1",
    "a long brief (en) p99 ms": "aim: under 1",
    "a long brief (mixed) p99 ms": "aim: under 1",
    "500 characters p99 ms": "aim: under 1",
    "10000 characters p99 ms": "aim: under 20",
    "lark-oapi's CPU beside the adapter's": "aim: over 10",
}


def main() -> None:
    began = time.monotonic()
    for title, module, arguments in RUNS:
        command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        print(f"\n{title}")
        if done.returncode:
            print("  did not run through")
            continue
        for name, value in json.loads(done.stdout).items():
            print(f"  {name:32}{value!s:>10}  {AIMS.get(name, '')}".rstrip())
    print(f"\n{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
