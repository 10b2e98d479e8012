"""What each version of the API can tell, and how it is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.networks.chargepoint import ChargePoint, ChargePointClient
from bot.networks.chargepoint.reply import PlanDenied
from chalicelib.core.inputs import PortSeen
from chalicelib.core.model import Site, Stations, Status
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

ANA, BOB = BY_NAME["ana"], BY_NAME["bob"]
BY_GROUP = Site("hq", "HQ garage", stations=Stations(group=GROUP))
BY_LIST = Site("hq", "HQ garage", stations=Stations(ids=("1:900001", "1:900002")))
ALL = ["4.1", "5.0", "5.1"]


@pytest.fixture
def old() -> Iterator[Garage]:
    with open_garage("4.1") as garage:
        yield garage


@pytest.mark.parametrize("site", [BY_GROUP, BY_LIST], ids=["group", "list"])
@pytest.mark.parametrize("qualified", [False, True])
@pytest.mark.parametrize("version", ALL)
def test_a_look_in_every_version_and_spelling(version: str, qualified: bool, site: Site) -> None:
    """All versions show the same statuses, whether or not children are qualified."""
    with open_garage(version) as garage:
        garage.app.fault_config.qualified = qualified
        garage.carpark.plug("1:900001", "2", ANA)
        garage.carpark.unreachable("1:900002", "1")
        seen = garage.ports(site)
        assert [port.status for port in seen.values()] == [
            Status.AVAILABLE, Status.INUSE, Status.UNREACHABLE, Status.AVAILABLE,
        ]  # fmt: skip
        user = seen["1:900001/2"].user
        assert user == ("" if version == "4.1" else ANA.user_id)


@pytest.mark.parametrize("site", [BY_GROUP, BY_LIST], ids=["group", "list"])
def test_41_has_a_stations_power_and_no_drivers(old: Garage, site: Site) -> None:
    """In 4.1 a port in use has no driver and no card; its power is known while it is the only one
    in use at its station.
    """
    old.carpark.plug("1:900001", "1", ANA)
    old.clock.pass_minutes(5)
    load = old.carpark.ports()[0].load_kw
    assert old.ports(site)["1:900001/1"] == PortSeen(
        "1:900001", "1", Status.INUSE, load_kw=load, capped=False
    )
    assert old.ports(site)["1:900001/2"].load_kw == 0.0
    old.carpark.plug("1:900001", "2", BOB)
    assert [port.load_kw for port in old.ports(site).values()] == [None, None, 0.0, 0.0]


@pytest.mark.parametrize("site", [BY_GROUP, BY_LIST], ids=["group", "list"])
@pytest.mark.parametrize("private", [{"1:900001"}, {"1:900001", "1:900002"}])
def test_41_sees_private_stations(old: Garage, site: Site, private: set[str]) -> None:
    """The call for the status knows public stations only: those of others are in the inventory."""
    old.app.fault_config.private = frozenset(private)
    old.carpark.plug("1:900001", "2", ANA)
    old.carpark.unreachable("1:900002", "1")
    assert [port.status for port in old.ports(site).values()] == [
        Status.AVAILABLE, Status.INUSE, Status.UNREACHABLE, Status.AVAILABLE,
    ]  # fmt: skip


def test_41_does_not_ask_again_for_strangers(old: Garage) -> None:
    """A station that the account has no rights on costs no further call at each look."""
    site = Site("hq", "HQ", stations=Stations(ids=("1:900001", "1:999999")))
    old.network.look(site)
    before = list(old.app.calls).count("getStations")
    old.network.look(site)
    assert list(old.app.calls).count("getStations") == before


def test_41_shares_the_cap_of_a_station(old: Garage) -> None:
    """A station's limit in kW is that of its ports together; a percentage is each port's."""
    old.carpark.shed(allowed_kw=3.3, places=[("1:900001", "1"), ("1:900001", "2")])
    old.carpark.shed(percent=50, places=[("1:900002", "1"), ("1:900002", "2")])
    caps = [(p.capped, p.allowed_kw, p.percent_shed) for p in old.ports(BY_GROUP).values()]
    assert caps == [(True, 3.3, None)] * 2 + [(True, None, 50)] * 2


def test_41_asks_in_its_own_shapes(old: Garage) -> None:
    """4.1: another operation for the status, no pages, and a group in every getLoad."""
    old.ports(BY_LIST)
    assert list(old.app.calls) == ["getStations"] * 2 + ["getLoad"] * 2 + [
        "getPublicStationStatus"
    ]
    assert [[child.text for child in asked] for asked in old.record.of("getLoad")] == [
        [str(GROUP), "1:900001"],
        [str(GROUP), "1:900002"],
    ]
    assert not [one for asked in old.record.asked for one in asked.iter("startRecord")]


def test_41_remembers_its_groups(old: Garage) -> None:
    """Which group a listed station is in is asked every 15 minutes, not at every look."""
    for _ in range(3):
        old.ports(BY_LIST)
    assert list(old.app.calls).count("getStations") == 2


def test_41_without_a_group(old: Garage) -> None:
    """Stations in no group have a status and no power."""
    old.carpark.members = dict.fromkeys(old.carpark.groups, frozenset({"1:900002"}))
    seen = old.ports(BY_LIST)
    assert [port.capped for port in seen.values()] == [None, None, False, False]
    with pytest.raises(PlanDenied, match=r"needs a group \(sgID\), and 1:900001 is in none"):
        old.network.lift(BY_LIST)


def test_41_has_no_users(old: Garage) -> None:
    """Users came with 5.0: asking for them is a refusal that says so, without a call."""
    with pytest.raises(PlanDenied, match=r"API 4\.1 doesn't have it"):
        old.client.users()
    assert not old.app.calls


def test_rows_that_nobody_asked_for() -> None:
    """A service that tells of more stations than asked for doesn't widen the site."""
    port = "<Port><portNumber>1</portNumber><Status>AVAILABLE</Status></Port>"
    both = "".join(
        f"<stationData><stationID>1:90000{n}</stationID>{port}</stationData>" for n in (1, 2)
    )
    talkative = Scripted(
        getLoad="<responseCode>160</responseCode>",
        getStationStatus=f"<responseCode>100</responseCode>{both}",
    )
    one = Site("hq", "HQ", stations=Stations(ids=("1:900002",)))
    with serving(talkative) as url:
        network = ChargePoint(ChargePointClient(url, KEY, PASSWORD), SetClock())
        assert [port.id for port in network.look(one).ports] == ["1:900002/1"]


def test_an_unknown_version() -> None:
    """There are three versions; a client for another can't be made."""
    with pytest.raises(KeyError):
        ChargePointClient("http://127.0.0.1:1", KEY, PASSWORD, "6.0")


@pytest.mark.parametrize("version", ALL)
def test_groups_by_name(version: str) -> None:
    """Every version tells the groups of the account's organizations, with their stations."""
    with open_garage(version) as garage:
        garage.carpark.members[GROUP] = frozenset({"1:900002"})
        lot, every = garage.network.groups()
    assert (lot.id, lot.name, lot.stations) == (GROUP, "Practice lot", ("1:900002",))
    assert every.stations == ("1:900001", "1:900002")
