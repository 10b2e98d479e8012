"""Repair: rules 35, 38, 39 and 40 of the house, for when things aren't as they are shown."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import acts, answers as say
from chalicelib.core.answers import (
    Refusal,
    Refused,
)
from chalicelib.core.effects import (
    Called,
    DrewNothing,
    Lapsed,
    PortBroken,
    Undelivered,
    Unreachable,
    Withdrawn,
)
from chalicelib.core.inputs import (
    Add,
    Broken,
    Out,
    Resume,
    ShowStatus,
    Suspend,
)
from chalicelib.core.model import Person
from chalicelib.values import replace
from tests.core.day import ONE, TWO, Day, PowerDay
from tests.core.mornings import (
    act,
)
from tests.fakes import ANA, BOB, BOSS, CLEO, IDS

ANA_ELSEWHERE = "hipchat:t:ana"


class TestRule39Broken:
    @pytest.fixture
    def day(self) -> Day:
        """Ana is called to port 1, Cleo is on port 2, Bob waits."""
        day = Day(p2=CLEO)
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.free("p1")
        return day

    def test_by_the_called(self, day: Day) -> None:
        """Named, told to the admins; nobody is called there; Ana keeps her place."""
        assert day.ask(ANA, Broken("1", "cable torn")) == say.SaidBroken(ANA, ONE, "cable torn")
        assert day.heard(BOSS, PortBroken) == [PortBroken(ONE, ANA, "cable torn")]
        assert day.called == {}
        assert day.line == [ANA, BOB]
        day.wait(minutes=20)
        assert day.called == {}
        act(day, acts.Open(("1",)))
        assert day.called == {ANA: ONE}

    def test_by_who_is_plugged_in(self, day: Day) -> None:
        """Without a port's name it is the one of their car."""
        assert day.ask(CLEO, Broken()) == say.SaidBroken(CLEO, TWO)
        day.free("p2")
        assert TWO not in day.called.values()

    def test_twice(self, day: Day) -> None:
        """Said again without a new word: to them only, and no admin is told again."""
        day.ask(ANA, Broken("1"))
        day.ask(CLEO, Broken())
        assert day.ask(CLEO, Broken()) == Refused(CLEO, Refusal.SAID_BROKEN, TWO)
        assert len(day.heard(BOSS, PortBroken)) == 2

    def test_somebody_elses_turn(self, day: Day) -> None:
        """Who is plugged in says so while another is called there: the turn is withdrawn, told
        why.
        """
        day.see(p1=ANA, p2=CLEO)
        day.free("p2")
        assert day.called == {BOB: TWO}
        day.lose()
        day.ask(ANA, Out())
        day.see(p1=None)
        assert day.ask(ANA, Broken("2")) == Refused(ANA, Refusal.NOT_THERE, TWO)
        assert day.heard(BOB, Withdrawn) == []

    def test_by_nobody_else(self, day: Day) -> None:
        """Who isn't there can't say, and hears what an admin can do."""
        answer = day.ask(BOB, Broken("1"))
        assert answer == Refused(BOB, Refusal.NOT_THERE, ONE)
        assert "`/ev admin close 1`" in words(answer, day.site, SlackMarkup()).text

    def test_taken_back(self, day: Day) -> None:
        """`undo` of `open` shuts it again."""
        day.ask(ANA, Broken("1"))
        act(day, acts.Open(("1",)))
        act(day, acts.UndoLast())
        assert day.site.ports[ONE].broken


class TestRule39Dry:
    def visit(self, day: PowerDay, driver: str, kw: float, minutes: int = 10) -> None:
        day.kw = kw
        day.see(p1=driver)
        day.wait(minutes=minutes)
        day.free("p1")
        day.wait(minutes=10)

    def test_three_in_a_row(self) -> None:
        """Three cars that drew nothing: the admins are told, once; nothing is closed."""
        day = PowerDay(p1=None, p2="dark")
        for driver in (ANA, BOB, CLEO, ANA, BOB):
            self.visit(day, driver, 0.0)
        assert day.heard(BOSS, DrewNothing) == [DrewNothing(ONE, 3)]
        assert not day.site.ports[ONE].is_shut

    def test_one_that_charged(self) -> None:
        """One that drew power starts the count anew; a short stay doesn't count."""
        day = PowerDay(p1=None, p2="dark")
        for kw in (0.0, 0.0, 6.6, 0.0, 0.0):
            self.visit(day, ANA, kw)
        self.visit(day, BOB, 0.0, minutes=2)
        assert day.heard(BOSS, DrewNothing) == []
        self.visit(day, CLEO, 0.0)
        assert day.heard(BOSS, DrewNothing) == [DrewNothing(ONE, 3)]

    def test_no_power_for_anybody(self) -> None:
        """Where a limit lets none flow, the charger isn't at fault."""
        day = PowerDay(p1=None, p2="dark")
        day.cap = 0.0
        for driver in (ANA, BOB, CLEO):
            self.visit(day, driver, 0.0)
        assert day.heard(BOSS, DrewNothing) == []


class TestRule40Unreachable:
    @pytest.fixture
    def day(self) -> Day:
        """Ana and Bob wait; what is said isn't delivered by itself."""
        day = Day()
        for driver in (ANA, BOB):
            day.ask(driver, Add())
        day.delivers = False
        return day

    def test_the_turn_goes_on(self, day: Day) -> None:
        """Her call bounces: Bob is called, her place is kept, the admins hear it once."""
        day.free("p1")
        day.bounce(ANA)
        assert day.called == {BOB: ONE}
        assert day.line == [ANA, BOB]
        assert day.entry(ANA).is_suspended
        told = [one.effect for one in day.site.outbox if one.to == BOSS]
        assert told == [Unreachable(ANA, "user_disabled")]

    @pytest.mark.parametrize("wish", [ShowStatus(), Add(), Resume()])
    def test_until_they_write(self, day: Day, wish: object) -> None:
        """Whatever Ana writes, she is back at her old place."""
        day.free("p1")
        day.bounce(ANA)
        day.ask(ANA, wish)  # type: ignore[arg-type]  # each is a wish
        assert day.entry(ANA).is_waiting
        assert day.line == [ANA, BOB]
        assert ANA not in day.site.refused

    def test_a_break_of_her_own(self, day: Day) -> None:
        """A suspension by hand isn't ended by a question."""
        day.ask(ANA, Suspend())
        day.ask(ANA, ShowStatus())
        assert day.entry(ANA).is_suspended

    def test_another_address(self, day: Day) -> None:
        """The same card is known on another platform: the call goes there, place and all."""
        people = {**day.site.people, ANA_ELSEWHERE: Person("ana", (IDS[ANA],))}
        day.site = replace(day.site, people=people)
        day.free("p1")
        day.bounce(ANA)
        assert day.called == {ANA_ELSEWHERE: ONE}
        assert day.line == [ANA_ELSEWHERE, BOB]
        calls = [one.to for one in day.site.outbox if isinstance(one.effect, Called)]
        assert calls == [ANA_ELSEWHERE]
        day.bounce(ANA_ELSEWHERE)
        assert day.called == {BOB: ONE}

    def test_another_message(self, day: Day) -> None:
        """A message that isn't a call changes nothing of the place."""
        day.free("p1")
        day.bounce(BOB)  # "you're next"
        assert day.called == {ANA: ONE}
        assert day.entry(BOB).is_waiting
        told = [one.effect for one in day.site.outbox if one.to == BOSS]
        assert told == [Undelivered(BOB, "user_disabled")]


class TestRule40Misses:
    def missed(self, times: int) -> Day:
        """Ana has missed so many turns today; Bob and Cleo wait behind her."""
        day = Day()
        for driver in (ANA, BOB, CLEO):
            day.ask(driver, Add())
        day.free("p1")
        for number in range(times):
            if number:
                day.ask(ANA, Resume())
                self.hand_to(day, ANA)
            day.wait(minutes=16)
            assert day.entry(ANA).misses == number + 1
        return day

    @staticmethod
    def hand_to(day: Day, driver: str) -> None:
        """The port comes free for them: whoever holds it has it for a minute."""
        (holder,) = day.called
        day.see(p1=holder)
        day.free("p1")
        day.ask(holder, Add())
        assert driver in day.called

    def test_the_second_says_so(self) -> None:
        """After a third `resume` would put her last: she hears it in time."""
        day = self.missed(2)
        said = [words(one, day.site, SlackMarkup()).text for one in day.heard(ANA, Lapsed)]
        assert "puts you last" not in said[0]
        assert "your second today; after a third, `resume` puts you last" in said[1]

    def test_the_third(self) -> None:
        """`resume` puts her last; an admin's `resume` doesn't."""
        day = self.missed(3)
        assert day.line[0] == ANA
        by_admin = Day(day.site)
        by_admin.now = day.now
        act(by_admin, acts.OnBehalf(ANA, Resume()))
        assert by_admin.line[0] == ANA
        day.ask(ANA, Resume())
        assert day.line[-1] == ANA
        assert day.line.count(ANA) == 1

    def test_a_new_day(self) -> None:
        """The next morning nobody counts yesterday's."""
        day = self.missed(3)
        night: datetime = day.now + timedelta(hours=22)
        day.wait(hours=(night - day.now) / timedelta(hours=1))
        day.ask(ANA, Add())
        assert day.entry(ANA).misses == 0
