"""Needs as values (rule 28)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from chalicelib.energy.needs import MOST, Need, Unit, energy_of, habit_of, is_more

AMOUNTS = st.floats(0.5, 100)


class TestRule28Needs:
    def test_units(self) -> None:
        """Sixty kilometres are ten kWh where a kWh takes a car six; forty miles nearly eleven."""
        assert energy_of(Need(Unit.KWH, 12), 6) == 12
        assert energy_of(Need(Unit.KM, 60), 6) == 10
        assert energy_of(Need(Unit.MILES, 40), 6) == pytest.approx(10.73, abs=0.01)

    def test_time_and_full_are_no_energy(self) -> None:
        """Ninety minutes end by the clock, `full` by the car."""
        assert energy_of(Need(Unit.MINUTES, 90), 6) is None
        assert Need(Unit.MINUTES, 90).length == timedelta(minutes=90)
        assert energy_of(Need(Unit.FULL), 6) is None

    @given(st.sampled_from(list(MOST)), AMOUNTS, AMOUNTS)
    def test_more_is_more(self, unit: Unit, one: float, other: float) -> None:
        """In one unit the larger amount asks for more; full asks for more than anything."""
        assert is_more(Need(unit, one), Need(unit, other), 6, 6.6) == (one > other)
        assert is_more(Need(Unit.FULL), Need(unit, one), 6, 6.6)


class TestHabits:
    def test_from_three_stays_on(self) -> None:
        """Two stays are no habit; of ten and more the last ten count."""
        assert habit_of((5, 9)) is None
        assert habit_of((5, 9, 7)) == 7
        assert habit_of((*[50.0] * 20, *[4.0] * 10)) == 4

    @given(st.lists(AMOUNTS, min_size=3, max_size=30).map(tuple))
    def test_within_what_was(self, fills: tuple[float, ...]) -> None:
        """A habit is never more than the most, nor less than the least."""
        habit = habit_of(fills)
        assert habit is not None
        assert min(fills[-10:]) <= habit <= max(fills[-10:])
