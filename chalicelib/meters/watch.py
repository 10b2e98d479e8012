"""Looks after the meters now and then: puts their series in order, and notices who is silent."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.edges import Clock, Series

from .keys import Meters

EVERY = timedelta(minutes=15)
SILENT = timedelta(minutes=30)  # several readings are missing, however seldom it speaks
GONE = timedelta(days=7)  # whoever has been silent for so long was taken away


class MeterWatch:
    """For the listener, and for the tick where there is none."""

    def __init__(self, meters: Meters, series: Series, clock: Clock) -> None:
        self._meters = meters
        self._series = series
        self._clock = clock

    def is_due(self) -> bool:
        """For who asks each minute: whether it is one of those in which to look."""
        return self._clock.now().minute % (EVERY // timedelta(minutes=1)) == 0

    def look(self) -> dict[str, bool]:
        """Sweep each meter's series; which of those that were ever heard are silent.

        Raises StoreUnavailable.
        """
        now, found = self._clock.now(), {}
        for name in self._meters.names():
            self._series.sweep(name)
            heard = self.heard_at(name)
            if heard is not None and now - heard < GONE:
                found[name] = now - heard > SILENT
        return found

    def heard_at(self, name: str) -> datetime | None:
        """About when a meter was heard last."""
        newest = self._series.newest(name)
        if newest is not None:
            return newest.at
        slot = self._series.latest(name)
        return slot.end if slot is not None else None
