"""Rule 23, kind by kind: which messages still matter as the site stands, and which don't."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core import answers as say
from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    AccessProblem,
    AdminMoved,
    AlarmRaised,
    BayBlocked,
    Called,
    CallOver,
    CapRefused,
    ChannelReminder,
    Effect,
    Foreseen,
    GivenTo,
    HowMuch,
    IsItYou,
    Lapsed,
    LineCleared,
    MeansToMove,
    News,
    NextUp,
    Nudge,
    Nudged,
    PleaseMove,
    PluggedIn,
    PortPost,
    PowerLimited,
    Promised,
    PromiseNews,
    Question,
    SightBack,
    SightLost,
    StandsIdle,
    StillThere,
    SuspensionOver,
    TurnPassed,
    Unwatched,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.inputs import Add, MovingAt, Suspend
from chalicelib.core.model import Lane, Pending
from chalicelib.core.rules.stale import current, is_too_late
from chalicelib.energy.needs import Need, Unit
from tests.core.day import ONE, TWO, Day
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, MONDAY, STATION

ZOE = "slack:T0HQ:U0ZOE"
HOUR = timedelta(hours=1)
NEED = Need(Unit.KWH, 8.0)
STAY, OTHER, TURN = 1, 2, 0  # ids; a turn's is found as it is asked
SAID, NOT = "said", "not said"


@pytest.fixture(scope="module")
def day() -> Day:
    """Ana charges on port 1 and moves at nine; Bob is called to port 2, Zoe waits; Cleo takes a
    break until ten.
    """
    day = Day(p1=ANA, p2="?")
    for driver in (BOB, ZOE, CLEO):
        day.ask(driver, Add())
    day.ask(CLEO, Suspend(2 * HOUR))
    day.free("p2")
    day.ask(ANA, MovingAt(length=timedelta(minutes=20)))
    assert day.called == {BOB: TWO}
    return day


def now(day: Day, effect: Any, to: str = CHANNEL) -> Effect | None:
    """The message as it would be said now."""
    pending = Pending(9999, Lane.CHAT, to, effect, day.now)
    return current(Draft(day.site, day.now), pending)


EVERY: list[tuple[object, str]] = [
    # answers
    (say.Removed(ANA), SAID),
    (say.Removed(BOB), NOT),
    (say.Resumed(BOB, 7), SAID),
    (say.Resumed(ANA, 7), NOT),
    (say.Added(ZOE, 7), SAID),
    (say.Added(ANA, 7), NOT),
    (say.YourPlace(ANA, 7), NOT),
    (say.Suspended(CLEO, MONDAY + 2 * HOUR), SAID),
    (say.Suspended(CLEO, MONDAY + 3 * HOUR), NOT),
    (say.Suspended(ZOE, None), NOT),
    (say.Passed(ZOE, TWO), SAID),
    (say.Passed(BOB, TWO), NOT),
    (say.MovedOn(BOB, ZOE, TWO), NOT),
    (say.NotMe(ANA, ONE), NOT),
    (say.ItsMe(ANA, ONE, STAY, offer=False), SAID),
    (say.ItsMe(BOB, ONE, STAY, offer=False), NOT),
    (say.ItsMe(ANA, ONE, 77, offer=False), NOT),
    (say.MoreTime(ANA, ONE, STAY, MONDAY), SAID),
    (say.MoreTime(ZOE, ONE, STAY, MONDAY), NOT),
    (say.MovesAt(ANA, ONE, STAY, MONDAY + HOUR, None), NOT),
    (say.HandOut(ANA, TWO), SAID),
    (say.HandOut(ANA, ONE), NOT),
    # turns and places
    (Called(BOB, TWO, 77, HOUR), NOT),
    (Called(ZOE, TWO, 77, HOUR), NOT),
    (Withdrawn(ZOE, TWO, Withdrawal.TAKEN), SAID),
    (Withdrawn(BOB, TWO, Withdrawal.TAKEN), NOT),
    (Withdrawn(ANA, TWO, Withdrawal.CLOSED), NOT),
    (Withdrawn(ANA, TWO, Withdrawal.RESET), SAID),
    (Withdrawn(ZOE, TWO, Withdrawal.RESET), NOT),
    (Withdrawn(ZOE, TWO, Withdrawal.YESTERDAY), NOT),
    (TurnPassed(ZOE, TWO, BOB), SAID),
    (TurnPassed(BOB, TWO, ZOE), NOT),
    (Lapsed(CLEO, TWO), SAID),
    (Lapsed(ZOE, TWO), NOT),
    (Lapsed(ANA, TWO), NOT),
    (StandsIdle(TWO, BOB, None), SAID),
    (StandsIdle(ONE, BOB, None), NOT),
    (StandsIdle(TWO, ZOE, None), NOT),
    (StandsIdle(TWO, None, None), NOT),  # people wait
    (IsItYou(BOB, ONE, STAY), NOT),
    (NextUp(ZOE), SAID),
    (NextUp(BOB), NOT),
    (SuspensionOver(ZOE, 7), SAID),
    (SuspensionOver(CLEO, 7), NOT),
    (SuspensionOver(ANA, 7), NOT),
    (AdminMoved(ANA, BOSS, 0), SAID),
    (AdminMoved(ZOE, BOSS, 0), NOT),
    (AdminMoved(ZOE, BOSS, 7), SAID),
    (AdminMoved(BOB, BOSS, 7), NOT),
    (GivenTo(ZOE, ANA, 7), SAID),
    (GivenTo(BOB, ANA, 7), NOT),
    (GivenTo(BOB, ANA, 7, TWO, 77), NOT),
    # ports and stays
    (PluggedIn(ANA, ONE), SAID),
    (PluggedIn(BOB, ONE), NOT),
    (PluggedIn(ANA, TWO), NOT),
    (PleaseMove(7, ONE, STAY, ChannelReminder.ASK, ANA), SAID),
    (PleaseMove(7, ONE, STAY, ChannelReminder.OVERTIME, ANA), SAID),
    (PleaseMove(7, ONE, STAY, ChannelReminder.GONE, ANA), NOT),
    (PleaseMove(7, ONE, 77, ChannelReminder.ASK, ANA), NOT),
    (StillThere(ONE, ANA), SAID),
    (StillThere(ONE, BOB), NOT),
    (StillThere(TWO, ANA), NOT),
    (BayBlocked(ONE, ANA), NOT),
    (AlarmRaised(STATION, ONE, "GFCI Trip"), NOT),
    (Nudged(ANA, ONE, STAY, Nudge.CHARGING), SAID),
    (Nudged(BOB, ONE, STAY, Nudge.CHARGING), NOT),
    (Nudged(ANA, ONE, 77, Nudge.CHARGING), NOT),
    (Nudged(ANA, ONE, STAY, Nudge.NOTICE), NOT),
    (Nudged(ANA, ONE, STAY, Nudge.OVER), NOT),
    (Nudged(ANA, ONE, STAY, Nudge.WAITING), NOT),
    (Nudged(ANA, ONE, STAY, Nudge.FULL), NOT),
    (Nudged(ANA, ONE, STAY, Nudge.NO_POWER), NOT),
    (Nudged(ANA, ONE, STAY, Nudge.MET), NOT),
    (Nudged(ANA, ONE, STAY, Nudge.USUAL), SAID),
    # needs
    (HowMuch(ANA, ONE, Question(STAY)), SAID),
    (HowMuch(BOB, ONE, Question(STAY)), NOT),
    (HowMuch(ANA, ONE, Question(77)), NOT),
    (Foreseen(ZOE, say.Expected()), SAID),
    (Foreseen(BOB, say.Expected()), NOT),
    (Foreseen(ANA, say.Expected()), NOT),
    (MeansToMove(ZOE, ANA, ONE, MONDAY), NOT),
    (MeansToMove(ZOE, BOB, ONE, None), NOT),
    (Promised(ZOE, PromiseNews.MADE, NEED, MONDAY + HOUR), SAID),
    (Promised(ZOE, PromiseNews.MADE, NEED, MONDAY), NOT),
    (Promised(ZOE, PromiseNews.BROKEN, NEED, MONDAY), SAID),
    # the house
    (SightLost(MONDAY), NOT),
    (SightBack(), SAID),
    (CapRefused(BOSS, "no"), SAID),
    (PowerLimited(((ONE, 0.5),), everywhere=False), NOT),
    (Unwatched(AccessProblem.NO_ACCESS), NOT),
]


@pytest.mark.parametrize(("effect", "then"), EVERY, ids=[repr(one)[:70] for one, _ in EVERY])
def test_does_it_matter(day: Day, effect: object, then: str) -> None:
    """What isn't so any more isn't said."""
    assert (now(day, effect) is not None) is (then == SAID)


def test_as_it_is_now(day: Day) -> None:
    """Places, times and how many wait are those of now."""
    moves = day.now + timedelta(minutes=20)
    turn = day.turn(BOB)
    assert now(day, say.Resumed(BOB, 7)) == say.Resumed(BOB, day.line.index(BOB) + 1, TWO)
    assert now(day, say.YourPlace(ZOE, 7)) == say.YourPlace(ZOE, 1)
    assert now(day, SuspensionOver(ZOE, 7)) == SuspensionOver(ZOE, 1)
    assert now(day, AdminMoved(ZOE, BOSS, 7)) == AdminMoved(ZOE, BOSS, 1)
    assert now(day, GivenTo(ZOE, ANA, 7)) == GivenTo(ZOE, ANA, 1)
    assert now(day, say.MovesAt(ANA, ONE, STAY, moves, None)) is not None
    assert now(day, MeansToMove(ZOE, ANA, ONE, moves)) is not None
    assert now(day, MeansToMove(CLEO, ANA, ONE, moves)) is None
    call = now(day, Called(BOB, TWO, turn.id, HOUR))
    assert isinstance(call, Called)
    assert call.deadline == day.now + HOUR
    assert now(day, StandsIdle(TWO, BOB, None)) == StandsIdle(TWO, BOB, turn.deadline)
    given = now(day, GivenTo(BOB, ANA, 7, TWO, turn.id))
    assert isinstance(given, GivenTo)
    assert given.deadline == turn.deadline
    assert now(day, say.Coming(BOB, TWO, 77, MONDAY)) is None
    assert now(day, say.Coming(BOB, TWO, turn.id, MONDAY)) == say.Coming(
        BOB, TWO, turn.id, turn.deadline or MONDAY
    )
    soon = PluggedIn(ANA, ONE, None, day.now + HOUR)
    assert now(day, soon) == soon
    assert now(day, PluggedIn(ANA, ONE, None, day.now)) == PluggedIn(ANA, ONE)
    nudged = now(day, Nudged(ANA, ONE, STAY, Nudge.CHARGING, waiting=7))
    assert isinstance(nudged, Nudged)
    assert nudged.waiting == 1


@pytest.mark.parametrize("effect", [LineCleared((BOB,)), Withdrawn(BOB, TWO, Withdrawal.NIGHT)])
@pytest.mark.parametrize(("seconds", "late"), [(-1, False), (0, True)])
def test_the_line_opens(day: Day, effect: Any, seconds: int, late: bool) -> None:
    """The words of the night are of no use from the moment on at which the line opens again."""
    pending = Pending(9999, Lane.CHAT, BOB, effect, MONDAY + 12 * HOUR)
    at = MONDAY + 22 * HOUR + timedelta(seconds=seconds)
    assert is_too_late(Draft(day.site, at), pending) is late


@pytest.mark.parametrize(
    ("port", "end", "then"),
    [
        (None, None, (None, None)),
        (ONE, None, (None, None)),  # another's car is there
        (TWO, None, (TWO, None)),
        (TWO, HOUR, (TWO, HOUR)),
        (TWO, timedelta(0), (TWO, None)),  # that has been
    ],
)
def test_a_call_that_is_over(
    port: str | None, end: timedelta | None, then: tuple[str | None, timedelta | None]
) -> None:
    """What is left of a call tells of the car that is there, and of an end that is ahead."""
    day = Day(p1=ANA, p2="?")
    day.ask(BOB, Add())
    day.free("p2")
    turn = day.turn(BOB).id
    day.delivers = False
    day.see(p2=BOB)
    over = CallOver(BOB, turn, port, day.now + end if end is not None else None)
    said = now(day, over)
    assert isinstance(said, CallOver)
    ends = said.end - day.now if said.end is not None else None
    assert (said.port, ends) == then
    assert now(day, CallOver(BOB, 77, port)) is None


def test_a_port_that_is_free_no_more() -> None:
    """The post says whose car is there, as far as that is known."""
    day = Day()
    day.ask(ANA, Add())
    day.free("p1")
    day.see(p1=ANA)
    post = day.site.ports[ONE].post
    assert post is not None
    free = PortPost(post, ONE, News.FREE)
    assert now(day, free) == PortPost(post, ONE, News.CHARGING, ANA)


def test_sight_that_is_lost_again() -> None:
    """Nobody hears that it is back."""
    day = Day()
    assert now(day, SightBack()) == SightBack()
    day.lose()
    assert now(day, SightBack()) is None
