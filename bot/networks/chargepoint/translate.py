"""ChargePoint's replies in our words. Nothing that arrives here raises."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.core.inputs import Alarm, Observed, PortSeen
from chalicelib.core.model import Status
from chalicelib.values import replace

from .reply import Row

Place = tuple[str, str]  # station id, port number

UNREACHABLE = "unreachable"  # the words with "reachable" are seen, and "GFCI Trip"
LOST = frozenset({"unreachable", "not reachable", "network unreachable"})
REACHABLE = frozenset({"reachable", "network reachable"})
_ALL_CLEAR = re.compile(r" (is )?(cleared?|ended|over|resolved|restored|recovered)$")
_CAPPED = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class NetworkDriver:
    """A driver as the network knows them; `infos` are pairs that they typed in themselves."""

    user: str
    credentials: tuple[str, ...]
    first_name: str
    last_name: str
    infos: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StationGroup:
    """A group as a site may name it: by its number (sgID)."""

    id: int
    name: str
    stations: tuple[str, ...]


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
    cap on them all, and of the power where it can be only one port's.
    """
    rows = list(load)
    loads, stations = _ports(rows), _portless(rows)
    ports = sorted(_ports(status).items(), key=lambda item: _natural(item[0]))
    size = Counter(station for (station, _), _ in ports)
    cars = Counter(station for (station, _), port in ports if _is_used(port))
    seen = []
    for place, port in ports:
        own, shared = loads.get(place), stations.get(place[0])
        one = _seen(*place, port, own or shared, 1 if own else size[place[0]])
        if own is None and shared is not None:
            one = replace(one, load_kw=_share(one, shared, cars[place[0]]))
        seen.append(one)
    return Observed(at, tuple(seen))


def alarms(rows: Iterable[Row], asked_at: datetime) -> list[Alarm]:
    """What stands by the `getAlarms` rows, which are a history: a later all-clear ends it.

    A blank portNumber means the whole station, and so does its all-clear.
    """
    found = []
    for row in rows:
        station, kind = row.text("stationID"), row.text("alarmType")
        if station and kind:
            at = _time(row.text("alarmTime")) or asked_at
            found.append(Alarm(station, one_number(row.text("portNumber")), kind, at))
    clears = [(one, ended) for one in found if (ended := _ended_by(one.kind))]
    return [one for one in found if not _is_over(one, clears)]


def _ended_by(kind: str) -> str:
    """The trouble that this word says is over, in one way of writing it; "" if it is trouble."""
    word = _plain(kind)
    if word in REACHABLE:
        return UNREACHABLE
    trouble = _ALL_CLEAR.sub("", word)
    return trouble if trouble != word else ""


def _is_over(alarm: Alarm, clears: Iterable[tuple[Alarm, str]]) -> bool:
    """Good news is no alarm; neither is what was followed by it."""
    word = _plain(alarm.kind)
    word = UNREACHABLE if word in LOST else word
    if _ended_by(alarm.kind):
        return True
    return any(
        ended == word
        and clear.station == alarm.station
        and clear.number in {"", alarm.number}
        and clear.at >= alarm.at
        for clear, ended in clears
    )


def _plain(kind: str) -> str:
    return " ".join(kind.casefold().replace("_", " ").replace("-", " ").split())


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
            (row.text("stationID"), one_number(row.text("portNumber"))),
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


def groups(rows: Iterable[Row]) -> list[StationGroup]:
    """`getStationGroups` rows; one without a number can't be named."""
    return [
        StationGroup(
            int(row.text("sgID")), row.text("sgName"), station_ids(row.rows("stationData"))
        )
        for row in rows
        if row.text("sgID").isdecimal()
    ]


def station_ids(rows: Iterable[Row]) -> tuple[str, ...]:
    """The station ids of any `stationData` rows, in order, once each."""
    return tuple(dict.fromkeys(filter(None, (row.text("stationID") for row in rows))))


def one_number(text: str) -> str:
    """A port's number in one way of writing it: `01` and `1` are one port."""
    return (text.lstrip("0") or "0") if text.isdecimal() else text


def _ports(stations: Iterable[Row]) -> dict[Place, Row]:
    """The ports of `stationData` rows; nameless ones can't be joined, and doubles lose."""
    found: dict[Place, Row] = {}
    for station in stations:
        for port in station.rows("Port"):
            key = station.text("stationID"), one_number(port.text("portNumber"))
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


def _natural(place: Place) -> tuple[tuple[int, str], ...]:
    """Port 10 comes after port 9, and every look has the same order."""
    station, number = place
    parts = [*station.split(":"), number]
    return tuple((int(one) if one.isdecimal() and len(one) < 19 else 0, one) for one in parts)


def _seen(station: str, number: str, port: Row, load: Row | None, sharers: int) -> PortSeen:
    """`sharers` is how many ports share the limit that `load` tells of."""
    status = _status(port.text("Status"))
    if load is None:
        return PortSeen(station, number, status)
    capped = _CAPPED.get(load.text("shedState").casefold())
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


def _is_used(port: Row) -> bool:
    return _status(port.text("Status")) is Status.INUSE


def _share(port: PortSeen, station: Row, cars: int) -> float | None:
    """A port's part of a station's load: all of it, none, or not to be told."""
    load = _number(station.text("stationLoad"))
    if port.status is Status.AVAILABLE or load == 0:
        return None if load is None else 0.0
    return load if cars == 1 and port.status is Status.INUSE else None


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
        return Status(word.upper().replace(" ", "").replace("_", ""))
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
