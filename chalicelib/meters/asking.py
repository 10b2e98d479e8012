"""What somebody asks of a meter's series: which time, by what, as what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.edges import Series
from chalicelib.energy.buckets import Bucket, By, after, buckets, midnight
from chalicelib.energy.ledger import ledger
from chalicelib.energy.slots import SLOT, slot_start
from chalicelib.values import dataclass

LONGEST = timedelta(days=1100)
YEARS = range(1900, 3000)  # far from where the calendar ends: we go on from there, and back
MOST_ROWS, MOST_POINTS = 20_000, 2_500  # in one answer over HTTP, and in a picture
EXAMPLE = "a day such as 2026-11-29, or a time such as 2026-11-29T08:00:00Z"
LENGTH = {By.SLOT: SLOT, By.HOUR: timedelta(hours=1), By.DAY: timedelta(days=1), By.MONTH: timedelta(days=28)}  # fmt: skip
# Where nothing else is asked for: enough to see something
BACK = {By.SLOT: timedelta(days=1), By.HOUR: timedelta(days=1), By.DAY: timedelta(days=30), By.MONTH: timedelta(days=365)}  # fmt: skip
_PLUS = re.compile(r"(T\S+) (\d\d:?\d\d)$")  # a plus in an address that nobody escaped


class As(StrEnum):
    CSV = "csv"
    PNG = "png"
    JSON = "json"


class Graph(StrEnum):
    HIST = "hist"  # bars: kWh of each bucket
    LINE = "line"  # mean kW of each bucket


class BadQuestion(ValueError):
    """It can't be answered; says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a meter. `begin` and `end` are UTC, and whole slots."""

    meter: str
    begin: datetime
    end: datetime
    by: By
    form: As
    graph: Graph
    zone: ZoneInfo

    @property
    def title(self) -> str:
        """Above a picture."""
        begin, end = (at.astimezone(self.zone) for at in (self.begin, self.end))
        form = "%Y-%m-%d %H:%M" if self.end - self.begin <= timedelta(hours=25) else "%Y-%m-%d"
        return f"{self.meter}, {begin:{form}} to {end:{form}}"


def read_query(query: Mapping[str, str], zone: str, now: datetime) -> Asked:
    """Raises BadQuestion. `zone` is the meter's own."""
    strange = sorted(set(query) - KNOWN)
    if strange:
        raise BadQuestion(
            f"unknown: {', '.join(strange)[:100]}; known: {', '.join(sorted(KNOWN))}"
        )
    clock = read_zone(query.get("zone") or zone)
    by = one_of(By, query.get("by") or By.HOUR, "by")
    end = read_moment("to", query["to"], clock) if query.get("to") else now
    begin = read_moment("from", query["from"], clock) if query.get("from") else None
    form = one_of(As, query.get("as") or As.CSV, "as")
    graph = one_of(Graph, query.get("graph") or Graph.HIST, "graph")
    return question(query["meter"], begin, end, by, form, graph, clock)


KNOWN = frozenset(
    ["meter", "from", "to", "by", "as", "graph", "zone", "expires", "signature"]
)  # fmt: skip


def question(
    meter: str,
    begin: datetime | None,
    end: datetime,
    by: By,
    form: As = As.CSV,
    graph: Graph = Graph.HIST,
    zone: ZoneInfo = ZoneInfo("UTC"),  # noqa: B008 — it is a constant
) -> Asked:
    """Cut to whole slots. Raises BadQuestion."""
    end = slot_start(end + SLOT - timedelta(milliseconds=1))
    begin = slot_start(begin if begin is not None else since(end, by, zone))
    if begin >= end:
        raise BadQuestion("from is not before to")
    if end - begin > LONGEST:
        raise BadQuestion(f"that is longer than {LONGEST.days} days")
    return Asked(meter, begin, end, by, form, graph, zone)


def since(end: datetime, by: By, zone: ZoneInfo) -> datetime:
    """Where the answer begins if nobody says: whole days for days, whole months for months."""
    begin = end - BACK[by]
    return begin if by in (By.SLOT, By.HOUR) else after(begin, by, zone)


def check_rows(asked: Asked) -> None:
    """Raises BadQuestion when the answer would be too long for one."""
    rows = (asked.end - asked.begin) // LENGTH[asked.by]
    most = MOST_POINTS if asked.form is As.PNG else MOST_ROWS
    if rows > most:
        raise BadQuestion(
            f"that is {rows} times {asked.by}, and at most {most} fit a {asked.form}: ask for a "
            "shorter time, a longer `by`, or use `python -m bot energy export`"
        )


Choice = TypeVar("Choice", bound=StrEnum)


def one_of(kind: type[Choice], text: str, name: str) -> Choice:
    try:
        return kind(text)
    except ValueError as error:
        raise BadQuestion(f"{name} is one of {', '.join(kind)}") from error


def read_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise BadQuestion("zone is a time zone such as America/Los_Angeles") from error


def read_moment(name: str, text: str, zone: ZoneInfo) -> datetime:
    """A day begins at the site's midnight; a time must say its offset. Raises BadQuestion."""
    wrong = BadQuestion(f"{name} is {EXAMPLE}")
    if len(text) > 40:
        raise wrong
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            at = midnight(date.fromisoformat(text), zone)
        else:
            at = datetime.fromisoformat(_PLUS.sub(r"\1+\2", text))
    except (ValueError, OverflowError) as error:
        raise wrong from error
    if at.year not in YEARS:
        raise wrong
    if at.tzinfo is None:
        raise BadQuestion(f"{name} has no zone: end it with Z or an offset such as +01:00")
    return at.astimezone(UTC)


def answer(series: Series, asked: Asked) -> Iterator[Bucket]:
    """The buckets, read as they are asked for. Raises StoreUnavailable."""
    found = ledger(series, asked.meter, asked.begin, asked.end)
    return buckets(found, asked.begin, asked.end, asked.by, asked.zone)
