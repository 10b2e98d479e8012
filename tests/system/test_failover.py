"""Two listeners, one leader: when it falls, nothing is decided twice and nothing is lost.

`EV_FALLS=10` lets it fall more often; `python -m bench.failover` shows the figures.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.failover import run

FALLS = int(os.environ.get("EV_FALLS", "2"))
SEED = int(os.environ.get("EV_SEED", "1"))
WITHIN = {"kill": 5.0, "far": 30.0, "stall": 30.0}  # real seconds; 30 is what we promise


@pytest.mark.timeout(60 + 90 * FALLS)
@pytest.mark.parametrize("how", WITHIN)
def test_the_standby_takes_over(tmp_path: Path, how: str) -> None:
    """Killed here, killed elsewhere, or stalled and woken late: the other one looks, and says."""
    falls = FALLS if how == "kill" else max(1, FALLS // 2)  # the others take a lease's term
    figures = run(how, falls, tmp_path, SEED)
    assert len(figures.gaps) == falls
    assert max(figures.gaps) < WITHIN[how]
    assert figures.calls == falls
    assert figures.doubled == 0
    assert figures.lost == []
    assert max(figures.repeats) <= 1
    assert "Traceback" not in (tmp_path / "log").read_text()
