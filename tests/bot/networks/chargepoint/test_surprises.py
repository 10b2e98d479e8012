"""What surprises people about ChargePoint (reference, at a glance): seven things, and what we do."""

from __future__ import annotations

import pytest
from lxml import etree

from bot.networks.chargepoint import ChargePoint, ChargePointClient
from bot.networks.chargepoint.events import KNOWN
from bot.networks.chargepoint.soap import SHIPPED
from chalicelib.core.inputs import PortSeen
from chalicelib.core.model import Person, Site, Stations, Status
from chalicelib.core.step import step
from chalicelib.edges import NetworkRefused, NetworkUnavailable
from chalicelib.values import replace
from practice.common.people import BY_NAME, GROUP
from tests.bot.networks.chargepoint.client_kit import (
    KEY,
    PASSWORD,
    Garage,
    Scripted,
    SetClock,
    open_garage,
    serving,
)

ANA = BY_NAME["ana"]
HERE = ("1:900001", "1")
PORT = "1:900001/1"
HQ = Site("hq", "HQ garage", stations=Stations(group=GROUP))
VERSIONS = ("4.1", "5.0", "5.1")


def asked(garage: Garage) -> set[str]:
    """Every operation that was called."""
    return {etree.QName(one).localname for one in garage.record.asked}


def looked(garage: Garage, site: Site = HQ) -> Site:
    """The site after another look, a minute later."""
    garage.clock.pass_minutes(1)
    return step(site, garage.network.look(site), garage.clock.now()).site


def seen_with(load: str) -> PortSeen:
    """A port in use of which getLoad says this."""
    head = "<responseCode>100</responseCode><stationData><stationID>1:900001</stationID>"
    status = f"{head}<Port><portNumber>1</portNumber><Status>INUSE</Status></Port></stationData>"
    power = f"{head}<Port><portNumber>1</portNumber>{load}</Port></stationData>"
    one = replace(HQ, stations=Stations(ids=("1:900001",)))
    with serving(Scripted(getLoad=power, getStationStatus=status)) as url:
        (seen,) = ChargePoint(ChargePointClient(url, KEY, PASSWORD), SetClock()).look(one).ports
    return seen


@pytest.mark.parametrize("version", VERSIONS)
def test_surprise_1_nothing_can_be_started_or_stopped(version: str) -> None:
    """No WSDL of ours knows a call for it; the only orders we give are limits of power."""
    wsdl = etree.parse(SHIPPED / f"cp_api_{version}.wsdl")
    names = {one.get("name") for one in wsdl.findall("{*}portType/{*}operation")}
    verbs = ("start", "stop", "enable", "disable", "activate", "unlock")
    assert names
    assert not [name for name in names if name.lower().startswith(verbs)]
    with open_garage(version) as garage:
        looked(garage)
        garage.network.limit(HQ, 3.3, 0)
        garage.network.lift(HQ)
        orders = {name for name in asked(garage) if not name.startswith("get")}
    assert orders == {"shedLoad", "clearShedState"}


def test_surprise_2_in_use_means_plugged_in(garage: Garage) -> None:
    """A car that draws nothing any more is still on its port, which isn't free."""
    garage.carpark.plug(*HERE, ANA)
    charging = looked(garage)
    garage.carpark.full(*HERE)
    full = looked(garage, charging)
    assert charging.ports[PORT].load_kw
    assert (full.ports[PORT].load_kw, full.ports[PORT].status) == (0, Status.INUSE)
    assert full.ports[PORT].stay is not None


@pytest.mark.parametrize(
    ("load", "capped"),
    [
        ("<shedState>0</shedState><allowedLoad>3.300</allowedLoad>", False),
        ("<shedState>1</shedState><allowedLoad>3.300</allowedLoad>", True),
        ("<shedState>1</shedState><allowedLoad>0.000</allowedLoad><percentShed>50</percentShed>", True),
        ("<shedState>1</shedState><allowedLoad>0.000</allowedLoad>", True),
        ("<shedState>0</shedState><percentShed>50</percentShed>", False),
    ],
)  # fmt: skip
def test_surprise_3_a_cap_is_a_shed_state_of_1(load: str, capped: bool) -> None:
    """What is left over in allowedLoad or percentShed limits nothing."""
    assert seen_with(load).capped is capped


def test_surprise_4_no_event_tells_of_a_cap(garage: Garage) -> None:
    """None of the 21 names is about power, and nothing is published; a look finds the cap."""
    assert not [name for name in KNOWN if "load" in name or "shed" in name]
    told: list[str] = []
    garage.carpark.watchers.append(lambda what, _port: told.append(what))
    garage.carpark.shed(allowed_kw=3.3)
    assert told == []
    assert {port.capped for port in garage.ports(HQ).values()} == {True}


def test_surprise_5_a_card_without_a_user(garage: Garage) -> None:
    """Where only the credentialID is told, whoever is linked to that card is known by it; where
    neither is, somebody is charging, and nobody is taken for them.
    """
    garage.carpark.plug(*HERE, ANA)
    garage.carpark.omit_users = True
    site = replace(HQ, people={"slack:T0HQ:U0ANA": Person(ids=(ANA.credential_id,))})
    site = looked(garage, site)
    stay = site.ports[PORT].stay
    assert stay is not None
    assert (stay.user, stay.driver) == ("", "slack:T0HQ:U0ANA")
    garage.carpark.unplug(*HERE)
    site = looked(garage, site)
    garage.carpark.omit_credentials = True
    garage.carpark.plug(*HERE, ANA)
    stay = looked(garage, site).ports[PORT].stay
    assert stay is not None
    assert (stay.user, stay.credential, stay.driver) == ("", "", None)


def test_surprise_6_a_running_session_has_no_data(garage: Garage) -> None:
    """A running session is never asked for by its id, but among those that run; and the code for
    "none found" is no fault.
    """
    garage.carpark.plug(*HERE, ANA)
    stay = looked(garage).ports[PORT].stay
    assert stay is not None
    assert stay.since == garage.clock.now()
    (book,) = garage.record.of("getChargingSessionData")
    assert {child.tag for child in book[0]} == {"stationIDs", "activeSessionsOnly", "startRecord"}
    with serving(Scripted(getUsers="<responseCode>136</responseCode>")) as url:
        assert ChargePointClient(url, KEY, PASSWORD).users() == []


@pytest.mark.parametrize(
    ("code", "fault"), [("101", NetworkRefused), ("168", NetworkUnavailable), ("", NetworkUnavailable)]
)  # fmt: skip
def test_surprise_7_errors_come_with_http_200(code: str, fault: type[Exception]) -> None:
    """What HTTP calls a success is one only if the responseCode says so."""
    with (
        serving(Scripted(getStationStatus=f"<responseCode>{code}</responseCode>")) as url,
        pytest.raises(fault),
    ):
        ChargePointClient(url, KEY, PASSWORD).status(["1:900001"])


def test_the_time_of_a_status_is_no_time_of_arrival(garage: Garage) -> None:
    """The sources disagree about TimeStamp; a stay begins when we first see it."""
    garage.carpark.plug(*HERE, ANA)
    garage.clock.pass_minutes(90)
    site = looked(garage)
    stay = site.ports[PORT].stay
    assert stay is not None
    assert stay.since == garage.clock.now()
