"""What is kept of a car that has left: whose, where, how long, how much (rule 29)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    Granted,
    In,
    Observed,
    Out,
    PortSeen,
    Remove,
    SayNeed,
    SessionEnded,
)
from chalicelib.core.model import Stations, Status
from chalicelib.core.stays import StayEnd
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE, Day
from tests.fakes import ANA, BOB, MONDAY, STATION, site_of

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class TestKept:
    """A car that has left is written down once."""

    def test_a_stay(self) -> None:
        """Whose, where, from when to when, how much, and that the driver was faster."""
        day = Day(p1=ANA)
        came = day.now
        day.wait(minutes=30)
        day.see(p1=None)
        (stay,) = day.kept
        assert (stay.driver, stay.port, stay.since, stay.until) == (ANA, ONE, came, day.now)
        assert stay.kwh == pytest.approx(6.6 * ((day.now - came) / timedelta(hours=1)), abs=0.01)
        assert (stay.end, stay.about, stay.idle) == (StayEnd.LEFT, False, timedelta(0))

    def test_past_the_limit(self) -> None:
        """It had reached its limit when the car left."""
        day = Day(p1=ANA)
        day.wait(hours=3)
        day.see(p1=None)
        assert [stay.end for stay in day.kept] == [StayEnd.LIMIT]

    def test_full(self) -> None:
        """It had drawn power and drew none any more."""
        day = Day(p1=ANA)
        day.wait(minutes=10)
        for _ in range(3):
            day.now += MINUTE
            day.give(Observed(day.now, (PortSeen(STATION, "1", Status.INUSE, 0.0, "7000001"),)))
        day.see(p1=None)
        (stay,) = day.kept
        assert stay.end is StayEnd.FULL
        assert stay.idle == timedelta(minutes=2, seconds=1)

    def test_another_car(self) -> None:
        """One has gone and one has come: the first is written down, the second is not yet."""
        day = Day(p1=ANA)
        day.see(p1="slack:T0HQ:U0BOB")
        assert [stay.driver for stay in day.kept] == [ANA]

    def test_back_again(self) -> None:
        """Who comes back within minutes goes on: the later end is of the same stay."""
        day = Day(p1=ANA)
        day.wait(minutes=2)
        day.see(p1=None)
        day.wait(minutes=1)
        day.see(p1=ANA)
        day.wait(minutes=2)
        day.see(p1=None)
        first, second = day.kept
        assert (first.id, first.since) == (second.id, second.since)
        assert first.until < second.until
        assert (first.kwh or 0) < (second.kwh or 0)

    def test_the_network_s_last_word(self) -> None:
        """Its own figure of the session comes minutes later, and again: the entry is put right,
        once; another session's figure changes nothing.
        """
        day = Day(p1=None)
        for minutes in range(3):
            day.now += MINUTE
            busy = PortSeen(STATION, "1", Status.INUSE, 6.0, "7000001", session="77")
            free = PortSeen(STATION, "1", Status.AVAILABLE, 0.0)
            day.give(Observed(day.now, (busy if minutes < 2 else free,)))
        for session in ("76", "77", "77"):
            day.now += MINUTE
            over = SessionEnded(STATION, "1", session, day.now, energy_kwh=0.31)
            day.give(Observed(day.now, (free,), (over,)))
        first, second = day.kept
        assert (first.id, first.since, first.until) == (second.id, second.since, second.until)
        assert (second.kwh, second.about) == (0.31, False)
        elsewhere = SessionEnded(STATION, "9", "77", day.now, energy_kwh=9.0)
        day.now += MINUTE
        day.give(Observed(day.now, (free,), (elsewhere, replace(over, energy_kwh=0.42))))
        assert [one.kwh for one in day.kept[2:]] == [0.42]

    def test_by_hand(self) -> None:
        """Where nobody watches, hands tell; how much was drawn isn't known. What is still there
        at closing time is taken to have left then.
        """
        day = Day(site_of(stations=Stations(manual=("1", "2"))))
        day.give(Granted(Stations(manual=("A", "B"))))
        day.ask(ANA, In("A"))
        day.wait(minutes=10, looking=False)
        day.ask(ANA, Out("A"))
        day.ask(ANA, In("B"))
        day.wait(hours=13, looking=False)
        first, second = day.kept[-2:]
        assert (first.driver, first.kwh, first.until - first.since) == (ANA, None, 10 * MINUTE)
        assert second.until.hour == 4  # 20:00 in Los Angeles

    def test_other_stations(self) -> None:
        """Nobody will see the cars at the old ones leave: they are written down now."""
        day = Day(p1=ANA)
        day.give(Granted(Stations(ids=("1:900009",))))
        assert sorted(stay.driver for stay in day.kept) == ["", ANA]


class TestForTheReport:
    """What only a line knows: how long people waited, what they needed, and who went without."""

    def test_a_wait_and_a_need(self) -> None:
        """From the line to the plug; what was said, and whether it was had by the time said."""
        day = Day(p1="?", p2="?")
        day.ask(ANA, Add(Need(Unit.KWH, 3.3)))
        day.wait(minutes=20)
        day.free("p1")
        day.see(p1=ANA)
        plugged = day.now
        day.wait(minutes=45)
        day.see(p1=None)
        (stay,) = [one for one in day.kept if one.driver == ANA]
        assert stay.waited == plugged - MONDAY
        assert (stay.need, stay.met, stay.end) == (3.3, True, StayEnd.NEED)

    def test_too_late(self) -> None:
        """A need that was had only after its time wasn't met."""
        day = Day(p1=ANA)
        day.ask(ANA, SayNeed(Need(Unit.KWH, 6.6), ClockTime(8, 30, exact=True)))
        day.wait(minutes=90)
        day.see(p1=None)
        (stay,) = day.kept
        assert (stay.need, stay.met) == (6.6, False)

    def test_nothing_said(self) -> None:
        """Who said nothing, and stood in no line, has neither."""
        day = Day(p1=ANA)
        day.wait(minutes=30)
        day.see(p1=None)
        assert [(one.waited, one.need, one.met) for one in day.kept] == [(None, None, None)]

    def test_in_vain(self) -> None:
        """Who waited till closing, or gave up after a while, is kept as demand on no port."""
        day = Day(p1="?", p2="?")
        day.ask(ANA, Add(Need(Unit.KWH, 8.0)))
        day.ask(BOB, Add())
        day.wait(minutes=40)
        day.ask(BOB, Remove())
        day.wait(hours=12)
        gave_up, waited = [one for one in day.kept if one.is_in_vain]
        assert (gave_up.driver, gave_up.waited, gave_up.need) == (BOB, 40 * MINUTE, None)
        assert gave_up.met is None
        assert (waited.driver, waited.need, waited.met, waited.end) == (
            ANA,
            8.0,
            False,
            StayEnd.AWAY,
        )
        assert waited.waited == 12 * HOUR  # till 20:00

    def test_a_second_time(self) -> None:
        """Who has charged today isn't turned away, whether or not they said what they need."""
        day = Day(p1=ANA, p2="?")
        day.wait(minutes=40)
        day.see(p1=None)
        day.see(p1="?")
        day.ask(ANA, Add())
        day.wait(minutes=40)
        day.ask(ANA, Remove())
        assert not [one for one in day.kept if one.is_in_vain]

    @pytest.mark.parametrize("minutes", [1, 14])
    def test_a_change_of_mind(self, minutes: int) -> None:
        """Who leaves the line soon again wanted something else."""
        day = Day(p1="?", p2="?")
        day.ask(ANA, Add())
        day.wait(minutes=minutes)
        day.ask(ANA, Remove())
        assert not day.kept

    def test_who_could_have_charged(self) -> None:
        """Who was called and didn't come wasn't turned away."""
        day = Day(p1="?", p2="?")
        day.ask(ANA, Add())
        day.wait(minutes=20)
        day.free("p1")
        day.wait(minutes=30)
        day.ask(ANA, Remove())
        assert not [one for one in day.kept if one.is_in_vain]
