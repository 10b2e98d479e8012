"""What people type when they say what they need (rule 28)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from chalicelib.chat.needs import Problem, Read, read
from chalicelib.chat.parsing import parse
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import DoneMoving, MovingAt
from chalicelib.energy.needs import MOST, Need, Unit

KWH, KM, MILES, MINUTES = Unit.KWH, Unit.KM, Unit.MILES, Unit.MINUTES


class TestRule28Typed:
    @pytest.mark.parametrize(
        ("typed", "unit", "amount"),
        [
            ("12 kwh", KWH, 12),
            ("12kwh", KWH, 12),
            ("12.5 kwh", KWH, 12.5),
            ("12,5kwh", KWH, 12.5),
            ("12 kw", KWH, 12),  # nobody means power
            ("about 12 kwh", KWH, 12),
            ("i need 12 kwh", KWH, 12),
            ("60 km", KM, 60),
            ("60km", KM, 60),
            ("60 kilometers", KM, 60),
            ("40 mi", MILES, 40),
            ("40 miles", MILES, 40),
            ("90 min", MINUTES, 90),
            ("90m", MINUTES, 90),
            ("1h", MINUTES, 60),
            ("2 hours", MINUTES, 120),
            ("1.5h", MINUTES, 90),
            ("1h 30m", MINUTES, 90),
            ("1h30", MINUTES, 90),
            ("an hour", MINUTES, 60),
            ("half an hour", MINUTES, 30),
            ("full", Unit.FULL, 0),
            ("until full", Unit.FULL, 0),
            ("a full charge", Unit.FULL, 0),
        ],
    )
    def test_amounts(self, typed: str, unit: Unit, amount: float) -> None:
        """As people write them on a phone; and the same before a time."""
        assert read(typed) == Read(Need(unit, amount))
        if typed != "until full":
            assert read(f"{typed} by 16:00") == Read(Need(unit, amount), "16:00")
            assert read(f"{typed}, by 4pm") == Read(Need(unit, amount), "4pm")

    @pytest.mark.parametrize(
        ("typed", "problem"),
        [
            ("12", Problem.WHICH_UNIT),
            ("12 by 16:00", Problem.WHICH_UNIT),
            ("0 kwh", Problem.TOO_LITTLE),
            ("0", Problem.TOO_LITTLE),
            ("-3", Problem.TOO_LITTLE),
            ("-3 km", Problem.TOO_LITTLE),
            ("9999 kwh", Problem.TOO_MUCH),
            ("99999 km", Problem.TOO_MUCH),
            ("80%", Problem.PERCENT),
            ("80 percent", Problem.PERCENT),
            ("12 parsecs", Problem.UNKNOWN),
            ("some", Problem.UNKNOWN),
        ],
    )
    def test_problems(self, typed: str, problem: Problem) -> None:
        """What can't be an amount says why."""
        assert read(typed).problem is problem

    def test_taken_back(self) -> None:
        """`need none` takes it back."""
        assert read("none") == Read(none=True)

    def test_a_time_alone(self) -> None:
        """`add by 16:00` says when, and leaves the amount to habit."""
        assert read("by 16:00") == Read(by="16:00")
        assert read("") == Read()

    @given(st.text(max_size=60))
    def test_never_fails(self, typed: str) -> None:
        """Whatever is typed is read, or has a problem; and no need is nonsense."""
        found = read(typed)
        need = found.need
        assert need is None or need.unit is Unit.FULL or 0 < need.amount <= MOST[need.unit]
        assert found.need is None or found.problem is None

    @given(st.sampled_from(list(MOST)), st.integers(1, 700))
    def test_every_unit(self, unit: Unit, amount: int) -> None:
        """A whole amount with its unit is that amount, or too much of it."""
        found = read(f"{amount} {unit.value.lower()}")
        assert found == Read(Need(unit, amount)) or found.problem is Problem.TOO_MUCH


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("moving 2 at 11:30", MovingAt(ClockTime(11, 30), port="2")),
        ("moving port 2 in 10 min", MovingAt(length=timedelta(minutes=10), port="2")),
        ("moving at 2", MovingAt(ClockTime(2))),
        ("moving 2", DoneMoving(port="2")),
    ],
)
def test_which_of_two_cars_moves(typed: str, wish: MovingAt | DoneMoving) -> None:
    """Who has two cars says which one, and when."""
    assert parse(typed) == wish
