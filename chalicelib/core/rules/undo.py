"""Undo: the last act of an admin, taken back on the same day (rule 26)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.core import hours, policy
from chalicelib.core.answers import Answer, CannotUndo, Deed, Did, Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.effects import AdminMoved
from chalicelib.core.model import Entry, Standing, Undo, What
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

PASSED_BY = (Standing.CALLED, Standing.POWERLESS)  # what a car or a port has decided since
GONE = (What.REMOVED, What.PLUGGED)


def keep(d: Draft, by: str, what: What, driver: str = "", **before: Any) -> None:
    """Keep what the act may change (fields of `Undo`), so that it can be taken back."""
    d.undo = Undo(d.now, by, what, driver, **before)


def watched(d: Draft, by: str, act: Callable[[], Reply]) -> Reply:
    """An act that kept nothing to take it back by is the last one all the same: `undo` says so,
    and leaves what was done before it.
    """
    before = d.undo
    reply = act()

    def answer() -> Answer:
        told = reply()
        if isinstance(told, Did) and told.deed is not Deed.UNDO and d.undo is before:
            d.undo = Undo(d.now, by, What.UNDONE, beyond=told)
        return told

    return answer


def undo(d: Draft, by: str) -> Reply:
    """Take back what the last act changed, and no more; once."""
    kept = d.undo
    if kept is None or hours.today(d, kept.at) != hours.today(d, d.now):
        return refuse(by, Refusal.NOTHING_TO_UNDO)
    if kept.beyond is not None:
        beyond = CannotUndo(by, kept.beyond)
        return lambda: beyond
    d.undo = None
    d.note(What.UNDONE, by=by, detail=f"{kept.what} {kept.driver}".strip())
    told = what_is_undone(d, by, kept)
    take_back(d, by, kept)
    return lambda: told


def what_is_undone(d: Draft, by: str, kept: Undo) -> Did:
    """Said with whom and what it was about."""
    who = (kept.driver,) if kept.driver else tuple(driver for driver, _ in kept.people)
    ports = tuple(port for port, _, __ in kept.shut if port in d.ports)
    old = kept.policy
    before = [f"{key} {policy.written(getattr(old, key))}" for key in kept.settings if old]
    return Did(by, Deed.UNDO, who, ports, kept.what, ", ".join(before))


def take_back(d: Draft, by: str, kept: Undo) -> None:
    if kept.queue is not None:
        restore_line(d, by, kept, kept.queue)
    if kept.policy is not None:
        old = {key: getattr(kept.policy, key) for key in kept.settings}
        d.policy = replace(d.policy, **old) if old else kept.policy
    if kept.admins is not None:
        d.admins = kept.admins
    for driver, person in kept.people:
        if driver in d.people:  # not who has asked to be forgotten since
            d.people = {**d.people, driver: replace(d.people[driver], ids=person.ids)}
    for port_id, closed, blocked in kept.shut:
        port = d.ports.get(port_id)
        if port is not None:  # not of stations that the site has no more
            still, broken = blocked and port.stay is None, port_id in kept.broken
            d.put_port(replace(port, closed=closed, blocked=still, broken=broken))


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
    for driver in dict.fromkeys((*back, kept.driver)):
        if driver in ("", by):
            continue
        place = d.place(driver) if d.entry(driver) else 0
        d.tell(driver, AdminMoved(driver, by, place, back=place > 0))


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
