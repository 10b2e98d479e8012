"""Clients as others write them are served: types made by name, positional queries, strict zeep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import zeep
from zeep.wsse.username import UsernameToken

from practice.carpark import CarPark
from practice.chargepoint.asked import Trouble
from practice.common.people import BY_NAME, GROUP
from tests.bot.networks.chargepoint.client_kit import (
    KEY,
    MONDAY,
    PASSWORD,
    Service,
    SetClock,
    serving,
    stand_in,
)

ANA = BY_NAME["ana"]
HERE = "1:900001", "1"


@pytest.fixture
def service() -> Iterator[Service]:
    """An hour after a car came; another one left before."""
    clock = SetClock()
    carpark = CarPark(clock)
    app = stand_in(carpark)
    app.fault_config.alarms = (Trouble(*HERE, "GFCI Trip", MONDAY),)
    carpark.plug(*HERE, ANA)
    clock.pass_minutes(30)
    carpark.unplug(*HERE)
    carpark.plug(*HERE, ANA)
    clock.pass_minutes(60)
    with serving(app) as url:
        yield Service(url, app, carpark, clock)


class Client:
    """zeep as it comes, strict, with the served WSDL; `ask` makes its query's type by name."""

    def __init__(self, service: Service, version: str) -> None:
        token = UsernameToken(KEY, PASSWORD)  # type: ignore[no-untyped-call] # zeep's
        self.zeep: Any = zeep.Client(  # type: ignore[no-untyped-call] # the same
            f"{service.url}/cp_api_{version}.wsdl", wsse=token
        )

    def ask(self, operation: str, type_name: str, **filters: Any) -> Any:
        query = self.zeep.get_type(f"ns0:{type_name}")(**filters)
        return getattr(self.zeep.service, operation)(searchQuery=query)


@pytest.mark.parametrize("version", ["5.0", "5.1"])
def test_types_by_name(service: Service, version: str) -> None:
    """What home automation asks for: every query a type of its own, one of them a foreign one."""
    client, one = Client(service, version), {"stationID": "1:900001"}
    (station,) = client.ask("getStations", "stationSearchRequestExtended", **one).stationData
    assert (station.stationID, station.numPorts, len(station.Port)) == ("1:900001", 2, 2)
    (status,) = client.ask("getStationStatus", "statusSearchdata", **one).stationData
    assert [port.Status for port in status.Port] == ["INUSE", "AVAILABLE"]
    (load,) = client.ask("getLoad", "stationloaddata", **one).stationData
    assert load.Port[0].userID == ANA.user_id
    since = datetime(2031, 3, 1)  # noqa: DTZ001 — as they send it
    sessions = client.ask(
        "getChargingSessionData", "sessionSearchdata", **one, fromTimeStamp=since
    )
    assert [session.startTime for session in sessions.ChargingSessionData] == [MONDAY]
    (alarm,) = client.ask("getAlarms", "getAlarmsSearchQuery", **one).Alarms
    assert (alarm.alarmType, alarm.portNumber) == ("GFCI Trip", "1")
    orgs = client.ask("getOrgsAndStationGroups", "getOrgsAndStationGroupsSearchQuery")
    assert [group.sgID for group in orgs.orgData[0].sgData] == [GROUP, GROUP + 1]


def test_a_query_with_every_name(service: Service) -> None:
    """What a data collector asks for: one positional dict, most of it None, ids in their own type."""
    client = Client(service, "5.1")
    ids = client.zeep.get_type("ns0:stationIdListBound")(stationID=["1:900001"])
    names = (
        "stationID sessionID userID stationName Address City Country postalCode Proximity "
        "proximityUnit fromTimeStamp toTimeStamp startRecord Geo activeSessionsOnly"
    )
    query = {**dict.fromkeys(names.split()), "stationIDs": ids, "startRecord": 1}
    reply = client.zeep.service.getChargingSessionData(query)
    (session,) = reply.ChargingSessionData
    assert (reply.responseCode, reply.MoreFlag) == ("100", 0)
    assert (session.totalSessionDuration, session.totalChargingDuration) == ("00:30:00",) * 2
    assert session.Energy == pytest.approx(3.25, abs=0.1)


@pytest.mark.parametrize("version", ["4.1", "5.0", "5.1"])
def test_the_whole_of_it(service: Service, version: str) -> None:
    """A strict reader takes every reply: groups, rights, networks, sessions, public stations."""
    client = Client(service, version)
    ask = client.zeep.service
    assert [one.cpnID for one in ask.getCPNInstances()] == ["1", "5"]
    (lot, _) = ask.getStationGroups(orgID="1:ORG00042").groupData
    assert (lot.sgID, lot.sgName, len(lot.stationData)) == (GROUP, "Practice lot", 2)
    (first, _) = client.ask("getStationRights", "stationRightsSearchRequest").rightsData
    assert (first.stationRightsProfile, len(first.stationData)) == ("network_manager", 2)
    assert len(client.ask("getPublicStations", "stationSearchRequest").stationData) == 2
    public = client.ask("getPublicStationStatus", "statusSearchdata", stationID="1:900002")
    assert [one.stationID for one in public.stationStatusData] == ["1:900002"]
    book = client.ask("getChargingSessionData", "sessionSearchdata", stationID="1:900001")
    rows = book.ChargingSessionsData if version == "4.1" else book.ChargingSessionData
    assert [row.sessionID for row in rows] == [800_000_001]


def test_sheds_by_name(service: Service) -> None:
    """A limit of a station, then of a port, and its end."""
    client = Client(service, "5.1")
    make, ask = client.zeep.get_type, client.zeep.service
    station = {"stationID": "1:900001", "allowedLoadPerStation": 3.0}
    query = make("ns0:shedLoadQueryInputData")(shedStation=station, timeInterval=0)
    assert ask.shedLoad(shedQuery=query).Success == 1
    port = {"portNumber": "1", "allowedLoadPerPort": 2.0}
    whole = {"stationID": "1:900001", "Ports": {"Port": [port]}}
    query = make("ns0:shedLoadQueryInputData")(shedStation=whole, timeInterval=0)
    assert ask.shedLoad(shedQuery=query).Success == 1
    assert [one.cap.kw for one in service.carpark.ports() if one.cap] == [2.0, 1.5]
    query = make("ns0:shedQueryInputData")(shedStation={"stationID": "1:900001"})
    assert ask.clearShedState(shedQuery=query).Success == 1
    assert not any(one.cap for one in service.carpark.ports())
