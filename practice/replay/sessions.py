"""Real charging sessions, from a CSV file as its publisher left it.

Known by their names are the columns of some public sets (doi:10.7910/DVN/NFPQLW, ACN-Data,
the cities' open data); others are named with `--columns`. Times may be written in one of
several forms, the same in the whole file, all with an offset from UTC or all without. A time
without one is taken as the clock of the place; one with an offset is taken as that offset's
clock, or as `--zone` shows it. `--shift-hours` moves both: the set of doi:10.7910/DVN/NFPQLW
looks like UTC, and wants -4.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

CENTURY = "20"  # for years that begin with 00
SHORTEST, LONGEST = timedelta(minutes=3), timedelta(hours=24)  # else it was no charging visit
MOST_KWH = 200.0  # of a session; more is another unit, or a mistake
COLUMNS: dict[str, tuple[str, ...]] = {  # what we need, and what it is called
    "user": ("userId", "userID", "user_id", "User ID", "Driver ID", "driver_id", "user"),
    "begins": ("created", "connectionTime", "Start Date", "Start", "start", "start_time", "Start_Date___Time"),
    "ends": ("ended", "disconnectTime", "End Date", "End", "end", "end_time", "End_Date___Time"),
    "kwh": ("kwhTotal", "kWhDelivered", "Energy (kWh)", "Energy__kWh_", "kwh", "energy_kwh", "kWh"),
    "done": ("doneChargingTime", "done", "charging_end"),
}  # fmt: skip
NEEDED = ("begins", "ends")
FORMS = ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%m/%d/%y %H:%M")  # fmt: skip

Reader = Callable[[str], datetime]


class Unreadable(Exception):
    """The file doesn't hold charging sessions; says what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a file differs from what we know: names of columns, and its clock."""

    columns: Mapping[str, str] = field(default_factory=dict)
    shift: timedelta = timedelta(0)
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One car on a plug. `begins` is naive, on the clock of the place.

    `charging` is how long it charged, where the file tells; `kwh` None: it doesn't.
    """

    user: str
    begins: datetime
    length: timedelta
    charging: timedelta | None = None
    kwh: float | None = None


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

    def peaks(self) -> str:
        """The hours at which most cars come: whether the clock is the place's can be seen."""
        hours = Counter(session.begins.hour for session in self.sessions)
        return ", ".join(f"{hour:02}:00" for hour, _ in sorted(hours.most_common(3)))


def read(file: Path, form: Form | None = None) -> Sessions:
    """Every session of the file. Raises OSError and Unreadable."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        try:
            heading = lines.readline()
            lines.seek(0)
            rows = csv.DictReader(lines, delimiter=delimiter(heading))
            found = list(_sessions(rows, form or Form()))
        except (csv.Error, UnicodeDecodeError) as error:
            raise Unreadable(f"{file} is no CSV file: {error}") from error
        except Unreadable as error:
            raise Unreadable(f"{file}: {error}") from error
    kept = tuple(session for session in found if SHORTEST <= session.length <= LONGEST)
    if not kept:
        raise Unreadable(f"{file} holds no charging session")
    return Sessions(kept, len(found) - len(kept))


def delimiter(heading: str) -> str:
    """What stands between the columns."""
    return max(",;\t|", key=heading.count)


def _sessions(rows: csv.DictReader[str], form: Form) -> Iterator[Session]:
    named = columns(list(rows.fieldnames or ()), dict(form.columns))
    table = [(rows.line_num, row) for row in rows]
    times = [named[one] for one in ("begins", "ends", "done") if one in named]
    moment = _reader([(line, row[one] or "") for line, row in table for one in times])
    for line, row in table:
        try:
            yield _session(row, named, moment, form)
        except ValueError as error:
            raise Unreadable(f"line {line}: {error}") from error


def columns(fields: list[str], asked: dict[str, str]) -> dict[str, str]:
    """Which column is which. Raises Unreadable."""
    named = {}
    plain = {name.strip().casefold(): name for name in fields}
    for what, known in COLUMNS.items():
        names = [asked[what]] if what in asked else known
        found = [plain[one.casefold()] for one in names if one.casefold() in plain]
        if found:
            named[what] = found[0]
        elif what in asked:
            raise Unreadable(f"there is no column {asked[what]}, but: {', '.join(fields)}")
    missing = [COLUMNS[one][0] for one in NEEDED if one not in named]
    if missing:
        raise Unreadable(
            f"there is no column {' or '.join(missing)}, but: {', '.join(fields)}. Name them: "
            "--columns begins=NAME,ends=NAME,user=NAME,kwh=NAME,done=NAME"
        )
    return named


def _session(row: dict[str, str], named: dict[str, str], moment: Reader, form: Form) -> Session:
    begins, ends = moment(row[named["begins"]] or ""), moment(row[named["ends"]] or "")
    done = (row[named["done"]] or "").strip() if "done" in named else ""
    charging = moment(done) - begins if done else None
    if charging is not None and not timedelta(0) <= charging <= ends - begins:
        charging = None  # a stopped clock, or the end of another session
    local = begins.astimezone(form.zone) if form.zone is not None and begins.tzinfo else begins
    user = (row[named["user"]] or "").strip() if "user" in named else ""
    return Session(
        user or f"unknown {begins.isoformat()}", local.replace(tzinfo=None) + form.shift,
        ends - begins, charging, _energy(row.get(named.get("kwh", ""), "")),
    )  # fmt: skip


def _energy(text: str | None) -> float | None:
    """kWh; a decimal comma is one. What is no sensible number is not known."""
    try:
        kwh = float((text or "").strip().replace(",", "."))
    except ValueError:
        return None
    return kwh if 0 <= kwh <= MOST_KWH else None


# --- times -----------------------------------------------------------------------------------


def _reader(written: list[tuple[int, str]]) -> Reader:
    """What reads all times of the file. Raises Unreadable, naming the line that none can read,
    or that has an offset where others have none.
    """
    written = [(line, text) for line, text in written if text.strip()]
    best, furthest = "", -1
    for read_one in (_iso, _rfc, *(_like(form) for form in FORMS)):
        zoned: bool | None = None
        for number, (line, text) in enumerate(written):
            try:
                is_zoned = read_one(text).tzinfo is not None
            except (ValueError, TypeError, IndexError):
                if number > furthest:
                    best, furthest = f"line {line}: {text!r} is no time that I can read", number
                break
            if zoned is not None and is_zoned is not zoned:
                raise Unreadable(
                    f"line {line}: {text!r} {'has' if is_zoned else 'has no'} offset from UTC, "
                    "and the times before it are the other way: a file's clock must be one"
                )
            zoned = is_zoned
        else:
            return read_one
    raise Unreadable(best)


def _iso(text: str) -> datetime:
    text = text.strip()
    return datetime.fromisoformat(CENTURY + text[2:] if text.startswith("00") else text)


def _rfc(text: str) -> datetime:
    """`Wed, 25 Apr 2018 11:08:04 GMT`, as ACN-Data writes it."""
    moment = parsedate_to_datetime(text.strip())
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _like(form: str) -> Reader:
    return lambda text: datetime.strptime(text.strip(), form)  # noqa: DTZ007 — the place's clock
