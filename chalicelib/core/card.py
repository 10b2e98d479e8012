"""The report card: what a week or four came to, for everybody's eyes (no names in it).

Pure counting over the log of stays. Who counts brings what only a site knows: how many ports
there are, when the line is open, and how good its word was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from math import ceil
from zoneinfo import ZoneInfo

from chalicelib.values import dataclass

from .stays import FinishedStay

DAY, NONE = timedelta(days=1), timedelta(0)
NO_WAIT = timedelta(minutes=10)  # less, from the line to the plug, is the way to the car
MOST_PEOPLE = 200  # rows of the totals


class Span(StrEnum):
    """How far back a report looks."""

    WEEK = "week"  # the last seven days, the present one included
    MONTH = "month"  # the last four weeks: as many Mondays as Fridays

    @property
    def days(self) -> int:
        return 7 if self is Span.WEEK else 28

    @property
    def bar(self) -> int:
        """How many days a bar of its chart has."""
        return 1 if self is Span.WEEK else 7


@dataclass(frozen=True, slots=True)
class DayRow:
    """The cars that left on a day, or are still there; what they did before counts as well.

    As a bar of a chart: of that day, or of the seven from then on.
    """

    day: date
    cars: int = 0
    away: int = 0  # people who stood in line and went without
    queued: int = 0  # cars whose drivers had stood in line
    plugged: timedelta = timedelta(0)
    waited: timedelta = timedelta(0)  # all of them together
    kwh: float | None = None
    idle: timedelta | None = None  # plugged, and full


@dataclass(frozen=True, slots=True)
class Kept:
    """How good the site's word was, in the weeks that the report touches."""

    since: date
    times: int = 0
    right: int = 0
    hardly: int = 0
    wrong: int = 0
    made: int = 0
    kept: int = 0
    void: int = 0
    broken: int = 0
    warned: int = 0


@dataclass(frozen=True, slots=True)
class ReportCard:
    """The figures. `kwh`, `idle`: None where nobody measures; waits: None where nobody waited."""

    span: Span
    begin: datetime
    end: datetime
    ports: int
    days: tuple[DayRow, ...]
    word: Kept
    cars: int = 0
    drivers: int = 0  # different ones, where they are known
    kwh: float | None = None
    use: float = 0.0  # share of the open hours that ports were plugged
    idle: timedelta | None = None  # plugged, and full
    queued: int = 0  # cars whose drivers had stood in line
    waited: timedelta | None = None  # half of them waited no longer …
    waited_long: timedelta | None = None  # … and nine in ten
    needs: int = 0  # that were said
    met: int = 0
    away: int = 0  # people who stood in line and went without
    away_kwh: float | None = None  # what they had said that they need

    @property
    def bars(self) -> tuple[DayRow, ...]:
        """What a chart shows: the days of a week, the weeks of a month."""
        step = self.span.bar
        parts = [self.days[at : at + step] for at in range(0, len(self.days), step)]
        return tuple(summed(part) for part in parts)

    @property
    def is_empty(self) -> bool:
        """Nothing happened."""
        return not self.cars and not self.away

    @property
    def has_line(self) -> bool:
        """Somebody had to wait, or went without: more ports, or another order, could help."""
        return self.away > 0 or (self.waited_long or timedelta(0)) > NO_WAIT


@dataclass(frozen=True, slots=True)
class PersonTotal:
    """What one person's cars came to. Only for admins, where the operator allows it."""

    driver: str
    cars: int = 0
    plugged: timedelta = timedelta(0)
    kwh: float | None = None
    idle: timedelta = timedelta(0)
    away: int = 0


@dataclass(frozen=True, slots=True)
class House:
    """What a site brings to the counting."""

    ports: int
    zone: ZoneInfo
    opens: time
    closes: time
    workdays: tuple[int, ...] = (0, 1, 2, 3, 4)


def begin_of(span: Span, now: datetime, zone: ZoneInfo) -> datetime:
    """The midnight at which a report begins."""
    day = now.astimezone(zone).date() - timedelta(days=span.days - 1)
    return datetime.combine(day, time(0), zone).astimezone(now.tzinfo)


def count(
    stays: Iterable[FinishedStay], span: Span, now: datetime, house: House, word: Kept
) -> ReportCard:
    """The report of a site: of the stays that ended in that time, or go on."""
    begin = begin_of(span, now, house.zone)
    found = [one for one in stays if one.until >= begin]
    cars = [one for one in found if not one.is_in_vain]
    away = [one for one in found if one.is_in_vain]
    measured = [one for one in cars if one.kwh is not None]
    waits = sorted(one.waited for one in cars if one.waited is not None)
    said = [one.need for one in away if one.need is not None]
    known = [one.met for one in found if one.met is not None]
    return ReportCard(
        span, begin, now, house.ports, days_of(found, span, begin, house.zone), word,
        cars=len(cars), drivers=len({one.driver for one in cars if one.driver}),
        kwh=energy(measured),
        use=use(cars, begin, now, house),
        idle=sum((one.idle for one in measured), timedelta(0)) if measured else None,
        queued=len(waits), waited=share_of(waits, 0.5), waited_long=share_of(waits, 0.9),
        needs=len(known), met=sum(known),
        away=len(away), away_kwh=round(sum(said), 1) if said else None,
    )  # fmt: skip


def days_of(
    found: Sequence[FinishedStay], span: Span, begin: datetime, zone: ZoneInfo
) -> tuple[DayRow, ...]:
    """A row for each day; a stay counts where it ended, as in all other figures."""
    first = begin.astimezone(zone).date()
    by_day: dict[date, list[FinishedStay]] = {first + n * DAY: [] for n in range(span.days)}
    for one in found:
        by_day.setdefault(one.until.astimezone(zone).date(), []).append(one)
    return tuple(day_row(day, by_day[day]) for day in sorted(by_day))


def day_row(day: date, found: Sequence[FinishedStay]) -> DayRow:
    cars = [one for one in found if not one.is_in_vain]
    waits = [one.waited for one in cars if one.waited is not None]
    measured = [one for one in cars if one.kwh is not None]
    return DayRow(
        day, len(cars), len(found) - len(cars), len(waits),
        sum((one.until - one.since for one in cars), timedelta(0)), sum(waits, timedelta(0)),
        energy(measured), sum((one.idle for one in measured), timedelta(0)) if measured else None,
    )  # fmt: skip


def energy(measured: Sequence[FinishedStay]) -> float | None:
    """All of it together; None: nobody measured."""
    return round(sum(one.kwh or 0.0 for one in measured), 1) if measured else None


def summed(rows: Sequence[DayRow]) -> DayRow:
    """Some days in a row as one."""
    kwh = [one.kwh for one in rows if one.kwh is not None]
    idle = [one.idle for one in rows if one.idle is not None]
    return DayRow(
        rows[0].day, sum(one.cars for one in rows), sum(one.away for one in rows),
        sum(one.queued for one in rows), sum((one.plugged for one in rows), timedelta(0)),
        sum((one.waited for one in rows), timedelta(0)), round(sum(kwh), 1) if kwh else None,
        sum(idle, timedelta(0)) if idle else None,
    )  # fmt: skip


def share_of(lengths: Sequence[timedelta], share: float) -> timedelta | None:
    """The length that so many of them don't exceed; they come sorted."""
    return lengths[max(0, ceil(share * len(lengths)) - 1)] if lengths else None


def use(cars: Sequence[FinishedStay], begin: datetime, end: datetime, house: House) -> float:
    """How much of the open hours the ports were plugged: of working days, and of others with cars,
    from the first with a car on (a site may be younger than the time that is asked for).
    """
    plugged = offered = timedelta(0)
    for day, opens, closes in open_hours(begin, end, house):
        here = sum(
            (overlap(one, opens, closes) for one in cars if one.until > opens), timedelta(0)
        )
        is_off = day.weekday() not in house.workdays or not offered
        if is_off and not here:
            continue
        plugged += here
        offered += house.ports * (closes - opens)
    return min(1.0, plugged / offered) if offered else 0.0


def open_hours(
    begin: datetime, end: datetime, house: House
) -> Iterator[tuple[date, datetime, datetime]]:
    """Each day, and when the line was open on it, in UTC; as far as it has come."""
    first, last = (at.astimezone(house.zone).date() for at in (begin, end))
    for n in range((last - first).days + 1):
        day = first + n * DAY
        opens, closes = (
            datetime.combine(day, at, house.zone).astimezone(UTC)
            for at in (house.opens, house.closes)
        )
        closes = min(closes, end)
        if closes > opens:
            yield day, opens, closes


def overlap(one: FinishedStay, begin: datetime, end: datetime) -> timedelta:
    return max(min(one.until, end) - max(one.since, begin), NONE)


def totals(stays: Iterable[FinishedStay], begin: datetime) -> tuple[PersonTotal, ...]:
    """By person, who has been plugged the longest first; of cars that nobody knows, together."""
    theirs: dict[str, list[FinishedStay]] = {}
    for one in stays:
        if one.until >= begin:
            theirs.setdefault(one.driver, []).append(one)
    found = [total(driver, mine) for driver, mine in theirs.items()]
    ordered = sorted(found, key=lambda one: (-one.plugged, one.driver))
    return tuple(ordered[:MOST_PEOPLE])


def total(driver: str, mine: Sequence[FinishedStay]) -> PersonTotal:
    cars = [one for one in mine if not one.is_in_vain]
    measured = [one.kwh for one in cars if one.kwh is not None]
    return PersonTotal(
        driver, len(cars), sum((one.until - one.since for one in cars), timedelta(0)),
        round(sum(measured), 1) if measured else None,
        sum((one.idle for one in cars), timedelta(0)), len(mine) - len(cars),
    )  # fmt: skip
