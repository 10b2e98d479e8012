"""Real charging sessions, from a file with the columns of doi:10.7910/DVN/NFPQLW.

Its traps: years are written 0014 and 0015; the clock looks like UTC (starts peak at noon
and at 17:00, so it is put back by four hours); one car stayed for 55 hours.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

CENTURY = "20"  # for years that begin with 00
SHIFT = timedelta(hours=-4)  # inferred: starts then peak at about 08:00 and 13:00
SHORTEST, LONGEST = timedelta(minutes=3), timedelta(hours=24)  # else it was no charging visit
COLUMNS = ("userId", "created", "ended")


class Unreadable(Exception):
    """The file doesn't hold charging sessions; says what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class Session:
    """One car on a plug. `begins` is naive, on the clock of the place."""

    user: str
    begins: datetime
    length: timedelta


@dataclass(frozen=True, slots=True)
class Sessions:
    """What was read; `left_out` were too short or too long."""

    sessions: tuple[Session, ...]
    left_out: int

    def busiest(self, days: int) -> dict[date, list[Session]]:
        """The days with the most sessions, of all places pooled; days and sessions in order."""
        by_day: dict[date, list[Session]] = defaultdict(list)
        for session in self.sessions:
            by_day[session.begins.date()].append(session)
        chosen = sorted(by_day, key=lambda day: (-len(by_day[day]), day))[:days]
        return {
            day: sorted(by_day[day], key=lambda each: (each.begins, each.user))
            for day in sorted(chosen)
        }


def read(file: Path) -> Sessions:
    """Every session of the file. Raises OSError and Unreadable."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        try:
            found = _sessions(csv.DictReader(lines))
        except (csv.Error, UnicodeDecodeError) as error:
            raise Unreadable(f"{file} is no CSV file: {error}") from error
        except Unreadable as error:
            raise Unreadable(f"{file}: {error}") from error
    kept = tuple(session for session in found if SHORTEST <= session.length <= LONGEST)
    if not kept:
        raise Unreadable(f"{file} holds no charging session")
    return Sessions(kept, len(found) - len(kept))


def _sessions(rows: csv.DictReader[str]) -> list[Session]:
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise Unreadable(f"there is no column {' or '.join(missing)}")
    return [_session(row, rows.line_num) for row in rows]


def _session(row: dict[str, str], line: int) -> Session:
    try:
        begins, ends = _moment(row["created"] or ""), _moment(row["ended"] or "")
    except ValueError as error:
        raise Unreadable(f"line {line}: {error}") from error
    return Session(row["userId"], begins + SHIFT, ends - begins)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(CENTURY + text[2:] if text.startswith("00") else text)
