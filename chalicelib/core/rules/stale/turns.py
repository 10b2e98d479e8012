"""Is it still so? Messages about turns and places in line.

Each function gives the effect back, unchanged, where it has nothing to say of it.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    AdminMoved,
    Called,
    CallOver,
    Effect,
    IsItYou,
    Lapsed,
    NextUp,
    NoPower,
    StandsIdle,
    SuspensionOver,
    TurnPassed,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.model import Pending, Standing
from chalicelib.core.rules.turns import call_of
from chalicelib.values import replace


def of_turns(d: Draft, effect: Effect, _: Pending) -> Effect | None:
    match effect:
        case Called(driver, turn=turn, window=window):
            held = d.turn(driver)
            if held is None or held.id != turn or held.coming:  # who is coming knows
                return None
            return replace(effect, deadline=d.now + window)  # the words name a time of day
        case CallOver():
            if call_of(d.calls, effect) is None:
                return None
            return plain_unless_so(d, effect)
        case Withdrawn(driver, why=why) if why in PLACE_KEPT:
            return effect if stands(d, driver) else None
        case Withdrawn(driver, why=Withdrawal.RESET | Withdrawal.YESTERDAY):
            return effect if d.entry(driver) is None else None
        case TurnPassed(driver):
            return effect if stands(d, driver) else None
        case Lapsed(driver):
            entry = d.entry(driver)
            return effect if entry is not None and entry.is_suspended else None
        case StandsIdle(port, driver) if driver is not None:
            turn_there = d.turn(driver)
            if turn_there is None or turn_there.port != port or turn_there.coming:
                return None
            return replace(effect, deadline=turn_there.deadline)
        case IsItYou(driver, stay=stay):
            found = d.stay(stay)
            asked = found is not None and found[1].driver is None
            return effect if asked and d.entry(driver) is not None else None
        case _:
            return effect


PLACE_KEPT = (
    Withdrawal.DARK,
    Withdrawal.TAKEN,
    Withdrawal.CLOSED,
    Withdrawal.STATIONS,
    Withdrawal.KEPT,
    Withdrawal.NOT_DONE,
)


def plain_unless_so(d: Draft, over: CallOver) -> CallOver:
    """They may have left that port by now, or have what they need."""
    port = d.ports.get(over.port) if over.port is not None else None
    if port is None or port.stay is None or port.stay.driver != over.driver:
        return replace(over, port=None, end=None) if over.port is not None else over
    return replace(over, end=None) if over.end is not None and over.end <= d.now else over


def stands(d: Draft, driver: str) -> bool:
    """In line, and not called anew."""
    entry = d.entry(driver)
    return entry is not None and entry.turn is None


def of_places(d: Draft, effect: Effect, _: Pending) -> Effect | None:
    match effect:
        case NextUp(driver):
            first = d.first_eligible()
            return effect if first is not None and first.driver == driver else None
        case SuspensionOver(driver):
            entry = d.entry(driver)
            if entry is None or not entry.is_waiting:
                return None
            return replace(effect, place=d.place(driver))
        case AdminMoved(driver, place=0):
            return effect if d.entry(driver) is None else None
        case AdminMoved(driver):
            return replace(effect, place=d.place(driver)) if stands(d, driver) else None
        case NoPower(driver, port, until=until):
            if not waits_for_power(d, driver, port, until):
                return None
            return replace(effect, place=d.place(driver))
        case _:
            return effect


def waits_for_power(d: Draft, driver: str, port: str, until: datetime | None) -> bool:
    """Still plugged in there, and waiting for power as long; `until` None: not any more."""
    entry, mine = d.entry(driver), d.charging_at(driver)
    if entry is None or mine is None or mine.id != port:
        return False
    return until == (entry.until if entry.standing is Standing.POWERLESS else None)
