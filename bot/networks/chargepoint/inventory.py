"""Which stations a site has, as the network knows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.model import Stations
from chalicelib.edges import Clock, NetworkRefused

from .reply import Row
from .soap import ChargePointClient
from .versions import Station

REMEMBERED = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Members:
    """The stations of a site, and those of its group that only `getLoad` tells of."""

    stations: tuple[Station, ...]
    strangers: frozenset[str]
    until: datetime

    def still_hold(self, loaded: set[str], now: datetime) -> bool:
        known = self.strangers.union(station.id for station in self.stations)
        return now < self.until and loaded <= known


class Inventory:
    """Asks for a quarter of an hour, or until `getLoad` tells of a station that is new."""

    def __init__(self, client: ChargePointClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[Stations, _Members] = {}

    def known(self, stations: Stations) -> tuple[Station, ...]:
        """The stations of a site as they were when they were last asked for; none: never yet."""
        if stations.group is None and not self._client.needs_details:
            return tuple(map(Station, stations.ids))
        members = self._known.get(stations)
        return members.stations if members is not None else ()

    def stations(self, stations: Stations, loaded: Iterable[str] = ()) -> tuple[Station, ...]:
        """The stations of a site. `loaded` are ids that `getLoad` told of just now.

        Raises NetworkUnavailable or NetworkRefused.
        """
        if stations.group is None and not self._client.needs_details:
            return tuple(map(Station, stations.ids))
        now, seen = self._clock.now(), set(loaded)
        members = self._known.get(stations)
        if members is None or not members.still_hold(seen, now):
            members = self._ask(stations, seen, now)
            self._known[stations] = members
        return members.stations

    def _ask(self, wanted: Stations, loaded: set[str], now: datetime) -> _Members:
        group = "" if wanted.group is None else str(wanted.group)
        rows = {row.text("stationID"): row for row in self._client.stations(wanted)}
        rows.pop("", None)
        ids = wanted.ids or tuple(rows) or tuple(sorted(loaded))
        if not ids:
            raise NetworkRefused(
                f"group {group} has no station that this API key may see: "
                "check the group's number (sgID) and the station rights"
            )
        stations = tuple(_station(one, rows.get(one), group) for one in ids)
        return _Members(stations, frozenset(loaded.difference(ids)), now + REMEMBERED)


def _station(name: str, row: Row | None, group: str) -> Station:
    if row is None:
        return Station(name, group)
    groups = [one.strip() for one in row.text("sgID").split(",")]
    return Station(
        name,
        group or _first_number(groups),
        row.text("orgID"),
        row.text("organizationName"),
    )


def _first_number(texts: Sequence[str]) -> str:
    """`sgID` is a list in a string, such as `70001, 70002` (observed)."""
    return next((text for text in texts if text.isdecimal() and len(text) < 10), "")
