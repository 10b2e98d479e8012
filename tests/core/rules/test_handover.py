"""Hand-over: rules 34 to 36 of the house."""

from __future__ import annotations

from datetime import timedelta

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
)
from chalicelib.core.effects import (
    GivenTo,
    MeansToMove,
    NextUp,
)
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    CannotUse,
    CanUse,
    DoneMoving,
    Give,
    MovingAt,
    NotYet,
    Pass,
    Suspend,
)
from tests.core.day import ONE, TWO
from tests.core.mornings import (
    HandoverDay,
    two_wait,
)
from tests.fakes import ANA, BOB, CLEO

MINUTE = timedelta(minutes=1)


@pytest.fixture
def day() -> HandoverDay:
    """Ana is on port 1; Bob and Cleo wait."""
    return two_wait()


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
