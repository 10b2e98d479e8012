"""Who has left the line: what was told them, and whether they were shut out (rules 32 and 37)."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core.draft import Draft
from chalicelib.core.model import Entry, What

from . import foresight

STOOD = timedelta(hours=1)  # less is no wait that anybody owes for


def book(d: Draft) -> None:
    """At the end of a step: of each who stands in line no more without having a port."""
    if len(d.queue) >= len(d.before.queue) and d.queue == list(d.before.queue):
        return
    left = {entry.driver: entry for entry in d.before.queue}
    for entry in d.queue:
        left.pop(entry.driver, None)
    given = {note.driver for note in d.notes if note.what is What.GAVE}
    for driver, entry in left.items():
        if d.charging_at(driver) is not None or driver in given:
            continue
        waited = entry.expected is not None and entry.expected <= d.now
        if waited or entry.hardly_told:
            foresight.came_true(d, entry, called=False)
        if is_shut_out(d, entry):
            d.remember(driver, shut_out=True)


def is_shut_out(d: Draft, entry: Entry) -> bool:
    """They stood there, could be called, weren't, and have had nothing today."""
    today = d.today(entry.driver)
    stood = d.now - entry.added_at >= STOOD
    return entry.is_waiting and stood and not (today.called or today.kwh or today.met)
