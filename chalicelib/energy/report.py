"""What is told of a building's power when somebody asks in chat."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from chalicelib.values import dataclass

from .buckets import Bucket

LEVELS = "▁▂▃▄▅▆▇█"
GAP = "·"


@dataclass(frozen=True, slots=True)
class PowerReport:
    """A day's or a week's power. None: nothing is known of it."""

    week: bool
    kw: float | None = None  # what flowed last, and …
    at: datetime | None = None  # … when that was
    kwh: float | None = None  # of the whole time
    peak_kw: float | None = None
    peak_at: datetime | None = None
    bars: tuple[float | None, ...] = ()  # of each hour or day, in order: kWh
    begin: datetime | None = None  # of the first bar
    link: str = ""  # to a picture


def report(
    found: Iterable[Bucket], *, week: bool, kw: float | None, at: datetime | None, link: str
) -> PowerReport:
    """What the buckets of a day or a week come to."""
    rows = list(found)
    known = [one.kwh for one in rows if one.kwh is not None]
    top = max((one for one in rows if one.peak_kw is not None), key=peak, default=None)
    return PowerReport(
        week,
        kw,
        at,
        math.fsum(known) if known else None,
        top.peak_kw if top is not None else None,
        top.start if top is not None else None,
        tuple(one.kwh for one in rows),
        rows[0].start if rows else None,
        link,
    )


def peak(one: Bucket) -> float:
    return one.peak_kw or 0.0


def curve(bars: Iterable[float | None]) -> str:
    """A bar chart in one line of text, from nothing to the most; gaps are dots."""
    values = [one if one is not None and math.isfinite(one) else None for one in bars]
    most = max((one for one in values if one is not None), default=0.0)
    return "".join(GAP if one is None else level(one, most) for one in values)


def level(value: float, most: float) -> str:
    share = max(0.0, min(1.0, value / most)) if most > 0 else 0.0
    return LEVELS[round(share * (len(LEVELS) - 1))]
