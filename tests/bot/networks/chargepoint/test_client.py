"""The SOAP client against the stand-in, over HTTP: what it asks and what it makes of answers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from bot.networks.chargepoint import ChargePointClient
from bot.networks.chargepoint.reply import PlanDenied, Row
from bot.networks.chargepoint.translate import station_ids
from chalicelib.core.model import Stations
from chalicelib.edges import NetworkRefused, NetworkUnavailable
from practice.carpark import CarPark
from practice.chargepoint.service import StandIn
from practice.common.people import GROUP, make_ports
from tests.bot.networks.chargepoint.client_kit import (
    KEY,
    PASSWORD,
    Scripted,
    SetClock,
    serving,
    stand_in,
)

THE_GROUP = Stations(group=GROUP)


@dataclass
class Service:
    url: str
    app: StandIn

    def client(self, version: str = "5.1", password: str = PASSWORD) -> ChargePointClient:
        return ChargePointClient(self.url, KEY, password, version, timeout=5.0)


@pytest.fixture
def service() -> Iterator[Service]:
    app = stand_in(CarPark(SetClock()))
    with serving(app) as url:
        yield Service(url, app)


@pytest.fixture
def crowd() -> Iterator[Service]:
    """A car park of 250 stations."""
    app = stand_in(CarPark(SetClock(), make_ports(500)))
    with serving(app) as url:
        yield Service(url, app)


def ids(rows: list[Row]) -> list[str]:
    return list(station_ids(rows))


@pytest.mark.parametrize("version", ["5.0", "5.1"])
def test_stations_status_load(service: Service, version: str) -> None:
    """Both versions tell of the stations, their ports' status and their load."""
    client = service.client(version)
    both = ["1:900001", "1:900002"]
    assert ids(client.stations(THE_GROUP)) == both
    assert [len(row.rows("Port")) for row in client.status(both)] == [2, 2]
    assert client.load(THE_GROUP)[0].text("stationLoad") == "0.000"


def test_a_list_instead_of_a_group(service: Service) -> None:
    """Stations can be named; unknown ones are left out, doubles asked once."""
    client = service.client()
    some = Stations(ids=("1:900002", "1:900009", "1:900002"))
    assert ids(client.stations(some)) == ids(client.load(some)) == ["1:900002"]
    assert ids(client.status(some.ids)) == ["1:900002"]
    assert list(service.app.calls) == ["getStations"] * 2 + ["getLoad"] * 2 + ["getStationStatus"]


def test_group_load_is_one_call(crowd: Service) -> None:
    """However many stations a group has, its load is one call."""
    assert len(crowd.client().load(THE_GROUP)) == 250
    assert list(crowd.app.calls) == ["getLoad"]


def test_status_in_lists_of_a_hundred(crowd: Service) -> None:
    """More than 100 ids are asked for in several calls: the service takes no more in one."""
    everyone = [f"1:{900_001 + n}" for n in range(250)]
    assert ids(crowd.client().status(everyone)) == everyone
    assert list(crowd.app.calls) == ["getStationStatus"] * 3


def test_pages(crowd: Service) -> None:
    """Pages are asked for until the last; none of the rows is missed or doubled."""
    crowd.app.fault_config.page_size = 60
    found = ids(crowd.client().stations(THE_GROUP))
    assert found == [f"1:{900_001 + n}" for n in range(250)]
    assert len(crowd.app.calls) == 5


def test_a_page_that_repeats(service: Service) -> None:
    """A service that sends the same page for ever is asked twice, not for ever."""
    service.app.fault_config.repeats = True
    assert ids(service.client().stations(THE_GROUP)) == ["1:900001", "1:900002"]
    assert len(service.app.calls) == 2


def test_a_full_flag_on_an_empty_page() -> None:
    """A moreFlag 1 without rows is the end, too."""
    empty = Scripted(getStations="<responseCode>100</responseCode><moreFlag>1</moreFlag>")
    with serving(empty) as url:
        assert ChargePointClient(url, KEY, PASSWORD).stations(THE_GROUP) == []
    assert len(empty.calls) == 1


def test_nothing_found(service: Service) -> None:
    """The codes for "nothing there" are empty answers, not faults."""
    client = service.client()
    assert client.stations(Stations(group=9)) == client.load(Stations(group=9)) == []
    assert client.status(["1:900009"]) == client.status([]) == []


@pytest.mark.parametrize("code", ["102", "136", "153", "160"])
def test_each_code_for_nothing(code: str) -> None:
    """Each of the four codes for "nothing found" is an empty answer."""
    with serving(Scripted(getLoad=f"<responseCode>{code}</responseCode>")) as url:
        assert ChargePointClient(url, KEY, PASSWORD).load(THE_GROUP) == []


def test_another_code_is_kept_as_text() -> None:
    """A code that nobody has explained is an outage that names it."""
    words = "<responseCode>183</responseCode><responseText>Hm</responseText>"
    with (
        serving(Scripted(getLoad=words)) as url,
        pytest.raises(NetworkUnavailable, match="code 183: Hm"),
    ):
        ChargePointClient(url, KEY, PASSWORD).load(THE_GROUP)


def test_a_plan_that_denies(service: Service) -> None:
    """Code 101 is a refusal that says what to ask for."""
    service.app.fault_config.denied = frozenset({"getLoad"})
    with pytest.raises(PlanDenied, match="API plan and station rights"):
        service.client().load(THE_GROUP)


def test_a_wrong_password(service: Service) -> None:
    """A refused token is a refusal that says what to check, without the password."""
    with pytest.raises(NetworkRefused, match=r"check the API key.*region") as refusal:
        service.client(password="wrong-horse").load(THE_GROUP)
    assert "wrong-horse" not in str(refusal.value)


@pytest.mark.parametrize("version", ["5.0", "5.1"])
def test_odd_replies(service: Service, version: str) -> None:
    """Foreign order, unknown elements, and a header that must be understood are no trouble."""
    service.app.fault_config.odd = service.app.fault_config.timestamps = True
    client = service.client(version)
    assert sorted(ids(client.stations(THE_GROUP))) == ["1:900001", "1:900002"]
    assert {
        port.text("Status") for row in client.status(["1:900001"]) for port in row.rows("Port")
    }
    assert client.load(THE_GROUP)[0].rows("Port")[0].text("portLoad") == "0.000"


def test_nothing_is_opened_before_the_first_call() -> None:
    """A client for an address that doesn't exist can be made; only asking fails."""
    client = ChargePointClient("http://127.0.0.1:1", KEY, PASSWORD, wsdl="/nowhere.wsdl")
    with pytest.raises(NetworkUnavailable, match=r"can't use the WSDL /nowhere\.wsdl"):
        client.load(THE_GROUP)


def test_a_wsdl_by_address(service: Service) -> None:
    """A WSDL may come from an address; the endpoint is still the configured one."""
    wsdl = f"{service.url}/cp_api_5.1.wsdl"
    with serving(stand_in(CarPark(SetClock(), make_ports(2)))) as elsewhere:
        client = ChargePointClient(elsewhere, KEY, PASSWORD, wsdl=wsdl)
        assert ids(client.load(THE_GROUP)) == ["1:900001"]
    assert not service.app.calls


def test_secrets_stay_in(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the repr nor the most talkative log holds the key or the password."""
    caplog.set_level(logging.DEBUG)
    client = service.client()
    client.load(THE_GROUP)
    assert caplog.records
    for secret in (KEY, PASSWORD):
        assert secret not in caplog.text
        assert secret not in repr(client)


def test_several_threads(service: Service) -> None:
    """One client serves several threads, from its first call on."""
    client = service.client()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: len(client.load(THE_GROUP)), range(40)))
    assert answers == [2] * 40
