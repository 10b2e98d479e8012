"""Reach: a called driver whom no platform takes a message for (rule 40)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.draft import Draft
from chalicelib.core.effects import Called, Unreachable
from chalicelib.core.model import What


def lose(d: Draft, call: Called, reason: str) -> None:
    """The call will never arrive: another address of theirs is tried, or the turn goes on."""
    turn = d.turn(call.driver)
    entry = d.entry(call.driver)
    if entry is None or turn is None or turn.id != call.turn:
        return
    waiting = d.end_turn(entry)
    other = another_address(d, call.driver)
    if other is not None:
        index = d.queue.index(entry)
        d.queue[index] = replace(waiting, driver=other)
        d.note(What.UNREACHABLE, call.driver, port=turn.port)
        d.call(d.queue[index], turn.port)
        return
    d.put(replace(waiting.suspended(), unreachable=True))
    d.note(What.UNREACHABLE, call.driver, port=turn.port)
    d.tell_admins(Unreachable(call.driver, reason))


def another_address(d: Draft, driver: str) -> str | None:
    """Where the same person can be reached: known to the chargers by the same card."""
    person = d.people.get(driver)
    ids = set(person.ids) if person is not None else set()
    for other, known in d.people.items():
        same = other != driver and not ids.isdisjoint(known.ids)
        if same and other not in d.refused and stands_nowhere(d, other):
            return other
    return None


def stands_nowhere(d: Draft, driver: str) -> bool:
    return d.entry(driver) is None and d.charging_at(driver) is None


def hear(d: Draft, driver: str) -> None:
    """Somebody has written: they can be reached again, and called."""
    if driver in d.refused:
        d.refused = {to: why for to, why in d.refused.items() if to != driver}
    entry = d.entry(driver)
    if entry is not None and entry.unreachable:
        d.put(replace(entry.waiting(), told_next=False))
        d.note(What.RESUMED, driver, by=driver)
