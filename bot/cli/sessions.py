"""`python -m bot energy sessions SITE`: what cars drew, as CSV for facilities.

Whose car it was is told only with `--names`: who runs the site decides whether facilities
may know. A driver who asked to be forgotten is nobody in it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib import wiring
from chalicelib.core.model import Site
from chalicelib.core.stays import FinishedStay
from chalicelib.meters.asking import EXAMPLE, read_moment
from chalicelib.meters.tables import csv_pieces, local
from chalicelib.settings import Settings

from .sites import existing, site_id

BACK = timedelta(days=31)
SESSION = (
    "port", "plugged_in", "unplugged", "hours", "energy_kWh", "energy_is", "idle_minutes",
    "ended", "driver",
)  # fmt: skip
SUM = ("sessions", "hours", "energy_kWh", "without_energy", "idle_minutes")


def add_sessions(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The `energy sessions` command."""
    one = verbs.add_parser("sessions", help="the charging sessions of a site, as CSV")
    one.add_argument("site", type=site_id)
    one.add_argument("--from", dest="begin", metavar="TIME", help=f"{EXAMPLE} (31 days ago)")
    one.add_argument("--to", dest="end", metavar="TIME", help="the same; it ends before that (now)")  # fmt: skip
    one.add_argument("--by", choices=("session", "port", "driver", "month"), default="session")
    one.add_argument("--names", action="store_true", help="tell whose car it was")


def sessions(arguments: argparse.Namespace, settings: Settings) -> None:
    """Those that ended in the time asked for. Raises CommandError, BadQuestion."""
    site = existing(wiring.store_of(settings), arguments.site)
    zone, now = ZoneInfo(site.timezone), wiring.clock_of(settings).now()
    end = read_moment("to", arguments.end, zone) if arguments.end else now
    begin = read_moment("from", arguments.begin, zone) if arguments.begin else end - BACK
    kept = wiring.stays_of(settings).read(site.id, begin, end)
    found = [one for one in kept if not one.is_in_vain]
    names = arguments.names
    if arguments.by == "session":
        header: tuple[str, ...] = SESSION
        rows: Iterator[list[object]] = (session_row(one, site, zone, names=names) for one in found)
    else:
        header = (arguments.by, *SUM)
        rows = sum_rows(found, arguments.by, site, zone, names=names)
    for piece in csv_pieces(header, rows):
        sys.stdout.write(piece)
    kwh = sum(one.kwh or 0.0 for one in found)
    print(f"{len(found)} sessions, {kwh:.3f} kWh in all.", file=sys.stderr)


def session_row(one: FinishedStay, site: Site, zone: ZoneInfo, *, names: bool) -> list[object]:
    source = "" if one.kwh is None else "about" if one.about else "counted"
    return [
        label_of(one, site), local(one.since, zone), local(one.until, zone), hours(one),
        rounded(one.kwh), source, minutes(one.idle), str(one.end), who(one, site, names=names),
    ]  # fmt: skip


@dataclass
class Sum:
    """What the sessions of one row come to."""

    sessions: int = 0
    hours: float = 0.0
    kwh: list[float] = field(default_factory=list)
    idle: timedelta = timedelta(0)

    def add(self, one: FinishedStay) -> None:
        self.sessions += 1
        self.hours += (one.until - one.since) / timedelta(hours=1)
        self.kwh += [] if one.kwh is None else [one.kwh]
        self.idle += one.idle

    def row(self) -> list[object]:
        unknown = self.sessions - len(self.kwh)
        return [self.sessions, round(self.hours, 2), rounded(sum(self.kwh)), unknown, minutes(self.idle)]  # fmt: skip


def sum_rows(
    found: Iterable[FinishedStay], by: str, site: Site, zone: ZoneInfo, *, names: bool
) -> Iterator[list[object]]:
    """A row for each port, driver or month, in their order."""
    sums: dict[str, Sum] = {}
    for one in found:
        key = {
            "port": label_of(one, site),
            "driver": who(one, site, names=names),
            "month": month_of(one.until, zone),
        }[by]
        sums.setdefault(key, Sum()).add(one)
    for key in sorted(sums):
        yield [key, *sums[key].row()]


def who(one: FinishedStay, site: Site, *, names: bool) -> str:
    """What the driver is called, or the address of who has no name here; "" for nobody."""
    person = site.people.get(one.driver)
    known = person.name if person is not None else ""
    return (known or one.driver) if names else ""


def label_of(one: FinishedStay, site: Site) -> str:
    port = site.ports.get(one.port)
    return port.label if port is not None else one.port


def month_of(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m}"


def hours(one: FinishedStay) -> float:
    return round((one.until - one.since) / timedelta(hours=1), 2)


def minutes(length: timedelta) -> int:
    return round(length / timedelta(minutes=1))


def rounded(kwh: float | None) -> float | None:
    return None if kwh is None else round(kwh, 3)
