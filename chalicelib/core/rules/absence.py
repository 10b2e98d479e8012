"""Absence: who is in quiet hours or in a meeting is passed over, in silence (rule 41).

Only who could be called is: a running turn runs on, and a suspension by hand is left alone.
`why` tells of it; nobody else is bothered.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from chalicelib.core import away
from chalicelib.core.away import Cause
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.model import Entry, Preferences, Standing, What
from chalicelib.values import replace

from . import needs, promises

NOTES = {Cause.QUIET_HOURS: What.QUIET_HOURS, Cause.MEETING: What.MEETING}


def go_away(d: Draft) -> Iterator[Due]:
    """Quiet hours begin, or a meeting does: no calls until it is over."""
    for entry in d.queue:
        person = d.people.get(entry.driver)
        if person is None or person.preferences is None:  # as of most, and asked at every step
            continue
        at = begins_at(d, entry, person.preferences) if entry.is_waiting else None
        if at is not None:
            yield Due(at, partial(leave, d, entry))


def begins_at(d: Draft, entry: Entry, wanted: Preferences) -> datetime | None:
    """When somebody who could be called can't be any more; not before they said that they can."""
    at = max(d.now, entry.awake_until or d.now)
    if away.away(d, wanted, at) is not None:
        return at
    return away.next_quiet(d, wanted, at)


def leave(d: Draft, entry: Entry) -> None:
    """A promise is void, as by a suspension: it was made to somebody who could be called."""
    found = away.away(d, d.preferences(entry.driver), d.now)
    if found is None:
        raise AssertionError("nobody is away for no reason")
    cause, until = found
    promises.void(d, entry.promise)
    again = needs.promise_of(entry.need)
    d.put(replace(entry.away(until), promise=again, told_next=False, awake_until=None))
    d.note(NOTES[cause], entry.driver)


def come_back(d: Draft) -> Iterator[Due]:
    """It is over: they can be called again, and hear of it by the call."""
    for entry in d.those(Standing.AWAY):
        found = away.away(d, d.preferences(entry.driver), d.now)
        yield Due(found[1] if found is not None else d.now, partial(back, d, entry))


def back(d: Draft, entry: Entry) -> None:
    d.put(entry.waiting())
    d.note(What.BACK, entry.driver)


def review(d: Draft, driver: str) -> None:
    """What they prefer has changed, or their status: until when they are away, if they are."""
    entry = d.entry(driver)
    if entry is None or entry.standing is not Standing.AWAY:
        return
    found = away.away(d, d.preferences(driver), d.now)
    if found is not None and found[1] != entry.until:
        d.put(entry.away(found[1]))


def away_until(d: Draft, driver: str) -> datetime | None:
    """Until when somebody in line is passed over; None: they aren't."""
    entry = d.entry(driver)
    return entry.until if entry is not None and entry.standing is Standing.AWAY else None


def stay_awake(d: Draft, entry: Entry) -> Entry:
    """They say that they can be called: this absence doesn't count."""
    found = away.away(d, d.preferences(entry.driver), d.now)
    return replace(entry, awake_until=found[1]) if found is not None else entry
