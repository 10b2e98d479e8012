"""The night: the line is cleared with one word, and starts empty (rules 24 and 25)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core import hours
from chalicelib.core.draft import Draft
from chalicelib.core.effects import LineCleared, Withdrawal, Withdrawn
from chalicelib.core.model import Status, What


def close_the_day(d: Draft) -> bool:
    """Nobody stands in line at night; at a manual site the ports empty, too."""
    return (not hours.is_open(d, d.now) and clear_line(d)) | empty_ports(d)


def clear_line(d: Draft) -> bool:
    if not d.queue:
        return False
    drivers = tuple(entry.driver for entry in d.queue)
    for entry, turn in d.called():
        d.end_turn(entry)
        d.tell(entry.driver, Withdrawn(entry.driver, turn.port, Withdrawal.NIGHT))
    for driver in drivers:
        d.note(What.CLEARED, driver)
    d.queue = []
    d.announce(LineCleared(drivers), at_night=True)
    return True


def empty_ports(d: Draft) -> bool:
    """Rule 24: nobody's hands tell of a car that left after hours."""
    if not d.stations.is_manual:
        return False
    closing = hours.closing_before(d, d.now)
    used = [port for port in d.ports.values() if port.stay and port.stay.since < closing]
    for port in used:
        free = replace(port, status=Status.AVAILABLE, vouched=True, since=d.now)
        d.put_port(replace(free, stay=None, last_stay=None, post=None))
    return bool(used)


DUE = (close_the_day,)
