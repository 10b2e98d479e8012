"""Hand-over: rules 34 to 36 of the house."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import outbox
from chalicelib.core.answers import (
    Gave,
    MovesAt,
    Moving,
    PortBarred,
    Refusal,
    Refused,
    StaysYet,
    UnplugNoted,
    Whenever,
)
from chalicelib.core.effects import (
    Called,
    GivenTo,
    Lapsed,
    MeansToMove,
    News,
    NextUp,
    PortPost,
    UnpluggedBy,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    CannotUse,
    CanUse,
    DoneMoving,
    Give,
    In,
    MayUnplug,
    MoreMinutes,
    MovingAt,
    NotYet,
    OnMyWay,
    Pass,
    Prefer,
    SayNeed,
    Suspend,
    Told,
    When,
    Wish,
)
from chalicelib.core.model import Stay
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE, TWO, PowerDay
from tests.fakes import ANA, BOB, CHANNEL, CLEO

MINUTE = timedelta(minutes=1)


class HandoverDay(PowerDay):
    """What is said of port 1."""

    @property
    def stay(self) -> Stay:
        stay = self.site.ports[ONE].stay
        assert stay is not None
        return stay

    def refused(self, driver: str, wish: Wish) -> Refusal:
        answer = self.ask(driver, wish)
        assert isinstance(answer, Refused)
        return answer.why


@pytest.fixture
def day() -> HandoverDay:
    """At 8:00 Ana is on port 1, a stranger on port 2, and Bob and Cleo wait."""
    day = HandoverDay(p1=ANA)
    day.ask(BOB, Add())
    day.ask(CLEO, Add())
    return day


@pytest.fixture
def done(day: HandoverDay) -> HandoverDay:
    """Ana needed 1.1 kWh and has them after ten minutes; she lets the next one unplug her."""
    day.ask(ANA, SayNeed(Need(Unit.KWH, 1.1)))
    day.ask(ANA, MayUnplug(ok=True))
    day.wait(minutes=11)
    return day


class TestRule34Moving:
    def test_the_next_hears_it(self, day: HandoverDay) -> None:
        """`moving at 8:20` tells the next in line, without a turn."""
        at = day.now + 20 * MINUTE
        answer = day.ask(ANA, MovingAt(ClockTime(8, 20, exact=True)))
        assert answer == MovesAt(ANA, ONE, day.stay.id, at, BOB)
        assert day.heard(BOB, MeansToMove) == [MeansToMove(BOB, ANA, ONE, at)]
        assert day.heard(CLEO, MeansToMove) == []
        assert day.called == {}

    def test_not_yet(self, day: HandoverDay) -> None:
        """*Not yet* takes it back, and the next hears that, too."""
        day.ask(ANA, MovingAt(length=10 * MINUTE))
        assert day.ask(ANA, NotYet()) == StaysYet(ANA, ONE, BOB)
        assert day.heard(BOB, MeansToMove)[-1].at is None
        assert day.refused(ANA, NotYet()) is Refusal.NOT_MOVING

    def test_half_an_hour_at_most(self, day: HandoverDay) -> None:
        """No further ahead, and not in the past."""
        assert day.refused(ANA, MovingAt(length=31 * MINUTE)) is Refusal.MOVES_TOO_FAR
        assert day.refused(ANA, MovingAt(ClockTime(7, exact=True))) is Refusal.PAST

    def test_once_a_stay(self, day: HandoverDay) -> None:
        """Who said so and stayed is not believed again."""
        day.ask(ANA, MovingAt(length=10 * MINUTE))
        assert isinstance(day.ask(ANA, MovingAt(length=20 * MINUTE)), MovesAt)
        day.wait(minutes=36)
        assert day.stay.moving_at is None
        assert day.refused(ANA, MovingAt(length=10 * MINUTE)) is Refusal.MOVED_ONCE

    def test_pressed_twice(self, day: HandoverDay) -> None:
        """She is thanked each time; the next hears it once."""
        for _ in range(3):
            assert day.ask(ANA, DoneMoving()) == Moving(ANA, ONE)
            day.wait(seconds=30)
        assert len(day.heard(BOB, MeansToMove)) == 1

    def test_moving_again_after_not_yet(self, day: HandoverDay) -> None:
        """She is thanked, and hears that it is believed once; then nothing is left to take back."""
        assert day.ask(ANA, DoneMoving()) == Moving(ANA, ONE)
        day.ask(ANA, NotYet())
        assert day.ask(ANA, DoneMoving()) == Moving(ANA, ONE, again=True)
        assert day.refused(ANA, NotYet()) is Refusal.NOT_MOVING

    def test_nobody_there(self, day: HandoverDay) -> None:
        """Who has no car on a port has none to move."""
        assert day.refused(BOB, MovingAt()) is Refusal.NOBODY_THERE
        assert day.refused(BOB, NotYet()) is Refusal.NOBODY_THERE


class TestOneMessageAboutAPlace:
    def test_edited_as_things_go_on(self, day: HandoverDay) -> None:
        """Who knows that they are next reads in that message who moves: an edit makes no sound."""
        day.free("p2")
        day.see(p2=BOB)
        assert day.heard(CLEO, NextUp)
        ref = day.site.posts[f"{day.entry(CLEO).word}@{CLEO}"]
        day.delivers = False
        day.ask(ANA, DoneMoving())
        (pending,) = [one for one in day.site.outbox if isinstance(one.effect, MeansToMove)]
        assert pending.to == CLEO
        assert outbox.edits(day.site, pending) == ref

    def test_forgotten_with_the_place(self, day: HandoverDay) -> None:
        """Nothing of it is kept once they are out of the line."""
        day.ask(ANA, DoneMoving())
        assert any(key.endswith(BOB) for key in day.site.posts)
        day.free("p1", "p2")
        day.see(p1=BOB)
        day.free("p1")
        assert not any(key.endswith(BOB) for key in day.site.posts)


class TestRule35Unplugged:
    def test_called_to_a_car_that_is_done(self, done: HandoverDay) -> None:
        """The port counts as free for calls, and the call says what is there."""
        assert done.called == {BOB: ONE}
        (call,) = done.calls(BOB)
        assert call.unplug == ANA

    @pytest.mark.parametrize("said", [None, False])
    def test_never_unasked(self, day: HandoverDay, said: bool | None) -> None:
        """Not where the answer is no or unknown."""
        day.ask(ANA, SayNeed(Need(Unit.KWH, 1.1)))
        if said is not None:
            day.ask(ANA, MayUnplug(ok=said))
        day.wait(minutes=40)
        assert day.called == {}

    def test_only_who_is_done(self, day: HandoverDay) -> None:
        """A car that is merely past its time keeps its plug."""
        day.ask(ANA, MayUnplug(ok=True))
        day.wait(hours=4)
        assert day.called == {}

    def test_full_is_done(self, day: HandoverDay) -> None:
        """So is a car that has looked full, without a word of need."""
        day.ask(ANA, MayUnplug(ok=True))
        day.kw = 0.0
        day.wait(minutes=12)
        assert day.called == {BOB: ONE}

    def test_a_car_changes_places(self, done: HandoverDay) -> None:
        """Bob plugs in: he is off the line, and Ana is told who has the port."""
        done.ask(BOB, OnMyWay())
        done.see(p1=BOB)
        assert done.line == [CLEO]
        assert done.stay.driver == BOB
        assert done.heard(ANA, UnpluggedBy) == [UnpluggedBy(ANA, ONE, BOB)]

    def test_by_hand(self, done: HandoverDay) -> None:
        """Where the network doesn't tell, `in 1` of who is called says it."""
        done.ask(BOB, In("1"))
        assert done.stay.driver == BOB
        assert done.heard(ANA, UnpluggedBy) == [UnpluggedBy(ANA, ONE, BOB)]

    def test_withdrawn_while_the_next_is_walking(self, done: HandoverDay) -> None:
        """Ana says no: Bob hears it at once, and keeps his place."""
        done.ask(BOB, OnMyWay())
        assert done.ask(ANA, MayUnplug(ok=False)) == UnplugNoted(ANA, ok=False, holder=BOB)
        assert done.called == {}
        assert done.line == [BOB, CLEO]
        assert done.heard(BOB, Withdrawn) == [Withdrawn(BOB, ONE, Withdrawal.KEPT, ANA)]
        last = done.heard(CHANNEL, PortPost)[-1]
        assert (last.port, last.news, last.driver) == (ONE, News.CHARGING, ANA)

    def test_more_is_needed_after_all(self, done: HandoverDay) -> None:
        """A need that is raised makes the car not done: the call is taken back, in those words."""
        done.ask(ANA, SayNeed(Need(Unit.KWH, 5)))
        assert done.called == {}
        assert done.heard(BOB, Withdrawn) == [Withdrawn(BOB, ONE, Withdrawal.NOT_DONE, ANA)]

    def test_minutes_more(self, done: HandoverDay) -> None:
        """*20 more minutes* takes the call back, too, and nobody is called until they are over."""
        done.ask(ANA, MoreMinutes())
        assert done.called == {}
        assert done.heard(BOB, Withdrawn) == [Withdrawn(BOB, ONE, Withdrawal.KEPT, ANA)]
        done.wait(minutes=19)
        assert done.called == {}
        done.wait(minutes=3)
        assert done.called == {BOB: ONE}

    def test_minutes_more_are_foreseen(self, done: HandoverDay) -> None:
        """They are the end of the stay, for who waits, too."""
        done.ask(ANA, MoreMinutes())
        told = done.ask(BOB, When())
        assert isinstance(told, Whenever)
        assert told.expected.at is not None
        assert told.expected.at <= done.now + 40 * MINUTE

    def test_given_on(self, done: HandoverDay) -> None:
        """Who is given such a call hears of the car, and the post doesn't call the port free."""
        done.ask(BOB, Give("@cleo"))
        assert done.called == {CLEO: ONE}
        assert done.heard(CHANNEL, PortPost)[-1].news is News.UNPLUGGABLE
        (given,) = done.heard(CLEO, GivenTo)
        assert "may be unplugged" in words(given, done.site, SlackMarkup()).text

    @pytest.mark.parametrize("coming", [False, True])
    def test_a_given_turn_can_be_answered_like_a_call(
        self, day: HandoverDay, *, coming: bool
    ) -> None:
        """With the same buttons; but who gave it may have said that they were on the way."""
        day.free("p1")
        if coming:
            day.ask(BOB, OnMyWay())
        (call,) = day.calls(BOB)
        day.ask(BOB, Give("@cleo"))
        (given,) = day.heard(CLEO, GivenTo)
        offered = [one.action for one in words(call, day.site, SlackMarkup()).buttons]
        if coming:
            offered.remove("on_my_way")
        assert [one.action for one in words(given, day.site, SlackMarkup()).buttons] == offered
        day.ask(CLEO, CannotUse(given.turn))
        assert day.called == {}

    def test_the_post_names_whose_car_it_is(self, done: HandoverDay) -> None:
        """A call that is taken back leaves a known car on the port."""
        done.ask(ANA, MayUnplug(ok=False))
        assert [
            one.driver for one in done.heard(CHANNEL, PortPost) if one.news is News.CHARGING
        ] == [ANA]

    def test_who_is_called_hears_that_she_moves(self, done: HandoverDay) -> None:
        """Bob, whose call is taken back by it, is still the next: he hears it, not Cleo."""
        answer = done.ask(ANA, MovingAt(length=20 * MINUTE))
        assert isinstance(answer, MovesAt)
        assert answer.told == BOB
        assert done.heard(CLEO, MeansToMove) == []
        assert [one.called for one in done.heard(BOB, MeansToMove)] == [True]
        assert done.heard(BOB, Withdrawn) == [], "one word says both, and that it is moving"

    def test_moving_where_quiet_is_wanted(self, done: HandoverDay) -> None:
        """The word that a call is off is no courtesy."""
        done.ask(BOB, Prefer(told=Told.QUIET))
        done.ask(ANA, DoneMoving())
        assert [one.called for one in done.heard(BOB, MeansToMove)] == [True]

    def test_moving_after_hours(self, done: HandoverDay) -> None:
        """Whose call ends by it hears that at any hour; the next in line doesn't."""
        done.site = replace(done.site, policy=replace(done.site.policy, speaks_until=time(8, 11)))
        done.ask(ANA, DoneMoving())
        assert done.called == {}
        assert [one.called for one in done.heard(BOB, MeansToMove)] == [True]

    def test_not_yet_and_the_next_is_called(self, done: HandoverDay) -> None:
        """A car that is done and may be unplugged: *not yet* calls the next, and says so."""
        done.ask(ANA, DoneMoving())
        assert done.ask(ANA, NotYet()) == StaysYet(ANA, ONE, None, BOB)
        assert done.called == {BOB: ONE}
        assert [one.at is None for one in done.heard(BOB, MeansToMove)] == [False]

    def test_no_without_sight(self, done: HandoverDay) -> None:
        """Ana's no ends the call though the chargers can't be seen: it is hers to say."""
        done.lose()
        assert done.called == {BOB: ONE}
        assert done.ask(ANA, MayUnplug(ok=False)) == UnplugNoted(ANA, ok=False, holder=BOB)
        assert done.called == {}
        assert len(done.heard(BOB, Withdrawn)) == 1

    def test_she_drives_off(self, done: HandoverDay) -> None:
        """Then the port is free, and Bob's turn is what it was."""
        turn = done.turn(BOB)
        done.free("p1")
        assert done.turn(BOB).id == turn.id

    def test_she_drives_off_as_he_comes(self, done: HandoverDay) -> None:
        """The post goes on saying that he is on his way."""
        done.ask(BOB, OnMyWay())
        done.free("p1")
        assert [one.news for one in done.heard(CHANNEL, PortPost)][-1] is News.COMING

    def test_not_while_she_moves(self, day: HandoverDay) -> None:
        """Who means to move isn't unplugged before that."""
        day.ask(ANA, MayUnplug(ok=True))
        day.ask(ANA, SayNeed(Need(Unit.KWH, 1.1)))
        day.ask(ANA, MovingAt(length=20 * MINUTE))
        day.wait(minutes=15)
        assert day.called == {}

    def test_a_missed_turn(self, done: HandoverDay) -> None:
        """It goes on to the next like any other."""
        done.wait(minutes=16)
        assert done.called == {CLEO: ONE}
        assert done.heard(BOB, Lapsed) == [Lapsed(BOB, ONE)]

    def test_a_port_that_goes_dark(self, done: HandoverDay) -> None:
        """The turn is taken back, as ever."""
        done.see(p1="dark")
        done.wait(minutes=4)
        assert done.called == {}
        assert done.heard(BOB, Withdrawn)[-1].why is Withdrawal.DARK

    def test_nobody_is_called_to_their_own(self, day: HandoverDay) -> None:
        """A car is not unplugged for its own driver."""
        day.ask(ANA, MayUnplug(ok=True))
        assert all(call.driver != ANA for call in day.heard(ANA, Called))


class TestRule36Give:
    def test_a_place(self, day: HandoverDay) -> None:
        """Bob gives his place to Cleo, who stands behind him: he is out, she is first."""
        assert day.ask(BOB, Give("@cleo")) == Gave(BOB, CLEO, 1)
        assert day.line == [CLEO]
        assert day.heard(CLEO, GivenTo) == [GivenTo(CLEO, BOB, 1)]

    def test_a_turn(self, day: HandoverDay) -> None:
        """A running clock runs on."""
        day.free("p1")
        turn = day.turn(BOB)
        assert day.ask(BOB, Give("@cleo")) == Gave(BOB, CLEO, 1, ONE)
        assert day.turn(CLEO) == turn
        (word,) = day.heard(CLEO, GivenTo)
        assert (word.turn, word.deadline) == (turn.id, turn.deadline)
        day.wait(minutes=3)
        day.see(p1=CLEO)
        assert day.line == []

    def test_nonsense(self, day: HandoverDay) -> None:
        """To oneself, to a stranger, to who is charging, without a place, to who is called."""
        assert day.refused(BOB, Give("@bob")) is Refusal.OWN_PLACE
        assert day.refused(BOB, Give("@nobody")) is Refusal.WHO
        assert day.refused(BOB, Give("@ana")) is Refusal.ON_A_PORT
        assert day.refused(ANA, Give("@bob")) is Refusal.NOT_IN_LINE
        day.free("p1")
        assert day.refused(CLEO, Give("@bob")) is Refusal.NOT_FOR_THEM

    def test_a_place_further_back(self, day: HandoverDay) -> None:
        """Nobody is put further back by a gift."""
        assert day.refused(CLEO, Give("@bob")) is Refusal.NO_GAIN
        assert day.line == [BOB, CLEO]

    def test_a_turn_to_who_cannot_come(self, day: HandoverDay) -> None:
        """A turn isn't given to somebody suspended."""
        day.ask(CLEO, Suspend())
        day.free("p1")
        assert day.refused(BOB, Give("@cleo")) is Refusal.NOT_FOR_THEM

    def test_two_crossing(self, day: HandoverDay) -> None:
        """Both give to each other: the first is done, the second has a place to keep."""
        day.ask(BOB, Give("@cleo"))
        assert day.refused(CLEO, Give("@bob")) is Refusal.NOT_IN_LINE
        assert day.line == [CLEO]


class TestRule36CannotUse:
    def test_passes_without_a_mark(self, day: HandoverDay) -> None:
        """Bob can't use port 1: Cleo is called there, he keeps his place for port 2."""
        day.free("p1")
        assert day.ask(BOB, CannotUse()) == PortBarred(BOB, ONE, ok=False)
        assert day.called == {CLEO: ONE}
        assert day.entry(BOB).is_waiting
        day.free("p2")
        assert day.called == {BOB: TWO, CLEO: ONE}

    def test_taken_back(self, day: HandoverDay) -> None:
        """`can use 1`."""
        day.free("p1")
        day.ask(BOB, CannotUse())
        day.ask(CLEO, Pass())
        assert day.called == {}
        assert day.ask(BOB, CanUse("1")) == PortBarred(BOB, ONE, ok=True)
        assert day.called == {BOB: ONE}

    def test_no_such_port(self, day: HandoverDay) -> None:
        """What can't be found can't be used again."""
        answer = day.ask(BOB, CanUse("9"))
        assert answer == Refused(BOB, Refusal.NO_SUCH_PORT, other="9")

    def test_no_port_left(self, day: HandoverDay) -> None:
        """Who can use none is told so."""
        day.free("p1", "p2")
        day.ask(BOB, CannotUse())
        answer = day.ask(BOB, CannotUse())
        assert isinstance(answer, PortBarred | Refused)

    def test_not_called(self, day: HandoverDay) -> None:
        """It is an answer to a call."""
        assert day.refused(CLEO, CannotUse()) is Refusal.NOT_CALLED
        assert day.refused(CLEO, CannotUse(port="9")) is Refusal.NO_SUCH_PORT

    def test_said_before_any_call(self, day: HandoverDay) -> None:
        """`can't use 1` is remembered without one, and leaves a call to another port alone."""
        assert day.ask(BOB, CannotUse(port="1")) == PortBarred(BOB, ONE, ok=False)
        day.free("p2")
        assert day.ask(BOB, CannotUse(port="1")) == PortBarred(BOB, ONE, ok=False)
        day.free("p1")
        assert day.called == {BOB: TWO, CLEO: ONE}

    def test_of_whom_it_is_said(self, day: HandoverDay) -> None:
        """Only who stands in line keeps a place by it."""
        for driver, keeps in ((CLEO, True), (ANA, False)):
            answer = day.ask(driver, CannotUse(port="2"))
            assert answer is not None
            text = words(answer, day.site, SlackMarkup()).text
            assert ("you keep your place" in text) is keeps
        assert day.refused(CLEO, CanUse("9")) is Refusal.NO_SUCH_PORT
