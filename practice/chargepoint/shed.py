"""shedLoad and clearShedState of the ChargePoint stand-in: limits on the car park's power."""

from __future__ import annotations

from dataclasses import dataclass

from bot.networks.chargepoint.reply import Row
from practice.carpark import CarParkError, Place

from .asked import Asked, Field, Station, head, number, whole
from .schema import Malformed


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
    query = asked.wrapper if asked.is_41 else asked.part("shedQuery")
    if not query.text("timeInterval"):
        return head(172)
    minutes = whole(query, "timeInterval", 0)
    try:
        scope, limits = _limits_41(asked) if asked.is_41 else _limits(asked, query)
        _check_units(asked, limits)
        if asked.fault_config.sheds:
            for limit in limits:
                asked.carpark.shed(limit.percent, limit.kw, places=limit.places, minutes=minutes)
    except _Answered as answer:
        return head(answer.code)
    except CarParkError:
        return head(171)
    return [*head(100), ("Success", int(asked.fault_config.sheds)), *_echo(scope)]


def clear_shed_state(asked: Asked) -> list[Field]:
    """Single ports may be named, but whole stations are cleared (observed)."""
    try:
        if asked.is_41:
            scope, stations = asked.wrapper, _stations_41(asked, asked.wrapper)
        else:
            scope, stations = _scope(asked, asked.part("shedQuery"), otherwise=184)
            _named(scope)
    except _Answered as answer:
        return head(answer.code)
    if asked.fault_config.sheds:
        asked.carpark.shed(places=[place for station in stations for place in _places(station)])
    return [*head(100), ("Success", int(asked.fault_config.sheds)), *_echo(scope)]


def _check_units(asked: Asked, limits: list[_Limit]) -> None:
    """A limit must be cleared before one in the other unit is set (observed)."""
    for limit in limits:
        if asked.carpark.units(limit.places) - {"kW" if limit.percent is None else "%"}:
            raise _Answered(126)


def _limits_41(asked: Asked) -> tuple[Row, list[_Limit]]:
    """A group's value is for each of its stations, and a station's for all its ports."""
    scope, given = asked.part("sgData"), asked.part("sgLoadData")
    limits = [
        _limit(given, "allowedLoad", "percentShed", _places(one))
        for one in _stations_41(asked, scope)
    ]
    return scope, limits


def _stations_41(asked: Asked, scope: Row) -> list[Station]:
    if not whole(scope, "sgID", 0):
        raise Malformed("sgID is missing")
    wanted = scope.text("stationID")
    found = [one for one in asked.group(scope) if wanted in {"", one[0]}]
    if not found:
        raise _Answered(119 if wanted else 160)
    return found


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


def _limits(asked: Asked, query: Row) -> tuple[Row, list[_Limit]]:
    """A station's kW are shared out evenly; a percentage is the same for every port."""
    scope, stations = _scope(asked, query, otherwise=172)
    names = "allowedLoadPerStation", "percentShedPerStation"
    named = _named(scope)
    if not named:
        return scope, [_limit(scope, *names, _places(station)) for station in stations]
    here = {place[1]: place for station in stations for place in _places(station)}
    if not {port.text("portNumber") for port in named} <= set(here) or any(map(scope.text, names)):
        raise _Answered(171)
    names = "allowedLoadPerPort", "percentShedPerPort"
    return scope, [_limit(port, *names, (here[port.text("portNumber")],)) for port in named]


def _named(scope: Row) -> list[Row]:
    """The ports that are named, one portNumber in each Port (WSDL)."""
    named = [port for ports in scope.rows("Ports") for port in ports.rows("Port")]
    if any(len(port.rows("portNumber")) != 1 for port in named):
        raise Malformed("there is one portNumber in a Port")
    return named


def _limit(given: Row, kw_name: str, percent_name: str, places: tuple[Place, ...]) -> _Limit:
    kw, percent = number(given, kw_name), number(given, percent_name)
    if kw is None and percent is None:
        raise _Answered(172)
    return _Limit(places, percent, None if kw is None else kw / len(places))


def _places(station: Station) -> tuple[Place, ...]:
    return tuple((port.station, port.number) for port in station[1])


def _echo(scope: Row) -> list[Field]:
    names = ("sgID", "stationID", "allowedLoadPerStation", "percentShedPerStation")
    return [(name, scope.text(name)) for name in names if scope.text(name)]
