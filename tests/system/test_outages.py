"""A scripted day of outages; `python -m bench.outages --calm` takes half an hour for it."""

from __future__ import annotations

import os
import statistics
from pathlib import Path

import pytest

from bench.outages import HURRIED, run
from tests.bot.networks.chargepoint.feed_kit import HEALED, SLACK, need_prosody

SEED = int(os.environ.get("EV_SEED", "1"))


@pytest.mark.timeout(240)
def test_no_car_is_missed(tmp_path: Path) -> None:
    """20 stalls, and servers and a process that are stopped or killed: the site's trail has every
    car that came or went, once, in order, and within a poll of what the outages took.
    """
    need_prosody()
    figures = run(20, 2, HURRIED, tmp_path, SEED)
    assert sum(figures.outages.values()) == 26
    assert figures.changes > 50
    assert figures.missed == []
    assert figures.invented == []
    assert statistics.median(figures.late) < HURRIED.poll / 2  # it is events that tell, not polls
    assert max(figures.late) < HURRIED.poll + HEALED + SLACK
    assert "Traceback" not in (tmp_path / "log").read_text()
