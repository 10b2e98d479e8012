"""A register made of what a meter has counted since midnight.

Tibber tells the energy of the day so far, which begins again at 0 after each local midnight,
sometimes some seconds late. What came before is added: from memory, and from the store, where
it is noted each hour, so that a restart goes on counting where it was. A register never
counts what nobody told: what flowed between the last word of a day and its end is left out.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from chalicelib.edges import Records

KIND = "register"
LATE = timedelta(minutes=10)  # so long after midnight the day before may still be counted


@dataclass(frozen=True, slots=True)
class Count:
    """The last word of a day: when, how much of that day, and how much before it."""

    at: datetime  # local to the meter
    day_kwh: float
    base: float

    @property
    def kwh(self) -> float:
        return self.base + self.day_kwh


class DayRegister:
    """The register of one meter."""

    def __init__(self, records: Records, meter: str) -> None:
        self._records = records
        self._meter = meter
        self._last: Count | None = None
        self._noted: tuple[int, int] | None = None  # the day and hour

    def reading(self, at: datetime, day_kwh: float) -> float:
        """The register at a time, which is local to the meter. Raises StoreUnavailable."""
        last = self._last or self._recalled()
        self._last = Count(at, day_kwh, 0.0) if last is None else following(last, at, day_kwh)
        if self._noted != (at.day, at.hour):
            self._note(self._last)
            self._noted = (at.day, at.hour)
        return self._last.kwh

    def _recalled(self) -> Count | None:
        found = self._records.get(KIND, self._meter)
        return None if found is None else Count(**{**found, "at": datetime.fromisoformat(found["at"])})  # fmt: skip

    def _note(self, last: Count) -> None:
        self._records.put(KIND, self._meter, {**asdict(last), "at": last.at.isoformat()})


def following(last: Count, at: datetime, day_kwh: float) -> Count:
    """What a word of the meter makes of the one before."""
    is_fallen = day_kwh < last.day_kwh
    if at.date() > last.at.date() and (is_fallen or at - last.at > LATE):
        return Count(at, day_kwh, last.kwh)
    if is_fallen:  # a slip: it is counted again when it is more than was told
        return replace(last, at=max(at, last.at))
    if at.date() > last.at.date():  # it still counts the day before
        return replace(last, day_kwh=day_kwh)
    return Count(at, day_kwh, last.base)
