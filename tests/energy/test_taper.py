"""How long so much more takes, as the battery gets full."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from chalicelib.energy.taper import FULL_AT, TAPER, time_for, time_to_full

HOUR = timedelta(hours=1)


def charge(fill: float, peak: float, until: float) -> tuple[float, float]:
    """A car that tapers, charged in small steps to `until`: hours, and the power then."""
    taken, hours, kw = 0.0, 0.0, peak
    while taken < until and kw > 0.01:
        left = (fill - taken) / (TAPER * fill)
        kw = peak * min(1.0, left)
        taken, hours = taken + kw / 1000, hours + 1 / 1000
    return hours, kw


class TestTaper:
    def test_at_the_peak(self) -> None:
        """Six kWh at six kW are an hour; nothing more to take is no time; no power, no telling."""
        assert time_for(6, 6, 6, 3) == HOUR
        assert time_for(0, 6, 6, 3) == timedelta(0)
        assert time_for(1, 0, 6, 3) is None
        assert time_to_full(6, 6, 3) is None

    @pytest.mark.parametrize("at", [0.88, 0.92])
    def test_while_it_falls(self, at: float) -> None:
        """Within the last part the time agrees with a car charged step by step."""
        fill, peak = 20.0, 6.6
        so_far, kw = charge(fill, peak, at * fill)
        whole, _ = charge(fill, peak, 0.97 * fill)
        told = time_for((0.97 - at) * fill, kw, peak, at * fill)
        assert told is not None
        assert told / HOUR == pytest.approx(whole - so_far, rel=0.1)

    def test_full_comes_first(self) -> None:
        """A need beyond the battery is no time."""
        _, kw = charge(20.0, 6.6, 18.5)
        assert time_for(5, kw, 6.6, 18.5) is None
        to_full = time_to_full(kw, 6.6, 18.5)
        assert to_full is not None
        assert timedelta(0) < to_full < HOUR

    @given(st.floats(0.2, 20), st.floats(0.02, 1), st.floats(1, 22), st.floats(0.1, 60))
    def test_never_in_the_past(self, kwh: float, share: float, peak: float, taken: float) -> None:
        """Any time is ahead, and never shorter than at the peak."""
        told = time_for(kwh, share * peak, peak, taken)
        assert told is None or told >= 0.99 * kwh / peak * HOUR
        to_full = time_to_full(share * peak, peak, taken)
        assert to_full is None or to_full >= timedelta(0)
        assert share > FULL_AT or to_full == timedelta(0)
