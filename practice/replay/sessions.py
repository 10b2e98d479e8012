"""Real charging sessions, from a CSV file as its publisher left it.

Known by their names are the columns of some public sets (doi:10.7910/DVN/NFPQLW, ACN-Data,
the open data of Boulder, Palo Alto, Cary, and the British DfT); others are named with
`--columns`. Instead of an end there may be a length, and a date may stand in one column and
its time in another (`begins=StartDate+StartTime`). Times may be written in one of several
forms, the same in the whole file but for ISO's, which can't be mistaken; all with an offset
from UTC or all without. A time without one is taken as the clock of the place; one with an
offset is taken as that offset's clock, or as `--zone` shows it. `--shift-hours` moves both: the
set of doi:10.7910/DVN/NFPQLW looks like UTC, and wants -4.
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
    "user": ("userId", "user_id", "User ID", "Driver ID", "driver_id", "user"),
    "begins": ("created", "connectionTime", "Start Date", "Start_Date___Time", "StartDate+StartTime", "start_date", "start_time", "start"),
    "ends": ("ended", "disconnectTime", "End Date", "End_Date___Time", "EndDate+EndTime", "end_date", "end_time", "end"),
    "length": ("Total_Duration__hh_mm_ss_", "Total Duration (hh:mm:ss)", "PluginDuration", "duration"),
    "charging": ("Charging_Time__hh_mm_ss_", "Charging Time (hh:mm:ss)", "charging_time_hh_mm_ss", "charging_time"),
    "done": ("doneChargingTime", "ChargingEndDateTime", "charging_end", "done"),
    "kwh": ("kwhTotal", "kWhDelivered", "Energy (kWh)", "Energy__kWh_", "energy_kwh", "Energy", "kWh"),
    "need": ("need_kWh",),
}  # fmt: skip
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
    need: float | None = None  # what its driver had said that they need (kWh)


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
    moment = _reader([(line, cell(row, one)) for line, row in table for one in times])
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
        found = (in_file(name, plain) for name in names)
        name = next((one for one in found if one), "")
        if name:
            named[what] = name
        elif what in asked:
            raise Unreadable(f"there is no column {asked[what]}, but: {', '.join(fields)}")
    if "begins" not in named or not {"ends", "length", "charging"} & named.keys():
        lacks = COLUMNS["begins" if "begins" not in named else "ends"][0]
        raise Unreadable(
            f"there is no column {lacks}, but: {', '.join(fields)}. Name them: "
            "--columns begins=NAME,ends=NAME,user=NAME,kwh=NAME,done=NAME"
        )
    return named


def in_file(name: str, plain: dict[str, str]) -> str:
    """The column, or the two of `DATE+TIME`, as the file spells them; "" where they aren't there."""
    parts = [plain.get(part.strip().casefold(), "") for part in name.split("+")]
    return "+".join(parts) if all(parts) else ""


def cell(row: dict[str, str], name: str) -> str:
    """What stands there; a date and its time with a blank between."""
    return " ".join((row.get(part) or "").strip() for part in name.split("+")).strip()


def _session(row: dict[str, str], named: dict[str, str], moment: Reader, form: Form) -> Session:
    def text(what: str) -> str:
        return cell(row, named[what]) if what in named else ""

    begins = moment(text("begins"))
    charging = moment(text("done")) - begins if text("done") else lasting(text("charging"))
    if "ends" in named:
        length = moment(text("ends")) - begins
    else:
        length = lasting(text("length")) or charging or timedelta(0)
    if charging is not None and not timedelta(0) <= charging <= length:
        charging = None  # a stopped clock, or the end of another session
    local = begins.astimezone(form.zone) if form.zone is not None and begins.tzinfo else begins
    return Session(
        text("user") or f"unknown {begins.isoformat()}",
        local.replace(tzinfo=None) + form.shift, length, charging, _energy(text("kwh")),
        _energy(text("need")) or None,
    )  # fmt: skip


def lasting(text: str) -> timedelta | None:
    """`2:02:44`, or hours as a number; None: it says nothing."""
    if not text:
        return None
    if ":" not in text:
        return timedelta(hours=float(text.replace(",", ".")))
    hours, minutes, seconds = (float(part) for part in (text + ":0").split(":")[:3])
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


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
    def read_one(text: str) -> datetime:
        try:
            return _iso(text)
        except ValueError:
            return datetime.strptime(text.strip(), form)  # noqa: DTZ007 — the place's clock

    return read_one
