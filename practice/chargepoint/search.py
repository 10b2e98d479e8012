"""Which stations a search of the ChargePoint stand-in finds: every filter that is given filters."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lxml import etree

from bot.networks.chargepoint.reply import Row
from chalicelib.core.model import Status

from .asked import Asked, Station, number
from .schema import Malformed

POWER = {"Level": "L2", "Connector": "J1772", "Voltage": "240", "Current": "30", "Power": "6.600"}
LAT, LONG = "12.345678901234567", "-98.765432109876543"  # in the sea
NOT_OF_STATIONS = frozenset(
    {"stationIDs", "Status", "sgID", "sgName", "Geo", "Proximity", "proximityUnit", "Pricing"}
    | {"portDetails", "startRecord", "numStations"}
)
STATUS = {"1": Status.AVAILABLE, "2": Status.INUSE, "3": Status.UNKNOWN}
METRES = {"M": 1609.344, "N": 1852.0, "K": 1000.0, "F": 0.3048, "I": 0.0254}
EARTH = 6_371_000.0  # metres


def facts(asked: Asked, station: str) -> dict[str, str]:
    """What is told of a station, and what it is found by."""
    serial = f"{1_000_000_000 + int(station.rpartition(':')[2]):012}"
    return {
        "stationID": station,
        "stationManufacturer": "Practice",
        "stationModel": "P-2",
        "stationMacAddr": f"0000:{serial[-4:]}:5E6F:0001",
        "stationSerialNum": serial,
        "serialNumber": serial,
        "stationName": f"PRACTICE CO / NORTH {station[-2:]}",
        "Address": "1 Practice Way ",
        "City": "Sampleton",
        "State": "California",
        "Country": "United States",
        "postalCode": "90000",
        "Reservable": "false",
        **POWER,
        **dict(asked.org),
    }


def search(
    asked: Asked, query: Row, besides: Iterable[str] = (), *, public: bool = False
) -> list[Station]:
    """The stations that the filters leave. `besides` are filters of something else than stations."""
    listed, wanted = asked.listed(query), _filters(query, NOT_OF_STATIONS.union(besides))
    group, name, near = query.text("sgID"), query.text("sgName"), _near(query)
    found = []
    for station, ports in asked.stations():
        groups = asked.groups_of(station)
        fits = near and (not listed or station in listed)
        fits = fits and (not group or group in groups) and (not name or name in groups.values())
        hidden = public and station in asked.fault_config.private
        if fits and not hidden and _fits(asked, station, wanted):
            found.append((station, ports))
    return found


def ports_of(query: Row, found: list[Station]) -> list[Station]:
    """Only the ports with the status that is asked for; stations without any are left out."""
    word = query.text("Status")
    if not word:
        return found
    status = STATUS.get(word)
    kept = [(station, [one for one in ports if one.status is status]) for station, ports in found]
    return [one for one in kept if one[1]]


def _filters(query: Row, others: frozenset[str]) -> dict[str, str]:
    texts = {
        etree.QName(child).localname: "".join(child.itertext()).strip() for child in query.element
    }
    return {name: text for name, text in texts.items() if text and name not in others}


def _fits(asked: Asked, station: str, wanted: dict[str, str]) -> bool:
    known = facts(asked, station)
    return all(_same(known.get(name, ""), text) for name, text in wanted.items())


def _same(known: str, wanted: str) -> bool:
    alike = {"1": "true", "0": "false"}
    if known in {"true", "false"}:
        return alike.get(wanted, wanted) == known
    try:
        return float(known) == float(wanted)
    except ValueError:
        return known.strip().casefold() == wanted.casefold()


def _near(query: Row) -> bool:
    """Whether the car park lies within the distance of a point, where one is given."""
    far, points = number(query, "Proximity"), query.rows("Geo")
    lat, long = (number(points[0], name) if points else None for name in ("Lat", "Long"))
    if lat is None or long is None:
        return True
    unit = METRES.get(query.text("proximityUnit") or "M")
    if unit is None:
        raise Malformed(f"proximityUnit is one of {', '.join(METRES)}")
    return _apart(lat, long) <= (far or 0.0) * unit


def _apart(lat: float, long: float) -> float:
    """Metres from the car park, on a round earth."""
    here, there = (math.radians(float(LAT)), math.radians(lat))
    turn = math.radians(long - float(LONG))
    cosine = math.sin(here) * math.sin(there) + math.cos(here) * math.cos(there) * math.cos(turn)
    return EARTH * math.acos(max(-1.0, min(1.0, cosine)))
