"""shedLoad and clearShedState of the ChargePoint stand-in: limits on the car park's power."""

from __future__ import annotations

from dataclasses import dataclass

from bot.chargepoint.reply import Row

from .carpark import CarParkError, Place
from .chargepoint_answers import Asked, Field, Malformed, Station, head, whole


@dataclass(frozen=True, slots=True)
class _Limit:
    """One limit for each of some ports."""

    places: tuple[Place, ...]
    percent: float | None
    kw: float | None


class _Answered(Exception):
    """The request ends with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def shed_load(asked: Asked) -> list[Field]:
    """One of group, station or ports; one of kW or percent."""
    query = asked.part("shedQuery")
    if not query.text("timeInterval"):
        return head(172)
    minutes = whole(query, "timeInterval", 0)
    try:
        scope, stations = _scope(asked, query, otherwise=172)
        for limit in _limits(scope, stations):
            asked.carpark.shed(limit.percent, limit.kw, places=limit.places, minutes=minutes)
    except _Answered as answer:
        return head(answer.code)
    except CarParkError:
        return head(171)
    return [*head(100), ("Success", 1), *_echo(scope)]


def clear_shed_state(asked: Asked) -> list[Field]:
    """Single ports may be named, but whole stations are cleared (observed)."""
    query = asked.part("shedQuery")
    try:
        scope, stations = _scope(asked, query, otherwise=184)
    except _Answered as answer:
        return head(answer.code)
    asked.carpark.shed(places=[place for station in stations for place in _places(station)])
    return [*head(100), ("Success", 1), *_echo(scope)]


def _scope(asked: Asked, query: Row, *, otherwise: int) -> tuple[Row, list[Station]]:
    """What is to be limited: the element that says so, and its stations."""
    scopes = query.rows("shedGroup") + query.rows("shedStation")
    if len(scopes) != 1:
        raise _Answered(otherwise)
    (scope,) = scopes
    group, station = scope.text("sgID"), scope.text("stationID")
    if not group and not station:
        raise _Answered(otherwise)
    found = asked.group(scope) if group else [s for s in asked.stations() if s[0] == station]
    if not found:
        raise _Answered(160 if group else 119)
    return scope, found


def _limits(scope: Row, stations: list[Station]) -> list[_Limit]:
    """A station's kW are shared out evenly; a percentage is the same for every port."""
    named = [port for ports in scope.rows("Ports") for port in ports.rows("Port")]
    if not named:
        return [_limit(scope, "PerStation", _places(station)) for station in stations]
    here = {place[1]: place for station in stations for place in _places(station)}
    if not {port.text("portNumber") for port in named} <= set(here):
        raise _Answered(171)
    return [_limit(port, "PerPort", (here[port.text("portNumber")],)) for port in named]


def _limit(given: Row, per: str, places: tuple[Place, ...]) -> _Limit:
    kw, percent = _decimal(given, f"allowedLoad{per}"), _decimal(given, f"percentShed{per}")
    if kw is None and percent is None:
        raise _Answered(172)
    return _Limit(places, percent, None if kw is None else kw / len(places))


def _places(station: Station) -> tuple[Place, ...]:
    return tuple((port.station, port.number) for port in station[1])


def _echo(scope: Row) -> list[Field]:
    names = ("sgID", "stationID", "allowedLoadPerStation", "percentShedPerStation")
    return [(name, scope.text(name)) for name in names if scope.text(name)]


def _decimal(given: Row, name: str) -> float | None:
    text = given.text(name)
    try:
        return float(text) if text else None
    except ValueError as error:
        raise Malformed(f"{name} is a number") from error
