"""How each version of the API is asked: the one place that knows their differences.

`VERSIONS` has a class each, which turns what we want to know into questions. What a
version doesn't have raises PlanDenied, like what the API plan doesn't have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .reply import PlanDenied

TIMES = frozenset({"fromTimeStamp"})
LIST_LIMIT = 100  # station ids in one request (API guide 5.1, stationIdListBound)


@dataclass(frozen=True, slots=True)
class Station:
    """A station as it must be named in a question. `group` is any that it belongs to, or ""."""

    id: str
    group: str = ""
    org: str = ""
    org_name: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One call: the operation, the children of its wrapper, and where its rows are.

    zeep refuses a call without its searchQuery, so an empty one is given, too. `path` leads to
    the rows, `key` are paths to the fields that tell two of them apart.
    """

    operation: str
    arguments: dict[str, Any]
    path: tuple[str, ...] = ("stationData",)
    key: tuple[str, ...] = ("stationID", "Port/portNumber")
    paged: bool = False

    def page(self, start: int) -> dict[str, Any]:
        """The arguments for the page that begins with record `start`, counted from 1."""
        if not self.paged:
            return self.arguments
        if "searchQuery" not in self.arguments:
            return {**self.arguments, "startRecord": start}
        return {"searchQuery": {**self.arguments["searchQuery"], "startRecord": start}}

    @property
    def subject(self) -> str:
        """What is asked for, whatever the page and the time: a refusal holds for all of these."""
        query = self.arguments.get("searchQuery", self.arguments)
        lasting = {name: value for name, value in query.items() if name not in TIMES}
        return f"{self.operation} {lasting}"


def _inventory(group: int | None, station: str) -> dict[str, Any]:
    if group is not None:
        return {"searchQuery": {"sgID": str(group)}}
    return {"searchQuery": {"stationID": station} if station else {}}


def _alarms(arguments: dict[str, Any], *, paged: bool = True) -> Question:
    key = ("stationID", "portNumber", "alarmType", "alarmTime")
    return Question("getAlarms", arguments, ("Alarms",), key, paged)


def _sessions(query: dict[str, Any], rows: str = "ChargingSessionData") -> Question:
    key = ("stationID", "portNumber", "sessionID", "startTime")
    return Question("getChargingSessionData", {"searchQuery": query}, (rows,), key, paged=True)


class Version51:
    """API 5.1."""

    name = "5.1"
    needs_details = False
    knows_private = True

    def stations(self, *, group: int | None = None, station: str = "") -> Question:
        """The inventory of a group, of one station, or of whatever the account may see."""
        return Question("getStations", _inventory(group, station), paged=True)

    def status(self, ids: Sequence[str]) -> Iterator[Question]:
        """By lists of stations: it can't be asked by group."""
        for some in _chunks(ids):
            query = {"searchQuery": {"stationIDs": {"stationID": some}}}
            yield Question("getStationStatus", query, paged=True)

    def load_of_group(self, group: int) -> Question:
        """One call, however many stations it has."""
        return Question("getLoad", {"searchQuery": {"sgID": group}})

    def load_of_station(self, station: Station) -> Question:
        """Of one station."""
        return Question("getLoad", {"searchQuery": {"stationID": station.id}})

    def limit(self, station: Station, ports: Sequence[str], kw: float, minutes: int) -> Question:
        """At most `kw` for each port: the only request that means just that.

        A value for a station, or for each station of a group, leaves it to the station
        how its ports share it (API guide, shedLoad).
        """
        each = [{"portNumber": port, "allowedLoadPerPort": round(kw, 3)} for port in ports]
        scope = {"stationID": station.id, "Ports": {"Port": each}}
        return Question("shedLoad", {"shedQuery": {"shedStation": scope, "timeInterval": minutes}})

    def lift(self, station: Station) -> Question:
        """A whole station: single ports can be named, but don't clear (observed)."""
        return Question(
            "clearShedState", {"shedQuery": {"shedStation": {"stationID": station.id}}}
        )

    def alarms(
        self,
        group: int | None,  # noqa: ARG002 — older versions ask by it
        stations: Sequence[Station],
    ) -> Iterator[Question]:
        """By lists of stations."""
        for some in _chunks([station.id for station in stations]):
            yield _alarms({"searchQuery": {"stationIDs": {"stationID": some}}})

    def faults(self, stations: Sequence[Station]) -> Iterator[Question]:
        """Faults that stand now, by station."""
        for some in _chunks([station.id for station in stations]):
            query = {"stationIDs": {"stationID": some}}
            path = ("stations", "station")
            yield Question("getStationActiveFaults", {"searchQuery": query}, path)

    def running(self, stations: Sequence[Station]) -> Iterator[Question]:
        """The sessions that run now, with what they have had so far."""
        for some in _chunks([station.id for station in stations]):
            yield _sessions({"stationIDs": {"stationID": some}, "activeSessionsOnly": True})

    def finished(self, stations: Sequence[Station], since: datetime) -> Iterator[Question]:
        """The sessions that are over, of those since then."""
        for some in _chunks([station.id for station in stations]):
            yield _sessions({"stationIDs": {"stationID": some}, "fromTimeStamp": since})

    def groups(self, org: str) -> Question:
        """The station groups of an organization, by number and name, with their stations."""
        return Question("getStationGroups", {"orgID": org}, ("groupData",), ("sgID",))

    def users(self) -> Question:
        """The drivers that are connected to our organization, or managed by it."""
        path, key = ("users", "user"), ("userID", "credentialIDs/credentialID")
        return Question("getUsers", {"searchQuery": {}}, path, key, paged=True)


class Version50(Version51):
    """API 5.0: alarms by group or station, sessions by station, no active faults."""

    name = "5.0"

    def alarms(self, group: int | None, stations: Sequence[Station]) -> Iterator[Question]:
        if group is not None:
            yield _alarms({"searchQuery": {"sgID": group}})
            return
        for station in stations:
            yield _alarms({"searchQuery": {"stationID": station.id}})

    def faults(
        self,
        stations: Sequence[Station],  # noqa: ARG002 — it knows of none
    ) -> Iterator[Question]:
        return iter(())

    def running(
        self,
        stations: Sequence[Station],  # noqa: ARG002 — it tells of a session when it is over
    ) -> Iterator[Question]:
        return iter(())

    def finished(self, stations: Sequence[Station], since: datetime) -> Iterator[Question]:
        for station in stations:
            yield _sessions({"stationID": station.id, "fromTimeStamp": since})


class Version41(Version50):
    """API 4.1: no pages but of sessions, status of whatever is public, loads of stations only.

    A group must be named for everything about power, an organization for alarms.
    """

    name = "4.1"
    needs_details = True
    knows_private = False

    def stations(self, *, group: int | None = None, station: str = "") -> Question:
        return Question("getStations", _inventory(group, station))

    def status(self, ids: Sequence[str]) -> Iterator[Question]:
        for some in _chunks(ids):
            query = {"searchQuery": {"stationIDs": {"stationID": some}}}
            yield Question("getPublicStationStatus", query, ("stationStatusData",))

    def load_of_group(self, group: int) -> Question:
        return Question("getLoad", {"sgID": group})

    def load_of_station(self, station: Station) -> Question:
        return Question("getLoad", self._place(station))

    def limit(self, station: Station, ports: Sequence[str], kw: float, minutes: int) -> Question:
        """There is only a value for the station: that of all its ports together."""
        arguments = {
            "sgData": self._place(station),
            "sgLoadData": {"allowedLoad": round(kw * len(ports), 3)},
            "timeInterval": minutes,
        }
        return Question("shedLoad", arguments)

    def lift(self, station: Station) -> Question:
        return Question("clearShedState", self._place(station))

    def alarms(self, group: int | None, stations: Sequence[Station]) -> Iterator[Question]:
        """The newest ones: there is no way to ask for another page."""
        for place in _places(group, stations):
            yield _alarms(place, paged=False)

    def finished(self, stations: Sequence[Station], since: datetime) -> Iterator[Question]:
        for station in stations:
            query = {"stationID": station.id, "fromTimeStamp": since}
            yield _sessions(query, "ChargingSessionsData")

    def users(self) -> Question:
        raise PlanDenied("getUsers: API 4.1 doesn't have it: ask for 5.0 or 5.1")

    def _place(self, station: Station) -> dict[str, Any]:
        if not station.group:
            raise PlanDenied(f"API 4.1 needs a group (sgID), and {station.id} is in none")
        return {"sgID": int(station.group), "stationID": station.id}


VERSIONS = {version.name: version for version in (Version51(), Version50(), Version41())}


def _places(group: int | None, stations: Iterable[Station]) -> list[dict[str, Any]]:
    """Organization and group, or organization and station: once each."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for station in stations:
        one = {"stationID": station.id} if group is None else {"sgID": group}
        place = {"orgID": station.org, "organizationName": station.org_name, **one}
        if station.org:
            found.setdefault(tuple(map(str, place.values())), place)
    return list(found.values())


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), LIST_LIMIT):
        yield ids[start : start + LIST_LIMIT]
