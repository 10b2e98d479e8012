"""What events do to the poller: a look at once, once for a burst; and polling goes on."""

from __future__ import annotations

import itertools
import threading
from datetime import timedelta

import pytest

from bot.listener.poller import GAP, MOST_HINTS, OUTAGE, StationPoller
from chalicelib.core.inputs import Observed
from chalicelib.core.model import Site
from chalicelib.edges import NetworkRefused, NetworkUnavailable
from tests.fakes import STATION, World, world

POLL = timedelta(seconds=60)


def polling(here: World) -> StationPoller:
    """A poller that has had its first look."""
    poller = StationPoller(here.concierge, POLL)
    poller.turn()
    here.clock.advance(seconds=10)
    here.network.looks = 0
    return poller


def turn(poller: StationPoller, here: World, seconds: float) -> int:
    """Let so many seconds pass in small steps; how many looks there were."""
    before = here.network.looks
    for _ in range(int(seconds * 10)):
        poller.turn()
        here.clock.advance(seconds=0.1)
    return here.network.looks - before


def test_a_hint_is_a_look_at_once() -> None:
    """At the sites of that station, and nowhere else; and the waiting thread is woken."""
    here = world()
    poller = polling(here)
    poller.hint("1:999999")
    poller.turn()
    assert here.network.looks == 0
    assert not poller.wakeup.is_set()
    poller.hint(STATION)
    assert poller.wakeup.is_set()
    poller.turn()
    assert here.network.looks == 1


def test_a_burst_costs_one_look() -> None:
    """A hundred hints are one look, and those that come while it is fresh one more."""
    here = world()
    poller = polling(here)
    for _ in range(100):
        poller.hint(STATION)
    assert turn(poller, here, 1) == 1
    for _ in range(100):
        poller.hint(STATION)
    assert turn(poller, here, 0.5) == 0
    assert turn(poller, here, GAP.total_seconds() + 5) == 1


def test_a_hint_just_after_a_poll_is_not_kept_waiting() -> None:
    """A burst's gap is one between looks that hints asked for."""
    here = world()
    poller = polling(here)
    assert turn(poller, here, 50.1) == 1  # the poll
    poller.hint(STATION)
    assert turn(poller, here, 0.1) == 1
    poller.hint(STATION)
    assert turn(poller, here, 1.5) == 0
    assert turn(poller, here, 1) == 1


def test_a_hint_during_a_look_is_not_lost() -> None:
    """What happens while we look may not be in what we see."""
    here = world()
    poller = polling(here)
    real = here.network.look

    def slowly(site: Site) -> Observed:
        here.network.look = real  # type: ignore[method-assign]  # once
        poller.hint(STATION)
        return real(site)

    here.network.look = slowly  # type: ignore[method-assign]  # same
    poller.hint(STATION)
    assert turn(poller, here, GAP.total_seconds() + 1) == 2


def test_a_connection_is_a_look_everywhere() -> None:
    """So is a flood of hints, which takes no more room than that."""
    here = world()
    poller = polling(here)
    poller.look_everywhere()
    assert turn(poller, here, 1) == 1
    here.clock.advance(seconds=5)
    for n in range(10 * MOST_HINTS):
        poller.hint(f"2:{n}")
    assert len(poller._hinted) <= MOST_HINTS + 1
    assert turn(poller, here, 1) == 1


def test_polling_goes_on_without_hints() -> None:
    """One look a minute."""
    here = world()
    poller = polling(here)
    assert turn(poller, here, 120) == 2


def test_an_outage_is_looked_at_more_often() -> None:
    """A network that doesn't answer is asked again soon, so that its return is noticed; a hint
    that it swallowed is made good by then, and the old pace comes back with it.
    """
    here = world()
    poller = polling(here)
    here.network.fault = NetworkUnavailable()
    poller.hint(STATION)
    assert turn(poller, here, 60) == 6
    here.network.fault = None
    assert turn(poller, here, OUTAGE.total_seconds()) == 1
    assert turn(poller, here, 50) == 0


def test_a_refusal_is_not_looked_at_more_often() -> None:
    """A wrong password doesn't get better by being sent again."""
    here = world()
    poller = polling(here)
    here.network.fault = NetworkRefused()
    poller.hint(STATION)
    assert turn(poller, here, 50) == 1


@pytest.mark.parametrize(("poll", "pause"), [(60, 30), (20, 15), (10, 10)])
def test_polling_is_faster_without_the_feed(poll: int, pause: int) -> None:
    """Twice as often while a wanted feed is lost, but not more often than makes sense."""
    here, heard, looked = world(), False, list[int]()
    poller = StationPoller(here.concierge, timedelta(seconds=poll))
    poller.hears = lambda: heard
    for second in range(20 * poll):
        before, heard = here.network.looks, second > 10 * poll
        poller.turn()
        looked += [second] * (here.network.looks - before)
        here.clock.advance(seconds=1)
    gaps = [later - earlier for earlier, later in itertools.pairwise(looked)]
    assert set(gaps[3:8]) == {pause}
    assert set(gaps[-5:]) == {poll}


def test_changes_between_looks_are_counted() -> None:
    """Cars that come or go; ports that go dark, and first sights, are no changes."""
    here = world()
    counts: list[int] = []
    poller = StationPoller(here.concierge, POLL)
    poller.changed = counts.append
    here.network.ports = {"p1": None, "p2": "?", "p3": "dark"}
    for ports in (
        {"p1": None, "p2": "?", "p3": "dark"},
        {"p1": "?", "p2": None, "p3": None},
        {"p1": "?", "p2": "dark", "p3": None},
    ):
        here.network.ports = dict(ports)
        poller.look_everywhere()
        poller.turn()
        here.clock.advance(seconds=10)
    assert counts == [0, 2, 0]


def test_hints_come_from_any_thread() -> None:
    """Hints and looks at the same time: every hint is followed by a look."""
    here = world()
    poller = polling(here)

    def hint() -> None:
        for _ in range(5000):
            poller.hint(STATION)

    hinting = threading.Thread(target=hint)
    hinting.start()
    while hinting.is_alive():
        turn(poller, here, 1)
    poller.hint(STATION)
    assert turn(poller, here, GAP.total_seconds() + 0.2) >= 1
