"""Turns: rules 7, 9, 10, 11 of the house, and what a plug means for them (13 and 15)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.answers import Coming, MovedOn, Passed, Refusal, Refused, Removed, WhoIsNext
from chalicelib.core.effects import (
    Called,
    Lapsed,
    News,
    NextUp,
    PortPost,
    TurnPassed,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.inputs import (
    Add,
    Delivered,
    Leave,
    Next,
    OnMyWay,
    Pass,
    Resume,
    Suspend,
)
from tests.core.day import ONE, TWO, Day
from tests.core.mornings import (
    three_wait,
)
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO

MINUTE = timedelta(minutes=1)


@pytest.fixture
def day() -> Day:
    """Ana, Bob and Cleo wait."""
    return three_wait()


class TestRule07Call:
    def test_one_message_and_the_post(self, day: Day) -> None:
        """A call is one message to the driver and the port's post, and nothing to the others
        but a quiet word to the next.
        """
        day.told.clear()
        day.free("p1")
        assert [(to, type(effect)) for to, effect in day.told] == [
            (ANA, Called), (CHANNEL, PortPost), (BOB, NextUp),
        ]  # fmt: skip

    def test_next_once(self, day: Day) -> None:
        """The next in line is told so once."""
        day.free("p1")
        day.ask(ANA, Next())
        day.wait(minutes=20)
        assert len(day.heard(BOB, NextUp)) == 1

    def test_clocks_start_with_the_delivery(self, day: Day) -> None:
        """The window begins when the call has arrived, however long that took."""
        day.delivers = False
        day.free("p1")
        day.wait(minutes=7)
        assert day.turn(ANA).deadline is None
        day.delivers = True
        day.wait(seconds=1)
        assert day.turn(ANA).deadline == day.now + 15 * MINUTE

    def test_on_my_way(self, day: Day) -> None:
        """*On my way*: 20 minutes from then, once; the post says so."""
        day.free("p1")
        day.wait(minutes=10)
        turn = day.turn(ANA).id
        assert day.ask(ANA, OnMyWay(turn)) == Coming(ANA, ONE, turn, day.now + 20 * MINUTE)
        assert day.heard(CHANNEL, PortPost)[-1].news is News.COMING
        day.wait(minutes=5)
        assert day.ask(ANA, OnMyWay(turn)) == Refused(ANA, Refusal.ALREADY_COMING, ONE)
        day.wait(minutes=14, seconds=59)
        assert day.called == {ANA: ONE}
        day.wait(seconds=1)
        assert day.called == {BOB: ONE}

    def test_leave(self, day: Day) -> None:
        """*Leave*: out of the line, and the turn moves on."""
        day.free("p1")
        assert day.ask(ANA, Leave(day.turn(ANA).id)) == Removed(ANA, ONE)
        assert day.line == [BOB, CLEO]
        assert day.called == {BOB: ONE}

    @pytest.mark.parametrize("press", [OnMyWay, Pass, Leave])
    def test_an_old_button(self, day: Day, press: type[OnMyWay | Pass | Leave]) -> None:
        """A button of a turn that is over, or of somebody else's, does nothing."""
        day.free("p1")
        old = day.turn(ANA).id
        assert day.ask(BOB, press(old)) == Refused(BOB, Refusal.NOT_CALLED)
        day.ask(ANA, Pass(old))
        assert day.ask(ANA, press(old)) == Refused(ANA, Refusal.NOT_CALLED)


class TestRule09Lapse:
    def test_to_the_next(self, day: Day) -> None:
        """Unanswered for 15 minutes, the turn goes to the next; you keep your place, suspended."""
        day.free("p1")
        day.wait(minutes=14, seconds=59)
        assert day.called == {ANA: ONE}
        day.wait(seconds=1)
        assert day.called == {BOB: ONE}
        assert day.line == [ANA, BOB, CLEO]
        assert day.entry(ANA).is_suspended
        assert day.entry(ANA).misses == 1
        assert day.heard(ANA, Lapsed) == [Lapsed(ANA, ONE)]

    def test_nobody_follows(self) -> None:
        """With nobody to follow, it stays; it lapses once somebody comes."""
        day = Day()
        day.ask(ANA, Add())
        day.free("p1")
        day.wait(hours=2)
        assert day.called == {ANA: ONE}
        day.ask(BOB, Add())
        day.wait(seconds=1)
        assert day.called == {BOB: ONE}
        assert day.entry(ANA).is_suspended

    def test_back(self, day: Day) -> None:
        """`resume` after a miss: the old place, before those who were called meanwhile."""
        day.free("p1")
        day.wait(minutes=15)
        day.ask(ANA, Resume())
        day.free("p2")
        assert day.called == {BOB: ONE, ANA: TWO}

    def test_misses_never_remove(self, day: Day) -> None:
        """However often you miss your turn, you stay in line."""
        day.free("p1")
        for _ in range(4):
            day.wait(minutes=16)
            for driver in (ANA, BOB, CLEO):
                if day.entry(driver).is_suspended:
                    day.ask(driver, Resume())
        assert day.line == [ANA, BOB, CLEO]
        assert max(day.entry(driver).misses for driver in day.line) >= 1


class TestRule10Pass:
    def test_pass(self, day: Day) -> None:
        """*Pass*: place kept, no miss, and the next is called."""
        day.free("p1")
        assert day.ask(ANA, Pass(day.turn(ANA).id)) == Passed(ANA, ONE)
        assert day.called == {BOB: ONE}
        assert day.line == [ANA, BOB, CLEO]
        assert day.entry(ANA).misses == 0

    def test_sits_out_until_used(self, day: Day) -> None:
        """Whoever passed is called again once that port has been used."""
        day.free("p1")
        day.ask(ANA, Next())
        day.free("p2")
        assert day.called == {BOB: ONE, CLEO: TWO}
        day.see(p1=BOB)
        day.free("p1")
        assert day.called[ANA] == ONE

    def test_sits_out_for_half_an_hour(self) -> None:
        """Or when 30 minutes have gone."""
        day = Day()
        day.ask(ANA, Add())
        day.free("p1")
        day.ask(ANA, Next())
        assert day.called == {}
        day.wait(minutes=29, seconds=59)
        assert day.called == {}
        day.wait(seconds=1)
        assert day.called == {ANA: ONE}

    def test_an_admin_may(self, day: Day) -> None:
        """`next` by an admin passes the turn on at once, and everybody involved is told."""
        day.free("p1")
        assert day.ask(BOSS, Next()) == MovedOn(ANA, BOSS, ONE)
        assert day.heard(ANA, TurnPassed) == [TurnPassed(ANA, ONE, BOSS)]
        assert day.called == {BOB: ONE}

    def test_anyone_after_ten_minutes(self, day: Day) -> None:
        """Anyone else may after 10 minutes, and is told from when on."""
        day.free("p1")
        allowed = day.now + 10 * MINUTE
        assert day.ask(CLEO, Next()) == Refused(CLEO, Refusal.TOO_SOON, ONE, allowed, ANA)
        day.wait(minutes=10)
        assert day.ask(CLEO, Next()) == MovedOn(ANA, CLEO, ONE)

    def test_anyone_while_sight_is_lost(self, day: Day) -> None:
        """Or while the chargers can't be seen."""
        day.free("p1")
        day.lose()
        assert day.ask(CLEO, Next()) == MovedOn(ANA, CLEO, ONE)

    def test_no_port_free(self, day: Day) -> None:
        """With nobody called, `next` says who is next."""
        assert day.ask(CLEO, Next()) == WhoIsNext(ANA)
        day.ask(ANA, Suspend())
        assert day.ask(CLEO, Next()) == WhoIsNext(BOB)


class TestRule11Dark:
    @pytest.mark.parametrize("gone", ["dark", "missing"])
    def test_withdrawn(self, day: Day, gone: str) -> None:
        """A called port that is dark for 3 minutes: turn withdrawn, old place, told why."""
        day.free("p1")
        if gone == "dark":
            day.see(p1="dark")
        else:
            day.cars.pop("p1")
            day.see()
        day.wait(minutes=2, seconds=59)
        assert day.called == {ANA: ONE}
        day.wait(seconds=1)
        assert day.called == {}
        assert day.line == [ANA, BOB, CLEO]
        assert day.heard(ANA, Withdrawn) == [Withdrawn(ANA, ONE, Withdrawal.DARK)]
        assert day.heard(CHANNEL, PortPost)[-1].news is News.DARK

    def test_a_blink(self, day: Day) -> None:
        """Dark for a moment is no matter."""
        day.free("p1")
        day.see(p1="dark")
        day.wait(minutes=2)
        day.see(p1=None)
        day.wait(minutes=2)
        assert day.called == {ANA: ONE}
        assert day.heard(ANA, Withdrawn) == []

    def test_the_next_port(self, day: Day) -> None:
        """Whose turn was withdrawn has the next free port."""
        day.free("p1")
        day.see(p1="dark")
        day.wait(minutes=4)
        day.free("p2")
        assert day.called == {ANA: TWO}


def test_each_clock_by_its_own_delivery() -> None:
    """A call that has arrived starts no clock but its own."""
    day = Day()
    for driver in (ANA, BOB):
        day.ask(driver, Add())
    day.delivers = False
    day.free("p1", "p2")
    (call,) = [one for one in day.site.outbox if one.to == ANA and isinstance(one.effect, Called)]
    day.give(Delivered(call.id, "ts1"))
    assert day.turn(ANA).told_at == day.now
    assert day.turn(BOB).told_at is None
