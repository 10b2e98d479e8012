"""Rule 41: quiet hours and meetings, in which others pass in silence."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from chalicelib.core import answers, away
from chalicelib.core.answers import Changed, InMeeting, Refusal, Refused, Resumed, Settings
from chalicelib.core.effects import Nudge, Nudged, PortPost
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    Asked,
    Availability,
    Introduced,
    Meet,
    OnMyWay,
    Prefer,
    Profile,
    Resume,
    Sort,
    Suspend,
)
from chalicelib.core.model import Preferences, Standing, What
from tests.core.day import ONE, Day, PowerDay
from tests.fakes import ANA, BOB, site_of

NINE_TO_TEN = Prefer(hours=(time(9), time(10)))
STRANGER = "slack:T0HQ:U0ZOE"


def stands(day: Day, driver: str) -> Standing:
    return day.entry(driver).standing


def happened(day: Day, driver: str) -> list[What]:
    return [note.what for note in day.site.trail if note.driver == driver]


def status(driver: str, **minutes: float) -> Introduced:
    """A platform tells what somebody's status says."""
    until = Day().now + timedelta(**minutes) if minutes else None
    return Introduced((Profile(driver, status=Availability(until)),), unasked=True)


def opted_in(driver: str) -> Asked:
    own = Profile(driver, status=Availability())
    return Asked(driver, Prefer(heeds_status=True), profiles=(own,))


class TestRule41QuietHours:
    """Nobody is called in their quiet hours; when these end, they can be."""

    def test_others_pass(self) -> None:
        """Who is in quiet hours keeps the place, and hears nothing of being passed over."""
        day = Day()
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        told = len(day.told)
        day.free("p1")
        assert day.called == {BOB: ONE}
        assert day.line == [ANA, BOB]
        assert stands(day, ANA) is Standing.AWAY
        assert [to for to, _ in day.told[told:] if to == ANA] == []

    def test_the_end(self) -> None:
        """At their end whoever waited that long is called at once, without a word before."""
        day = Day(p1=None, p2="?")
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(ANA, Add())
        day.free("p1")
        assert day.called == {}
        day.wait(hours=1)
        assert day.called == {ANA: ONE}
        assert [kind for _, kind in day.told if not isinstance(kind, PortPost)] == [
            *day.calls(ANA)
        ]

    def test_the_beginning(self) -> None:
        """They begin by themselves, while somebody stands in line."""
        day = Day()
        day.ask(ANA, NINE_TO_TEN)
        day.ask(ANA, Add())
        assert stands(day, ANA) is Standing.WAITING
        day.wait(hours=1)
        assert stands(day, ANA) is Standing.AWAY
        assert What.QUIET_HOURS in happened(day, ANA)

    def test_other_hours_meanwhile(self) -> None:
        """Who says in their quiet hours that these are longer is passed over for longer."""
        day = Day()
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(ANA, Add())
        day.wait(minutes=1)
        start = Day().now
        assert day.entry(ANA).until == start + timedelta(hours=1)
        day.ask(ANA, Prefer(hours=(time(8), time(10))))
        assert day.entry(ANA).until == start + timedelta(hours=2)

    def test_over_midnight(self) -> None:
        """22:00 to 07:00 is a night; 08:00 is outside, 06:30 inside."""
        site = site_of()
        night = Preferences(hours=(time(22), time(7)))
        assert away.quiet_until(site, night, Day().now) is None
        early = Day().now - timedelta(minutes=90)
        assert away.quiet_until(site, night, early) == Day().now - timedelta(hours=1)

    def test_a_running_turn(self) -> None:
        """Who is called already stays called."""
        day = Day()
        day.ask(ANA, Add())
        day.free("p1")
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(ANA, OnMyWay())
        assert day.called == {ANA: ONE}
        day.wait(minutes=15)
        assert day.called == {ANA: ONE}

    def test_a_suspension_by_hand(self) -> None:
        """It ends when it was said to end, or by `resume`, whatever the hours."""
        day = Day()
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(BOB, Add())
        day.ask(ANA, Add())
        day.ask(ANA, Suspend())
        day.wait(hours=2)
        assert stands(day, ANA) is Standing.SUSPENDED

    def test_resume(self) -> None:
        """Who says that they can be called is called, this once, in quiet hours, too."""
        day = Day()
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(ANA, Add())
        day.free("p1")
        assert day.ask(ANA, Resume()) == Resumed(ANA, 1, ONE)
        assert day.called == {ANA: ONE}

    def test_added_in_quiet_hours(self) -> None:
        """The answer says from when on they can be called."""
        day = Day()
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        added = day.ask(ANA, Add())
        assert isinstance(added, answers.Added)
        assert added.away_until == day.now.replace(hour=17, minute=0, second=0)

    def test_taken_back(self) -> None:
        """`quiet off` in quiet hours: they can be called from now on."""
        day = Day()
        day.ask(ANA, Prefer(hours=(time(8), time(9))))
        day.ask(ANA, Add())
        day.free("p1")
        assert day.ask(ANA, Prefer(no_hours=True)) == Settings(ANA, (Changed.HOURS,))
        assert day.called == {ANA: ONE}

    @pytest.mark.parametrize(
        "hours", [(time(0), time(0)), (time(6), time(20)), (time(20), time(19, 59)), (time(5), time(21))]
    )  # fmt: skip
    def test_all_day(self, hours: tuple[time, time]) -> None:
        """Nobody can have themselves called never."""
        day = Day()
        refused = day.ask(ANA, Prefer(hours=hours))
        expected = None if hours == (time(20), time(19, 59)) else Refusal.QUIET_ALL_DAY
        assert (refused.why if isinstance(refused, Refused) else None) == expected

    def test_courtesies(self) -> None:
        """In quiet hours courtesies are dropped; who waits for a port is said."""
        day = PowerDay(p1=ANA, p2="?")
        day.ask(ANA, Prefer(hours=(time(8), time(15))))
        day.ask(BOB, Add())
        day.wait(hours=3)
        whys = [one.why for one in day.heard(ANA, Nudged)]
        assert Nudge.NOTICE not in whys
        assert Nudge.OVER in whys


class TestRule41Meetings:
    """By their own word, or by their status if they asked for it."""

    def test_by_hand(self) -> None:
        """In line or not, nobody calls them before; then they are called without a word."""
        day = Day()
        until = day.now + timedelta(minutes=45)
        assert day.ask(ANA, Meet(timedelta(minutes=45))) == InMeeting(ANA, until)
        day.ask(ANA, Add())
        day.free("p1")
        assert day.called == {}
        day.wait(minutes=45)
        assert day.called == {ANA: ONE}
        assert What.MEETING in happened(day, ANA)

    def test_until_a_time(self) -> None:
        """A time of today, as it is meant now: 11 is this morning's."""
        day = Day()
        answer = day.ask(ANA, Meet(until=ClockTime(11)))
        assert answer == InMeeting(ANA, day.now.replace(hour=19, minute=0, second=0))

    def test_in_the_past(self) -> None:
        """A meeting that is over already changes nothing."""
        day = Day()
        refused = day.ask(ANA, Meet(until=ClockTime(7, exact=True)))
        assert isinstance(refused, Refused)
        assert refused.why is Refusal.MEETING_PAST

    def test_over(self) -> None:
        """`meeting over`: they can be called at once."""
        day = Day()
        day.ask(ANA, Add())
        day.ask(ANA, Meet(timedelta(hours=2)))
        day.free("p1")
        assert day.ask(ANA, Meet()) == InMeeting(ANA, None)
        assert day.called == {ANA: ONE}

    def test_status(self) -> None:
        """A status counts for who asked for it, and for nobody else."""
        day = Day()
        day.give(opted_in(ANA))
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.give(status(ANA, minutes=30))
        day.give(status(BOB, minutes=30))
        day.free("p1")
        assert day.called == {BOB: ONE}
        assert stands(day, ANA) is Standing.AWAY

    def test_status_at_once(self) -> None:
        """Who asks us to look at it, in a meeting, is passed over from then on."""
        day = Day()
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        until = day.now + timedelta(minutes=30)
        own = Profile(ANA, status=Availability(until))
        day.give(Asked(ANA, Prefer(heeds_status=True), profiles=(own,)))
        day.free("p1")
        assert day.called == {BOB: ONE}

    def test_status_cleared(self) -> None:
        """A meeting that ends early has ended."""
        day = Day()
        day.give(opted_in(ANA))
        day.ask(ANA, Add())
        day.give(status(ANA, minutes=60))
        day.free("p1")
        day.give(status(ANA))
        assert day.called == {ANA: ONE}

    def test_status_does_not_touch_the_hand(self) -> None:
        """A status that is cleared leaves a meeting by their own word alone."""
        day = Day()
        day.give(opted_in(ANA))
        day.ask(ANA, Add())
        day.ask(ANA, Meet(timedelta(minutes=30)))
        day.give(status(ANA))
        assert stands(day, ANA) is Standing.AWAY

    def test_absurd_status(self) -> None:
        """A status that lasts for weeks is no meeting of weeks, and one that is over is none."""
        day = Day()
        day.give(opted_in(ANA))
        day.give(status(ANA, days=40))
        until = day.site.people[ANA].preferences
        assert until is not None
        assert until.status_until == day.now + away.LONGEST
        day.give(status(ANA, minutes=-5))
        after = day.site.people[ANA].preferences
        assert after is not None
        assert after.status_until is None

    def test_no_status_here(self) -> None:
        """Where a platform shows no status, that is said; where it can't be asked, it may."""
        day = Day()
        wish = Prefer(heeds_status=True)
        refused = day.give(Asked(ANA, wish, profiles=(Profile(ANA),)))
        assert isinstance(refused, Refused)
        assert refused.why is Refusal.NO_STATUS
        unknown = Profile(ANA, sort=Sort.UNKNOWN)
        assert isinstance(day.give(Asked(ANA, wish, profiles=(unknown,))), Settings)

    def test_strangers(self) -> None:
        """Of who is nobody here nothing is taken in."""
        day = Day()
        before = day.site
        day.give(status(STRANGER, minutes=30))
        assert day.site is before

    def test_opting_out(self) -> None:
        """`meetings off` while one runs: they can be called."""
        day = Day()
        day.give(opted_in(ANA))
        day.ask(ANA, Add())
        day.give(status(ANA, minutes=60))
        day.free("p1")
        day.ask(ANA, Prefer(heeds_status=False))
        assert day.called == {ANA: ONE}

    def test_a_meeting_into_quiet_hours(self) -> None:
        """They follow each other without a gap, and it is one absence."""
        day = Day()
        day.ask(ANA, NINE_TO_TEN)
        day.ask(ANA, Add())
        day.ask(ANA, Meet(timedelta(minutes=70)))
        assert day.entry(ANA).until == day.now.replace(hour=18, minute=0, second=0)
        assert happened(day, ANA).count(What.MEETING) == 1
