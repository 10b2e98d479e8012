"""What is promised, and what becomes of it: rule 33 of the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.answers import (
    Added,
    NeedNoted,
    Odds,
    Ports,
)
from chalicelib.core.draft import Draft
from chalicelib.core.effects import Danger, Promised, PromiseNews
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    OnMyWay,
    Pass,
    Remove,
    SayNeed,
    ShowNeed,
    ShowStatus,
)
from chalicelib.core.rules import promises, word
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE
from tests.core.mornings import (
    ForesightDay,
    kwh,
    needs_known,
)
from tests.fakes import ANA, BOB, MONDAY, TENANT, site_of

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NOON = ClockTime(12, exact=True)
NINE = ClockTime(9, exact=True)


@pytest.fixture
def day() -> ForesightDay:
    """Ana's need is known, Cleo's isn't."""
    return needs_known()


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
