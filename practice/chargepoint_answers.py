"""What the ChargePoint stand-in answers, operation by operation, as (name, value) fields.

Shapes and codes are those of the ChargePoint API guide 5.0 and 5.1 and of replies seen in
the field; a nested list is an element with children.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from bot.chargepoint.reply import Row
from chalicelib.core.model import Status

from .carpark import CarPark, PortNow
from .subscriptions import Subscriptions

Field = tuple[str, Any]
Station = tuple[str, list[PortNow]]

TEXTS = {
    100: "API input request executed successfully.",
    101: "Access denied: this call needs another API plan.",
    102: "No stations found for given criteria.",
    119: "Invalid station id.",
    160: "No data found for given criteria.",
    171: "Invalid load shed arguments.",
    172: "Please provide all the mandatory fields to make this call.",
    182: "Search by either sgID, sessionID or stationID",
    184: "Enter either sgid or stationID",
}
LIST_LIMIT = 100  # stationIdListBound
_STATUS_FILTER = {"1": Status.AVAILABLE, "2": Status.INUSE, "3": Status.UNKNOWN}
_POWER = {"Level": "L2", "Connector": "J1772", "Voltage": "240", "Current": "30", "Power": "6.600"}


class Malformed(Exception):
    """The request doesn't fit the schema."""


@dataclass
class Mood:
    """What the service does wrong today. Set its fields at any time.

    `busy_times` requests get `busy_status`; `fault` is the local name of a faultcode;
    `denies_load` answers getLoad with code 101, as a plan without it does; `repeats`
    sends the first page for ever; `odd` turns the order of all children around and adds
    an element nobody knows; `timestamps` sends a header that must be understood.
    """

    slow_seconds: float = 0.0
    busy_status: int = 503
    busy_times: int = 0
    html: bool = False
    fault: str = ""
    denies_load: bool = False
    repeats: bool = False
    odd: bool = False
    timestamps: bool = False
    page_size: int = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what is asked of which car park, in which version and mood."""

    carpark: CarPark
    mood: Mood
    version: str
    wrapper: Row
    subscriptions: Subscriptions = field(default_factory=Subscriptions)

    @property
    def is_51(self) -> bool:
        return self.version == "5.1"

    def part(self, name: str) -> Row:
        """The one child that holds the arguments. Raises Malformed."""
        rows = self.wrapper.rows(name)
        if len(rows) != 1:
            raise Malformed(f"there is one {name} in a request")
        return rows[0]

    def stations(self) -> list[Station]:
        """All stations of the car park with their ports."""
        by_station = groupby(self.carpark.ports(), key=lambda port: port.station)
        return [(station, list(ports)) for station, ports in by_station]

    def group(self, query: Row) -> list[Station]:
        """The stations of the group that is asked for: every group has them all."""
        return self.stations() if query.text("sgID") in map(str, self.carpark.groups) else []

    def page(self, rows: list[list[Field]], query: Row) -> list[Field]:
        """One page of numbered stationData rows, and the flag that says if more follow."""
        start, wanted = whole(query, "startRecord", 1), whole(query, "numStations", 500)
        if start < 1 or wanted < 1:
            raise Malformed("startRecord and numStations count from 1")
        first = 0 if self.mood.repeats else start - 1
        last = first + min(wanted, self.mood.page_size)
        numbered = [[("recordNumber", n), *row] for n, row in enumerate(rows, 1)]
        more = self.mood.repeats or last < len(rows)
        return [*(("stationData", row) for row in numbered[first:last]), ("moreFlag", int(more))]


def get_stations(asked: Asked) -> list[Field]:
    query = asked.part("searchQuery")
    found = asked.group(query) if query.text("sgID") else asked.stations()
    if wanted := query.text("stationID"):
        found = [(station, ports) for station, ports in found if station == wanted]
    if not found:
        return head(102)
    return head(100) + asked.page([_inventory(asked, *one) for one in found], query)


def _inventory(asked: Asked, station: str, ports: list[PortNow]) -> list[Field]:
    """5.0 has the name in each port, 5.1 in the station."""
    name: list[Field] = [("stationName", _name(station)), ("Description", "Practice")]
    groups = asked.carpark.groups
    return [
        ("stationID", station),
        ("stationManufacturer", "Practice"),
        *(name if asked.is_51 else []),
        ("Address", "1 Practice Way "),
        ("City", "Sampleton"),
        ("State", "California"),
        ("Country", "United States"),
        ("postalCode", "90000"),
        *(("Port", _inventory_port(asked, port, name)) for port in ports),
        ("numPorts", len(ports)),
        ("orgID", "1:ORG00042"),
        ("organizationName", "Practice Co"),
        ("sgID", ", ".join(map(str, groups))),
        ("sgName", ", ".join(groups.values())),
    ]


def _inventory_port(asked: Asked, port: PortNow, name: list[Field]) -> list[Field]:
    level, *electric = _POWER.items()
    return [
        ("portNumber", port.number),
        *([] if asked.is_51 else name),
        ("Reservable", 0),
        *([("Status", port.status.value)] if asked.is_51 else []),
        level,
        *electric,
        ("estimatedCost", "0.00"),
    ]


def get_station_status(asked: Asked) -> list[Field]:
    query = asked.part("searchQuery")
    found = asked.stations()
    if wanted := _wanted(query):
        found = [(station, ports) for station, ports in found if station in wanted]
    if word := query.text("Status"):
        status = _STATUS_FILTER.get(word)
        found = [(s, [p for p in ports if p.status is status]) for s, ports in found]
    rows = [_status_row(asked, query, *one) for one in found if one[1]]
    if not rows:
        return head(102)
    answer = asked.page(rows, query)
    return head(100) + [_status_fields(asked, field) for field in answer]


def _wanted(query: Row) -> set[str]:
    lists = query.rows("stationIDs")
    listed = [(row.element.text or "").strip() for ids in lists for row in ids.rows("stationID")]
    if lists and not 1 <= len(listed) <= LIST_LIMIT:
        raise Malformed(f"stationIDs holds 1 to {LIST_LIMIT} ids, not {len(listed)}")
    return {*listed, query.text("stationID")} - {""}


def _status_fields(asked: Asked, field: Field) -> Field:
    """Here recordNumber comes after the ports, and only in 5.1."""
    name, value = field
    if name != "stationData":
        return field
    number, *rest = value
    return name, [*rest[:-1], number, rest[-1]] if asked.is_51 else rest


def _status_row(asked: Asked, query: Row, station: str, ports: list[PortNow]) -> list[Field]:
    details = query.text("portDetails") in {"true", "1"}
    now = asked.carpark.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    row: list[Field] = [("stationID", station)]
    for port in ports:
        fields = [("portNumber", port.number), ("Status", port.status.value), ("TimeStamp", now)]
        extra = [(name, _POWER[name]) for name in ("Connector", "Power")] if details else []
        row.append(("Port", fields + extra))
    dark = all(port.status is Status.UNREACHABLE for port in ports)
    return [*row, *([("networkStatus", "Unreachable" if dark else "Reachable")] * asked.is_51)]


def get_load(asked: Asked) -> list[Field]:
    if asked.mood.denies_load:
        return head(101)
    query = asked.part("searchQuery")
    selectors = ["sgID", "stationID", *(["sessionID"] if asked.is_51 else [])]
    given = [name for name in selectors if query.text(name)]
    if len(given) != 1:
        return head(182)
    found = _selected(asked, query, given[0])
    if not found:
        return head(160)
    answer = [("stationData", _load_row(asked, *one)) for one in found]
    return head(100) + _load_head(asked, query, found) + answer


def _selected(asked: Asked, query: Row, selector: str) -> list[Station]:
    if selector == "sgID":
        return asked.group(query)
    if selector == "stationID":
        return [one for one in asked.stations() if one[0] == query.text("stationID")]
    session = whole(query, "sessionID", 0)
    on_it = [(s, [p for p in ports if p.session == session]) for s, ports in asked.stations()]
    return [one for one in on_it if session and one[1]]


def _load_head(asked: Asked, query: Row, found: list[Station]) -> list[Field]:
    """By group it is filled in; by anything else it is there and empty (observed)."""
    if not query.text("sgID"):
        return [("numStations", "0" if asked.is_51 else ""), ("groupName", ""), ("sgLoad", "")]
    group = whole(query, "sgID", 0)
    return [
        ("sgID", group),
        ("numStations", len(found)),
        ("groupName", asked.carpark.groups[group]),
        ("sgLoad", _kw(port.load_kw for _, ports in found for port in ports)),
    ]


def _load_row(asked: Asked, station: str, ports: list[PortNow]) -> list[Field]:
    return [
        ("stationID", station),
        ("stationName", _name(station)),
        ("Address", "1 Practice Way, Sampleton, California,  90000, United States"),
        ("stationLoad", _kw(port.load_kw for port in ports)),
        *(("Port", _load_port(asked, port)) for port in ports),
    ]


def _load_port(asked: Asked, port: PortNow) -> list[Field]:
    """Only shedState says "capped"; the unit that wasn't used last is 0 (API guide)."""
    percent = port.cap.percent if port.cap else None
    return [
        ("portNumber", port.number),
        ("userID", port.user_id),
        ("credentialID", port.credential_id),
        ("shedState", 1 if port.cap else 0),
        ("portLoad", _kw([port.load_kw])),
        ("allowedLoad", _kw([port.cap.kw if port.cap and percent is None else 0.0])),
        ("percentShed", f"{percent or 0:g}"),
        *([("sessionID", port.session)] if asked.is_51 else []),
    ]


def get_station_group_details(asked: Asked) -> list[Field]:
    """The stations of a group, or the one that is asked for."""
    if not whole(asked.wrapper, "sgID", 0):
        raise Malformed("sgID is missing")
    wanted = asked.wrapper.text("stationID")
    ids = [station for station, _ in asked.group(asked.wrapper) if wanted in {"", station}]
    if not ids:
        return head(160)
    rows = [("stationData", [("stationID", one), ("stationName", _name(one))]) for one in ids]
    group = asked.carpark.groups[whole(asked.wrapper, "sgID", 0)]
    return [*head(100), ("groupName", group), ("numStations", len(ids)), *rows]


def head(code: int) -> list[Field]:
    """How every reply begins."""
    return [("responseCode", code), ("responseText", TEXTS[code])]


def _name(station: str) -> str:
    return f"PRACTICE CO / NORTH {station[-2:]}"


def _kw(loads: Iterable[float]) -> str:
    return f"{sum(loads):.3f}"


def whole(query: Row, name: str, default: int) -> int:
    """A whole number, or `default` for a blank one. Raises Malformed."""
    text = query.text(name)
    if text and (not text.isdecimal() or len(text) > 18):
        raise Malformed(f"{name} is a whole number")
    return int(text or default)
