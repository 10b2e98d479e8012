"""Admins: repair anything in one line; everyone sees what was done, and by whom (rule 26)."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from chalicelib.core import acts, hours, policy
from chalicelib.core import answers as say
from chalicelib.core.answers import Deed, Did, Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.effects import AdminMoved, News, Withdrawal
from chalicelib.core.inputs import Profile, Sort
from chalicelib.core.model import Entry, Person, Port, What
from chalicelib.core.reply import Reply, refuse

from . import plugging, power, turns, undo


def admin(d: Draft, by: str, act: acts.Act, profiles: tuple[Profile, ...] = ()) -> Reply:
    """An admin's act, or why not. `profiles`: who was named and is not known here."""
    if by not in d.admins:
        return refuse(by, Refusal.NOT_ADMIN)
    for one in profiles:
        if one.driver != by and one.sort is not Sort.PERSON:
            return refuse(by, NO_PERSON[one.sort], other=one.driver)
    match act:
        case acts.ShowActs():
            return say.AdminHelp
        case acts.ShowSite():
            return lambda: say.Shown(by)
        case acts.Reset(confirmed):
            return reset(d, by, confirmed=confirmed)
        case acts.SetPolicy(key, value):
            return set_policy(d, by, key, value)
        case acts.Close(ports) | acts.Open(ports):
            return shut(d, by, ports, close=isinstance(act, acts.Close))
        case acts.Link(pairs):
            return link(d, by, pairs)
        case acts.UndoLast():
            return undo.undo(d, by)
        case acts.Limit():
            return power.cap(d, by, act)
        case acts.Lift():
            return power.lift(d, by)
        case acts.Put() | acts.Take() | acts.Move() | acts.Grant() | acts.Revoke():
            return on_person(d, by, act)
        case never:
            assert_never(never)


def on_person(d: Draft, by: str, act: acts.OnPerson) -> Reply:
    """The acts on one person."""
    driver = by if act.who.casefold() in ME else d.person_named(act.who)
    if driver is None:
        return not_one(d, by, act.who)
    match act:
        case acts.Put(_, place):
            return add(d, by, driver, place)
        case acts.Take():
            return remove(d, by, driver)
        case acts.Move(_, place):
            return move(d, by, driver, place)
        case acts.Grant():
            return grant(d, by, driver)
        case acts.Revoke():
            return revoke(d, by, driver)
        case never:
            assert_never(never)


ME = ("@me", "@myself")
NO_PERSON = {
    Sort.BOT: Refusal.BOT,
    Sort.GONE: Refusal.GONE,
    Sort.NOBODY: Refusal.NOBODY,
    Sort.UNKNOWN: Refusal.UNCHECKED,
}


def not_one(d: Draft, by: str, who: str) -> Reply:
    """Nobody is called that, or several are."""
    several = len(d.people_named(who)) > 1
    return refuse(by, Refusal.TWO_OF_THEM if several else Refusal.WHO, other=who)


# --- the line -----------------------------------------------------------------------------


def reset(d: Draft, by: str, *, confirmed: bool) -> Reply:
    """Empty line and turns, forget misses, keep who is charging; it asks first."""
    count = len(d.queue)
    if not confirmed:
        return lambda: say.AskReset(by, count)
    undo.keep(d, by, What.RESET, queue=tuple(d.queue))
    d.note(What.RESET, by=by)
    for entry, _ in d.called():
        turns.withdraw(d, entry, Withdrawal.RESET, News.FREE, by)
    for entry in d.queue:
        d.note(What.REMOVED, entry.driver, by=by)
    d.queue = []
    return lambda: Did(by, Deed.RESET, detail=str(count))


def add(d: Draft, by: str, driver: str, place: int | None = None) -> Reply:
    """At the end or at a place, or called again where they stand."""
    if not hours.is_open(d, d.now):
        return refuse(by, Refusal.CLOSED)
    entry, charging = d.entry(driver), d.charging_at(driver)
    if entry is None and charging is not None and not d.lacks_power(charging):
        return refuse(by, Refusal.CHARGING, charging.id, driver)
    undo.keep(d, by, What.ADDED, driver, queue=tuple(d.queue))
    if entry is None:
        d.queue.append(Entry(driver, d.now))
    elif entry.is_suspended:
        d.put(entry.waiting())
    d.note(What.ADDED, driver, by=by)
    if place is not None:
        to_place(d, driver, place)
    return moved(d, by, driver, Deed.ADD)


def remove(d: Draft, by: str, driver: str) -> Reply:
    entry = d.entry(driver)
    if entry is None:
        return refuse(by, Refusal.NOT_IN_LINE, other=driver)
    undo.keep(d, by, What.REMOVED, driver, queue=tuple(d.queue))
    d.end_turn(entry)
    d.drop(driver)
    d.note(What.REMOVED, driver, by=by)
    return moved(d, by, driver, Deed.REMOVE)


def move(d: Draft, by: str, driver: str, place: int) -> Reply:
    """To place N, as `list` counts; past the end, to the end."""
    if d.entry(driver) is None:
        return refuse(by, Refusal.NOT_IN_LINE, other=driver)
    undo.keep(d, by, What.MOVED, driver, queue=tuple(d.queue))
    d.note(What.MOVED, driver, by=by)
    to_place(d, driver, place)
    return moved(d, by, driver, Deed.MOVE)


def to_place(d: Draft, driver: str, place: int) -> None:
    """Among those who wait; the called keep their places."""
    mine = [entry for entry in d.queue if entry.driver == driver]
    others = [entry for entry in d.queue if entry.driver != driver]
    waiting = [index for index, other in enumerate(others) if other.turn is None]
    index = waiting[place - 1] if place <= len(waiting) else len(others)
    d.queue = [*others[:index], *mine, *others[index:]]


def moved(d: Draft, by: str, driver: str, deed: Deed) -> Reply:
    """The person hears of it, unless it is the admin's own place."""
    place = d.place(driver) if d.entry(driver) is not None else 0
    if driver != by:
        d.tell(driver, AdminMoved(driver, by, place))
    return lambda: Did(by, deed, (driver,), detail=str(place))


# --- people -----------------------------------------------------------------------------------


def link(d: Draft, by: str, links: tuple[tuple[str, str], ...]) -> Reply:
    """Tie ids of the charging network to people; all of a list, or none. An id that somebody
    remembered as theirs by mistake is theirs no more.
    """
    found: list[tuple[str, str]] = []
    for who, network_id in links:
        driver = by if who.casefold() in ME else d.person_named(who)
        if driver is None:
            return not_one(d, by, who)
        found.append((driver, network_id))
    if not found:
        return refuse(by, Refusal.WHO, other="")
    before = d.people
    for driver, network_id in found:
        unlink(d, network_id)
        d.link(driver, (network_id,), by)
    changed = [one for one, person in d.people.items() if person != before.get(one)]
    kept = tuple((one, before.get(one, Person())) for one in changed)
    undo.keep(d, by, What.LINKED, people=kept)
    for port_id in d.ports:
        plugging.recognise(d, port_id)
    people = tuple(dict.fromkeys(driver for driver, _ in found))
    return lambda: Did(by, Deed.LINK, people)


def unlink(d: Draft, network_id: str) -> None:
    for other, person in d.people.items():
        if network_id in person.ids:
            rest = tuple(one for one in person.ids if one != network_id)
            d.people = {**d.people, other: replace(person, ids=rest)}
            return


def grant(d: Draft, by: str, driver: str) -> Reply:
    undo.keep(d, by, What.GRANTED, admins=d.admins)
    d.admins = tuple(dict.fromkeys((*d.admins, driver)))
    d.note(What.GRANTED, driver, by=by)
    return lambda: Did(by, Deed.GRANT, (driver,))


def revoke(d: Draft, by: str, driver: str) -> Reply:
    """The last admin stays."""
    if driver not in d.admins:
        return refuse(by, Refusal.NO_ADMIN, other=driver)
    rest = tuple(admin for admin in d.admins if admin != driver)
    if not rest:
        return refuse(by, Refusal.LAST_ADMIN)
    undo.keep(d, by, What.REVOKED, admins=d.admins)
    d.admins = rest
    d.note(What.REVOKED, driver, by=by)
    return lambda: Did(by, Deed.REVOKE, (driver,))


# --- ports and settings -------------------------------------------------------------------------


def shut(d: Draft, by: str, names: tuple[str, ...], *, close: bool) -> Reply:
    """Close or open ports (by label or id), or all of a station; all that are named, or none."""
    ports: list[Port] = []
    for name in names:
        named = [p for p in d.ports.values() if name in (p.label, p.id, p.id.rpartition("/")[0])]
        if not named:
            return refuse(by, Refusal.NO_SUCH_PORT, other=name)
        ports += [port for port in named if port not in ports]
    if not ports:
        return refuse(by, Refusal.WHICH_PORT)
    kept = tuple((port.id, port.closed, port.blocked) for port in ports)
    undo.keep(d, by, What.CLOSED if close else What.OPENED, shut=kept)
    for port in ports:
        close_port(d, by, port) if close else open_port(d, by, port)
    ids = tuple(port.id for port in ports)
    return lambda: Did(by, Deed.CLOSE if close else Deed.OPEN, ports=ids)


def close_port(d: Draft, by: str, port: Port) -> None:
    d.put_port(replace(port, closed=True))
    d.note(What.CLOSED, by=by, port=port.id)
    holder = d.holder(port.id)
    if holder is not None:
        turns.withdraw(d, holder, Withdrawal.CLOSED, News.CLOSED, by)


def open_port(d: Draft, by: str, port: Port) -> None:
    d.put_port(replace(port, closed=False, blocked=False))
    d.note(What.OPENED, by=by, port=port.id)


def set_policy(d: Draft, by: str, key: str, value: policy.Value) -> Reply:
    """Turns that run keep their terms."""
    if key in policy.OPERATORS:
        return refuse(by, Refusal.OPERATORS)
    try:
        new = policy.changed(d.policy, {key: value})
    except policy.UnfitSetting as unfit:
        return refuse(by, UNFIT[unfit.why], other=f"{key} {policy.written(value)}")
    undo.keep(d, by, What.SET, policy=d.policy)
    d.policy = new
    d.note(What.SET, by=by)
    return lambda: Did(by, Deed.SET, detail=f"{key} {policy.written(value)}")


UNFIT = {
    policy.Unfit.LENGTH: Refusal.BAD_LENGTH,
    policy.Unfit.ORDER: Refusal.BAD_HOURS,
    policy.Unfit.LOOKS: Refusal.BAD_BLIND,
    policy.Unfit.POWER: Refusal.BAD_POWER,
}
