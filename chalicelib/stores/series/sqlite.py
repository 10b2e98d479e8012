"""The series for one machine: a SQLite file beside that of the sites.

A body of readings is one piece of work of the file's one writer: all of it, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.energy.readings import Reading, phases
from chalicelib.energy.slots import SECONDS, SLOT, Register, Slot, slot_start
from chalicelib.stores.database import SQLiteFile, Statement

from .kept import Kept

LAYOUT = 1  # of the tables, kept in PRAGMA user_version
PAGE = 2_000  # rows read at once
TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS readings (
    meter TEXT NOT NULL, at INTEGER NOT NULL, kw REAL, kwh REAL, l1 REAL, l2 REAL, l3 REAL,
    PRIMARY KEY (meter, at)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS slots (
    meter TEXT NOT NULL, slot INTEGER NOT NULL, count INTEGER NOT NULL, kw REAL, peak_kw REAL,
    first_at INTEGER, first_kwh REAL, last_at INTEGER, last_kwh REAL, l1 REAL, l2 REAL, l3 REAL,
    PRIMARY KEY (meter, slot)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS registers ON slots (meter, slot) WHERE first_at IS NOT NULL;
PRAGMA user_version = {LAYOUT};
COMMIT;
"""  # times are milliseconds since 1970, slots seconds
KEEP = """INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    kw = excluded.kw, kwh = excluded.kwh, l1 = excluded.l1, l2 = excluded.l2, l3 = excluded.l3"""
# A slot whose readings were swept meanwhile isn't made anew from the few that come late.
DRAW_TOGETHER = """INSERT INTO slots
    SELECT ?1, ?2, count(*), avg(kw), max(kw),
        (SELECT at FROM readings WHERE meter = ?1 AND at >= ?3 AND at < ?4
            AND kwh IS NOT NULL ORDER BY at LIMIT 1),
        (SELECT kwh FROM readings WHERE meter = ?1 AND at >= ?3 AND at < ?4
            AND kwh IS NOT NULL ORDER BY at LIMIT 1),
        (SELECT at FROM readings WHERE meter = ?1 AND at >= ?3 AND at < ?4
            AND kwh IS NOT NULL ORDER BY at DESC LIMIT 1),
        (SELECT kwh FROM readings WHERE meter = ?1 AND at >= ?3 AND at < ?4
            AND kwh IS NOT NULL ORDER BY at DESC LIMIT 1),
        max(l1), max(l2), max(l3)
    FROM readings WHERE meter = ?1 AND at >= ?3 AND at < ?4
    ON CONFLICT DO UPDATE SET count = excluded.count, kw = excluded.kw, peak_kw = excluded.peak_kw,
        first_at = excluded.first_at, first_kwh = excluded.first_kwh,
        last_at = excluded.last_at, last_kwh = excluded.last_kwh,
        l1 = excluded.l1, l2 = excluded.l2, l3 = excluded.l3
    WHERE excluded.count >= slots.count"""
SLOT_OF = "SELECT slot, count, kw, peak_kw, first_at, first_kwh, last_at, last_kwh, l1, l2, l3 FROM slots"
READING_OF = "SELECT at, kw, kwh, l1, l2, l3 FROM readings"

Row = tuple[Any, ...]


class SQLiteSeries:
    """A Series in a file, which is made at first use, for its owner alone."""

    def __init__(self, path: str, now: Callable[[], datetime], kept: Kept) -> None:
        self._file = SQLiteFile(path, TABLES, LAYOUT)
        self._now = now
        self._kept = kept

    def keep(self, meter: str, readings: Sequence[Reading]) -> None:
        self.keep_all({meter: readings})

    def keep_all(self, readings: Mapping[str, Sequence[Reading]]) -> None:
        statements: list[Statement] = []
        for meter, its in readings.items():
            touched = dict.fromkeys(slot_start(one.at) for one in its)
            statements += [(KEEP, row_of(meter, one)) for one in its]
            statements += [(DRAW_TOGETHER, bounds(meter, start)) for start in touched]
        if statements:
            self._file.write_all(statements)

    def readings(self, meter: str, start: datetime, end: datetime) -> Iterator[Reading]:
        begin = millis(max(start, self._now() - self._kept.readings))
        sql = f"{READING_OF} WHERE meter = ? AND at >= ? AND at < ? ORDER BY at LIMIT {PAGE}"
        for row in self._paged(sql, meter, begin, millis(end)):
            yield reading_of(row)

    def slots(self, meter: str, start: datetime, end: datetime) -> Iterator[Slot]:
        begin = seconds(max(start, self._horizon()))
        sql = f"{SLOT_OF} WHERE meter = ? AND slot >= ? AND slot < ? ORDER BY slot LIMIT {PAGE}"
        for row in self._paged(sql, meter, begin, seconds(end)):
            yield slot_of(row)

    def latest(self, meter: str) -> Slot | None:
        return self._one("ORDER BY slot DESC", meter, seconds(self._horizon()))

    def newest(self, meter: str) -> Reading | None:
        sql = f"{READING_OF} WHERE meter = ? AND at >= ? ORDER BY at DESC LIMIT 1"
        rows = self._file.read(sql, meter, millis(self._now() - self._kept.readings))
        return reading_of(rows[0]) if rows else None

    def register_before(self, meter: str, at: datetime) -> Slot | None:
        where = "AND slot < ? AND first_at IS NOT NULL ORDER BY slot DESC"
        begin = seconds(at) // SECONDS * SECONDS
        return self._one(where, meter, seconds(self._horizon()), begin)

    def register_after(self, meter: str, at: datetime) -> Slot | None:
        begin = max(seconds(at) // SECONDS * SECONDS, seconds(self._horizon()))
        return self._one("AND first_at IS NOT NULL ORDER BY slot", meter, begin)

    def forget(self, meter: str) -> None:
        self._file.write("DELETE FROM readings WHERE meter = ?", meter)
        self._file.write("DELETE FROM slots WHERE meter = ?", meter)

    def sweep(self, meter: str) -> None:
        before = millis(self._now() - self._kept.readings)
        self._file.write("DELETE FROM readings WHERE meter = ? AND at < ?", meter, before)
        before = seconds(self._horizon())
        self._file.write("DELETE FROM slots WHERE meter = ? AND slot < ?", meter, before)

    def _horizon(self) -> datetime:
        return self._now() - self._kept.slots

    def _one(self, where: str, meter: str, *values: int) -> Slot | None:
        sql = f"{SLOT_OF} WHERE meter = ? AND slot >= ? {where} LIMIT 1"
        rows = self._file.read(sql, meter, *values)
        return slot_of(rows[0]) if rows else None

    def _paged(self, sql: str, meter: str, begin: int, end: int) -> Iterator[Row]:
        """Page by page: a long export holds no transaction open."""
        while rows := self._file.read(sql, meter, begin, end):
            yield from rows
            begin = rows[-1][0] + 1


def bounds(meter: str, start: datetime) -> Row:
    """The values of DRAW_TOGETHER."""
    return (meter, seconds(start), millis(start), millis(start + SLOT))


def row_of(meter: str, reading: Reading) -> Row:
    amps = (*reading.amps, None, None, None)[:3]
    return (meter, millis(reading.at), reading.kw, reading.kwh, *amps)


def reading_of(row: Row) -> Reading:
    at, kw, kwh, *amps = row
    return Reading(moment(at), kw, kwh, phases(*amps))


def slot_of(row: Row) -> Slot:
    slot, count, kw, peak_kw, first_at, first_kwh, last_at, last_kwh, *amps = row
    first = None if first_at is None else Register(moment(first_at), first_kwh)
    last = None if last_at is None else Register(moment(last_at), last_kwh)
    return Slot(moment(slot * 1000), count, kw, peak_kw, first, last, phases(*amps))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def millis(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)


def seconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(seconds=1)


def moment(since_1970: int) -> datetime:
    """Exact: a float of milliseconds would not be."""
    return EPOCH + timedelta(milliseconds=since_1970)
