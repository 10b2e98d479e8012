"""Admins: repair anything in one line; everyone sees what was done, and by whom (rule 26)."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from chalicelib.core import answers as say
from chalicelib.core import hours
from chalicelib.core.answers import Deed, Did, Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.effects import AdminMoved, News, Withdrawal
from chalicelib.core.inputs import Admin, Verb
from chalicelib.core.model import Entry, Person, Policy, Port, What
from chalicelib.core.reply import Reply, refuse

from . import plugging, power, turns, undo

LONGEST = timedelta(days=1)
LONGEST_KEPT = timedelta(days=400)  # what is kept of cars that have left
NUMBER = r"(\d{1,6}(?:\.\d{1,3})?)"
LENGTH = re.compile(f"(?:{NUMBER}d)?(?:{NUMBER}h)?(?:{NUMBER}m)?(?:{NUMBER}s)?", re.ASCII)
BETWEEN_LOOKS = timedelta(minutes=1)
PLACE = re.compile(r"[1-9][0-9]{0,3}")
OPERATORS = ("cap_commands",)  # what the command line alone may set


def admin(d: Draft, by: str, wish: Admin) -> Reply:
    """An admin's act, or why not."""
    if by not in d.admins:
        return refuse(by, Refusal.NOT_ADMIN)
    match wish.verb:
        case Verb.HELP:
            return say.AdminHelp
        case Verb.SHOW:
            return lambda: say.Shown(by)
        case Verb.RESET:
            return reset(d, by, confirmed=wish.words == ("confirm",))
        case Verb.SET:
            return set_policy(d, by, wish.words)
        case Verb.CLOSE | Verb.OPEN:
            return shut(d, by, wish.words, close=wish.verb is Verb.CLOSE)
        case Verb.LINK:
            return link(d, by, wish.links)
        case Verb.UNDO:
            return undo.undo(d, by)
        case Verb.CAP:
            return power.cap(d, by, wish.words)
        case Verb.ADD | Verb.REMOVE | Verb.MOVE | Verb.GRANT | Verb.REVOKE:
            driver = d.person_named(wish.who)
            if driver is None:
                return refuse(by, Refusal.WHO, other=wish.who)
            return to_driver(d, by, driver, wish)


def to_driver(d: Draft, by: str, driver: str, wish: Admin) -> Reply:
    """The acts on one person."""
    match wish.verb:
        case Verb.ADD:
            return add(d, by, driver)
        case Verb.REMOVE:
            return remove(d, by, driver)
        case Verb.MOVE:
            return move(d, by, driver, wish.words)
        case Verb.GRANT:
            return grant(d, by, driver)
        case _:
            return revoke(d, by, driver)


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


def add(d: Draft, by: str, driver: str) -> Reply:
    """At the end, or called again where they stand."""
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


def move(d: Draft, by: str, driver: str, words: tuple[str, ...]) -> Reply:
    """To place N, as `list` counts; past the end, to the end."""
    entry = d.entry(driver)
    if entry is None:
        return refuse(by, Refusal.NOT_IN_LINE, other=driver)
    if not words or PLACE.fullmatch(words[0]) is None:
        return refuse(by, Refusal.WHICH_PLACE, other=driver)
    place = int(words[0])
    undo.keep(d, by, What.MOVED, driver, queue=tuple(d.queue))
    d.note(What.MOVED, driver, by=by)
    others = [other for other in d.queue if other.driver != driver]
    waiting = [index for index, other in enumerate(others) if other.turn is None]
    index = waiting[place - 1] if place <= len(waiting) else len(others)
    d.queue = [*others[:index], entry, *others[index:]]
    return moved(d, by, driver, Deed.MOVE)


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
        driver = d.person_named(who)
        if driver is None:
            return refuse(by, Refusal.WHO, other=who)
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


def shut(d: Draft, by: str, words: tuple[str, ...], *, close: bool) -> Reply:
    """Close or open a port (by label or id), or all of a station."""
    name = words[0] if words else ""
    ports = [p for p in d.ports.values() if name in (p.label, p.id, p.id.rpartition("/")[0])]
    if not ports:
        return refuse(by, Refusal.NO_SUCH_PORT if name else Refusal.WHICH_PORT)
    shut = tuple((port.id, port.closed, port.blocked) for port in ports)
    undo.keep(d, by, What.CLOSED if close else What.OPENED, shut=shut)
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


def set_policy(d: Draft, by: str, words: tuple[str, ...]) -> Reply:
    """`set KEY VALUE`; turns that run keep their terms."""
    key, value = (*words, "", "")[:2]
    if key in OPERATORS:
        return refuse(by, Refusal.OPERATORS)
    if key not in {one.name for one in fields(Policy)}:
        return refuse(by, Refusal.NO_SUCH_SETTING, other=key)
    try:
        converted = convert(getattr(d.policy, key), value)
        policy = sound(replace(d.policy, **{key: converted}))  # type: ignore[arg-type]  # of its kind
    except (ValueError, OverflowError):
        return refuse(by, Refusal.NO_SUCH_SETTING, other=f"{key} {value}".strip())
    undo.keep(d, by, What.SET, policy=d.policy)
    d.policy = policy
    d.note(What.SET, by=by)
    return lambda: Did(by, Deed.SET, detail=f"{key} {value}")


def sound(policy: Policy) -> Policy:
    """The policy, if the day begins before it ends, and sight outlasts the minute between two
    looks. Raises ValueError.
    """
    if policy.opens >= policy.closes or policy.speaks_from >= policy.speaks_until:
        raise ValueError(policy)
    if policy.blind <= BETWEEN_LOOKS:
        raise ValueError(policy)
    lengths = [getattr(policy, one.name) for one in fields(policy) if one.name != "keep_stays"]
    if any(isinstance(one, timedelta) and one > LONGEST for one in lengths):
        raise ValueError(policy)
    return policy


def convert(current: object, text: str) -> object:
    """The text as a value of the setting's kind. Raises ValueError."""
    if isinstance(current, bool):
        return {"on": True, "yes": True, "off": False, "no": False}[text] if text in (
            "on", "yes", "off", "no") else fail(text)  # fmt: skip
    if isinstance(current, StrEnum):
        return type(current)(text)
    if isinstance(current, timedelta):
        return length(text)
    if isinstance(current, time):
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 — a time of day, no date
    kw = float(text)
    return kw if 0 < kw < 1000 else fail(text)


def length(text: str) -> timedelta:
    """`15` (minutes), `15m`, `1.5h`, `2h30m`, `20s`, `90d`. Raises ValueError."""
    match = LENGTH.fullmatch(text if text[-1:].isalpha() else f"{text}m")
    if match is None:
        return fail(text)
    days, hours, minutes, seconds = (float(number or 0) for number in match.groups())
    found = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return found if timedelta(0) < found <= LONGEST_KEPT else fail(text)


def fail(text: str) -> timedelta:
    raise ValueError(text)
