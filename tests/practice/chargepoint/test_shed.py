"""Limits on power, as the ChargePoint stand-in takes and refuses them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from practice.carpark import CarPark
from practice.common.people import GROUP
from tests.bot.networks.chargepoint.client_kit import (
    Service,
    SetClock,
    envelope,
    fault,
    search,
    serving,
    stand_in,
)

KW_PER_STATION = "<allowedLoadPerStation>1</allowedLoadPerStation>"
PORT_7 = (
    "<Ports><Port><portNumber>7</portNumber>"
    "<allowedLoadPerPort>1</allowedLoadPerPort></Port></Ports>"
)
PORT_1 = PORT_7.replace("7", "1")


def percent(number: int) -> str:
    return f"<percentShedPerStation>{number}</percentShedPerStation>"


def shed(inner: str) -> str:
    return f"<shedQuery>{inner}<timeInterval>0</timeInterval></shedQuery>"


@pytest.fixture
def service() -> Iterator[Service]:
    clock = SetClock()
    carpark = CarPark(clock)
    app = stand_in(carpark)
    with serving(app) as url:
        yield Service(url, app, carpark, clock)


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
        (
            f"<shedStation><stationID>1:900001</stationID>{KW_PER_STATION}{PORT_1}</shedStation>",
            "171",
        ),
    ],
)
def test_shed_refusals(service: Service, inner: str, code: str) -> None:
    """Arguments that contradict each other or name nothing are refused; nothing changes."""
    assert service.code("shedLoad", shed(inner)) == code
    assert [port["allowed_kw"] for port in service.carpark.state()] == [None] * 4


def test_another_unit_wants_a_clear_first(service: Service) -> None:
    """Switching between kW and percent without a clear fails, also while orders are on the way."""
    service.carpark.shed_delay = timedelta(minutes=5)
    in_kw = f"<shedStation><stationID>1:900001</stationID>{KW_PER_STATION}</shedStation>"
    in_percent = f"<shedStation><stationID>1:900001</stationID>{percent(60)}</shedStation>"
    clear = "<shedQuery><shedStation><stationID>1:900001</stationID></shedStation></shedQuery>"
    assert service.code("shedLoad", shed(in_kw)) == "100"
    assert service.code("shedLoad", shed(in_percent)) == "126"
    assert service.code("clearShedState", clear) == "100"
    assert service.code("shedLoad", shed(in_percent)) == "100"


def test_no_success(service: Service) -> None:
    """When told to, orders are answered with code 100 and Success 0, and nothing changes."""
    service.app.fault_config.sheds = False
    group = f"<shedGroup><sgID>{GROUP}</sgID>{KW_PER_STATION}</shedGroup>"
    assert service.ask("shedLoad", shed(group)).text("Success") == "0"
    assert [port["allowed_kw"] for port in service.carpark.state()] == [None] * 4


def test_misspelt_number(service: Service) -> None:
    """A limit that is no number is a malformed request."""
    group = f"<sgID>{GROUP}</sgID><allowedLoadPerStation>lots</allowedLoadPerStation>"
    query = shed(f"<shedGroup>{group}</shedGroup>")
    message: Any = envelope(f"<c:shedLoad>{query}</c:shedLoad>")
    assert fault(service.post(message)) == (500, "Client")


def test_shed_a_group_in_41(service: Service) -> None:
    """A group's value in 4.1 is each station's, too; getLoad tells it by station."""
    limit = "<allowedLoad>6.6</allowedLoad>"
    query = f"<sgData><sgID>{GROUP}</sgID></sgData><sgLoadData>{limit}</sgLoadData>"
    done = service.ask("shedLoad", f"{query}<timeInterval>0</timeInterval>", "4.1")
    assert (done.text("responseCode"), done.text("Success")) == ("100", "1")
    assert [port["allowed_kw"] for port in service.carpark.state()] == [3.3] * 4
    row = service.ask("getLoad", f"<sgID>{GROUP}</sgID>", "4.1").rows("stationData")[0]
    assert (row.text("shedState"), row.text("allowedLoad")) == ("1", "6.600")
    assert not row.rows("Port")
