"""Charging: rules 16 to 20 of the house, the ladder of one stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.answers import (
    Line,
)
from chalicelib.core.effects import (
    ChannelReminder,
    Nudge,
    Nudged,
    PleaseMove,
    StandsIdle,
    StillThere,
)
from chalicelib.core.inputs import (
    Add,
    Remove,
    ThatsMe,
)
from chalicelib.core.model import Policy
from tests.core.day import ONE, TWO
from tests.core.ladder import LadderDay
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, site_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def day() -> LadderDay:
    """At 8:00 Ana plugs in at port 1; Cleo is at port 2 and never stays long."""
    return LadderDay(p1=ANA, p2="dark")


class TestRule16TooLong:
    def test_somebody_waits(self, day: LadderDay) -> None:
        """Ten minutes after Ana heard it, the channel is asked; ten more, the admins; once each."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=30)
        assert day.heard(ANA, Nudged)[-1].waiting == 1
        day.wait(minutes=9)
        assert day.pleas() == []
        day.wait(minutes=1)
        assert day.pleas() == [ChannelReminder.ASK]
        day.wait(minutes=10)
        assert day.heard(BOSS, StillThere) == [StillThere(ONE, ANA)]
        day.wait(hours=5)
        assert day.pleas() == [ChannelReminder.ASK]
        assert len(day.heard(BOSS, StillThere)) == 1

    def test_somebody_comes_later(self, day: LadderDay) -> None:
        """Somebody comes after the time is up: Ana hears that first."""
        day.wait(hours=3)
        day.ask(BOB, Add())
        assert day.nudges(ANA)[-1] is Nudge.WAITING
        day.wait(minutes=9, seconds=59)
        assert day.pleas() == []
        day.wait(seconds=1)
        assert day.pleas() == [ChannelReminder.ASK]

    def test_nobody_waits_any_more(self, day: LadderDay) -> None:
        """Who waited has left: the channel isn't asked."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=35)
        day.ask(BOB, Remove())
        day.wait(hours=1)
        assert day.pleas() == []

    def test_a_stranger(self) -> None:
        """Whoever it is can't be written to: the channel is asked when time is up and somebody
        waits; who says *that's me* takes over the ladder where it is.
        """
        day = LadderDay(p1="?", p2="dark")
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=29)
        assert day.pleas() == []
        day.wait(minutes=1)
        (plea,) = day.heard(CHANNEL, PleaseMove)
        assert (plea.plea, plea.driver) == (ChannelReminder.ASK, None)
        day.ask(CLEO, ThatsMe(plea.stay))
        day.wait(minutes=10)
        assert day.heard(BOSS, StillThere) == [StillThere(ONE, CLEO)]
        assert day.pleas() == [ChannelReminder.ASK]

    def test_one_post(self, day: LadderDay) -> None:
        """The plea is edited when the car has gone."""
        day.ask(BOB, Add())
        day.wait(hours=2, minutes=45)
        day.see(p1=None)
        posts = day.heard(CHANNEL, PleaseMove)
        assert [post.plea for post in posts] == [ChannelReminder.ASK, ChannelReminder.GONE]
        assert len({post.post for post in posts}) == 1

    def test_each_working_day(self, day: LadderDay) -> None:
        """A car that stays is told again each working day, not at the weekend."""
        day.wait(hours=24 * 6)
        assert day.nudges(ANA) == [Nudge.OVER] * 5

    def test_not_while_nobody_sees(self, day: LadderDay) -> None:
        """Perhaps Ana has long gone: nothing is said until somebody has looked."""
        day.wait(hours=1)
        day.wait(looking=False, hours=2)
        assert day.nudges(ANA) == []
        day.see(p1=None)
        day.wait(minutes=5)
        assert day.nudges(ANA) == []


class TestRule17Capped:
    @pytest.mark.parametrize(("cap", "minutes"), [(3.3, 270), (4.95, 180), (1.0, 270), (9.9, 135)])
    def test_capped_minutes(self, cap: float, minutes: int) -> None:
        """They count by the share of power allowed, at least half; the words say so."""
        day = LadderDay(p1=ANA, p2="dark")
        day.ask(BOB, Add())
        day.cap = cap
        day.wait(minutes=minutes - 2)
        assert day.nudges(ANA) == []
        day.wait(minutes=20)
        nudge = day.heard(ANA, Nudged)[0]
        assert (nudge.why, nudge.capped) == (Nudge.NOTICE, cap < 6.6)

    def test_for_a_while(self, day: LadderDay) -> None:
        """Only the minutes under the cap count less."""
        day.wait(hours=1)
        day.cap = 3.3
        day.wait(hours=1)
        day.cap = None
        day.wait(minutes=59)
        assert day.nudges(ANA) == []
        day.wait(minutes=2)
        assert day.nudges(ANA) == [Nudge.OVER]


class TestRule18LooksFull:
    def test_after_ten_minutes(self, day: LadderDay) -> None:
        """No power for ten minutes: a word at once, with who waits; the ladder goes on there."""
        day.ask(BOB, Add())
        day.wait(minutes=30)
        day.kw = 0.0
        day.wait(minutes=10, seconds=30)
        assert day.nudges(ANA) == []
        day.wait(minutes=1)
        (nudge,) = day.heard(ANA, Nudged)
        assert (nudge.why, nudge.waiting) == (Nudge.FULL, 1)
        day.wait(minutes=10)
        assert day.pleas() == [ChannelReminder.ASK]
        day.wait(hours=3)
        assert set(day.nudges(ANA)[1:]) == {Nudge.WAITING}
        assert "looks full" in day.words(day.heard(ANA, Nudged)[-1])

    def test_power_again(self, day: LadderDay) -> None:
        """A pause isn't the end."""
        day.wait(minutes=5)
        for _ in range(3):
            day.kw = 0.0
            day.wait(minutes=9)
            day.kw = 1.4
            day.wait(minutes=2)
        assert day.nudges(ANA) == []

    def test_not_told(self, day: LadderDay) -> None:
        """A look that can't tell the power changes nothing."""
        day.wait(minutes=5)
        day.kw = 0.0
        day.wait(minutes=8)
        day.kw = None
        day.wait(minutes=4)
        assert day.nudges(ANA) == [Nudge.FULL]

    def test_a_cap_explains_it(self, day: LadderDay) -> None:
        """Capped to zero: it sleeps, and counts from the cap's end."""
        day.wait(minutes=5)
        day.kw, day.cap = 0.0, 0.0
        day.wait(hours=1)
        day.cap = None
        day.wait(minutes=10)
        assert day.nudges(ANA) == []
        day.wait(minutes=2)
        assert day.nudges(ANA) == [Nudge.FULL]

    def test_told_in_the_morning(self, day: LadderDay) -> None:
        """Who is still full in the morning hears it when the day begins."""
        day.wait(minutes=5)
        day.kw = 0.0
        day.wait(hours=23)
        assert day.nudges(ANA) == [Nudge.FULL, Nudge.FULL]


class TestRule19NoPower:
    def test_after_five_minutes(self) -> None:
        """Plugged in, and nothing flows: a word, once."""
        day = LadderDay(p1=None, p2="dark")
        day.kw = 0.0
        day.see(p1=ANA)
        day.wait(minutes=4, seconds=59)
        assert day.nudges(ANA) == []
        day.wait(minutes=30)
        assert day.nudges(ANA) == [Nudge.NO_POWER]

    def test_a_cap_explains_it(self) -> None:
        """Capped to zero: nothing is wrong with the plug."""
        day = LadderDay(p1=None, p2="dark")
        day.kw, day.cap = 0.0, 0.0
        day.see(p1=ANA)
        day.wait(minutes=30)
        assert day.nudges(ANA) == []


class TestRule20Classic:
    @pytest.fixture
    def classic(self) -> LadderDay:
        return LadderDay(site_of(policy=Policy(classic=True)), p1=ANA, p2="dark")

    def test_overtime_in_the_room(self, classic: LadderDay) -> None:
        """At two and a half hours, in the room, whether or not anybody waits; once."""
        classic.wait(hours=2, minutes=29)
        assert classic.pleas() == []
        classic.wait(hours=3)
        assert classic.pleas() == [ChannelReminder.OVERTIME]
        assert classic.nudges(ANA) == []

    def test_no_lapse(self, classic: LadderDay) -> None:
        """Nobody loses a turn; the room hears that a charger stands idle."""
        for driver in (BOB, CLEO):
            classic.ask(driver, Add())
        classic.free("p1")
        classic.wait(hours=3)
        assert classic.called == {BOB: ONE}
        assert len(classic.heard(CHANNEL, StandsIdle)) == 1

    def test_the_list_on_every_change(self, classic: LadderDay) -> None:
        """Whoever comes or goes, by word or by plug: the room sees the line."""
        classic.ask(BOB, Add())
        classic.ask(BOB, Add())
        classic.see(p2=BOB)
        assert len(classic.heard(CHANNEL, Line)) == 2
        assert classic.site.ports[TWO].stay is not None
