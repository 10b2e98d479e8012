"""Turns: who is called, how long a call stands, and how it ends (rules 2, 4, 7 to 12).

The functions in `DUE` are the rules that follow from the state and the time alone.
Each returns whether it did something; `step` re-applies them until none does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    BayBlocked,
    Lapsed,
    News,
    StandsIdle,
    SuspensionOver,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.model import Entry, IdleReminder, Port, Site, Status, Turn, What

DARK = (Status.UNREACHABLE, Status.UNKNOWN)


# --- due rules -----------------------------------------------------------------------


def end_suspensions(d: Draft) -> bool:
    """Rule 4: a suspension ends by itself at the stated time."""
    over = [
        entry
        for entry in d.queue
        if entry.suspended_until is not None and entry.suspended_until <= d.now
    ]
    for entry in over:
        d.put(replace(entry, suspended=False, suspended_until=None, told_next=False))
        d.note(What.RESUMED, entry.driver)
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
    if not d.sees:
        return False
    dark = [entry for entry, turn in d.called() if went_dark(d, d.ports[turn.port])]
    for entry in dark:
        withdraw(d, entry, Withdrawal.DARK, News.DARK)
    return bool(dark)


def went_dark(d: Draft, port: Port) -> bool:
    return port.status in DARK and port.since is not None and port.since + d.policy.dark <= d.now


def lapse(d: Draft) -> bool:
    """Rule 9: an unanswered turn goes to the next; nobody next, it stays.

    Rule 14 ends the same way: asked whose car took the port, and silent. One at a time:
    one who follows is a reason to take one turn.
    """
    if d.policy.classic or not d.sees:
        return False
    for entry, turn in d.called():
        if turn.deadline is not None and turn.deadline <= d.now and may_lapse(d, turn):
            held = d.end_turn(entry)
            d.put(replace(held, suspended=True, suspended_until=None, misses=entry.misses + 1))
            d.note(What.LAPSED, entry.driver, port=turn.port)
            taken = d.ports[turn.port].status is Status.INUSE
            d.tell(entry.driver, Lapsed(entry.driver, turn.port, taken=taken))
            return True
    return False


def may_lapse(d: Draft, turn: Turn) -> bool:
    """Not while we don't know whose car that is, or what became of the port."""
    port = d.ports[turn.port]
    if port.status is Status.INUSE:
        return port.stay is not None and port.stay.asked
    return port.status is Status.AVAILABLE and d.is_wanted(port)


def call_next(d: Draft) -> bool:
    """Rule 2: a port that is free, in fresh sight and unspoken for is somebody's turn."""
    acted = False
    for port in list(d.free_ports()):
        entry = d.first_eligible(port)
        if entry is None:
            continue
        d.call(entry, port.id)
        acted = True
    if acted:
        d.tell_next()
    return acted


def post_free(d: Draft) -> bool:
    """Rule 15: one post each time a port becomes free; a call has posted already."""
    freed = [port for port in d.ports.values() if port.freed and d.is_free(port)]
    for port in freed:
        posts = d.speaks and port.post is None
        d.put_port(replace(port, freed=False, post=d.next_serial() if posts else port.post))
        if posts:
            d.post(port.id, News.FREE)
    return bool(freed)


def remind_idle(d: Draft) -> bool:
    """Rule 8: a called port stands idle while people wait; told once, in a new post."""
    if not d.speaks or not d.sees:
        return False
    for entry, turn in d.called() if d.is_awaited else ():
        if turn_is_idle(d, turn):
            d.put(replace(entry, turn=replace(turn, idle_told=True)))
            d.announce(StandsIdle(turn.port, entry.driver, turn.deadline))
            return True
    return remind_always(d)


def turn_is_idle(d: Draft, turn: Turn) -> bool:
    return (
        not turn.idle_told
        and not turn.coming
        and turn.told_at is not None
        and turn.told_at + d.policy.idle <= d.now
        and d.ports[turn.port].status is Status.AVAILABLE
    )


def remind_always(d: Draft) -> bool:
    """Rule 8, with nobody in line: only where the policy asks for it."""
    if not reminds_always(d.policy.idle_reminder, classic=d.policy.classic) or d.queue:
        return False
    idle = [
        port
        for port in d.free_ports()
        if not port.idle_told and port.since is not None and port.since + d.policy.idle <= d.now
    ]
    for port in idle:
        d.put_port(replace(port, idle_told=True))
        d.announce(StandsIdle(port.id, None, None))
    return bool(idle)


def reminds_always(reminder: IdleReminder, *, classic: bool) -> bool:
    return classic or reminder is IdleReminder.ALWAYS


DUE = (
    end_suspensions,
    end_sitting_out,
    withdraw_dark,
    call_next,
    lapse,
    post_free,
    remind_idle,
)


# --- what other rules do with turns ----------------------------------------------------


def withdraw(
    d: Draft,
    entry: Entry,
    why: Withdrawal,
    news: News,
    by: str | None = None,
    *,
    quietly: bool = False,
) -> None:
    """Take the turn back through nobody's fault: old place, told why (rules 11, 13, 26)."""
    port = entry.turn.port if entry.turn is not None else ""
    d.put(d.end_turn(entry))
    if news is not News.FREE:  # that was said already
        d.post(port, news)
    d.note(What.WITHDRAWN, entry.driver, by=by or "", port=port)
    if not quietly:  # the answer to their own click says it
        d.tell(entry.driver, Withdrawn(entry.driver, port, why, by))


def block(d: Draft, entry: Entry) -> str:
    """Rule 12: the called driver finds the bay blocked; the port's id."""
    port_id = entry.turn.port if entry.turn is not None else ""
    d.put(d.end_turn(entry))
    port = replace(d.ports[port_id], blocked=True)
    d.put_port(port)
    d.post(port_id, News.BLOCKED)
    d.note(What.BLOCKED, entry.driver, by=entry.driver, port=port_id)
    word = BayBlocked(port_id, entry.driver)
    last = port.last_stay.driver if port.last_stay is not None else None
    for person in dict.fromkeys((*((last,) if last else ()), *d.admins)):
        if person != entry.driver:
            d.tell(person, word)
    return port_id


def coming(d: Draft, entry: Entry, turn: Turn) -> datetime:
    """The driver is on the way; the new deadline."""
    deadline = d.now + d.policy.on_my_way
    told_at = turn.told_at or d.now
    d.put(replace(entry, turn=replace(turn, told_at=told_at, deadline=deadline, coming=True)))
    d.note(What.COMING, entry.driver, port=turn.port)
    d.post(turn.port, News.COMING, entry.driver)
    return deadline


def sit_out(d: Draft, entry: Entry) -> None:
    """End the turn, keep the place, no miss, no call for a while (rule 10)."""
    port = entry.turn.port if entry.turn is not None else None
    until = d.now + d.policy.sit_out
    d.put(replace(d.end_turn(entry), sits_out=port, sits_out_until=until))


def allow_passing_on(d: Draft, by: str, entry: Entry) -> datetime | None:
    """From when `by` may pass this driver's turn on (rule 10); None: not yet known.

    Who is on the way was promised the port until then.
    """
    turn = entry.turn
    if turn is None or by in d.admins or not d.sees:
        return d.now
    if turn.coming:
        return turn.deadline
    return turn.told_at + d.policy.idle if turn.told_at is not None else None


def hand_on(d: Draft, port_id: str) -> None:
    """Rule 23: who says `next` while sight is lost stands before the port and sees it free."""
    port = d.ports[port_id]
    if not d.sees and port.status is Status.AVAILABLE:
        d.put_port(replace(port, vouched=True))


def start_clock(d: Draft, turn_id: int, window: timedelta) -> None:
    """The call has arrived (or never will): its window begins (rule 7)."""
    for entry, turn in d.called():
        if turn.id == turn_id and turn.told_at is None:
            deadline = d.now + window
            d.put(replace(entry, turn=replace(turn, told_at=d.now, deadline=deadline)))


def restart_clocks(d: Draft) -> None:
    """Rule 23: sight is back, so whoever is called gets a full window."""
    for entry, turn in d.called():
        if turn.told_at is None:
            continue
        window = d.policy.on_my_way if turn.coming else d.policy.answer
        d.put(replace(entry, turn=replace(turn, told_at=d.now, deadline=d.now + window)))


def was_used(d: Draft, port_id: str) -> None:
    """Somebody took the port: those who passed it on may be called again (rule 10)."""
    for entry in list(d.queue):
        if entry.sits_out == port_id:
            d.put(replace(entry, sits_out=None, sits_out_until=None))


# --- when to wake ------------------------------------------------------------------------


def deadlines(site: Site, *, watched: bool) -> Iterator[datetime]:
    """When a due rule may act on an entry, whatever the hour."""
    for entry in site.queue:
        if entry.suspended_until is not None:
            yield entry.suspended_until
        if entry.sits_out_until is not None:
            yield entry.sits_out_until
        if entry.turn is not None and watched:
            yield from turn_deadlines(site, entry.turn)


def turn_deadlines(site: Site, turn: Turn) -> Iterator[datetime]:
    port = site.ports[turn.port]
    if turn.deadline is not None:
        yield turn.deadline
    if port.status in DARK and port.since is not None:
        yield port.since + site.policy.dark


def reminders(site: Site) -> Iterator[datetime]:
    """When the channel may hear that a charger stands idle (rule 8)."""
    for entry in site.queue:
        if entry.turn is not None and entry.turn.told_at is not None and not entry.turn.idle_told:
            yield entry.turn.told_at + site.policy.idle
    if site.queue or not reminds_always(site.policy.idle_reminder, classic=site.policy.classic):
        return
    for port in site.ports.values():
        if port.status is Status.AVAILABLE and port.since is not None and not port.idle_told:
            yield port.since + site.policy.idle
