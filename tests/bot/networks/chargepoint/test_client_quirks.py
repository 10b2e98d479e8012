"""The twelve known quirks of ChargePoint clients and replies, each with what we do about it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import zeep
from lxml import etree

from bot.networks.chargepoint import ChargePoint, ChargePointClient
from bot.networks.chargepoint.soap import SHIPPED
from chalicelib.core.inputs import PortSeen
from chalicelib.core.model import Site, Stations, Status
from practice.carpark import CarPark
from practice.chargepoint.asked import Trouble
from practice.common.people import BY_NAME, GROUP
from tests.bot.networks.chargepoint.client_kit import (
    KEY,
    MONDAY,
    PASSWORD,
    Garage,
    Recorder,
    Scripted,
    SetClock,
    envelope,
    open_garage,
    serving,
    stand_in,
)

ANA = BY_NAME["ana"]
HQ = Site("hq", "HQ garage", stations=Stations(group=GROUP))
ONE = Site("hq", "HQ garage", stations=Stations(ids=("1:900001",)))
OK = "<responseCode>100</responseCode>"
FREE = (
    f"{OK}<stationData><stationID>1:900001</stationID>"
    "<Port><portNumber>1</portNumber><Status>INUSE</Status></Port></stationData>"
)


def everything(garage: Garage) -> None:
    """All that the client ever asks."""
    for site in (HQ, ONE):
        garage.network.look(site)
        garage.network.alarms(site)
        garage.network.limit(site, 3.3, 0)
        garage.network.lift(site)
    garage.network.users()


def seen_with(load: str, status: str = FREE) -> PortSeen:
    """The port of a station for which getLoad says this."""
    port = f"<Port><portNumber>1</portNumber>{load}</Port>"
    row = f"<stationData><stationID>1:900001</stationID>{port}</stationData>"
    with serving(Scripted(getLoad=OK + row, getStationStatus=status)) as url:
        (seen,) = ChargePoint(ChargePointClient(url, KEY, PASSWORD), SetClock()).look(ONE).ports
    return seen


def test_quirk_01_the_search_query_is_always_given(garage: Garage) -> None:
    """Without a searchQuery zeep refuses the call; every 5.x question of ours has its query."""
    client: Any = zeep.Client(str(SHIPPED / "cp_api_5.1.wsdl"))  # type: ignore[no-untyped-call] # zeep's
    with pytest.raises(zeep.exceptions.ValidationError, match="searchQuery"):
        client.create_message(client.service, "getUsers")
    everything(garage)
    assert {child.tag for asked in garage.record.asked for child in asked} == {
        "searchQuery",
        "shedQuery",
    }


@pytest.mark.parametrize("version", ["4.1", "5.0", "5.1"])
def test_quirk_02_blank_numbers_foreign_order_unknown_elements(version: str) -> None:
    """Replies that a strict reader refuses give the same look: blank ints, odd order, extras."""
    with open_garage(version) as garage:
        garage.carpark.plug("1:900001", "1", ANA)
        plain, alarms = garage.ports(ONE), garage.network.alarms(ONE)
        garage.app.fault_config.odd = True
        garage.network = ChargePoint(garage.client, garage.clock)
        assert garage.ports(ONE) == plain
        assert garage.network.alarms(ONE) == alarms
    blank = seen_with("<shedState></shedState><portLoad/><percentShed> </percentShed>")
    assert (blank.capped, blank.load_kw, blank.percent_shed) == (None, None, None)


def test_quirk_03_arguments_go_by_keyword() -> None:
    """What has no searchQuery is passed by keyword and arrives directly in the request."""
    with open_garage("4.1") as garage:
        garage.network.look(HQ)
        garage.network.lift(ONE)
        ((load,), (clear,)) = garage.record.of("getLoad"), garage.record.of("clearShedState")
    assert [(child.tag, child.text) for child in load] == [("sgID", str(GROUP))]
    assert [child.tag for child in clear] == ["sgID", "stationID"]


def test_quirk_04_lists_of_ids_have_a_wrapper() -> None:
    """In stationIDs is one stationID for each id, at most a hundred."""
    with open_garage(ports=300) as garage:
        garage.network.look(HQ)
        garage.network.alarms(HQ)
        lists = [one for asked in garage.record.asked for one in asked.iter("stationIDs")]
    assert [len(one) for one in lists] == [100, 50] * 3
    assert {child.tag for one in lists for child in one} == {"stationID"}


@pytest.mark.parametrize("version", ["4.1", "5.0", "5.1"])
def test_quirk_05_open_ended_is_zero(version: str) -> None:
    """A limit until further notice is sent with timeInterval 0, never a blank one."""
    with open_garage(version) as garage:
        garage.network.limit(ONE, 3.3, 0)
        (asked,) = garage.record.of("shedLoad")
    assert [minutes.text for minutes in asked.iter("timeInterval")] == ["0"]


def test_quirk_06_nothing_is_set_on_what_arrived(garage: Garage) -> None:
    """Rows can't be written to, and reading them twice gives the same."""
    (row, *_) = garage.client.load(HQ.stations)
    with pytest.raises(AttributeError):
        row.element = None  # type: ignore[misc] # that is the point
    assert row.rows("Port") == row.rows("Port")
    assert garage.ports(HQ) == garage.ports(HQ)


def test_quirk_07_the_wsdl_is_ours_and_the_address_configured(garage: Garage) -> None:
    """No WSDL is fetched, and whatever address a WSDL names, only the configured one is asked."""
    everything(garage)
    assert set(garage.record.paths) == {"/webservices/chargepoint/services/5.1"}
    elsewhere = Recorder(stand_in(CarPark(SetClock())))
    with serving(garage.record) as url, serving(elsewhere) as other:
        named = ChargePointClient(url, KEY, PASSWORD, wsdl=f"{other}/cp_api_5.1.wsdl")
        named.load(HQ.stations)
    assert elsewhere.paths == ["/cp_api_5.1.wsdl"]


def test_quirk_08_names_that_differ_by_a_letter() -> None:
    """MoreFlag and moreFlag, stationStatusData and stationData, the service's own port name."""
    for flag in ("moreFlag", "MoreFlag"):
        app = Scripted(getStations=f"{FREE}<{flag}>1</{flag}>")
        with serving(app) as url:
            ChargePointClient(url, KEY, PASSWORD).stations(HQ.stations)
        assert len(app.calls) == 2, "the flag asks for another page"
    for version, port in (("4.1", "chargepointservicesSOAP"), ("5.1", "ChargepointServicesSOAP")):
        wsdl = etree.parse(SHIPPED / f"cp_api_{version}.wsdl")
        assert wsdl.find("{*}service/{*}port").get("name") == port
        with open_garage(version) as garage:
            assert len(garage.ports(HQ)) == 4


@pytest.mark.parametrize(
    ("text", "percent"),
    [("50", 50), ("50.0", 50), ("50.000", 50), (" 50 ", 50), ("50%", 50), ("5e1", 50),
     ("0.4", 1), ("half", None), ("-50", None), ("nan", None), ("150", None)],
)  # fmt: skip
def test_quirk_09_percent_shed_in_any_writing(text: str, percent: int | None) -> None:
    """We read percentShed as int, decimal or text; what makes no sense counts as not said."""
    seen = seen_with(f"<shedState>1</shedState><percentShed>{text}</percentShed>")
    assert (seen.capped, seen.percent_shed) == (True, percent)


@pytest.mark.parametrize(("user", "card"), [("", "CNCP9100000000"), ("", ""), ("7100001", "")])
def test_quirk_10_a_session_without_a_name(user: str, card: str) -> None:
    """A userID may be blank while there is a card, and both while a car draws power."""
    ids = f"<userID>{user}</userID><credentialID>{card}</credentialID>"
    seen = seen_with(f"{ids}<shedState>0</shedState><portLoad>6.6</portLoad>")
    assert seen == PortSeen(
        "1:900001", "1", Status.INUSE, load_kw=6.6, user=user, credential=card, capped=False
    )


def test_quirk_11_one_port_number_in_each_port(garage: Garage) -> None:
    """Every Port that we send has one portNumber; the stand-in refuses another."""
    everything(garage)
    ports = [port for asked in garage.record.asked for port in asked.iter("Port")]
    assert ports
    assert all(len(port.findall("portNumber")) == 1 for port in ports)
    numbers = "<portNumber>1</portNumber><portNumber>2</portNumber>"
    station = f"<stationID>1:900001</stationID><Ports><Port>{numbers}</Port></Ports>"
    query = f"<shedQuery><shedStation>{station}</shedStation></shedQuery>"
    status: list[str] = []
    message = envelope(f"<c:clearShedState>{query}</c:clearShedState>")
    answer = b"".join(garage.app(request(message), lambda line, _: status.append(line)))  # type: ignore[arg-type] # a WSGI server of one request
    assert (status, b"one portNumber" in answer) == (["500 Internal Server Error"], True)


def test_quirk_12_a_header_that_must_be_understood(garage: Garage) -> None:
    """A security header of the reply's own, marked mustUnderstand, is no trouble."""
    garage.app.fault_config.alarms = (
        Trouble("1:900001", "1", "GFCI Trip", MONDAY - timedelta(1)),
    )
    plain = garage.ports(HQ)
    garage.app.fault_config.timestamps = True
    assert garage.ports(HQ) == plain
    assert len(garage.network.alarms(HQ)) == 1
    everything(garage)


def request(message: bytes) -> dict[str, Any]:
    """A WSGI environment that posts a message to the service."""
    return {
        "PATH_INFO": "/webservices/chargepoint/services/5.1",
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": str(len(message)),
        "wsgi.input": BytesIO(message),
    }
