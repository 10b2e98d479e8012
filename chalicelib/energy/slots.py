"""Five minutes of a meter: what is kept of its readings when they themselves are forgotten."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chalicelib.values import dataclass

from .readings import Amps, Reading, phases

SLOT = timedelta(minutes=5)
SECONDS = int(SLOT.total_seconds())


@dataclass(frozen=True, slots=True)
class Register:
    """What the meter had counted at a time."""

    at: datetime
    kwh: float


@dataclass(frozen=True, slots=True)
class Slot:
    """The readings of five minutes, drawn together. `start` is a whole five minutes of UTC."""

    start: datetime
    count: int
    kw: float | None = None  # their mean
    peak_kw: float | None = None
    first: Register | None = None  # the earliest and the latest register in it
    last: Register | None = None
    amps: Amps = ()  # the most on each phase

    @property
    def end(self) -> datetime:
        return self.start + SLOT


def slot_start(at: datetime) -> datetime:
    """The whole five minutes that a time belongs to."""
    seconds = int(at.timestamp()) // SECONDS * SECONDS
    return datetime.fromtimestamp(seconds, UTC)


def draw_together(start: datetime, readings: Iterable[Reading]) -> Slot:
    """The slot of these readings, which are its own and each at another time, in any order."""
    found = sorted(readings, key=lambda one: one.at)
    powers = [one.kw for one in found if one.kw is not None]
    registers = [Register(one.at, one.kwh) for one in found if one.kwh is not None]
    return Slot(
        start,
        len(found),
        math.fsum(powers) / len(powers) if powers else None,
        max(powers, default=None),
        registers[0] if registers else None,
        registers[-1] if registers else None,
        phases(*(most(one.amps[phase : phase + 1] for one in found) for phase in range(3))),
    )


def most(found: Iterable[Amps]) -> float | None:
    return max((amps[0] for amps in found if amps and amps[0] is not None), default=None)
