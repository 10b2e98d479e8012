"""What the ChargePoint stand-in answers, operation by operation, as (name, value) fields.

Shapes and codes are those of the ChargePoint API guides 4.1, 5.0 and 5.1 and of replies seen in
the field; a nested list is an element with children.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.networks.chargepoint.reply import Row
from chalicelib.core.model import Status
from practice.carpark import PortNow

from .asked import Asked, Field, Station, head, numbered, whole
from .schema import Malformed
from .search import LAT, LONG, POWER, facts, ports_of, search

_IDENTITY = (
    "stationID",
    "stationManufacturer",
    "stationModel",
    "stationMacAddr",
    "stationSerialNum",
)
_WHERE = ("Address", "City", "State", "Country", "postalCode")


def get_stations(asked: Asked) -> list[Field]:
    query = asked.part("searchQuery")
    rows = [_inventory(asked, *one) for one in search(asked, query)]
    if not rows:
        return head(102)
    if asked.is_41:
        return head(100) + [("stationData", row) for row in rows]
    return head(100) + asked.page(numbered(rows), query)


def get_public_stations(asked: Asked) -> list[Field]:
    """Without organization and groups; in pages since 5.1."""
    query = asked.part("searchQuery")
    found = search(asked, query, public=True)
    private = {"orgID", "companyID", "organizationName", "sgID", "sgName"}
    rows = [[one for one in _inventory(asked, *each) if one[0] not in private] for each in found]
    if not rows:
        return head(102)
    if asked.is_51:
        return head(100) + asked.page(numbered(rows), query)
    return head(100) + [("stationData", row) for row in rows]


def _inventory(asked: Asked, station: str, ports: list[PortNow]) -> list[Field]:
    """Before 5.1 the name is in each port."""
    known, groups = facts(asked, station), asked.groups_of(station)
    name: list[Field] = [("stationName", known["stationName"]), ("Description", "Practice")]
    return [
        *((one, known[one]) for one in _IDENTITY),
        *(name if asked.is_51 else []),
        *((one, known[one]) for one in _WHERE),
        *(("Port", _inventory_port(asked, port, name)) for port in ports),
        ("numPorts", len(ports)),
        *asked.org,
        ("sgID", ", ".join(groups)),
        ("sgName", ", ".join(groups.values())),
    ]


def _inventory_port(asked: Asked, port: PortNow, name: list[Field]) -> list[Field]:
    level, *electric = POWER.items()
    named, described = ([], []) if asked.is_51 else ([name[0]], [name[1]])
    return [
        ("portNumber", port.number),
        *named,
        ("Geo", [("Lat", LAT), ("Long", LONG)]),
        *described,
        ("Reservable", 0),
        *([] if asked.version == "5.0" else [("Status", port.status.value)]),
        level,
        *electric,
        ("estimatedCost", "0.00"),
    ]


def get_station_status(asked: Asked) -> list[Field]:
    query = asked.part("searchQuery")
    rows = _status_rows(asked, query, search(asked, query))
    if not rows:
        return head(102)
    return head(100) + asked.page(rows, query)


def get_public_station_status(asked: Asked) -> list[Field]:
    """The same under another name, never in pages, and only of stations that all may see."""
    query = asked.part("searchQuery")
    rows = _status_rows(asked, query, search(asked, query, public=True))
    return head(100 if rows else 102) + [("stationStatusData", row) for row in rows]


def _status_rows(asked: Asked, query: Row, found: list[Station]) -> list[list[Field]]:
    return [_status_row(asked, query, n, *one) for n, one in enumerate(ports_of(query, found), 1)]


def _status_row(
    asked: Asked, query: Row, number: int, station: str, ports: list[PortNow]
) -> list[Field]:
    """Last come recordNumber and networkStatus, and only in 5.1."""
    details = query.text("portDetails") in {"true", "1"}
    now = asked.carpark.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    row: list[Field] = [("stationID", station)]
    for port in ports:
        fields = [("portNumber", port.number), ("Status", port.status.value), ("TimeStamp", now)]
        extra = [(name, POWER[name]) for name in ("Connector", "Power")] if details else []
        row.append(("Port", fields + extra))
    if asked.is_51:
        dark = all(port.status is Status.UNREACHABLE for port in ports)
        row += [
            ("recordNumber", number),
            ("networkStatus", "Unreachable" if dark else "Reachable"),
        ]
    return row


def get_load(asked: Asked) -> list[Field]:
    """4.1 has its selectors directly in the request, and always a group."""
    if asked.is_41:
        return _load_41(asked)
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


def _load_41(asked: Asked) -> list[Field]:
    query = asked.wrapper
    if not whole(query, "sgID", 0):
        raise Malformed("sgID is missing")
    wanted = query.text("stationID")
    found = [one for one in asked.group(query) if wanted in {"", one[0]}]
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
    """4.1 knows nothing of ports and drivers: its limit is that of all ports together."""
    row: list[Field] = [
        ("stationID", station),
        ("stationName", facts(asked, station)["stationName"]),
        ("Address", "1 Practice Way, Sampleton, California,  90000, United States"),
    ]
    load = _kw(port.load_kw for port in ports)
    if not asked.is_41:
        each = [("Port", _load_port(asked, port)) for port in ports]
        return [*row, ("stationLoad", load), *each]
    caps = [port.cap for port in ports if port.cap]
    percent = max((cap.percent or 0 for cap in caps), default=0)
    return [
        *row,
        ("shedState", 1 if caps else 0),
        ("stationLoad", load),
        ("allowedLoad", _kw([] if percent else (cap.kw for cap in caps))),
        ("percentShed", f"{percent:g}"),
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


def _kw(loads: Iterable[float]) -> str:
    return f"{sum(loads):.3f}"
