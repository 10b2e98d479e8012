"""Reach: a called driver whom no platform takes a message for (rule 40)."""

from __future__ import annotations

from chalicelib.core import ways
from chalicelib.core.draft import Draft
from chalicelib.core.effects import Called, Unreachable, WayFound, WayLost
from chalicelib.core.model import What
from chalicelib.values import replace


def lose(d: Draft, call: Called, reason: str) -> None:
    """The call will never arrive: another address of theirs is tried, or the turn goes on."""
    turn = d.turn(call.driver)
    entry = d.entry(call.driver)
    if entry is None or turn is None or turn.id != call.turn:
        return
    if moves(d, call):
        return
    waiting = d.end_turn(entry)
    d.put(replace(waiting.suspended(), unreachable=True))
    d.note(What.UNREACHABLE, call.driver, port=turn.port)
    d.tell_admins(Unreachable(call.driver, reason))


def moves(d: Draft, call: Called) -> bool:
    """The turn goes on at another address of the same person, if there is one."""
    entry, turn, other = d.entry(call.driver), d.turn(call.driver), another_address(d, call.driver)
    if entry is None or turn is None or turn.id != call.turn or other is None:
        return False
    elsewhere = replace(d.end_turn(entry), driver=other)
    d.queue = tuple(elsewhere if one is entry else one for one in d.queue)
    d.note(What.UNREACHABLE, call.driver, port=turn.port)
    d.call(elsewhere, turn.port)
    return True


def another_address(d: Draft, driver: str) -> str | None:
    """Where the same person can be reached: known to the chargers by the same card."""
    person = d.people.get(driver)
    ids = set(person.ids) if person is not None else set()
    for other, known in d.people.items():
        same = other != driver and not ids.isdisjoint(known.ids)
        if same and other not in d.refused and stands_nowhere(d, other):
            return other
    return None


def stands_nowhere(d: Draft, driver: str) -> bool:
    return d.entry(driver) is None and d.charging_at(driver) is None


def silence(d: Draft, address: str, reason: str) -> None:
    """An address takes no messages, or takes them again: its owner says so, or the platform.
    A call that it was told is told elsewhere, or the turn goes on.
    """
    before = d.refused.get(address)
    if not reason:
        d.refused = {to: why for to, why in d.refused.items() if to != address}
        if before == ways.PENDING:
            find(d, address)
        return
    if before == reason:
        return
    d.refused = {**d.refused, address: reason}
    if before in (None, ways.PENDING):
        miss(d, address)
    for entry, turn in d.called():
        if (
            address in ways.addresses(d, entry.driver)
            and not turn.coming
            and lost(d, entry.driver)
        ):
            lose(d, Called(entry.driver, turn.port, turn.id, d.policy.answer), reason)


def find(d: Draft, address: str) -> None:
    """The owner of a mailbox has agreed to mail."""
    way = d.ways.get(address)
    if way is not None:
        d.tell(way.person, WayFound(way.person, address.partition(":")[0], way.chosen))


def miss(d: Draft, address: str) -> None:
    """The owner hears once, at another address, that this one takes nothing any more."""
    way = d.ways.get(address)
    if way is None or way.person == address:
        return
    other = ways.instead(d, address)
    if other is not None:
        d.send(other, WayLost(way.person, address.partition(":")[0]))


def lost(d: Draft, driver: str) -> bool:
    """No address of theirs takes messages."""
    return all(one in d.refused for one in ways.addresses(d, driver))


def hear(d: Draft, driver: str, address: str = "") -> None:
    """Somebody has written: they can be reached again, and called."""
    heard = {driver, address} & set(d.refused)
    if heard:
        d.refused = {to: why for to, why in d.refused.items() if to not in heard}
    entry = d.entry(driver)
    if entry is not None and entry.unreachable:
        d.put(replace(entry.waiting(), told_next=False))
        d.note(What.RESUMED, driver, by=driver)
