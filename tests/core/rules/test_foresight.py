"""Foresight and promises: rules 32 and 33 of the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.answers import (
    Added,
    Expected,
    Line,
    NeedNoted,
    Odds,
    Ports,
    Refusal,
    Refused,
    Whenever,
)
from chalicelib.core.draft import Draft
from chalicelib.core.effects import Danger, Foreseen, Promised, PromiseNews
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    Broken,
    MayUnplug,
    MovingAt,
    OnMyWay,
    Pass,
    Remove,
    Resume,
    SayNeed,
    ShowLine,
    ShowNeed,
    ShowStatus,
    Suspend,
    When,
)
from chalicelib.core.model import Policy, Stay, Word
from chalicelib.core.rules import plugging, promises, word
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE, TWO, PowerDay
from tests.fakes import ANA, BOB, BOSS, CLEO, MONDAY, TENANT, site_of

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def kwh(amount: float) -> Need:
    return Need(Unit.KWH, amount)


class ForesightDay(PowerDay):
    """What is foreseen for those who ask."""

    def when(self, driver: str) -> Expected:
        answer = self.ask(driver, When())
        assert isinstance(answer, Whenever)
        return answer.expected

    def stay_on(self, port: str) -> Stay:
        stay = self.site.ports[port].stay
        assert stay is not None
        return stay

    @property
    def word(self) -> Word:
        return self.site.word[-1]

    def news(self, driver: str) -> list[PromiseNews]:
        return [one.news for one in self.heard(driver, Promised)]


@pytest.fixture
def day() -> ForesightDay:
    """At 8:00 Ana and Cleo plug in; she needs an hour, he has said nothing."""
    day = ForesightDay(p1=ANA, p2=CLEO)
    day.ask(ANA, SayNeed(kwh(6.6)))
    return day


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


class TestRule33Promises:
    def test_on_a_port(self, day: ForesightDay) -> None:
        """A need with a time that the port can give is promised, and kept."""
        day.ask(ANA, SayNeed(kwh(6.6), NOON))
        day.wait(minutes=2)
        assert day.news(ANA) == [PromiseNews.MADE]
        day.wait(hours=1)
        assert (day.word.made, day.word.kept, day.word.broken) == (1, 1, 0)

    def test_when_called(self, day: ForesightDay) -> None:
        """Who is called has a promise if the port can still keep it."""
        day.ask(BOB, Add(kwh(5), NOON))
        day.free("p1")
        promise = day.entry(BOB).promise
        assert promise is not None
        assert promise.made

    def test_sooner_than_was_foreseen(self, day: ForesightDay) -> None:
        """Nothing could be promised in line; with the port it is, once."""
        answer = day.ask(BOB, Add(kwh(5), ClockTime(9, 30, exact=True)))
        assert isinstance(answer, Added)
        assert answer.odds is not Odds.PROMISED
        day.free("p1")
        promise = day.entry(BOB).promise
        assert promise is not None
        assert promise.made
        assert (day.word.made, day.word.kept) == (1, 0)

    def test_too_late_to_promise(self, day: ForesightDay) -> None:
        """What no port can give by then is not promised."""
        answer = day.ask(BOB, Add(kwh(20), NINE))
        assert isinstance(answer, Added)
        assert answer.odds is Odds.HARDLY
        assert answer.at_most is not None
        day.free("p1")
        promise = day.entry(BOB).promise
        assert promise is not None
        assert not promise.made

    def test_in_danger_and_broken(self, day: ForesightDay) -> None:
        """Less power than was thought: told once, with the reason, before its time."""
        day.ask(ANA, SayNeed(kwh(6.6), ClockTime(9, 30, exact=True)))
        day.wait(minutes=10)
        day.kw = 3.0
        day.wait(minutes=5)
        assert day.news(ANA) == [PromiseNews.MADE, PromiseNews.IN_DANGER]
        assert day.heard(ANA, Promised)[-1].why is Danger.SLOW
        day.wait(hours=2)
        assert day.news(ANA) == [PromiseNews.MADE, PromiseNews.IN_DANGER]
        assert (day.word.broken, day.word.warned) == (1, 1)

    def test_a_power_limit_is_no_battery_that_gets_full(self, day: ForesightDay) -> None:
        """At half the power the rest takes twice as long, and noon is far away."""
        day.ask(ANA, SayNeed(kwh(6.6), NOON))
        day.wait(minutes=20)
        day.cap = day.kw = 3.3
        day.wait(minutes=5)
        assert day.news(ANA) == [PromiseNews.MADE]
        noted = day.ask(ANA, ShowNeed())
        assert isinstance(noted, NeedNoted)
        assert noted.odds is Odds.PROMISED
        assert noted.done_at is not None
        assert 70 * MINUTE <= noted.done_at - day.now <= 80 * MINUTE
        status = day.ask(BOB, ShowStatus())
        assert isinstance(status, Ports)
        (ana,) = (at for port, at in status.ends if port == ONE)
        assert ana == noted.done_at

    def test_two_minutes_late(self, day: ForesightDay) -> None:
        """So little alarms nobody long before, but is told ten minutes before its time."""
        day.ask(ANA, SayNeed(kwh(6.6), ClockTime(9, 2, exact=True)))
        day.kw = 6.3
        day.wait(minutes=50)
        assert day.news(ANA) == [PromiseNews.MADE]
        day.wait(minutes=6)
        assert day.news(ANA) == [PromiseNews.MADE, PromiseNews.IN_DANGER]
        day.wait(minutes=8)
        assert (day.word.broken, day.word.warned) == (1, 1)

    @pytest.mark.parametrize(("more", "is_told"), [(timedelta(0), False), (MINUTE / 60, True)])
    def test_three_minutes_late(self, day: ForesightDay, more: timedelta, is_told: bool) -> None:
        """Long before its time that is the most that alarms nobody."""
        day.ask(ANA, SayNeed(Need(Unit.MINUTES, 60), NOON))
        day.wait(minutes=7)
        stay = day.stay_on(ONE)
        assert stay.promise is not None
        assert stay.promise.made
        soon = replace(stay.promise, by=stay.since + HOUR - promises.SLACK - more)
        port = replace(day.site.ports[ONE], stay=replace(stay, promise=soon))
        day.site = replace(day.site, ports={**day.site.ports, ONE: port})
        day.see()
        assert (PromiseNews.IN_DANGER in day.news(ANA)) is is_told

    def test_it_holds_again(self, day: ForesightDay) -> None:
        """Power is back: one more word, and no third."""
        day.ask(ANA, SayNeed(kwh(6.6), ClockTime(9, 30, exact=True)))
        day.wait(minutes=10)
        for kw in (2.0, 6.6, 2.0, 6.6):
            day.kw = kw
            day.wait(minutes=5)
        assert day.news(ANA) == [PromiseNews.MADE, PromiseNews.IN_DANGER, PromiseNews.HOLDS]

    def test_what_holds_again_is_promised(self, day: ForesightDay) -> None:
        """Who asks afterwards hears what was said last."""
        day.ask(ANA, SayNeed(kwh(6.6), ClockTime(9, 30, exact=True)))
        day.wait(minutes=10)
        for kw in (2.0, 6.6):
            day.kw = kw
            day.wait(minutes=5)
        answer = day.ask(ANA, ShowNeed())
        assert isinstance(answer, NeedNoted)
        assert answer.odds is Odds.PROMISED

    def test_a_full_charge(self, day: ForesightDay) -> None:
        """Nobody knows when a car is full, so nothing is said of it, neither likely nor sure."""
        answer = day.ask(BOB, Add(Need(Unit.FULL), NINE))
        assert isinstance(answer, Added)
        assert answer.odds is None

    def test_a_pass_is_no_broken_promise(self, day: ForesightDay) -> None:
        """Void when you pass, miss or leave."""
        day.ask(BOB, Add(kwh(5), NOON))
        day.free("p1")
        day.ask(BOB, Pass())
        assert (day.word.made, day.word.void, day.word.broken) == (1, 1, 0)

    @pytest.mark.parametrize("leaves", [True, False])
    def test_missed_or_left(self, day: ForesightDay, leaves: bool) -> None:
        """A call missed by yourself breaks nothing."""
        day.ask(BOB, Add(kwh(5), NOON))
        day.ask(f"{TENANT}:U0ZOE", Add())
        day.free("p1")
        if leaves:
            day.ask(BOB, Remove())
        else:
            day.wait(minutes=16)
        assert (day.word.made, day.word.void, day.word.broken) == (1, 1, 0)

    def test_a_changed_need(self, day: ForesightDay) -> None:
        """Another need, another promise."""
        day.ask(ANA, SayNeed(kwh(6.6), NOON))
        day.wait(minutes=2)
        day.ask(ANA, SayNeed(kwh(5)))
        assert (day.word.made, day.word.void) == (1, 1)

    def test_from_call_to_plug(self, day: ForesightDay) -> None:
        """A promise goes with its driver from the line to the port, and is kept there."""
        day.ask(BOB, Add(kwh(3.3), NOON))
        day.free("p1")
        day.ask(BOB, OnMyWay())
        day.wait(minutes=5)
        day.see(p1=BOB)
        day.wait(minutes=40)
        assert (day.word.made, day.word.kept, day.word.void) == (1, 1, 0)

    def test_met_in_minutes(self, day: ForesightDay) -> None:
        """A need of time that was promised is kept when it is over, and met today."""
        day.ask(ANA, SayNeed(Need(Unit.MINUTES, 40), NOON))
        day.wait(minutes=41)
        assert (day.word.made, day.word.kept, day.word.broken) == (1, 1, 0)

    def test_a_broken_one_is_said(self, day: ForesightDay) -> None:
        """Nobody could see it in danger: she hears at its time that it wasn't kept."""
        day.ask(ANA, SayNeed(kwh(6.6), ClockTime(9, 10, exact=True)))
        day.wait(minutes=30)
        day.wait(minutes=45, looking=False)
        assert day.news(ANA) == [PromiseNews.MADE, PromiseNews.BROKEN]
        assert (day.word.made, day.word.broken, day.word.warned) == (1, 1, 0)


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


def test_a_weeks_figures() -> None:
    """What is counted in one week stands together; the next has its own, and eight are kept."""
    site = site_of()
    for week in range(10):
        for day in (0, 6):
            d = Draft(site, MONDAY + timedelta(days=7 * week + day))
            word.count(d, made=1, kept=week)
            site = d.freeze()
    assert [(one.made, one.kept) for one in site.word] == [(2, 2 * week) for week in range(2, 10)]
    assert len({one.monday for one in site.word}) == 8


def test_what_is_foreseen_is_reviewed_seldom() -> None:
    """At the first look, and then once in each stretch of a few minutes."""
    assert plugging.is_time_to_review(None, MONDAY)
    stretch = timedelta(seconds=plugging.REVIEWS)
    assert not plugging.is_time_to_review(MONDAY + stretch / 4, MONDAY + stretch / 2)
    assert plugging.is_time_to_review(MONDAY, MONDAY + stretch)


def test_gone_before_it_was_met() -> None:
    """A promise to who drives off early is void, not broken."""
    day = ForesightDay(p1=ANA)
    day.ask(ANA, SayNeed(kwh(6.6), NOON))
    day.wait(minutes=20)
    day.see(p1=None)
    day.wait(hours=5)
    assert (day.word.made, day.word.void, day.word.kept, day.word.broken) == (1, 1, 0, 0)


def test_back_after_it_was_given_up() -> None:
    """Who drives off and is back within minutes goes on charging, but nothing is promised anew."""
    day = ForesightDay(p1=ANA)
    day.ask(ANA, SayNeed(kwh(6.6), NOON))
    day.wait(minutes=20)
    since = day.stay_on(ONE).since
    day.see(p1=None)
    day.wait(minutes=2)
    day.see(p1=ANA)
    assert day.stay_on(ONE).since == since
    day.wait(hours=5)
    assert (day.word.made, day.word.void, day.word.kept, day.word.broken) == (1, 1, 0, 0)
