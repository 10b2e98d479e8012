"""Admins: repair anything in one line; everyone sees what was done, and by whom (rule 26).

An act that changes nothing is said to its admin only, and leaves the last one for `undo`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from chalicelib.core import acts, answers as say, hours
from chalicelib.core.answers import Deed, Did, Refusal, Unchanged
from chalicelib.core.draft import Draft
from chalicelib.core.effects import AdminMoved, News, Withdrawal
from chalicelib.core.inputs import Profile, Sort
from chalicelib.core.model import Entry, What
from chalicelib.core.reply import Reply, refuse

from . import (
    admin_people,
    admin_ports,
    joining,
    line,
    on_behalf,
    power,
    setup,
    turns,
    undo,
    weekly,
)


def admin(d: Draft, by: str, act: acts.Act, profiles: tuple[Profile, ...] = ()) -> Reply:
    """An admin's act, or why not. `profiles`: who was named and is not known here."""
    if by not in d.admins:
        return refuse(by, Refusal.NOT_ADMIN)
    for one in profiles:
        if one.driver != by and one.sort is not Sort.PERSON:
            return refuse(by, NO_PERSON[one.sort], other=one.driver)
    if isinstance(act, acts.OnPerson):
        driver = admin_people.meant(d, by, act.who)
        if driver is None:
            return admin_people.not_one(d, by, act.who)
        return undo.watched(d, by, partial(ON_PEOPLE[type(act)], d, by, driver, act))
    return undo.watched(d, by, partial(ACTS[type(act)], d, by, act))


NO_PERSON = {
    Sort.BOT: Refusal.BOT,
    Sort.GONE: Refusal.GONE,
    Sort.NOBODY: Refusal.NOBODY,
    Sort.UNKNOWN: Refusal.UNCHECKED,
}


def reset(d: Draft, by: str, act: acts.Reset) -> Reply:
    """Empty line and turns, forget misses, keep who is charging; it asks first."""
    count = len(d.queue)
    if not act.confirmed:
        return lambda: say.AskReset(by, count)
    if not d.queue:
        return lambda: Unchanged(by, Deed.RESET)
    undo.keep(d, by, What.RESET, queue=d.queue)
    d.note(What.RESET, by=by)
    called = {entry.driver for entry, _ in d.called()}
    for entry, _ in d.called():
        turns.withdraw(d, entry, Withdrawal.RESET, News.FREE, by)
    for entry in d.queue:
        d.note(What.REMOVED, entry.driver, by=by)
        # The channel may be silent now, or not theirs: they may be on the phone.
        if entry.driver not in {*called, by}:
            d.tell(entry.driver, AdminMoved(entry.driver, by, 0))
    d.queue = ()
    return lambda: Did(by, Deed.RESET, detail=str(count))


# --- one driver's place ---------------------------------------------------------------------


def add(d: Draft, by: str, driver: str, act: acts.Put) -> Reply:
    """At the end or at a place, or called again where they stand."""
    if not hours.is_open(d, d.now):
        return refuse(by, Refusal.CLOSED)
    entry, charging = d.entry(driver), d.charging_at(driver)
    if entry is None and charging is not None and not d.lacks_power(charging):
        return refuse(by, Refusal.CHARGING, charging.id, driver)
    before = d.queue
    if entry is None and len(before) >= line.MOST_IN_LINE:
        return refuse(by, Refusal.LINE_FULL)
    if entry is None:
        d.queue = (*d.queue, Entry(driver, d.now))
    elif entry.is_suspended:
        d.put(entry.waiting())
    if act.place is not None:
        to_place(d, driver, act.place)
    if d.queue == before:
        return standing_still(d, by, driver, Deed.ADD)
    undo.keep(d, by, What.ADDED, driver, queue=before)
    d.note(What.ADDED, driver, by=by)
    return moved(d, by, driver, Deed.ADD)


def remove(d: Draft, by: str, driver: str, _: acts.Take) -> Reply:
    entry = d.entry(driver)
    if entry is None:
        return refuse(by, Refusal.NOT_IN_LINE, other=driver)
    undo.keep(d, by, What.REMOVED, driver, queue=d.queue)
    d.end_turn(entry)
    d.drop(driver)
    d.note(What.REMOVED, driver, by=by)
    return moved(d, by, driver, Deed.REMOVE)


def move(d: Draft, by: str, driver: str, act: acts.Move) -> Reply:
    """To place N, as `list` counts; past the end, to the end."""
    if d.entry(driver) is None:
        return refuse(by, Refusal.NOT_IN_LINE, other=driver)
    before = d.queue
    to_place(d, driver, act.place)
    if d.queue == before:
        return standing_still(d, by, driver, Deed.MOVE)
    undo.keep(d, by, What.MOVED, driver, queue=before)
    d.note(What.MOVED, driver, by=by, detail=str(d.place(driver)))
    return moved(d, by, driver, Deed.MOVE)


def to_place(d: Draft, driver: str, place: int) -> None:
    """Among those who wait; the called keep their places."""
    mine = [entry for entry in d.queue if entry.driver == driver]
    others = [entry for entry in d.queue if entry.driver != driver]
    waiting = [index for index, other in enumerate(others) if other.turn is None]
    index = waiting[place - 1] if place <= len(waiting) else len(others)
    d.queue = (*others[:index], *mine, *others[index:])


def standing_still(d: Draft, by: str, driver: str, deed: Deed) -> Reply:
    """They are where the admin wants them: called to a port, or at their place."""
    port = d.turn_port(driver)
    place = str(d.place(driver))
    return lambda: Unchanged(by, deed, (driver,), (port,) if port is not None else (), place)


def moved(d: Draft, by: str, driver: str, deed: Deed) -> Reply:
    """The person hears of it, unless it is the admin's own place."""
    place = d.place(driver) if d.entry(driver) is not None else 0
    if driver != by:
        d.tell(driver, AdminMoved(driver, by, place))

    def answer() -> Did:
        """By now they may have been called."""
        port = d.turn_port(driver)
        where = str(d.place(driver)) if d.entry(driver) is not None else "0"
        return Did(by, deed, (driver,), (port,) if port is not None else (), where)

    return answer


ACTS: dict[type, Callable[[Draft, str, Any], Reply]] = {
    acts.ShowActs: lambda _, __, act: lambda: say.AdminHelp(act.topic),
    acts.ShowSite: lambda _, by, __: lambda: say.Shown(by),
    acts.ShowLog: lambda _, by, __: lambda: say.Log(by),
    acts.LinkBoard: lambda _, __, act: lambda: say.BoardLink(act.link),
    acts.Reset: reset,
    acts.Link: admin_people.link,
    acts.Unlink: admin_people.unlink,
    acts.Close: admin_ports.close,
    acts.Open: admin_ports.reopen,
    acts.Free: admin_ports.free,
    acts.SetPolicy: lambda d, by, act: admin_ports.set_policy(d, by, ((act.key, act.value),)),
    acts.SetPolicies: lambda d, by, act: admin_ports.set_policy(d, by, act.values),
    acts.ShowTotals: weekly.show_totals,
    acts.Limit: power.cap,
    acts.Lift: lambda d, by, _: power.lift(d, by),
    acts.Guest: joining.guest,
    acts.Setup: setup.setup,
    acts.UndoLast: lambda d, by, _: undo.undo(d, by),
}
ON_PEOPLE: dict[type, Callable[[Draft, str, str, Any], Reply]] = {
    acts.Put: add,
    acts.Take: remove,
    acts.Move: move,
    acts.Grant: admin_people.grant,
    acts.Revoke: admin_people.revoke,
    acts.OnBehalf: on_behalf.act,
}
