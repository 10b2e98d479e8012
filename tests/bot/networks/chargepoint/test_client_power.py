"""Limiting the power of a site: what is sent, when it is seen, what happens if it isn't done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from chalicelib.core.model import Site, Stations
from chalicelib.edges import NetworkRefused, NetworkUnavailable
from practice.common.people import BY_NAME, GROUP
from tests.bot.networks.chargepoint.client_kit import Garage, open_garage

ANA = BY_NAME["ana"]
HQ = Site("hq", "HQ garage", stations=Stations(group=GROUP))
ONE = Site("hq", "HQ garage", stations=Stations(ids=("1:900002",)))
ORDERS = ("shedLoad", "clearShedState")


def caps(garage: Garage, site: Site = HQ) -> list[tuple[float | None, int | None]]:
    return [(port.allowed_kw, port.percent_shed) for port in garage.ports(site).values()]


def orders(garage: Garage) -> list[tuple[str, str]]:
    """The orders that arrived, with their station."""
    return [
        (etree.QName(asked).localname, next(asked.iter("stationID")).text)
        for asked in garage.record.asked
        if etree.QName(asked).localname in ORDERS
    ]


@pytest.mark.parametrize("version", ["4.1", "5.0", "5.1"])
def test_each_port_gets_so_much(version: str) -> None:
    """In every version, each port may give what was said, and all of it again when lifted."""
    with open_garage(version) as garage:
        garage.network.limit(HQ, 3.3, 0)
        assert caps(garage) == [(3.3, None)] * 4
        garage.network.lift(HQ)
        assert [port.capped for port in garage.ports(HQ).values()] == [False] * 4


@pytest.mark.parametrize("version", ["4.1", "5.0", "5.1"])
def test_only_stations_of_the_site(version: str) -> None:
    """The other stations of the group keep their power, and their limits."""
    with open_garage(version) as garage:
        garage.network.limit(ONE, 2.0, 0)
        assert caps(garage) == [(None, None)] * 2 + [(2.0, None)] * 2
        garage.carpark.shed(allowed_kw=1)
        garage.network.lift(ONE)
        assert caps(garage) == [(1.0, None)] * 2 + [(None, None)] * 2


def test_41_multiplies_by_the_ports() -> None:
    """4.1 knows a station's value only, so it gets that of all its ports together."""
    with open_garage("4.1", ports=3) as garage:
        garage.network.limit(HQ, 3.3, 30)
        sent = [asked.findtext("sgLoadData/allowedLoad") for asked in garage.record.of("shedLoad")]
        assert [float(kw) for kw in sent] == [6.6, 3.3]


def test_ports_are_named_one_by_one(garage: Garage) -> None:
    """5.x: a value for each port of the station, none for the station, minutes as given."""
    garage.network.limit(ONE, 2.2, 45)
    (asked,) = garage.record.of("shedLoad")
    station: Any = asked.find("shedQuery/shedStation")
    assert [child.tag for child in station] == ["stationID", "Ports"]
    assert [[field.text for field in port] for port in station.iter("Port")] == [
        ["1", "2.2"], ["2", "2.2"],
    ]  # fmt: skip
    assert asked.findtext("shedQuery/timeInterval") == "45"


def test_zero_and_a_limited_time(garage: Garage) -> None:
    """0 kW is a limit, too; one for half an hour ends by itself."""
    garage.network.limit(HQ, 0.0, 30)
    assert caps(garage) == [(0.0, None)] * 4
    garage.clock.pass_minutes(30)
    assert caps(garage) == [(None, None)] * 4


def test_a_percentage_is_cleared_first(garage: Garage) -> None:
    """Where a percentage holds, the station is cleared before it gets kW, elsewhere not."""
    garage.carpark.shed(percent=50, places=[("1:900002", "1")])
    garage.carpark.shed(allowed_kw=5, places=[("1:900001", "1")])
    garage.network.limit(HQ, 3.3, 0)
    assert caps(garage) == [(3.3, None)] * 4
    assert orders(garage) == [
        ("shedLoad", "1:900001"), ("clearShedState", "1:900002"), ("shedLoad", "1:900002"),
    ]  # fmt: skip


def test_the_network_takes_its_time(garage: Garage) -> None:
    """Orders are seen minutes later; a clear that is slower than a limit doesn't undo it."""
    garage.carpark.shed(percent=50)
    garage.carpark.shed_delay, garage.carpark.clear_delay = (
        timedelta(minutes=5),
        timedelta(minutes=10),
    )
    garage.network.limit(HQ, 3.3, 0)
    assert caps(garage) == [(None, 50)] * 4
    garage.clock.pass_minutes(10)
    assert caps(garage) == [(3.3, None)] * 4


@pytest.mark.parametrize("version", ["4.1", "5.1"])
def test_no_success(version: str) -> None:
    """Code 100 with Success 0 is a refusal."""
    with open_garage(version) as garage:
        garage.app.fault_config.sheds = False
        with pytest.raises(NetworkRefused, match=r"shedLoad: not done: .*\(code 100\)"):
            garage.network.limit(HQ, 3.3, 0)
        with pytest.raises(NetworkRefused, match="clearShedState: not done"):
            garage.network.lift(HQ)


def test_another_code(garage: Garage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code other than 100 is a refusal in the network's words, and what was done is undone."""
    seen = garage.network.look(HQ)
    garage.carpark.shed(percent=50, places=[("1:900002", "1")])  # a moment after the look
    monkeypatch.setattr(garage.network, "look", lambda _: seen)
    with pytest.raises(NetworkRefused, match="code 126: Failed to shed the requested load"):
        garage.network.limit(HQ, 3.3, 0)
    assert orders(garage)[-1] == ("clearShedState", "1:900001")
    assert [port["allowed_kw"] for port in garage.carpark.state()[:2]] == [None] * 2


def test_lifting_goes_on_after_a_refusal(garage: Garage) -> None:
    """A station that refuses is told of in the end; the others are lifted all the same."""
    gone = Site("hq", "HQ", stations=Stations(ids=("1:900009", "1:900001")))
    garage.carpark.shed(allowed_kw=1)
    with pytest.raises(NetworkRefused, match="code 119"):
        garage.network.lift(gone)
    assert caps(garage) == [(None, None)] * 2 + [(1.0, None)] * 2


@pytest.mark.parametrize("denied", ORDERS)
def test_a_plan_that_denies(garage: Garage, denied: str) -> None:
    """A plan without the call refuses it in words that an admin can act upon."""
    garage.app.fault_config.denied = frozenset({denied})
    with pytest.raises(NetworkRefused, match=f"{denied}: denied .*API plan"):
        garage.network.limit(HQ, 1, 0) if denied == "shedLoad" else garage.network.lift(HQ)


def test_an_outage(garage: Garage) -> None:
    """A service that is busy isn't a refusal: the order waits."""
    garage.app.fault_config.busy_times = 9
    with pytest.raises(NetworkUnavailable):
        garage.network.limit(HQ, 3.3, 0)
    with pytest.raises(NetworkUnavailable):
        garage.network.lift(HQ)
