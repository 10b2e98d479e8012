"""How long a car needs for so much more energy, as its battery gets full.

A car draws its peak until its fill is nearly complete, and less and less over the last part
of it. How large the fill will be nobody says; how far the power has fallen tells how near
its end is.
"""

from __future__ import annotations

from datetime import timedelta
from math import log

TAPER = 0.15  # the last part of a fill, in which the power falls
FULL_AT = 0.1  # of its own peak: a car that draws less looks full
FALLING = 0.95  # of its peak: less than that is no noise
HOUR = timedelta(hours=1)


def time_for(kwh: float, kw: float, peak_kw: float, taken: float) -> timedelta | None:
    """How long so much more energy takes; None: the car will be full before that, or nothing
    flows.
    """
    if kwh <= 0:
        return timedelta(0)
    if kw <= 0:
        return None
    share = kw / peak_kw if peak_kw > 0 else 1.0
    if share >= FALLING:
        return kwh / kw * HOUR
    span = taper_energy(share, taken)  # the energy of the whole falling part
    left = span * share  # of it, until nothing flows
    if kwh >= left - span * FULL_AT:
        return None
    return span / peak_kw * log(left / (left - kwh)) * HOUR


def time_to_full(kw: float, peak_kw: float, taken: float) -> timedelta | None:
    """When the car will look full, once its power falls; None: it doesn't fall yet."""
    share = kw / peak_kw if peak_kw > 0 else 1.0
    if share >= FALLING:
        return None
    if share <= FULL_AT:
        return timedelta(0)
    return taper_energy(share, taken) / peak_kw * log(share / FULL_AT) * HOUR


def taper_energy(share: float, taken: float) -> float:
    """The energy over which the power falls, where it has fallen to `share` of its peak."""
    fill = taken / (1 - TAPER * share)
    return max(0.1, TAPER * fill)
