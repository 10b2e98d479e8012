"""Hands: what people say of the ports themselves (rules 12, 14, 16, 23 and 24)."""

from __future__ import annotations

from chalicelib.core import answers as say
from chalicelib.core.answers import Refusal, Refused
from chalicelib.core.draft import Draft
from chalicelib.core.effects import CountedUnplugged, News, Withdrawal
from chalicelib.core.inputs import MoreMinutes
from chalicelib.core.model import Entry, Port, Status
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import cars, charging, plugging, reminders, turns


def is_by_hand(d: Draft, port: Port) -> bool:
    """People know better than we do: a manual site, lost sight, a port out of reach, or one that
    shows a session that is nobody's.
    """
    unseen = d.stations.is_manual or not d.sees or port.status in turns.DARK
    return unseen or port.ghost is not None


# --- in ---------------------------------------------------------------------------------


def claim(d: Draft, driver: str, name: str) -> Reply:
    """`in [PORT]`: my car is there."""
    port = d.port_named(name) if name else guess_in(d, driver)
    if port is None:
        return refuse(driver, *no_port(name))
    elsewhere = d.charging_at(driver)
    if elsewhere is not None and elsewhere.id != port.id:
        if not is_by_hand(d, elsewhere):
            return refuse(driver, Refusal.CHARGING, elsewhere.id)
        free_by_hand(d, elsewhere)
    if may_swap(d, driver, port):
        plugging.unplug(d, port.id, d.now)
        plugging.plug(d, port.id, d.now)
    elif port.stay is None:
        if not is_by_hand(d, port):
            return refuse(driver, Refusal.LOOKS_FREE, port.id)
        occupy(d, port)
    return take(d, driver, d.ports[port.id])


def no_port(name: str) -> tuple[Refusal, None, str | None]:
    """Why no port is meant: none has that name, or none was named."""
    return (Refusal.NO_SUCH_PORT, None, name) if name else (Refusal.WHICH_PORT, None, None)


def may_swap(d: Draft, driver: str, port: Port) -> bool:
    """Rule 35: called to a car that may be unplugged, they say that theirs is there now."""
    holder = d.holder(port.id)
    if holder is None or holder.driver != driver or holder.turn is None:
        return False
    others = port.stay is not None and port.stay.driver not in (None, driver)
    return holder.turn.unplugs and others


def guess_in(d: Draft, driver: str) -> Port | None:
    """The port of the driver's turn, or the only one with a car that nobody knows."""
    called = d.turn_port(driver)
    if called is not None:
        return d.ports[called]
    mine = d.charging_at(driver)
    if mine is not None:
        return mine
    unknown = [p for p in d.ports.values() if p.stay is not None and p.stay.driver is None]
    return unknown[0] if len(unknown) == 1 else None


def take(d: Draft, driver: str, port: Port) -> Reply:
    """The car on the port is this driver's, unless it is known to be another's."""
    stay = port.stay
    if stay is None:
        return refuse(driver, Refusal.NOBODY_THERE, port.id)
    if stay.driver not in (None, driver):
        return refuse(driver, Refusal.OTHERS_CAR, port.id, stay.driver)
    if stay.driver is None:
        plugging.occupy(d, driver, port.id, quietly=True)
    person = d.people.get(driver)
    unlinked = {stay.user, stay.credential} - {""} - set(person.ids if person else ())
    return lambda: say.ItsMe(driver, port.id, stay.id, offer=bool(unlinked))


def thats_me(d: Draft, driver: str, stay_id: int) -> Reply:
    """The button of rule 14."""
    found = d.stay(stay_id)
    if found is None:
        return refuse(driver, Refusal.NOBODY_THERE)
    elsewhere = d.charging_at(driver)
    if elsewhere is not None and elsewhere.id != found[0].id:
        return refuse(driver, Refusal.CHARGING, elsewhere.id)
    return take(d, driver, found[0])


def not_me(d: Draft, driver: str, stay_id: int | None) -> Reply:
    """The other button: a stranger has the port; the driver called to it is free again."""
    found = d.stay(stay_id) if stay_id is not None else cars.stay_on(d, d.turn_port(driver))
    if found is None:
        return refuse(driver, Refusal.NOBODY_THERE)
    port, _ = found
    holder = d.holder(port.id)
    if holder is not None and holder.driver == driver:
        turns.withdraw(d, holder, Withdrawal.TAKEN, News.FREE, quietly=True)
    return lambda: say.NotMe(driver, port.id)


def remember(d: Draft, driver: str, stay_id: int | None) -> Reply:
    """The offer of rule 14: this is how people get linked."""
    mine = [stay for _, stay in d.stays_of(driver) if stay_id in (None, stay.id)]
    ids = tuple(one for stay in mine for one in (stay.user, stay.credential) if one)
    if not ids:
        return refuse(driver, Refusal.NOTHING_TO_REMEMBER)
    d.link(driver, ids)
    return lambda: say.Remembered(driver)


# --- out --------------------------------------------------------------------------------


def release(d: Draft, driver: str, name: str) -> Reply:
    """`out [PORT]`: the port is free. Anyone may say so, and is named."""
    if not name and len(d.stays_of(driver)) > 1:
        return cars.not_meant(driver, Refusal.WHICH_STAY, name, "out")
    port = d.port_named(name) if name else d.charging_at(driver)
    if port is None:
        return refuse(driver, *no_port(name))
    if port.status is Status.INUSE and not is_by_hand(d, port):
        return refuse(driver, Refusal.LOOKS_USED, port.id)
    stay = port.stay
    if stay is not None and stay.driver not in (None, driver) and not stay.ladder.moved:
        word = CountedUnplugged(stay.driver or "", port.id, d.now, says=driver)
        d.tell(word.driver, word)
    free_by_hand(d, port)
    return lambda: say.HandOut(driver, port.id)


def occupy(d: Draft, port: Port) -> None:
    """There is a car, whosever it is."""
    taken = replace(port, status=Status.INUSE, since=d.now, vouched=True, idle_told=False)
    d.put_port(taken)
    plugging.plug(d, port.id, d.now)


def free_by_hand(d: Draft, port: Port) -> None:
    """Believe it at once; the next good look may know better."""
    if port.stay is not None:
        plugging.unplug(d, port.id, d.now)
    free = replace(d.ports[port.id], status=Status.AVAILABLE, vouched=True)
    since = free.since if port.status is Status.AVAILABLE else d.now
    d.put_port(replace(free, since=since, blocked=False))


# --- a bay that is blocked, a car that stays ----------------------------------------------


def block(d: Draft, entry: Entry) -> Reply:
    """Rule 12."""
    port = turns.block(d, entry)
    return lambda: say.Blocked(entry.driver, port)


def more_minutes(d: Draft, driver: str, wish: MoreMinutes) -> Reply:
    """*20 more minutes*, once per stay."""
    found = cars.own_stay(d, driver, wish.stay, wish.port)
    called = d.turn_port(driver)
    if isinstance(found, Refusal) and called is not None and not wish.port:
        return refuse(driver, Refusal.TURN_IS_FIXED, called)
    if isinstance(found, Refusal):
        return cars.not_meant(driver, found, wish.port, "more")
    port, stay = found
    if stay.ladder.extended:
        over = charging.more_until(stay)
        return lambda: Refused(driver, Refusal.ONCE_ONLY, port.id, over)
    ends = charging.end_of(d, stay).at
    if ends > d.now + d.policy.extension:
        return lambda: Refused(driver, Refusal.TIME_LEFT, port.id, ends)
    if wish.length not in (None, d.policy.extension):
        return refuse(driver, Refusal.EXTENSION, port.id)
    until = reminders.extend(d, port, stay)
    return lambda: say.MoreTime(driver, port.id, stay.id, until)
