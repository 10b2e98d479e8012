"""The week's report through the outbox: the log is read when its time has come, and once."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from chalicelib.concierge import Concierge
from chalicelib.core.effects import MakeReport, WeeklyReport
from chalicelib.core.inputs import Claimed
from chalicelib.core.model import Policy, Weekly
from chalicelib.core.stays import FinishedStay
from chalicelib.values import replace
from tests.fakes import ANA, CHANNEL, World, site_of, world

HOUR = timedelta(hours=1)
AT_NINE = Policy(report=Weekly(0, time(9)))  # a Monday: the clock shows 8:00


@pytest.fixture
def hall() -> World:
    hall = world(replace(site_of(), policy=AT_NINE))
    now = hall.clock.now()
    hall.stays.add("hq", FinishedStay(1, "1:1/1", now - 70 * HOUR, now - 68 * HOUR, ANA, 7.5), 90 * 24 * HOUR)  # fmt: skip
    hall.concierge.wake("hq")  # switched on: from now on there is a next time
    return hall


def reports(hall: World) -> list[WeeklyReport]:
    return [one for one in hall.messenger.said(CHANNEL) if isinstance(one, WeeklyReport)]


def ordered(hall: World) -> bool:
    return any(isinstance(one.effect, MakeReport) for one in hall.site().outbox)


def test_at_its_time(hall: World) -> None:
    """Not before; then once, with what the log says."""
    hall.clock.advance(minutes=59)
    hall.concierge.wake("hq")
    assert reports(hall) == []
    for _ in range(3):
        hall.clock.advance(minutes=1)
        hall.concierge.wake("hq")
    (report,) = reports(hall)
    assert (report.card.cars, report.card.kwh) == (1, 7.5)
    assert not ordered(hall)


def test_the_log_is_down(hall: World) -> None:
    """It waits, and comes when the log is back."""
    hall.stays.down = True
    hall.clock.advance(hours=1)
    hall.concierge.wake("hq")
    assert ordered(hall)
    hall.stays.down = False
    hall.clock.advance(minutes=5)
    hall.concierge.wake("hq")
    assert len(reports(hall)) == 1


def test_killed_while_reading(hall: World) -> None:
    """Whoever takes over reads the log; the channel hears it once."""
    hall.clock.advance(hours=1)
    hall.concierge.tick("hq")
    (pending,) = hall.site().outbox
    hall.concierge.handle("hq", Claimed(pending.id, hall.clock.now() + timedelta(seconds=30)))
    hall.concierge.deliver("hq")
    assert reports(hall) == []
    hall.clock.advance(seconds=31)
    hall.concierge.wake("hq")
    hall.concierge.wake("hq")
    assert len(reports(hall)) == 1


def test_a_restart(hall: World) -> None:
    """Another process goes on where the first one stopped."""
    hall.clock.advance(hours=1)
    hall.concierge.tick("hq")
    other = Concierge(hall.store, {"slack": hall.messenger}, hall.clock, stays=hall.stays)
    for _ in range(3):
        other.wake("hq")
    assert len(reports(hall)) == 1


def test_nothing_happened(hall: World) -> None:
    """A week later nothing is said, as there were no cars."""
    for _ in range(2):
        hall.clock.advance(days=7, hours=1)
        hall.concierge.wake("hq")
    assert len(reports(hall)) <= 1
    before = len(reports(hall))
    hall.clock.advance(days=7)
    hall.concierge.wake("hq")
    assert len(reports(hall)) == before


def test_nobody_keeps_a_log(hall: World) -> None:
    """Then there is nothing to tell, and nothing piles up."""
    hall.clock.advance(hours=1)
    Concierge(hall.store, {"slack": hall.messenger}, hall.clock).wake("hq")
    assert reports(hall) == []
    assert not ordered(hall)
