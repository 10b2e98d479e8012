"""Mail: a mailbox becomes one of a person's addresses, by their own wish.

Only its name comes here; whose mailbox it is AWS knows, and asks its owner. Until they have
agreed nothing is sent there, and the address counts as one that takes nothing.
"""

from __future__ import annotations

from chalicelib.core import answers as say, ways
from chalicelib.core.answers import Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.effects import LetGo
from chalicelib.core.inputs import Alarms, MailMe
from chalicelib.core.model import Way, What
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import joining

PREFIX = "mail:topic:"
MOST_HEARERS = 50  # who hear of alarms without being admins
REFUSALS = {
    "no address": Refusal.NO_MAILBOX,
    "taken": Refusal.MAIL_TAKEN,
    "too often": Refusal.MAIL_OFTEN,
    "away": Refusal.MAIL_AWAY,
    "full": Refusal.MAIL_FULL,
}


def mail_me(d: Draft, driver: str, wish: MailMe) -> Reply:
    """Mail to the mailbox that the name stands for; to another one no more."""
    if not wish.name:
        return refuse(driver, REFUSALS.get(wish.why, Refusal.NO_MAIL))
    address = PREFIX + wish.name
    way = d.ways.get(address)
    if way is not None and way.person != driver:
        return refuse(driver, Refusal.MAIL_TAKEN)
    old = theirs(d, driver)
    chosen = any(d.ways[one].chosen for one in old)
    end(d, [one for one in old if one != address])
    rest = {at: one for at, one in d.ways.items() if at != address}
    known = {**rest, address: replace(way or Way(driver), chosen=chosen)}
    d.ways = dict(list(known.items())[-joining.MOST_WAYS :])
    d.refused = {to: why for to, why in d.refused.items() if to != address}
    if not wish.confirmed:
        d.refused = {**d.refused, address: ways.PENDING}
    d.note(What.JOINED, driver, by=driver)
    return lambda: state(d, driver, asked=True)


def show_mail(d: Draft, driver: str) -> Reply:
    return lambda: state(d, driver)


def state(d: Draft, driver: str, *, asked: bool = False) -> say.MailState:
    """Whether they have mail, and what comes there."""
    found = theirs(d, driver)
    waits = any(d.refused.get(one) == ways.PENDING for one in found)
    chosen = any(d.ways[one].chosen for one in found)
    return say.MailState(driver, bool(found), waits, chosen, asked)


def mail_off(d: Draft, driver: str) -> Reply:
    """No mail any more, anywhere: the mailbox is let go."""
    found = theirs(d, driver)
    if not found:
        return refuse(driver, Refusal.NO_MAIL_YET)
    end(d, found)
    return lambda: say.MailEnded(driver)


def theirs(d: Draft, driver: str) -> list[str]:
    return [one for one in ways.addresses(d, driver) if one.startswith(PREFIX)]


def end(d: Draft, addresses: list[str]) -> None:
    """Nobody's any more: what waits for them goes where their owner is told now."""
    if not addresses:
        return
    person = d.ways[addresses[0]].person
    d.ways = {at: way for at, way in d.ways.items() if at not in addresses}
    d.refused = {to: why for to, why in d.refused.items() if to not in addresses}
    waiting = [one for one in d.outbox if one.to in addresses and one.claimed_until is None]
    d.outbox = [one for one in d.outbox if one not in waiting]
    for one in waiting:
        d.send(ways.told_at(d, person), one.effect, one.asker)
    for address in addresses:
        d.send(address, LetGo())


def alarms(d: Draft, driver: str, wish: Alarms) -> Reply:
    """Whether somebody hears of what is broken here."""
    rest = tuple(one for one in d.alarm_to if one != driver)
    d.alarm_to = (*rest, driver)[-MOST_HEARERS:] if wish.on else rest
    return lambda: say.AlarmsSet(driver, wish.on, driver in d.admins)
