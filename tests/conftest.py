"""What all tests share: Hypothesis's profiles, and how several workers divide them."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from chalicelib.stores import codec

pytest_plugins = ["tests.ministack"]

MEMORY, ROOM = Path("/dev/shm"), 2**30
# What tests write is synced to the disk at every save, and is gone with them: half of the
# time goes into waiting for the disk, so where there is room it stays in memory.
if (
    "TMPDIR" not in os.environ
    and MEMORY.is_dir()
    and shutil.disk_usage(MEMORY).free > ROOM
    and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
):
    os.environ["TMPDIR"] = str(MEMORY)  # for what tests start as well
    tempfile.tempdir = None  # which was found before

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile(
    "ci", max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=SLOW
)
settings.register_profile(
    "long", max_examples=2000, stateful_step_count=60, deadline=None, suppress_health_check=SLOW
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# The longest first, or the last minutes belong to one worker. `SPREAD`: their tests share
# nothing, so each may go to another worker; those of `AWS` share one deployed stack.
FIRST = (
    "tests/system/test_failover.py",
    "tests/aws/",
    "tests/system/test_kill.py",
    "tests/aws/test_drill.py",
    "tests/system/test_races.py",
    "tests/system/",
    "tests/practice/page/",
    "tests/stores/",
    "tests/bot/networks/chargepoint/test_client_mutants.py",
    "tests/practice/replay/",
)
SPREAD = (
    "tests/system/test_failover.py",
    "tests/system/test_kill.py",
    "tests/system/test_races.py",
    "tests/system/test_caps_day.py",
    "tests/system/test_feed_day.py",
    "tests/practice/replay/",
)
AWS = (
    "tests/aws/test_deployed",
    "tests/aws/test_listener.py",
    "tests/aws/test_seeing_inside.py",
    "tests/aws/test_template.py",
)


class Longest(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
    """A file to a worker, but for the long ones, whose tests are spread."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(AWS):
            return "tests/aws/"
        return nodeid if nodeid.startswith(SPREAD) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Longest:
    """Called by the master of several workers; by default the files with most tests go first."""
    config.option.loadscopereorder = False
    return Longest(config, log)


def place(item: pytest.Item) -> int:
    """Of its file in FIRST: the longest name that fits it."""
    fits = [start for start in FIRST if item.nodeid.startswith(start)]
    return FIRST.index(max(fits, key=len)) if fits else len(FIRST)


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store reads what it has written, as another process would."""
    monkeypatch.setattr(codec, "REMEMBERED", 0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; the order within a file stays."""
    items.sort(key=place)
