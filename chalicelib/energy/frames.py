"""The last hours of a meter as a pandas data frame: for notebooks, where
requirements-data.txt is installed. Nothing of the concierge imports this.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from .buckets import Slice
from .ledger import Series, ledger
from .slots import SLOT, slot_start

COLUMNS = ("kw", "peak_kw", "kwh", "l1", "l2", "l3", "count")


def frame(store: Any, meter: str, hours: float = 24, now: datetime | None = None) -> Any:
    """A row for each five minutes of the last `hours`, those without readings included.

    `store` is a series, or a store that has one. The index is UTC; kw is the mean, kwh the
    energy, l1 to l3 the most on each phase (A), count how many readings there were.
    """
    series: Series = getattr(store, "series", store)
    end = slot_start(now or datetime.fromtimestamp(time.time(), UTC)) + SLOT
    begin = end - math.ceil(timedelta(hours=hours) / SLOT) * SLOT
    found = {one.start: one for one in ledger(series, meter, begin, end)}
    starts = [begin + n * SLOT for n in range((end - begin) // SLOT)]
    index = pd.DatetimeIndex(starts, name="at")
    rows = [row(found.get(at)) for at in starts]
    return pd.DataFrame(rows, index=index, columns=list(COLUMNS))


def row(found: Slice | None) -> tuple[float | None, ...]:
    """In the order of COLUMNS; a gap is none of its figures, and no readings."""
    if found is None or found.slot is None:
        return (None, None, found.kwh if found is not None else None, None, None, None, 0)
    slot = found.slot
    amps = (*slot.amps, None, None, None)[:3]
    return (slot.kw, slot.peak_kw, found.kwh, *amps, slot.count)
