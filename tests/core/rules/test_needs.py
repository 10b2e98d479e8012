"""Needs, and the energy of a stay: rules 28 and 29 of the house."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core.answers import NeedNoted, Odds, Refusal, Refused, YourPlace
from chalicelib.core.effects import HowMuch, Nudged, PluggedIn
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    MayUnplug,
    NoNeed,
    PickNeed,
    Remove,
    SayNeed,
    ShowLine,
    ShowNeed,
    ShowStatus,
)
from chalicelib.core.model import Habits, Policy, Stay
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE, PowerDay
from tests.fakes import ANA, BOB, CLEO, look, site_of

FOUR = ClockTime(16, exact=True)


def kwh(amount: float) -> Need:
    return Need(Unit.KWH, amount)


class NeedDay(PowerDay):
    """Its answers are looked at."""

    def need(
        self, driver: str, need: Need | None = None, by: ClockTime | None = None
    ) -> NeedNoted:
        answer = self.ask(driver, SayNeed(need, by) if need or by else ShowNeed())
        assert isinstance(answer, NeedNoted)
        return answer

    def refused(self, driver: str, need: Need, by: ClockTime | None = None) -> Refusal:
        answer = self.ask(driver, SayNeed(need, by))
        assert isinstance(answer, Refused)
        return answer.why

    @property
    def stay(self) -> Stay:
        stay = self.site.ports[ONE].stay
        assert stay is not None
        return stay


@pytest.fixture
def day() -> NeedDay:
    """At 8:00 Ana plugs in at port 1, which gives her 6.6 kW; port 2 is a stranger's."""
    return NeedDay(p1=ANA)


class TestRule28Needs:
    def test_of_the_stay(self, day: NeedDay) -> None:
        """What she needs of the stay in all, and when she should have it."""
        noted = day.need(ANA, kwh(6.6))
        assert noted.need == kwh(6.6)
        assert noted.done_at == day.now + timedelta(hours=1)
        assert not noted.met

    def test_met(self, day: NeedDay) -> None:
        """After an hour she has it, and it stays met."""
        day.need(ANA, kwh(6.6))
        day.wait(minutes=59)
        assert not day.need(ANA).met
        day.wait(minutes=2)
        assert day.need(ANA).met
        day.kw = 0.0
        day.wait(minutes=30)
        assert day.need(ANA).met

    def test_in_every_unit(self, day: NeedDay) -> None:
        """Kilometres and miles become energy, minutes are minutes on the plug."""
        assert day.need(ANA, Need(Unit.KM, 39.6)).done_at == day.now + timedelta(hours=1)
        assert day.need(ANA, Need(Unit.MINUTES, 90)).done_at == day.stay.since + timedelta(
            minutes=90
        )
        assert day.need(ANA, Need(Unit.FULL)).done_at is None

    def test_from_the_line_to_the_port(self, day: NeedDay) -> None:
        """Said in line, it goes with its driver to the port."""
        day.ask(BOB, Add(kwh(5), FOUR))
        day.see(p1=BOB)
        assert day.stay.driver == BOB
        assert day.stay.need is not None
        assert (day.stay.need.amount, day.need(BOB).odds) == (5, Odds.PROMISED)

    def test_ends_with_the_stay(self, day: NeedDay) -> None:
        """A need is of one stay."""
        day.need(ANA, kwh(5))
        day.see(p1=None)
        day.wait(minutes=10)
        day.see(p1=ANA)
        assert day.need(ANA).need is None

    def test_taken_back(self, day: NeedDay) -> None:
        """`need none`."""
        day.need(ANA, kwh(5), FOUR)
        answer = day.ask(ANA, NoNeed())
        assert isinstance(answer, NeedNoted)
        assert answer.need is None

    @pytest.mark.parametrize(
        ("need", "by", "at_most"),
        [
            (Need(Unit.KWH, 200), None, 23.1),
            (Need(Unit.KWH, 40), ClockTime(18, exact=True), 23.1),
            (Need(Unit.KWH, 40), ClockTime(9, exact=True), 6.6),
            (Need(Unit.MINUTES, 600), None, None),
        ],
    )
    def test_more_than_a_stay_gives(
        self, day: NeedDay, need: Need, by: ClockTime | None, at_most: float | None
    ) -> None:
        """It is said when the time is up, and what a port gives until then; not when they'd have
        it, which may be tomorrow; and nobody promises it.
        """
        noted = day.need(ANA, need, by)
        assert noted.at_most == at_most
        assert (noted.until is None) is (by == ClockTime(9, exact=True))
        day.wait(minutes=1)
        assert day.need(ANA).odds is not Odds.PROMISED
        text = words(day.need(ANA), day.site, SlackMarkup()).text
        assert "You should have it" not in text

    def test_more_than_a_stay_gives_in_line(self, day: NeedDay) -> None:
        """Whoever waits hears that, too."""
        day.ask(BOB, Add(kwh(50)))
        assert day.need(BOB).at_most == 23.1
        answer = day.ask(BOB, Add(kwh(50), ClockTime(18, exact=True)))
        assert isinstance(answer, YourPlace)
        assert (answer.at_most, answer.odds) == (23.1, Odds.LIKELY)

    def test_smaller_than_what_is_there(self, day: NeedDay) -> None:
        """A need that is met already is met."""
        day.wait(minutes=60)
        assert day.need(ANA, kwh(2)).met

    def test_raised_once(self, day: NeedDay) -> None:
        """While somebody waits a need is raised once, and lowered always."""
        day.need(ANA, kwh(5))
        day.ask(BOB, Add())
        assert day.need(ANA, kwh(7)).need == kwh(7)
        assert day.refused(ANA, kwh(8)) is Refusal.RAISED_ONCE
        assert day.refused(ANA, Need(Unit.FULL)) is Refusal.RAISED_ONCE
        assert day.need(ANA, kwh(3)).need == kwh(3)

    def test_raised_while_nobody_waits(self, day: NeedDay) -> None:
        """With nobody waiting there is nobody to keep waiting."""
        for amount in (5, 6, 7):
            assert day.need(ANA, kwh(amount)).need == kwh(amount)

    def test_a_time_that_has_gone(self, day: NeedDay) -> None:
        """It is refused."""
        assert day.refused(ANA, kwh(5), ClockTime(7, exact=True)) is Refusal.PAST

    def test_more_than_a_port_gives(self, day: NeedDay) -> None:
        """What no port can give by then is said."""
        noted = day.need(ANA, kwh(20), ClockTime(9, exact=True))
        assert noted.at_most == pytest.approx(6.6, abs=0.2)
        assert noted.odds is not Odds.PROMISED

    def test_who_has_no_place(self, day: NeedDay) -> None:
        """There is nothing for the need to be of."""
        assert day.refused(CLEO, kwh(5)) is Refusal.NO_PLACE

    def test_said_with_add_while_charging(self, day: NeedDay) -> None:
        """Who is charging means the stay under way."""
        assert isinstance(day.ask(ANA, Add(kwh(5))), NeedNoted)

    def test_a_time_alone(self) -> None:
        """The usual by then; where there is none, full."""
        day = NeedDay(p1=ANA)
        assert day.need(ANA, by=FOUR).need is not None
        assert day.stay.need is not None
        assert day.stay.need.unit is Unit.FULL
        day = usual_day()
        noted = day.need(ANA, by=FOUR)
        assert noted.need is not None
        assert (noted.need.unit, noted.need.amount) == (Unit.KWH, 8.0)


def usual_day(**more: object) -> NeedDay:
    """Ana usually takes 8 kWh."""
    site = site_of(**more)
    people = dict(site.people)
    ana = people[ANA]
    people[ANA] = type(ana)(ana.name, ana.ids, habits=Habits(fills=(7.0, 8.0, 9.0)))
    return NeedDay(site_of(people=people, **more), p1=ANA)


class TestRule28TheQuestion:
    def test_when_somebody_waits_first(self, day: NeedDay) -> None:
        """Who plugged in without a word is asked once, when somebody waits."""
        day.wait(minutes=10)
        assert day.heard(ANA, HowMuch) == []
        day.ask(BOB, Add())
        (asked,) = day.heard(ANA, HowMuch)
        assert asked.question.how_much
        assert asked.question.unplug
        day.ask(CLEO, Add())
        day.wait(hours=1)
        assert len(day.heard(ANA, HowMuch)) == 1

    @pytest.mark.parametrize("why", ["limit", "full", "met"])
    def test_not_of_whose_stay_is_over(self, day: NeedDay, why: str) -> None:
        """Who is asked to move isn't asked how much they need as well."""
        if why == "met":
            day.ask(ANA, SayNeed(kwh(1)))
        day.wait(minutes=20)
        if why == "full":
            day.kw = 0.0
        day.wait(hours=3)
        day.ask(BOB, Add())
        assert day.heard(ANA, Nudged)
        assert day.heard(ANA, HowMuch) == []

    def test_once_a_day(self, day: NeedDay) -> None:
        """Who was asked isn't asked again when they come back later that day."""
        day.ask(BOB, Add())
        day.wait(minutes=1)
        assert len(day.heard(ANA, HowMuch)) == 1
        day.see(p1="dark")
        day.see(p1=None)
        day.ask(BOB, Remove())
        day.wait(hours=1)
        day.see(p1=ANA)
        day.ask(BOB, Add())
        day.wait(minutes=5)
        assert len(day.heard(ANA, HowMuch)) == 1

    def test_after_plugging_in(self, day: NeedDay) -> None:
        """Who comes from the line is asked with the word that they are charging."""
        day.ask(BOB, Add())
        day.see(p1=BOB)
        (word,) = day.heard(BOB, PluggedIn)
        assert word.question is not None
        day.ask(CLEO, Add())
        assert day.heard(BOB, HowMuch) == []

    def test_what_is_known_is_not_asked(self, day: NeedDay) -> None:
        """Who has said both is asked nothing."""
        day.ask(BOB, Add(kwh(5)))
        day.ask(BOB, MayUnplug(ok=True))
        day.see(p1=BOB)
        (word,) = day.heard(BOB, PluggedIn)
        assert word.question is None

    def test_the_usual_is_offered(self) -> None:
        """A habit of three stays is offered, and reckoned with until they say."""
        day = usual_day()
        day.ask(BOB, Add())
        (asked,) = day.heard(ANA, HowMuch)
        assert asked.question.usual == 8
        assert day.need(ANA).usual == 8

    def test_a_button(self, day: NeedDay) -> None:
        """One click answers; nobody else's does."""
        assert isinstance(day.ask(ANA, PickNeed(day.stay.id, 8.0)), NeedNoted)
        assert day.stay.need == kwh(8)
        assert isinstance(day.ask(BOB, PickNeed(day.stay.id, 8.0)), Refused)
        day.ask(ANA, PickNeed(day.stay.id, None))
        assert day.stay.need == Need(Unit.FULL)

    def test_not_in_the_classic_house(self) -> None:
        """In 2016 nobody asked."""
        day = NeedDay(site_of(policy=Policy(classic=True)), p1=ANA)
        day.ask(BOB, Add())
        assert day.heard(ANA, HowMuch) == []


class TestRule29Energy:
    @pytest.mark.parametrize("seconds", [20, 70, 150, 700])
    def test_every_view_says_the_same(self, day: NeedDay, seconds: int) -> None:
        """`need`, `status` and `list` name one energy and one time, from the first minute on."""
        day.ask(ANA, SayNeed(kwh(8)))
        day.wait(seconds=seconds)
        said = [
            words(answer, day.site, SlackMarkup(), day.now).text
            for wish in (ShowNeed(), ShowStatus(), ShowLine())
            if (answer := day.ask(ANA, wish)) is not None
        ]
        needed, status, line = said
        (at,) = re.findall(r"have it at about (\d\d:\d\d)", needed)
        assert f"Ana since 08:00, 6.6 kW, done at about {at}" in status
        assert f"Ana since 08:00, 6.6 kW, done at about {at}" in line
        (much,) = re.findall(r"You have ([\d.]+ kWh) so far", needed)
        assert f"({much} so far)" in status or much == "0 kWh"

    def test_what_the_looks_add_up_to(self, day: NeedDay) -> None:
        """Half an hour at 6.6 kW."""
        day.wait(minutes=30)
        noted = day.need(ANA)
        assert noted.kwh == pytest.approx(3.3, abs=0.15)
        assert not noted.about

    def test_without_load_data(self) -> None:
        """Reckoned from what a port gives, and called about."""
        day = NeedDay(p1=None)
        day.kw = None
        day.see(p1=ANA)
        day.wait(minutes=30)
        noted = day.need(ANA)
        assert noted.kwh == pytest.approx(3.3, abs=0.15)
        assert noted.about

    def test_a_habit_is_learned(self, day: NeedDay) -> None:
        """Three stays make a habit; of more than ten the last ten count."""
        for _ in range(12):
            day.see(p1=ANA)
            day.wait(minutes=20)
            day.see(p1=None)
            day.wait(minutes=10)
        habits = day.site.people[ANA].habits
        assert habits is not None
        assert len(habits.fills) == 10
        assert habits.fills[-1] == pytest.approx(2.2, abs=0.2)


class TestRule29Since:
    def test_a_session_that_began_unseen(self) -> None:
        """Its energy is reckoned from its start, as the network says; not from before the last
        car left.
        """
        day = PowerDay(p1=None)
        seen = look(day.now + timedelta(hours=1), p1=ANA)
        began = [replace(port, since=day.now) for port in seen.ports]
        day.now += timedelta(hours=1)
        day.give(replace(seen, ports=tuple(began)))
        stay = day.site.ports[ONE].stay
        assert stay is not None
        assert stay.taken is not None
        assert (stay.taken.kwh, stay.taken.about) == (6.6, True)
