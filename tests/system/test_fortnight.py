"""Two working days and their nights at high speed; `python -m bench.fortnight` does fourteen."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from bench.fortnight import run
from tests.bot.networks.chargepoint.feed_kit import need_prosody


@pytest.mark.nightly
@pytest.mark.timeout(180)
def test_no_restart_is_needed(tmp_path: Path) -> None:
    """The feed that died silently each night tells of the morning's cars, and nothing grows."""
    need_prosody()
    figures = run(2, tmp_path)
    assert figures.noticed == figures.stalls == 2
    assert statistics.median(figures.lags) < 0.5  # the hourly poll alone would need 0.9
    assert max(figures.mornings) < 1.0
    assert figures.growth < 0.1
    assert "Traceback" not in (tmp_path / "log").read_text()
