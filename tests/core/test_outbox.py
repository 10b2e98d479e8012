"""The outbox: what waits in which lane, and when it may be tried."""

from __future__ import annotations

from chalicelib.core import outbox
from chalicelib.core.inputs import Add
from chalicelib.core.model import Lane
from tests.core.day import Day
from tests.fakes import ANA, BOB


def test_each_lane_has_its_own_time() -> None:
    """What is to be said waits for its platform; what is to be kept doesn't, and the other way."""
    day = Day(p1=ANA)
    day.delivers = False
    day.see(p1=None)
    left = day.now
    assert outbox.next_attempt(day.site, Lane.CHAT) is None
    day.ask(BOB, Add())
    day.wait(seconds=20)
    day.see()
    assert outbox.next_attempt(day.site, Lane.LOG) == left
    assert outbox.next_attempt(day.site, Lane.CHAT) == day.now
    assert outbox.next_attempt(day.site, Lane.NETWORK) is None
