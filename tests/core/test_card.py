"""The counting of a report: from stays to figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from chalicelib.core.card import House, Kept, Span, begin_of, count, summed, totals
from chalicelib.core.model import Word
from chalicelib.core.reporting import report, since
from chalicelib.core.stays import FinishedStay, StayEnd
from chalicelib.values import replace
from tests.core.day import PowerDay
from tests.fakes import ANA, BOB, MONDAY

ZONE = ZoneInfo("America/Los_Angeles")
HOUSE = House(2, ZONE, time(6), time(20))
FRIDAY = datetime(2031, 3, 7, 15, tzinfo=ZONE).astimezone(UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WORD = Kept(date(2031, 3, 3))


def stay(number: int, hours_ago: float, hours: float = 1, **more: object) -> FinishedStay:
    until = FRIDAY - hours_ago * HOUR
    plain = FinishedStay(number, "1:1/1", until - hours * HOUR, until, ANA, kwh=6.6)
    return replace(plain, **more)  # type: ignore[arg-type]  # any of its fields


def in_vain(number: int, hours_ago: float, need: float | None = None) -> FinishedStay:
    return stay(
        number,
        hours_ago,
        port="",
        end=StayEnd.AWAY,
        kwh=None,
        met=None if need is None else False,
        need=need,
    )


class TestFigures:
    """What each is made of."""

    def test_cars_and_energy(self) -> None:
        """Cars, the people they are of, and what was measured; nobody's car is a car."""
        found = [stay(1, 1), stay(2, 2, driver=BOB), stay(3, 3, driver="", kwh=None)]
        card = count(found, Span.WEEK, FRIDAY, HOUSE, WORD)
        assert (card.cars, card.drivers, card.kwh, card.ports) == (3, 2, 13.2, 2)

    def test_by_hand(self) -> None:
        """Where nobody measures, energy and idleness aren't known; that isn't nothing."""
        card = count([stay(1, 1, kwh=None)], Span.WEEK, FRIDAY, HOUSE, WORD)
        assert (card.cars, card.kwh, card.idle) == (1, None, None)

    def test_idleness(self) -> None:
        """That of all whose energy was measured together; of none that stood idle, nothing."""
        idle = [
            stay(1, 1, idle=20 * MINUTE),
            stay(2, 2, idle=HOUR),
            stay(3, 3, kwh=None, idle=HOUR),
        ]
        assert count(idle, Span.WEEK, FRIDAY, HOUSE, WORD).idle == 80 * MINUTE
        assert count([stay(1, 1)], Span.WEEK, FRIDAY, HOUSE, WORD).idle == timedelta(0)

    def test_waits(self) -> None:
        """Of those who stood in line; half and nine in ten of them."""
        waits = [stay(n, 1, waited=n * 10 * MINUTE) for n in range(1, 11)]
        card = count([*waits, stay(99, 1)], Span.WEEK, FRIDAY, HOUSE, WORD)
        assert (card.queued, card.waited, card.waited_long) == (10, 50 * MINUTE, 90 * MINUTE)
        assert card.has_line

    def test_turned_away(self) -> None:
        """Who went without is no car; what they had said they need is added up."""
        found = [in_vain(1, 5, 8.0), in_vain(2, 5, 4.5), in_vain(3, 5), stay(4, 1)]
        card = count(found, Span.WEEK, FRIDAY, HOUSE, WORD)
        assert (card.cars, card.away, card.away_kwh) == (1, 3, 12.5)
        assert card.has_line
        assert (card.needs, card.met) == (2, 0)

    def test_needs(self) -> None:
        """Those that were said, and those of them that were met."""
        found = [stay(1, 1, met=True), stay(2, 1, met=False), stay(3, 1)]
        card = count(found, Span.WEEK, FRIDAY, HOUSE, WORD)
        assert (card.needs, card.met) == (2, 1)

    def test_use(self) -> None:
        """Of the open hours of weekdays, up to now: nights don't count, a Saturday with a car does."""
        monday = datetime(2031, 3, 3, 20, tzinfo=ZONE)
        now = monday.astimezone(UTC)
        day = FinishedStay(1, "1:1/1", now - 14 * HOUR, now + timedelta(0), ANA)
        first = replace(day, id=2, since=now - 134 * HOUR, until=now - 120 * HOUR)  # on Wednesday
        card = count([day, first], Span.WEEK, now, HOUSE, WORD)  # from then to Monday: four days
        assert card.use == pytest.approx(28 / (4 * 14 * 2))
        night = replace(day, since=now - 20 * HOUR)
        assert count([night, first], Span.WEEK, now, HOUSE, WORD).use == card.use

    def test_a_quiet_place(self) -> None:
        """Nobody waits longer than the way to the car: there is no line."""
        found = [stay(n, 1, waited=2 * MINUTE) for n in range(20)]
        assert not count(found, Span.WEEK, FRIDAY, HOUSE, WORD).has_line

    def test_nothing(self) -> None:
        """A log without stays makes an empty card, and no division by nothing."""
        for house in (HOUSE, replace(HOUSE, ports=0)):
            card = count([], Span.MONTH, FRIDAY, house, WORD)
            assert card.is_empty
            assert (card.use, card.waited, card.has_line) == (0.0, None, False)


class TestDays:
    """What a chart and a table show."""

    def test_a_week(self) -> None:
        """Seven days, the present one last; a stay counts where it ended."""
        found = [stay(1, 1), stay(2, 30), in_vain(3, 30)]
        card = count(found, Span.WEEK, FRIDAY, HOUSE, WORD)
        assert [day.day for day in card.days] == [date(2031, 3, n) for n in range(1, 8)]
        assert [day.cars for day in card.bars] == [0, 0, 0, 0, 0, 1, 1]
        assert [day.away for day in card.bars] == [0, 0, 0, 0, 0, 1, 0]

    def test_a_month(self) -> None:
        """Four weeks; the sums of their days."""
        found = [stay(n, n * 24) for n in range(28)]
        card = count(found, Span.MONTH, FRIDAY, HOUSE, WORD)
        assert [bar.cars for bar in card.bars] == [7, 7, 7, 7]
        assert sum(day.kwh or 0 for day in card.days) == pytest.approx(card.kwh)

    def test_begins_at_midnight(self) -> None:
        """At the site's, across a change of the clocks, too."""
        summer = datetime(2031, 3, 11, 12, tzinfo=ZONE).astimezone(
            UTC
        )  # clocks changed on the 9th
        assert begin_of(Span.WEEK, summer, ZONE).astimezone(ZONE) == datetime(2031, 3, 5, tzinfo=ZONE)  # fmt: skip

    @given(st.lists(st.tuples(st.floats(0, 24 * 40), st.floats(0.1, 30), st.booleans())))
    def test_sums(self, drawn: list[tuple[float, float, bool]]) -> None:
        """Whatever the log holds, the days add up to the whole, and shares are shares."""
        found = [
            in_vain(n, ago) if vain else stay(n, ago, hours)
            for n, (ago, hours, vain) in enumerate(drawn)
        ]
        for span in Span:
            card = count(found, span, FRIDAY, HOUSE, WORD)
            assert sum(day.cars for day in card.days) == card.cars
            assert sum(bar.away for bar in card.bars) == card.away
            assert 0 <= card.use <= 1
            assert len(card.days) == span.days


class TestTotals:
    """By person, for admins."""

    def test_by_person(self) -> None:
        """Who was plugged the longest first; nobody's cars together."""
        found = [stay(1, 1), stay(2, 5, 3, driver=BOB), in_vain(3, 9), stay(4, 1, driver="")]
        first, *others = totals(found, FRIDAY - 100 * HOUR)
        assert (first.driver, first.cars, first.plugged, first.kwh) == (BOB, 1, 3 * HOUR, 6.6)
        assert sorted((one.driver, one.cars, one.away) for one in others) == [("", 1, 0), (ANA, 1, 1)]  # fmt: skip

    def test_the_first_moment_counts(self) -> None:
        """Who left as the time began, too; not who left before."""
        begin = FRIDAY - 100 * HOUR
        (one,) = totals([stay(1, 100), stay(2, 101)], begin)
        assert one.cars == 1
        week = begin_of(Span.WEEK, FRIDAY, ZONE)
        ago = (FRIDAY - week) / HOUR
        assert count([stay(1, ago), stay(2, ago + 1)], Span.WEEK, FRIDAY, HOUSE, WORD).cars == 1

    def test_unmeasured(self) -> None:
        """Who was never measured has no energy; that isn't nothing."""
        (one,) = totals([stay(1, 1, kwh=None)], FRIDAY - 100 * HOUR)
        assert one.kwh is None

    def test_sums_of_days(self) -> None:
        """Tenths of kWh, of what was measured alone."""
        found = [stay(1, 1, kwh=1.26), stay(2, 2, kwh=2.26), stay(3, 3, kwh=None)]
        card = count(found, Span.WEEK, FRIDAY, HOUSE, WORD)
        assert (card.kwh, summed(card.days).kwh) == (3.5, 3.5)
        assert [one.kwh for one in card.days if one.cars] == [3.5]


class TestOfASite:
    """`reporting` takes the rest from the site itself."""

    def test_a_car_that_is_there(self) -> None:
        """It counts with what it has so far; hours and ports are the site's."""
        day = PowerDay(p1=ANA, p2=None)
        day.wait(minutes=30)
        card = report(day.site, [], Span.WEEK, day.now)
        assert (card.cars, card.drivers, card.ports) == (1, 1, 2)
        assert card.kwh == 3.3
        assert card.use == pytest.approx(0.5 / (2 * 2.5))  # open since six, on two ports
        assert card.begin == since(day.site, Span.WEEK, day.now)
        assert card.begin.astimezone(ZONE).time() == time(0)

    def test_its_word(self) -> None:
        """The weeks that the time touches are added up, older ones left out."""
        weeks = tuple(Word(date(2031, 2, day), made=1, kept=day) for day in (3, 10, 17, 24))
        site = replace(PowerDay().site, word=weeks)
        card = report(site, [], Span.WEEK, MONDAY)
        assert (card.word.made, card.word.kept) == (1, 24)
