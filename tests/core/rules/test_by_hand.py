"""Cars that only people can tell of (rule 14), and what changes at once or late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.answers import ItsMe, NotMe, Refusal, Refused, Remembered, Resumed
from chalicelib.core.effects import (
    Called,
    CountedUnplugged,
    IsItYou,
    Lapsed,
    News,
    PluggedIn,
    PortPost,
    StandsIdle,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.inputs import (
    Add,
    In,
    Next,
    NotMine,
    Observed,
    OnMyWay,
    Out,
    Pass,
    PortSeen,
    RememberMe,
    Remove,
    Resume,
    ThatsMe,
)
from chalicelib.core.model import Status, Stay
from chalicelib.values import replace
from tests.core.day import ONE, TWO, Day
from tests.fakes import ANA, BOB, CHANNEL, CLEO, IDS, STATION, look

MINUTE = timedelta(minutes=1)
ZOE = "slack:T0HQ:U0ZOE"  # nobody linked her card yet


@pytest.fixture
def day() -> Day:
    """Ana is called to port 1, Bob waits; a stranger is on port 2."""
    day = Day(p1=BOB)
    day.cars["p1"] = None
    day.see()
    for driver in (ANA, BOB):
        day.ask(driver, Add())
    day.free("p1")
    day.told.clear()
    return day


def see_id(day: Day, user: str, port: str = "1") -> None:
    """A look that shows a car with this id on port 1, the rest as before."""
    day.now += timedelta(seconds=1)
    known = day.site.ports[TWO].status
    day.give(
        Observed(
            day.now,
            (
                PortSeen(STATION, port, Status.INUSE, load_kw=6.6, user=user),
                PortSeen(STATION, "2", known, load_kw=6.6),
            ),
        )
    )


def stay_on(day: Day, port: str = ONE) -> Stay:
    stay = day.site.ports[port].stay
    assert stay is not None
    return stay


class TestRule14WhoPluggedIn:
    def test_no_car_that_is_not_mine(self, day: Day) -> None:
        """Called to an empty port, or to none: there is no car to disown."""
        for driver in (ANA, BOB):
            assert day.ask(driver, NotMine()) == Refused(driver, Refusal.NOBODY_THERE)

    def test_the_called_are_asked_after_one_look(self, day: Day) -> None:
        """The first look waits for an id; the second asks everybody who is called by then."""
        day.ask(CLEO, Add())
        day.free("p2")
        day.see(p1="?")
        assert day.heard(ANA, IsItYou) == day.heard(BOB, IsItYou) == []
        day.see()
        stay = stay_on(day).id
        assert day.heard(ANA, IsItYou) == [IsItYou(ANA, ONE, stay)]
        assert day.heard(BOB, IsItYou) == [IsItYou(BOB, ONE, stay)]
        assert day.heard(CLEO, IsItYou) == []
        day.wait(minutes=5)
        assert len(day.heard(ANA, IsItYou)) == 1

    def test_an_id_in_time(self, day: Day) -> None:
        """The id comes with the second look: nobody is asked."""
        day.see(p1="?")
        see_id(day, IDS[ANA])
        assert day.heard(ANA, IsItYou) == []
        assert day.line == [BOB]

    def test_yes_and_remember(self, day: Day) -> None:
        """*Yes, that's me* takes you off the line and offers to remember the id; next time you
        are known at once.
        """
        day.ask(ZOE, Add())
        day.see(p1=CLEO)
        day.see(p1=None)
        for driver in (ANA, BOB):
            day.ask(driver, Remove())
        day.free("p1")
        see_id(day, "4711")
        see_id(day, "4711")
        (question,) = day.heard(ZOE, IsItYou)
        assert day.ask(ZOE, ThatsMe(question.stay)) == ItsMe(ZOE, ONE, question.stay, offer=True)
        assert day.line == []
        assert day.heard(ZOE, PluggedIn) == [], "her answer says it already"
        assert day.ask(ZOE, RememberMe(question.stay)) == Remembered(ZOE)
        day.free("p1")
        see_id(day, "4711")
        assert stay_on(day).driver == ZOE

    def test_yes_by_another(self, day: Day) -> None:
        """Somebody called elsewhere took the port: the turns change as by rule 13."""
        day.free("p2")
        day.see(p1="?")
        day.see()
        assert day.called == {ANA: ONE, BOB: TWO}
        day.ask(BOB, ThatsMe(stay_on(day).id))
        assert day.called == {ANA: TWO}
        assert day.calls(ANA)[-1].taken_by == BOB

    def test_not_me(self, day: Day) -> None:
        """*Not me*: the old place, and the next free port."""
        day.see(p1="?")
        day.see()
        assert day.ask(ANA, NotMine(stay_on(day).id)) == NotMe(ANA, ONE)
        assert day.line == [ANA, BOB]
        assert day.called == {}
        day.free("p2")
        assert day.called == {ANA: TWO}

    def test_silence(self, day: Day) -> None:
        """Silence keeps the place, suspended; the window begins with the question."""
        day.wait(minutes=14)
        day.see(p1="?")
        day.see()
        day.wait(minutes=14)
        assert day.called == {ANA: ONE}
        day.wait(minutes=1)
        assert day.line == [ANA, BOB]
        assert day.entry(ANA).is_suspended
        assert day.heard(ANA, Lapsed) == [Lapsed(ANA, ONE, taken=True)]

    def test_nobody_lapses_unasked(self, day: Day) -> None:
        """A turn whose time ends between the two looks waits for the question."""
        day.wait(looking=False, minutes=2)
        day.see()
        day.wait(minutes=12, seconds=40)
        day.see(p1="?")
        day.wait(looking=False, seconds=30)
        assert day.called == {ANA: ONE}
        assert day.heard(ANA, Lapsed) == []

    def test_a_late_id_decides(self, day: Day) -> None:
        """An id that comes after the question, or after silence, says who it was."""
        day.see(p1="?")
        day.see()
        day.wait(minutes=20)
        see_id(day, IDS[ANA])
        assert day.line == [BOB]
        assert stay_on(day).driver == ANA

    def test_the_network_knows_better(self, day: Day) -> None:
        """Who claims another's car by hand is corrected when the id comes."""
        day.see(p1="?")
        day.ask(CLEO, In("1"))
        assert stay_on(day).driver == CLEO
        see_id(day, IDS[ANA])
        assert stay_on(day).driver == ANA
        assert ANA not in day.line
        (word,) = day.heard(CLEO, CountedUnplugged)
        assert (word.port, word.shows) == (ONE, ANA)

    def test_one_yes(self, day: Day) -> None:
        """The second to say yes is refused."""
        day.see(p1="?")
        day.see()
        stay = stay_on(day).id
        day.ask(ANA, ThatsMe(stay))
        assert day.ask(BOB, ThatsMe(stay)) == Refused(BOB, Refusal.OTHERS_CAR, ONE, other=ANA)
        assert day.line == [BOB]

    def test_no_second_car(self, day: Day) -> None:
        """Who is charging can't claim another's port."""
        day.see(p2=CLEO)
        day.see(p1="?")
        refused = Refused(CLEO, Refusal.CHARGING, TWO)
        assert day.ask(CLEO, In("1")) == refused
        assert day.ask(CLEO, ThatsMe(stay_on(day).id)) == refused

    def test_a_free_port_can_not_be_claimed(self, day: Day) -> None:
        """While the chargers are seen, `in` needs a car there."""
        assert day.ask(BOB, In("1")) == Refused(BOB, Refusal.LOOKS_FREE, ONE)
        assert day.called == {ANA: ONE}

    def test_known_over_a_flicker(self, day: Day) -> None:
        """Who said yes is still known when the same card is back within five minutes."""
        see_id(day, "4711")
        day.ask(ANA, In("1"))
        day.see(p1=None)
        see_id(day, "4711")
        assert stay_on(day).driver == ANA

    def test_a_word_for_a_port_ends_with_the_looks(self, day: Day) -> None:
        """What somebody said once isn't believed after looks have seen for themselves."""
        day.ask(CLEO, Out("1"))
        day.wait(minutes=2)
        assert not day.site.ports[ONE].vouched


class TestRule23AfterAnOutage:
    """The chat was down: only what matters now is said."""

    @pytest.fixture
    def mute(self, day: Day) -> Day:
        day.delivers = False
        return day

    def speak(self, day: Day) -> list[type]:
        """What people, not the channel, hear when the chat is back."""
        day.told.clear()
        day.delivers = True
        day.wait(seconds=1)
        return [type(effect) for to, effect in day.told if to != CHANNEL]

    def test_a_call_that_is_over(self, mute: Day) -> None:
        """Bob was called and left: he hears nothing of it."""
        mute.ask(ANA, Remove())
        mute.ask(BOB, Remove())
        assert self.speak(mute) == []

    def test_a_question_that_was_answered(self, mute: Day) -> None:
        """The id came while the question waited: only the result is told."""
        mute.see(p1="?")
        mute.see()
        see_id(mute, IDS[ANA])
        assert self.speak(mute) == [PluggedIn]

    def test_an_idle_charger_that_is_used(self, mute: Day) -> None:
        """The charger that stood idle isn't idle any more."""
        mute.wait(minutes=10)
        mute.see(p1=ANA)
        self.speak(mute)
        assert mute.heard(CHANNEL, StandsIdle) == []

    def test_sight_lost_and_back(self, mute: Day) -> None:
        """Both in one outage: neither is told."""
        mute.lose()
        mute.see()
        self.speak(mute)
        assert {type(effect) for to, effect in mute.told if to == CHANNEL} <= {PortPost}


class TestRule10BackEarly:
    def test_resume(self, day: Day) -> None:
        """Who passed and can come after all says `resume`."""
        day.ask(BOB, Remove())
        day.ask(ANA, Pass())
        assert day.called == {}
        assert day.ask(ANA, Resume()) == Resumed(ANA, 1, ONE)

    def test_on_the_way(self, day: Day) -> None:
        """Others can't pass on a turn whose driver is on the way, until it runs out."""
        day.ask(ANA, OnMyWay())
        day.wait(minutes=12)
        until = day.turn(ANA).deadline
        assert day.ask(BOB, Next()) == Refused(BOB, Refusal.TOO_SOON, ONE, until, ANA)

    def test_next_in_the_dark(self, day: Day) -> None:
        """While sight is lost, who says `next` stands there and sees the port free."""
        day.lose()
        day.ask(BOB, Next())
        assert day.called == {BOB: ONE}


class TestRule13InTheSameLook:
    """What moves at once (rule 13), where no look comes between."""

    def test_the_port_left_is_taken_too(self, day: Day) -> None:
        """Bob takes Ana's port and a stranger Bob's: Ana has her old place, not a taken port."""
        day.free("p2")
        day.told.clear()
        day.see(p1=BOB, p2="?")
        assert day.called == {}
        assert day.line == [ANA]
        assert day.heard(ANA, Called) == []
        assert day.heard(ANA, Withdrawn) == [Withdrawn(ANA, ONE, Withdrawal.TAKEN, BOB)]

    def test_a_swap(self, day: Day) -> None:
        """Each plugs in at the other's: both are off the line, with one word each."""
        day.free("p2")
        day.told.clear()
        day.see(p1=BOB, p2=ANA)
        assert day.line == []
        words = [(to, type(effect)) for to, effect in day.told if to != CHANNEL]
        assert sorted(words, key=str) == [(ANA, PluggedIn), (BOB, PluggedIn)]
        assert all(isinstance(effect, PortPost) for to, effect in day.told if to == CHANNEL)


def test_a_policy_set_meanwhile_leaves_running_turns_alone() -> None:
    """A call that is on its way keeps the window that its words name."""
    day = Day()
    day.ask(ANA, Add())
    day.delivers = False
    day.free("p1")
    day.site = replace(day.site, policy=replace(day.site.policy, answer=5 * MINUTE))
    day.delivers = True
    day.see()
    assert day.turn(ANA).deadline == day.now + 15 * MINUTE


class TestRule13TheOnlyCar:
    """`in` without a port."""

    def test_one_that_nobody_knows(self) -> None:
        """It is the only car that could be meant."""
        day = Day(p1=BOB, p2="?")
        answer = day.ask(CLEO, In())
        assert isinstance(answer, ItsMe)
        assert answer.port == TWO

    def test_two_that_nobody_knows(self) -> None:
        """Which one is meant can't be guessed."""
        assert Day(p1="?", p2="?").ask(CLEO, In()) == Refused(CLEO, Refusal.WHICH_PORT)


@pytest.mark.parametrize("by_card", [True, False])
@pytest.mark.parametrize(("then", "is_new"), [("7", False), ("8", True), ("", False)])
def test_another_id_is_another_car(by_card: bool, then: str, is_new: bool) -> None:
    """Rule 15, of either id that the network may tell: a blank one says nothing."""
    day = Day(p1=None)
    for one in ("7", then):
        day.now += MINUTE
        user, credential = ("", one) if by_card else (one, "")
        seen = PortSeen(STATION, "1", Status.INUSE, load_kw=6.6, user=user, credential=credential)
        day.give(Observed(day.now, (seen, look(day.now, p2="?").ports[0])))
        if one == "7":
            first = stay_on(day).id
    assert (stay_on(day).id != first) is is_new


def test_a_turn_that_outlasts_a_strangers_car(day: Day) -> None:
    """Ana's turn goes on when it leaves, and the new post says whose it is."""
    day.see(p1="?")
    day.wait(minutes=1)
    day.free("p1")
    assert day.called == {ANA: ONE}
    last = day.heard(CHANNEL, PortPost)[-1]
    assert (last.news, last.driver) == (News.CALLED, ANA)
