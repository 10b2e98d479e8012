"""A path that stalls and closes nothing; `python -m bench.stalls` takes the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.stalls import BLIND, HURRY, run
from tests.bot.networks.chargepoint.feed_kit import HEALED, NOTICED, SLACK, need_prosody

TIMEOUTS = 2 * 0.5 + 0.5  # of a call of the hurried process, and the pause between
POLL = 60 / HURRY
STALL = 2 * BLIND / HURRY


@pytest.mark.parametrize("what", ["feed", "soap", "both"])
def test_a_stall_is_noticed_and_healed(tmp_path: Path, what: str) -> None:
    """The way to the feed, to SOAP, or both: noticed in bounded time; back, and caught up, soon.

    While looks go on nobody hears of it; else people are told once that sight is lost, and
    once that it is back.
    """
    need_prosody()
    found = run(what, STALL, tmp_path, hurried=True)
    if what != "soap":
        assert found.feed_noticed is not None
        assert found.feed_healed is not None
        assert found.feed_noticed < NOTICED + SLACK
        assert found.feed_healed < HEALED + SLACK
    if what != "feed":
        assert found.soap_noticed is not None
        assert found.soap_healed is not None
        assert found.soap_noticed < POLL + TIMEOUTS + SLACK
        assert found.soap_healed < TIMEOUTS + SLACK
    assert found.caught_up < TIMEOUTS + SLACK
    assert (found.lost, found.back) == ((0, 0) if what == "feed" else (1, 1))
