"""The load in small: many workers of the app, and a DynamoDB that throttles and falls silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.load import EACH, KINDLY, run

ROOT = Path(__file__).parents[2]
CROWD, SITES = 20, 6


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_what_is_acknowledged_is_true(share: float) -> None:
    """Whoever was told "in line" is so exactly once, and who was told "nothing was changed"
    is not, however many of the table's answers are refusals, late, or lost.
    """
    crowd, spread = run(ROOT, share, size=4, sites=SITES, crowd=CROWD)
    assert (len(crowd.told), len(spread.told)) == (CROWD, SITES * EACH)
    for outcome in (crowd, spread):
        print(outcome)
        assert outcome.wrong == []
        assert {one.what for one in outcome.told} <= {"added", *KINDLY.values()}
        assert sum(one.what == "added" for one in outcome.told) > len(outcome.told) / 3
    assert bool(crowd.suffered or spread.suffered) == bool(share)
