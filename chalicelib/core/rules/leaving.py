"""Who has left the line: what was told them, and whether they were shut out (rules 32 and 37)."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core.draft import Draft
from chalicelib.core.model import Entry, What

from . import finished, foresight

STOOD = timedelta(hours=1)  # less is no wait that anybody owes for
WAITED = timedelta(minutes=15)  # less is no demand that was turned away: they changed their mind


def book(d: Draft) -> None:
    """At the end of a step: of each who stands in line no more without having a port."""
    before = d.before.queue
    if d.queue[: len(before)] == before:  # at most somebody has come
        return
    here = {entry.driver for entry in d.queue}
    left = {entry.driver: entry for entry in before if entry.driver not in here}
    given = {note.driver for note in d.notes if note.what is What.GAVE}
    emptied = any(note.what is What.RESET for note in d.notes)
    went = {note.driver for note in d.notes if note.what in (What.CLEARED, What.REMOVED)}
    for driver, entry in left.items():
        if d.charging_at(driver) is not None or driver in given:
            continue
        waited = entry.expected is not None and entry.expected <= d.now
        if waited or entry.hardly_told:
            foresight.came_true(d, entry, called=False)
        if is_shut_out(d, entry):
            d.remember(driver, shut_out=True)
        if driver in went and not emptied and is_unserved(d, entry, WAITED):
            finished.keep_in_vain(d, entry)


def is_shut_out(d: Draft, entry: Entry) -> bool:
    """They stood there long enough, and went without."""
    return is_unserved(d, entry, STOOD)


def is_unserved(d: Draft, entry: Entry, stood: timedelta) -> bool:
    """They stood there for so long, could be called, weren't, and have had nothing today."""
    today = d.today(entry.driver)
    long_enough = d.now - entry.added_at >= stood
    return entry.is_waiting and long_enough and not (today.called or today.kwh or today.met)
