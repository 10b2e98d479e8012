"""Who plugged in, as events tell it: joined to looks by station and port, whatever the order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.networks.chargepoint import ChargePoint, ChargePointClient
from bot.networks.chargepoint.arrivals import FRESH, MOST, Arrivals
from bot.networks.chargepoint.events import START, STATUS, STOP, Event
from chalicelib.core.inputs import Observed, PortSeen
from chalicelib.core.model import Site, Stations, Status
from chalicelib.values import replace
from practice.carpark import CarPark
from practice.common.people import BY_NAME, GROUP
from tests.bot.networks.chargepoint.client_kit import KEY, PASSWORD, SetClock, serving, stand_in
from tests.fakes import MONDAY, STATION

ANA, BOB = "7000001", "7000002"


def event(name: str, user: str = "", after: float = 0, port: str = "1") -> Event:
    """An event so many seconds after the beginning."""
    return Event(name, STATION, port, user, "", MONDAY + timedelta(seconds=after), "")


def seen(status: Status = Status.INUSE, user: str = "", credential: str = "") -> PortSeen:
    return PortSeen(STATION, "1", status, 6.6, user, credential)


class Memory:
    """Arrivals, and what a look makes of them."""

    def __init__(self) -> None:
        self.arrivals = Arrivals()

    def note(self, *events: Event) -> None:
        for one in events:
            self.arrivals.note(one, MONDAY + timedelta(seconds=60))

    def user(self, after: float, port: PortSeen | None = None) -> str:
        at = MONDAY + timedelta(seconds=after)
        return self.arrivals.fill(Observed(at, (port or seen(),))).ports[0].user


def test_a_drivers_id_joins_the_look_that_follows() -> None:
    """By station and port; and it holds for as long as the car is seen there."""
    memory = Memory()
    memory.note(event(START, ANA))
    assert memory.user(1, replace(seen(), number="2")) == ""
    assert memory.user(1, seen(credential="CNCP0000000042")) == ANA
    assert memory.user(5000, seen(credential="CNCP0000000042")) == ANA
    assert memory.user(5060, seen(Status.AVAILABLE)) == ""
    assert memory.user(5120) == ""


def test_the_look_may_lag_behind_the_event() -> None:
    """A port that still looks free just after the event keeps the id, for two minutes."""
    memory = Memory()
    memory.note(event(START, ANA))
    assert memory.user(1, seen(Status.AVAILABLE)) == ""
    assert memory.user(20) == ANA
    memory = Memory()
    memory.note(event(START, ANA))
    assert memory.user(FRESH.total_seconds() + 1) == ""


def test_the_networks_own_word_wins() -> None:
    """Another user, or another credential than before, is another car."""
    memory = Memory()
    memory.note(event(START, ANA))
    assert memory.user(1, seen(user=BOB)) == BOB
    assert memory.user(2) == ""
    memory.note(event(START, ANA))
    assert memory.user(1, seen(credential="CNCP0000000042")) == ANA
    assert memory.user(2, seen(credential="CNCP0000000043")) == ""


def test_a_dark_port_keeps_its_driver() -> None:
    """While the network can't see the port nothing is said, and nothing forgotten."""
    memory = Memory()
    memory.note(event(START, ANA))
    assert memory.user(1) == ANA
    assert memory.user(600, seen(Status.UNREACHABLE)) == ""
    assert memory.user(1200) == ANA


@pytest.mark.parametrize(
    ("events", "user"),
    [
        ([event(START, ANA), event(START, ANA)], ANA),  # doubled
        ([event(START, ANA), event(START)], ANA),  # doubled, and its user lost
        ([event(START, ANA, 10), event(START, BOB, 5)], ANA),  # overtaken
        ([event(START, BOB, 5), event(START, ANA, 10)], ANA),
        ([event(START, BOB, 5), event(START, "", 10)], ""),  # a stranger after Bob
        ([event(START, BOB, 5), event(STOP, "", 8)], ""),
        ([event(START, ANA, 10), event(STOP, "", 8)], ANA),  # Bob's stop, overtaken by Ana
        ([event(STOP, "", 8), event(START, ANA, 10)], ANA),
        ([event(STATUS), event(START, ANA), event(STATUS)], ANA),
        ([event(START, ANA, 999999)], ANA),  # a clock that is ahead
        ([event(START, "", 0)], ""),
    ],
)
def test_doubles_gaps_and_disorder_do_no_harm(events: list[Event], user: str) -> None:
    """Whatever order they come in, the latest that happened counts."""
    memory = Memory()
    memory.note(*events)
    assert memory.user(61) == user
    memory.note(*events)
    assert memory.user(62) == user


def test_memory_is_bounded() -> None:
    """Events of any number of made-up ports take little room."""
    memory = Memory()
    memory.note(*(event(START, ANA, port=str(n)) for n in range(MOST + 100)))
    assert len(memory.arrivals._known) == MOST


def test_the_look_over_soap_has_the_feeds_driver() -> None:
    """Where getLoad withholds Ana and her event told of her, the look has her."""
    clock = SetClock()
    carpark = CarPark(clock)
    carpark.omit_users = carpark.omit_credentials = True
    site = Site("hq", "HQ", stations=Stations(group=GROUP))
    with serving(stand_in(carpark)) as url:
        network = ChargePoint(ChargePointClient(url, KEY, PASSWORD), clock)
        place = carpark.ports()[0]
        carpark.plug(place.station, place.number, BY_NAME["ana"])
        assert network.look(site).ports[0].user == ""
        network.note(Event(START, place.station, place.number, "7100001", "", clock.now(), ""))
        users = [port.user for port in network.look(site).ports]
        assert users == ["7100001", "", "", ""]
        carpark.unplug(place.station, place.number)
        assert network.look(site).ports[0].user == ""
        carpark.plug(place.station, place.number, None)
        assert network.look(site).ports[0].user == ""
