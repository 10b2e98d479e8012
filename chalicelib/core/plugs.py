"""Plugs: what a look at the chargers means for the line (rules 13 and 15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from . import sight, turns
from .draft import Draft
from .effects import News, PluggedIn, Withdrawal, Withdrawn
from .inputs import Observed, PortSeen
from .model import Entry, Port, Status, Stay


def observe(d: Draft, observed: Observed) -> None:
    """Take in one look. One that is not newer than the last says nothing."""
    if d.looked_at is not None and observed.at <= d.looked_at:
        return
    seen = {port.id: port for port in observed.ports}
    for port_id in sorted(seen.keys() - d.ports.keys()):
        d.put_port(Port(port_id, label=str(len(d.ports) + 1)))
    blind_since = d.looked_at
    d.looked_at = observed.at
    if blind_since is not None and observed.at - blind_since >= d.policy.blind:
        sight.see_again(d)
    for port_id in list(d.ports):
        look_at(d, port_id, seen.get(port_id), observed.at)


def look_at(d: Draft, port_id: str, seen: PortSeen | None, at: datetime) -> None:
    """One port of a look; None: the look did not show it."""
    port = d.ports[port_id]
    status = seen.status if seen is not None else Status.UNKNOWN
    if status is not port.status:
        port = replace(port, status=status, since=at, vouched=False)
    load_kw = seen.load_kw if seen is not None else None
    d.put_port(replace(port, seen_at=at, load_kw=load_kw))
    if status is Status.AVAILABLE and port.stay is not None:
        unplug(d, port_id, at)
    elif status is Status.INUSE and seen is not None:
        occupied(d, port_id, seen, at)


def occupied(d: Draft, port_id: str, seen: PortSeen, at: datetime) -> None:
    """A car is on the port: the same as before, another, or one we learn more about."""
    stay = d.ports[port_id].stay
    if stay is not None and is_other(stay, seen):
        unplug(d, port_id, at)
        stay = None
    if stay is None:
        plug(d, port_id, seen, at)
    elif (seen.user and not stay.user) or (seen.credential and not stay.credential):
        stay = replace(
            stay, user=seen.user or stay.user, credential=seen.credential or stay.credential
        )
        d.put_port(replace(d.ports[port_id], stay=stay))
        if stay.driver is None:
            recognise(d, port_id)


def is_other(stay: Stay, seen: PortSeen) -> bool:
    """Rule 15: a different non-blank id is another car; a blank one says nothing."""
    if stay.user and seen.user:
        return stay.user != seen.user
    return bool(stay.credential and seen.credential and stay.credential != seen.credential)


def unplug(d: Draft, port_id: str, at: datetime) -> None:
    """The car has left. Whether the port is free is for rule 2 to say."""
    port = d.ports[port_id]
    stay = port.stay
    if stay is None:
        return
    d.put_port(replace(port, stay=None, last_stay=replace(stay, ended_at=at), freed=True))
    d.note("unplugged", stay.driver or "", port=port_id)
    turns.was_used(d, port_id)


def plug(d: Draft, port_id: str, seen: PortSeen, at: datetime) -> None:
    """A car is on the port. The same driver back within minutes continues the stay."""
    port = d.ports[port_id]
    stay = Stay(at, None, seen.user, seen.credential)
    last = port.last_stay
    if (
        last is not None
        and last.ended_at is not None
        and at - last.ended_at <= d.policy.comeback
        and not is_other(last, seen)
        and (seen.user or seen.credential)
    ):
        stay = replace(last, ended_at=None, driver=None)
    d.put_port(replace(port, stay=stay, freed=False))
    recognise(d, port_id)


def recognise(d: Draft, port_id: str) -> None:
    """Who is it? A known driver leaves the line; a stranger only takes the port."""
    port = d.ports[port_id]
    if port.stay is None:
        return
    driver = known_driver(d, port.stay)
    d.put_port(replace(port, stay=replace(port.stay, driver=driver)))
    holder = d.holder(port_id)
    if driver is None:
        if holder is not None:
            make_room(d, holder, port_id, None, None)
    else:
        arrived(d, driver, port_id, holder)
    d.post(port_id, News.CHARGING, driver)


def known_driver(d: Draft, stay: Stay) -> str | None:
    """The person linked to what the network calls the occupant."""
    ids = {stay.user, stay.credential} - {""}
    for driver, person in d.people.items():
        if not ids.isdisjoint(person.ids):
            return driver
    return None


def arrived(d: Draft, driver: str, port_id: str, holder: Entry | None) -> None:
    """Rule 13: a known driver plugging in leaves the line, wherever they were."""
    d.note("plugged in", driver, port=port_id)
    entry = d.entry(driver)
    left = None
    if entry is not None:
        if entry.turn is not None:
            left = entry.turn.port
            d.end_turn(entry)
        d.drop(driver)
        d.tell(driver, PluggedIn(driver, port_id))
    if holder is not None and holder.driver != driver:
        make_room(d, holder, port_id, driver, left)


def make_room(d: Draft, holder: Entry, port_id: str, by: str | None, left: str | None) -> None:
    """Somebody else is on the called port: the turn moves to the one left free, or back."""
    held = d.end_turn(holder)
    d.put(held)
    if left is not None and left != port_id:
        d.call(held, left, instead_of=port_id, by=by)
        return
    d.note("withdrawn", holder.driver, by=by or "", port=port_id)
    d.tell(holder.driver, Withdrawn(holder.driver, port_id, Withdrawal.TAKEN, by))
