"""Turns: who is called, how long a call stands, and how it ends (rules 2, 4, 7, 9–11).

The functions in `DUE` are the rules that follow from the state and the time alone.
Each returns whether it did something; `step` re-applies them until none does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from .draft import Draft
from .effects import Lapsed, News, SuspensionOver, Withdrawal, Withdrawn
from .model import Entry, Port, Status, Turn

DARK = (Status.UNREACHABLE, Status.UNKNOWN)


def end_suspensions(d: Draft) -> bool:
    """Rule 4: a suspension ends by itself at the stated time."""
    over = [
        entry
        for entry in d.queue
        if entry.suspended_until is not None and entry.suspended_until <= d.now
    ]
    for entry in over:
        d.put(replace(entry, suspended=False, suspended_until=None, told_next=False))
        d.note("resumed", entry.driver)
        d.tell(entry.driver, SuspensionOver(entry.driver, d.place(entry.driver)))
    return bool(over)


def end_sitting_out(d: Draft) -> bool:
    """Rule 10: who passed sits out until that port was used or half an hour has gone."""
    over = [
        entry
        for entry in d.queue
        if entry.sits_out_until is not None and entry.sits_out_until <= d.now
    ]
    for entry in over:
        d.put(replace(entry, sits_out=None, sits_out_until=None))
    return bool(over)


def withdraw_dark(d: Draft) -> bool:
    """Rule 11: a called port that is dark is nobody's turn."""
    acted = False
    for entry in d.called() if d.sees else ():
        turn = entry.turn
        port = d.ports.get(turn.port) if turn is not None else None
        if turn is None or port is None or not _went_dark(d, port):
            continue
        d.put(d.end_turn(entry))
        d.post(port.id, News.DARK)
        d.note("withdrawn", entry.driver, port=port.id)
        d.tell(entry.driver, Withdrawn(entry.driver, port.id, Withdrawal.DARK))
        acted = True
    return acted


def _went_dark(d: Draft, port: Port) -> bool:
    return port.status in DARK and port.since is not None and port.since + d.policy.dark <= d.now


def lapse(d: Draft) -> bool:
    """Rule 9: an unanswered turn goes to the next; nobody next, it stays."""
    for entry in d.called() if d.sees else ():
        turn = entry.turn
        if turn is None or turn.deadline is None or turn.deadline > d.now:
            continue
        if d.first_eligible() is None:
            return False
        d.put(
            replace(
                d.end_turn(entry), suspended=True, suspended_until=None, misses=entry.misses + 1
            )
        )
        d.note("lapsed", entry.driver, port=turn.port)
        d.tell(entry.driver, Lapsed(entry.driver, turn.port))
        return True
    return False


def call_next(d: Draft) -> bool:
    """Rule 2: a port that is free, in fresh sight and unspoken for is somebody's turn."""
    acted = False
    for port in list(d.free_ports()):
        entry = d.first_eligible()
        if entry is None:
            break
        d.call(entry, port.id)
        acted = True
    if acted:
        d.tell_next()
    return acted


def post_free(d: Draft) -> bool:
    """Rule 15: one post each time a port becomes free; a call has posted already."""
    acted = False
    for port in list(d.ports.values()):
        if port.freed and d.sees and d.is_free(port):
            open_post(d, port)
            acted = True
    return acted


def open_post(d: Draft, port: Port) -> None:
    """Begin the channel post of a port that is free, with nobody called to it."""
    d.put_port(replace(port, post=d.next_serial(), freed=False))
    d.post(port.id, News.FREE)


DUE = (end_suspensions, end_sitting_out, withdraw_dark, lapse, call_next, post_free)


def coming(d: Draft, entry: Entry, turn: Turn) -> datetime:
    """The driver is on the way; the new deadline."""
    deadline = d.now + d.policy.on_my_way
    told_at = turn.told_at or d.now
    d.put(replace(entry, turn=replace(turn, told_at=told_at, deadline=deadline, coming=True)))
    d.note("on the way", entry.driver, port=turn.port)
    d.post(turn.port, News.COMING, entry.driver)
    return deadline


def sit_out(d: Draft, entry: Entry) -> None:
    """End the turn, keep the place, no miss, no call for a while (rule 10)."""
    port = entry.turn.port if entry.turn is not None else None
    until = d.now + d.policy.sit_out
    d.put(replace(d.end_turn(entry), sits_out=port, sits_out_until=until))


def allow_passing_on(d: Draft, by: str, entry: Entry) -> datetime | None:
    """From when `by` may pass this driver's turn on (rule 10); None: not yet known."""
    if by in d.before.admins or not d.sees:
        return d.now
    told_at = entry.turn.told_at if entry.turn is not None else None
    return told_at + d.policy.idle if told_at is not None else None


def start_clock(d: Draft, turn_id: int) -> None:
    """The call has arrived (or never will): its window begins (rule 7)."""
    for entry in d.called():
        turn = entry.turn
        if turn is not None and turn.id == turn_id and turn.told_at is None:
            deadline = d.now + d.policy.answer
            d.put(replace(entry, turn=replace(turn, told_at=d.now, deadline=deadline)))


def restart_clocks(d: Draft) -> None:
    """Rule 23: sight is back, so whoever is called gets a full window."""
    for entry in d.called():
        turn = entry.turn
        if turn is None or turn.told_at is None:
            continue
        window = d.policy.on_my_way if turn.coming else d.policy.answer
        d.put(replace(entry, turn=replace(turn, told_at=d.now, deadline=d.now + window)))


def was_used(d: Draft, port_id: str) -> None:
    """A car was on the port: those who passed it may be called again (rule 10)."""
    for entry in list(d.queue):
        if entry.sits_out == port_id:
            d.put(replace(entry, sits_out=None, sits_out_until=None))
