"""Report cards for tests: an office's week, a month, a quiet place, and nothing at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from chalicelib.core.card import DayRow, Kept, PersonTotal, ReportCard, Span
from chalicelib.values import replace

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MONDAY = date(2031, 2, 24)
DAYS = tuple(
    DayRow(
        MONDAY + timedelta(days=n), cars, away, cars // 2, cars * 2 * HOUR, cars * 20 * MINUTE,
        cars * 8.4, cars * 25 * MINUTE,
    )
    for n, (cars, away) in enumerate([(9, 1), (8, 2), (10, 2), (8, 0), (3, 0), (0, 0), (0, 0)])
)  # fmt: skip
WEEK = ReportCard(
    Span.WEEK, datetime(2031, 2, 24, 8, tzinfo=UTC), datetime(2031, 3, 2, 23, tzinfo=UTC), 4, DAYS,
    Kept(MONDAY, times=41, right=36, hardly=5, wrong=1, made=21, kept=18, void=2, broken=1, warned=1),
    cars=38, drivers=21, kwh=319.2, use=0.71, idle=16 * HOUR, queued=24, waited=25 * MINUTE,
    waited_long=100 * MINUTE, needs=31, met=25, away=5, away_kwh=48.0,
)  # fmt: skip
MONTH = replace(
    WEEK, span=Span.MONTH, begin=datetime(2031, 2, 3, 8, tzinfo=UTC),
    days=tuple(replace(row, day=row.day - timedelta(days=21 - 7 * n)) for n in range(4) for row in DAYS),
    cars=152, drivers=33, kwh=1276.8, away=20,
)  # fmt: skip
QUIET = ReportCard(  # twelve ports: nobody waits
    Span.WEEK, WEEK.begin, WEEK.end, 12, DAYS, Kept(MONDAY), cars=38, drivers=21, kwh=319.2,
    use=0.22, idle=30 * MINUTE,
)  # fmt: skip
BY_HAND = replace(QUIET, ports=1, kwh=None, idle=None, cars=1, drivers=1, queued=1, waited=5 * MINUTE, waited_long=5 * MINUTE)  # fmt: skip
EMPTY = ReportCard(Span.WEEK, WEEK.begin, WEEK.end, 4, DAYS[5:], Kept(MONDAY))
CARDS = (WEEK, MONTH, QUIET, BY_HAND, EMPTY, replace(EMPTY, span=Span.MONTH))
TOTALS = (
    PersonTotal("terminal:garage:ana", 4, 9 * HOUR, 41.3, 95 * MINUTE),
    PersonTotal("", 2, 3 * HOUR, 12.0),
    PersonTotal("terminal:garage:cleo", 1, 80 * MINUTE, None, away=2),
    PersonTotal("terminal:garage:bob", away=1),
)
