"""What a driver needs of one stay, as a value: so many kWh, so far, so long, or until full.

What somebody said is kept as they said it, for that is how they hear it again. Distances
become energy by the site's `km_per_kwh`; minutes are minutes on the plug; `full` has no
amount: the car ends it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from statistics import median

from chalicelib.values import dataclass

KM_PER_MILE = 1.609344
FEWEST_FOR_A_HABIT = 3
MOST_FOR_A_HABIT = 10


class Unit(StrEnum):
    """What the amount counts."""

    KWH = "kWh"
    KM = "km"
    MILES = "mi"
    MINUTES = "min"
    FULL = "full"


MOST = {Unit.KWH: 200.0, Unit.KM: 1200.0, Unit.MILES: 750.0, Unit.MINUTES: 720.0}


@dataclass(frozen=True, slots=True)
class Need:
    """`amount` of `unit` in all in this stay, if they said so by `by`."""

    unit: Unit
    amount: float = 0.0
    by: datetime | None = None

    @property
    def length(self) -> timedelta | None:
        """Minutes on the plug, where it counts those."""
        return timedelta(minutes=self.amount) if self.unit is Unit.MINUTES else None


def energy_of(need: Need, km_per_kwh: float) -> float | None:
    """The kWh of a need; None where energy doesn't end it (minutes, full)."""
    match need.unit:
        case Unit.KWH:
            return need.amount
        case Unit.KM:
            return need.amount / km_per_kwh
        case Unit.MILES:
            return need.amount * KM_PER_MILE / km_per_kwh
        case Unit.MINUTES | Unit.FULL:
            return None


def habit_of(fills: tuple[float, ...]) -> float | None:
    """What a driver usually takes (kWh): the median of the last ten stays, from three on."""
    return middle(fills[-MOST_FOR_A_HABIT:]) if len(fills) >= FEWEST_FOR_A_HABIT else None


middle = lru_cache(maxsize=1024)(median)  # asked of everybody in line, at every look


def is_more(new: Need, old: Need, km_per_kwh: float, rated_kw: float) -> bool:
    """The new need asks for more than the old one; no need at all is a question for others."""
    return size(new, km_per_kwh, rated_kw) > size(old, km_per_kwh, rated_kw)


def size(need: Need, km_per_kwh: float, rated_kw: float) -> float:
    """Any need in kWh, to compare by: minutes at the port's power, full beyond all."""
    if need.length is not None:
        return need.length / timedelta(hours=1) * rated_kw
    energy = energy_of(need, km_per_kwh)
    return energy if energy is not None else float("inf")
