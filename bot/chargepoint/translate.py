"""ChargePoint's replies as one observation. Nothing that arrives here raises."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from chalicelib.core.inputs import Observed, PortSeen
from chalicelib.core.model import Status

from .reply import Row

Place = tuple[str, str]  # station id, port number

_CAPPED = {"1": True, "0": False}


def observed(at: datetime, status: Iterable[Row], load: Iterable[Row]) -> Observed:
    """`getStationStatus` rows joined with `getLoad` rows by station and port.

    The status decides which ports there are. A port without a load row has no power and
    no occupant that we know of.
    """
    loads = _ports(load)
    ports = sorted(_ports(status).items(), key=lambda item: _natural(item[0]))
    return Observed(at, tuple(_seen(*place, port, loads.get(place)) for place, port in ports))


def station_ids(rows: Iterable[Row]) -> tuple[str, ...]:
    """The station ids of any `stationData` rows, in order, once each."""
    return tuple(dict.fromkeys(filter(None, (row.text("stationID") for row in rows))))


def _ports(stations: Iterable[Row]) -> dict[Place, Row]:
    """The ports of `stationData` rows; nameless ones can't be joined, and doubles lose."""
    found: dict[Place, Row] = {}
    for station in stations:
        for port in station.rows("Port"):
            key = station.text("stationID"), port.text("portNumber")
            if all(key):
                found.setdefault(key, port)
    return found


def _natural(place: Place) -> tuple[str, int, str]:
    """Port 10 comes after port 9, and every look has the same order."""
    return place[0], len(place[1]), place[1]


def _seen(station: str, number: str, port: Row, load: Row | None) -> PortSeen:
    status = _status(port.text("Status"))
    if load is None:
        return PortSeen(station, number, status)
    capped = _CAPPED.get(load.text("shedState"))
    allowed_kw, percent = _cap(load) if capped else (None, None)
    free = status is Status.AVAILABLE  # the two calls are a moment apart; nobody is on it
    return PortSeen(
        station,
        number,
        status,
        load_kw=_number(load.text("portLoad")),
        user="" if free else load.text("userID"),
        credential="" if free else load.text("credentialID"),
        capped=capped,
        allowed_kw=allowed_kw,
        percent_shed=percent,
    )


def _cap(load: Row) -> tuple[float | None, int | None]:
    """A limit in kW or percent, never both: what was not used last is 0 (API guide, getLoad)."""
    percent = _number(load.text("percentShed"))
    if percent and percent <= 100:
        return None, round(percent)
    return _number(load.text("allowedLoad")), None


def _status(word: str) -> Status:
    try:
        return Status(word.upper())
    except ValueError:
        return Status.UNKNOWN


def _number(text: str) -> float | None:
    """A finite number from 0 up; anything else counts as not said."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
