"""The ChargePoint stand-in answers as the real service is known to, or refuses in a fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import zeep
from lxml import etree

from bot.networks.chargepoint.reply import Row
from bot.networks.chargepoint.soap import SHIPPED
from practice.carpark import CarPark
from practice.chargepoint.asked import Trouble
from practice.chargepoint.service import OPERATIONS
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
FIRST = ("1:900001", "1")
XSD = "{http://www.w3.org/2001/XMLSchema}schema"


@pytest.fixture
def service() -> Iterator[Service]:
    clock = SetClock()
    carpark = CarPark(clock)
    app = stand_in(carpark)
    with serving(app) as url:
        yield Service(url, app, carpark, clock)


def alone(element: Any) -> Any:
    """An element as a document of its own."""
    return etree.fromstring(etree.tostring(element))


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("4.1", "chargepointservicesSOAP"),
        ("5.0", "ChargepointServicesSOAP"),
        ("5.1", "ChargepointServicesSOAP"),
    ],
)
def test_wsdl_names_own_address(service: Service, version: str, name: str) -> None:
    """The WSDL is served with the stand-in's address, and a plain zeep client can use it."""
    address = f"{service.url}/cp_api_{version}.wsdl"
    client = zeep.Client(address)  # type: ignore[no-untyped-call] # zeep is typed in parts only
    (port,) = client.wsdl.services["chargepointservices"].ports.values()
    assert port.name == name
    assert port.binding_options["address"].startswith(service.url)
    assert set(port.binding._operations) == set(OPERATIONS[version])


ORG = "<orgID>1:ORG00042</orgID><organizationName>Practice Co</organizationName>"
SESSIONS = [
    ("getChargingSessionData", search("<startRecord>1</startRecord>")),
    ("getChargingSessionData", search("<stationID>1:900009</stationID>")),
    ("getStationGroups", "<orgID>1:ORG00042</orgID>"),
    ("getStationRights", search("")),
    ("getCPNInstances", ""),
    ("getPublicStations", search("")),
    ("getPublicStationStatus", search("<portDetails>true</portDetails>")),
]
FIFTY = [
    *SESSIONS,
    ("getOrgsAndStationGroups", search(f"<sgID>{GROUP}</sgID>")),
    ("clearAlarms", search("<alarmType>GFCI Trip</alarmType>")),
    ("getStations", search("")),
    ("getStationStatus", search("<portDetails>true</portDetails>")),
    ("getLoad", search(f"<sgID>{GROUP}</sgID>")),
    ("getStationGroupDetails", f"<sgID>{GROUP}</sgID>"),
    ("getAlarms", search("<numTransactions>1</numTransactions>")),
    ("getAlarms", search("<portNumber>1</portNumber>")),
    ("getUsers", search("<numUsers>3</numUsers>")),
]
FAULTS = search("<stationIDs><stationID>1:900001</stationID></stationIDs>")
ASKED = {
    "4.1": [
        ("getStations", search("")),
        *SESSIONS,
        ("getOrgsAndStationGroups", f"<sgID>{GROUP}</sgID>"),
        ("clearAlarms", f"{ORG}<alarmType>GFCI Trip</alarmType>"),
        ("getLoad", f"<sgID>{GROUP}</sgID>"),
        ("getLoad", f"<sgID>{GROUP}</sgID><stationID>1:900001</stationID>"),
        ("getStationGroupDetails", f"<sgID>{GROUP}</sgID>"),
        ("getAlarms", ORG),
        ("getAlarms", f"{ORG}<stationID>1:900009</stationID>"),
    ],
    "5.0": FIFTY,
    "5.1": [
        *FIFTY,
        ("getStationActiveFaults", FAULTS),
        ("getChargingSessionData", search("<activeSessionsOnly>true</activeSessionsOnly>")),
    ],
}


@pytest.mark.parametrize(
    ("version", "operation", "query"),
    [(version, *asked) for version, all_asked in ASKED.items() for asked in all_asked],
)
def test_replies_fit_the_schema(
    service: Service, version: str, operation: str, query: str
) -> None:
    """Replies hold to the schema of their version, children unqualified unless told otherwise."""
    service.carpark.plug(*FIRST, ANA)
    service.carpark.unplug(*FIRST)
    service.carpark.plug(*FIRST, ANA)
    service.carpark.shed(allowed_kw=3.3)
    service.app.fault_config.alarms = service.app.fault_config.faults = (
        Trouble("1:900001", "1", "GFCI Trip", MONDAY),
        Trouble("1:900001", "", "Unreachable", MONDAY),
    )
    reply = service.ask(operation, query, version).element
    schema = etree.parse(SHIPPED / f"cp_api_{version}.wsdl").find(f".//{XSD}")
    etree.XMLSchema(alone(schema)).assertValid(alone(reply))
    assert all(etree.QName(child).namespace is None for child in reply.iterdescendants())
    service.app.fault_config.qualified = True
    qualified = service.ask(operation, query, version).element
    assert all(etree.QName(child).namespace for child in qualified.iterdescendants())


def test_versions_have_their_own_operations(service: Service) -> None:
    """An operation of another version is refused like one that doesn't exist."""
    for version, operation in (("4.1", "getUsers"), ("5.0", "getStationActiveFaults")):
        message = envelope(f"<c:{operation}>{search('')}</c:{operation}>")
        assert fault(service.post(message, version)) == (500, "Client")


@pytest.mark.parametrize(
    ("operation", "query", "code"),
    [
        ("getLoad", "<sgID>9</sgID>", "160"),
        ("getPublicStationStatus", search("<stationID>1:900009</stationID>"), "102"),
        ("getAlarms", ORG, "153"),
        ("shedLoad", "<sgData><sgID>9</sgID></sgData><sgLoadData/>", "172"),
        ("clearShedState", "<sgID>9</sgID>", "160"),
        ("clearShedState", f"<sgID>{GROUP}</sgID><stationID>1:900009</stationID>", "119"),
    ],
)
def test_response_codes_of_41(service: Service, operation: str, query: str, code: str) -> None:
    """4.1 has the same codes for its own shapes."""
    assert service.code(operation, query, "4.1") == code


@pytest.mark.parametrize("query", ["<getLoad/>", "<getAlarms/>", "<clearShedState/>"])
def test_41_wants_its_group_and_organization(service: Service, query: str) -> None:
    """4.1 refuses questions about power without a group, about alarms without organization."""
    message = envelope(query.replace("<", "<c:"))
    assert fault(service.post(message, "4.1")) == (500, "Client")


def test_groups_with_members(service: Service) -> None:
    """A group may have some of the stations only; a station tells of its own groups."""
    service.carpark.members = {GROUP: frozenset({"1:900002"})}
    first, second = service.ask("getStations", search("")).rows("stationData")
    assert (first.text("sgID"), second.text("sgID")) == (f"{GROUP + 1}", f"{GROUP}, {GROUP + 1}")
    rows = service.ask("getLoad", search(f"<sgID>{GROUP}</sgID>")).rows("stationData")
    assert [row.text("stationID") for row in rows] == ["1:900002"]


def test_alarms_newest_first(service: Service) -> None:
    """Alarms come newest first; a blank port number is the whole station."""
    service.app.fault_config.alarms = (
        Trouble("1:900001", "1", "GFCI Trip", MONDAY),
        Trouble("1:900002", "", "Unreachable", MONDAY + timedelta(minutes=1)),
    )
    rows = service.ask("getAlarms", search("")).rows("Alarms")
    assert [(row.text("alarmType"), row.text("portNumber")) for row in rows] == [
        ("Unreachable", ""),
        ("GFCI Trip", "1"),
    ]


def test_station_names_move_between_versions(service: Service) -> None:
    """5.0 has stationName in the port, 5.1 in the station; sgID is a list in one string."""
    new = service.ask("getStations", search(""), "5.1").rows("stationData")[0]
    old = service.ask("getStations", search(""), "5.0").rows("stationData")[0]
    assert new.text("stationName") == old.rows("Port")[0].text("stationName") != ""
    assert old.text("stationName") == new.rows("Port")[0].text("stationName") == ""
    assert new.text("sgID") == f"{GROUP}, {GROUP + 1}"


def test_load_of_a_group(service: Service) -> None:
    """Three decimals, empty ids on an empty port, session 0; 5.0 knows no session."""
    session = service.carpark.plug(*FIRST, ANA)
    service.clock.pass_minutes(5)
    reply = service.ask("getLoad", search(f"<sgID>{GROUP}</sgID>"))
    first, second = reply.rows("stationData")[0].rows("Port")
    assert first.text("portLoad") == f"{service.carpark.state()[0]['load_kw']:.3f}"
    assert (first.text("userID"), first.text("sessionID")) == (ANA.user_id, str(session))
    assert (second.text("portLoad"), second.text("sessionID")) == ("0.000", "0")
    assert second.element.find("userID") is not None
    old = service.ask("getLoad", search(f"<sgID>{GROUP}</sgID>"), "5.0")
    assert old.rows("stationData")[0].rows("Port")[0].element.find("sessionID") is None


@pytest.mark.parametrize(("version", "stations"), [("5.0", ""), ("5.1", "0")])
def test_load_of_a_station(service: Service, version: str, stations: str) -> None:
    """By station there is no sgID, and the head is there but empty."""
    reply = service.ask("getLoad", search("<stationID>1:900002</stationID>"), version)
    assert reply.element.find("sgID") is None
    assert reply.element.find("groupName") is not None
    assert reply.element.find("numStations") is not None
    assert reply.text("numStations") == stations
    assert [row.text("stationID") for row in reply.rows("stationData")] == ["1:900002"]


def test_load_of_a_session(service: Service) -> None:
    """By session there is only that session's port, and nothing once it has ended."""
    session = service.carpark.plug(*FIRST, ANA)
    query = search(f"<sessionID>{session}</sessionID>")
    (row,) = service.ask("getLoad", query).rows("stationData")
    assert [port.text("portNumber") for port in row.rows("Port")] == ["1"]
    service.carpark.unplug(*FIRST)
    assert service.code("getLoad", query) == "160"


@pytest.mark.parametrize(
    ("operation", "query", "code"),
    [
        ("getStations", search("<stationID>1:900009</stationID>"), "102"),
        ("getStations", search("<sgID>9</sgID>"), "102"),
        ("getStationStatus", search("<stationID>1:900009</stationID>"), "102"),
        ("getStationStatus", search("<Status>2</Status>"), "102"),
        ("getLoad", search(""), "182"),
        ("getLoad", search("<sgID>1234</sgID><stationID>1:900001</stationID>"), "182"),
        ("getLoad", search("<sgID>9</sgID>"), "160"),
        ("getLoad", search("<sessionID>0</sessionID>"), "160"),
        ("getStationGroupDetails", "<sgID>9</sgID>", "160"),
        ("shedLoad", "<shedQuery><timeInterval>0</timeInterval></shedQuery>", "172"),
        ("clearShedState", "<shedQuery></shedQuery>", "184"),
    ],
)
def test_response_codes(service: Service, operation: str, query: str, code: str) -> None:
    """What isn't there or isn't said gets the code that the real service gives, on HTTP 200."""
    assert service.code(operation, query) == code


def test_plan_without_load(service: Service) -> None:
    """A plan without getLoad gets code 101."""
    service.app.fault_config.denied = frozenset({"getLoad"})
    assert service.code("getLoad", search(f"<sgID>{GROUP}</sgID>")) == "101"


def test_pages(service: Service) -> None:
    """Rows are numbered from 1, and moreFlag is 1 until the last page."""
    service.app.fault_config.page_size = 1
    first = service.ask("getStations", search("<startRecord>1</startRecord>"))
    last = service.ask("getStations", search("<startRecord>2</startRecord>"))
    assert (first.text("moreFlag"), last.text("moreFlag")) == ("1", "0")
    assert [row.text("recordNumber") for row in last.rows("stationData")] == ["2"]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "<s:Header/>",
        '<s:Header><w:Security xmlns:w="urn:wrong"/></s:Header>',
    ],
)
def test_no_token(service: Service, header: str) -> None:
    """Without a token there is HTTP 500 and the fault InvalidSecurity."""
    message = envelope(f"<c:getLoad>{search('')}</c:getLoad>", header)
    assert fault(service.post(message)) == (500, "InvalidSecurity")


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"hello",
        b"<a/>",
        b"\xff\xfe\x00",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" * 100_000,
        envelope(""),
        envelope("<getLoad/>"),
        envelope("<c:launchMissiles/>"),
        envelope("<c:getLoad/>"),
        envelope("<c:getLoad><searchQuery/><searchQuery/></c:getLoad>"),
        envelope(f"<c:getStations>{search('<startRecord>x</startRecord>')}</c:getStations>"),
        envelope(f"<c:getStations>{search('<startRecord>0</startRecord>')}</c:getStations>"),
        envelope(
            f"<c:getStations>{search('<numStations>' + '9' * 5000 + '</numStations>')}</c:getStations>"
        ),
        envelope(
            "<c:getStationStatus>"
            + search("<stationIDs>" + "<stationID>1:1</stationID>" * 101 + "</stationIDs>")
            + "</c:getStationStatus>"
        ),
        envelope("<c:getStationGroupDetails/>"),
        envelope(
            "<c:shedLoad><shedQuery><timeInterval>-1</timeInterval></shedQuery></c:shedLoad>"
        ),
    ],
)
def test_malformed_requests(service: Service, message: bytes) -> None:
    """What doesn't fit gets a fault that blames the client, never a traceback."""
    answer = service.post(message)
    assert fault(answer) in {(500, "Client"), (500, "InvalidSecurity")}
    assert b"Traceback" not in answer.content


def test_other_pages(service: Service) -> None:
    """Unknown pages are 404, and the service is for POST."""
    assert requests.get(f"{service.url}/", timeout=5).status_code == 404
    assert requests.get(f"{service.url}/cp_api_3.0.wsdl", timeout=5).status_code == 404
    address = f"{service.url}/webservices/chargepoint/services/5.1"
    assert requests.get(address, timeout=5).status_code == 405
    assert requests.post(address.replace("5.1", "6.0"), timeout=5).status_code == 404


def test_qualified_children_and_no_soap_action(service: Service) -> None:
    """A default namespace qualifies the children wrongly; that is accepted, as is no action."""
    query = f"<searchQuery><sgID>{GROUP}</sgID></searchQuery>"
    message = envelope(
        f'<getLoad xmlns="urn:dictionary:com.chargepoint.webservices">{query}</getLoad>'
    )
    answer = service.post(message, **{"Content-Type": "application/soap+xml"})
    assert Row(etree.fromstring(answer.content)[-1][0]).text("responseCode") == "100"


def test_header_that_must_be_understood(service: Service) -> None:
    """When told to, replies bring a timestamp header marked mustUnderstand."""
    service.app.fault_config.timestamps = True
    answer = service.post(envelope(f"<c:getStations>{search('')}</c:getStations>"))
    assert b'mustUnderstand="1"' in answer.content
    assert b"<wsu:Created>2031-03-03T16:30:00Z</wsu:Created>" in answer.content
