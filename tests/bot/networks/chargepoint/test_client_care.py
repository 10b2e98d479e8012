"""What is broken, and who drives: alarms, faults and users, as each version tells them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.networks.chargepoint import ChargePoint, ChargePointClient
from bot.networks.chargepoint.translate import NetworkDriver
from chalicelib.core.inputs import Alarm
from chalicelib.core.model import Site, Stations
from practice.chargepoint.asked import Trouble
from practice.common.people import BY_NAME, DRIVERS, GROUP
from tests.bot.networks.chargepoint.client_kit import (  # fmt: skip
    KEY,
    MONDAY,
    PASSWORD,
    Garage,
    Scripted,
    SetClock,
    open_garage,
    serving,
)

ANA = BY_NAME["ana"]
HQ = Site("hq", "HQ garage", stations=Stations(group=GROUP))
LIST = Site("hq", "HQ garage", stations=Stations(ids=("1:900001", "1:900002")))
TRIP = Trouble("1:900001", "2", "GFCI Trip", MONDAY - timedelta(minutes=9))
LOST = Trouble("1:900002", "", "Unreachable", MONDAY - timedelta(minutes=5))


@pytest.mark.parametrize("site", [HQ, LIST], ids=["group", "list"])
@pytest.mark.parametrize("version", ["4.1", "5.0", "5.1"])
def test_alarms(version: str, site: Site) -> None:
    """Every version tells of alarms; a blank port number, or none, means the whole station."""
    with open_garage(version) as garage:
        assert garage.network.alarms(site) == ()
        garage.app.fault_config.alarms = (TRIP, LOST)
        assert sorted(garage.network.alarms(site), key=lambda alarm: alarm.station) == [
            Alarm("1:900001", "2", "GFCI Trip", TRIP.at),
            Alarm("1:900002", "", "Unreachable", LOST.at),
        ]


@pytest.mark.parametrize(
    ("version", "site", "calls"),
    [
        ("5.1", LIST, ["getAlarms", "getStationActiveFaults"]),
        ("5.1", HQ, ["getStations", "getAlarms", "getStationActiveFaults"]),
        ("5.0", LIST, ["getAlarms"] * 2),
        ("5.0", HQ, ["getStations", "getAlarms"]),
        ("4.1", LIST, ["getStations"] * 2 + ["getAlarms"] * 2),
        ("4.1", HQ, ["getStations", "getAlarms"]),
    ],
)
def test_calls(version: str, site: Site, calls: list[str]) -> None:
    """By lists of stations in 5.1, by group or station before, by organization in 4.1."""
    with open_garage(version) as garage:
        garage.network.alarms(site)
        assert list(garage.app.calls) == calls


def test_only_of_the_site(garage: Garage) -> None:
    """An alarm of a station that isn't the site's is none of ours."""
    garage.app.fault_config.alarms = garage.app.fault_config.faults = (TRIP, LOST)
    one = Site("hq", "HQ", stations=Stations(ids=("1:900002",)))
    assert {alarm.station for alarm in garage.network.alarms(one)} == {"1:900002"}


def test_alarms_that_nobody_asked_for() -> None:
    """A service that tells of other stations, too, isn't believed to speak of the site."""
    rows = "".join(
        f"<Alarms><stationID>1:90000{n}</stationID><alarmType>GFCI Trip</alarmType></Alarms>"
        for n in (1, 9)
    )
    app = Scripted(
        getAlarms=f"<responseCode>100</responseCode>{rows}",
        getStationActiveFaults="<responseCode>102</responseCode>",
    )
    with serving(app) as url:
        found = ChargePoint(ChargePointClient(url, KEY, PASSWORD), SetClock()).alarms(LIST)
    assert [alarm.station for alarm in found] == ["1:900001"]


def test_faults_are_alarms_by_name(garage: Garage) -> None:
    """5.1: an active fault is an alarm of its station, called by the fault's name."""
    garage.app.fault_config.faults = (Trouble("1:900001", "", "Contactor stuck", LOST.at),)
    assert garage.network.alarms(HQ) == (Alarm("1:900001", "", "Contactor stuck", LOST.at),)


@pytest.mark.parametrize(("version", "told"), [("4.1", 3), ("5.0", 10), ("5.1", 10)])
def test_many_pages_of_alarms(version: str, told: int) -> None:
    """Alarms on several pages are all told; API 4.1 has no way to ask for a second page."""
    with open_garage(version) as garage:
        garage.app.fault_config.page_size = 3
        garage.app.fault_config.alarms = tuple(
            Trouble("1:900001", "1", f"Trouble {n}", MONDAY) for n in range(10)
        )
        assert len(garage.network.alarms(HQ)) == told


def test_odd_times() -> None:
    """A time without a zone is UTC; one that is no time is that of the asking."""
    rows = "".join(
        f"<Alarms><stationID>1:900001</stationID><alarmType>{at or 'no time'}</alarmType>"
        f"<alarmTime>{at}</alarmTime></Alarms>"
        for at in ("2031-03-03T16:00:00", "soon", "", "0001-01-01T00:00:00+14:00")
    )
    app = Scripted(
        getAlarms=f"<responseCode>100</responseCode>{rows}<moreFlag>0</moreFlag>",
        getStationActiveFaults="<responseCode>102</responseCode>",
    )
    with serving(app) as url:
        found = ChargePoint(ChargePointClient(url, KEY, PASSWORD), SetClock()).alarms(LIST)
    assert [alarm.at for alarm in found] == [MONDAY - timedelta(minutes=30), *[MONDAY] * 3]


@pytest.mark.parametrize("version", ["5.0", "5.1"])
def test_users(version: str) -> None:
    """Names, cards and what they typed in, of every driver that the account may know."""
    with open_garage(version) as garage:
        garage.app.fault_config.page_size = 7
        users = garage.network.users()
        assert len(users) == len(DRIVERS)
        assert users[0] == NetworkDriver(
            ANA.user_id, (ANA.credential_id,), "Ana", "Practice", (("Employee number", "E0001"),)
        )


def test_no_users() -> None:
    """Nobody connected, or a version without getUsers: nobody is known."""
    with open_garage() as garage:
        garage.app.fault_config.users = ()
        assert garage.network.users() == ()
    with open_garage("4.1") as garage:
        assert garage.network.users() == ()
        assert not garage.app.calls
