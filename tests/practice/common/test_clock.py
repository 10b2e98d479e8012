"""The control of the practice clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.clock import PracticeClock
from practice.common.clock import ClockControl
from tests.practice_world import MONDAY


class TestClockControl:
    def test_others_follow(self, tmp_path: Path) -> None:
        """A clock that reads the file follows each change at once."""
        control = ClockControl(tmp_path / "clock", 0, MONDAY)
        other = PracticeClock(control.origin)
        for minutes in range(1, 50):
            control.advance(1)
            assert other.now() == MONDAY + timedelta(minutes=minutes)

    def test_time_is_continuous(self, tmp_path: Path) -> None:
        """A change of speed does not move the time."""
        control = ClockControl(tmp_path / "clock", 0, MONDAY)
        control.advance(90)
        for speed in (0.001, 0):
            control.set_speed(speed)
            assert control.speed == speed
        assert control.now() - MONDAY < timedelta(minutes=90, seconds=1)

    @pytest.mark.parametrize("speed", [-1, 100_001, float("nan"), float("inf")])
    def test_absurd_speed(self, tmp_path: Path, speed: float) -> None:
        """A speed that no clock would take changes nothing."""
        control = ClockControl(tmp_path / "clock", 1, MONDAY)
        with pytest.raises(ValueError, match="speed"):
            control.set_speed(speed)
        assert control.speed == 1

    @pytest.mark.parametrize("minutes", [-1, 10_081, float("nan")])
    def test_absurd_leap(self, tmp_path: Path, minutes: float) -> None:
        """Time never goes back, nor more than a week ahead at once."""
        control = ClockControl(tmp_path / "clock", 0, MONDAY)
        with pytest.raises(ValueError, match="minutes ahead"):
            control.advance(minutes)
        assert control.now() == MONDAY


def test_time_goes_by_in_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of an hour goes by so that somebody who looks every few minutes sees it pass."""
    clock = ClockControl(tmp_path / "clock", 0, MONDAY)
    seen: list[datetime] = []
    monkeypatch.setattr("practice.common.clock.time.sleep", lambda _: seen.append(clock.now()))
    clock.pass_by(15)
    assert [round((at - MONDAY).total_seconds() / 60) for at in seen] == [2, 4, 6, 8, 10, 12, 14]
    assert clock.now() == MONDAY + timedelta(minutes=15)
    clock.pass_by(61)
    assert len(seen) == 7
    assert clock.now() == MONDAY + timedelta(minutes=76)
    with pytest.raises(ValueError, match="the clock leaps"):
        clock.pass_by(-1)
