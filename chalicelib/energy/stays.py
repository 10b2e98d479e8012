"""The energy of one stay: the network's own figure, or what the looks add up to (rule 29).

A look's kW holds until the next look, but at most for five minutes: a longer gap makes the
figure "about". Where the network never tells the power it is reckoned from what a port
gives, and called "about" as well.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf

from chalicelib.values import dataclass, replace

HOLDS = timedelta(minutes=5)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a car has taken by the look at `at`, and what flowed then.

    `kw` None: no look has told the power. `peak_kw` is the most that flowed, or the power limit
    where that is less: a fall to it is no battery that gets full. `figure` is the network's latest, for one session;
    `before` was taken in sessions of this stay that it no longer counts.
    """

    at: datetime
    kwh: float = 0.0
    kw: float | None = None
    peak_kw: float = 0.0
    about: bool = False
    figure: float | None = None
    before: float = 0.0


def begin(
    at: datetime,
    kw: float | None = None,
    figure: float | None = None,
    since: datetime | None = None,
    rated_kw: float = 0.0,
) -> Taken:
    """The first look at a stay, which began `since`, by the network's word. What it has taken by
    now is the network's figure, else what flows now, reckoned from there.
    """
    gap = max(timedelta(0), at - since) if since is not None else timedelta(0)
    if figure is not None or not gap:
        return Taken(at, figure or 0.0, kw, kw or 0.0, figure=figure)
    flows = kw if kw is not None else rated_kw
    about = kw is None or gap > HOLDS
    return Taken(at, round(flows * (gap / HOUR), 4), kw, kw or 0.0, about)


def look(
    taken: Taken,
    at: datetime,
    kw: float | None,
    rated_kw: float,
    figure: float | None = None,
    limit_kw: float = inf,
) -> Taken:
    """Take in one look. Its power (None: it didn't tell) holds from now on."""
    if at <= taken.at:
        return taken
    kwh, about = added_up(taken, at, rated_kw)
    before = taken.before
    if figure is not None:
        if taken.figure is not None and figure < taken.figure:  # a new session counts from 0
            before += taken.figure
        kwh, about = before + figure, False
    flows = kw if kw is not None else (None if taken.kw is None else 0.0)
    return Taken(
        at,
        kwh=round(kwh, 4),
        kw=flows,
        peak_kw=max(min(taken.peak_kw, limit_kw), kw or 0.0),
        about=about or (kw is None and taken.kw is not None),
        figure=figure if figure is not None else taken.figure,
        before=before,
    )


def added_up(taken: Taken, now: datetime, rated_kw: float) -> tuple[float, bool]:
    """The kWh by `now`, and whether that is only about so much."""
    gap = max(timedelta(0), now - taken.at)
    if taken.kw is None:
        return taken.kwh + rated_kw * (gap / HOUR), True
    held = min(gap, HOLDS)
    return taken.kwh + taken.kw * (held / HOUR), taken.about or (gap > HOLDS and taken.kw > 0)


def pause(taken: Taken, at: datetime) -> Taken:
    """The car was away until `at` and is back on the same stay: nothing flowed meanwhile."""
    return replace(taken, at=max(at, taken.at), kw=None if taken.kw is None else 0.0)
