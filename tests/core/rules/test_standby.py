"""Rule 30: what counts as no power, and how full is taken back."""

from __future__ import annotations

import pytest

from chalicelib.core.effects import (
    ChannelReminder,
    Nudge,
    Nudged,
    PleaseMove,
    StillThere,
)
from chalicelib.core.inputs import (
    Add,
)
from tests.core.ladder import LadderDay
from tests.fakes import ANA, BOB, BOSS, CHANNEL


@pytest.fixture
def day() -> LadderDay:
    """At 8:00 Ana plugs in at port 1; Cleo is at port 2 and never stays long."""
    return LadderDay(p1=ANA, p2="dark")


class TestRule30Standby:
    @pytest.mark.parametrize("kw", [0.003, 0.1, 0.24])
    def test_standby_is_no_power(self, day: LadderDay, kw: float) -> None:
        """A full car's electronics draw a little."""
        day.wait(minutes=30)
        day.kw = kw
        day.wait(minutes=12)
        assert day.nudges(ANA) == [Nudge.FULL]

    @pytest.mark.parametrize("kw", [0.003, 0.24])
    def test_standby_from_the_start(self, kw: float) -> None:
        """Plugged in, and no more than that: nothing flows."""
        day = LadderDay(p1=None, p2="dark")
        day.kw = kw
        day.see(p1=ANA)
        day.wait(minutes=6)
        assert day.nudges(ANA) == [Nudge.NO_POWER]

    def test_a_tenth_of_its_peak(self, day: LadderDay) -> None:
        """Half an hour of a trickle is full, too; a little more than a tenth isn't."""
        day.wait(minutes=30)
        day.kw = 0.7
        day.wait(minutes=40)
        assert day.nudges(ANA) == []
        day.kw = 0.5
        day.wait(minutes=29)
        assert day.nudges(ANA) == []
        day.wait(minutes=2)
        assert day.nudges(ANA) == [Nudge.FULL]

    def test_a_limit_explains_a_trickle(self, day: LadderDay) -> None:
        """What the network allows is all that it can draw."""
        day.wait(minutes=30)
        day.kw = day.cap = 0.5
        day.wait(hours=1)
        assert day.nudges(ANA) == []

    def test_a_pause(self, day: LadderDay) -> None:
        """Power for ten minutes takes "full" back, with a word; the ordinary ladder goes on."""
        day.ask(BOB, Add())
        day.wait(minutes=30)
        day.kw = 0.0
        day.wait(minutes=21, seconds=30)
        assert day.pleas() == [ChannelReminder.ASK]
        day.kw = 6.6
        day.wait(minutes=9)
        assert day.nudges(ANA) == [Nudge.FULL]
        day.wait(minutes=3)
        assert day.nudges(ANA) == [Nudge.FULL, Nudge.CHARGING]
        assert "isn't full after all. Your time there is up at 10:30." in day.words(
            day.heard(ANA, Nudged)[-1]
        )
        assert day.pleas() == [ChannelReminder.ASK, ChannelReminder.CHARGING]
        assert day.heard(BOSS, StillThere) == []
        day.wait(minutes=70)
        assert day.nudges(ANA)[2:] == []
        day.wait(minutes=15)
        assert day.nudges(ANA)[2:] == [Nudge.NOTICE]

    def test_one_look_is_no_power(self, day: LadderDay) -> None:
        """A short draw, as when the cabin is warmed, takes nothing back."""
        day.wait(minutes=30)
        day.kw = 0.0
        day.wait(minutes=15)
        for _ in range(3):
            day.kw = 2.0
            day.wait(minutes=5)
            day.kw = 0.0
            day.wait(minutes=3)
        assert day.nudges(ANA) == [Nudge.FULL]

    def test_once(self, day: LadderDay) -> None:
        """Full for the second time is full."""
        day.wait(minutes=20)
        for _ in range(2):
            day.kw = 0.0
            day.wait(minutes=12)
            day.kw = 6.6
            day.wait(minutes=12)
        assert day.nudges(ANA) == [Nudge.FULL, Nudge.CHARGING, Nudge.FULL]

    def test_after_the_limit(self, day: LadderDay) -> None:
        """Power again, but the time is up: the reminders go on where they are."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=15)
        day.kw = 0.0
        day.wait(minutes=12)
        day.kw = 6.6
        day.wait(minutes=15)
        assert day.nudges(ANA) == [Nudge.NOTICE, Nudge.FULL]
        assert day.pleas() == [ChannelReminder.ASK]

    def test_a_stranger(self) -> None:
        """Nobody can be written to: the post in the channel says it."""
        day = LadderDay(p1="?", p2="dark")
        day.ask(BOB, Add())
        day.wait(minutes=30)
        day.kw = 0.0
        day.wait(minutes=12)
        day.kw = 6.6
        day.wait(minutes=12)
        assert day.pleas() == [ChannelReminder.ASK, ChannelReminder.CHARGING]
        assert "The car on port 1 draws power again" in day.words(
            day.heard(CHANNEL, PleaseMove)[-1]
        )
