"""A look at a site through ChargePoint: which ports are free, in use, drawing, capped."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.inputs import Observed
from chalicelib.core.model import Site, Stations
from chalicelib.edges import Clock, FaultLog, NetworkRefused

from .reply import PlanDenied, Row
from .soap import ChargePointClient
from .translate import observed, station_ids

REMEMBERED = timedelta(minutes=15)  # which stations a group has


@dataclass(frozen=True, slots=True)
class _Members:
    """The stations of a group, and those that only `getLoad` tells of."""

    ids: tuple[str, ...]
    strangers: frozenset[str]
    until: datetime

    def still_hold(self, loaded: set[str], now: datetime) -> bool:
        return now < self.until and loaded <= self.strangers.union(self.ids)


class ChargePoint:
    """The `ChargingNetwork` edge."""

    def __init__(self, client: ChargePointClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._groups: dict[int, _Members] = {}
        self._faults = FaultLog(logging.getLogger(__name__))

    def look(self, site: Site) -> Observed:
        """Every port of the site, as of before the first call.

        Raises NetworkUnavailable or NetworkRefused. A plan without `getLoad` is neither:
        the look then has no power and no occupants.
        """
        at = self._clock.now()
        load = self._load(site)
        status = self._client.status(self._ids(site.stations, load, at))
        if not status:
            raise NetworkRefused("no station of this site is known to the network: check the ids")
        return observed(at, status, load)

    def _load(self, site: Site) -> list[Row]:
        what = f"{site.id}: power and occupants (getLoad)"
        try:
            rows = self._client.load(site.stations)
        except PlanDenied as fault:
            self._faults.failed(what, fault)
            return []
        if rows:
            self._faults.worked(what)
        else:
            self._faults.failed(what, PlanDenied("getLoad: nothing found"))
        return rows

    def _ids(self, stations: Stations, load: list[Row], now: datetime) -> tuple[str, ...]:
        """The stations to ask about: `getStationStatus` knows no groups."""
        if stations.group is None:
            return stations.ids
        loaded = set(station_ids(load))
        members = self._groups.get(stations.group)
        if members is None or not members.still_hold(loaded, now):
            members = self._ask_members(stations, loaded, now)
            self._groups[stations.group] = members
        return members.ids

    def _ask_members(self, stations: Stations, loaded: set[str], now: datetime) -> _Members:
        ids = station_ids(self._client.stations(stations)) or tuple(sorted(loaded))
        if not ids:
            raise NetworkRefused(
                f"group {stations.group} has no station that this API key may see: "
                "check the group's number (sgID) and the station rights"
            )
        return _Members(ids, frozenset(loaded.difference(ids)), now + REMEMBERED)
