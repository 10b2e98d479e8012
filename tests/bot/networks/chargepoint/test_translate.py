"""ChargePoint's replies become one observation, whatever is in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st
from lxml import etree

from bot.networks.chargepoint.reply import Row
from bot.networks.chargepoint.translate import alarms, observed, station_ids
from chalicelib.core.inputs import PortSeen
from chalicelib.core.model import Status
from tests.bot.networks.chargepoint.client_kit import MONDAY

LOAD_FIELDS = ("portNumber", "userID", "shedState", "portLoad", "allowedLoad", "percentShed")


def station(name: str, *ports: dict[str, str]) -> Row:
    """A stationData row with ports."""
    element = etree.Element("stationData")
    etree.SubElement(element, "stationID").text = name
    for fields in ports:
        port = etree.SubElement(element, "Port")
        for field, text in fields.items():
            etree.SubElement(port, field).text = text
    return Row(element)


def look(status: dict[str, str], load: dict[str, str] | None) -> PortSeen:
    """One port, number 1 of station 1:900001, through the translation."""
    loads = [] if load is None else [station("1:900001", {"portNumber": "1", **load})]
    rows = [station("1:900001", {"portNumber": "1", **status})]
    (port,) = observed(MONDAY, rows, loads).ports
    return port


def test_status_and_load_are_joined() -> None:
    """Status says which ports there are, load what they draw and who is on them."""
    status = [
        station(
            "1:900001",
            {"portNumber": "1", "Status": "INUSE"},
            {"portNumber": "2", "Status": "AVAILABLE"},
        )
    ]
    load = [
        station(
            "1:900001",
            {
                "portNumber": "1",
                "userID": "7100001",
                "credentialID": "CNCP9100000000",
                "shedState": "0",
                "portLoad": "6.589",
                "allowedLoad": "0.000",
                "percentShed": "0",
            },
        )
    ]
    seen = observed(MONDAY, status, load)
    assert seen.at == MONDAY
    assert seen.ports == (
        PortSeen("1:900001", "1", Status.INUSE, 6.589, "7100001", "CNCP9100000000", capped=False),
        PortSeen("1:900001", "2", Status.AVAILABLE),
    )


@pytest.mark.parametrize(
    ("status", "text", "session"),
    [
        ("INUSE", "800000042", "800000042"),
        ("INUSE", "0", ""),
        ("INUSE", "", ""),
        ("AVAILABLE", "800000042", ""),
    ],
)
def test_sessions(status: str, text: str, session: str) -> None:
    """A port in use tells the network's session id; 0 is none, and a free port has none."""
    assert look({"Status": status}, {"sessionID": text}).session == session


def test_ports_come_in_one_order() -> None:
    """Whatever order the network has, every look has the same; port 10 follows port 9."""
    rows = [
        station("1:900002", {"portNumber": "1"}),
        station("1:900001", {"portNumber": "10"}, {"portNumber": "9"}),
    ]
    ids = [port.id for port in observed(MONDAY, rows, []).ports]
    assert ids == ["1:900001/9", "1:900001/10", "1:900002/1"]


def test_a_port_only_getload_knows_is_left_out() -> None:
    """Without a status there is nothing to say about a port."""
    assert observed(MONDAY, [], [station("1:900001", {"portNumber": "1"})]).ports == ()


def test_doubles_and_nameless_ports() -> None:
    """The first of two rows for one port counts; rows without a name or number don't."""
    rows = [
        station("1:900001", {"portNumber": "1", "Status": "INUSE"}, {"Status": "AVAILABLE"}),
        station("1:900001", {"portNumber": "1", "Status": "AVAILABLE"}),
        station("", {"portNumber": "1", "Status": "AVAILABLE"}),
    ]
    seen = observed(MONDAY, rows, [])
    assert [(port.id, port.status) for port in seen.ports] == [("1:900001/1", Status.INUSE)]
    assert station_ids(rows) == ("1:900001",)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("AVAILABLE", Status.AVAILABLE),
        (" inuse ", Status.INUSE),
        ("UNREACHABLE", Status.UNREACHABLE),
        ("UNKNOWN", Status.UNKNOWN),
        ("RESERVED", Status.UNKNOWN),
        ("", Status.UNKNOWN),
    ],
)
def test_status_words(word: str, status: Status) -> None:
    """ChargePoint's four words are ours; any other is UNKNOWN."""
    assert look({"Status": word}, None).status is status


@pytest.mark.parametrize(
    ("text", "kw"),
    [
        ("3.305", 3.305),
        (" 0.000 ", 0.0),
        ("7", 7.0),
        ("", None),
        ("n/a", None),
        ("NaN", None),
        ("inf", None),
        ("-1.0", None),
    ],
)
def test_power(text: str, kw: float | None) -> None:
    """A number is a number; anything else is "the network didn't say"."""
    assert look({"Status": "INUSE"}, {"portLoad": text}).load_kw == kw


@pytest.mark.parametrize(
    ("load", "cap"),
    [
        (("1", "3.300", "0"), (True, 3.3, None)),
        (("1", "0.000", "50"), (True, None, 50)),
        (("1", "0.000", "50.0"), (True, None, 50)),
        (("1", "0.000", "0"), (True, 0.0, None)),
        (("1", "", ""), (True, None, None)),
        (("1", "3.300", "101"), (True, 3.3, None)),
        (("0", "3.300", "50"), (False, None, None)),
        (("", "3.300", "50"), (None, None, None)),
        (("yes", "3.300", "50"), (None, None, None)),
    ],
)
def test_only_shed_state_means_capped(
    load: tuple[str, str, str], cap: tuple[bool | None, float | None, int | None]
) -> None:
    """Only shedState 1 is a cap, in kW or percent; allowedLoad alone is none."""
    fields = dict(zip(("shedState", "allowedLoad", "percentShed"), load, strict=True))
    seen = look({"Status": "INUSE"}, fields)
    assert (seen.capped, seen.allowed_kw, seen.percent_shed) == cap


def test_nobody_is_on_a_free_port() -> None:
    """The calls are a moment apart: ids left over from a car that has gone are dropped."""
    ids = {"userID": "7100001", "credentialID": "CNCP9100000000"}
    assert look({"Status": "AVAILABLE"}, ids).user == ""
    assert look({"Status": "AVAILABLE"}, ids).credential == ""
    assert look({"Status": "INUSE"}, ids).credential == "CNCP9100000000"


def test_names_with_a_namespace() -> None:
    """Qualified children are read like unqualified ones."""
    plain = etree.tostring(station("1:900001", {"portNumber": "1", "Status": "INUSE"}).element)
    row = Row(etree.fromstring(plain.replace(b"<stationData>", b'<stationData xmlns="urn:x">')))
    assert observed(MONDAY, [row], []).ports[0].status is Status.INUSE


texts = st.one_of(
    st.sampled_from(["", " ", "0", "1", "1:900001", "INUSE", "AVAILABLE", "50", "-1", "1e999"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="￾￿")),
)


def rows(fields: Sequence[str]) -> Any:
    """Stations whose ports have any of the fields, with anything in them."""
    ports = st.lists(st.dictionaries(st.sampled_from(list(fields)), texts), max_size=4)
    return st.lists(st.builds(lambda name, many: station(name, *many), texts, ports), max_size=4)


@given(status=rows(["portNumber", "Status", "TimeStamp"]), load=rows(LOAD_FIELDS))
def test_nothing_that_arrives_raises(status: list[Row], load: list[Row]) -> None:
    """Any mixture of blanks and garbage is an observation with sane numbers."""
    ports = observed(MONDAY, status, load).ports
    assert len({port.id for port in ports}) == len(ports)
    for port in ports:
        assert port.load_kw is None or 0 <= port.load_kw < float("inf")
        assert port.percent_shed is None or 0 <= port.percent_shed <= 100
        assert port.allowed_kw is None or port.percent_shed is None


def alarm(kind: str, minutes: int, port: str = "", name: str = "1:900001") -> Row:
    """An alarm so many minutes after MONDAY."""
    element = etree.Element("Alarms")
    at = MONDAY + timedelta(minutes=minutes)
    fields = {
        "stationID": name,
        "portNumber": port,
        "alarmType": kind,
        "alarmTime": at.isoformat(),
    }
    for field, text in fields.items():
        etree.SubElement(element, field).text = text
    return Row(element)


def standing(*rows: Row) -> list[tuple[str, str]]:
    """What stands, in either order of the history."""
    found = [
        [(one.number, one.kind) for one in alarms(some, MONDAY)] for some in (rows, rows[::-1])
    ]
    assert sorted(found[0]) == sorted(found[1])
    return found[0]


def test_alarms_are_a_history() -> None:
    """Unreachable yesterday and reachable today is no alarm; the other way round it is one."""
    assert standing(alarm("Unreachable", 0), alarm("Reachable", 60)) == []
    assert standing(alarm("Reachable", 0), alarm("Unreachable", 60)) == [("", "Unreachable")]
    assert standing(alarm("Unreachable", 0), alarm("REACHABLE", 5), alarm("Unreachable", 9)) == [
        ("", "Unreachable")
    ]
    assert standing(alarm("Reachable", 0)) == []


def test_an_all_clear_is_for_its_own() -> None:
    """Of its station, its port and its trouble; a station's is for all its ports."""
    trip = alarm("GFCI Trip", 0, "01")
    assert standing(trip, alarm("Reachable", 1)) == [("1", "GFCI Trip")]
    assert standing(trip, alarm("GFCI Trip Cleared", 1, "2")) == [("1", "GFCI Trip")]
    assert standing(trip, alarm("gfci-trip cleared", 1, "1")) == []
    assert standing(trip, alarm("GFCI Trip Resolved", 1)) == []
    assert standing(trip, alarm("GFCI Trip Cleared", 1, "1", "1:900002")) == [("1", "GFCI Trip")]
    assert standing(alarm("Not Reachable", 0, "1"), alarm("Reachable", 1)) == []


@pytest.mark.parametrize(
    ("statuses", "load", "told"),
    [
        (("INUSE", "AVAILABLE"), "5.2", [5.2, 0.0]),
        (("INUSE", "INUSE"), "5.2", [None, None]),
        (("INUSE", "INUSE"), "0.000", [0.0, 0.0]),
        (("INUSE", "UNREACHABLE"), "5.2", [5.2, None]),
        (("AVAILABLE", "AVAILABLE"), "", [None, None]),
        (("INUSE", "AVAILABLE"), "much", [None, None]),
    ],
)
def test_a_stations_load(statuses: tuple[str, str], load: str, told: list[float | None]) -> None:
    """Where ports have no load of their own (API 4.1), the station's is the one car's, or nobody's;
    of two cars nobody can tell which draws what.
    """
    rows = [
        station(
            "1:900001",
            *({"portNumber": str(n), "Status": one} for n, one in enumerate(statuses, 1)),
        )
    ]
    whole = station("1:900001")
    etree.SubElement(whole.element, "stationLoad").text = load
    assert [port.load_kw for port in observed(MONDAY, rows, [whole]).ports] == told


def test_stations_in_one_order() -> None:
    """Stations count like ports: 1:1000001 comes after 1:900001."""
    rows = [station("1:1000001", {"portNumber": "1"}), station("1:900001", {"portNumber": "1"})]
    assert [port.station for port in observed(MONDAY, rows, []).ports] == ["1:900001", "1:1000001"]
