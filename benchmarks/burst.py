"""As many messages at once as there are people: how many jobs a second can be taken on."""

import asyncio
import json
import sys
import time
from typing import Any

from benchmarks.stage import TEXTS, figures, opened
from bot.message import Kind


async def measure(messages: int) -> dict[str, Any]:
    """All at once; done when every one of them has begun."""
    async with opened() as bench:
        platform = bench.platform
        platform.kinds.clear()
        cpu, began = time.process_time(), time.perf_counter()
        await asyncio.gather(*(platform.say(TEXTS[number % len(TEXTS)]) for number in range(messages)))
        recorded = time.perf_counter() - began
        while platform.kinds[Kind.START] < messages:
            await asyncio.sleep(0.005)
        passed = time.perf_counter() - began
        return {
            "messages": messages,
            "recorded a second": round(messages / recorded),
            "jobs started a second": round(messages / passed),
            "CPU ms a job": round((time.process_time() - cpu) / messages * 1000, 2),
            **figures("ack", platform.acknowledged),
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1])))))
