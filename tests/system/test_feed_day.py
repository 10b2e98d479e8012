"""The whole path: an event is published, the chargers are looked at, the site knows."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.listener.event_feed import EventFeedService, trust
from bot.listener.lease import Lease
from bot.listener.poller import StationPoller
from bot.listener.run import Supervisor
from bot.networks.chargepoint import ChargePoint, ChargePointClient
from bot.networks.chargepoint.subscription import Subscription
from bot.networks.chargepoint.xmpp import Account
from chalicelib.clock import SystemClock
from chalicelib.concierge import Concierge
from chalicelib.core.model import Port, Stations
from chalicelib.settings import BadSettings
from chalicelib.stores.sqlite import SQLiteStore
from practice.carpark import CarPark
from practice.chargepoint.event_feed import Publisher
from practice.chargepoint.prosody import Prosody
from practice.common.people import BY_NAME, GROUP
from practice.common.proxy import StallingProxy
from practice.world import world
from tests.bot.networks.chargepoint.client_kit import KEY, PASSWORD, serving, stand_in
from tests.bot.networks.chargepoint.feed_kit import (
    HEALED,
    HURRY,
    KEY as FEED_KEY,
    NOTICED,
    PASSWORD as FEED_PASSWORD,
    SLACK,
    need_prosody,
    server,
)
from tests.fakes import FakeMessenger, site_of, world as world_of_fakes
from tests.waiting import within

NEVER = timedelta(days=1)  # so long that no poll helps
ANA, BOB = BY_NAME["ana"], BY_NAME["bob"]


@dataclass
class Listener:
    """All of a listener but its process: real SOAP, real XMPP, a real store, no polls."""

    carpark: CarPark
    there: Prosody
    path: StallingProxy
    publisher: Publisher
    event_feed: EventFeedService
    store: SQLiteStore
    supervisor: Supervisor

    def ports(self) -> list[Port]:
        site = self.store.load("hq")
        assert site is not None
        return [site.ports[key] for key in sorted(site.ports)]

    def user(self, which: int) -> str:
        stay = self.ports()[which].stay
        return stay.user if stay is not None else ""

    def agrees(self) -> bool:
        """What is stored is what is there."""
        real = [port.status for port in self.carpark.ports()]
        return [port.status for port in self.ports()] == real

    def toggle(self, which: int) -> None:
        """A car comes to this port, or leaves it."""
        port = self.carpark.ports()[which]
        if port.session:
            self.carpark.unplug(port.station, port.number)
        else:
            self.carpark.plug(port.station, port.number, ANA)


@contextmanager
def listener(folder: Path) -> Iterator[Listener]:
    with ExitStack() as stack:
        there = stack.enter_context(server())
        path = stack.enter_context(StallingProxy(there.port))
        clock, carpark = SystemClock(), CarPark(SystemClock())
        station = stand_in(carpark)
        url = stack.enter_context(serving(station))
        publisher = stack.enter_context(Publisher(carpark, station.subscriptions, there, FEED_KEY))
        store = SQLiteStore(str(folder / "store.sqlite"))
        store.save(site_of(stations=Stations(group=GROUP)), None)
        network = ChargePoint(ChargePointClient(url, KEY, PASSWORD), clock)
        poller = StationPoller(Concierge(store, {"slack": FakeMessenger()}, clock, network), NEVER)
        account = Account("127.0.0.1", path.port, FEED_KEY, FEED_PASSWORD, domain=there.domain, trust=ssl.create_default_context(cafile=str(there.ca)))  # fmt: skip
        ours = Subscription(ChargePointClient(url, KEY, PASSWORD), store.records, "one account")
        event_feed = EventFeedService(poller, network, ours, account, clock, pace=HURRY)
        supervisor = Supervisor()
        supervisor.spawn("poller", poller.turn, poller.wakeup)
        supervisor.spawn("event_feed", event_feed.turn, None)
        here = Listener(carpark, there, path, publisher, event_feed, store, supervisor)
        try:
            within(5, lambda: event_feed.is_up and station.subscriptions.count() and here.ports())
            yield here
        finally:
            supervisor.stop()
            supervisor.wait()
            event_feed.stop()
            assert supervisor.exit_code == 0


def test_an_event_is_seen_at_once_with_its_driver(tmp_path: Path) -> None:
    """No poll is near and getLoad withholds all ids; who plugged in is known all the same."""
    with listener(tmp_path) as here:
        here.carpark.omit_users = here.carpark.omit_credentials = True
        here.toggle(2)
        within(5, lambda: here.user(2) == ANA.user_id)  # a look may be faster than its event
        here.toggle(2)
        within(10, here.agrees)
        assert here.ports()[2].stay is None


def test_what_happens_during_a_stall_is_caught_up(tmp_path: Path) -> None:
    """No event of it arrives, and the site agrees once the path is back: five times."""
    with listener(tmp_path) as here:
        for n in range(5):
            within(10, here.agrees)
            sessions = here.path.connections
            here.path.stall()
            here.toggle(n % 4)
            within(NOTICED + SLACK, lambda: not here.event_feed.is_up)
            here.path.heal()
            within(HEALED + SLACK, lambda: here.event_feed.is_up)
            within(10, here.agrees)
            assert here.path.connections > sessions


def test_what_happens_while_the_server_is_stopped_or_down(tmp_path: Path) -> None:
    """SIGSTOP and a restart, and cars that come and go meanwhile."""
    with listener(tmp_path) as here:
        here.there.pause()
        here.toggle(0)
        within(NOTICED + SLACK, lambda: not here.event_feed.is_up)
        here.there.resume()
        within(HEALED + SLACK + 10, here.agrees)
        here.there.kill()
        here.toggle(1)
        within(NOTICED + SLACK, lambda: not here.event_feed.is_up)
        here.there.start()
        within(HEALED + SLACK + 10, here.agrees)


def test_a_bad_day_of_the_feed(tmp_path: Path) -> None:
    """Half the events doubled, half overtaken, users left out: in the end the site agrees."""
    with listener(tmp_path) as here:
        fault_config = here.publisher.fault_config
        fault_config.duplicate = fault_config.overtake = 0.5
        fault_config.omit_users = True
        for n in range(20):
            here.toggle(n % 4)
        within(15, here.agrees)


def test_only_the_leader_is_connected(tmp_path: Path) -> None:
    """Of two listeners one is logged in; when the other takes over, it connects and looks
    everywhere, and the one that lost the lease hangs up.
    """
    with server() as there:
        records, clock = SQLiteStore(str(tmp_path / "store.sqlite")).records, SystemClock()
        trusted = ssl.create_default_context(cafile=str(there.ca))
        account = Account("127.0.0.1", there.port, FEED_KEY, FEED_PASSWORD, domain=there.domain, trust=trusted)  # fmt: skip
        leases = [Lease(records, timedelta(seconds=1), name) for name in "ab"]
        pair = []
        for _ in leases:
            hall = world_of_fakes()
            client = ChargePointClient("http://127.0.0.1:9", KEY, PASSWORD)
            ours = Subscription(client, records, "one account")
            poller = StationPoller(hall.concierge, NEVER)
            pair.append((poller, EventFeedService(poller, ChargePoint(client, clock), ours, account, clock, pace=HURRY)))  # fmt: skip
        (_, first), (poller, second) = pair

        def turns(*awake: int) -> tuple[bool, bool]:
            for one in awake:
                leases[one].leads()
                pair[one][1].turn(leads=leases[one].holds, lost=leases[one].is_lost)
            return first.is_up, second.is_up

        within(5, lambda: turns(0, 1) == (True, False))
        for _ in range(20):
            assert turns(0, 1) == (True, False)
            assert second._feed is None  # it doesn't even try
        poller.turn()
        assert not poller.wakeup.is_set()
        within(5, lambda: turns(1) == (True, True))  # the first sleeps, and doesn't know yet
        assert poller.wakeup.is_set()
        within(5, lambda: turns(0, 1) == (False, True))
        for _, event_feed in pair:
            event_feed.stop()


def test_the_process_uses_it(tmp_path: Path) -> None:
    """`python -m bot run` with the practice car park's feed, polling once in ten minutes."""
    need_prosody()
    log = tmp_path / "log"
    with world(feed=True, poll_seconds=600, log=log, cars=("bob",)) as here:
        here.carpark.omit_users = here.carpark.omit_credentials = True
        port = here.carpark.ports()[1]
        key = f"{port.station}/{port.number}"
        within(10, lambda: "subscribed to the event feed" in log.read_text())
        here.carpark.plug(port.station, port.number, ANA)
        within(10, lambda: "user='" + ANA.user_id in repr(here.site().ports[key].stay))
        assert here.stop_bot() == 0
    assert "practice-password" not in log.read_text()


def test_off_means_off(tmp_path: Path) -> None:
    """With CHARGEPOINT_XMPP=off the process runs without slixmpp, which it would import else."""
    check = (
        "import sys, bot.listener.run, bot.listener.event_feed; from chalicelib.settings import read; import os;"
        "from chalicelib import wiring; s = read(os.environ); c = wiring.clock_of(s);"
        "n = bot.listener.run.network_of(s, c); con = wiring.build(s, n);"
        "from bot.listener.poller import StationPoller; from datetime import timedelta;"
        "h = bot.listener.event_feed.event_feed_of(s, StationPoller(con, timedelta(60)), n, bot.listener.run.client_of(s, c), c);"
        "print(h is None, 'slixmpp' in sys.modules)"
    )
    for address, expected in (("off", "True False"), ("127.0.0.1:1", "False True")):
        environ = {
            **os.environ,
            "EV_STORE": f"sqlite:{tmp_path}/store",
            "CHARGEPOINT_API_KEY": KEY,
            "CHARGEPOINT_API_PASSWORD": PASSWORD,
            "CHARGEPOINT_XMPP": address,
        }
        ran = subprocess.run(
            [sys.executable, "-c", check], env=environ, capture_output=True, text=True, check=False
        )
        assert ran.stdout.strip() == expected, ran.stderr


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_a_ca_file_that_cant_be_read(tmp_path: Path, content: str | None) -> None:
    """It is a setting that needs attention, not a crash in a thread."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(BadSettings, match="CHARGEPOINT_XMPP_CA: can't read"):
        trust(str(file))
