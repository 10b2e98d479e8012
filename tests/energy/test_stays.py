"""The energy of a stay (rule 29)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from chalicelib.energy.stays import Taken, added_up, begin, look, pause

START = datetime(2031, 3, 3, 16, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RATED = 6.6
LOOKS = st.lists(
    st.tuples(st.floats(0.1, 30), st.one_of(st.none(), st.floats(0, 22))), max_size=40
)


def hour_of_looks(kw: float | None, every: float) -> Taken:
    taken = begin(START, kw)
    for n in range(1, round(60 / every) + 1):
        taken = look(taken, START + n * every * MINUTE, kw, RATED)
    return taken


class TestRule29Energy:
    def test_an_hour(self) -> None:
        """Looks each minute add up to the power times the hour, and that is sure."""
        taken = hour_of_looks(6.0, 1)
        assert taken.kwh == pytest.approx(6.0, abs=0.01)
        assert not taken.about

    def test_begun_before_it_was_seen(self) -> None:
        """What flows at the first look has flowed since the network says that it began: about
        so much, if that is long ago; the network's own figure counts more.
        """
        long_ago, just_now = START - 60 * MINUTE, START - 3 * MINUTE
        assert begin(START, 6.0, None, long_ago) == Taken(START, 6.0, 6.0, 6.0, about=True)
        assert begin(START, 6.0, None, just_now) == Taken(START, 0.3, 6.0, 6.0)
        assert begin(START, 6.0, 2.5, long_ago).kwh == 2.5
        assert begin(START, None, None, long_ago, RATED) == Taken(START, RATED, about=True)
        assert begin(START, 6.0, None, START + MINUTE).kwh == 0

    def test_a_gap(self) -> None:
        """A look's kW holds for five minutes at most: beyond that it is about so much."""
        taken = hour_of_looks(6.0, 20)
        assert taken.kwh == pytest.approx(6.0 * 15 / 60, abs=0.01)
        assert taken.about

    def test_the_networks_figure(self) -> None:
        """What the network says counts, whatever the looks add up to."""
        taken = look(hour_of_looks(6.0, 20), START + 61 * MINUTE, 6.0, RATED, figure=5.8)
        assert (taken.kwh, taken.about) == (5.8, False)

    def test_a_session_anew(self) -> None:
        """A figure that begins anew is another session of the same stay: both count."""
        taken = look(begin(START, 6.0, 0.0), START + MINUTE, 6.0, RATED, figure=4.0)
        taken = look(taken, START + 2 * MINUTE, 6.0, RATED, figure=0.5)
        assert taken.kwh == 4.5

    def test_without_load_data(self) -> None:
        """Reckoned from what a port gives, and called about."""
        kwh, about = added_up(begin(START), START + 60 * MINUTE, RATED)
        assert about
        assert kwh == pytest.approx(RATED)

    def test_away(self) -> None:
        """Nothing flows into a car that is away."""
        taken = pause(hour_of_looks(6.0, 1), START + 64 * MINUTE)
        assert taken.kwh == pytest.approx(6.0, abs=0.01)
        assert added_up(taken, START + 66 * MINUTE, RATED)[0] == taken.kwh

    @given(LOOKS)
    def test_it_only_grows(self, looks: list[tuple[float, float | None]]) -> None:
        """No look takes energy back, and none adds more than its power could."""
        at, taken = START, begin(START, 1.0)
        for minutes, kw in looks:
            at += minutes * MINUTE
            before = taken
            taken = look(taken, at, kw, RATED)
            assert before.kwh <= taken.kwh + 1e-4
            assert taken.kwh <= before.kwh + 22 * min(minutes, 5) / 60 + 1e-3
            assert taken.peak_kw >= before.peak_kw

    @given(LOOKS)
    def test_an_old_look_says_nothing(self, looks: list[tuple[float, float | None]]) -> None:
        """The same look twice, or an older one, changes nothing."""
        at, taken = START, begin(START, 1.0)
        for minutes, kw in looks:
            at += minutes * MINUTE
            taken = look(taken, at, kw, RATED)
            assert look(taken, at, 5.0, RATED) is taken
