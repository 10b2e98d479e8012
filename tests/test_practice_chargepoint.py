"""The ChargePoint stand-in answers as the real service is known to, or refuses in a fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import zeep
from lxml import etree

from bot.chargepoint.reply import Row
from bot.chargepoint.soap import SHIPPED
from practice.carpark import CarPark
from practice.chargepoint import StandIn
from practice.people import BY_NAME, GROUP
from tests.chargepoint_kit import SetClock, envelope, serving, stand_in

ANA = BY_NAME["ana"]
FIRST = ("1:900001", "1")
XSD = "{http://www.w3.org/2001/XMLSchema}schema"


@dataclass
class Service:
    """The stand-in, its car park, and a way to post to it by hand."""

    url: str
    app: StandIn
    carpark: CarPark
    clock: SetClock

    def post(self, message: bytes, version: str = "5.1", **headers: str) -> requests.Response:
        address = f"{self.url}/webservices/chargepoint/services/{version}"
        return requests.post(address, data=message, headers=headers, timeout=5)

    def ask(self, operation: str, query: str, version: str = "5.1") -> Row:
        """The reply to an operation whose children are written out."""
        answer = self.post(envelope(f"<c:{operation}>{query}</c:{operation}>"), version)
        assert answer.status_code == 200, answer.text
        return Row(etree.fromstring(answer.content)[-1][0])

    def code(self, operation: str, query: str, version: str = "5.1") -> str:
        return self.ask(operation, query, version).text("responseCode")


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


def search(inner: str) -> str:
    return f"<searchQuery>{inner}</searchQuery>"


def fault(answer: requests.Response) -> tuple[int, str]:
    """HTTP status and local name of the faultcode."""
    row = Row(etree.fromstring(answer.content)[-1][0])
    assert etree.QName(row.element).localname == "Fault"
    return answer.status_code, row.text("faultcode").rpartition(":")[2]


@pytest.mark.parametrize("version", ["5.0", "5.1"])
def test_wsdl_names_own_address(service: Service, version: str) -> None:
    """The WSDL is served with the stand-in's address, and a plain zeep client can use it."""
    address = f"{service.url}/cp_api_{version}.wsdl"
    client = zeep.Client(address)  # type: ignore[no-untyped-call] # zeep is typed in parts only
    (port,) = client.wsdl.services["chargepointservices"].ports.values()
    assert port.name == "ChargepointServicesSOAP"
    assert port.binding_options["address"].startswith(service.url)


@pytest.mark.parametrize("version", ["5.0", "5.1"])
@pytest.mark.parametrize(
    ("operation", "query"),
    [
        ("getStations", search("")),
        ("getStationStatus", search("<portDetails>true</portDetails>")),
        ("getLoad", search(f"<sgID>{GROUP}</sgID>")),
        ("getStationGroupDetails", f"<sgID>{GROUP}</sgID>"),
    ],
)
def test_replies_fit_the_schema(
    service: Service, version: str, operation: str, query: str
) -> None:
    """Replies hold to the schema of their version, children unqualified."""
    service.carpark.plug(*FIRST, ANA)
    reply = service.ask(operation, query, version).element
    schema = etree.parse(SHIPPED / f"cp_api_{version}.wsdl").find(f".//{XSD}")
    etree.XMLSchema(alone(schema)).assertValid(alone(reply))
    assert all(etree.QName(child).namespace is None for child in reply)


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
    service.app.mood.denied = frozenset({"getLoad"})
    assert service.code("getLoad", search(f"<sgID>{GROUP}</sgID>")) == "101"


def test_pages(service: Service) -> None:
    """Rows are numbered from 1, and moreFlag is 1 until the last page."""
    service.app.mood.page_size = 1
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
    service.app.mood.timestamps = True
    answer = service.post(envelope(f"<c:getStations>{search('')}</c:getStations>"))
    assert b'mustUnderstand="1"' in answer.content
    assert b"<wsu:Created>2031-03-03T16:30:00Z</wsu:Created>" in answer.content


KW_PER_STATION = "<allowedLoadPerStation>1</allowedLoadPerStation>"
PORT_7 = (
    "<Ports><Port><portNumber>7</portNumber>"
    "<allowedLoadPerPort>1</allowedLoadPerPort></Port></Ports>"
)


def percent(number: int) -> str:
    return f"<percentShedPerStation>{number}</percentShedPerStation>"


def shed(inner: str) -> str:
    return f"<shedQuery>{inner}<timeInterval>0</timeInterval></shedQuery>"


def test_shed_a_group(service: Service) -> None:
    """A group's kW are each station's, shared out over its ports; getLoad says so."""
    group = f"<sgID>{GROUP}</sgID><allowedLoadPerStation>6.6</allowedLoadPerStation>"
    reply = service.ask("shedLoad", shed(f"<shedGroup>{group}</shedGroup>"))
    assert (reply.text("responseCode"), reply.text("Success")) == ("100", "1")
    assert [port["allowed_kw"] for port in service.carpark.state()] == [3.3] * 4
    row = service.ask("getLoad", search(f"<sgID>{GROUP}</sgID>")).rows("stationData")[0]
    port = row.rows("Port")[0]
    assert (port.text("shedState"), port.text("allowedLoad")) == ("1", "3.300")
    assert port.text("percentShed") == "0"


def test_shed_a_station_by_percent(service: Service) -> None:
    """A percentage is told as such, and allowedLoad is then 0."""
    inner = "<stationID>1:900001</stationID>" + percent(60)
    assert service.code("shedLoad", shed(f"<shedStation>{inner}</shedStation>")) == "100"
    assert [port["percent"] for port in service.carpark.state()] == [60, 60, None, None]
    row = service.ask("getLoad", search("<stationID>1:900001</stationID>")).rows("stationData")[0]
    port = row.rows("Port")[0]
    assert (port.text("percentShed"), port.text("allowedLoad")) == ("60", "0.000")


def test_shed_ports_and_clear(service: Service) -> None:
    """Single ports can be limited; clearing takes whole stations, as was observed."""
    ports = "".join(
        f"<Port><portNumber>{n}</portNumber><allowedLoadPerPort>{n}</allowedLoadPerPort></Port>"
        for n in (1, 2)
    )
    inner = f"<stationID>1:900001</stationID><Ports>{ports}</Ports>"
    assert service.code("shedLoad", shed(f"<shedStation>{inner}</shedStation>")) == "100"
    assert [port["allowed_kw"] for port in service.carpark.state()] == [1, 2, None, None]
    one = "<stationID>1:900001</stationID><Ports><Port><portNumber>1</portNumber></Port></Ports>"
    query = f"<shedQuery><shedStation>{one}</shedStation></shedQuery>"
    assert service.code("clearShedState", query) == "100"
    assert [port["allowed_kw"] for port in service.carpark.state()] == [None] * 4


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<shedGroup><sgID>1234</sgID></shedGroup>", "172"),
        ("<shedGroup><sgID>9</sgID></shedGroup>", "160"),
        ("<shedStation><stationID>1:900009</stationID></shedStation>", "119"),
        (f"<shedGroup><sgID>1234</sgID>{KW_PER_STATION}{percent(1)}</shedGroup>", "171"),
        (f"<shedGroup><sgID>1234</sgID>{percent(101)}</shedGroup>", "171"),
        (f"<shedStation><stationID>1:900001</stationID>{PORT_7}</shedStation>", "171"),
    ],
)
def test_shed_refusals(service: Service, inner: str, code: str) -> None:
    """Arguments that contradict each other or name nothing are refused; nothing changes."""
    assert service.code("shedLoad", shed(inner)) == code
    assert [port["allowed_kw"] for port in service.carpark.state()] == [None] * 4


def test_misspelt_number(service: Service) -> None:
    """A limit that is no number is a malformed request."""
    group = f"<sgID>{GROUP}</sgID><allowedLoadPerStation>lots</allowedLoadPerStation>"
    query = shed(f"<shedGroup>{group}</shedGroup>")
    message: Any = envelope(f"<c:shedLoad>{query}</c:shedLoad>")
    assert fault(service.post(message)) == (500, "Client")
