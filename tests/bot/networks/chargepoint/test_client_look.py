"""A look at a site: which calls it takes, what it remembers, what it does without."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot.networks.chargepoint import ChargePoint, ChargePointClient
from chalicelib.core.model import Site, Stations, Status
from chalicelib.edges import NetworkRefused, NetworkUnavailable
from practice.carpark import CarPark
from practice.common.people import BY_NAME, GROUP
from tests.bot.networks.chargepoint.client_kit import (
    KEY,
    MONDAY,
    PASSWORD,
    Garage,
    Scripted,
    SetClock,
    serving,
    stand_in,
)

ANA = BY_NAME["ana"]
HQ = Site("hq", "HQ garage", stations=Stations(group=GROUP))
OK = "<responseCode>100</responseCode>"


def rows(*stations: str) -> str:
    """An answer with one free port in each station."""
    port = "<Port><portNumber>1</portNumber><Status>AVAILABLE</Status></Port>"
    return OK + "".join(
        f"<stationData><stationID>{one}</stationID>{port}</stationData>" for one in stations
    )


def by_id(garage: Garage, site: Site = HQ) -> dict[str, Any]:
    return garage.ports(site)


@pytest.mark.parametrize(
    "stations", [Stations(group=GROUP), Stations(ids=("1:900001", "1:900002"))]
)
def test_a_look(garage: Garage, stations: Stations) -> None:
    """By group or by list: status, power and occupant of every port."""
    garage.carpark.plug("1:900001", "2", ANA)
    garage.carpark.unreachable("1:900002", "1")
    garage.clock.pass_minutes(5)
    ports = by_id(garage, Site("hq", "HQ", stations=stations))
    assert [port.status for port in ports.values()] == [
        Status.AVAILABLE,
        Status.INUSE,
        Status.UNREACHABLE,
        Status.AVAILABLE,
    ]
    occupied = ports["1:900001/2"]
    assert (occupied.user, occupied.credential) == (ANA.user_id, ANA.credential_id)
    assert 6.5 < occupied.load_kw <= 6.6
    assert ports["1:900001/1"].load_kw == 0.0


def test_withheld_and_capped(garage: Garage) -> None:
    """A blank userID stays blank; a cap in either unit is seen."""
    garage.carpark.omit_users = True
    garage.carpark.plug("1:900001", "1", ANA)
    garage.carpark.shed(allowed_kw=3.3)
    port = by_id(garage)["1:900001/1"]
    assert (port.user, port.credential) == ("", ANA.credential_id)
    assert (port.capped, port.allowed_kw, port.percent_shed) == (True, 3.3, None)
    garage.carpark.shed()
    garage.carpark.shed(percent=50)
    port = by_id(garage)["1:900001/1"]
    assert (port.capped, port.allowed_kw, port.percent_shed) == (True, None, 50)


def test_a_look_is_of_before_the_calls() -> None:
    """However long the calls take, the look is as old as its beginning."""
    clock = SetClock()
    app = stand_in(CarPark(clock))

    def slow(environ: Any, start: Any) -> Any:
        clock.pass_minutes(1)
        return app(environ, start)

    with serving(slow) as url:
        seen = ChargePoint(ChargePointClient(url, KEY, PASSWORD), clock).look(HQ)
    assert seen.at == MONDAY < clock.now()


def test_members_are_remembered_for_a_quarter_of_an_hour(garage: Garage) -> None:
    """Which stations a group has is asked every 15 minutes, not at every look."""
    for minutes in (0, 7, 7, 2):
        garage.clock.pass_minutes(minutes)
        garage.network.look(HQ)
    assert list(garage.app.calls).count("getStations") == 2
    assert list(garage.app.calls).count("getStationStatus") == 4


def test_a_new_station_is_noticed_at_once() -> None:
    """A station that getLoad shows first makes us ask again, once."""
    app = Scripted(
        getStations=rows("1:900001"),
        getLoad=rows("1:900001"),
        getStationStatus=rows("1:900001"),
    )
    with serving(app) as url:
        network = ChargePoint(ChargePointClient(url, KEY, PASSWORD), SetClock())
        network.look(HQ)
        app.replies = dict.fromkeys(app.replies, rows("1:900001", "1:900002"))
        assert len(network.look(HQ).ports) == 2
        network.look(HQ)
    assert app.calls.count("getStations") == 2


def test_a_station_without_rights_is_not_asked_about_again_and_again() -> None:
    """A station that only getLoad knows doesn't cost a getStations at every look."""
    app = Scripted(
        getStations=rows("1:900001"),
        getLoad=rows("1:900001", "1:900002"),
        getStationStatus=rows("1:900001"),
    )
    with serving(app) as url:
        network = ChargePoint(ChargePointClient(url, KEY, PASSWORD), SetClock())
        for _ in range(3):
            assert len(network.look(HQ).ports) == 1
    assert app.calls.count("getStations") == 1


def test_without_getload(garage: Garage, caplog: pytest.LogCaptureFixture) -> None:
    """A plan without getLoad: ports and status, no power; said once, asked every 15 minutes."""
    caplog.set_level(logging.WARNING, "bot.networks.chargepoint")
    garage.carpark.plug("1:900001", "1", ANA)
    garage.app.fault_config.denied = frozenset({"getLoad", "getChargingSessionData"})
    for _ in range(3):
        port = by_id(garage)["1:900001/1"]
        assert (port.status, port.load_kw, port.user, port.capped) == (
            Status.INUSE,
            None,
            "",
            None,
        )
    garage.app.fault_config.denied = frozenset()
    assert by_id(garage)["1:900001/1"].user == ""
    garage.clock.pass_minutes(15)
    assert by_id(garage)["1:900001/1"].user == ANA.user_id
    assert list(garage.app.calls).count("getLoad") == 2
    lost, book, *back = (record.getMessage() for record in caplog.records)
    assert "getLoad: denied (code 101" in lost
    assert "getChargingSessionData: denied (code 101" in book
    assert all(one.endswith("back") for one in back)


def test_load_with_nothing_found(caplog: pytest.LogCaptureFixture) -> None:
    """A getLoad that finds nothing leaves a look from status alone, said once."""
    app = Scripted(
        getStations=rows("1:900001"),
        getLoad="<responseCode>160</responseCode>",
        getStationStatus=rows("1:900001"),
    )
    with serving(app) as url:
        network = ChargePoint(ChargePointClient(url, KEY, PASSWORD), SetClock())
        for _ in range(2):
            assert network.look(HQ).ports[0].load_kw is None
    assert len(caplog.records) == 1


def test_an_unknown_group(garage: Garage) -> None:
    """A group without stations is a refusal that says what to check."""
    with pytest.raises(NetworkRefused, match=r"group 9 .* \(sgID\) and the station rights"):
        garage.network.look(Site("hq", "HQ", stations=Stations(group=9)))


def test_unknown_stations(garage: Garage) -> None:
    """A site none of whose stations is known is a refusal, too."""
    with pytest.raises(NetworkRefused, match="check the ids"):
        garage.network.look(Site("hq", "HQ", stations=Stations(ids=("1:900009",))))


@pytest.mark.parametrize("fault_config", [{"html": True}, {"fault": "Server"}, {"busy_times": 9}])
def test_an_outage_and_its_end(garage: Garage, fault_config: dict[str, Any]) -> None:
    """While the service talks nonsense a look fails; the next one works as if nothing was."""
    for name, value in fault_config.items():
        setattr(garage.app.fault_config, name, value)
    with pytest.raises(NetworkUnavailable):
        garage.network.look(HQ)
    garage.app.fault_config = type(garage.app.fault_config)()
    assert len(garage.network.look(HQ).ports) == 4
