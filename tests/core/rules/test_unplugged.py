"""A car that may be unplugged: rule 35 of the house."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core.answers import (
    MovesAt,
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
    PortPost,
    UnpluggedBy,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.inputs import (
    CannotUse,
    DoneMoving,
    Give,
    In,
    MayUnplug,
    MoreMinutes,
    MovingAt,
    NotYet,
    OnMyWay,
    Prefer,
    SayNeed,
    Told,
    When,
)
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from tests.core.day import ONE
from tests.core.mornings import (
    HandoverDay,
    two_wait,
)
from tests.fakes import ANA, BOB, CHANNEL, CLEO

MINUTE = timedelta(minutes=1)


@pytest.fixture
def day() -> HandoverDay:
    """Ana is on port 1; Bob and Cleo wait."""
    return two_wait()


@pytest.fixture
def done(day: HandoverDay) -> HandoverDay:
    """Ana needed 1.1 kWh and has them after ten minutes; she lets the next one unplug her."""
    day.ask(ANA, SayNeed(Need(Unit.KWH, 1.1)))
    day.ask(ANA, MayUnplug(ok=True))
    day.wait(minutes=11)
    return day


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
