"""Repair: what is done when the chargers show what isn't so, or don't work (rules 38 and 39)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.core import answers as say
from chalicelib.core.answers import Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    CountedUnplugged,
    Disowned,
    DrewNothing,
    News,
    PortBroken,
    UnpluggedBy,
    Withdrawal,
)
from chalicelib.core.inputs import Broken, NotMyCar, PortSeen
from chalicelib.core.model import Ghost, Person, Port, Status, Stay, What
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import by_hand, cars, turns

DRY = 3  # so many cars in a row that drew nothing are worth a word to the admins


# --- a session that nobody stands by ------------------------------------------------------------


def free(d: Draft, by: str, port: Port) -> None:
    """Rule 38: an admin says that no car is there, whatever the network shows."""
    stay = port.stay
    owner = stay.driver if stay is not None else None
    shown = port.status is not Status.AVAILABLE and not d.stations.is_manual
    ids = (stay.user, stay.credential, stay.session) if stay is not None else ("", "", "")
    flows = shown and (port.load_kw or 0) >= d.policy.standby_kw
    by_hand.free_by_hand(d, port)
    if shown:
        d.put_port(replace(d.ports[port.id], ghost=Ghost(*ids, flowed=flows)))
    d.note(What.FREED, owner or "", by=by, port=port.id)
    if owner is not None:
        d.tell(owner, CountedUnplugged(owner, port.id, d.now, says=by))


def see_through(d: Draft, seen: PortSeen, at: datetime) -> PortSeen:
    """What a look shows of a port, but for a session that an admin has said to be nobody's."""
    port = d.ports.get(seen.id)
    if port is None or port.ghost is None or seen.status is not Status.INUSE:
        if port is not None and port.ghost is not None and seen.status is Status.AVAILABLE:
            d.put_port(replace(port, ghost=None))
        return seen
    flows = (seen.load_kw or 0) >= d.policy.standby_kw
    twice = flows and port.ghost.flows_since is not None
    if twice or is_another(port.ghost, seen):
        d.put_port(replace(port, ghost=None))
        return seen
    since = at if flows else None
    d.put_port(replace(port, ghost=replace(port.ghost, flows_since=since, flowed=flows)))
    status = port.status if port.status is Status.INUSE else Status.AVAILABLE
    return replace(seen, status=status, load_kw=None, user="", credential="", session="")


def is_another(ghost: Ghost, seen: PortSeen) -> bool:
    """A blank id says nothing."""
    pairs = (
        (ghost.user, seen.user),
        (ghost.credential, seen.credential),
        (ghost.session, seen.session),
    )
    return any(old and new and old != new for old, new in pairs)


def disown(d: Draft, driver: str, wish: NotMyCar) -> Reply:
    """Rule 38: *not my car any more*. Refused while power flows to a car that the network calls
    theirs. Of one that only people said was theirs, they may always say that it isn't.
    """
    found = cars.own_stay(d, driver, wish.stay, wish.port)
    if isinstance(found, Refusal):
        return cars.not_meant(driver, found, wish.port, "not my car")
    port, stay = found
    if by_hand.is_by_hand(d, port):
        return by_hand.release(d, driver, port.label)
    known = d.people.get(driver, Person()).ids
    is_named = not {stay.user, stay.credential}.isdisjoint(known)
    if is_named and (port.load_kw or 0) >= d.policy.standby_kw:
        return refuse(driver, Refusal.POWER_FLOWS, port.id)
    take_off(d, port, stay)
    if not is_named:  # the next look may tell whose it is
        seen = d.ports[port.id]
        d.put_port(replace(seen, stay=replace(stay, driver=None)))
    d.note(What.DISOWNED, driver, by=driver, port=port.id)
    d.tell_admins(Disowned(driver, port.id))
    return lambda: say.NoLongerMine(driver, port.id)


def take_off(d: Draft, port: Port, stay: Stay) -> None:
    """The car there is nobody's whom we know; its ids name nobody from now on."""
    nobodys = replace(stay, driver=None, disowned=True, asked=True)
    d.put_port(replace(port, stay=nobodys))
    d.post(port.id, News.CHARGING, None)


def tell_counted(d: Draft, port_id: str, at: datetime) -> None:
    """Rule 35: another car is on the port; its last driver, who never said that they were
    moving, hears that theirs is counted as gone.
    """
    last, stay = d.ports[port_id].last_stay, d.ports[port_id].stay
    if last is None or last.driver is None or last.ended_at != at or last.ladder.moved:
        return
    if stay is not None and stay.driver != last.driver and not knows(d, last.driver):
        d.tell(last.driver, CountedUnplugged(last.driver, port_id, at, shows=stay.driver or ""))


def knows(d: Draft, driver: str) -> bool:
    """They had allowed it, and hear just now who has the port."""
    return any(
        isinstance(one.effect, UnpluggedBy) and (one.to, one.queued_at) == (driver, d.now)
        for one in d.outbox
    )


# --- chargers that don't work ---------------------------------------------------------------------


def broken(d: Draft, driver: str, wish: Broken) -> Reply:
    """Rule 39: who is called or plugged in there says so, by name; nobody is called there
    until an admin opens it.
    """
    if not wish.port and d.turn_port(driver) is None and len(d.stays_of(driver)) > 1:
        return cars.not_meant(driver, Refusal.WHICH_STAY, "", "broken")
    port = d.port_named(wish.port) if wish.port else here(d, driver)
    if port is None:
        return refuse(driver, *by_hand.no_port(wish.port))
    if port.id != d.turn_port(driver) and port.id not in {p.id for p, _ in d.stays_of(driver)}:
        return refuse(driver, Refusal.NOT_THERE, port.id)
    if port.broken and not wish.words:
        return refuse(driver, Refusal.SAID_BROKEN, port.id)
    d.put_port(replace(port, broken=True))
    d.note(What.BROKEN, driver, by=driver, port=port.id)
    holder = d.holder(port.id)
    if holder is not None:
        quietly = holder.driver == driver
        turns.withdraw(
            d, holder, Withdrawal.BROKEN, News.BROKEN, driver, quietly=quietly
        )  # fmt: skip
    for admin in d.admins:
        if admin != driver:
            d.tell(admin, PortBroken(port.id, driver, wish.words))
    return lambda: say.SaidBroken(driver, port.id, wish.words)


def here(d: Draft, driver: str) -> Port | None:
    """The port that the driver is called to, or plugged in at."""
    called = d.turn_port(driver)
    return d.ports[called] if called is not None else d.charging_at(driver)


def count_dry(d: Draft, port_id: str, last: Stay) -> None:
    """Rule 39: cars in a row that drew nothing; three of them, and the admins are told."""
    port = d.ports[port_id]
    if last.drew:
        d.put_port(replace(port, dry=()))
    elif last.id not in port.dry and in_vain(d, last):
        d.put_port(replace(port, dry=(*port.dry, last.id)[-DRY:]))
        if len(port.dry) == DRY - 1:
            d.alarm(DrewNothing(port_id, DRY))


def in_vain(d: Draft, last: Stay) -> bool:
    """Plugged in for long enough, and no power limit explains it."""
    since, until = last.idle_since, last.ended_at
    return since is not None and until is not None and until - since >= d.policy.no_power
