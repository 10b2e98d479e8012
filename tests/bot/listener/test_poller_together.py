"""Sites are looked at beside each other: a slow one holds up nobody else."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bot.listener import poller as polling, workers
from bot.listener.poller import OUTAGE, UNDERWAY, WORKERS, StationPoller
from bot.listener.workers import Workers
from bot.networks.chargepoint import ChargePoint, ChargePointClient
from chalicelib.core.inputs import Observed
from chalicelib.core.model import Site, Stations
from chalicelib.edges import NetworkUnavailable, NoAccess
from practice.common.people import GROUP
from tests.bot.networks.chargepoint.client_kit import KEY, open_garage
from tests.fakes import STATION, World, site_of, world

POLL = timedelta(minutes=1)
PATIENCE = 10.0  # real seconds that nothing here takes


class Street:
    """A hall with more sites, some of whose networks answer only when they are let."""

    def __init__(self, sites: int) -> None:
        self.hall = world()
        for number in range(1, sites):
            self.hall.store.put(site_of(f"slack:T0HQ:C{number}", id=f"lot-{number}"))
        self.looks: Counter[str] = Counter()
        self.most = 0  # at once
        self.slow: set[str] = set()
        self.let = threading.Event()
        self.fault: Exception | None = None
        self._now = 0
        self._lock = threading.Lock()
        self._look: Callable[[Site], Observed] = self.hall.network.look
        self.hall.network.look = self._looked  # type: ignore[method-assign] # it is counted
        self.poller = StationPoller(self.hall.concierge, POLL)

    def _looked(self, site: Site) -> Observed:
        with self._lock:
            self.looks[site.id] += 1
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            if site.id in self.slow:
                assert self.let.wait(PATIENCE)
                if self.fault is not None:
                    raise self.fault
            return self._look(site)
        finally:
            with self._lock:
                self._now -= 1

    def turn(self) -> None:
        """A turn, and whatever it began at sites that aren't slow."""
        self.poller.turn()
        while any(map(self.poller._workers.is_busy, set(self.poller._due) - self.slow)):
            self.poller.wakeup.wait(0.05)
        self.poller._workers.check()

    def turn_until_quiet(self) -> None:
        """A turn, what it began, and the next turn."""
        self.poller.turn()
        self.settle()
        self.poller.turn()

    def pass_minutes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.hall.clock.advance(seconds=60)
            self.turn()

    def settle(self) -> None:
        """Let whoever is slow answer, and wait for it."""
        self.let.set()
        while self.poller._workers.is_busy():
            self.poller.wakeup.wait(0.05)


@pytest.fixture
def street(monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    """Whose poller doesn't wait for the slow in its turns."""
    monkeypatch.setattr(polling, "TOGETHER", 0.05)
    street = Street(4)
    yield street
    street.settle()


def test_a_slow_site_holds_up_nobody(street: Street) -> None:
    """While one network is silent the others' sites are looked at each minute; the silent one is
    asked once, and again when it has answered.
    """
    street.slow = {"hq"}
    street.turn()
    street.pass_minutes(3)
    assert street.looks == {"hq": 1, "lot-1": 4, "lot-2": 4, "lot-3": 4}
    street.settle()
    street.slow = set()
    street.pass_minutes(1)
    assert street.looks["hq"] == 2


def test_a_slow_outage(street: Street) -> None:
    """A network that fails after a long while is asked again soon, from then on."""
    street.slow, street.fault = {"hq"}, NetworkUnavailable()
    street.turn()
    street.pass_minutes(2)
    street.settle()
    street.slow = set()
    street.hall.clock.advance(seconds=OUTAGE.total_seconds())
    street.turn()
    assert street.looks["hq"] == 2


def test_a_hint_about_a_site_that_is_being_looked_at(street: Street) -> None:
    """It isn't lost: what happens during a look may not be in what is seen."""
    street.turn()
    street.hall.clock.advance(seconds=60)
    street.slow = {"hq"}
    street.turn()
    street.poller.hint(STATION)
    street.turn()
    before = street.looks["hq"]
    street.settle()
    street.slow = set()
    street.hall.clock.advance(seconds=5)
    street.turn()
    assert street.looks["hq"] == before + 1


def test_orders_wait_for_nobody(street: Street) -> None:
    """Nor is an order of another site held up; one of the slow site's own is given after the look."""
    given: list[str] = []
    street.hall.concierge.perform = given.append  # type: ignore[assignment] # it is noted
    street.hall.concierge.due = lambda: ["hq", "lot-1"]  # type: ignore[method-assign] # same
    street.slow = {"hq"}
    street.turn()
    street.turn()
    assert (given.count("hq"), given.count("lot-1")) == (1, 2)


def test_not_too_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few at a time, however many are due; and all get their turn."""
    monkeypatch.setattr(polling, "TOGETHER", 0.05)
    street = Street(3 * WORKERS)
    street.slow = {"hq", *(f"lot-{number}" for number in range(1, 3 * WORKERS))}
    street.poller.turn()
    while street.most < WORKERS:
        street.poller.wakeup.wait(0.05)
    assert street.looks.total() == WORKERS
    street.settle()
    assert (street.looks.total(), street.most) == (3 * WORKERS, WORKERS)
    assert UNDERWAY not in street.poller._due.values()


def test_a_removed_site_stays_away(street: Street) -> None:
    """A look that ends after its site was removed doesn't bring it back."""
    street.slow = {"lot-1"}
    street.turn()
    street.hall.store.delete("lot-1")
    street.pass_minutes(2)
    street.settle()
    assert "lot-1" not in street.poller._due


def test_a_bug_stops_the_poller(street: Street) -> None:
    """A look that breaks is a bug of ours: the turn, or the next one, raises it."""
    street.slow, street.fault = {"hq"}, ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError):
        street.turn_until_quiet()


def test_the_first_look_is_waited_for(street: Street) -> None:
    """`look_first` ends when every site that answers has been looked at."""
    turning = threading.Event()

    def turn() -> None:
        while not turning.is_set():
            street.poller.turn()

    thread = threading.Thread(target=turn)
    thread.start()
    street.poller.look_first(PATIENCE)
    assert len(street.looks) == 4
    turning.set()
    thread.join()


def test_one_wrong_password_for_all() -> None:
    """Eight sites that ask at once with a wrong password are one failed login."""
    with open_garage() as garage:
        url = garage.client._url
        network = ChargePoint(
            ChargePointClient(url, KEY, "wrong", clock=garage.clock), garage.clock
        )
        start, refused = threading.Barrier(8), []

        def look() -> None:
            start.wait()
            with pytest.raises(NoAccess) as refusal:
                network.look(Site("hq", "HQ", stations=Stations(group=GROUP)))
            refused.append(refusal.value)

        threads = [threading.Thread(target=look) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(refused), len(garage.record.asked)) == (8, 1)


class TestWorkers:
    def test_idle_threads_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Threads come as they are needed and go when they aren't."""
        monkeypatch.setattr(workers, "SPARE", 0.01)
        idle = threading.Event()
        crew = Workers(3, idle.set)
        for name in "abcdef":
            assert crew.submit(name, lambda: None)
        assert idle.wait(PATIENCE)
        while crew._threads:
            threading.Event().wait(0.01)
        idle.clear()
        assert crew.submit("a", lambda: None)
        assert idle.wait(PATIENCE)

    def test_one_thing_at_a_time_for_each_name(self) -> None:
        """A second task for a name that is busy is refused."""
        go, idle = threading.Event(), threading.Event()
        crew = Workers(2, idle.set)
        assert crew.submit("a", lambda: go.wait(PATIENCE))
        assert not crew.submit("a", lambda: None)
        assert crew.is_busy("a")
        assert not crew.is_busy("b")
        go.set()
        assert idle.wait(PATIENCE)
        assert crew.submit("a", lambda: None)


def test_world_is_quiet() -> None:
    """A turn that has nothing to do leaves nobody woken."""
    here: World = world()
    poller = StationPoller(here.concierge, POLL)
    poller.turn()
    assert not poller.wakeup.is_set()
