"""Away: when somebody can't be called, though they stand in line (rule 41).

In their quiet hours, which come every day, and while they are in a meeting: by their own word,
or because their status says so and they asked us to look at it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum

from . import hours
from .model import Preferences

DAY = timedelta(days=1)
LONGEST = timedelta(hours=24)  # of a meeting, whoever says it


class Cause(StrEnum):
    """Why somebody isn't called."""

    QUIET_HOURS = "quiet hours"
    MEETING = "meeting"


def away(site: hours.House, prefers: Preferences, at: datetime) -> tuple[Cause, datetime] | None:
    """Why they can't be called at that moment, and until when; None: they can.

    A meeting may end in quiet hours, and these in the next meeting: then until the last ends.
    """
    first: Cause | None = None
    until = at
    for _ in range(4):
        found = cause_at(site, prefers, until)
        if found is None:
            break
        first, until = first or found[0], found[1]
    return (first, until) if first is not None else None


def cause_at(
    site: hours.House, prefers: Preferences, at: datetime
) -> tuple[Cause, datetime] | None:
    status = prefers.status_until if prefers.heeds_status else None
    meetings = [end for end in (prefers.busy_until, status) if end is not None and end > at]
    if meetings:
        return Cause.MEETING, max(meetings)
    end = quiet_until(site, prefers, at)
    return (Cause.QUIET_HOURS, end) if end is not None else None


def quiet_until(site: hours.House, prefers: Preferences, at: datetime) -> datetime | None:
    """When the quiet hours end in which that moment lies; None: it lies in none."""
    if prefers.hours is None:
        return None
    begins, ends = prefers.hours
    today = hours.local(site, at).date()
    for day in (today - DAY, today):  # last night's may not be over yet
        start = hours.on(site, day, begins)
        end = hours.on(site, day if ends > begins else day + DAY, ends)
        if start <= at < end:
            return end
    return None


def next_quiet(site: hours.House, prefers: Preferences, at: datetime) -> datetime | None:
    """When quiet hours begin next, strictly after the moment."""
    if prefers.hours is None:
        return None
    today = hours.local(site, at).date()
    starts = (hours.on(site, today + n * DAY, prefers.hours[0]) for n in range(3))
    return next(start for start in starts if start > at)


def leaves_time(site: hours.House, wanted: tuple[time, time]) -> bool:
    """Somebody with these quiet hours can be called at some time while the line is open."""
    begins, ends = (one.hour * 60 + one.minute for one in wanted)
    opens, closes = (one.hour * 60 + one.minute for one in (site.policy.opens, site.policy.closes))
    if begins == ends:
        return False
    if begins < ends:
        return opens < begins or ends < closes
    return max(ends, opens) < min(begins, closes)
