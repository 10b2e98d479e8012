"""Sight: rule 23 of the house, knowing that we do not know."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.answers import Added, HandOut, ItsMe, Refusal, Refused
from chalicelib.core.effects import AccessProblem, Lapsed, SightBack, SightLost, Unwatched
from chalicelib.core.inputs import Add, Hindered, In, OnMyWay, Out
from chalicelib.core.model import Stations
from tests.core.day import ONE, TWO, Day
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, look, site_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def day() -> Day:
    """Ana is called to port 1; Bob waits; port 2 is taken by a stranger."""
    day = Day()
    for driver in (ANA, BOB):
        day.ask(driver, Add())
    day.free("p1")
    return day


class TestRule23Sight:
    def test_told_once(self, day: Day) -> None:
        """No good look for 3 minutes: the channel is told once, since when."""
        last = day.now
        day.wait(looking=False, minutes=2, seconds=59)
        assert day.heard(CHANNEL, SightLost) == []
        day.wait(looking=False, hours=2)
        assert day.heard(CHANNEL, SightLost) == [SightLost(last)]

    def test_no_calls(self, day: Day) -> None:
        """Nobody is called to what can't be seen."""
        day.lose()
        assert day.ask(CLEO, Add()) == Added(CLEO, 2)
        assert day.called == {ANA: ONE}

    def test_turn_clocks_stop(self, day: Day) -> None:
        """No turn runs out meanwhile."""
        day.wait(looking=False, hours=3)
        assert day.called == {ANA: ONE}
        assert day.heard(ANA, Lapsed) == []

    def test_back(self, day: Day) -> None:
        """Back: a full window for whoever is called, and told once."""
        day.wait(looking=False, hours=1)
        day.see()
        assert day.turn(ANA).deadline == day.now + 15 * MINUTE
        day.wait(minutes=5)
        assert len(day.heard(CHANNEL, SightBack)) == 1

    def test_back_for_one_on_the_way(self, day: Day) -> None:
        """Who is on the way has the long window again."""
        day.ask(ANA, OnMyWay(day.turn(ANA).id))
        day.wait(looking=False, hours=1)
        day.see()
        assert day.turn(ANA).deadline == day.now + 20 * MINUTE

    def test_back_by_a_slow_look(self, day: Day) -> None:
        """A look that was under way as sight was lost brings it back: it must not stay lost."""
        day.wait(looking=False, minutes=2, seconds=50)
        begun = day.now
        day.wait(looking=False, seconds=20)
        assert day.site.blind
        day.give(look(begun, **day.cars))
        assert not day.site.blind
        assert len(day.heard(CHANNEL, SightBack)) == 1

    def test_look_first(self, day: Day) -> None:
        """What has changed meanwhile counts: Ana plugged in while nobody looked."""
        day.wait(looking=False, hours=1)
        day.told.clear()
        day.see(p1=ANA)
        assert day.line == [BOB]
        assert day.heard(ANA, Lapsed) == []

    def test_after_the_bot_was_down(self, day: Day) -> None:
        """The same after a pause in which nobody even ticked, and nothing old is said."""
        day.told.clear()
        day.now += timedelta(hours=1)
        day.see()
        assert day.called == {ANA: ONE}
        assert day.turn(ANA).deadline == day.now + 15 * MINUTE
        assert not day.heard(CHANNEL, SightLost)
        assert not day.heard(CHANNEL, SightBack)

    def test_what_was_free_is_confirmed_anew(self) -> None:
        """A port that looks free after a gap is free when it was so before, too; a new one is
        looked at twice.
        """
        day = Day()
        day.ask(ANA, Add())
        day.lose()
        day.see(p1=None)
        assert day.called == {}
        day.wait(seconds=20)
        day.see()
        assert day.called == {ANA: ONE}

    def test_by_hand(self, day: Day) -> None:
        """`out` and `in` work by hand while nothing can be seen."""
        assert day.ask(BOB, Out("2")) == Refused(BOB, Refusal.LOOKS_USED, TWO)
        day.lose()
        assert day.ask(BOB, Out("2")) == HandOut(BOB, TWO)
        answer = day.ask(ANA, In(""))
        assert isinstance(answer, ItsMe)
        assert answer.port == ONE
        assert ANA not in day.line

    def test_one_port_out_of_reach(self) -> None:
        """One dark port is nobody's turn; the others go on."""
        day = Day(p1="dark")
        day.ask(ANA, Add())
        day.free("p2")
        assert day.called == {ANA: TWO}
        assert day.heard(CHANNEL, SightLost) == []


class TestRule23OnlyTheOperatorCanHelp:
    """What waiting alone won't mend is written to the admins, besides."""

    @pytest.mark.parametrize("why", [AccessProblem.NO_ACCESS, AccessProblem.DENIED])
    def test_a_refusal_is_told_once(self, day: Day, why: AccessProblem) -> None:
        """However often the listener meets it, the admins hear it at once, and once."""
        for _ in range(100):
            day.give(Hindered(why))
            day.wait(looking=False, minutes=1)
        assert day.heard(BOSS, Unwatched) == [Unwatched(why)]
        assert day.heard(CHANNEL, Unwatched) == []
        assert len(day.heard(CHANNEL, SightLost)) == 1

    def test_a_good_look_ends_it(self, day: Day) -> None:
        """The next outage is told anew."""
        day.give(Hindered(AccessProblem.NO_ACCESS))
        day.see()
        day.give(Hindered(AccessProblem.NO_ACCESS))
        assert len(day.heard(BOSS, Unwatched)) == 2

    def test_another_reason_is_another_word(self, day: Day) -> None:
        """A listener that was refused and is stopped: two things to do, each told once."""
        day.lose()
        for why in (AccessProblem.NO_ACCESS, AccessProblem.NO_LISTENER) * 3:
            day.give(Hindered(why))
        assert [one.why for one in day.heard(BOSS, Unwatched)] == [
            AccessProblem.NO_ACCESS,
            AccessProblem.NO_LISTENER,
        ]

    def test_a_listener_may_be_replaced(self, day: Day) -> None:
        """Nobody is told of a listener that is gone for a minute, while sight is fresh."""
        day.give(Hindered(AccessProblem.NO_LISTENER))
        assert day.heard(BOSS, Unwatched) == []
        day.lose()
        day.give(Hindered(AccessProblem.NO_LISTENER))
        assert day.heard(BOSS, Unwatched) == [Unwatched(AccessProblem.NO_LISTENER)]

    def test_admins_sleep(self, day: Day) -> None:
        """What begins at night is told in the morning, if it still stands."""
        day.wait(looking=False, hours=12)
        day.give(Hindered(AccessProblem.NO_LISTENER))
        assert day.heard(BOSS, Unwatched) == []
        day.wait(looking=False, hours=12)
        day.give(Hindered(AccessProblem.NO_LISTENER))
        assert len(day.heard(BOSS, Unwatched)) == 1

    def test_what_is_over_is_not_said(self, day: Day) -> None:
        """A word that waited until sight was back is dropped."""
        day.delivers = False
        day.give(Hindered(AccessProblem.NO_ACCESS))
        assert [one for one in day.site.outbox if isinstance(one.effect, Unwatched)] != []
        day.see()
        assert [one for one in day.site.outbox if isinstance(one.effect, Unwatched)] == []

    def test_hands_need_no_listener(self) -> None:
        """A manual site has nothing to look at."""
        day = Day(site_of(stations=Stations(manual=("1",))))
        day.give(Hindered(AccessProblem.NO_LISTENER))
        assert day.heard(BOSS, Unwatched) == []


def test_back_in_the_evening() -> None:
    """What is seen again when the channel is asleep is no news for it."""
    day = Day()
    day.wait(hours=9)
    day.lose()
    assert len(day.heard(CHANNEL, SightLost)) == 1
    day.wait(hours=4, looking=False)
    day.see()
    assert not day.site.blind
    assert day.heard(CHANNEL, SightBack) == []
