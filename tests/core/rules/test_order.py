"""Who is called first: rule 37 of the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core.answers import Expected, Whenever
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import Add, AskWhy, Pass, SayNeed, ShowStatus, Suspend, When
from chalicelib.core.model import Habits, Order, Person, Policy
from chalicelib.core.order import WALK, time_on_plug
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE, PowerDay
from tests.fakes import ANA, BOB, CLEO, TENANT, site_of


def kwh(amount: float) -> Need:
    return Need(Unit.KWH, amount)


def fair_day(**habits: Habits) -> PowerDay:
    """Two strangers charge; the order is fair."""
    site = site_of(policy=Policy(order=Order.FAIR))
    people: dict[str, Person] = dict(site.people)
    for driver, name in ((ANA, "ana"), (BOB, "bob"), (CLEO, "cleo")):
        people[driver] = replace(people[driver], habits=habits.get(name))
    return PowerDay(replace(site, people=people))


def when(day: PowerDay, driver: str) -> Expected:
    answer = day.ask(driver, When())
    assert isinstance(answer, Whenever)
    return answer.expected


def shut_out(day: PowerDay, driver: str) -> bool:
    habits = day.site.people[driver].habits
    return habits is not None and habits.shut_out


@pytest.fixture
def day() -> PowerDay:
    return fair_day()


def story(day: PowerDay, driver: str) -> str:
    """What they read after `why`."""
    answer = day.ask(driver, AskWhy())
    assert answer is not None
    return words(answer, day.site, SlackMarkup(), day.now).text


class TestRule37Why:
    def test_who_stands_ahead_and_why(self) -> None:
        """Whoever is called before you, and for what reason, each reason once."""
        day = fair_day(cleo=Habits(shut_out=True))
        for driver in (ANA, BOB, CLEO):
            day.ask(driver, Add())
        told = story(day, BOB)
        assert "2 people are ahead of you" in told
        ahead = told.partition("Ahead of you in the fair order: ")[2]
        assert ahead == "Cleo (nothing at the last visit); Ana (came before you)."
        assert "fair order" not in story(day, CLEO)

    def test_what_is_true_of_yourself(self, day: PowerDay) -> None:
        """You had some today, or can't have it in time: the reason says so."""
        day.see(p1=ANA)
        day.wait(minutes=30)
        day.see(p1=None)
        day.see(p1="?")
        day.ask(ANA, Add())
        assert day.line == [ANA]
        day.ask(BOB, Add(kwh(50), ClockTime(9, exact=True)))
        day.ask(CLEO, Add(kwh(5), ClockTime(12, exact=True)))
        assert "Cleo (in time for what they need; you can't be any more)." in story(day, BOB)
        assert "(nothing yet today; you had some)." in story(day, ANA)

    def test_by_arrival(self) -> None:
        """The order of arrival explains itself."""
        day = PowerDay()
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        assert "fair" not in story(day, BOB)

    def test_a_long_line(self, day: PowerDay) -> None:
        """A few are named for each reason, the others counted."""
        for n in range(20):
            day.ask(f"{TENANT}:U0N{n}", Add())
        day.ask(ANA, Add())
        told = story(day, ANA)
        assert "and 17 more (came before you)." in told
        assert len(told) < 400


class TestRule37Order:
    def test_arrival(self) -> None:
        """By arrival, unless the site has chosen otherwise."""
        day = PowerDay()
        day.ask(ANA, Add(kwh(50), ClockTime(9, exact=True)))
        day.ask(BOB, Add())
        day.free("p1")
        assert day.called == {ANA: ONE}

    def test_who_can_still_get_it(self, day: PowerDay) -> None:
        """Ana's need can't be met by her time: Bob, who came later, is called."""
        day.ask(ANA, Add(kwh(50), ClockTime(9, exact=True)))
        day.ask(BOB, Add(kwh(5), ClockTime(12, exact=True)))
        day.free("p1")
        assert day.called == {BOB: ONE}

    def test_who_had_theirs(self, day: PowerDay) -> None:
        """Who had 2 kWh today comes after who has had nothing."""
        day.see(p1=ANA)
        day.wait(minutes=30)
        day.see(p1=None)
        day.see(p1="?")
        day.ask(ANA, Add())
        assert day.line == [ANA]
        day.ask(BOB, Add())
        day.free("p1")
        assert day.called == {BOB: ONE}

    def test_who_was_shut_out(self) -> None:
        """Who got nothing at their last visit goes first."""
        day = fair_day(cleo=Habits(shut_out=True))
        for driver in (ANA, BOB, CLEO):
            day.ask(driver, Add())
        day.free("p1")
        assert day.called == {CLEO: ONE}

    def test_no_time_for_who_may_be_passed(self) -> None:
        """While somebody who was shut out last may still come, a later arrival may be called
        before Ana: she hears the earliest; once they are in line, or had a port, a time.
        """
        day = fair_day(cleo=Habits(shut_out=True))
        day.see(p1=BOB, p2="dark")
        day.ask(BOB, SayNeed(kwh(6.6)))
        told = when(day, ANA)
        assert (told.at, told.not_before is not None) == (None, True)
        day.ask(CLEO, Add(kwh(6.6)))
        assert when(day, CLEO).at is not None
        day.wait(minutes=60)
        day.free("p1")
        day.see(p1=CLEO)
        assert when(day, ANA).at is not None

    def test_a_time_by_arrival(self) -> None:
        """By arrival nobody passes: the same person has a time."""
        day = PowerDay(p1=BOB, p2="dark")
        day.ask(BOB, SayNeed(kwh(6.6)))
        assert when(day, ANA).at is not None

    def test_no_time_for_who_had_theirs(self, day: PowerDay) -> None:
        """Anybody may come and be called before who had something today."""
        day.see(p1=ANA, p2="dark")
        day.wait(minutes=30)
        day.see(p1=BOB)
        day.ask(BOB, SayNeed(kwh(6.6)))
        assert when(day, ANA).at is None
        assert when(day, CLEO).at is not None

    def test_shut_out_is_remembered(self, day: PowerDay) -> None:
        """Who stood in line till closing and could be called is shut out; a charge ends it."""
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.ask(BOB, Suspend())
        day.wait(hours=12)
        assert shut_out(day, ANA)
        assert not shut_out(day, BOB)
        day.wait(hours=12)
        day.see(p1=ANA)
        day.wait(minutes=30)
        day.see(p1=None)
        assert not shut_out(day, ANA)

    def test_passed_over_three_times(self) -> None:
        """Who can still get it isn't passed over more than three times a day."""
        late = [f"slack:T0HQ:U0LATE{n}" for n in range(4)]
        site = site_of(policy=Policy(order=Order.FAIR))
        shut = {one: Person(one, (one,), habits=Habits(shut_out=True)) for one in late}
        day = PowerDay(replace(site, people={**site.people, **shut}))
        day.ask(ANA, Add())
        for one in late:
            day.ask(one, Add())
        day.free("p1")
        for one in late[:3]:
            assert day.called == {one: ONE}
            day.ask(one, Pass())
        assert day.called == {ANA: ONE}

    def test_suspended_ones_keep_their_place(self, day: PowerDay) -> None:
        """The order is of all; who can't be called is passed by."""
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.ask(ANA, Suspend())
        day.free("p1")
        assert day.called == {BOB: ONE}
        assert day.line == [ANA, BOB]


def test_the_place_that_is_said(day: PowerDay) -> None:
    """`status` counts as `list` and the calls do: who can't get it by their time stands last."""
    day.ask(ANA, Add(kwh(20), ClockTime(9, exact=True)))
    day.ask(BOB, Add(kwh(4), ClockTime(12, exact=True)))
    answer = day.ask(ANA, ShowStatus())
    assert answer is not None
    assert "You're number 2 in line" in words(answer, day.site, SlackMarkup()).text


@pytest.mark.parametrize(("minutes", "first"), [(59, True), (60, False)])
def test_just_in_time(day: PowerDay, minutes: int, first: bool) -> None:
    """Called at 8:01, who needs so many minutes less the walk by nine can still have them."""
    need = Need(Unit.MINUTES, minutes - WALK / timedelta(minutes=1))
    day.ask(ANA, Add(need, ClockTime(9, exact=True)))
    day.ask(BOB, Add())
    day.wait(seconds=40)
    day.free("p1")
    assert day.called == {ANA if first else BOB: ONE}


@pytest.mark.parametrize(
    ("need", "usual", "hours"),
    [
        (None, None, 2.5),  # as long as one may stay
        (None, 6.6, 1),
        (None, 66, 2.5),
        (kwh(6.6), None, 1),
        (kwh(66), None, 3.5),  # the longest stay of who has said it
        (Need(Unit.MINUTES, 90), None, 1.5),
        (Need(Unit.MINUTES, 900), None, 3.5),
        (Need(Unit.FULL), None, 3.5),
        (Need(Unit.FULL), 6.6, 2.5),  # a full car takes longer than the usual
        (Need(Unit.FULL), 19.8, 3),
    ],
)
def test_how_long_a_need_takes(need: Need | None, usual: float | None, hours: float) -> None:
    """At a port that gives 6.6 kW."""
    takes = time_on_plug(Policy(rated_kw=6.6), need, usual)
    assert takes == hours * timedelta(hours=1)
