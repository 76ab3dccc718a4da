"""What holds for all tests."""

import os
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, settings

# How fast an example is depends on the machine, so no test fails for it.
settings.register_profile(
    "house", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")

#: Rooms whose tests mostly wait, for processes and browsers.
WAITING = (
    "tests/browser/",
    "tests/crash/",
    "tests/scenario/backends/test_process.py",
    "tests/scenario/discord/",
    "tests/scenario/everywhere/",
    "tests/scenario/feishu/",
    "tests/scenario/memory/",
    "tests/scenario/test_discord_and_feishu.py",
)
#: Of these the tests of one file stay together: they share what is costly to start.
TOGETHER = ("tests/browser/", "tests/scenario/everywhere/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each worker begins with its share of the tests that wait, and goes on with quick ones.

    Other workers compute meanwhile, and at the end there is nothing long to wait for. xdist gives each
    worker an equal part of the list as it stands, and later takes from the end of a part what others run.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    waiting: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    quick = []
    for item in items:
        if item.nodeid.startswith(WAITING):
            waiting[item.nodeid.split("::")[0] if item.nodeid.startswith(TOGETHER) else item.nodeid].append(
                item
            )
        else:
            quick.append(item)
    ordered: list[pytest.Item] = []
    for n in range(workers):
        share = [item for together in list(waiting.values())[n::workers] for item in together]
        room = max(0, (len(items) - len(ordered)) // (workers - n) - len(share))
        ordered += [*share, *quick[:room]]
        del quick[:room]
    items[:] = [*ordered, *quick]
