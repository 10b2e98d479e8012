"""The energy of a stretch of a meter's time, as a series has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from .buckets import Slice, slices
from .slots import Slot

NEAR = timedelta(hours=1)


class Series(Protocol):
    """What is asked of a series; `edges.Series` is one."""

    def slots(self, meter: str, start: datetime, end: datetime) -> Iterable[Slot]: ...

    def register_before(self, meter: str, at: datetime) -> Slot | None: ...

    def register_after(self, meter: str, at: datetime) -> Slot | None: ...


def ledger(series: Series, meter: str, begin: datetime, end: datetime) -> Iterator[Slice]:
    """The slices of [begin, end), and of what a register bridges at both ends of it.

    They are read as they are asked for.
    """
    before = series.register_before(meter, begin)
    after = series.register_after(meter, end)
    since, until = begin, end if after is None else after.end
    if before is not None and (begin - before.end < NEAR or is_counted(series, meter, begin)):
        since = before.start
    return slices(series.slots(meter, since, until))


def is_counted(series: Series, meter: str, begin: datetime) -> bool:
    """Whether a register was read again: one that fell silent long ago bridges nothing."""
    return series.register_after(meter, begin) is not None
