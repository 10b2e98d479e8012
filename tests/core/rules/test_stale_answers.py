"""Answers, and words about turns, that had to wait (rule 23): what is said of them, and what isn't."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import answers as say
from chalicelib.core.effects import (
    BayBlocked,
    GivenTo,
    MeansToMove,
    News,
    Nudge,
    Nudged,
    PortPost,
    StillThere,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.inputs import (
    Add,
    Block,
    Give,
    MovingAt,
    NotYet,
    Remove,
    Resume,
    SayNeed,
    ShowStatus,
    Suspend,
    When,
)
from chalicelib.energy.needs import Need, Unit
from tests.core.rules.test_stale import MuteDay
from tests.fakes import ANA, BOB, CLEO

MINUTE = timedelta(minutes=1)


@pytest.fixture
def day() -> MuteDay:
    """Two strangers charge; nothing can be sent."""
    return MuteDay()


def kinds(day: MuteDay, *of: type) -> list[object]:
    return [one for one in day.speak() if isinstance(one, of)]


class TestRule23Answers:
    def test_removed_and_back(self, day: MuteDay) -> None:
        """The words "you're off the line" aren't said to somebody who is in it again."""
        day.ask_later(ANA, Add())
        day.ask_later(ANA, Remove())
        day.ask(ANA, Add())
        assert kinds(day, say.Removed) == []

    def test_removed(self, day: MuteDay) -> None:
        """They are to who has left."""
        day.ask(ANA, Add())
        day.ask_later(ANA, Remove())
        assert len(kinds(day, say.Removed)) == 1

    @pytest.mark.parametrize("meanwhile", [None, Resume(), Suspend(MINUTE), Remove()])
    def test_suspended(self, day: MuteDay, meanwhile: Resume | Suspend | Remove | None) -> None:
        """How long somebody is suspended is said while it is so."""
        day.ask(ANA, Add())
        day.ask_later(ANA, Suspend(10 * MINUTE))
        if meanwhile is not None:
            day.ask(ANA, meanwhile)
        assert len(kinds(day, say.Suspended)) == (meanwhile is None)

    def test_when(self, day: MuteDay) -> None:
        """A time that was asked for is the time as it is foreseen when it is said."""
        day.see(p1=CLEO, p2="?")
        day.ask(ANA, Add())
        day.ask_later(BOB, When())
        day.ask(CLEO, MovingAt(length=10 * MINUTE))
        day.ask(ANA, Remove())
        (told,) = kinds(day, say.Whenever)
        assert told == day.ask(BOB, When())

    def test_a_status(self, day: MuteDay) -> None:
        """So is the time in somebody's status; who had none isn't told one."""
        day.see(p1=CLEO, p2="?")
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.ask_later(BOB, ShowStatus())
        day.ask_later(CLEO, ShowStatus())
        day.ask(CLEO, MovingAt(length=10 * MINUTE))
        day.ask(ANA, Remove())
        told = {one.driver: one for one in kinds(day, say.Ports) if isinstance(one, say.Ports)}
        now = day.ask(BOB, ShowStatus())
        assert isinstance(now, say.Ports)
        assert told[BOB].expected == now.expected is not None
        assert told[CLEO].expected is None


class TestRule23Turns:
    def test_taken(self, day: MuteDay) -> None:
        """Who lost a turn to a stranger hears so while they stand in line."""
        day.ask(ANA, Add())
        day.free("p1")
        day.speak()
        day.mute()
        day.see(p1=BOB)
        (told,) = kinds(day, Withdrawn)
        assert isinstance(told, Withdrawn)
        assert told.why is Withdrawal.TAKEN

    @pytest.mark.parametrize("called", [True, False])
    def test_taken_no_more(self, day: MuteDay, called: bool) -> None:
        """Not to who was called again since, or has left."""
        day.ask(ANA, Add())
        day.free("p1")
        day.speak()
        day.mute()
        day.see(p1=BOB)
        if called:
            day.free("p2")
        else:
            day.ask(ANA, Remove())
        assert kinds(day, Withdrawn) == []

    def test_given(self, day: MuteDay) -> None:
        """A place that was given is told as it is by now."""
        for driver in (ANA, BOB, CLEO):
            day.ask(driver, Add())
        day.ask(BOB, Give("@cleo"))
        day.ask(ANA, Remove())
        (told,) = kinds(day, GivenTo)
        assert isinstance(told, GivenTo)
        assert (told.driver, told.place) == (CLEO, 1)

    @pytest.mark.parametrize("why", ["not yet", "left", "gone"])
    def test_a_move_that_is_off(self, day: MuteDay, why: str) -> None:
        """The next hears nothing of a move that was taken back, or that isn't theirs to hear."""
        day.see(p1=CLEO, p2="?")
        day.ask(ANA, Add())
        day.ask(CLEO, MovingAt(length=20 * MINUTE))
        if why == "not yet":
            day.ask(CLEO, NotYet())
        elif why == "left":
            day.ask(ANA, Remove())
        else:
            day.see(p1=BOB)
        told = kinds(day, MeansToMove)
        assert not any(isinstance(one, MeansToMove) and one.at is not None for one in told)


class TestRule23Ports:
    def test_a_bay_that_is_free(self, day: MuteDay) -> None:
        """Admins don't walk to a blocked bay where a car charges by now."""
        day.ask(ANA, Add())
        day.free("p1")
        day.ask(ANA, Block())
        day.see(p1=ANA)
        assert kinds(day, BayBlocked) == []

    def test_free_and_taken(self, day: MuteDay) -> None:
        """A port that was free is posted with who charges there by now."""
        day.free("p1")
        day.see(p1=ANA)
        posts = [one for one in kinds(day, PortPost) if isinstance(one, PortPost)]
        assert [(one.news, one.driver) for one in posts] == [(News.CHARGING, ANA)]

    def test_still_there(self, day: MuteDay) -> None:
        """Admins don't hear that a car stays which has gone."""
        day.see(p1=CLEO, p2="dark")
        day.ask(ANA, Add())
        day.wait(hours=4)
        day.see(p1=None, p2="dark")
        assert kinds(day, StillThere, Nudged) == []

    def test_a_need_said_since(self, day: MuteDay) -> None:
        """Who has said what they need isn't told of their usual any more."""
        day.see(p1=CLEO, p2="dark")
        day.ask(ANA, Add())
        day.wait(hours=1)
        day.ask(CLEO, SayNeed(Need(Unit.KWH, 20.0)))
        nudges = [one for one in kinds(day, Nudged) if isinstance(one, Nudged)]
        assert Nudge.USUAL not in [one.why for one in nudges]
