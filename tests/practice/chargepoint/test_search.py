"""Filters filter: whatever a search may name, nonsense finds nothing, and the truth finds it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from practice.carpark import CarPark
from practice.chargepoint.asked import Trouble
from practice.chargepoint.schema import Kind, operations
from practice.chargepoint.search import LAT, LONG
from practice.common.people import BY_NAME, GROUP
from tests.bot.networks.chargepoint.client_kit import (
    MONDAY,
    Service,
    SetClock,
    envelope,
    fault,
    search,
    serving,
    stand_in,
)

ANA = BY_NAME["ana"]
FOUND = "100"
NOTHING = {"102", "136", "153", "160"}
SEARCHES = [
    "getStations",
    "getPublicStations",
    "getPublicStationStatus",
    "getStationStatus",
    "getAlarms",
    "getChargingSessionData",
    "getUsers",
    "getStationRights",
    "getOrgsAndStationGroups",
    "registerFeeds",
]
SHOW, PAGE = {"portDetails", "Pricing", "feedType", "feedEventName"}, {"startRecord"}
OF_A_PLACE = {"Proximity", "proximityUnit", "Lat", "Long", "Geo"}
SIZES = {"numStations", "numTransactions", "numUsers"}
OTHER = {"endTime": "2001-01-01T00:00:00Z", "toTimeStamp": "2001-01-01T00:00:00Z"}
ORG = "<orgID>1:ORG00042</orgID><organizationName>Practice Co</organizationName>"
EVENTS = "<Events><feedEventName>station_alarm</feedEventName></Events>"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    clock = SetClock()
    carpark = CarPark(clock)
    app = stand_in(carpark)
    app.fault_config.alarms = (Trouble("1:900001", "1", "GFCI Trip", MONDAY),)
    for _ in range(2):
        carpark.plug("1:900001", "1", ANA)
        clock.pass_minutes(30)
        carpark.unplug("1:900001", "1")
    with serving(app) as url:
        yield Service(url, app, carpark, clock)


def filters(version: str, operation: str) -> dict[str, Kind]:
    """What a search may name, and how each is read."""
    children = operations(version)[operation].children
    query = children["searchQuery"][0].children if "searchQuery" in children else children
    known = SHOW | PAGE | OF_A_PLACE | SIZES
    return {name: kind for name, (kind, _) in query.items() if name not in known}


def nonsense(name: str, kind: Kind) -> str:
    """A filter that fits the schema and nothing here."""
    if name == "activeSessionsOnly":
        return f"<{name}>true</{name}>"  # no car is here now
    if kind.children:
        ((inner, (deeper, _)), *_) = kind.children.items()
        return f"<{name}>{nonsense(inner, deeper)}</{name}>"
    for text in ("nowhere", "987", "2099-01-01T00:00:00Z", "true"):
        try:
            assert kind.read is not None
            kind.read(OTHER.get(name, text))
        except ValueError:
            continue
        return f"<{name}>{OTHER.get(name, text)}</{name}>"
    raise AssertionError(name)


def code(service: Service, version: str, operation: str, given: str) -> str:
    inner = search(given) if "searchQuery" in operations(version)[operation].children else given
    if operation == "getAlarms" and version == "4.1":
        inner = f"{ORG}{given}"
    return service.code(
        operation, EVENTS + inner if operation == "registerFeeds" else inner, version
    )


CASES = [
    (version, operation, name)
    for version in ("4.1", "5.0", "5.1")
    for operation in SEARCHES
    if operation in operations(version)
    for name in filters(version, operation)
    if not (version == "4.1" and operation == "getAlarms" and name.startswith("org"))
]


@pytest.mark.parametrize(("version", "operation", "name"), CASES)
def test_nonsense_finds_nothing(service: Service, version: str, operation: str, name: str) -> None:
    """Every filter of every search of every version."""
    given = nonsense(name, filters(version, operation)[name])
    assert code(service, version, operation, "") == FOUND
    assert code(service, version, operation, given) in NOTHING


TRUE = {
    "stationID": "1:900001",
    "stationIDs": "<stationID>1:900001</stationID>",
    "stationManufacturer": "practice",
    "stationModel": "P-2",
    "stationName": "PRACTICE CO / NORTH 01",
    "City": "Sampleton",
    "State": "California",
    "Country": "United States",
    "postalCode": "90000",
    "Connector": "J1772",
    "Voltage": "240",
    "Power": "6.6",
    "Level": "L2",
    "Reservable": "0",
    "orgID": "1:ORG00042",
    "organizationName": "Practice Co",
    "sgID": str(GROUP),
    "sgName": "Practice lot",
}


@pytest.mark.parametrize("version", ["4.1", "5.0", "5.1"])
@pytest.mark.parametrize(
    "operation", ["getStations", "getPublicStationStatus", "getStationRights"]
)
def test_the_truth_finds_it(service: Service, version: str, operation: str) -> None:
    """All true filters at once still find the station."""
    known = filters(version, operation)
    given = "".join(f"<{name}>{text}</{name}>" for name, text in TRUE.items() if name in known)
    assert code(service, version, operation, given) == FOUND


@pytest.mark.parametrize(
    ("lat", "far", "unit", "wanted"),
    [
        (LAT, "1", "", True),
        ("12.4", "1", "M", False),
        ("12.4", "10", "M", True),
        ("12.4", "5", "K", False),
    ],
)
def test_proximity(service: Service, lat: str, far: str, unit: str, *, wanted: bool) -> None:
    """Within so many miles, or other units, of a point."""
    where = f"<Proximity>{far}</Proximity><proximityUnit>{unit}</proximityUnit>"
    given = f"{where}<Geo><Lat>{lat}</Lat><Long>{LONG}</Long></Geo>"
    assert (code(service, "5.1", "getStations", given) == FOUND) is wanted


@pytest.mark.parametrize(
    ("version", "operation", "given"),
    [
        ("4.1", "getAlarms", "<orgID>1:A</orgID><startRecord>1</startRecord>"),
        ("4.1", "getStations", search("<startRecord>1</startRecord>")),
        ("5.0", "getStations", search("<companyID>42</companyID>")),
        ("5.0", "getLoad", search("<sessionID>1</sessionID>")),
        ("5.0", "getChargingSessionData", search("<activeSessionsOnly>1</activeSessionsOnly>")),
        ("5.1", "getStations", search("<numStations>many</numStations>")),
        ("5.1", "getStations", search("<sgID>1</sgID><sgID>2</sgID>")),
        ("5.1", "getStations", search("<Reservable>perhaps</Reservable>")),
        ("5.1", "getChargingSessionData", search("<fromTimeStamp>soon</fromTimeStamp>")),
    ],
)
def test_what_a_schema_doesnt_know(
    service: Service, version: str, operation: str, given: str
) -> None:
    """Names of another version and values of another type are a fault, not ignored."""
    message = envelope(f"<c:{operation}>{given}</c:{operation}>")
    assert fault(service.post(message, version)) == (500, "Client")


def test_blank_leftovers(service: Service) -> None:
    """Some clients send blank elements of another type's: those say nothing."""
    given = search("<stationID>1:900001</stationID><demoSerialNumber/><Geo/><Pricing/><feature/>")
    assert service.code("getLoad", given) == FOUND
