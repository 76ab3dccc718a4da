"""Many pictures at once: what one of them costs, and whether progress comes on time.

    python -m benchmarks.running 1000 50 25

starts 1000 jobs at 50 a second and watches them for 25 seconds.
"""

import asyncio
import gc
import json
import sys
import time
from typing import Any

from benchmarks.stage import figures, opened, resident

#: Messages a second while everything is watched, and for how many seconds.
BESIDE = 50.0


async def measure(jobs: int, rate: float, watch: float) -> dict[str, Any]:
    """Start the jobs, watch them, and then watch them with more people writing."""
    async with opened() as bench:
        gc.collect()
        memory, cpu, began = resident(), time.process_time(), time.perf_counter()
        await bench.ramp(jobs, rate)
        started = {
            "started a second": round(jobs / (time.perf_counter() - began)),
            "CPU ms to start one": round((time.process_time() - cpu) / jobs * 1000, 2),
            **figures("ack in the ramp", bench.platform.acknowledged),
        }
        bench.platform.acknowledged.clear()
        bench.late.values.clear()
        cpu, began = time.process_time(), time.perf_counter()
        await asyncio.sleep(watch)
        used, passed = time.process_time() - cpu, time.perf_counter() - began
        gc.collect()
        living = bench.house.runner.living
        bytes_each = round((resident() - memory) / living)
        await bench.ramp(int(BESIDE * 10), BESIDE)
        await asyncio.sleep(0.2)
        return {
            "running": living,
            **started,
            "CPU share while watched": f"{used / passed:.0%}",
            "CPU ms a job and minute": round(used / passed * 60 / living * 1000, 2),
            "bytes a job": bytes_each,
            "progress shown": len(bench.late.values),
            **figures("progress late", bench.late.values),
            **figures(f"ack at {BESIDE:.0f}/s beside", bench.platform.acknowledged),
        }


if __name__ == "__main__":
    count, speed, seconds = (float(word) for word in sys.argv[1:4])
    print(json.dumps(asyncio.run(measure(int(count), speed, seconds))))
