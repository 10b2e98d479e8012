"""A site through ChargePoint: its ports, its power, what is broken, and who drives."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from itertools import groupby
from typing import TypeVar

from chalicelib.core.inputs import Alarm, Observed, PortSeen
from chalicelib.core.model import Site, Stations
from chalicelib.edges import Clock, FaultLog, NetworkRefused, NetworkUnavailable

from .arrivals import Arrivals
from .events import Event
from .inventory import Inventory
from .reply import PlanDenied, Row
from .sessions import Book
from .soap import ChargePointClient
from .translate import (
    NetworkDriver,
    Session,
    StationGroup,
    alarms,
    drivers,
    faults,
    groups,
    observed,
    sessions,
    station_ids,
)
from .versions import Station

T = TypeVar("T")


class ChargePoint:
    """The `ChargingNetwork` edge. Every call raises NetworkUnavailable or NetworkRefused."""

    def __init__(self, client: ChargePointClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._inventory = Inventory(client, clock)
        self._arrivals = Arrivals()
        self._books: dict[str, Book] = {}
        self._faults = FaultLog(logging.getLogger(__name__))

    @property
    def denied(self) -> tuple[str, ...]:
        """What plan or version didn't allow when it was last asked for, in words."""
        return tuple(self._faults.out())

    def note(self, event: Event) -> None:
        """Keep what only the feed tells for the looks that follow. Called from any thread."""
        self._arrivals.note(event, self._clock.now())

    def reach(self) -> tuple[str, ...]:
        """The ids of all stations that the account may see."""
        ids = (row.text("stationID") for row in self._client.all_stations())
        return tuple(one for one in ids if one)

    def groups(self) -> tuple[StationGroup, ...]:
        """The station groups of every organization whose stations the account may see."""
        orgs = dict.fromkeys(row.text("orgID") for row in self._client.all_stations())
        return tuple(one for org in orgs if org for one in groups(self._client.groups(org)))

    def look(self, site: Site) -> Observed:
        """Every port of the site, as of before the first call.

        A plan without `getLoad` is no fault: the look then has no power and no occupants.
        """
        at = self._clock.now()
        stations, load, status = self._ask(site)
        if not status:
            raise NetworkRefused("no station of this site is known to the network: check the ids")
        look = self._look_up(site, stations, observed(at, status, load))
        return self._arrivals.fill(look)

    def limit(self, site: Site, allowed_kw: float, minutes: int) -> None:
        """Let each port give at most so much; 0 minutes: until lifted.

        Asked station by station: a group's value is for each station whatever its size,
        and a station's is shared by its ports as it likes (API guide, shedLoad). When a
        station refuses, those before it are cleared again.
        """
        known = {station.id: station for station in self._inventory.stations(site.stations)}
        limited: list[Station] = []
        for name, seen in groupby(self.look(site).ports, key=lambda port: port.station):
            if name not in known:
                continue
            try:
                self._limit(known[name], list(seen), allowed_kw, minutes)
            except NetworkRefused:
                for station in limited:
                    self._client.lift(station)
                raise
            limited.append(known[name])

    def lift(self, site: Site) -> None:
        """Clear every station of the site, whole; one that refuses doesn't save the others."""
        refusals = []
        for station in self._inventory.stations(site.stations):
            try:
                self._client.lift(station)
            except NetworkRefused as refusal:
                refusals.append(refusal)
        if refusals:
            raise refusals[0]

    def alarms(self, site: Site) -> tuple[Alarm, ...]:
        """Alarms, and in API 5.1 active faults. What the plan denies is left out."""
        at = self._clock.now()
        stations = self._inventory.stations(site.stations)
        told = self._allowed(
            f"{site.id}: alarms (getAlarms)",
            lambda: self._client.alarms(site.stations.group, stations),
        )
        broken = self._allowed(
            f"{site.id}: faults (getStationActiveFaults)", lambda: self._client.faults(stations)
        )
        ids = {station.id for station in stations}
        found = dict.fromkeys([*alarms(told, at), *faults(broken, at)])
        return tuple(alarm for alarm in found if alarm.station in ids)

    def users(self) -> tuple[NetworkDriver, ...]:
        """The drivers that the account may know; none where plan or version deny it."""
        return drivers(self._allowed("drivers (getUsers)", self._client.users))

    def _limit(self, station: Station, seen: list[PortSeen], kw: float, minutes: int) -> None:
        """A percentage must be cleared before kW can be set (observed)."""
        if any(port.percent_shed for port in seen):
            self._client.lift(station)
        self._client.limit(station, [port.number for port in seen], kw, minutes)

    def _ask(self, site: Site) -> tuple[Sequence[Station], list[Row], list[Row]]:
        """The stations, what flows there, and how their ports are. Where the stations are known
        both are asked at once: a driver waits for them.
        """
        known = self._inventory.known(site.stations)
        beside = [begun(lambda: self._status(site.stations, known))] if known else []
        try:
            load = self._load(site)
        finally:
            wait(beside)  # nothing goes on behind our back
        stations = self._inventory.stations(site.stations, station_ids(load))
        if beside and stations == known:
            return stations, load, beside[0].result()
        return stations, load, self._status(site.stations, stations)

    def _status(self, wanted: Stations, stations: Sequence[Station]) -> list[Row]:
        """Rows with the status of every port. Where the call for it knows public stations only
        (API 4.1), those that it leaves out have theirs in the inventory.
        """
        ids = [station.id for station in stations]
        rows = [row for row in self._client.status(ids) if row.text("stationID") in ids]
        if self._client.knows_private:
            return rows
        missing = set(ids).difference(station_ids(rows))
        known = [one.id for one in stations if one.id in missing and one.org]
        if known:
            within = wanted if wanted.group is not None else Stations(ids=tuple(known))
            found = self._client.stations(within)
            rows += [row for row in found if row.text("stationID") in missing]
        return rows

    def _look_up(self, site: Site, stations: Sequence[Station], look: Observed) -> Observed:
        """The look with what the network's own book of sessions adds, where it is time to ask."""
        book = self._books.setdefault(site.id, Book())
        book.follow(site, look, self._arrivals.just_come(look))
        if book.wants_running(look.at):
            ask = functools.partial(self._client.running, stations)
            look = book.take_running(self._read(site, book, ask), look)
        if (since := book.wants_finished(look.at)) is not None:
            ask = functools.partial(self._client.finished, stations, since)
            look = book.take_finished(self._read(site, book, ask), look)
        return book.recall(look)

    def _read(self, site: Site, book: Book, ask: Callable[[], list[Row]]) -> list[Session]:
        """Sessions; none when it fails: the look is good without."""
        what = f"{site.id}: energy and starts of sessions (getChargingSessionData)"
        try:
            return sessions(self._allowed(what, ask))
        except (NetworkUnavailable, NetworkRefused) as fault:
            self._faults.failed(what, fault)
            book.be_quiet(self._clock.now())
            return []

    def _load(self, site: Site) -> list[Row]:
        what = f"{site.id}: power and occupants (getLoad)"
        rows = self._allowed(what, lambda: self._ask_load(site.stations))
        if not rows and what not in self._faults.out():
            self._faults.failed(what, PlanDenied("getLoad: nothing found"))
        return rows

    def _ask_load(self, stations: Stations) -> list[Row]:
        if stations.group is not None or not self._client.needs_details:
            return self._client.load(stations)
        known = {one.id: one for one in self._inventory.stations(stations) if one.group}
        return self._client.load(Stations(ids=tuple(known)), known)

    def _allowed(self, what: str, ask: Callable[[], list[Row]]) -> list[Row]:
        """The rows, or none while the plan denies this: said once, and once when it ends."""
        try:
            rows = ask()
        except PlanDenied as denial:
            self._faults.failed(what, denial)
            return []
        if rows:
            self._faults.worked(what)
        return rows


def begun(act: Callable[[], T]) -> Future[T]:
    """It is being done, on a thread that holds up no end of the process (an executor's would)."""
    found: Future[T] = Future()

    def do() -> None:
        try:
            found.set_result(act())
        except BaseException as error:  # noqa: BLE001 — it is raised where the result is asked for
            found.set_exception(error)

    threading.Thread(target=do, name="status", daemon=True).start()
    return found
