"""A request to the ChargePoint stand-in: what is asked, of which car park, with which faults."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from bot.networks.chargepoint.reply import Row
from practice.carpark import CarPark, PortNow
from practice.common.people import DRIVERS, Driver

from .schema import Malformed
from .subscriptions import Subscriptions

Field = tuple[str, Any]
Station = tuple[str, list[PortNow]]

TEXTS = {
    100: "API input request executed successfully.",
    101: "Access denied: this call needs another API plan.",
    102: "No stations found for given criteria.",
    119: "Invalid station id.",
    126: "Failed to shed the requested load.",
    127: "Failed to clear the shed state.",
    136: "No charging session data found for given criteria.",
    153: "No alarms found for given criteria.",
    160: "No data found for given criteria.",
    168: "Something went wrong.",
    171: "Invalid load shed arguments.",
    172: "Please provide all the mandatory fields to make this call.",
    182: "Search by either sgID, sessionID or stationID",
    184: "Enter either sgid or stationID",
}
LIST_LIMIT = 100  # stationIdListBound


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is broken, by the network's word. `port` "" means the whole station."""

    station: str
    port: str
    kind: str
    at: datetime


@dataclass
class FaultConfig:
    """What the service tells, and does wrong, today. Set its fields at any time.

    `stalled` keeps every connection open and answers none, until it is over or the asker is
    long gone. `busy_times` requests get `busy_status`; `fault` is the local name of a faultcode;
    operations in `denied` answer with code 101, as a plan without them does, those in
    `troubled` with a code that nobody knows; `sheds`
    False lets shedLoad and clearShedState say that they had no success; `repeats`
    sends the first page for ever; `odd` turns the order of all children around and adds
    an element nobody knows; `qualified` puts the children of replies into the namespace;
    `timestamps` sends a header that must be understood; stations that are `private` are
    unknown to the calls about public ones. `alarms` and `faults` are what
    stands now, `users` the drivers that the account may know.
    """

    slow_seconds: float = 0.0
    stalled: bool = False
    busy_status: int = 503
    busy_times: int = 0
    html: bool = False
    fault: str = ""
    denied: frozenset[str] = frozenset()
    troubled: frozenset[str] = frozenset()
    sheds: bool = True
    repeats: bool = False
    odd: bool = False
    qualified: bool = False
    timestamps: bool = False
    page_size: int = 500
    private: frozenset[str] = frozenset()
    alarms: tuple[Trouble, ...] = ()
    faults: tuple[Trouble, ...] = ()
    users: tuple[Driver, ...] = DRIVERS


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what is asked of which car park, in which version, with which faults."""

    carpark: CarPark
    fault_config: FaultConfig
    version: str
    wrapper: Row
    subscriptions: Subscriptions = field(default_factory=Subscriptions)

    @property
    def is_51(self) -> bool:
        return self.version == "5.1"

    @property
    def is_41(self) -> bool:
        return self.version == "4.1"

    @property
    def org(self) -> list[Field]:
        """Everything here belongs to one organization."""
        company = [("companyID", "42")] if self.is_51 else []
        return [("orgID", "1:ORG00042"), *company, ("organizationName", "Practice Co")]

    def part(self, name: str) -> Row:
        """The one child that holds the arguments. Raises Malformed."""
        rows = self.wrapper.rows(name)
        if len(rows) != 1:
            raise Malformed(f"there is one {name} in a request")
        return rows[0]

    def stations(self) -> list[Station]:
        """All stations of the car park with their ports."""
        by_station = groupby(self.carpark.ports(), key=lambda port: port.station)
        return [(station, list(ports)) for station, ports in by_station]

    def group(self, query: Row) -> list[Station]:
        """The stations of the group that is asked for."""
        group = query.text("sgID")
        return [one for one in self.stations() if group in self.groups_of(one[0])]

    def groups_of(self, station: str) -> dict[str, str]:
        """Numbers and names of the groups that a station belongs to."""
        members = self.carpark.members
        groups = self.carpark.groups.items()
        return {str(n): name for n, name in groups if station in members.get(n, (station,))}

    def listed(self, query: Row) -> set[str]:
        """The station ids in a list of them."""
        lists = query.rows("stationIDs")
        ids = [row.own_text for ids in lists for row in ids.rows("stationID")]
        if lists and not 1 <= len(ids) <= LIST_LIMIT:
            raise Malformed(f"stationIDs holds 1 to {LIST_LIMIT} ids, not {len(ids)}")
        return set(ids) - {""}

    def page(
        self,
        rows: list[list[Field]],
        query: Row,
        name: str = "stationData",
        size: str = "numStations",
        flag: str = "moreFlag",
        most: int = 500,
    ) -> list[Field]:
        """One page of rows, and the flag that says if more follow."""
        start, wanted = whole(query, "startRecord", 1), whole(query, size, most)
        if start < 1 or wanted < 1:
            raise Malformed(f"startRecord and {size} count from 1")
        first = 0 if self.fault_config.repeats else start - 1
        last = first + min(wanted, self.fault_config.page_size, most)
        more = self.fault_config.repeats or last < len(rows)
        return [*((name, row) for row in rows[first:last]), (flag, int(more))]


def numbered(rows: list[list[Field]]) -> list[list[Field]]:
    """Rows that begin with their recordNumber."""
    return [[("recordNumber", n), *row] for n, row in enumerate(rows, 1)]


def head(code: int) -> list[Field]:
    """How every reply begins."""
    return [("responseCode", code), ("responseText", TEXTS[code])]


def whole(query: Row, name: str, default: int) -> int:
    """A whole number, or `default` for a blank one. Raises Malformed."""
    text = query.text(name)
    if text and (not text.isdecimal() or len(text) > 18):
        raise Malformed(f"{name} is a whole number")
    return int(text or default)


def number(query: Row, name: str) -> float | None:
    """A number, or None for a blank one. Raises Malformed."""
    text = query.text(name)
    try:
        return float(text) if text else None
    except ValueError as error:
        raise Malformed(f"{name} is a number") from error


def moment(query: Row, name: str) -> datetime | None:
    """A time; one without a zone is UTC. Raises Malformed."""
    text = query.text(name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"{name} is a time") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
