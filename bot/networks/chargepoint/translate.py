"""ChargePoint's replies in our words. Nothing that arrives here raises."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.core.inputs import Alarm, Observed, PortSeen
from chalicelib.core.model import Status

from .reply import Row

Place = tuple[str, str]  # station id, port number

_CAPPED = {"1": True, "0": False}


@dataclass(frozen=True, slots=True)
class NetworkDriver:
    """A driver as the network knows them; `infos` are pairs that they typed in themselves."""

    user: str
    credentials: tuple[str, ...]
    first_name: str
    last_name: str
    infos: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """A session in the network's books; still running while `until` is None."""

    place: Place
    id: str
    since: datetime | None
    until: datetime | None
    energy_kwh: float | None
    user: str
    credential: str


def observed(at: datetime, status: Iterable[Row], load: Iterable[Row]) -> Observed:
    """Status rows joined with `getLoad` rows by station and port.

    The status decides which ports there are. A port without a load row has no power and
    no occupant that we know of. A station's load row without ports (API 4.1) tells of a
    cap on them all.
    """
    rows = list(load)
    loads, stations = _ports(rows), _portless(rows)
    ports = sorted(_ports(status).items(), key=lambda item: _natural(item[0]))
    size = Counter(station for (station, _), _ in ports)
    seen = []
    for place, port in ports:
        own, shared = loads.get(place), stations.get(place[0])
        seen.append(_seen(*place, port, own or shared, 1 if own else size[place[0]]))
    return Observed(at, tuple(seen))


def alarms(rows: Iterable[Row], asked_at: datetime) -> list[Alarm]:
    """`getAlarms` rows. A blank portNumber means the whole station."""
    found = []
    for row in rows:
        station, kind = row.text("stationID"), row.text("alarmType")
        if station and kind:
            at = _time(row.text("alarmTime")) or asked_at
            found.append(Alarm(station, row.text("portNumber"), kind, at))
    return found


def faults(rows: Iterable[Row], asked_at: datetime) -> list[Alarm]:
    """`getStationActiveFaults` rows: a fault is its station's."""
    found = []
    for row in rows:
        each = (fault for part in row.rows("stationFaults") for fault in part.rows("stationFault"))
        for fault in each:
            kind = fault.text("faultName") or fault.text("faultCode")
            at = _time(fault.text("faultTime")) or asked_at
            if kind and row.text("stationID"):
                found.append(Alarm(row.text("stationID"), "", kind, at))
    return found


def sessions(rows: Iterable[Row]) -> list[Session]:
    """`getChargingSessionData` rows; those of no port are nobody's."""
    found = (
        Session(
            (row.text("stationID"), row.text("portNumber")),
            _session(row),
            _time(row.text("startTime")),
            _time(row.text("endTime")),
            _number(row.text("Energy")),
            row.text("userID"),
            row.text("credentialID"),
        )
        for row in rows
    )
    return [session for session in found if all(session.place)]


def drivers(rows: Iterable[Row]) -> tuple[NetworkDriver, ...]:
    """`getUsers` rows; one without any id is nobody."""
    found = (
        NetworkDriver(
            row.text("userID"),
            tuple(filter(None, _texts(row, "credentialIDs", "credentialID"))),
            row.text("firstName"),
            row.text("lastName"),
            tuple(dict.fromkeys(_infos(row))),
        )
        for row in rows
    )
    return tuple(driver for driver in found if driver.user or driver.credentials)


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


def _portless(stations: Iterable[Row]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for station in stations:
        if not station.rows("Port"):
            found.setdefault(station.text("stationID"), station)
    return found


def _infos(user: Row) -> Iterator[tuple[str, str]]:
    for name in ("Connection", "managementRealm"):
        for infos in (one for part in user.rows(name) for one in part.rows("customInfos")):
            for info in infos.rows("customInfo"):
                yield info.text("Key"), info.text("Value")


def _texts(row: Row, container: str, name: str) -> Iterator[str]:
    for part in row.rows(container):
        for one in part.rows(name):
            yield one.own_text


def _natural(place: Place) -> tuple[str, int, str]:
    """Port 10 comes after port 9, and every look has the same order."""
    return place[0], len(place[1]), place[1]


def _seen(station: str, number: str, port: Row, load: Row | None, sharers: int) -> PortSeen:
    """`sharers` is how many ports share the limit that `load` tells of."""
    status = _status(port.text("Status"))
    if load is None:
        return PortSeen(station, number, status)
    capped = _CAPPED.get(load.text("shedState"))
    allowed_kw, percent = _cap(load, sharers) if capped else (None, None)
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
        session="" if free else _session(load),
    )


def _session(row: Row) -> str:
    """The session's id; 0 means that there is none (observed, getLoad)."""
    text = row.text("sessionID")
    return "" if not text.strip("0") else text


def _cap(load: Row, sharers: int) -> tuple[float | None, int | None]:
    """A limit in kW or percent, never both: what was not used last is 0 (API guide, getLoad).

    How a percentage is written differs (observed), so its sign would do no harm.
    """
    percent = _number(load.text("percentShed").removesuffix("%"))
    if percent and percent <= 100:
        return None, max(1, round(percent))
    kw = _number(load.text("allowedLoad"))
    return None if kw is None else round(kw / sharers, 3), None


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


def _time(text: str) -> datetime | None:
    """Aware UTC, which a time without a zone is meant in (API guide, conventions)."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
