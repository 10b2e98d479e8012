"""Turns: who is called, how long a call stands, and how it ends (rules 2, 4, 7 to 12).

The due rules among them come first; `rules/__init__.py` says in which order they are tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from chalicelib.core.boards import has_board
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import (
    BayBlocked,
    CallOver,
    Lapsed,
    News,
    StandsIdle,
    SuspensionOver,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.model import (
    CallMessage,
    Entry,
    IdleReminder,
    Port,
    Standing,
    Status,
    Turn,
    What,
)
from chalicelib.core.order import passed_by
from chalicelib.values import replace

from . import foresight, promises

DARK = (Status.UNREACHABLE, Status.UNKNOWN)


# --- due rules -----------------------------------------------------------------------


def end_suspensions(d: Draft) -> Iterator[Due]:
    """Rule 4: a suspension ends by itself at the stated time."""
    for entry in d.those(Standing.SUSPENDED):
        if entry.until is not None:
            yield Due(entry.until, partial(end_suspension, d, entry))


def end_suspension(d: Draft, entry: Entry) -> None:
    d.put(replace(entry.waiting(), told_next=False))
    d.note(What.RESUMED, entry.driver)
    d.tell(entry.driver, SuspensionOver(entry.driver, d.place(entry.driver)))


def end_sitting_out(d: Draft) -> Iterator[Due]:
    """Rule 10: who passed sits out until that port was used or half an hour has gone."""
    for entry in d.those(Standing.SITTING_OUT):
        if entry.until is not None:
            yield Due(entry.until, partial(d.put, entry.waiting()))


def withdraw_dark(d: Draft) -> Iterator[Due]:
    """Rule 11: a called port that is dark is nobody's turn."""
    for entry, turn in d.called() if d.sees else ():
        port = d.ports[turn.port]
        if port.status in DARK and port.since is not None:
            yield Due(
                port.since + d.policy.dark,
                partial(withdraw, d, entry, Withdrawal.DARK, News.DARK),
            )


def end_calls(d: Draft) -> Iterator[Due]:
    """A call whose turn is over, or somebody else's, offers nothing any more: its message says so."""
    live = {(turn.id, entry.driver) for entry, turn in d.called()}
    told = {(one.effect.turn, one.effect.driver) for one in d.outbox if isinstance(one.effect, CallOver)}  # fmt: skip
    for call in d.calls:
        if (call.turn, call.driver) not in live | told:
            yield Due(d.now, partial(d.send, call.to, CallOver(call.driver, call.turn)))


def call_of(calls: tuple[CallMessage, ...], over: CallOver) -> CallMessage | None:
    """The message that offers a turn to this driver."""
    return next((c for c in calls if (c.turn, c.driver) == (over.turn, over.driver)), None)


def forget_call(d: Draft, over: CallOver) -> None:
    """Its message is what it should be: by our edit, or as a click was answered in its place."""
    call = call_of(d.calls, over)
    if call is not None:
        d.calls = tuple(one for one in d.calls if one is not call)


def call_next(d: Draft) -> Iterator[Due]:
    """Rule 2: a port that is free, in fresh sight and unspoken for is somebody's turn."""
    if any(d.is_wanted(port) for port in d.free_ports()):
        yield Due(d.now, partial(call_all, d))


def call_all(d: Draft) -> None:
    """All free ports at once, so that only who is left hears that they are next."""
    for port in list(d.free_ports()):
        entry = d.first_eligible(port)
        if entry is not None:
            call(d, entry, port.id)
    d.tell_next()


def call(d: Draft, entry: Entry, port_id: str) -> None:
    """A turn; what was told of it has come true, or not, and whom it passes over is noted."""
    for other in passed_by(d, entry.driver):
        d.remember_today(other, passed=d.today(other).passed + 1)
        d.note(What.PASSED_OVER, other, by=entry.driver)
    d.remember_today(entry.driver, called=True)
    foresight.came_true(d, entry, called=True)
    told = replace(entry, expected=None, hardly_told=False)
    d.call(promises.on_call(d, told), port_id)


def lapse(d: Draft) -> Iterator[Due]:
    """Rule 9: an unanswered turn goes to the next; nobody next, it stays.

    Rule 14 ends the same way: asked whose car took the port, and silent.
    """
    if d.policy.classic or not d.sees:
        return
    for entry, turn in d.called():
        if turn.deadline is not None and may_lapse(d, turn):
            yield Due(turn.deadline, partial(miss, d, entry, turn))


def may_lapse(d: Draft, turn: Turn) -> bool:
    """Not while we don't know whose car that is, or what became of the port."""
    port = d.ports[turn.port]
    if port.status is Status.INUSE and not turn.unplugs:
        return port.stay is not None and port.stay.asked
    if turn.unplugs and port.status is Status.INUSE:
        return d.is_wanted(port)
    return port.status is Status.AVAILABLE and d.is_wanted(port)


def miss(d: Draft, entry: Entry, turn: Turn) -> None:
    promises.void(d, entry.promise)
    d.put(replace(d.end_turn(entry).suspended(), misses=entry.misses + 1, promise=None))
    d.note(What.LAPSED, entry.driver, port=turn.port)
    taken = d.ports[turn.port].status is Status.INUSE and not turn.unplugs
    if not taken:
        foresight.note_call(d, missed=True)
    d.tell(entry.driver, Lapsed(entry.driver, turn.port, taken, entry.misses + 1))


def post_free(d: Draft) -> Iterator[Due]:
    """Rule 15: one post each time a port becomes free; a call has posted already."""
    for port in d.ports.values():
        if port.freed and d.is_free(port):
            yield Due(d.now, partial(tell_free, d, port))


def tell_free(d: Draft, port: Port) -> None:
    posts = d.speaks
    d.put_port(replace(port, freed=False, post=d.next_serial() if posts else port.post))
    holder = d.holder(port.id)  # somebody's turn may have outlasted a car that nobody knew
    if posts and holder is not None and holder.turn is not None:
        d.post(port.id, News.COMING if holder.turn.coming else News.CALLED, holder.driver)
    elif posts:
        d.post(port.id, News.FREE)


def remind_idle(d: Draft) -> Iterator[Due]:
    """Rule 8: a called port stands idle while people wait; told once, in a new post."""
    for entry, turn in d.called() if d.sees and d.is_awaited else ():
        here = d.ports[turn.port].status is Status.AVAILABLE
        if here and turn.told_at is not None and not (turn.coming or turn.idle_told):
            at = turn.told_at + d.policy.idle
            yield Due(at, partial(tell_idle, d, entry, turn), spoken=True)


def tell_idle(d: Draft, entry: Entry, turn: Turn) -> None:
    d.put(replace(entry, turn=replace(turn, idle_told=True)))
    shown = [one for one in d.audience if has_board(d, one)]  # there it stands besides
    d.announce(StandsIdle(turn.port, entry.driver, turn.deadline), but=shown)


def remind_always(d: Draft) -> Iterator[Due]:
    """Rule 8, with nobody in line: only where the policy asks for it."""
    always = d.policy.classic or d.policy.idle_reminder is IdleReminder.ALWAYS
    for port in d.free_ports() if always and d.sees and not d.queue else ():
        if port.since is not None and not port.idle_told:
            yield Due(port.since + d.policy.idle, partial(tell_unused, d, port), spoken=True)


def tell_unused(d: Draft, port: Port) -> None:
    d.put_port(replace(port, idle_told=True))
    d.announce(StandsIdle(port.id, None, None))


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
    if news not in (News.FREE, News.CHARGING):  # those are said already, with the car's driver
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
    last = port.last_stay.driver if port.last_stay is not None else None
    for person in dict.fromkeys((*((last,) if last else ()), *d.admins)):
        if person != entry.driver:
            d.tell(person, BayBlocked(port_id, entry.driver, admin=person != last))
    return port_id


def coming(d: Draft, entry: Entry, turn: Turn) -> datetime:
    """The driver is on the way; the new deadline."""
    deadline = d.now + d.policy.on_my_way
    told_at = turn.told_at or d.now
    d.put(replace(entry, turn=replace(turn, told_at=told_at, deadline=deadline, coming=True)))
    d.note(What.COMING, entry.driver, port=turn.port)
    if turn.unplugs or d.ports[turn.port].stay is None:  # else a stranger's car: the post says so
        d.post(turn.port, News.COMING, entry.driver)
    return deadline


def sit_out(d: Draft, entry: Entry) -> None:
    """End the turn, keep the place, no miss, no call for a while (rule 10)."""
    port = entry.turn.port if entry.turn is not None else ""
    until = d.now + d.policy.sit_out
    promises.void(d, entry.promise)
    d.put(replace(d.end_turn(entry).sitting_out(port, until), promise=None))


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
    for entry in d.those(Standing.SITTING_OUT):
        if entry.port == port_id:
            d.put(entry.waiting())
