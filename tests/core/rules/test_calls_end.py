"""A call that is over offers nothing any more (rule 9): its message is edited, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.core import outbox
from chalicelib.core.effects import Called, CallOver
from chalicelib.core.inputs import (
    Add,
    Delivered,
    Leave,
    MayUnplug,
    Next,
    OnMyWay,
    Pass,
    Remove,
    Undeliverable,
)
from chalicelib.core.model import Lane
from chalicelib.energy.needs import Need, Unit
from tests.core.day import Day
from tests.fakes import ANA, BOB


@pytest.fixture
def day() -> Day:
    """Ana is called to port 1, Bob waits."""
    day = Day()
    for driver in (ANA, BOB):
        day.ask(driver, Add())
    day.free("p1")
    return day


@pytest.mark.parametrize(
    "ends",
    [
        lambda day: day.see(p1=ANA),
        lambda day: day.wait(minutes=16),
        lambda day: day.ask(ANA, Remove()),
        lambda day: day.ask(ANA, Pass()),
        lambda day: (day.wait(minutes=11), day.ask(BOB, Next())),
        lambda day: (day.see(p1="dark"), day.wait(minutes=4)),
    ],
    ids=["plugged in", "lapsed", "left", "passed by typing", "next", "dark"],
)
def test_however_it_ends(day: Day, ends: Callable[[Day], object]) -> None:
    """The driver's message is edited in its place, and its ref is forgotten."""
    turn = day.turn(ANA).id
    assert [(one.turn, one.to) for one in day.site.calls] == [(turn, ANA)]
    ends(day)
    assert day.edited.count((ANA, turn)) == 1
    assert turn not in [one.turn for one in day.site.calls]


def test_it_edits_that_message(day: Day) -> None:
    """The edit goes to the message that the call became."""
    (call,) = day.site.calls
    day.delivers = False
    day.ask(ANA, Remove())
    (over,) = [one for one in day.site.outbox if isinstance(one.effect, CallOver)]
    assert outbox.edits(day.site, over) == call.ref
    day.give(Delivered(over.id, call.ref))
    assert day.site.calls == ()


def test_on_my_way_keeps_it(day: Day) -> None:
    """The click is answered in its place; the buttons there go when the turn is over."""
    turn = day.turn(ANA).id
    day.ask(ANA, OnMyWay(turn))
    assert day.edited == []
    day.see(p1=ANA)
    assert day.edited == [(ANA, turn)]


@pytest.mark.parametrize("wish", [Pass, Leave])
def test_a_click_that_ends_it(day: Day, wish: type[Pass | Leave]) -> None:
    """Its answer takes the place of the call, and isn't edited away."""
    day.ask(ANA, wish(day.turn(ANA).id))
    day.wait(minutes=1)
    assert (ANA, CallOver) not in [(to, type(effect)) for to, effect in day.told]
    assert day.edited == []
    assert ANA not in [one.to for one in day.site.calls]


def test_where_nothing_can_be_edited(day: Day) -> None:
    """A platform that gives no ref, such as HipChat, hears of no edit."""
    day.delivers = False
    day.ask(ANA, Remove())
    for pending in outbox.heads(day.site, Lane.CHAT):
        if isinstance(pending.effect, Called):
            day.give(Delivered(pending.id, ""))
    assert BOB not in [one.to for one in day.site.calls]


def test_an_edit_that_is_refused(day: Day) -> None:
    """Nobody misses it: no admin hears of it, and it isn't tried again."""
    day.delivers = False
    day.ask(ANA, Remove())
    (over,) = [one for one in day.site.outbox if isinstance(one.effect, CallOver)]
    day.give(Undeliverable(over.id, "channel_not_found"))
    assert day.site.refused == {}
    assert day.site.calls == ()
    assert not any(isinstance(one.effect, CallOver) for one in day.site.outbox)


def test_it_says_how_long_they_have() -> None:
    """Who has said in line what they need, and before whether their car may be unplugged, has no
    question to answer: in its place they read until when the port is theirs.
    """
    day = Day(p1=ANA)
    day.ask(ANA, MayUnplug(ok=False))
    day.see(p1=None)
    day.see(p1="?")
    day.ask(ANA, Add(Need(Unit.MINUTES, 90)))
    day.free("p1")
    day.delivers = False
    day.see(p1=ANA)
    (over,) = [one.effect for one in day.site.outbox if isinstance(one.effect, CallOver)]
    assert over.end == day.now + timedelta(minutes=90)
