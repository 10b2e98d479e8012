"""What a meter says at one moment, and how it is read from what a device sends.

Units: kW, kWh, A. Power is what the building draws from the grid, so never negative: who
feeds the grid at the moment draws 0. The register is what the meter has counted since it
was made. Amps have no sign; a phase that isn't measured is None.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from chalicelib.values import dataclass

MOST = 500  # readings at once
AHEAD = timedelta(minutes=5)  # how far a device's clock may be in front of ours
LARGEST = {"kw": 1e5, "kwh": 1e12, "amps": 1e5}  # more is a mistake of units
FIELDS = ("at", "kw", "kwh", "amps")

Amps = tuple[float | None, ...]  # of one phase or of three; () where none was measured


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a meter; at least one of its figures is there."""

    at: datetime  # aware UTC, to the millisecond
    kw: float | None = None
    kwh: float | None = None
    amps: Amps = ()


class BadReading(ValueError):
    """A reading can't be taken; nothing of its body was. Says which, and what is wrong."""

    def __init__(self, why: str, index: int | None = None) -> None:
        super().__init__(why if index is None else f"readings[{index}]: {why}")
        self.index = index


def read_body(body: object, now: datetime, kept: timedelta) -> tuple[Reading, ...]:
    """The readings in `{"readings": […]}`; all of them are good, or BadReading is raised.

    `kept` is how long the series goes back: what is older would be forgotten at once.
    """
    if not isinstance(body, Mapping) or set(body) != {"readings"}:
        raise BadReading('send {"readings": […]}')
    found = body["readings"]
    if not isinstance(found, list) or not 1 <= len(found) <= MOST:
        raise BadReading(f"readings is a list of 1 to {MOST}")
    readings = []
    for index, one in enumerate(found):
        try:
            readings.append(read_reading(one, now, kept))
        except ValueError as error:
            raise BadReading(str(error), index) from error
    return tuple(readings)


def read_reading(one: object, now: datetime, kept: timedelta) -> Reading:
    """Raises ValueError with what is wrong."""
    if not isinstance(one, Mapping):
        raise ValueError("is not an object")
    strange = sorted(str(name) for name in one if name not in FIELDS)
    if strange:
        raise ValueError(f"unknown: {', '.join(strange)[:100]}; known: {', '.join(FIELDS)}")
    at = read_time(one.get("at"))
    if at > now + AHEAD:
        raise ValueError(
            f"at is {ahead_of(at, now)} ahead of our clock ({now:%Y-%m-%dT%H:%M:%SZ})"
        )
    if at < now - kept:
        raise ValueError(f"at is longer ago than the {kept.days} days that are kept")
    kw, kwh = (read_number(name, one.get(name)) for name in ("kw", "kwh"))
    amps = read_amps(one.get("amps"))
    if kw is None and kwh is None and not amps:
        raise ValueError("says nothing: give kw, kwh or amps")
    return Reading(at, kw, kwh, amps)


def ahead_of(at: datetime, now: datetime) -> str:
    minutes = int((at - now).total_seconds() / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


def read_time(text: object) -> datetime:
    """An ISO time that says its offset. Raises ValueError."""
    example = "at is a time such as 2026-11-29T08:05:00Z"
    if not isinstance(text, str) or not 10 <= len(text) <= 40:
        raise ValueError(example)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(example) from error
    if at.tzinfo is None:
        raise ValueError("at has no zone: end it with Z or an offset such as +01:00")
    try:
        at = at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("at is no time that a meter can mean") from error
    return whole_milliseconds(at)


def whole_milliseconds(at: datetime) -> datetime:
    """The stores keep no more; what differs by less is the same reading."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def read_number(name: str, value: object) -> float | None:
    """A figure of a unit. Raises ValueError."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} is a number, or left out")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} is a finite number")
    if number < 0:
        raise ValueError(f"{name} is not negative: who feeds the grid draws 0")
    if number > LARGEST[name]:
        raise ValueError(f"{name} is at most {LARGEST[name]:g}: is its unit right?")
    return number + 0.0  # -0.0 is 0


def read_amps(value: object) -> Amps:
    """Raises ValueError."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) not in (1, 3):
        raise ValueError("amps are a list of one phase or of three")
    return phases(*(read_number("amps", one) for one in value))


def phases(*amps: float | None) -> Amps:
    """One spelling of each: nothing measured is (), the first phase alone is (a,)."""
    if all(one is None for one in amps):
        return ()
    return amps[:1] if all(one is None for one in amps[1:]) else amps
