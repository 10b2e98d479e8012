"""Forgetting: what the house knows of somebody who asks to be forgotten."""

from __future__ import annotations

from chalicelib.core import answers as say
from chalicelib.core.answers import Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.effects import ForgetStays, KeepStay
from chalicelib.core.model import Pending
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import mail


def forget(d: Draft, driver: str) -> Reply:
    """`forget me`: card, habits, settings, and whose the past stays were; not while somebody
    stands in line or on a port, for then others reckon with them. The trail of the last day goes
    by itself.
    """
    if d.entry(driver) is not None or d.charging_at(driver) is not None:
        return refuse(driver, Refusal.STILL_HERE)
    d.people = {one: person for one, person in d.people.items() if one != driver}
    mail.end(d, mail.theirs(d, driver))
    d.ways = {at: way for at, way in d.ways.items() if way.person != driver}
    d.homes = {who: home for who, home in d.homes.items() if who != driver}
    d.alarm_to = tuple(one for one in d.alarm_to if one != driver)
    if d.undo is not None:
        rest = tuple(one for one in d.undo.people if one[0] != driver)
        d.undo = replace(d.undo, people=rest) if rest != d.undo.people else d.undo
    d.codes = tuple(one for one in d.codes if one.person != driver)
    for port in list(d.ports.values()):
        last = port.last_stay
        if last is not None and last.driver == driver:
            d.put_port(replace(port, last_stay=replace(last, driver=None, user="", credential="")))
    d.outbox = [nameless(one, driver) for one in d.outbox]
    d.log(ForgetStays(driver))
    return lambda: say.Forgotten(driver)


def nameless(pending: Pending, driver: str) -> Pending:
    """A stay that waits to be kept is kept as nobody's."""
    effect = pending.effect
    if not isinstance(effect, KeepStay) or effect.stay.driver != driver:
        return pending
    if pending.claimed_until is not None:  # on its way: the order to forget comes after it
        return pending
    return replace(pending, effect=replace(effect, stay=replace(effect.stay, driver="")))
