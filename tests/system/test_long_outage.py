"""Three hours without Slack on a busy day: afterwards only what is so, and each thing once."""

from __future__ import annotations

import pytest

from tests.system.long_outage import play


@pytest.mark.parametrize("seed", [1, 3])
def test_only_what_is_so(seed: int) -> None:
    """As many messages as there are people, at most; none of the past, none that isn't so."""
    tally = play(seed)
    assert tally.of_old_stretches == tally.not_so == 0
    assert tally.said <= 20
    assert tally.same <= 7
