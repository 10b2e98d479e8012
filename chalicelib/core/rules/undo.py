"""Undo: the last act of an admin, taken back on the same day (rule 26)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.core import hours
from chalicelib.core.answers import Deed, Did, Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.effects import AdminMoved
from chalicelib.core.model import Entry, Standing, Undo, What
from chalicelib.core.reply import Reply, refuse

PASSED_BY = (Standing.CALLED, Standing.POWERLESS)  # what a car or a port has decided since
GONE = (What.REMOVED, What.PLUGGED)


def keep(d: Draft, by: str, what: What, driver: str = "", **before: Any) -> None:
    """Keep what the act may change (fields of `Undo`), so that it can be taken back."""
    d.undo = Undo(d.now, by, what, driver, **before)


def undo(d: Draft, by: str) -> Reply:
    """Take back what the last act changed, and no more; once."""
    kept = d.undo
    if kept is None or hours.today(d, kept.at) != hours.today(d, d.now):
        return refuse(by, Refusal.NOTHING_TO_UNDO)
    d.undo = None
    d.note(What.UNDONE, by=by)
    if kept.queue is not None:
        restore_line(d, by, kept, kept.queue)
    if kept.policy is not None:
        d.policy = kept.policy
    if kept.admins is not None:
        d.admins = kept.admins
    for driver, person in kept.people:
        d.people = {**d.people, driver: replace(d.people[driver], ids=person.ids)}
    for port_id, closed, blocked in kept.shut:
        port = d.ports[port_id]
        still, broken = blocked and port.stay is None, port_id in kept.broken
        d.put_port(replace(port, closed=closed, blocked=still, broken=broken))
    who = (kept.driver,) if kept.driver else ()
    return lambda: Did(by, Deed.UNDO, who, detail=kept.what)


def restore_line(d: Draft, by: str, kept: Undo, old: tuple[Entry, ...]) -> None:
    """The old order; back in it whom the act took out, unless they went their own way since."""
    now = {entry.driver: entry for entry in d.queue}
    back = {
        entry.driver: entry.waiting() if entry.standing in PASSED_BY else entry
        for entry in old
        if entry.driver not in now and was_taken_out(d, kept, entry)
    }
    known = {entry.driver: entry for entry in old}
    merged = {**now, **back}
    later = [entry for entry in d.queue if entry.driver not in known]
    d.queue = (*(merged[driver] for driver in known if driver in merged), *later)
    for driver in back:
        d.note(What.ADDED, driver, by=by)
    if kept.what is What.ADDED:
        take_out(d, by, kept.driver, known.get(kept.driver))
    if kept.what in (What.SUSPENDED, What.RESUMED):
        stand_as_before(d, kept.driver, known.get(kept.driver))
    if kept.driver not in ("", by):
        place = d.place(kept.driver) if d.entry(kept.driver) else 0
        d.tell(kept.driver, AdminMoved(kept.driver, by, place))


def stand_as_before(d: Draft, driver: str, old: Entry | None) -> None:
    """A break that was begun or ended in their name; not if they have been called since."""
    entry = d.entry(driver)
    if entry is not None and entry.turn is None and old is not None:
        d.put(old.waiting() if old.standing in PASSED_BY else old)


def was_taken_out(d: Draft, kept: Undo, entry: Entry) -> bool:
    """By this act, and neither gone since nor charging."""
    took = kept.what is What.RESET or (kept.what, kept.driver) == (What.REMOVED, entry.driver)
    went = any(
        note.at > kept.at and note.driver == entry.driver and note.what in GONE
        for note in d.before.trail
    )
    return took and not went and d.charging_at(entry.driver) is None


def take_out(d: Draft, by: str, driver: str, old: Entry | None) -> None:
    """`add`, taken back: out of the line, or to the break that it ended."""
    entry = d.entry(driver)
    if entry is None:
        return
    if old is None:
        d.end_turn(entry)
        d.drop(driver)
        d.note(What.REMOVED, driver, by=by)
    elif old.is_suspended and entry.turn is None:
        d.put(entry.suspended(old.until))
        d.note(What.SUSPENDED, driver, by=by)
