"""Foresight and promises: rules 32 and 33 of the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.answers import (
    Added,
    Expected,
    Line,
    Ports,
    Refusal,
    Refused,
)
from chalicelib.core.effects import Foreseen
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    Broken,
    MayUnplug,
    MovingAt,
    Pass,
    Remove,
    Resume,
    SayNeed,
    ShowLine,
    ShowStatus,
    Suspend,
    When,
)
from chalicelib.core.model import Policy
from chalicelib.core.rules import plugging
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE, TWO
from tests.core.mornings import (
    ForesightDay,
    kwh,
    needs_known,
)
from tests.fakes import ANA, BOB, BOSS, CLEO, MONDAY, TENANT, site_of

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def day() -> ForesightDay:
    """Ana's need is known, Cleo's isn't."""
    return needs_known()


class TestRule32Foresight:
    def test_a_time(self, day: ForesightDay) -> None:
        """The first in line has Ana's port, about when she should have her need."""
        at = day.when(BOB).at
        assert at is not None
        assert HOUR <= at - day.now <= HOUR + 15 * MINUTE
        answer = day.ask(BOB, Add())
        assert isinstance(answer, Added)
        assert answer.expected == Expected(at)

    def test_in_the_list_and_the_status(self, day: ForesightDay) -> None:
        """When the cars should be done, and who is called about when."""
        day.ask(BOB, Add())
        line, ports = day.ask(ANA, ShowLine()), day.ask(BOB, ShowStatus())
        assert isinstance(line, Line)
        assert isinstance(ports, Ports)
        assert dict(line.ends)[ONE] == day.stay_on(ONE).since + HOUR
        assert dict(line.ends)[TWO] == day.stay_on(TWO).since + 2.5 * HOUR
        assert [driver for driver, _ in line.expected] == [BOB]
        assert ports.expected is not None

    def test_moving_is_an_end(self, day: ForesightDay) -> None:
        """Who says when they move is believed."""
        day.ask(CLEO, MovingAt(length=10 * MINUTE))
        at = day.when(BOB).at
        assert at is not None
        assert 10 * MINUTE <= at - day.now <= 25 * MINUTE

    def test_no_time_behind_a_car_past_its_end(self, day: ForesightDay) -> None:
        """It says whose time was up, and when."""
        day.ask(CLEO, SayNeed(Need(Unit.MINUTES, 600)))
        day.wait(minutes=66)
        told = day.when(BOB)
        assert told.at is None
        assert told.behind == ANA
        assert told.up_at is not None
        assert told.up_at < day.now

    def test_no_time_for_who_is_not_called(self, day: ForesightDay) -> None:
        """Who is suspended hears none, as long as they are."""
        day.ask(BOB, Add())
        day.ask(BOB, Suspend())
        assert day.when(BOB) == Expected()
        day.ask(BOB, Resume())
        assert day.when(BOB).at is not None

    def test_no_time_without_sight(self, day: ForesightDay) -> None:
        """What can't be seen can't be foreseen."""
        day.lose()
        assert day.when(BOB) == Expected()

    def test_none_of_a_closed_line(self) -> None:
        """At night no port is free for who isn't in line."""
        day = ForesightDay(p1=None, p2=None)
        day.wait(hours=12.5)
        assert day.ask(BOB, When()) == Refused(BOB, Refusal.CLOSED)

    def test_never_in_the_past(self, day: ForesightDay) -> None:
        """At any time of the day, whatever is said lies ahead."""
        day.ask(BOB, Add())
        for _ in range(60):
            day.wait(minutes=10)
            told = day.when(BOB)
            for moment in (told.at, told.not_before):
                assert moment is None or moment >= day.now

    def test_hardly_today(self) -> None:
        """Who is too far back hears so, once, as early as it is likely."""
        day = ForesightDay(
            site_of(policy=Policy(closes=Policy().closes.replace(hour=10))), p2="dark"
        )
        for number in range(12):
            day.ask(f"{TENANT}:U0{number}", Add())
        last = f"{TENANT}:U011"
        assert day.when(last).hardly
        day.wait(minutes=30)
        assert len(day.heard(last, Foreseen)) <= 1

    @pytest.mark.parametrize("by", [ClockTime(9, 30, exact=True), None])
    def test_hardly_by_the_time_that_was_said(self, by: ClockTime | None) -> None:
        """It names that time; without one, it is of today."""
        policy = Policy(closes=Policy().closes.replace(hour=10))
        day = ForesightDay(site_of(policy=policy), p2="dark")
        for number in range(12):
            day.ask(f"{TENANT}:U0{number}", Add(kwh(6.6), by))
        told = day.when(f"{TENANT}:U011")
        assert told == Expected(hardly=True, by=MONDAY + 1.5 * HOUR if by else None)

    def test_none_on_a_broken_port(self, day: ForesightDay) -> None:
        """Nobody is called there, so nobody is told a time of it."""
        day.ask(ANA, Broken("1"))
        day.ask(CLEO, SayNeed(kwh(16.5)))
        at = day.when(BOB).at
        assert at is not None
        assert at - day.now > 2 * HOUR

    def test_none_in_the_classic_house(self) -> None:
        """In 2016 nobody foresaw anything."""
        day = ForesightDay(site_of(policy=Policy(classic=True)), p1=ANA)
        assert day.when(BOB) == Expected()

    def test_what_became_of_it(self, day: ForesightDay) -> None:
        """A time that was told is remembered with what became of it, a week's figure."""
        day.ask(BOB, Add())
        day.wait(minutes=62)
        day.free("p1")
        assert day.called == {BOB: ONE}
        assert (day.word.times, day.word.right) == (1, 1)

    def test_the_sites_own_pace(self, day: ForesightDay) -> None:
        """How late cars leave and how fast the next plugs in is learned, and bounded."""
        day.ask(BOB, Add())
        day.wait(minutes=65)
        day.free("p1")
        day.wait(minutes=5)
        day.see(p1=BOB)
        assert day.site.late
        assert day.site.turnover
        assert 0 <= day.site.late[-1] <= 10
        assert 4 <= day.site.turnover[-1] <= 8


NOON = ClockTime(12, exact=True)
NINE = ClockTime(9, exact=True)


class TestRule32WhoSaidNothing:
    def test_at_any_time(self) -> None:
        """Where such people go at any time there is no time, but an earliest."""
        day = ForesightDay(p1=ANA, p2=CLEO)
        day.site = replace(day.site, unsaid=tuple(range(-120, 0, 6)))
        told = day.when(BOB)
        assert told.at is None
        assert told.not_before is not None
        assert told.not_before - day.now < HOUR

    def test_as_such_people_do_here(self) -> None:
        """Where they stay as long as they may, that is when the port should be free."""
        day = ForesightDay(p1=ANA, p2=CLEO)
        day.site = replace(day.site, unsaid=(0, 1, 2) * 5)
        at = day.when(BOB).at
        assert at is not None
        assert timedelta(0) <= at - (day.stay_on(ONE).since + day.site.policy.limit) < 10 * MINUTE

    def test_what_is_remembered(self) -> None:
        """How long before or after the guess they go, or say that they'll have what they need."""
        day = ForesightDay(p1=ANA, p2=CLEO)
        day.ask(CLEO, SayNeed(kwh(6.6)))
        day.wait(minutes=30)
        day.free("p1")
        day.free("p2")  # Cleo's end was known by then
        assert day.site.unsaid == (60 - 150, 30 - 150)
        assert len(day.site.late) == 1


class TestRule32WhoMayBeMissing:
    def test_away_ahead(self, day: ForesightDay) -> None:
        """Somebody ahead is away, and may be called before you when they are back: an earliest,
        until an hour has gone.
        """
        day.ask(CLEO, SayNeed(kwh(19.0)))
        day.ask(BOSS, Add())
        day.ask(BOB, Add())
        day.ask(BOSS, Suspend())
        assert day.when(BOB).at is None
        assert day.when(BOB).not_before is not None
        day.ask(ANA, SayNeed(kwh(19.0)))
        day.wait(minutes=61)
        assert day.when(BOB).at is not None

    def test_out_of_reach_ahead(self, day: ForesightDay) -> None:
        """Who takes no messages isn't called when they are back: the time of the next holds."""
        day.ask(BOSS, Add())
        day.ask(BOB, Add())
        gone = replace(day.entry(BOSS).suspended(), unreachable=True)
        day.site = replace(day.site, queue=(gone, day.entry(BOB)))
        assert day.when(BOB).at is not None

    def test_missed_calls(self) -> None:
        """Each call that was missed or answered is remembered, as figures, with no name."""
        day = ForesightDay()
        day.ask(BOB, Add())
        day.ask(CLEO, Add())
        day.free("p1")
        assert day.called == {BOB: ONE}
        day.wait(minutes=16)
        assert day.called == {CLEO: ONE}
        day.see(p1=CLEO)
        assert day.site.missed == (1, 0)


class TestRule32Pace:
    """What the forecast learns of the site."""

    def test_what_was_told_is_judged_once(self, day: ForesightDay) -> None:
        """By the call; who passes then, and goes later, had no other time."""
        day.ask(BOB, Add())
        day.free("p1")
        assert (day.word.times, day.word.right) == (1, 0)
        day.ask(BOB, Pass())
        day.see(p1="?")
        day.wait(hours=2)
        day.ask(BOB, Remove())
        assert day.word.times == 1

    @pytest.mark.parametrize(("minutes", "kept"), [(5, 5), (60, 60), (75, 60)])
    def test_from_unplug_to_plug(self, minutes: int, kept: int) -> None:
        """How long the called took to come; nothing counts for more than an hour."""
        day = ForesightDay(site_of(policy=Policy(answer=2 * HOUR)), p1=ANA)
        day.ask(BOB, Add())
        day.see(p1=None)
        left = day.now
        day.wait(seconds=20)
        day.see()
        assert BOB in day.called
        day.wait(seconds=(left + minutes * MINUTE - day.now).total_seconds())
        day.see(p1=BOB)
        assert day.site.turnover == (kept,)

    def test_a_car_that_may_be_unplugged(self) -> None:
        """Its port is free for who comes next, though it is still there."""
        day = ForesightDay(p1=ANA, p2="dark")
        day.ask(ANA, SayNeed(kwh(1.1)))
        day.ask(ANA, MayUnplug(ok=True))
        day.wait(minutes=11)
        at = day.when(BOB).at
        assert at is not None
        assert at - day.now <= 5 * MINUTE

    @pytest.mark.parametrize(("by", "wrong"), [(None, 1), (NOON, 1), (NINE, 0)])
    def test_hardly_and_called(self, by: ClockTime | None, wrong: int) -> None:
        """Who was told "hardly" and is called all the same was told wrong, if it is in time."""
        day = ForesightDay(p2="dark")
        day.ask(BOB, Add(kwh(3), by))
        day.site = replace(day.site, queue=(replace(day.entry(BOB), hardly_told=True),))
        day.wait(minutes=90)
        day.free("p1")
        assert BOB in day.called
        assert (day.word.hardly, day.word.wrong) == (1, wrong)


def test_what_is_foreseen_is_reviewed_seldom() -> None:
    """At the first look, and then once in each stretch of a few minutes."""
    assert plugging.is_time_to_review(None, MONDAY)
    stretch = timedelta(seconds=plugging.REVIEWS)
    assert not plugging.is_time_to_review(MONDAY + stretch / 4, MONDAY + stretch / 2)
    assert plugging.is_time_to_review(MONDAY, MONDAY + stretch)
