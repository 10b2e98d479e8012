"""The night: the line is cleared with one word, and starts empty (rules 24 and 25)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from operator import attrgetter

from chalicelib.core import hours
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import LineCleared, Withdrawal, Withdrawn
from chalicelib.core.model import Port, Status, What
from chalicelib.values import replace

from . import finished

ADDED = attrgetter("added_at")


def clear_line(d: Draft) -> Iterator[Due]:
    """Nobody stands in line at night; who stood in yesterday's doesn't stand in today's."""
    if d.queue:
        closing = hours.closing_after(d, min(map(ADDED, d.queue)))
        yield Due(min(closing, hours.closed_from(d, d.now)), partial(clear, d))


def clear(d: Draft) -> None:
    """Nobody ran us at closing time: then the words are of yesterday's line."""
    late = hours.is_open(d, d.now)
    why = Withdrawal.YESTERDAY if late else Withdrawal.NIGHT
    drivers = tuple(entry.driver for entry in d.queue)
    for entry, turn in d.called():
        d.end_turn(entry)
        d.tell(entry.driver, Withdrawn(entry.driver, turn.port, why))
    for driver in drivers:
        d.note(What.CLEARED, driver)
    d.queue = ()
    d.announce(LineCleared(drivers, late), at_night=True)


def empty_ports(d: Draft) -> Iterator[Due]:
    """Rule 24: nobody's hands tell of a car that left after hours; a sensor does (rule 44)."""
    watched = {one.port for one in d.sensors.values()}
    for port in d.ports.values() if d.stations.is_manual else ():
        if port.stay is not None and port.id not in watched:
            yield Due(hours.closing_after(d, port.stay.since), partial(empty, d, port))


def empty(d: Draft, port: Port) -> None:
    if port.stay is not None:
        finished.keep_all(d, [port], hours.closing_after(d, port.stay.since))
    free = replace(port, status=Status.AVAILABLE, vouched=True, since=d.now)
    d.put_port(replace(free, stay=None, last_stay=None, post=None))
